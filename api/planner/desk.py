"""Drafts at hand: each opened once in a worker, and brought up to date with what others did to it."""

import hashlib
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection

from api.access.roles import Who
from api.errors import Problem
from api.planner.sheet import sheet_of
from api.service import Service
from api.store import drafts, plans
from api.store.drafts import Draft, Event, Stage
from gis.editing.edit import Edit
from gis.editing.land import Land
from gis.editing.redrawing import ConflictError, Redrawing, Touched
from gis.errors import GisError
from gis.plan import read_plan
from maps.packing import compressed

# What stays open in a worker: the land of so many plans, and so many drafts.
_LANDS, _DRAFTS = 3, 16
_Held = TypeVar("_Held")


class OpenLand:
    """The land of a plan, laid once, when it is asked for first.

    Parameters
    ----------
    file
        Returns the file of the plan.
    """

    def __init__(self, file: Callable[[], bytes]) -> None:
        self._file = file
        self._lock = threading.RLock()

    @property
    def land(self) -> Land:
        """What the plan divides.

        Raises
        ------
        InputError
            Where there is no such plan, or it cannot be edited.
        """
        with self._lock:
            return self._land

    @property
    def sheet(self) -> bytes:
        """What the page draws it from."""
        with self._lock:
            return self._sheet

    @cached_property
    def etag(self) -> str:
        """Name of the sheet's bytes."""
        return f'"{hashlib.sha256(self.sheet).hexdigest()[:32]}"'

    @cached_property
    def _land(self) -> Land:
        return _laid(self._file())

    @cached_property
    def _sheet(self) -> bytes:
        return compressed(sheet_of(self._land))


@dataclass
class _OpenDraft:
    land: OpenLand
    redrawing: Redrawing | None = None
    number: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True)
class Taken:
    """An edit that was taken: the event it became, and what it touched."""

    event: Event
    touched: Touched


