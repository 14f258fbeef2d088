"""Answers that were given under an Idempotency-Key: the same request again gets the same answer, and does nothing."""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from api.store.tables import acknowledged

#: How long a request can be repeated.
KEPT = timedelta(days=2)


class Reused(Exception):  # noqa: N818 (the name says what happened)
    """A key that was given with another request before."""


def recall(connection: Connection, key: str, body: bytes) -> tuple[int, bytes] | None:
    """Return status and answer that a key was given before; None where it is new.

    Raises
    ------
    Reused
        Where it was another request.
    """
    row = connection.execute(select(acknowledged).where(acknowledged.c.key == _hash(key.encode()))).one_or_none()
    if row is None:
        return None
    if row.body != _hash(body):
        raise Reused("this Idempotency-Key was used for another request")
    return row.status, bytes(row.answer)


def keep(connection: Connection, key: str, body: bytes, *, status: int, answer: bytes, now: datetime) -> None:
    """Keep an answer, in the transaction that does what it acknowledges."""
    row = {"key": _hash(key.encode()), "body": _hash(body), "status": status, "answer": answer, "at": now}
    connection.execute(acknowledged.insert(), row)


def forget(connection: Connection, now: datetime) -> None:
    """Forget answers that nobody asks for again."""
    connection.execute(delete(acknowledged).where(acknowledged.c.at < now - KEPT))


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
