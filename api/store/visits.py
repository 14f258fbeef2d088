"""Visits and patrols that were made."""

from datetime import date, datetime

from sqlalchemy import Connection, select

from api.cases import Visit
from api.store.tables import visits


def add(connection: Connection, visit: Visit, *, by: str, now: datetime) -> None:
    """Keep a visit."""
    row = {"plan": visit.plan, "cell": visit.cell, "day": visit.day, "by": by, "at": now}
    connection.execute(visits.insert().values(row))


def between(connection: Connection, first: date, last: date) -> list[Visit]:
    """Return the visits made between two days, both included."""
    wanted = select(visits.c.plan, visits.c.cell, visits.c.day).where(visits.c.day.between(first, last))
    return [Visit(*row) for row in connection.execute(wanted)]
