"""The command `wangge export`."""

from dataclasses import replace
from math import inf
from pathlib import Path
from typing import Annotated

import typer

from api.commands.common import Area, Coverage, Holes, HolesAbove, Json, say
from api.progress import Progress
from gis.writing import require_place


def export(
    file: Coverage,
    out: Annotated[Path, typer.Option(help="Where to write them (*.gpkg, *.geojson, *.fgb).")],
    crs: Annotated[str | None, typer.Option(help="In which CRS, for instance EPSG:4326.")] = None,
    simplify: Annotated[float, typer.Option(help="Cut corners smaller than this, in metres.", min=0)] = 0.0,
    area: Area = None,
    holes: Holes = None,
    holes_above: HolesAbove = inf,
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """Write a coverage in another CRS or with simpler borders, certified again as it was written."""
    from gis.coverage.check import Intent  # noqa: PLC0415
    from gis.coverage.export import ENDINGS, require_coverage, write_certified  # noqa: PLC0415
    from gis.coverage.simplify import simplify as simpler  # noqa: PLC0415
    from gis.crs import read_crs  # noqa: PLC0415
    from gis.sources.coverages import read_coverage, read_places  # noqa: PLC0415

    require_place(out, *ENDINGS, inputs=(file, area, holes))
    with Progress() as progress:
        progress.stage(f"reading {Path(file).name}")
        cells, own_area = read_coverage(file, "cells")
        rim = own_area if area is None else read_coverage(area, "area")[0]
        intent = Intent(rim, None if holes is None else read_places(holes), holes_above)
        require_coverage(cells, intent, file)
        before = cells.geometry.count_coordinates().sum()
        if simplify:
            progress.stage(f"simplifying {len(cells):,} cells")
            cells, rim = simpler(cells, simplify, intent)
        if crs is not None:
            wanted = read_crs(crs)
            cells, rim = cells.to_crs(wanted), None if rim is None else rim.to_crs(wanted)
        progress.stage(f"writing {out.name} and reading it again")
        write_certified(cells, out, replace(intent, area=rim))
    figures = {"cells": len(cells), "vertices": int(cells.geometry.count_coordinates().sum()), "before": int(before)}
    say({"certified": True, "crs": cells.crs.to_string(), **figures}, as_json=as_json)
