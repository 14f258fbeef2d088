"""Cases as tables and maps: codes, times and places; never what people wrote, nor how to reach them."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import timedelta

import orjson
import pandas as pd

import maps
from api.access.roles import Who
from api.served import Served
from api.service import Service
from api.store import cases
from api.store.cases import Kept, Wanted
from maps.audience import Audience

_AT_ONCE = 1000
#: A public page is drawn anew no sooner: two that differ by one report would tell where it was.
PUBLIC_EVERY = timedelta(minutes=10)
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
    """Draw the plan in force with the cases in somebody's scope, as their audience may see it."""
    rows = [_row(kept, served) for kept in every_case(service, Who() if who.audience is Audience.PUBLIC else who)]
    reports = pd.DataFrame(rows, columns=list(_ROUTED))
    return maps.render(served.plan, reports=reports, audience=who.audience, lang=lang)


_ROUTED = (
    *("category", "time", "cell_code", "grid_codes", "status", "reason", "action", "plan_version"),
    *("plan_x", "plan_y"),
)


def _row(kept: Kept, served: Served) -> tuple[object, ...]:
    """Write a case as a routed report of the plan in force: by its cell there, whatever plan gave it that."""
    case, place = kept.case, kept.place
    codes = served.chains.get(case.cell, {})
    leaf = codes.get(served.plan.leaf_level, "")
    status = "inside" if leaf else ("ask_address" if codes else "outside")
    # Metres of the plan in force: that by which it was routed may have had others.
    x, y = (None, None) if place.lon is None else served.to_plan.transform(place.lon, place.lat)
    said = (case.category, case.received_at.isoformat(), leaf, orjson.dumps(codes).decode(), status, "", "")
    return (*said, served.version, x, y)
