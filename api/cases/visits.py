"""Visits and patrols: which are due in a period, done, missed."""

import calendar
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from pydantic import Field, model_validator

from api.cases.calendar import WorkCalendar
from api.cases.table import Record, Table, unique
from api.cases.territory import Cell

Per = Literal["day", "week", "month"]
Standing = Literal["done", "open", "missed"]
_DAY = timedelta(days=1)


class VisitPlan(Record, frozen=True):
    """What a post does regularly in every cell of a level.

    Attributes
    ----------
    code, kind, zh, en
        Unique code, visit or patrol, and names.
    role
        Code of the post.
    level
        Name of the level.
    times, per
        How often: so many times per day, week (Monday to Sunday) or month.
    workdays
        Whether days, weeks or months without any working day are free.
    """

    code: str
    kind: Literal["visit", "patrol"]
    zh: str
    en: str
    role: str
    level: str
    times: int = Field(ge=1, le=100)
    per: Per
    workdays: bool


class VisitTable(Table, frozen=True):
    """All plans."""

    plans: tuple[VisitPlan, ...] = ()

    @model_validator(mode="after")
    def _unique(self) -> "VisitTable":
        unique(plan.code for plan in self.plans)
        return self


@dataclass(frozen=True, order=True)
class Duty:
    """What is due in one cell: so many times between two days, both included."""

    first: date
    last: date
    cell: str
    plan: str
    times: int


@dataclass(frozen=True)
class Visit:
    """One that was made; by which post follows from its plan."""

    plan: str
    cell: str
    day: date


@dataclass(frozen=True)
class Kept:
    """A duty and what became of it."""

    duty: Duty
    made: int
    standing: Standing


def duties(table: VisitTable, cells: Iterable[Cell], first: date, last: date, work: WorkCalendar) -> tuple[Duty, ...]:
    """Return what is due in a period: every duty whose last day lies in it.

    So periods that follow each other share no duty and lose none.
    """
    known = tuple(cells)
    return tuple(
        sorted(
            Duty(begins, ends, cell.code, plan.code, plan.times)
            for plan in table.plans
            for begins, ends in _stretches(plan.per, first, last)
            if not plan.workdays or any(work.works(day) for day in _days(begins, ends))
            for cell in known
            if cell.level == plan.level
        )
    )


def kept(due: Sequence[Duty], visits: Iterable[Visit], today: date) -> tuple[Kept, ...]:
    """Compare duties with the visits made; what can still be made today is open."""
    made = Counter((visit.plan, visit.cell, visit.day) for visit in visits)
    return tuple(
        _kept(duty, sum(made[duty.plan, duty.cell, day] for day in _days(duty.first, duty.last)), today) for duty in due
    )


def _kept(duty: Duty, made: int, today: date) -> Kept:
    if made >= duty.times:
        return Kept(duty, made, "done")
    return Kept(duty, made, "open" if today <= duty.last else "missed")


def _stretches(per: Per, first: date, last: date) -> Iterator[tuple[date, date]]:
    """Yield the days, weeks or months that end in a period."""
    for day in _days(first, last):
        if per == "day":
            yield day, day
        elif per == "week" and day.weekday() == calendar.SUNDAY:
            yield day - 6 * _DAY, day
        elif per == "month" and (day + _DAY).day == 1:
            yield day.replace(day=1), day


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + number * _DAY
