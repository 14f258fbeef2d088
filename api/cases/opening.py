"""How a case begins: with a report."""

from dataclasses import dataclass
from datetime import datetime

from api.cases import clocks
from api.cases.action import Actor, anonymous, aware, code
from api.cases.case import Case, evolve
from api.cases.clocks import Subject
from api.cases.errors import NotAllowed
from api.cases.event import REPORT, Event
from api.cases.rules import Rules


@dataclass(frozen=True)
class Report:
    """What a case is opened with.

    Attributes
    ----------
    case_id
        Chosen by the caller.
    category, grade
        Of the table; without a grade that of the category is taken.
    cell, level
        Where it lies: code and level of the leaf, or of the cell above where the leaf is uncertain.
    organisation
        Code of the one it is about.
    reporter
        Code of who is told of the result and earns the point; by default a resident who reports is. A grid leader
        may report for somebody.
    plan_version
        Of the plan that gave the cell.
    """

    case_id: str
    category: str
    cell: str
    level: str
    grade: str | None = None
    organisation: str | None = None
    reporter: str | None = None
    plan_version: str | None = None

    def __post_init__(self) -> None:
        for name in ("case_id", "cell", "level", "organisation", "plan_version"):
            if (said := getattr(self, name)) is not None:
                code(said, name)
        if self.reporter is not None:
            anonymous(self.reporter)


def open_case(report: Report, who: Actor, now: datetime, rules: Rules) -> tuple[Case, Event]:
    """Open a case.

    Parameters
    ----------
    report
        What it is about.
    who, now
        Who brings it in, and when; aware.
    rules
        The tables in force.

    Raises
    ------
    NotAllowed
        Where the role does not report.
    BadAction
        Where the category or grade is unknown.
    """
    at = aware(now)
    if who.role not in rules.states.reporters:
        raise NotAllowed(f"'{REPORT}' is not for {who.role}: it is for {', '.join(rules.states.reporters)}")
    grade = rules.categories.graded(report.category, report.grade)
    subject = Subject(report.category, grade, rules.triage.colour(report.category, grade))
    start = rules.states.start
    event = Event(
        case_id=report.case_id,
        number=1,
        action=REPORT,
        from_state=None,
        to_state=start,
        at=at,
        role=who.role,
        actor=who.code,
        reason=None,
        cell_from=None,
        cell_to=report.cell,
        called_in=(),
        rating=None,
        merged_into=None,
        reporter=report.reporter or (who.code if who.role == "resident" else None),
        category=report.category,
        grade=grade,
        organisation=report.organisation,
        grids=rules.functional.of(report.organisation),
        holder=report.cell,
        level=report.level,
        unit=None,
        colour=subject.colour,
        clock="runs",
        state_since=at,
        state_due=clocks.begun(start, subject, at, rules),
        case_due=clocks.whole(subject, at, rules),
        warned=None,
        plan_version=report.plan_version,
        rules_version=rules.version,
    )
    return evolve(None, event), event
