"""The command `wangge route`."""

from pathlib import Path
from typing import Annotated

import typer

from api.commands.common import Json, PlanFile, say
from api.progress import Progress
from gis.writing import require_place


def route(
    plan: PlanFile,
    reports: Annotated[Path, typer.Option(help="CSV or Parquet with lon and lat.")],
    out: Annotated[Path, typer.Option(help="Table to write (*.csv or *.parquet).")],
    datum: Annotated[
        str | None,
        typer.Option(
            help="wgs84, cgcs2000, gcj02, bd09 or a code such as EPSG:4547, of the rows that name none in a column "
            "'datum'; by default wgs84."
        ),
    ] = None,
    dispatch_at: Annotated[
        float, typer.Option(help="Probability from which a report goes to its cell without asking.")
    ] = 0.9,
    unsure: Annotated[
        str, typer.Option(help="What is done with less: ask_address, or parent, the desk of the level that is certain.")
    ] = "ask_address",
    accuracy: Annotated[
        float, typer.Option(help="Metres of accuracy of a point that states none; 0: exact.", min=0)
    ] = 15.0,
    nearest: Annotated[
        float, typer.Option(help="Metres within which a point outside goes to the nearest cell.", min=0)
    ] = 50.0,
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """Send every report to its cell and say how sure that is, or why it has none. No row is dropped."""
    from typing import cast  # noqa: PLC0415

    from gis.location.routing import Router  # noqa: PLC0415
    from gis.location.rule import RoutingRule, Unsure  # noqa: PLC0415
    from gis.location.stream import route_file  # noqa: PLC0415
    from gis.plan import read_plan  # noqa: PLC0415

    require_place(out, ".csv", ".parquet", inputs=(plan, reports))
    rule = RoutingRule(
        dispatch_at=dispatch_at,
        unsure=cast("Unsure", unsure),
        nearest_m=nearest,
        gps_m=accuracy,
        pin_m=min(accuracy, RoutingRule.pin_m),
    )
    with Progress() as progress:
        progress.stage(f"reading {plan.name}")
        router = Router(read_plan(plan), rule)
        progress.stage(f"routing {reports.name}")
        counts = route_file(router, reports, out, datum=datum, told=progress.count)
    done = sum(n for name, n in counts.items() if ":" not in name)
    say({"out": str(out), "reports": done} | counts, as_json=as_json)
