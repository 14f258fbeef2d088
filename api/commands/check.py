"""The command `wangge check`."""

import json
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.commands.common import Area, CodeColumn, Coverage, Holes, HolesAbove, Json, require_outputs, say, write_text
from api.progress import Progress
from gis.coverage.defects import SUGGESTIONS
from gis.errors import InputError

if TYPE_CHECKING:
    from gis.coverage.report import CoverageReport

DEFECTS_FOUND = 1
_SHOWN = 5
_NAMED = 5


def check(
    file: Coverage,
    area: Area = None,
    parents: Annotated[str | None, typer.Option(help="Polygons of the level above.")] = None,
    holes: Holes = None,
    holes_above: HolesAbove = inf,
    sliver: Annotated[
        float, typer.Option(help="What is narrower than this is a sliver, in metres.", min=0, max=1000)
    ] = 0.5,
    least: Annotated[float, typer.Option(help="Smaller areas, in m², are counted but not listed.", min=0)] = 0.0,
    code: CodeColumn = None,
    twice: Annotated[bool, typer.Option(help="Have a second checker, independent of the first, read a plan.")] = False,  # noqa: FBT002
    report: Annotated[Path | None, typer.Option(help="Write the report as JSON.")] = None,
    defects: Annotated[Path | None, typer.Option(help="Write the defects as a GeoPackage.")] = None,
    drawn: Annotated[Path | None, typer.Option("--map", help="Draw the defects as a page (*.html).")] = None,
    lang: Annotated[str, typer.Option(help="Of the page: zh or en.")] = "zh",
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """Prove that polygons cover an area without gap or overlap, or list the defects. Exit 1 where there are some."""
    from gis.coverage.check import check as prove  # noqa: PLC0415
    from gis.sources.coverages import name_cells, read_coverage, read_occupants, read_places, write_layers  # noqa: PLC0415

    inputs = (file, area, parents, holes)
    require_outputs((report, (".json",)), (defects, (".gpkg",)), (drawn, (".html",)), inputs=inputs)
    with Progress() as progress:
        progress.stage(f"reading {Path(file).name}")
        given, own_area = read_coverage(file, "cells")
        cells = name_cells(given, code, file)
        rim = own_area if area is None else read_coverage(area, "area")[0]
        above = None if parents is None else name_cells(read_coverage(parents, "cells")[0], None, parents)
        buildings, dwellings = read_occupants(file) if own_area is not None else (None, None)
        progress.stage(f"checking {len(cells):,} cells")
        found = prove(
            cells,
            area=rim,
            parents=above,
            holes=None if holes is None else read_places(holes),
            holes_above_m2=holes_above,
            sliver_m=sliver,
            buildings=buildings,
            dwellings=dwellings,
        )
        complaints = _second_opinion(file, progress) if twice else []
    answer = found.to_dict(least)
    if report is not None:
        write_text(report, json.dumps(answer, ensure_ascii=False, indent=2))
    if defects is not None:
        write_layers(found.layers(least), defects)
    if drawn is not None:
        import maps  # noqa: PLC0415

        write_text(drawn, maps.render_defects(found, cells, area=rim, least_m2=least, lang=lang))
    if as_json:
        say(answer, as_json=True)
    else:
        _say_found(answer, found)
        if twice and not complaints:
            typer.echo("second checker: confirmed")
    for complaint in complaints:
        typer.echo(f"second checker: {complaint}", err=as_json)
    if not found.valid or complaints:
        raise typer.Exit(DEFECTS_FOUND)


def _second_opinion(file: str, progress: Progress) -> list[str]:
    from gis.coverage.witness import verify  # noqa: PLC0415

    progress.stage("checking it a second time, by other means")
    try:
        return verify(file)
    except ValueError as error:
        raise InputError(f"{file}: only plan files are checked twice: {error}") from error


def _say_found(answer: dict[str, Any], found: "CoverageReport") -> None:
    from maps.lengths import area_said, length_said  # noqa: PLC0415

    proved = {
        level[
            "name"
        ]: f"{level['cells']:,} cells, {level['edges']:,} edges, {level['residue']:,} of their lines left over"
        for level in answer["certificate"]["levels"]
    }
    say(
        {"valid": answer["valid"], "certified": found.certificate.valid, "crs": found.defects.crs.name, **proved},
        as_json=False,
    )
    kinds: dict[str, list[dict[str, Any]]] = {}
    for row in answer["defects"]:
        kinds.setdefault(row["kind"], []).append(row)
    for kind, rows in sorted(kinds.items(), key=lambda entry: -sum(row["area_m2"] for row in entry[1])):
        total = sum(row["area_m2"] for row in rows)
        typer.echo(f"{kind}: {answer['counts'][kind]:,}{f', {area_said(total)}' if total else ''}. {SUGGESTIONS[kind]}")
        for row in rows[:_SHOWN]:
            size = [area_said(row["area_m2"])] if row["area_m2"] else []
            size += [f"{length_said(row['width_m'], 2)} wide"] if row["width_m"] else []
            place = [f"at {row['where'][0]:.0f}, {row['where'][1]:.0f}"] if row["where"] else []
            note = row["suggestion"].removesuffix(SUGGESTIONS[kind]).strip()
            names = ", ".join([*row["cells"][:_NAMED], *(["…"] if len(row["cells"]) > _NAMED else [])])
            cells = [f"cells {names}"] if names else []
            typer.echo("  " + "  ".join([row["id"], *cells, *size, *place, note]).rstrip())
        if len(rows) > _SHOWN:
            typer.echo(f"  … and {len(rows) - _SHOWN:,} more")
