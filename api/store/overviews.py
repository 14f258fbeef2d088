"""Many cases at once: counted, or by the few columns that a map of them needs."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, String, cast, func, select

from api.store.cases import Wanted, narrowed
from api.store.tables import case_events, cases

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


def by_state(connection: Connection) -> dict[str, int]:
    """Count cases by their states."""
    counted = select(cases.c.state, func.count()).group_by(cases.c.state)
    return {row[0]: row[1] for row in connection.execute(counted)}


def version(connection: Connection, now: datetime) -> str:
    """Name what can be seen of the cases at a moment: by another name whenever any of them may have become another.

    It costs the same however many there are.
    """
    told: list[Select[Any]] = [select(func.max(cases.c.due_at)).where(cases.c.due_at < now)]
    if connection.dialect.name == "sqlite":  # whoever writes is alone: what is numbered last is kept last
        told += [select(func.max(case_events.c.id)), select(func.max(cases.c.erased_at))]
    else:  # an event may be numbered before another and kept after it; what is seen has a name of its own here
        told += [select(cast(func.pg_current_snapshot(), String))]
    return " ".join(str(connection.scalar(each)) for each in told)
