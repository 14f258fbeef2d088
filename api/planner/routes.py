"""Drafts over HTTP: begun, edited, talked about, compared."""

import tempfile
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, BackgroundTasks, Body, Header, Query, Response

from api.deps import ServiceHere
from api.planner.bodies import (
    BroughtOut,
    CertificateOut,
    ChangesOut,
    CommentIn,
    DraftIn,
    DraftOut,
    EditIn,
    EventOut,
    TakenOut,
)
from api.planner.deps import DeskHere, Planner, plan_file
from api.planner.desk import existing, require_same
from api.planner.telling import CellTold, told
from api.schemas import REFUSALS, Number
from api.store import audit, drafts
from api.uploads import keep_upload
from gis.changes.compare import compare
from gis.editing.brought import brought
from gis.editing.drawn import plan_of, proof_of
from gis.editing.edit import Edit
from gis.editing.state import State

router = APIRouter(tags=["drafts"], responses=REFUSALS)
_FILE = "application/geopackage+sqlite3"
_FILE_OUT: dict[int | str, dict[str, Any]] = {
    200: {"content": {_FILE: {"schema": {"type": "string", "format": "binary"}}}}
}
_BYTES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}},
    304: {"description": "As it was."},
}


@router.get("/plans/{plan_id}/land", response_class=Response, responses=_BYTES, summary="The land of a plan")
def plan_land(desk: DeskHere, _: Planner, plan_id: Number, if_none_match: Annotated[str, Header()] = "") -> Response:
    """Return what the planner's page draws a plan from, in a form of its own: packed and compressed."""
    opened = desk.land(plan_id)
    headers = {"Cache-Control": "private, no-cache", "ETag": opened.etag, "X-Content-Type-Options": "nosniff"}
    if if_none_match == opened.etag:
        return Response(status_code=304, headers=headers)
    return Response(opened.sheet, headers=headers, media_type="application/octet-stream")


@router.get("/drafts", summary="The latest drafts")
def list_drafts(service: ServiceHere, desk: DeskHere, _: Planner, background: BackgroundTasks) -> list[DraftOut]:
    """Return the latest hundred drafts, the last changed first."""
    # A planner who looks at the list will open a draft, most likely of this plan.
    background.add_task(desk.look_ahead)
    with service.database.reading() as connection:
        return [DraftOut.of(draft) for draft in drafts.latest(connection)]


@router.post("/drafts", status_code=201, summary="Begin a draft")
def begin_draft(service: ServiceHere, desk: DeskHere, who: Planner, said: DraftIn) -> DraftOut:
    """Begin to redraw a plan: by default the one in force."""
    plan_id = desk.plan_in_force() if said.plan_id is None else said.plan_id
    # What cannot be edited is not begun.
    _ = desk.land(plan_id).land
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
        return ChangesOut(version=draft.version, edit=edit.as_record(), you=who.code, role=who.role)


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


@router.get("/drafts/{number}/certificate", summary="The proof of a draft")
def certificate(desk: DeskHere, _: Planner, number: Number) -> CertificateOut:
    """Prove anew, in whole numbers, that the cells of every level cover the area as they stand."""
    with desk.open(number) as (draft, redrawing):
        return CertificateOut(version=draft.version, **asdict(proof_of(redrawing)))


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
        if known is not None:
            require_same(known, ("comment",), who, same=known.record == record)
            return EventOut.of(known)
        return EventOut.of(drafts.add_event(connection, draft, "comment", record, key=said.key, by=who.code, now=now))


@router.get("/drafts/{number}/comparison", summary="A draft beside its plan")
def comparison(desk: DeskHere, _: Planner, number: Number) -> dict[str, Any]:
    """Return what a draft keeps, splits, merges and moves, level by level and cell by cell, and what it says anew."""
    with desk.open(number) as (_draft, redrawing):
        found = compare(redrawing.land.plan, plan_of(redrawing))
        steps = Edit.between(State.of(redrawing.land), redrawing.state).cells
    records = [
        {"code": code, "before": asdict(before), "after": asdict(after)}
        for code, before, after in steps
        if before and after and replace(before, ground=after.ground, locked=after.locked) != after
    ]
    changed = found.table()[(found.cells["status"] != "kept").to_numpy()]
    rows = changed.astype(object).where(changed.notna(), None).to_dict("records")
    return found.summary() | {"cells": rows, "records": records}


@router.get("/drafts/{number}/file", response_class=Response, responses=_FILE_OUT, summary="A draft as a plan file")
def draft_file(desk: DeskHere, _: Planner, number: Number) -> Response:
    """Return the plan that a draft amounts to now, for QGIS and other programs."""
    with desk.open(number) as (_draft, redrawing):
        return Response(plan_file(redrawing)[0], media_type=_FILE)


@router.post("/drafts/{number}/import", summary="Bring an edited plan file")
def bring(desk: DeskHere, _: Planner, number: Number, content: Annotated[bytes, Body(media_type=_FILE)]) -> BroughtOut:
    """Read a plan file that was edited elsewhere, and return what it changes, along pieces of land: to be sent."""
    with tempfile.TemporaryDirectory(prefix="wangge-") as folder:
        path = keep_upload(content, "plan.gpkg", "plan", (".gpkg",), Path(folder), len(content))
        with desk.open(number) as (_draft, redrawing):
            found = brought(redrawing, path)
            refused = redrawing.refusal(found.edit)
    return BroughtOut(edit=found.edit.as_record(), crossed=found.crossed, defects=found.defects, refused=refused)
