"""The command `wangge check`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from api.commands.common import Json, say, write_text
from api.progress import Progress
from gis.writing import require_place

DEFECTS_FOUND = 1


def check(
    file: Annotated[str, typer.Argument(help="Polygons: a plan, or any vector file (file:layer).")],
    area: Annotated[str | None, typer.Option(help="What they should fill.")] = None,
    parents: Annotated[str | None, typer.Option(help="Polygons of the level above.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write the report as JSON.")] = None,
    defects: Annotated[Path | None, typer.Option(help="Write the defects as a GeoPackage.")] = None,
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """Prove that polygons cover an area without gap or overlap, or list the defects. Exit 1 where there are some."""
    from gis.coverage.check import check as prove  # noqa: PLC0415
    from gis.sources.coverages import read_coverage, write_layer  # noqa: PLC0415

    if report is not None:
        require_place(report, ".json", inputs=(file, area, parents))
    if defects is not None:
        require_place(defects, ".gpkg", inputs=(file, area, parents))
    with Progress() as progress:
        progress.stage(f"reading {Path(file).name}")
        cells, own_area = read_coverage(file, "cells")
        rim = own_area if area is None else read_coverage(area, "area")[0]
        above = None if parents is None else read_coverage(parents, "cells")[0]
        progress.stage(f"checking {len(cells)} cells")
        found = prove(cells, area=rim, parents=above)
    answer = found.to_dict()
    if report is not None:
        write_text(report, json.dumps(answer, ensure_ascii=False, indent=2))
    if defects is not None:
        write_layer(found.defects, defects, "defects")
    if as_json:
        say(answer, as_json=True)
    else:
        say({key: answer[key] for key in ("valid", "cells", "levels", "counts", "crs")}, as_json=False)
        for row in found.defects.head(20).itertuples():
            at = row.geometry.representative_point()
            place = "" if at.is_empty else f"at {at.x:.0f}, {at.y:.0f}"
            typer.echo(f"  {row.id}  cells {row.cells or '-'}  {row.area_m2:,.1f} m²  {place}  {row.suggestion}")
    if not found.valid:
        raise typer.Exit(DEFECTS_FOUND)
