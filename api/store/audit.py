"""Who did what, by codes: added to, never changed."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from api.access.roles import Who
from api.store.tables import audit


@dataclass(frozen=True)
class Deed:
    """One thing that was done."""

    id: int
    at: datetime
    by: str
    role: str
    action: str
    object: str


def note(connection: Connection, who: Who, action: str, what: str, now: datetime) -> None:
    """Write down a deed, in the transaction that does it."""
    row = {"at": now, "by": who.code, "role": who.role, "action": action, "object": what[:80]}
    connection.execute(audit.insert().values(row))


def deeds(connection: Connection, *, after: int, limit: int) -> list[Deed]:
    """Return deeds in their order, those after a number."""
    rows = connection.execute(select(audit).where(audit.c.id > after).order_by(audit.c.id).limit(limit))
    return [Deed(*row) for row in rows]
