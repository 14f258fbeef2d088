"""The command `wangge card`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from api.commands.common import Json, PlanFile, say, write_text
from api.progress import Progress
from gis.errors import InputError
from gis.writing import require_place


def card(
    plan: PlanFile,
    base: Annotated[str, typer.Option(help="Host of the links, such as https://city.example; or WG: for none.")],
    out: Annotated[Path, typer.Option(help="Cards to write (*.html, *.pdf): one cell on a page of A4.")],
    level: Annotated[str | None, typer.Option(help="Level of the cells; the lowest by default.")] = None,
    cell: Annotated[list[str] | None, typer.Option(help="Code of a cell; may be repeated. All by default.")] = None,
    units: Annotated[str | None, typer.Option(help="Table of roles and offices by cell_code.")] = None,
    lang: Annotated[str, typer.Option(help="zh or en.")] = "zh",
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """Draw notice cards to hang up: map, code, boundaries, roles, offices, duties and QR code of each cell."""
    import maps  # noqa: PLC0415
    from api.printing import find_browser, print_pdf  # noqa: PLC0415
    from gis.plan import read_plan  # noqa: PLC0415
    from maps.cards.units import read_units  # noqa: PLC0415

    require_place(out, ".html", ".pdf", inputs=(plan, units))
    printed = out.suffix.casefold() == ".pdf"
    if printed:
        find_browser()
    with Progress() as progress:
        progress.stage("reading the plan")
        told = None if units is None else read_units(units)
        drawn = read_plan(plan)
        figures: dict[str, Any] = {"out": str(out)}
        if told is not None:
            unknown = told.unknown(drawn)
            if len(unknown) == len(told.offices):
                raise InputError(f"{told.where}: the plan has none of its {len(unknown)} codes: is it of this plan?")
            figures |= {"units_of_no_cell": unknown, "columns_not_read": list(told.left_out)}
        progress.stage("drawing the cards")
        page = maps.render_cards(drawn, base=base, level=level, units=told, lang=lang, cells=cell or None)
        if printed:
            progress.stage("printing them")
            print_pdf(page, out)
        else:
            write_text(out, page)
    say(figures | {"cards": page.count('<section class="card">'), "bytes": out.stat().st_size}, as_json=as_json)