class Desk:
    """The drafts of a database, as one worker has them open.

    Parameters
    ----------
    service
        Of the worker.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._lands: OrderedDict[int, OpenLand] = OrderedDict()
        self._drafts: OrderedDict[int, _OpenDraft] = OrderedDict()
        # Held for a look only: nobody waits while the land of another plan is laid.
        self._looking = threading.Lock()

    def land(self, plan_id: int) -> OpenLand:
        """Return the land of a plan, laid or still to be laid."""
        with self._looking:
            return _kept(self._lands, plan_id, OpenLand(partial(self._file, plan_id)), _LANDS)

    def plan_in_force(self) -> int:
        """Return the number of the plan in force now; a worker's own knowledge of it may be a second old.

        Raises
        ------
        Problem
            503 where there is none yet.
        """
        with self._service.database.reading() as connection:
            found = plans.in_force(connection, self._service.clock())
        return self._service.plans.current.plan_id if found is None else found.plan_id

    def look_ahead(self) -> None:
        """Lay the land of the plan in force; whoever asks for it is told what is wrong with it."""
        with suppress(GisError, Problem):
            _ = self.land(self.plan_in_force()).sheet

    @contextmanager
    def open(self, number: int) -> Iterator[tuple[Draft, Redrawing]]:
        """Open a draft as it is now, for as long as the block runs.

        Raises
        ------
        Problem
            404 where there is none.
        """
        with self._held(number) as (opened, redrawing), self._service.database.reading() as connection:
            draft = existing(drafts.find(connection, number))
            _catch_up(connection, number, opened, redrawing)
            # The draft was read a moment before its events.
            yield replace(draft, version=opened.number), redrawing

    def edit(self, who: Who, number: int, key: str, edit: Edit) -> Taken:
        """Take an edit, once however often it is sent, and keep it.

        Raises
        ------
        Problem
            404 where there is no such draft, 409 where it is not open, or things are no longer where the edit begins.
        RefusedError
            Where it would break a rule.
        """
        conflict: Event | None = None
        with self._held(number) as (opened, redrawing):
            with self._service.database.writing() as connection:
                draft = existing(drafts.find(connection, number, hold=True))
                _catch_up(connection, number, opened, redrawing)
                known = drafts.event_of(connection, number, key)
                if known is None:
                    require_stage(draft, Stage.OPEN)
                    kind, record, touched = _tried(redrawing, edit)
                    now = self._service.clock()
                    known = drafts.add_event(connection, draft, kind, record, key=key, by=who.code, now=now)
                    opened.number = known.number
                else:
                    require_same(known, ("edit", "conflict"), who, same=Edit.of_record(known.record) == edit)
                    touched = Touched(frozenset(), frozenset(), frozenset())
            conflict = known if known.kind == "conflict" else None
        if conflict is not None:
            raise Problem(409, f"conflict {conflict.number}: somebody else has moved {conflict.record['late']} of this")
        return Taken(known, touched)

    @contextmanager
    def _held(self, number: int) -> Iterator[tuple[_OpenDraft, Redrawing]]:
        opened = self._opened(number)
        with opened.lock:
            if opened.redrawing is None:
                opened.number, opened.redrawing = 0, Redrawing(opened.land.land)
            try:
                yield opened, opened.redrawing
            except (Problem, GisError):
                raise
            except BaseException:
                # What is in memory may be ahead of what was kept: opened anew when it is asked for again.
                opened.redrawing = None
                raise

    def _opened(self, number: int) -> _OpenDraft:
        with self._looking:
            found = self._drafts.get(number)
        if found is None:
            with self._service.database.reading() as connection:
                draft = existing(drafts.find(connection, number))
            found = _OpenDraft(self.land(draft.plan_id))
        with self._looking:
            return _kept(self._drafts, number, found, _DRAFTS)

    def _file(self, plan_id: int) -> bytes:
        with self._service.database.reading() as connection:
            return plans.file_of(connection, plan_id)


def _catch_up(connection: Connection, number: int, opened: _OpenDraft, redrawing: Redrawing) -> None:
    """Take what other workers took."""
    news = drafts.events_after(connection, number, opened.number)
    redrawing.follow(Edit.of_record(event.record) for event in news if event.kind == "edit")
    if news:
        opened.number = news[-1].number


def _kept(held: "OrderedDict[int, _Held]", key: int, new: _Held, most: int) -> _Held:
    """Return what is held by a number, else keep what is new; what was asked for longest ago makes room."""
    found = held.setdefault(key, new)
    held.move_to_end(key)
    while len(held) > most:
        held.popitem(last=False)
    return found


def existing(draft: Draft | None) -> Draft:
    """Return a draft that is there.

    Raises
    ------
    Problem
        404 where it is not.
    """
    if draft is None:
        raise Problem(404, "no such draft")
    return draft


def require_stage(draft: Draft, stage: Stage) -> None:
    """Refuse what a draft is not ready for.

    Raises
    ------
    Problem
        409 where it stands elsewhere.
    """
    if draft.state is not stage:
        raise Problem(409, f"the draft is {draft.state}, not {stage}")


def require_same(known: Event, kinds: Collection[str], who: Who, *, same: bool) -> None:
    """Refuse a key under which something else was sent.

    Raises
    ------
    Problem
        409 where it was of another kind or content, or somebody else's.
    """
    if known.kind not in kinds or known.by != who.code or not same:
        raise Problem(409, "something else was sent with this key: each edit and each comment has its own")


def _tried(redrawing: Redrawing, edit: Edit) -> tuple[str, dict[str, Any], Touched]:
    """Take an edit, or return the conflict it came to."""
    try:
        touched = redrawing.apply(edit)
    except ConflictError as late:
        record = edit.as_record() | {"late": len(late.steps), "steps": [list(step[:2]) for step in late.steps]}
        return "conflict", record, Touched(frozenset(), frozenset(), frozenset())
    return "edit", edit.as_record(), touched


def _laid(content: bytes) -> Land:
    with tempfile.TemporaryDirectory(prefix="wangge-") as folder:
        path = Path(folder) / "plan.gpkg"
        path.write_bytes(content)
        return Land.of(read_plan(path))
