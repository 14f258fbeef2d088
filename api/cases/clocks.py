"""The two clocks of a case, its state's and its own: when they end after an action."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from api.cases.calendar import Span
from api.cases.case import Case
from api.cases.deadlines import Alarm, Clock
from api.cases.rules import Rules
from api.cases.triage import Colour

_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Subject:
    """What a limit depends on."""

    category: str
    grade: str
    colour: Colour


@dataclass(frozen=True)
class Clocks:
    """Since when a case is in its state, and when its clocks end."""

    since: datetime
    state_due: datetime | None
    case_due: datetime | None


def limit(state: str, subject: Subject, rules: Rules) -> tuple[Clock, Span] | None:
    """Return the clock that runs in a state, and its limit; None where it has none."""
    row = rules.profile.row(subject.category, subject.grade)
    for clock in rules.states.state(state).waits_for:
        found = row.limit(clock)
        if found is None and clock == "handle":
            found = rules.triage.limits[subject.colour]
        if found is not None:
            return clock, found
    return None


def begun(state: str, subject: Subject, at: datetime, rules: Rules) -> datetime | None:
    """Return when a state that is reached now is due."""
    found = limit(state, subject, rules)
    return None if found is None else rules.calendar.add(at, *found[1])


def whole(subject: Subject, at: datetime, rules: Rules) -> datetime | None:
    """Return when a case that begins now is due."""
    found = rules.profile.row(subject.category, subject.grade).case
    return None if found is None else rules.calendar.add(at, *found)


def stayed(case: Case) -> Clocks:
    """Return the clocks where the state stays: as they were."""
    return Clocks(case.state_since, case.state_due, case.case_due)


def entered(case: Case, state: str, subject: Subject, at: datetime, rules: Rules) -> Clocks:
    """Return the clocks of a case that comes to a state by an action."""
    match rules.states.state(state).clock:
        case "stopped":
            return Clocks(at, None, None)
        case "paused":
            return Clocks(at, begun(state, subject, at, rules), None)
        case _:
            return Clocks(at, _state_due(case, state, subject, at, rules), _case_due(case, subject, at, rules))


def resumed(case: Case, at: datetime, rules: Rules) -> Clocks:
    """Return the clocks of a case that goes back to where it was paused: moved on by what the pause took."""
    if case.suspended is None:
        raise AssertionError(case.id)  # the table of states allows the way back from pauses only
    before = case.suspended
    running = limit(before.state, _subject(case), rules)
    due = before.state_due
    if due is not None and running is not None:
        due = rules.calendar.prolong(due, case.state_since, at, running[1].unit)
    return Clocks(before.since, due, _case_due(case, _subject(case), at, rules))


def alarm(case: Case, now: datetime, rules: Rules) -> Alarm | None:
    """Say what is to be told of the clocks of a case, and was not yet: that one is overdue, or will soon be."""
    warn = rules.profile.row(case.category, case.grade).warn
    if case.warned == "overdue":
        return None
    if any(now > due for _, due in _running(case)):
        return "overdue"
    if case.warned is None and any(now >= warn.at(start, due) for start, due in _running(case)):
        return "early"
    return None


def warn_at(case: Case, rules: Rules) -> datetime | None:
    """Return from when on `alarm` has something to tell; None where it has nothing unless the case is led on."""
    warn = rules.profile.row(case.category, case.grade).warn
    if case.warned == "overdue":
        return None
    told = [due.astimezone(UTC) + _INSTANT for _, due in _running(case)]
    if case.warned is None:
        told += [warn.at(start, due) for start, due in _running(case)]
    return min(told, default=None)


def _running(case: Case) -> list[tuple[datetime, datetime]]:
    """Return since when and until when each clock of a case runs."""
    both = ((case.state_since, case.state_due), (case.case_since, case.case_due))
    return [(start, due) for start, due in both if due is not None]


def _state_due(case: Case, state: str, subject: Subject, at: datetime, rules: Rules) -> datetime | None:
    """Return the end of the state's clock: of one that is the same in both states it stays."""
    before, after = limit(case.state, _subject(case), rules), limit(state, subject, rules)
    if case.clock == "runs" and case.state != state and before == after:
        return case.state_due
    return begun(state, subject, at, rules)


def _case_due(case: Case, subject: Subject, at: datetime, rules: Rules) -> datetime | None:
    """Return the end of the whole clock: it runs on, unless the case begins again, is moved on, or is another now."""
    if case.clock == "stopped":
        return whole(subject, at, rules)
    if case.clock == "paused":
        span = rules.profile.row(case.category, case.grade).case
        due = None if case.suspended is None else case.suspended.case_due
        return due if due is None or span is None else rules.calendar.prolong(due, case.state_since, at, span.unit)
    if (subject.category, subject.grade) != (case.category, case.grade):
        return whole(subject, case.received_at + timedelta(seconds=case.paused_s), rules)
    return case.case_due


def _subject(case: Case) -> Subject:
    return Subject(case.category, case.grade, case.colour)
