"""The command `wangge agree`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.common import Json, require_outputs, say
from api.progress import Progress

if TYPE_CHECKING:
    import pandas as pd

_SHOWN = 20


def agree(
    first: Annotated[str, typer.Argument(help="Polygons: a plan, or any vector file (file:layer).")],
    second: Annotated[str, typer.Argument(help="Other polygons of the same place.")],
    out: Annotated[Path | None, typer.Option(help="Write pieces and lines as map layers (*.gpkg).")] = None,
    matrix: Annotated[Path | None, typer.Option(help="Write a row for each pair (*.csv or *.parquet).")] = None,
    households: Annotated[str | None, typer.Option(help="Points or buildings with households.")] = None,
    tolerance: Annotated[float, typer.Option(help="Pieces nowhere wider are slivers, in metres.", min=0)] = 0.0,
    first_level: Annotated[str | None, typer.Option(help="Level of the first plan; its lowest cells if none.")] = None,
    second_level: Annotated[str | None, typer.Option(help="Level of the second plan.")] = None,
    first_code: Annotated[str | None, typer.Option(help="Column that names the cells, if unusual.")] = None,
    second_code: Annotated[str | None, typer.Option(help="The same of the second.")] = None,
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """Say where two coverages disagree, and by how much: the grids of two departments. Exit 0 in any case."""
    from gis.coverage.agreement import agree as lay  # noqa: PLC0415
    from gis.location.tables import write_table  # noqa: PLC0415
    from gis.sources.counts import read_counts  # noqa: PLC0415
    from gis.sources.coverages import read_cells, write_layers  # noqa: PLC0415
    from gis.sources.left_out import LeftOut  # noqa: PLC0415

    inputs = (first, second, households)
    require_outputs((out, (".gpkg",)), (matrix, (".csv", ".parquet")), inputs=inputs)
    ledger = LeftOut()
    with Progress() as progress:
        progress.stage(f"reading {Path(first).name} and {Path(second).name}")
        cells = read_cells(first, first_level, first_code), read_cells(second, second_level, second_code)
        counted = None if households is None else read_counts(households, ledger)
        progress.stage(f"laying {len(cells[0]):,} cells over {len(cells[1]):,}")
        found = lay(*cells, buildings=counted, tolerance_m=tolerance)
        if matrix is not None:
            write_table(found.matrix, matrix)
        if out is not None:
            progress.stage(f"writing {out.name}")
            write_layers({"pieces": found.pieces, "lines": found.lines}, out)
    answer = found.summary()
    if ledger.counts:
        answer["left_out"] = ledger.table().to_dict("records")
    if as_json:
        rows = json.loads(found.disagreements.to_json(orient="records", double_precision=6))
        say(answer | {"disagreements": rows}, as_json=True)
        return
    say(answer, as_json=False)
    _say_pieces(found.disagreements, "--matrix writes them all" if matrix is None else f"all of them in {matrix}")


def _say_pieces(rows: "pd.DataFrame", where: str) -> None:
    for row in rows.head(_SHOWN).astype(object).where(rows.head(_SHOWN).notna(), None).to_dict("records"):
        sides = [f"{side} {row[f'{side}_code'] or 'nobody'}" for side in ("first", "second")]
        shares = [
            f"{share:.1%} of {side}" for side in ("first", "second") if (share := row[f"share_of_{side}"]) is not None
        ]
        homes = f"  {row['households']:,} households" if "households" in row else ""
        typer.echo(f"  {', '.join(sides)}  {row['area_m2']:,.0f} m²  {', '.join(shares)}{homes}")
    if len(rows) > _SHOWN:
        typer.echo(f"  … and {len(rows) - _SHOWN:,} pieces more: {where}")
