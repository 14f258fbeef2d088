"""Pages and tables to take away."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, StreamingResponse

import maps
from api.access.roles import May
from api.deps import Asker, PlanInForce, PublicMapHere, ServiceHere
from api.errors import Problem
from api.exporting import as_csv, as_map, every_case
from api.schemas import REFUSALS
from maps.audience import Audience

router = APIRouter(tags=["exports"], responses=REFUSALS)
Lang = Annotated[Literal["zh", "en"], Query(description="Of the page.")]
_CSV = "text/csv; charset=utf-8"
# The page carries its scripts within; nothing else may run in it, and nothing be fetched.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-cache",
}


@router.get("/exports/map", response_class=HTMLResponse, summary="The map")
def map_page(
    service: ServiceHere, public: PublicMapHere, who: Asker, served: PlanInForce, lang: Lang = "zh"
) -> HTMLResponse:
    """Draw the plan in force and its cases as one page that opens without the internet.

    Everybody gets aggregates, none of which is small, counted anew every ten minutes; those who work with cases, the
    cases of their scope as points.
    """
    if who.audience is Audience.INTERNAL:
        who.require(May.READ_CASES)
        return HTMLResponse(as_map(service, who, served, lang), headers=_HEADERS)
    return HTMLResponse(public.page(served, lang), headers=_HEADERS)


@router.get("/exports/report", response_class=HTMLResponse, summary="The report of the plan")
def plan_report(who: Asker, served: PlanInForce, lang: Lang = "zh") -> HTMLResponse:
    """Draw the report of the plan in force: pages to print."""
    who.require_all(May.READ_STATISTICS)
    if not set(served.plan.levels) <= set(served.plan.metadata["quality"]):
        raise Problem(404, "the plan in force does not hold the figures of its quality: draw it anew")
    return HTMLResponse(maps.render_report(served.plan, lang=lang), headers=_HEADERS)


_TABLE: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}


@router.get("/exports/cases.csv", response_class=StreamingResponse, responses=_TABLE, summary="Cases as a table")
def case_table(service: ServiceHere, who: Asker) -> StreamingResponse:
    """Write the cases of the scope as CSV: codes, times and places; no words, no contacts."""
    who.require(May.EXPORT)
    headers = {"Content-Disposition": 'attachment; filename="cases.csv"', "X-Content-Type-Options": "nosniff"}
    return StreamingResponse(as_csv(every_case(service, who)), headers=headers, media_type=_CSV)
