"""Drafts of plans: who redraws what, and everything that happened to it, in its order."""

from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, select

from api.store.tables import draft_events, drafts


class Stage(StrEnum):
    """Where a draft stands."""

    OPEN = "open"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    ACTIVE = "active"
    DISCARDED = "discarded"


@dataclass(frozen=True)
class Draft:
    """A plan that is being redrawn.

    Attributes
    ----------
    id, title, owner
        Its number, what it is called, and the code of who began it.
    plan_id
        The plan it began with.
    state
        Where it stands.
    version
        Number of its last event.
    made_at, changed_at
    made_plan_id
        The plan that was made of it when it was last submitted.
    """

    id: int
    plan_id: int
    title: str
    owner: str
    state: Stage
    version: int
    made_at: datetime
    changed_at: datetime
    made_plan_id: int | None


@dataclass(frozen=True)
class Event:
    """Something that happened to a draft: `edit`, `conflict`, `comment` or `stage`."""

    number: int
    key: str
    kind: str
    by: str
    at: datetime
    record: dict[str, Any]


def begin(connection: Connection, plan_id: int, title: str, *, owner: str, now: datetime) -> Draft:
    """Begin a draft of a plan."""
    row = {"plan_id": plan_id, "title": title, "owner": owner, "state": Stage.OPEN, "version": 0}
    made = drafts.insert().values(**row, made_at=now, changed_at=now).returning(*drafts.c)
    return _draft(connection.execute(made).one())


def find(connection: Connection, number: int, *, hold: bool = False) -> Draft | None:
    """Return one draft; `hold` it to let nobody else change it until the transaction ends."""
    wanted = select(drafts).where(drafts.c.id == number)
    row = connection.execute(wanted.with_for_update() if hold else wanted).one_or_none()
    return None if row is None else _draft(row)


def latest(connection: Connection, limit: int = 100) -> list[Draft]:
    """Return the latest drafts, the last changed first."""
    wanted = select(drafts).order_by(drafts.c.changed_at.desc(), drafts.c.id.desc()).limit(limit)
    return [_draft(row) for row in connection.execute(wanted)]


def add_event(
    connection: Connection, draft: Draft, kind: str, record: dict[str, Any], *, key: str, by: str, now: datetime
) -> Event:
    """Add what happened to a draft that is held."""
    event = Event(draft.version + 1, key, kind, by, now, record)
    connection.execute(draft_events.insert().values(draft_id=draft.id, **event.__dict__))
    here = drafts.update().where(drafts.c.id == draft.id)
    connection.execute(here.values(version=event.number, changed_at=now))
    return event


def set_stage(connection: Connection, draft: Draft, stage: Stage, made_plan_id: int | None = None) -> None:
    """Say where a draft stands now, and what was made of it."""
    here = drafts.update().where(drafts.c.id == draft.id)
    connection.execute(here.values(state=stage, made_plan_id=made_plan_id))


def events_after(connection: Connection, number: int, after: int, kind: str | None = None) -> list[Event]:
    """Return what happened to a draft after an event, of one kind or of all."""
    wanted = select(draft_events).where(draft_events.c.draft_id == number, draft_events.c.number > after)
    if kind is not None:
        wanted = wanted.where(draft_events.c.kind == kind)
    return [_event(row) for row in connection.execute(wanted.order_by(draft_events.c.number))]


def editors(connection: Connection, number: int) -> set[str]:
    """Return the codes of those who edited a draft."""
    wanted = select(draft_events.c.by).where(draft_events.c.draft_id == number, draft_events.c.kind == "edit")
    return set(connection.execute(wanted.distinct()).scalars())


def event_of(connection: Connection, number: int, key: str) -> Event | None:
    """Return what was sent with this key."""
    wanted = select(draft_events).where(draft_events.c.draft_id == number, draft_events.c.key == key)
    row = connection.execute(wanted).one_or_none()
    return None if row is None else _event(row)


def _draft(row: Row[Any]) -> Draft:
    said = {each.name: getattr(row, each.name) for each in fields(Draft)}
    return Draft(**said | {"state": Stage(row.state)})


def _event(row: Row[Any]) -> Event:
    return Event(**{each.name: getattr(row, each.name) for each in fields(Event)})
