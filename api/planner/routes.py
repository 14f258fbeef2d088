"""Drafts over HTTP: begun, edited, talked about, submitted, reviewed, put in force."""

import tempfile
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from sqlalchemy import Connection

from api.access.roles import May, Role, Who
from api.deps import Asker, ServiceHere
from api.errors import Problem
from api.planner.bodies import (
    BeginningIn,
    ChangesOut,
    CommentIn,
    DraftIn,
    DraftOut,
    EditIn,
    EventOut,
    ReviewIn,
    TakenOut,
)
from api.planner.desk import Desk, existing, require_stage
from api.planner.telling import CellTold, told
from api.schemas import REFUSALS, Number
from api.store import audit, drafts, plans
from api.store.drafts import Draft, Stage
from gis.changes.compare import compare
from gis.editing.drawn import plan_of
from gis.editing.edit import Edit
from gis.editing.redrawing import Redrawing
from gis.editing.state import State
from gis.plan import write_plan

router = APIRouter(tags=["drafts"], responses=REFUSALS)
_BYTES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}},
    304: {"description": "As it was."},
}


async def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


async def _planner(who: Asker) -> Who:
    who.require_all(May.REDRAW)
    return who


DeskHere = Annotated[Desk, Depends(_desk)]
Planner = Annotated[Who, Depends(_planner)]


@router.get("/plans/{plan_id}/land", response_class=Response, responses=_BYTES, summary="The land of a plan")
def plan_land(desk: DeskHere, _: Planner, plan_id: Number, if_none_match: Annotated[str, Header()] = "") -> Response:
    """Return what the planner's page draws a plan from, in a form of its own: packed and compressed."""
    opened = desk.land(plan_id)
    headers = {"Cache-Control": "private, no-cache", "ETag": opened.etag, "X-Content-Type-Options": "nosniff"}
    if if_none_match == opened.etag:
        return Response(status_code=304, headers=headers)
    return Response(opened.sheet, headers=headers, media_type="application/octet-stream")


@router.get("/drafts", summary="The latest drafts")
def list_drafts(service: ServiceHere, _: Planner) -> list[DraftOut]:
    """Return the latest hundred drafts, the last changed first."""
    with service.database.reading() as connection:
        return [DraftOut.of(draft) for draft in drafts.latest(connection)]


@router.post("/drafts", status_code=201, summary="Begin a draft")
def begin_draft(service: ServiceHere, desk: DeskHere, who: Planner, said: DraftIn) -> DraftOut:
    """Begin to redraw a plan: by default the one in force."""
    plan_id = service.plans.current.plan_id if said.plan_id is None else said.plan_id
    # What cannot be edited is not begun.
    desk.land(plan_id)
    with service.database.writing() as connection:
        now = service.clock()
        draft = drafts.begin(connection, plan_id, said.title, owner=who.code, now=now)
        audit.note(connection, who, "begin draft", str(draft.id), now)
        return DraftOut.of(draft)


@router.get("/drafts/{number}", summary="A draft")
def draft(service: ServiceHere, _: Planner, number: Number) -> DraftOut:
    """Return where a draft stands."""
    with service.database.reading() as connection:
        return DraftOut.of(existing(drafts.find(connection, number)))


@router.get("/drafts/{number}/changes", summary="What a draft changes")
def changes(desk: DeskHere, who: Planner, number: Number) -> ChangesOut:
    """Return all that a draft changes as one edit, from its plan to where it stands."""
    with desk.open(number) as (draft, redrawing):
        edit = Edit.between(State.of(redrawing.land), redrawing.state)
        return ChangesOut(version=draft.version, edit=edit.as_record(), you=who.code)


@router.get("/drafts/{number}/state", response_class=Response, responses=_BYTES, summary="Where everything is")
def state(desk: DeskHere, _: Planner, number: Number) -> Response:
    """Return the whole state of a draft as JSON: equal states are equal byte for byte."""
    with desk.open(number) as (_draft, redrawing):
        return Response(redrawing.state.text(), media_type="application/octet-stream")


@router.get("/drafts/{number}/cells", summary="The cells of a draft")
def cells(desk: DeskHere, _: Planner, number: Number) -> list[CellTold]:
    """Return households and problems of all cells."""
    with desk.open(number) as (_draft, redrawing):
        return told(redrawing, redrawing.state.cells)


@router.get("/drafts/{number}/events", summary="What happened to a draft")
def events(
    service: ServiceHere, _: Planner, number: Number, after: Annotated[Number, Query(description="Only later.")] = 0
) -> list[EventOut]:
    """Return edits, conflicts, comments and stages in their order."""
    with service.database.reading() as connection:
        existing(drafts.find(connection, number))
        return [EventOut.of(event) for event in drafts.events_after(connection, number, after)]


@router.post("/drafts/{number}/edits", status_code=201, summary="Edit a draft")
def edit(desk: DeskHere, who: Planner, number: Number, said: EditIn) -> TakenOut:
    """Take an edit if the cells go on covering the area exactly, or refuse it whole.

    What begins where things no longer are is refused with 409; the conflict stands among the events.
    """
    taken = desk.edit(who, number, said.key, said.edit())
    with desk.open(number) as (_draft, redrawing):
        here = {*taken.touched.cells, *taken.touched.above} & redrawing.state.cells.keys()
        return TakenOut(version=taken.event.number, cells=told(redrawing, here))


