"""Which requests somebody finds.

Those who work on cases find what is in their scope, by where it is. Everybody else finds by the points that are shown
to everybody: a box that asked for the exact ones could be made smaller until it tells them.
"""

from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy import Connection

from api.access.roles import May, Who
from api.boxes import Box
from api.loop import Loop
from api.open311.filters import Filters
from api.open311.showing import Spot, public_spot
from api.served import Served
from api.store import cases
from api.store.cases import Kept, Wanted

_BATCH = 1000
# More codes than this are not named in one question to the store: nearly all cells are asked for then anyway.
_MOST_CELLS = 5000


def wanted_by(who: Who, filters: Filters, loop: Loop) -> Wanted:
    """Read what is asked for.

    Raises
    ------
    Problem
        400 where the arguments make no sense.
    """
    ids = filters.ids
    if ids is not None:
        wanted = Wanted(ids=ids)
    else:
        received, changed = filters.spans(loop.service, loop.rules.calendar.zone)
        wanted = Wanted(
            categories=filters.categories(loop.rules),
            is_open=filters.is_open(),
            received=received,
            changed=changed,
            box=filters.box(),
        )
    return replace(wanted, scope=who.scope, worker=who.code) if who.may(May.READ_CASES) else wanted


def find(connection: Connection, who: Who, wanted: Wanted, served: Served, after: str, most: int) -> list[Kept]:
    """Return the first requests after one, at most so many."""
    if who.may(May.READ_CASES) or wanted.box is None:
        return cases.search(connection, wanted, after=after, limit=most)
    found: list[Kept] = []
    for kept in _shown_in(connection, wanted, wanted.box, served, after):
        found.append(kept)
        if len(found) == most:
            break
    return found


def _shown_in(connection: Connection, wanted: Wanted, box: Box, served: Served, after: str) -> Iterator[Kept]:
    inside = [code for code, spot in served.spots.items() if _in(box, spot)]
    # What lies in these cells may still be shown elsewhere, where several levels are above the lowest.
    wanted = replace(wanted, box=None, cells=inside if len(inside) <= _MOST_CELLS else None)
    while batch := cases.search(connection, wanted, after=after, limit=_BATCH):
        after = batch[-1].case.id
        for kept in batch:
            spot = public_spot(kept, served)
            if spot is not None and _in(box, spot):
                yield kept


def _in(box: Box, spot: Spot) -> bool:
    (west, south, east, north), (lon, lat) = box, spot
    return west <= lon <= east and south <= lat <= north
