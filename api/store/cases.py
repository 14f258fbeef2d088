"""Cases as they are now, with their history beside them; both are written in one transaction."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Connection, Row, Select, and_, exists, func, select

from api.cases import Case, Event, StaleVersion
from api.store.places import in_box
from api.store.tables import case_cells, case_events, case_texts, case_units, cases, contacts

# Less than any degree of latitude has: the square is never too small.
_METRES_PER_DEGREE, _POLE = 110_000.0, 0.01
# Names what those hold who end cases: any number that nothing else holds.
_ENDING = 1
_CASE, _EVENT = TypeAdapter(Case), TypeAdapter(Event)


@dataclass(frozen=True)
class Place:
    """Where a report says it is.

    Attributes
    ----------
    lon, lat
        Degrees of WGS 84; None where it has no coordinates that can be used.
    given
        What was said, as it was said: coordinates, datum, accuracy, source, code.
    routed
        How it was routed: the columns of `gis.location.sent.ANSWERS`.
    activation_id
        Of the plan by which.
    """

    lon: float | None
    lat: float | None
    given: Mapping[str, Any]
    routed: Mapping[str, Any]
    activation_id: int


@dataclass(frozen=True)
class Kept:
    """A case, where it lies, the codes from its cell up to the area, and when something is to be told of its clocks."""

    case: Case
    place: Place
    chain: tuple[str, ...]
    warn_at: datetime | None
    erased_at: datetime | None = None

    @property
    def codes(self) -> tuple[str, ...]:
        """Cells and functional grids that hold it: what a scope is asked against."""
        return (*self.chain, *self.case.grids)

    @property
    def units(self) -> tuple[str, ...]:
        """Who works on it: responsible, or called in."""
        return (*filter(None, [self.case.unit]), *self.case.called_in)


@dataclass(frozen=True)
class Wanted:
    """Which cases are asked for; what is None is not asked.

    Attributes
    ----------
    scope, within
        Cells or functional grids: both must hold it.
    cells
        Cells or functional grids: any must hold it.
    worker
        Code of somebody who sees the cases they work on wherever these lie.
    states, categories, ids
        Any of these.
    received, changed
        From and before; either end may be open.
    due_before
        Whose clock ends before.
    is_open
        Whether it is not over.
    box
        West, south, east, north, degrees of WGS 84.
    """

    scope: str | None = None
    worker: str | None = None
    within: str | None = None
    cells: Collection[str] | None = None
    states: Collection[str] | None = None
    categories: Collection[str] | None = None
    ids: Collection[str] | None = None
    received: tuple[datetime | None, datetime | None] = (None, None)
    changed: tuple[datetime | None, datetime | None] = (None, None)
    due_before: datetime | None = None
    is_open: bool | None = None
    box: tuple[float, float, float, float] | None = None


def add(connection: Connection, kept: Kept, event: Event) -> None:
    """Keep a new case with the first event of its history."""
    case, place = kept.case, kept.place
    row = {"id": case.id, "chain": list(kept.chain), "warn_at": kept.warn_at, **_columns(case)}
    where = {name: getattr(place, name) for name in ("lon", "lat", "activation_id")}
    connection.execute(cases.insert(), row | where | {"given": dict(place.given), "routed": dict(place.routed)})
    _hold(connection, kept)
    _note(connection, event)


def advance(connection: Connection, before: Kept, after: Kept, event: Event) -> None:
    """Keep what an event made of a case.

    Raises
    ------
    StaleVersion
        Where somebody else has acted since it was read.
    """
    case, version = after.case, before.case.version
    mine = and_(cases.c.id == case.id, cases.c.version == version)
    # What is written from now on has to be erased again.
    changed = {"chain": list(after.chain), "warn_at": after.warn_at, "erased_at": None, **_columns(case)}
    if connection.execute(cases.update().where(mine).values(changed)).rowcount != 1:
        raise StaleVersion(f"case {case.id} is no longer at version {version}: read it again and decide anew")
    if (before.codes, before.units) != (after.codes, after.units):
        for table in (case_cells, case_units):
            connection.execute(table.delete().where(table.c.case_id == case.id))
        _hold(connection, after)
    _note(connection, event)


def write(connection: Connection, case_id: str, number: int, texts: Mapping[str, str | None]) -> None:
    """Keep what people wrote with an event, by kind; blanks are nothing."""
    rows = [{"case_id": case_id, "number": number, "kind": kind, "text": said} for kind, said in texts.items() if said]
    if rows:
        connection.execute(case_texts.insert(), rows)


def keep_contact(connection: Connection, case_id: str, sealed: bytes) -> None:
    """Keep how to reach who reported a case, sealed."""
    connection.execute(contacts.insert(), {"case_id": case_id, "sealed": sealed})


def contact(connection: Connection, case_id: str) -> bytes | None:
    """Return how to reach who reported a case, sealed; None where it was not said, or is deleted."""
    found = connection.scalar(select(contacts.c.sealed).where(contacts.c.case_id == case_id))
    return None if found is None else bytes(found)


def has_any(connection: Connection) -> bool:
    """Say whether anybody has reported anything yet."""
    return bool(connection.scalar(select(exists().select_from(cases))))


def find(connection: Connection, case_id: str, *, to_change: bool = False) -> Kept | None:
    """Return a case; one that is read to be changed is kept from others until the transaction ends."""
    wanted = select(cases).where(cases.c.id == case_id)
    row = connection.execute(wanted.with_for_update() if to_change else wanted).one_or_none()
    return None if row is None else _kept(row)


def history(connection: Connection, case_id: str) -> list[Event]:
    """Return all that was done to a case."""
    wanted = select(case_events.c.record).where(case_events.c.case_id == case_id).order_by(case_events.c.number)
    return [_EVENT.validate_python(record) for record in connection.scalars(wanted)]


def texts(connection: Connection, case_ids: Collection[str]) -> dict[str, dict[int, dict[str, str]]]:
    """Return what people wrote: case → number of the event → kind → text."""
    said: dict[str, dict[int, dict[str, str]]] = {case_id: {} for case_id in case_ids}
    for row in connection.execute(select(case_texts).where(case_texts.c.case_id.in_(case_ids))):
        said[row.case_id].setdefault(row.number, {})[row.kind] = row.text
    return said


def search(connection: Connection, wanted: Wanted, *, after: str = "", limit: int = 1000) -> list[Kept]:
    """Return cases by their numbers, those after one: pages neither repeat nor skip any that was there."""
    found = narrowed(select(cases), wanted, is_sqlite=connection.dialect.name == "sqlite")
    page = found.where(cases.c.id > after).order_by(cases.c.id).limit(limit)
    return [_kept(row) for row in connection.execute(page)]


def count(connection: Connection, wanted: Wanted) -> int:
    """Count cases."""
    found = narrowed(select(func.count()).select_from(cases), wanted, is_sqlite=connection.dialect.name == "sqlite")
    return int(connection.execute(found).scalar_one())


def near(connection: Connection, kept: Kept, within_m: float, within_hours: float) -> list[Kept]:
    """Return open cases of the same category in a square around one, received not too long before or after it."""
    case, place = kept.case, kept.place
    if place.lat is None or place.lon is None:
        return []
    north = within_m / _METRES_PER_DEGREE
    east = north / max(math.cos(math.radians(place.lat)), _POLE)
    box = (place.lon - east, place.lat - north, place.lon + east, place.lat + north)
    window = timedelta(hours=within_hours)
    received = (case.received_at - window, case.received_at + window + timedelta(seconds=1))
    return search(connection, Wanted(categories=[case.category], received=received, is_open=True, box=box))


def to_warn(connection: Connection, now: datetime, limit: int) -> Sequence[str]:
    """Return of which cases there is something to tell by now, those that have waited longest first."""
    waiting = select(cases.c.id).where(cases.c.warn_at <= now).order_by(cases.c.warn_at).limit(limit)
    return connection.scalars(waiting).all()


def warn_from(connection: Connection, case_id: str, moment: datetime | None) -> None:
    """Set from when on there is something to tell of a case."""
    connection.execute(cases.update().where(cases.c.id == case_id).values(warn_at=moment))


def wait_for_ends(connection: Connection) -> None:
    """Before a case ends: wait for whoever ends another.

    Each takes along the cases that share its fate, held in an order that follows from who was merged into whom: two at
    once could wait for each other.
    """
    if connection.dialect.name != "sqlite":  # where whoever writes is alone already
        connection.execute(select(func.pg_advisory_xact_lock(_ENDING)))


def merged_into(connection: Connection, case_id: str) -> list[Kept]:
    """Return the cases that share the fate of one, to change them."""
    wanted = select(cases).where(cases.c.merged_into == case_id).order_by(cases.c.id).with_for_update()
    return [_kept(row) for row in connection.execute(wanted)]


def narrowed(found: Select[Any], wanted: Wanted, *, is_sqlite: bool) -> Select[Any]:
    """Narrow a statement about `cases` down to those that are wanted."""
    if wanted.within is not None:
        found = found.where(_held_by([wanted.within]))
    if wanted.cells is not None:
        found = found.where(_held_by(wanted.cells))
    if wanted.scope is not None:
        inside = _held_by([wanted.scope])
        found = found.where(inside if wanted.worker is None else inside | _worked_on_by(wanted.worker))
    for column, values in (
        (cases.c.state, wanted.states),
        (cases.c.category, wanted.categories),
        (cases.c.id, wanted.ids),
    ):
        if values is not None:
            found = found.where(column.in_(values))
    for column, (begin, end) in ((cases.c.received_at, wanted.received), (cases.c.changed_at, wanted.changed)):
        found = found if begin is None else found.where(column >= begin)
        found = found if end is None else found.where(column < end)
    if wanted.due_before is not None:
        found = found.where(cases.c.due_at < wanted.due_before)
    if wanted.is_open is not None:
        found = found.where(cases.c.over_at.is_(None) if wanted.is_open else cases.c.over_at.is_not(None))
    return found if wanted.box is None else found.where(in_box(wanted.box, is_sqlite=is_sqlite))


def _held_by(codes: Collection[str]) -> ColumnElement[bool]:
    return exists().where(case_cells.c.case_id == cases.c.id, case_cells.c.code.in_(codes))


def _worked_on_by(unit: str) -> ColumnElement[bool]:
    return exists().where(case_units.c.case_id == cases.c.id, case_units.c.unit == unit)


def _columns(case: Case) -> dict[str, Any]:
    names = ("version", "state", "category", "grade", "cell", "unit", "organisation", "received_at", "changed_at")
    ends = [end for end in (case.state_due, case.case_due) if end is not None]
    over = case.closed_at or (case.changed_at if case.clock == "stopped" else None)
    return {
        **{name: getattr(case, name) for name in names},
        "merged_into": case.merged_into,
        "over_at": over,
        "due_at": min(ends, default=None),
        "record": _CASE.dump_python(case, mode="json"),
    }


def _hold(connection: Connection, kept: Kept) -> None:
    for column, values in ((case_cells.c.code, kept.codes), (case_units.c.unit, kept.units)):
        rows = [{"case_id": kept.case.id, column.name: value} for value in dict.fromkeys(values)]
        if rows:
            connection.execute(column.table.insert(), rows)


def _note(connection: Connection, event: Event) -> None:
    record = _EVENT.dump_python(event, mode="json")
    connection.execute(case_events.insert(), {"case_id": event.case_id, "number": event.number, "record": record})


def _kept(row: Row[Any]) -> Kept:
    place = Place(row.lon, row.lat, row.given, row.routed, row.activation_id)
    return Kept(_CASE.validate_python(row.record), place, tuple(row.chain), row.warn_at, row.erased_at)
