"""Cases that were opened under an Idempotency-Key: the same report again is acknowledged again, and does nothing."""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from api.store.tables import acknowledged

#: How long a request can be repeated.
KEPT = timedelta(days=2)


class Reused(Exception):  # noqa: N818 (the name says what happened)
    """A key that was given with another request before."""


def recall(connection: Connection, key: str, body: str) -> str | None:
    """Return the case that was opened under a key before; None where it is new.

    Raises
    ------
    Reused
        Where it was another request.
    """
    row = connection.execute(select(acknowledged).where(acknowledged.c.key == _hash(key))).one_or_none()
    if row is None:
        return None
    if row.body != _hash(body):
        raise Reused("this Idempotency-Key was used for another request")
    return str(row.case_id)


def keep(connection: Connection, key: str, body: str, case_id: str, now: datetime) -> None:
    """Keep which case was opened, in the transaction that opens it: the answer is written anew, for it has secrets."""
    row = {"key": _hash(key), "body": _hash(body), "case_id": case_id, "at": now}
    connection.execute(acknowledged.insert(), row)


def forget(connection: Connection, now: datetime) -> None:
    """Forget keys that nobody gives again."""
    connection.execute(delete(acknowledged).where(acknowledged.c.at < now - KEPT))


def _hash(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()