@router.post("/drafts/{number}/comments", status_code=201, summary="Comment on a draft")
def comment(service: ServiceHere, who: Planner, number: Number, said: CommentIn) -> EventOut:
    """Say something of a draft, or of a place in it."""
    with service.database.writing() as connection:
        draft = existing(drafts.find(connection, number, hold=True))
        known = drafts.event_of(connection, number, said.key)
        record = {"text": said.text, "atom": said.atom}
        now = service.clock()
        return EventOut.of(
            known or drafts.add_event(connection, draft, "comment", record, key=said.key, by=who.code, now=now)
        )


@router.get("/drafts/{number}/comparison", summary="A draft beside its plan")
def comparison(desk: DeskHere, _: Planner, number: Number) -> dict[str, Any]:
    """Return what a draft keeps, splits, merges and moves, level by level and cell by cell."""
    with desk.open(number) as (_draft, redrawing):
        found = compare(redrawing.land.plan, plan_of(redrawing))
    changed = found.table()[(found.cells["status"] != "kept").to_numpy()]
    rows = changed.astype(object).where(changed.notna(), None).to_dict("records")
    return found.summary() | {"cells": rows}


@router.post("/drafts/{number}/submission", status_code=201, summary="Submit a draft")
def submit(service: ServiceHere, desk: DeskHere, who: Planner, number: Number) -> DraftOut:
    """Make a plan of a draft, prove it, keep it, and ask for a second pair of eyes."""
    with desk.open(number) as (draft, redrawing):
        require_stage(draft, Stage.OPEN)
        content, plan = _made(redrawing)
    with service.database.writing() as connection:
        now = service.clock()
        held = existing(drafts.find(connection, number, hold=True))
        require_stage(held, Stage.OPEN)
        if held.version != draft.version:
            raise Problem(409, "the draft has changed while its plan was made: submit it again")
        record = plans.keep(connection, plan, content, by=who, now=now)
        return _go(service, connection, held, who, Stage.SUBMITTED, record.id)


@router.post("/drafts/{number}/review", status_code=201, summary="Review a draft")
def review(service: ServiceHere, who: Planner, number: Number, said: ReviewIn) -> DraftOut:
    """Approve a submitted draft, or give it back to be edited; its owner alone may not approve it."""
    with service.database.writing() as connection:
        draft = existing(drafts.find(connection, number, hold=True))
        require_stage(draft, Stage.SUBMITTED)
        if said.verdict == "return":
            return _go(service, connection, draft, who, Stage.OPEN, None, said.text)
        if who.code == draft.owner and who.role is not Role.ADMINISTRATOR:
            raise Problem(403, "a draft is approved by somebody else than its owner")
        return _go(service, connection, draft, who, Stage.APPROVED, draft.made_plan_id, said.text)


@router.post("/drafts/{number}/activation", status_code=201, summary="Put a draft in force")
def activate(service: ServiceHere, who: Planner, number: Number, beginning: BeginningIn) -> DraftOut:
    """Put the plan that was made of an approved draft in force, unless another came in force meanwhile."""
    who.require_all(May.ACTIVATE_PLANS)
    with service.database.reading() as connection:
        draft = existing(drafts.find(connection, number))
        require_stage(draft, Stage.APPROVED)
        assert draft.made_plan_id is not None  # noqa: S101 (approved)
        service.plans.open(connection, draft.made_plan_id)
    with service.database.writing() as connection:
        plans.wait_for_reports(connection)
        now = service.clock()
        held = existing(drafts.find(connection, number, hold=True))
        require_stage(held, Stage.APPROVED)
        before = plans.in_force(connection, now)
        if before is not None and before.plan_id != held.plan_id:
            raise Problem(409, f"plan {before.version} came in force meanwhile: bring the draft up to date")
        plans.activate(connection, draft.made_plan_id, by=who, now=now, begins=beginning.begins)
        return _go(service, connection, held, who, Stage.ACTIVE, draft.made_plan_id)


@router.delete("/drafts/{number}", summary="Discard a draft")
def discard(service: ServiceHere, who: Planner, number: Number) -> DraftOut:
    """Put a draft away that is not in force; what happened to it stays."""
    with service.database.writing() as connection:
        draft = existing(drafts.find(connection, number, hold=True))
        if draft.state is Stage.ACTIVE:
            raise Problem(409, "the draft is in force")
        if who.code != draft.owner and who.role is not Role.ADMINISTRATOR:
            raise Problem(403, "a draft is put away by its owner, or an administrator")
        return _go(service, connection, draft, who, Stage.DISCARDED, draft.made_plan_id)


def _made(redrawing: Redrawing) -> tuple[bytes, Any]:
    """Make the plan of a draft and prove it as one that came from outside."""
    with tempfile.TemporaryDirectory(prefix="wangge-") as folder:
        path = Path(folder) / "plan.gpkg"
        write_plan(plan_of(redrawing), path)
        return path.read_bytes(), plans.prove(path)


def _go(
    service: ServiceHere, connection: Connection, draft: Draft, who: Who, stage: Stage, made: int | None, text: str = ""
) -> DraftOut:
    now = service.clock()
    key = f"stage-{draft.version + 1}"
    record = {"stage": stage, "text": text, "plan_id": made}
    drafts.add_event(connection, draft, "stage", record, key=key, by=who.code, now=now)
    drafts.set_stage(connection, draft, stage, made)
    audit.note(connection, who, f"draft {stage}", str(draft.id), now)
    return DraftOut.of(existing(drafts.find(connection, draft.id)))
