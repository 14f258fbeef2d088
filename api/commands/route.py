"""The command `wangge route`."""

from pathlib import Path
from typing import Annotated, Any, cast

import typer

from api.commands.common import Json, require_outputs, say
from api.progress import Progress
from gis.errors import InputError


def route(
    plan: Annotated[
        list[Path], typer.Option("--plan", help="Plan file; of several, the one in force on the day of --at.")
    ],
    reports: Annotated[Path, typer.Option(help="CSV or Parquet with lon and lat, address, or qr.")],
    out: Annotated[Path | None, typer.Option(help="Table to write (*.csv or *.parquet).")] = None,
    datum: Annotated[
        str | None,
        typer.Option(
            help="wgs84, cgcs2000, gcj02, bd09 or a code such as EPSG:4547, of the rows that name none in a column "
            "'datum'; by default wgs84."
        ),
    ] = None,
    at: Annotated[
        str | None, typer.Option(help="Day whose plan is in force, as 2026-05-01; by default the last.")
    ] = None,
    dispatch_at: Annotated[
        float | None,
        typer.Option(help="Probability from which a report goes to its cell without asking; by default 0.9."),
    ] = None,
    unsure: Annotated[
        str | None,
        typer.Option(help="What is done with less: ask_address, or parent, the desk of the level that is certain."),
    ] = None,
    accuracy: Annotated[
        float | None,
        typer.Option(
            help="Metres of accuracy of points that state none, 0: exact; by default by source: gps (and unsaid) 15, "
            "pin 8, exif 20.",
            min=0,
        ),
    ] = None,
    nearest: Annotated[
        float | None,
        typer.Option(help="Metres within which a point outside goes to the nearest cell; by default 50.", min=0),
    ] = None,
    reroute: Annotated[  # noqa: FBT002
        bool, typer.Option("--reroute", help="Decide again what was routed before, with a record of what it was.")
    ] = False,
    disputed: Annotated[
        Path | None, typer.Option(help="Borders on which reports are in doubt, as a layer (*.gpkg).")
    ] = None,
    explain: Annotated[
        int | None, typer.Option(help="Tell how the report in this row, counted from 1, was decided.", min=1)
    ] = None,
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """Send every report to its cell and say how sure that is, or why it has none. No row is dropped."""
    from gis.generations import in_force, read_day  # noqa: PLC0415
    from gis.location.routing import Router  # noqa: PLC0415
    from gis.location.rule import RoutingRule  # noqa: PLC0415
    from gis.location.stream import explain as tell  # noqa: PLC0415
    from gis.location.stream import route_file  # noqa: PLC0415
    from gis.plan import read_plan  # noqa: PLC0415
    from gis.sources.coverages import write_layer  # noqa: PLC0415

    if (out is None) == (explain is None) or (explain is not None and (disputed is not None or reroute)):
        raise InputError("route: name a table with --out, or a row with --explain and nothing that is written")
    require_outputs((out, (".csv", ".parquet")), (disputed, (".gpkg",)), inputs=(*plan, reports))
    day = None if at is None else read_day(at)
    said = {"dispatch_at": dispatch_at, "unsure": unsure, "nearest_m": nearest}
    said |= dict.fromkeys(("gps_m", "pin_m", "exif_m"), accuracy)
    rule = RoutingRule(**cast("dict[str, Any]", {name: value for name, value in said.items() if value is not None}))
    with Progress() as progress:
        progress.stage(f"reading {', '.join(path.name for path in plan)}")
        router = Router(in_force([read_plan(path) for path in plan], day), rule)
        if explain is not None:
            say({**tell(router, reports, explain, datum=datum)}, as_json=as_json)
        if out is None:
            return
        progress.stage(f"routing {reports.name}")
        done = route_file(router, reports, out, datum=datum, anew=reroute, told=progress.count)
        if disputed is not None:
            progress.stage(f"writing {disputed.name}")
            write_layer(done.evidence.borders(), disputed, "disputed")
    remarks = {f"remark {k}": text for k, text in enumerate(done.evidence.remarks(), 1)}
    say({"out": str(out), "reports": done.rows} | done.counts | remarks, as_json=as_json)
