"""Plans and counts as pages: one HTML file for each map, fit for its readers, with nothing to fetch."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from gis.errors import InputError
from gis.layers import Layer as Joined
from gis.plan import Plan
from maps.audience import Audience
from maps.base import addresses, base_layers, from_openstreetmap
from maps.cards import read_units, render_cards
from maps.cells import borders, cell_levels
from maps.codec import Grid
from maps.defects import render_defects
from maps.figures import figures
from maps.layers import Drawing, Layer
from maps.measures import Measure
from maps.over_plan import OverPlan
from maps.page import Facts, Markup, Page, PageText, PlanMap
from maps.palette import THEMES
from maps.panel import area_name, panel
from maps.report import render_report
from maps.reports import CountLayer, ReportLayer, read_routed
from maps.series import held_back, written
from maps.words import words

__all__ = [
    "Drawing",
    "Layer",
    "Measure",
    "read_routed",
    "read_units",
    "render",
    "render_cards",
    "render_defects",
    "render_report",
]


def render(
    plan: Plan,
    *,
    reports: pd.DataFrame | None = None,
    counts: Mapping[str, int] | None = None,
    layers: Sequence[Layer | Joined] = (),
    audience: str = "internal",
    lang: str = "zh",
    previous: str | Path | None = None,
) -> PageText:
    """Draw a plan, and what is known of its cells, as one HTML page that needs nothing from anywhere.

    Parameters
    ----------
    plan
        The plan to draw.
    reports
        Routed with this plan: from `gis.location.routing.route` or `read_routed`.
    counts
        How many there are in each cell, by the codes of all levels: in place of reports where none is to be shown.
    layers
        What is shown besides: from `gis.layers.read_layers`, or of a class of one's own.
    audience
        ``"internal"``: all figures, reports as points with their texts. ``"public"``: counts alone, none
        below 11 and none that would give away such a one, rounded to fives; nothing of a report but its count.
    lang
        ``"zh"`` or ``"en"``.
    previous
        File of the public page that was published before: what it left out stays out.

    Returns
    -------
    PageText
        The page, a text that a notebook shows as a map. The same input gives the same text.

    Raises
    ------
    InputError
        Where audience or language is unknown, reports or layers were made with another plan, two layers have one name,
        or `previous` shows another plan, or is given for an internal page.
    GisError
        Where the parts that a page is drawn with were not built.
    """
    if audience not in list(Audience):
        raise InputError(f"audience '{audience}': choose one of {', '.join(Audience)}")
    reader, says = Audience(audience), words(lang)
    if previous is not None and reader is not Audience.PUBLIC:
        raise InputError(f"{previous}: only public pages leave out what an earlier one did: ask for audience public")
    every = _layers(reports, counts, layers)
    measures = [measure for layer in every for measure in layer.measures(plan, says)]
    public = reader is Audience.PUBLIC
    before = held_back(plan, previous) if previous is not None else None
    shown = figures(plan, measures, reader, says["households"], before)
    grid = Grid(plan.area)
    drawn = [layer.drawing(plan, grid, says) for layer in every] if not public else []
    drawings = [drawing for drawing in drawn if drawing is not None]
    data = {
        "origin": grid.origin,
        "title": area_name(plan),
        "words": says,
        "credit": from_openstreetmap(plan),
        "themes": THEMES,
        "base": base_layers(plan, grid),
        "arcs": borders(plan, grid),
        "measures": [
            {"name": each.name, "label": each.label, "share": each.as_share, "heading": each.heading}
            for each in shown.measures
        ],
        "levels": cell_levels(plan, shown, grid, says),
        "layers": [{"painter": drawing.painter, "on": True, **drawing.data} for drawing in drawings],
        **(written(plan, shown.withheld) if public else {"addresses": addresses(plan, grid)}),
    }
    page = Page(area_name(plan), says["lang"], scripts=dict.fromkeys(each.script for each in drawings if each.script))
    page.add_child(Markup(panel(plan, shown, says)))
    canvas = PlanMap(grid.bounds, says["map"])
    page.add_child(canvas)
    canvas.add_child(Facts(data))
    return page.render()


def _layers(
    reports: pd.DataFrame | None, counts: Mapping[str, int] | None, layers: Sequence[Layer | Joined]
) -> list[Layer]:
    """Return the layers, reports first; at first no more than one layer of points is drawn."""
    found: list[Layer] = []
    names = [layer.name for layer in layers if isinstance(layer, Joined)]
    if twice := [name for name in names if names.count(name) > 1]:
        raise InputError(f"two layers are named {twice[0]}: join all files by one 'wangge layers': it names them apart")
    if reports is not None:
        found.append(ReportLayer(reports))
    elif counts is not None:
        found.append(CountLayer(counts))
    for layer in layers:
        on = reports is None and isinstance(layer, Joined) and layer.kind == "events"
        found.append(OverPlan(layer, on=on) if isinstance(layer, Joined) else layer)
    return found
