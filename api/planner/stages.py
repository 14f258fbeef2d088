"""The way of a draft: submitted, reviewed, put in force, carried over to a later plan, put away."""

from fastapi import APIRouter
from sqlalchemy import Connection

from api.access.roles import May, Role, Who
from api.deps import ServiceHere
from api.errors import Problem
from api.planner.bodies import BeginningIn, DraftOut, ReviewIn
from api.planner.deps import DeskHere, Planner, plan_file
from api.planner.desk import existing, require_stage
from api.schemas import REFUSALS, Number
from api.store import audit, drafts, plans
from api.store.drafts import Draft, Stage
from gis.editing.carrying import carried
from gis.editing.edit import Edit
from gis.editing.redrawing import Redrawing
from gis.editing.state import State

router = APIRouter(tags=["drafts"], responses=REFUSALS)


@router.post("/drafts/{number}/renewal", status_code=201, summary="Carry a draft over to the plan in force")
def renew(service: ServiceHere, desk: DeskHere, who: Planner, number: Number) -> DraftOut:
    """Begin a draft of the plan in force with all of this one that still fits; the rest stands there as conflicts."""
    with desk.open(number) as (draft, redrawing):
        edit = Edit.between(State.of(redrawing.land), redrawing.state)
        before = redrawing.land
    now_in_force = desk.plan_in_force()
    if now_in_force == draft.plan_id:
        raise Problem(409, "the draft began with the plan in force: there is nothing to carry over")
    taken, late = carried(edit, before, Redrawing(desk.land(now_in_force).land))
    with service.database.writing() as connection:
        now = service.clock()
        made = drafts.begin(connection, now_in_force, draft.title, owner=draft.owner, now=now)
        for kind, parts in (("edit", taken), ("conflict", late)):
            for part in parts:
                made = existing(drafts.find(connection, made.id))
                key = f"carried:{made.version + 1}"
                record = part.as_record() | ({"late": len(part.steps)} if kind == "conflict" else {})
                drafts.add_event(connection, made, kind, record, key=key, by=who.code, now=now)
        held = existing(drafts.find(connection, number, hold=True))
        if held.state is not Stage.ACTIVE:
            _go(service, connection, held, who, Stage.DISCARDED, held.made_plan_id, f"carried over to draft {made.id}")
        return DraftOut.of(existing(drafts.find(connection, made.id)))


@router.post("/drafts/{number}/submission", status_code=201, summary="Submit a draft")
def submit(service: ServiceHere, desk: DeskHere, who: Planner, number: Number) -> DraftOut:
    """Make a plan of a draft, prove it, keep it, and ask for a second pair of eyes."""
    with desk.open(number) as (draft, redrawing):
        require_stage(draft, Stage.OPEN)
        content, plan = plan_file(redrawing)
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


def _go(
    service: ServiceHere, connection: Connection, draft: Draft, who: Who, stage: Stage, made: int | None, text: str = ""
) -> DraftOut:
    now = service.clock()
    # With a sign that keys sent from outside never have.
    key = f"stage:{draft.version + 1}"
    record = {"stage": stage, "text": text, "plan_id": made}
    drafts.add_event(connection, draft, "stage", record, key=key, by=who.code, now=now)
    drafts.set_stage(connection, draft, stage, made)
    audit.note(connection, who, f"draft {stage}", str(draft.id), now)
    return DraftOut.of(existing(drafts.find(connection, draft.id)))
