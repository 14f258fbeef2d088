"""The command `wangge`: reads, draws, proves, routes and maps. Thin: the work is done in the rooms below.

Rooms are imported inside the commands, so that `--help` and errors come at once.
"""

import json
import os
import sys
import traceback
from pathlib import Path
from typing import Annotated, Any

import typer

from api.progress import Progress
from gis.errors import GisError, InputError
from gis.writing import require_place, written_beside

app = typer.Typer(
    help="Draw, prove, keep and use the small service areas a city runs on.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON, for machines.")]
PlanFile = Annotated[Path, typer.Option("--plan", help="Plan file made by 'wangge delineate'.")]
DEFECTS_FOUND, BAD_INPUT, FAULT_OF_OURS = 1, 2, 70


def main() -> None:
    """Run the command; a bad input gets one line and exit code 2, a fault of ours its traceback and 70."""
    try:
        app()
    except (GisError, OSError) as error:
        sys.stderr.write(f"wangge: {' '.join(str(error).split())}\n")
        raise SystemExit(BAD_INPUT) from None
    except Exception:  # noqa: BLE001 (exit code 1 would say that defects were found)
        traceback.print_exc()
        sys.stderr.write("wangge: this is a fault of wangge, please report it with the lines above\n")
        raise SystemExit(FAULT_OF_OURS) from None


@app.command()
def delineate(
    out: Annotated[Path, typer.Option(help="Plan file to write (*.gpkg).")],
    osm: Annotated[Path | None, typer.Option(help="OpenStreetMap extract: streets, buildings, addresses.")] = None,
    streets: Annotated[str | None, typer.Option(help="Street lines (file or file:layer).")] = None,
    buildings: Annotated[str | None, typer.Option(help="Buildings: footprints, points, or a CSV of points.")] = None,
    barriers: Annotated[str | None, typer.Option(help="Further lines that divide: rivers, railways, walls.")] = None,
    households: Annotated[str | None, typer.Option(help="Households by building, place or address.")] = None,
    household_column: Annotated[str | None, typer.Option(help="Column of households, if its name is unusual.")] = None,
    area: Annotated[str | None, typer.Option(help="A file, or a name found in --within or --osm.")] = None,
    within: Annotated[
        str | None, typer.Option(help="Communities that no grid crosses: a file, or an admin_level of --osm.")
    ] = None,
    levels: Annotated[str | None, typer.Option(help="Bands, top first; by default grid:400-600,micro:70-80.")] = None,
    preset: Annotated[str | None, typer.Option(help="Named levels instead: xiyuan, xinanlu or zhengzhou-2024.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed draws the same plan.")] = 0,
    workers: Annotated[int, typer.Option(help="Threads; by default as many as there are cores.", min=0)] = 0,
    as_json: Json = False,  # noqa: FBT002 (typer's way)
) -> None:
    """Draw a nested plan: every building and every square metre in exactly one cell."""
    from gis.delineation.delineate import delineate as draw  # noqa: PLC0415
    from gis.delineation.levels import parse_levels  # noqa: PLC0415
    from gis.plan import write_plan  # noqa: PLC0415
    from gis.sources.read import read_town  # noqa: PLC0415

    wanted = parse_levels(_levels(levels, preset))
    require_place(out, ".gpkg", inputs=(osm, streets, buildings, barriers, households, area, within))
    with Progress() as progress:
        town = read_town(
            osm=osm,
            streets=streets,
            buildings=buildings,
            barriers=barriers,
            households=households,
            area=area,
            within=int(within) if within and within.isdigit() else within,
            household_column=household_column,
            progress=progress.stage,
        )
        plan = draw(town, wanted, seed=seed, workers=workers or os.cpu_count() or 1, progress=progress.stage)
        progress.stage(f"writing {out.name}")
        write_plan(plan, out)
    from api.figures import plan_figures  # noqa: PLC0415

    _say({"plan": str(out)} | plan_figures(plan), as_json=as_json)


