"""Plans and counts as pages: one HTML file for each map, fit for its readers, with nothing to fetch."""

from collections.abc import Mapping

import pandas as pd

from gis.errors import InputError
from gis.plan import Plan
from maps.audience import Audience
from maps.base import base_layers, from_openstreetmap
from maps.cells import cell_levels
from maps.codec import Grid
from maps.defects import render_defects
from maps.figures import figures
from maps.page import Facts, Markup, Page, PlanMap
from maps.palette import NOTHING, UNKNOWN
from maps.panel import area_name, panel
from maps.plan_report import render_report
from maps.reports import count_by_cell, read_routed, report_points
from maps.words import words

__all__ = ["read_routed", "render", "render_defects", "render_report"]


def render(
    plan: Plan,
    *,
    reports: pd.DataFrame | None = None,
    counts: Mapping[str, int] | None = None,
    audience: str = "internal",
    lang: str = "zh",
) -> str:
    """Draw a plan, and the reports sent to its cells, as one HTML page that needs nothing from anywhere.

    Parameters
    ----------
    plan
        The plan to draw.
    reports
        Routed with this plan: from `gis.location.routing.route` or `read_routed`.
    counts
        How many there are in each cell, by the codes of all levels: in place of reports where none is to be shown.
    audience
        ``"internal"``: all figures, reports as points with their texts. ``"public"``: counts alone, none
        below 11 and none that would give away such a one; nothing of a report but its count.
    lang
        ``"zh"`` or ``"en"``.

    Returns
    -------
    str
        The page. The same input gives the same text.

    Raises
    ------
    InputError
        Where audience or language is unknown, or the reports were not routed with this plan.
    GisError
        Where the parts that a page is drawn with were not built.
    """
    if audience not in list(Audience):
        raise InputError(f"audience '{audience}': choose one of {', '.join(Audience)}")
    reader, says = Audience(audience), words(lang)
    shown = figures(plan, counts if reports is None else count_by_cell(plan, reports), reader)
    grid = Grid(plan.area)
    data = {
        "origin": grid.origin,
        "words": says,
        "credit": from_openstreetmap(plan),
        "nothing": NOTHING,
        "unknown": UNKNOWN,
        "base": base_layers(plan, grid),
        "levels": cell_levels(plan, shown, grid, says),
        "reports": None if reports is None or not shown.points else report_points(reports, grid),
    }
    page = Page(area_name(plan), says["lang"])
    page.add_child(Markup(panel(plan, shown, says)))
    drawn = PlanMap(grid.bounds, says["map"])
    page.add_child(drawn)
    drawn.add_child(Facts(data))
    return page.render()
