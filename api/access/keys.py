"""API keys: shown once when they are made, kept as hashes."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from api.access.roles import Role, Who
from api.cases import BadAction
from api.cases.action import anonymous
from api.store import audit
from api.store.tables import keys
from gis.errors import InputError

_PREFIX = "wg_"


@dataclass(frozen=True)
class KeyRecord:
    """What is known of a key, but not the key."""

    code: str
    role: Role
    scope: str | None
    made_at: datetime
    ends_at: datetime | None
    revoked_at: datetime | None


def is_key(text: str) -> bool:
    """Say whether a text is written as keys are."""
    return text.startswith(_PREFIX)


def make(connection: Connection, who: Who, *, by: Who, now: datetime, ends_at: datetime | None = None) -> str:
    """Make a key for somebody and return it: it cannot be shown again.

    Raises
    ------
    InputError
        Where the code is none, might name a person, or has a key already.
    """
    try:
        anonymous(who.code)
    except BadAction as error:
        raise InputError(str(error)) from error
    if connection.execute(select(keys.c.id).where(keys.c.id == who.code)).first():
        raise InputError(f"there is a key {who.code} already: codes are not used again")
    # 256 random bits: nothing shorter than the key itself leads back from its hash.
    key = f"{_PREFIX}{secrets.token_urlsafe(32)}"
    row = {"id": who.code, "sha256": _hash(key), "role": who.role, "scope": who.scope, "made_at": now}
    connection.execute(keys.insert().values(**row, ends_at=ends_at))
    audit.note(connection, by, "make key", who.code, now)
    return key


def owner(connection: Connection, key: str, now: datetime) -> Who | None:
    """Return whose key it is; None where it is nobody's, ended or revoked."""
    row = connection.execute(select(keys).where(keys.c.sha256 == _hash(key))).one_or_none()
    if row is None or row.revoked_at is not None or (row.ends_at is not None and row.ends_at <= now):
        return None
    return Who(row.id, Role(row.role), row.scope)


def revoke(connection: Connection, code: str, *, by: Who, now: datetime) -> bool:
    """End a key; return whether there was one to end."""
    ended = keys.update().where(keys.c.id == code, keys.c.revoked_at.is_(None)).values(revoked_at=now)
    if connection.execute(ended).rowcount == 0:
        return False
    audit.note(connection, by, "revoke key", code, now)
    return True


def all_keys(connection: Connection) -> list[KeyRecord]:
    """Return what is known of all keys."""
    rows = connection.execute(select(keys).order_by(keys.c.id)).all()
    return [KeyRecord(r.id, Role(r.role), r.scope, r.made_at, r.ends_at, r.revoked_at) for r in rows]


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