@app.command()
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
        _write_text(report, json.dumps(answer, ensure_ascii=False, indent=2))
    if defects is not None:
        write_layer(found.defects, defects, "defects")
    if as_json:
        _say(answer, as_json=True)
    else:
        _say({key: answer[key] for key in ("valid", "cells", "levels", "counts", "crs")}, as_json=False)
        for row in found.defects.head(20).itertuples():
            at = row.geometry.representative_point()
            place = "" if at.is_empty else f"at {at.x:.0f}, {at.y:.0f}"
            typer.echo(f"  {row.id}  cells {row.cells or '-'}  {row.area_m2:,.1f} m²  {place}  {row.suggestion}")
    if not found.valid:
        raise typer.Exit(DEFECTS_FOUND)


@app.command()
def route(
    plan: PlanFile,
    reports: Annotated[Path, typer.Option(help="CSV or Parquet with lon and lat.")],
    out: Annotated[Path, typer.Option(help="Table to write (*.csv or *.parquet).")],
    datum: Annotated[
        str | None,
        typer.Option(
            help="wgs84, cgcs2000, gcj02 or bd09, for all rows; by default that of a column 'datum', else wgs84."
        ),
    ] = None,
    nearest: Annotated[
        float, typer.Option(help="Metres within which a point outside goes to the nearest cell.", min=0)
    ] = 50.0,
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """Send every report to its cell, or say why it has none. No row is dropped."""
    from gis.datum import Datum  # noqa: PLC0415
    from gis.location.reports import read_reports, write_table  # noqa: PLC0415
    from gis.location.routing import RoutingRule, summary  # noqa: PLC0415
    from gis.location.routing import route as send  # noqa: PLC0415
    from gis.plan import read_plan  # noqa: PLC0415

    if datum is not None and datum not in list(Datum):
        raise InputError(f"--datum {datum}: choose one of {', '.join(Datum)}")
    require_place(out, ".csv", ".parquet", inputs=(plan, reports))
    with Progress() as progress:
        progress.stage(f"reading {reports.name}")
        read = read_reports(reports, None if datum is None else Datum(datum))
        progress.stage(f"routing {len(read.table)} reports")
        routed = send(read_plan(plan), read, RoutingRule(nearest_m=nearest))
        write_table(routed, out)
    _say({"out": str(out), "reports": len(routed)} | summary(routed), as_json=as_json)


@app.command("map")
def draw_map(
    plan: PlanFile,
    out: Annotated[Path, typer.Option(help="Page to write (*.html).")],
    reports: Annotated[Path | None, typer.Option(help="Routed reports (from 'wangge route').")] = None,
    audience: Annotated[str, typer.Option(help="internal or public.")] = "internal",
    lang: Annotated[str, typer.Option(help="zh or en.")] = "zh",
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """Draw one HTML page that needs nothing from anywhere."""
    import maps  # noqa: PLC0415
    from gis.plan import read_plan  # noqa: PLC0415

    require_place(out, ".html", inputs=(plan, reports))
    with Progress() as progress:
        progress.stage("reading the plan")
        drawn = read_plan(plan)
        routed = None if reports is None else maps.read_routed(reports)
        progress.stage("drawing the map")
        page = maps.render(drawn, reports=routed, audience=audience, lang=lang)
        _write_text(out, page)
    _say({"map": str(out), "bytes": out.stat().st_size}, as_json=as_json)


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(help="Folder to make the demo in.")] = Path("demo"),
    seed: Annotated[int, typer.Option(help="The same seed makes the same town.")] = 1,
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """Make a demo town, draw its plan, prove it, route its reports and map it."""
    from api.demo import run_demo  # noqa: PLC0415

    with Progress() as progress:
        figures = run_demo(folder, seed=seed, progress=progress.stage)
    _say(figures, as_json=as_json)


def _levels(levels: str | None, preset: str | None) -> str:
    if levels and preset:
        raise InputError("give --levels or --preset, not both")
    if levels is not None:
        return levels
    from data.presets import preset as named  # noqa: PLC0415

    try:
        return named(preset or "xiyuan")
    except ValueError as error:
        raise InputError(f"--preset {preset}: {error}") from error


def _write_text(path: Path, text: str) -> None:
    with written_beside(path) as beside:
        beside.write_text(text, encoding="utf-8")


def _say(figures: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(figures, ensure_ascii=False))
        return
    width = max(len(key) for key in figures)
    for key, value in figures.items():
        text = json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else value
        typer.echo(f"{key:<{width}}  {text}")
