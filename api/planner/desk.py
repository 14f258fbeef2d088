"""Drafts at hand: each opened once in a worker, and brought up to date with what others did to it."""

import hashlib
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from api.access.roles import Who
from api.errors import Problem
from api.planner.sheet import sheet_of
from api.service import Service
from api.store import drafts, plans
from api.store.drafts import Draft, Event, Stage
from gis.editing.edit import Edit
from gis.editing.land import Land
from gis.editing.redrawing import ConflictError, Redrawing, RefusedError, Touched
from gis.plan import read_plan
from maps.packing import compressed

# What stays open in a worker: the land of so many plans, and so many drafts.
_LANDS, _DRAFTS = 3, 16


@dataclass(frozen=True)
class OpenLand:
    """The land of a plan, laid once."""

    land: Land

    @cached_property
    def sheet(self) -> bytes:
        """What the page draws it from."""
        return compressed(sheet_of(self.land))

    @cached_property
    def etag(self) -> str:
        """Name of the sheet's bytes."""
        return f'"{hashlib.sha256(self.sheet).hexdigest()[:32]}"'


@dataclass
class _OpenDraft:
    redrawing: Redrawing
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
        self._opening = threading.RLock()

    def land(self, plan_id: int) -> OpenLand:
        """Lay the land of a plan, once.

        Raises
        ------
        InputError
            Where there is no such plan, or it cannot be edited.
        """
        with self._opening:
            if plan_id not in self._lands:
                with self._service.database.reading() as connection:
                    content = plans.file_of(connection, plan_id)
                self._lands[plan_id] = OpenLand(_laid(content))
            self._lands.move_to_end(plan_id)
            while len(self._lands) > _LANDS:
                self._lands.popitem(last=False)
            return self._lands[plan_id]

    @contextmanager
    def open(self, number: int) -> Iterator[tuple[Draft, Redrawing]]:
        """Open a draft as it is now, for as long as the block runs.

        Raises
        ------
        Problem
            404 where there is none.
        """
        with self._held(number) as opened, self._service.database.reading() as connection:
            draft = existing(drafts.find(connection, number))
            self._catch_up(connection, number, opened)
            yield draft, opened.redrawing

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
        with self._held(number) as opened:
            try:
                with self._service.database.writing() as connection:
                    draft = existing(drafts.find(connection, number, hold=True))
                    self._catch_up(connection, number, opened)
                    known = drafts.event_of(connection, number, key)
                    if known is None:
                        require_stage(draft, Stage.OPEN)
                        kind, record, touched = _tried(opened.redrawing, edit)
                        now = self._service.clock()
                        known = drafts.add_event(connection, draft, kind, record, key=key, by=who.code, now=now)
                        opened.number = known.number
                    else:
                        touched = Touched(frozenset(), frozenset(), frozenset())
            except (Problem, RefusedError):
                raise
            except BaseException:
                # What is in memory may be ahead of what was kept: opened anew when it is asked for again.
                self._drafts.pop(number, None)
                raise
            conflict = known if known.kind == "conflict" else None
        if conflict is not None:
            raise Problem(409, f"conflict {conflict.number}: somebody else has moved {conflict.record['late']} of this")
        return Taken(known, touched)

    @contextmanager
    def _held(self, number: int) -> Iterator[_OpenDraft]:
        with self._opening:
            opened = self._drafts.get(number)
            if opened is None:
                with self._service.database.reading() as connection:
                    draft = existing(drafts.find(connection, number))
                opened = self._drafts[number] = _OpenDraft(Redrawing(self.land(draft.plan_id).land))
            self._drafts.move_to_end(number)
            while len(self._drafts) > _DRAFTS:
                self._drafts.popitem(last=False)
        with opened.lock:
            yield opened

    def _catch_up(self, connection: Connection, number: int, opened: _OpenDraft) -> None:
        """Take what other workers took."""
        news = drafts.events_after(connection, number, opened.number)
        opened.redrawing.follow(Edit.of_record(event.record) for event in news if event.kind == "edit")
        if news:
            opened.number = news[-1].number


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
