"""Keys, and who did what with them."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.access import keys
from api.access.roles import May, Role, Who
from api.deps import Asker, ServiceHere
from api.errors import Problem
from api.schemas import REFUSALS, Code, Moment, Number
from api.store import audit

router = APIRouter(tags=["access"], responses=REFUSALS)


class KeyIn(BaseModel):
    """Somebody who is to have a key."""

    code: Code = Field(description="Of the post or program: never a name. Not used again.", examples=["desk-2"])
    role: Role
    scope: Code | None = Field(None, description="Cell or functional grid below which it counts; none: everywhere.")
    ends_at: Moment | None = None


class KeyOut(KeyIn):
    """What is known of a key."""

    made_at: datetime
    revoked_at: datetime | None


class KeyMade(BaseModel):
    """A new key: it is shown this once."""

    key: str


class Self(BaseModel):
    """Who asks."""

    code: str
    role: Role
    scope: str | None


class Deed(BaseModel):
    """One thing that was done."""

    id: int
    at: datetime
    by: str
    role: str
    action: str
    object: str


@router.get("/me", summary="Who I am here")
async def me(who: Asker) -> Self:
    """Return code, role and scope of the asker."""
    return Self(code=who.code, role=who.role, scope=who.scope)


@router.get("/keys", summary="All keys")
def list_keys(service: ServiceHere, who: Asker) -> list[KeyOut]:
    """Return what is known of all keys; the keys themselves are known to nobody but their owners."""
    who.require_all(May.MANAGE_KEYS)
    with service.database.reading() as connection:
        return [KeyOut.model_validate(each.__dict__) for each in keys.all_keys(connection)]


@router.post("/keys", status_code=201, summary="Make a key")
def make_key(service: ServiceHere, who: Asker, given: KeyIn) -> KeyMade:
    """Make a key and show it once: only its hash is kept."""
    who.require_all(May.MANAGE_KEYS)
    owner = Who(given.code, given.role, given.scope)
    with service.database.writing() as connection:
        made = keys.make(connection, owner, by=who, now=service.clock(), ends_at=given.ends_at)
    return KeyMade(key=made)


@router.delete("/keys/{code}", status_code=204, summary="Revoke a key")
def revoke_key(service: ServiceHere, who: Asker, code: Code) -> None:
    """Revoke a key: within seconds it counts nowhere."""
    who.require_all(May.MANAGE_KEYS)
    with service.database.writing() as connection:
        if not keys.revoke(connection, code, by=who, now=service.clock()):
            raise Problem(404, "no such key, or it is revoked already")


@router.get("/audit", summary="Who did what")
def read_audit(
    service: ServiceHere,
    who: Asker,
    after: Number = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> list[Deed]:
    """Return what was done to plans, keys, units, jobs and contacts, by codes, those after a number."""
    who.require_all(May.READ_AUDIT)
    with service.database.reading() as connection:
        return [Deed.model_validate(each.__dict__) for each in audit.deeds(connection, after=after, limit=limit)]
