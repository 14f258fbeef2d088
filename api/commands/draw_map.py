"""The command `wangge map`."""

from pathlib import Path
from typing import Annotated

import typer

from api.commands.common import Json, PlanFile, say, write_text
from api.progress import Progress
from gis.writing import require_place


def draw_map(
    plan: PlanFile,
    out: Annotated[Path, typer.Option(help="Page to write (*.html).")],
    reports: Annotated[Path | None, typer.Option(help="Routed reports (from 'wangge route').")] = None,
    layers: Annotated[
        list[Path] | None, typer.Option(help="Layers over the plan (from 'wangge layers'); may be given several times.")
    ] = None,
    audience: Annotated[str, typer.Option(help="internal or public.")] = "internal",
    lang: Annotated[str, typer.Option(help="zh or en.")] = "zh",
    previous: Annotated[
        Path | None, typer.Option(help="Public page published before: what it left out stays out.")
    ] = None,
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """Draw one HTML page that needs nothing from anywhere."""
    import maps  # noqa: PLC0415
    from gis.layers import read_layers  # noqa: PLC0415
    from gis.plan import read_plan  # noqa: PLC0415

    files = layers or []
    require_place(out, ".html", inputs=(plan, reports, previous, *files))
    with Progress() as progress:
        progress.stage("reading the plan")
        drawn = read_plan(plan)
        routed = None if reports is None else maps.read_routed(reports)
        joined = [layer for file in files for layer in read_layers(file, drawn)]
        progress.stage("drawing the map")
        page = maps.render(drawn, reports=routed, layers=joined, audience=audience, lang=lang, previous=previous)
        write_text(out, page)
    say({"map": str(out), "bytes": out.stat().st_size}, as_json=as_json)
