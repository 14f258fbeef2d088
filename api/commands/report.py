"""The command `wangge report`."""

from pathlib import Path
from typing import Annotated

import typer

from api.commands.common import Json, PlanFile, say, write_text
from api.progress import Progress
from gis.writing import require_place


def report(
    plan: PlanFile,
    out: Annotated[Path, typer.Option(help="Page to write (*.html); it prints on A4.")],
    previous: Annotated[Path | None, typer.Option(help="Plan before it: adds a chapter of changes.")] = None,
    lang: Annotated[str, typer.Option(help="zh or en.")] = "zh",
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """Write the plan as a report to print: maps, sizes, quality, exceptions, all cells, and how it was made."""
    import maps  # noqa: PLC0415
    from gis.plan import read_plan  # noqa: PLC0415

    require_place(out, ".html", inputs=(plan, previous))
    with Progress() as progress:
        progress.stage("reading the plan")
        drawn = read_plan(plan)
        former = None if previous is None else read_plan(previous)
        progress.stage("writing the report")
        write_text(out, maps.render_report(drawn, previous=former, lang=lang))
    say({"report": str(out), "bytes": out.stat().st_size}, as_json=as_json)
