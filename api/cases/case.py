"""A case and its history: what a case is follows from its events alone."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from api.cases.deadlines import Alarm
from api.cases.errors import CaseError
from api.cases.event import REPORT, Event, Rating
from api.cases.states import WholeClock
from api.cases.triage import Colour


@dataclass(frozen=True)
class Suspended:
    """What a case left when its clocks were paused: state, since when, what was due then, and what was told of it."""

    state: str
    since: datetime
    state_due: datetime | None
    case_due: datetime | None
    warned: Alarm | None = None


@dataclass(frozen=True)
class Case:
    """A report and what has become of it.

    Attributes
    ----------
    id, version
        Its name, and the number of its events.
    category, grade, colour
        What it is about, how grave, and who can solve it.
    state, clock
        Where it stands, and what its clock does there; it is open unless that is `stopped`.
    cell
        Code of the cell where the matter lies: a leaf, or one above.
    holder, level
        Code and level of the cell that has it in hand now: the same, or one above after an escalation.
    unit, called_in
        Codes of who is responsible, and of who was called in besides.
    organisation, grids
        Code of the organisation it is about, and of its functional and trade grids.
    reporter
        Code of who reported it; None where that is not kept.
    received_at, changed_at, state_since, closed_at
        Instants.
    case_since
        When the clock of the whole case began: with the report, or when it was opened again.
    state_due, case_due
        When its running clocks end; None where they are paused or stopped, or have no limit.
    warned
        What was told of the present clocks.
    paused_s
        Seconds for which the reporter was waited for.
    suspended
        Where it goes on from after a pause.
    merged_into
        The case whose fate it shares.
    escalated, reopened
        How often.
    extended
        Whether its one dated plan is used up.
    satisfaction, outcome
        The reporter's rating, and what following up found.
    on_time
        Whether it was closed before the end of its time; None where it is not closed or had no limit.
    plan_version
        Of the plan its cell is from.
    """

    id: str
    version: int
    category: str
    grade: str
    colour: Colour
    state: str
    clock: WholeClock
    cell: str
    holder: str
    level: str
    received_at: datetime
    changed_at: datetime
    state_since: datetime
    case_since: datetime
    state_due: datetime | None = None
    case_due: datetime | None = None
    closed_at: datetime | None = None
    unit: str | None = None
    called_in: tuple[str, ...] = ()
    organisation: str | None = None
    grids: tuple[str, ...] = ()
    reporter: str | None = None
    warned: Alarm | None = None
    paused_s: float = 0
    suspended: Suspended | None = None
    merged_into: str | None = None
    escalated: int = 0
    reopened: int = 0
    extended: bool = False
    satisfaction: Rating | None = None
    outcome: str | None = None
    on_time: bool | None = None
    plan_version: str | None = None


def replay(events: Iterable[Event]) -> Case:
    """Make a case from its history.

    Raises
    ------
    CaseError
        Where events are missing, out of order, or of several cases.
    """
    case: Case | None = None
    for event in events:
        case = evolve(case, event)
    if case is None:
        raise CaseError("no events: a history begins with a report")
    return case


def evolve(case: Case | None, event: Event) -> Case:
    """Return the case after an event.

    Raises
    ------
    CaseError
        Where the event does not follow.
    """
    if case is None:
        return _opened(event)
    if (event.case_id, event.number, event.from_state) != (case.id, case.version + 1, case.state):
        raise CaseError(
            f"event {event.number} of case {event.case_id} does not follow event {case.version} of {case.id}"
        )
    return _marked(_timed(_copied(case, event), case, event), case, event)


def _opened(event: Event) -> Case:
    """Return the case that a report begins."""
    if event.number != 1 or event.action != REPORT:
        raise CaseError(f"case {event.case_id}: its history begins with event {event.number}, not with its report")
    return Case(
        id=event.case_id,
        version=1,
        category=event.category,
        grade=event.grade,
        colour=event.colour,
        state=event.to_state,
        clock=event.clock,
        cell=event.cell_to,
        holder=event.holder,
        level=event.level,
        received_at=event.at,
        changed_at=event.at,
        state_since=event.at,
        case_since=event.at,
        state_due=event.state_due,
        case_due=event.case_due,
        organisation=event.organisation,
        grids=event.grids,
        reporter=event.reporter,
        plan_version=event.plan_version,
    )


def _copied(case: Case, event: Event) -> Case:
    """Take over what the event says of the case."""
    return replace(
        case,
        version=event.number,
        category=event.category,
        grade=event.grade,
        colour=event.colour,
        state=event.to_state,
        clock=event.clock,
        cell=event.cell_to,
        holder=event.holder,
        level=event.level,
        changed_at=event.at,
        state_since=event.state_since,
        case_since=event.at if case.clock == "stopped" and event.clock == "runs" else case.case_since,
        state_due=event.state_due,
        case_due=event.case_due,
        unit=event.unit,
        called_in=tuple(dict.fromkeys((*case.called_in, *event.called_in))),
        organisation=event.organisation,
        grids=event.grids,
        warned=event.warned,
        merged_into=event.merged_into or case.merged_into,
        plan_version=event.plan_version,
    )


def _timed(after: Case, case: Case, event: Event) -> Case:
    """Keep what a pause leaves, and add up what it took."""
    if case.clock != "paused" and event.clock == "paused":
        left = Suspended(case.state, case.state_since, case.state_due, case.case_due, case.warned)
        return replace(after, suspended=left)
    if case.clock == "paused" and event.clock != "paused":
        taken = (event.at - case.state_since).total_seconds()
        return replace(after, suspended=None, paused_s=case.paused_s + taken)
    return after


def _marked(after: Case, case: Case, event: Event) -> Case:
    """Count and keep what single actions mean."""
    marks: dict[str, dict[str, Any]] = {
        "escalate": {"escalated": case.escalated + 1},
        "extend": {"extended": True},
        "feed_back": {"satisfaction": event.rating},
        "follow_up": {"outcome": event.reason},
        "close": {
            "closed_at": event.at,
            "on_time": None if case.case_due is None else event.at <= case.case_due,
        },
        "reopen": {
            "reopened": case.reopened + 1,
            "satisfaction": None,
            "outcome": None,
            "closed_at": None,
            "on_time": None,
            "merged_into": None,
        },
    }
    return replace(after, **marks.get(event.action, {}))
