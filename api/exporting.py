"""Cases as tables and maps: codes, times and places; never what people wrote, nor how to reach them."""

import csv
import io
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import orjson
import pandas as pd

import maps
from api.access.roles import Who
from api.served import Served
from api.service import Service
from api.store import cases, overviews
from api.store.cases import Kept, Wanted
from maps.audience import Audience

_AT_ONCE = 1000
_COLUMNS = (
    *("id", "version", "category", "grade", "colour", "state", "cell", "holder", "level", "unit", "organisation"),
    *("received_at", "state_since", "state_due", "case_due", "closed_at", "on_time", "satisfaction", "outcome"),
    *("escalated", "reopened", "merged_into", "plan_version"),
)


def every_case(service: Service, who: Who) -> Iterator[Kept]:
    """Yield the cases in somebody's scope, by their numbers."""
    wanted, after = Wanted(scope=who.scope, worker=who.code), ""
    while True:
        with service.database.reading() as connection:
            page = cases.search(connection, wanted, after=after, limit=_AT_ONCE)
        yield from page
        if len(page) < _AT_ONCE:
            return
        after = page[-1].case.id


def as_csv(found: Iterable[Kept]) -> Iterator[str]:
    """Write cases as CSV, row by row."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow((*_COLUMNS, "cells", "lon", "lat"))
    for kept in found:
        said = [getattr(kept.case, name) for name in _COLUMNS]
        table.writerow((*said, " ".join(kept.chain), kept.place.lon, kept.place.lat))
        yield out.getvalue()
        out.seek(0)
        out.truncate()
    yield out.getvalue()


def as_map(service: Service, who: Who, served: Served, lang: str) -> str:
    """Draw the plan in force with the cases in somebody's scope, for those who work on them."""
    with service.database.reading() as connection:
        reports = _routed(overviews.points(connection, Wanted(scope=who.scope, worker=who.code)), served)
    return maps.render(served.plan, reports=reports, audience=Audience.INTERNAL, lang=lang)


def _routed(points: Iterable[overviews.Point], served: Served) -> pd.DataFrame:
    """Write cases as reports routed by the plan in force: by their cells there, whatever plan gave them those."""
    seen = pd.DataFrame.from_records(list(points), columns=overviews.Point._fields)
    held = {cell: _held(cell, served) for cell in seen["cell"].unique()}
    table = seen[["category", "time"]].assign(reason="", action="", plan_version=served.version)
    for at, name in enumerate(("cell_code", "grid_codes", "status")):
        table[name] = [held[cell][at] for cell in seen["cell"]]
    # Metres of the plan in force: that by which they were routed may have had others.
    places = (seen[name].to_numpy(np.float64) for name in ("lon", "lat"))
    table["plan_x"], table["plan_y"] = served.to_plan.transform(*places)
    return table


def _held(cell: str, served: Served) -> tuple[str, str, str]:
    codes = served.chains.get(cell, {})
    leaf = codes.get(served.plan.leaf_level, "")
    status = "inside" if leaf else ("ask_address" if codes else "outside")
    return leaf, orjson.dumps(codes).decode(), status


@dataclass
class PublicMap:
    """The map that everybody sees: the same for all who ask, in whatever language, until it is counted anew.

    Attributes
    ----------
    service
        Of the worker.
    """

    service: Service
    _since: datetime | None = field(init=False, default=None)
    _pages: dict[tuple[int, str], str] = field(init=False, default_factory=dict)
    _drawing: threading.Lock = field(init=False, default_factory=threading.Lock)

    def page(self, served: Served, lang: str) -> str:
        """Return the page of the plan in force; drawn by one, while others wait for it."""
        with self._drawing:
            # The figures told elsewhere: another count would differ by what lies in one of both alone.
            since, figures = self.service.published.figures()
            if since != self._since:
                self._since = since
                self._pages.clear()
            page = self._pages.get((served.plan_id, lang))
            if page is None:
                counts = {code: each.found for code, each in figures.items()}
                page = maps.render(served.plan, counts=counts, audience=Audience.PUBLIC, lang=lang)
                self._pages[served.plan_id, lang] = page
            return page
