"""Things done to cases: each action leads one on, or is refused."""

from datetime import date, datetime, timedelta

from api.cases import clocks
from api.cases.action import Action, Actor, aware
from api.cases.calendar import MOST
from api.cases.case import Case, evolve
from api.cases.clocks import Clocks, Subject
from api.cases.deadlines import Alarm
from api.cases.errors import BadAction, NotAllowed, StaleVersion, WrongState
from api.cases.event import Event
from api.cases.rules import Rules
from api.cases.states import BACK, STAY, Way


def apply(case: Case, action: Action, who: Actor, now: datetime, rules: Rules) -> tuple[Case, Event]:
    """Do something to a case.

    Parameters
    ----------
    case
        As it is.
    action, who
        What is to be done, and by whom.
    now
        Aware. Where clocks of servers differ, an event is never dated before the one it follows.
    rules
        The tables in force.

    Returns
    -------
    tuple of Case and Event
        The case afterwards, and what its history grows by.

    Raises
    ------
    StaleVersion
        Where the case has moved on since the decision was made.
    NotAllowed, WrongState
        Where the role may not, or the state does not allow it.
    BadAction
        Where the action is unknown, lacks something, or says something it cannot.
    """
    if action.expected_version not in (None, case.version):
        raise StaleVersion(
            f"case {case.id} is at version {case.version}, not {action.expected_version}: read it again and decide anew"
        )
    at = max(aware(now), case.changed_at)
    way = rules.states.way(case.state, action.name, who.role)
    _check_parts(action, way)
    _check_meaning(case, action, way, who, at, rules)
    event = _event(case, action, way, who, at, rules)
    return evolve(case, event), event


def _check_parts(action: Action, way: Way) -> None:
    """Compare what is said with what must and may be."""
    said = action.parts()
    for part in way.needs:
        if part not in said:
            raise BadAction(f"'{action.name}' needs {part}")
    for surplus in sorted(said.difference(way.needs, way.takes, ("text",))):  # a remark is always welcome
        raise BadAction(f"'{action.name}' takes no {surplus}")
    if action.cell is not None and action.level is None:
        raise BadAction("a corrected cell needs its level")
    if way.reasons and action.reason not in way.reasons:
        raise BadAction(f"'{action.name}' needs a reason: {', '.join(way.reasons)}")
    if not way.reasons and action.reason is not None:
        raise BadAction(f"'{action.name}' takes no reason")


def _check_meaning(case: Case, action: Action, way: Way, who: Actor, at: datetime, rules: Rules) -> None:
    """Refuse what the table cannot see: other people's reports, late returns, plans that are none."""
    if who.role == "resident" and who.code != case.reporter:
        raise NotAllowed(f"'{action.name}' is for the resident who reported case {case.id}")
    if way.within_days is not None and at > rules.calendar.add(case.state_since, way.within_days, "days"):
        raise WrongState(f"'{action.name}' is too late: case {case.id} is {case.state} for over {way.within_days} days")
    if way.settled and rules.profile.settled and case.outcome not in rules.profile.settled:
        raise WrongState(f"case {case.id} is followed until it is settled: needs {' or '.join(rules.profile.settled)}")
    if action.into == case.id:
        raise BadAction(f"case {case.id} cannot be merged into itself")
    if action.name == "escalate" and action.holder == case.holder:
        raise BadAction(f"case {case.id} already lies with {case.holder}: name the cell above")
    if action.until is not None:
        _check_day(case, action.until, at, rules)


def _check_day(case: Case, until: date, at: datetime, rules: Rules) -> None:
    """Refuse dated plans that are none: a second, one that is no longer than what there is, one beyond all clocks."""
    if until > rules.calendar.day(at) + timedelta(days=MOST):
        raise BadAction(f"{until} is too far: give a day within the next {MOST}")
    if case.extended:
        raise BadAction(f"case {case.id} was extended before: it can be only once")
    if case.case_due is not None and rules.calendar.end_of(until) <= case.case_due:
        raise BadAction(f"{until} is no extension: case {case.id} is due later without it")
    if rules.calendar.end_of(until) <= at:
        raise BadAction(f"{until} is over: give a day to come")


def _event(case: Case, action: Action, way: Way, who: Actor, at: datetime, rules: Rules) -> Event:
    """Write down what an action makes of a case."""
    to = _target(case, way)
    subject = _subject(case, action, rules)
    times = _times(case, action, way, subject, at, rules)
    organisation = action.organisation or case.organisation
    return Event(
        case_id=case.id,
        number=case.version + 1,
        action=action.name,
        from_state=case.state,
        to_state=to,
        at=at,
        role=who.role,
        actor=who.code,
        reason=action.reason,
        cell_from=case.cell,
        cell_to=action.cell or case.cell,
        called_in=action.units or (),
        rating=action.rating,  # type: ignore[arg-type]  # checked by the action
        merged_into=action.into,
        reporter=None,
        category=subject.category,
        grade=subject.grade,
        organisation=organisation,
        grids=case.grids if action.organisation is None else rules.functional.of(organisation),
        holder=action.holder or action.cell or case.holder,
        level=action.level or case.level,
        unit=action.unit or case.unit,
        colour=subject.colour,
        clock=rules.states.state(to).clock,
        state_since=times.since,
        state_due=times.state_due,
        case_due=times.case_due,
        warned=_warned(case, action, way, times, at),
        plan_version=action.plan_version or case.plan_version,
        rules_version=rules.version,
    )


def _warned(case: Case, action: Action, way: Way, times: Clocks, at: datetime) -> Alarm | None:
    """Return what was told of the clocks that run afterwards."""
    if action.name == "warn":
        return action.reason  # type: ignore[return-value]  # reasons of the table
    if way.to == STAY and action.until is None:
        return case.warned
    if way.to == BACK and case.suspended is not None:
        # The clocks go on: of them it was told before the pause, unless one that had ended has time again.
        ended = any(due is not None and due <= at for due in (times.state_due, times.case_due))
        return None if case.suspended.warned == "overdue" and not ended else case.suspended.warned
    # What is overdue as a whole stays so whoever has it next: it is told once, not at every step from there on.
    late = case.warned == "overdue" and times.case_due == case.case_due is not None and case.case_due <= at
    return case.warned if late else None


def _target(case: Case, way: Way) -> str:
    """Return the state that an action leads to."""
    if way.to == BACK and case.suspended is not None:
        return case.suspended.state
    return case.state if way.to == STAY else way.to


def _subject(case: Case, action: Action, rules: Rules) -> Subject:
    """Return what the limits depend on afterwards."""
    if action.category is None and action.grade is None:
        raised = action.name == "escalate" and action.level is not None
        colour = rules.triage.raised(case.colour, action.level or "") if raised else case.colour
        return Subject(case.category, case.grade, colour)
    category = action.category or case.category
    grade = rules.categories.graded(category, action.grade)
    return Subject(category, grade, rules.triage.colour(category, grade))


def _times(case: Case, action: Action, way: Way, subject: Subject, at: datetime, rules: Rules) -> Clocks:
    """Return the clocks afterwards."""
    if action.until is not None:
        due = rules.calendar.end_of(action.until)
        return Clocks(case.state_since, due, due)
    if way.to == BACK:
        return clocks.resumed(case, at, rules)
    if way.to == STAY:
        return clocks.stayed(case)
    return clocks.entered(case, way.to, subject, at, rules)
