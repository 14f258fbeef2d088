"""The command `wangge diff`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.common import Json, say
from api.progress import Progress
from gis.writing import require_place

if TYPE_CHECKING:
    import pandas as pd

_SHOWN = 20
_KIN = {"from": "predecessors", "to": "successors"}
_ABSENT = {"before": {"new"}, "after": {"split", "merged", "retired"}}


def diff(
    before: Annotated[Path, typer.Argument(help="Plan file.")],
    after: Annotated[Path, typer.Argument(help="A later plan file of the same area.")],
    out: Annotated[Path | None, typer.Option(help="Write a row for each cell (*.csv or *.parquet).")] = None,
    layer: Annotated[Path | None, typer.Option(help="Write the cells of both plans as a map layer (*.gpkg).")] = None,
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """Say what differs between two plans: cells, households that change their cell, land. Exit 0 in any case."""
    from gis.changes.compare import compare  # noqa: PLC0415
    from gis.location.tables import write_table  # noqa: PLC0415
    from gis.plan import read_plan  # noqa: PLC0415
    from gis.sources.coverages import write_layer  # noqa: PLC0415

    if out is not None:
        require_place(out, ".csv", ".parquet", inputs=(before, after))
    if layer is not None:
        require_place(layer, ".gpkg", inputs=(before, after))
    with Progress() as progress:
        progress.stage(f"reading {before.name} and {after.name}")
        plans = read_plan(before), read_plan(after)
        progress.stage("comparing")
        changes = compare(*plans)
        if out is not None:
            write_table(changes.table(), out)
        if layer is not None:
            write_layer(changes.layer, layer, "changes")
    if as_json:
        say(changes.summary() | {"cells": json.loads(changes.changed.to_json(orient="records"))}, as_json=True)
        return
    say(changes.summary(), as_json=False)
    written = [str(path) for path in (out, layer) if path is not None]
    _say_cells(changes.changed, f"all of them in {' and '.join(written)}" if written else "--out writes them all")


def _say_cells(changed: "pd.DataFrame", where: str) -> None:
    for row in changed.head(_SHOWN).to_dict("records"):
        # A cell that only one plan has counts households only there.
        known = [row[f"households_{when}"] for when in ("before", "after") if row["status"] not in _ABSENT[when]]
        counts = " → ".join(f"{households:,}" for households in known)
        households = f"{counts} households (+{row['moved_in']:,} −{row['moved_out']:,})"
        land = f"land +{row['land_gained_m2']:,.0f} −{row['land_lost_m2']:,.0f} m²"
        kin = {way: [code for code in row[side] if code != row["code"]] for way, side in _KIN.items()}
        others = [f"{way} {', '.join(codes)}" for way, codes in kin.items() if codes]
        typer.echo(
            f"  {row['status']:<8} {row['level']} {row['code']}  {households}  {land}  {' '.join(others)}".rstrip()
        )
    if len(changed) > _SHOWN:
        typer.echo(f"  … and {len(changed) - _SHOWN:,} cells more: {where}")
