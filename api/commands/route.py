"""The command `wangge route`."""

from pathlib import Path
from typing import Annotated

import typer

from api.commands.common import Json, PlanFile, say
from api.progress import Progress
from gis.errors import InputError
from gis.writing import require_place


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
    say({"out": str(out), "reports": len(routed)} | summary(routed), as_json=as_json)
