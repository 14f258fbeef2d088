"""Figures of cases by cell, as an audience may see them."""

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from api.cases import Figures
from api.ogc.cell_shapes import CellShapes
from api.ogc.cell_table import Records
from api.ogc.filters import Properties, Property
from maps.audience import FEWEST, TOTAL, Audience
from maps.measures import HOUSEHOLDS, Measure
from maps.withheld import withheld

PROPERTIES: Final[Properties] = {
    "code": Property("string", "Code", "Code of the cell."),
    "level": Property("string", "Level", "Level of the cell."),
    "name": Property("string", "Name", "Name of the cell."),
    "found": Property("integer", "Found", "Reports in the cell, without those rejected or merged; null where few."),
    "closed": Property("integer", "Closed", "Of those found: closed; null where these or those open are few."),
    "open": Property("integer", "Open", "Of those found: not closed; null where these or those closed are few."),
    "on_time": Property(
        "integer", "On time", "Closed before the end of their time; null where these or others are few."
    ),
    "overdue": Property("integer", "Overdue", "Open though their time has ended; null where these or others are few."),
    "satisfaction": Property("number", "Satisfaction", "Share of good and fair ratings; null where there are few."),
}
_NONE: Final = Figures()
_COUNTED: Final = {"found": "", "closed": "found", "open": "found", "on_time": "closed", "overdue": "open"}


def case_counts(shapes: CellShapes, counted: Mapping[str, Figures], audience: Audience) -> Records:
    """Return the figures of each cell, in the order of the cells.

    The public is told no small count, and none from which one can be worked out: where one part of a sum is hidden
    the other is as well, and so are as many cells besides as it takes: of what was found in the same cells as on the
    public map, or what one tells would give away what the other does not. That holds for one reading: two at different
    times tell how many cases came in between.

    Parameters
    ----------
    shapes
        The cells.
    counted
        Figures by code; those of a cell are with all below it.
    audience
        Who is told.
    """
    codes = [str(code) for code in shapes.frame["code"]]
    figures = {code: counted.get(code, _NONE) for code in codes}
    records = [_record(figures[code]) for code in codes]
    if audience is Audience.PUBLIC:
        above = dict(zip(codes, shapes.frame["parent_code"].fillna(TOTAL).astype(str), strict=True))
        homes = dict(zip(codes, map(int, shapes.frame["households"]), strict=True))
        hidden = withheld([Measure(HOUSEHOLDS, "", homes), *measures(figures)], above)
        records = [_published(record, figures[code], hidden, code) for code, record in zip(codes, records, strict=True)]
    about = zip(codes, shapes.frame["level"], shapes.frame["name"], strict=True)
    return [
        {"code": code, "level": str(level), "name": None if pd.isna(name) else str(name), **record}
        for (code, level, name), record in zip(about, records, strict=True)
    ]


def measures(figures: Mapping[str, Figures]) -> list[Measure]:
    """Return what is counted of cases: found is closed and open, closed on time and late, open overdue and not."""
    records = {code: _record(each) for code, each in figures.items()}
    return [
        Measure(name, name, {code: record[name] for code, record in records.items()}, part_of=whole)
        for name, whole in _COUNTED.items()
    ]


def _record(figures: Figures) -> dict[str, Any]:
    return {
        "found": figures.found,
        "closed": figures.closed,
        "open": figures.found - figures.closed,
        "on_time": figures.on_time,
        "overdue": figures.overdue,
        "satisfaction": figures.satisfaction,
    }


def _published(record: dict[str, Any], figures: Figures, hidden: Mapping[str, set[str]], code: str) -> dict[str, Any]:
    told = {name: None if code in hidden.get(name, ()) else value for name, value in record.items()}
    share = figures.satisfaction
    # Whole parts of a hundred: a share of many digits gives away of how many it is.
    rated = min(figures.good + figures.fair, figures.poor) >= FEWEST and told["found"] is not None
    return told | {"satisfaction": round(share, 2) if rated and share is not None else None}
