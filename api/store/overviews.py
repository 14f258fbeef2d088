"""Many cases at once: counted, or by the few columns that a map of them needs."""

from collections.abc import Iterator
from datetime import UTC
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from api.store.cases import Wanted, narrowed
from api.store.tables import cases

_AT_ONCE = 10_000


class Point(NamedTuple):
    """A case on a map: what it is about, when it came, by UTC, its cell, and degrees of WGS 84 where it has them."""

    category: str
    time: str
    cell: str
    lon: float | None
    lat: float | None


def points(connection: Connection, wanted: Wanted) -> Iterator[Point]:
    """Yield cases by their numbers, read as they are asked for."""
    columns = select(cases.c.category, cases.c.received_at, cases.c.cell, cases.c.lon, cases.c.lat)
    found = narrowed(columns, wanted, is_sqlite=connection.dialect.name == "sqlite").order_by(cases.c.id)
    for category, received_at, *where in connection.execute(found.execution_options(yield_per=_AT_ONCE)):
        yield Point(category, received_at.astimezone(UTC).isoformat(), *where)


def by_cell(connection: Connection) -> dict[str, int]:
    """Count cases by the codes of their cells."""
    counted = connection.execute(select(cases.c.cell, func.count()).group_by(cases.c.cell))
    return {row[0]: row[1] for row in counted}
