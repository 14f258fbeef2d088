"""Photos of cases, as they were drawn anew."""

import secrets
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, select

from api.store.tables import photos


def add(connection: Connection, case_id: str, content: bytes, now: datetime) -> str:
    """Keep a photo under a number that cannot be guessed, and return that."""
    photo_id = secrets.token_hex(16)
    connection.execute(photos.insert().values(id=photo_id, case_id=case_id, at=now, bytes=content))
    return photo_id


def of_case(connection: Connection, case_id: str) -> list[str]:
    """Return the numbers of a case's photos, the first first."""
    wanted = select(photos.c.id).where(photos.c.case_id == case_id).order_by(photos.c.at, photos.c.id)
    return list(connection.scalars(wanted))


def first_of(connection: Connection, case_ids: Collection[str]) -> dict[str, str]:
    """Return the number of the first photo of each case that has one."""
    wanted = select(photos.c.case_id, photos.c.id).where(photos.c.case_id.in_(case_ids))
    # The first comes last, and stays.
    rows = connection.execute(wanted.order_by(photos.c.at.desc(), photos.c.id.desc()))
    return {row.case_id: row.id for row in rows}


def content_of(connection: Connection, case_id: str, photo_id: str) -> bytes | None:
    """Return a photo of a case; None where it has no such."""
    wanted = select(photos.c.bytes).where(photos.c.case_id == case_id, photos.c.id == photo_id)
    found = connection.scalar(wanted)
    return None if found is None else bytes(found)
