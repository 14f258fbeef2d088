"""The command `wangge qr`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from api.commands.common import Json, PlanFile, say, write_text
from api.progress import Progress
from gis.errors import InputError
from gis.writing import require_place, written_beside


def qr(
    plan: PlanFile,
    base: Annotated[str, typer.Option(help="Host of the links, such as https://city.example; or WG: for none.")],
    out: Annotated[Path, typer.Option(help="Sheet to write (*.html, *.svg), or a new folder of PNG files.")],
    level: Annotated[str | None, typer.Option(help="Level of the cells; the lowest by default.")] = None,
    entrances: Annotated[bool, typer.Option("--entrances", help="A code for each entrance of each cell.")] = False,  # noqa: FBT002
    lang: Annotated[str, typer.Option(help="zh or en.")] = "zh",
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """Draw QR codes of cells, or of the entrances in them, on sheets to print and cut: twelve on an A4 page."""
    from gis.plan import read_plan  # noqa: PLC0415
    from maps.panel import area_name  # noqa: PLC0415
    from maps.qr_sheet import html_page, svg_pages, write_pictures  # noqa: PLC0415
    from maps.qr_signs import signs  # noqa: PLC0415
    from maps.words import words  # noqa: PLC0415

    _require_place(out, plan)
    words(lang)
    with Progress() as progress:
        progress.stage("reading the plan")
        drawn = read_plan(plan)
        found = signs(drawn, base, level=level, entrances=entrances)
        progress.stage(f"drawing {len(found):,} codes")
        figures: dict[str, Any] = {"out": str(out), "codes": len(found)}
        if out.suffix.casefold() == ".html":
            write_text(out, html_page(found, title=area_name(drawn), lang=lang))
        elif out.suffix:
            figures["pages"] = _write_pages(out, svg_pages(found, lang=lang))
        else:
            with written_beside(out) as beside:
                write_pictures(found, beside)
    say(figures, as_json=as_json)


def _require_place(out: Path, plan: Path) -> None:
    if out.suffix:
        require_place(out, ".html", ".svg", inputs=(plan,))
    elif out.exists():
        raise InputError(f"{out}: is there already: name a new folder, or a sheet that ends in .html or .svg")


def _write_pages(out: Path, pages: list[str]) -> int:
    """Write one page to its place; of several each to its own, with a number before the ending."""
    digits = len(str(len(pages)))
    for number, page in enumerate(pages, start=1):
        place = out if len(pages) == 1 else out.with_stem(f"{out.stem}-{number:0{digits}}")
        write_text(place, page)
    return len(pages)
