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
        held = existing(drafts.find(connection, number, hold=True))
        _require_owner(held, who, "carried over")
        if held.version != draft.version or held.state is Stage.DISCARDED:
            raise Problem(409, "the draft has changed meanwhile, or was put away: look at it again")
        now = service.clock()
        made = drafts.begin(connection, now_in_force, draft.title, owner=draft.owner, now=now)
        for kind, parts in (("edit", taken), ("conflict", late)):
            for part in parts:
                made = existing(drafts.find(connection, made.id))
                key = f"carried:{made.version + 1}"
                record = part.as_record() | ({"late": len(part.steps)} if kind == "conflict" else {})
                drafts.add_event(connection, made, kind, record, key=key, by=who.code, now=now)
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
    """Approve a submitted draft, or give it back to be edited; who drew it may not approve it, but administrators."""
    with service.database.writing() as connection:
        draft = existing(drafts.find(connection, number, hold=True))
        require_stage(draft, Stage.SUBMITTED)
        if said.made_plan_id not in (None, draft.made_plan_id):
            raise Problem(409, "the draft was changed and submitted anew meanwhile: look at it again")
        if said.verdict == "return":
            return _go(service, connection, draft, who, Stage.OPEN, None, said.text)
        drew = {draft.owner, *drafts.editors(connection, number)}
        if who.code in drew and who.role is not Role.ADMINISTRATOR:
            raise Problem(403, "a draft is approved by somebody else than its owner and those who edited it")
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
        # Those that are still to begin count, too: what is put in force now would be undone by them, unseen.
        later = [each for each in plans.generations(connection)[-1:] if each.plan_id != held.plan_id]
        for each in later:
            when = (
                "came in force meanwhile" if each.begins <= now else f"comes in force at {each.begins:%Y-%m-%d %H:%M}Z"
            )
            raise Problem(409, f"plan {each.version} {when}: carry the draft over to it")
        plans.activate(connection, draft.made_plan_id, by=who, now=now, begins=beginning.begins)
        return _go(service, connection, held, who, Stage.ACTIVE, draft.made_plan_id)


@router.delete("/drafts/{number}", summary="Discard a draft")
def discard(service: ServiceHere, who: Planner, number: Number) -> DraftOut:
    """Put a draft away that is not in force; what happened to it stays."""
    with service.database.writing() as connection:
        draft = existing(drafts.find(connection, number, hold=True))
        if draft.state in (Stage.ACTIVE, Stage.DISCARDED):
            raise Problem(409, f"the draft is {draft.state}")
        _require_owner(draft, who, "put away")
        return _go(service, connection, draft, who, Stage.DISCARDED, draft.made_plan_id)


def _require_owner(draft: Draft, who: Who, done: str) -> None:
    if who.code != draft.owner and who.role is not Role.ADMINISTRATOR:
        raise Problem(403, f"a draft is {done} by its owner, or an administrator")


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
