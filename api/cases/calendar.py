"""Working time: holidays, make-up workdays and working hours; adding to it and measuring it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import count, pairwise
from math import isfinite
from typing import Annotated, Literal, NamedTuple
from zoneinfo import ZoneInfo

import chinese_calendar
from pydantic import AfterValidator, model_validator

from api.cases.table import Table

Unit = Literal["hours", "working_hours", "days", "working_days"]
MOST = 10_000
"""Largest amount of any unit: keeps sums within the years that dates can name."""

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_INSTANT = timedelta(microseconds=1)
_WEEKEND = 5


class Span(NamedTuple):
    """An amount of time in a unit, such as 3 working days."""

    amount: float
    unit: Unit


def checked(span: Span) -> Span:
    """Return the span, if it can be counted.

    Raises
    ------
    ValueError
        Where it is negative, above `MOST`, no number, or a part of a day.
    """
    if not isfinite(span.amount) or not 0 <= span.amount <= MOST:
        raise ValueError(f"{span.amount:g} {span.unit}: give a number from 0 to {MOST}")
    if span.unit in ("days", "working_days") and span.amount != int(span.amount):
        raise ValueError(f"{span.amount:g} {span.unit}: days are whole; use hours")
    return span


Limit = Annotated[Span, AfterValidator(checked)]


class WorkCalendar(Table, frozen=True):
    """The days and hours at which a city works: national holidays and make-up workdays, and days of its own.

    Instants go in with any time zone and come out in that of the calendar. Counting of days follows articles 201 and
    203 of the Civil Code of China: the day on which time begins to run is not counted, and the last day ends at the
    end of the working hours, or at 24:00 where none are asked for. Unlike there, `days` that end on a holiday end on
    it: who counts holidays out uses `working_days`.

    Attributes
    ----------
    zone
        Name of the time zone.
    hours
        Of a working day, from and to, in order.
    off, on
        Days without and with work that the national calendar does not know; they go before it.
    """

    version: int = 1
    zone: str = "Asia/Shanghai"
    hours: tuple[tuple[time, time], ...] = ((time(9), time(12)), (time(13), time(17)))
    off: tuple[date, ...] = ()
    on: tuple[date, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> "WorkCalendar":
        try:
            ZoneInfo(self.zone)
        except (KeyError, OSError, ValueError) as error:
            raise ValueError(f"zone '{self.zone}' is none: write it as Asia/Shanghai") from error
        marks = [mark for stretch in self.hours for mark in stretch]
        if not marks or any(late <= early for early, late in pairwise(marks)):
            raise ValueError("hours: give them in order, each beginning before it ends")
        for day in sorted(set(self.off) & set(self.on)):
            raise ValueError(f"{day} is both on and off")
        return self

    def works(self, day: date) -> bool:
        """Say whether a day is a working day; beyond the years that the nation's are known of, Monday to Friday are."""
        if day in self.on or day in self.off:
            return day in self.on
        return _nation_works(day)

    def day(self, instant: datetime) -> date:
        """Return the local day of an instant.

        Raises
        ------
        ValueError
            Where the instant says nothing of its time zone: that of the machine is not meant.
        """
        if instant.tzinfo is None:
            raise ValueError(f"{instant} has no time zone")
        return instant.astimezone(ZoneInfo(self.zone)).date()

    def end_of(self, day: date) -> datetime:
        """Return 24:00 of a day."""
        return self._at(day + _DAY, time())

    def add(self, start: datetime, amount: float, unit: Unit) -> datetime:
        """Return when a span that begins at an instant is over; never earlier for a later start or a larger amount.

        Parameters
        ----------
        start
            Aware.
        amount, unit
            - `hours`: by the clock.
            - `working_hours`: within the working hours; a start outside them waits for the next. Nought ends at once.
            - `days`: 24:00 of the n-th day after that of the start; nought is the end of the same day.
            - `working_days`: the end of the working hours of the n-th working day after the day of the start, so
              that one that comes on a holiday or after hours counts from the next working day on, as one of the same
              day does. Nought is the end of the hours of the day, or of the next working day where they are over.

        Raises
        ------
        ValueError
            Where the amount cannot be counted, or the start has no time zone.

        Examples
        --------
        A Saturday before the Spring Festival of 2026 that is worked on, and the first day after it:

        >>> zone = ZoneInfo("Asia/Shanghai")
        >>> print(WorkCalendar().add(datetime(2026, 2, 14, 10, tzinfo=zone), 1, "working_days"))
        2026-02-24 17:00:00+08:00
        """
        checked(Span(amount, unit))
        day = self.day(start)
        if unit == "hours":
            return self._local(start.astimezone(UTC) + amount * _HOUR)
        if unit == "working_hours":
            return self._local(self._worked(start, amount * _HOUR))
        if unit == "days":
            return self.end_of(day + int(amount) * _DAY)
        if not amount and self.works(day) and start <= self._closing(day):
            return self._closing(day)
        return self._closing(self._workday_after(day, max(1, int(amount))))

    def elapsed(self, start: datetime, end: datetime, unit: Unit) -> float:
        """Measure the time between two instants; nought where the second is not later.

        Days are counted as `add` counts them: those after the day of the start, up to that in which the end lies. So
        `elapsed(start, add(start, n, unit), unit)` is n, but for nought working days.
        """
        first, last = self.day(start), self.day(end - _INSTANT)
        if end <= start:
            return 0
        if unit == "hours":
            return (end.astimezone(UTC) - start.astimezone(UTC)) / _HOUR
        if unit == "days":
            return (last - first).days
        if unit == "working_days":
            return sum(self.works(first + n * _DAY) for n in range(1, (last - first).days + 1))
        worked = timedelta()
        for begins, ends in self._stretches(first):
            if begins >= end:
                break
            worked += max(timedelta(), min(ends, end) - max(begins, start))
        return worked / _HOUR

    def prolong(self, due: datetime, start: datetime, end: datetime, unit: Unit) -> datetime:
        """Move an end on by what a pause took, measured in the unit of the limit."""
        taken = self.elapsed(start, end, unit)
        if not taken:
            return due
        if unit == "days":
            local = self._local(due)
            return self._at(local.date() + int(taken) * _DAY, local.time())
        if unit == "working_days":
            return self._closing(self._workday_after(self.day(due - _INSTANT), int(taken)))
        return self.add(due, taken, unit)

    def _worked(self, start: datetime, amount: timedelta) -> datetime:
        """Return when so much time has been worked."""
        if not amount:
            return start
        for begins, ends in self._stretches(self.day(start)):
            begin = max(begins, start)
            if amount <= ends - begin:
                return begin + amount
            amount -= max(timedelta(), ends - begin)
        raise AssertionError  # days do not end

    def _stretches(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """Yield the working hours from a day on, in UTC: there differences are true wherever clocks are put back."""
        for each in (day + n * _DAY for n in count()):
            if self.works(each):
                for begins, ends in self.hours:
                    yield self._at(each, begins).astimezone(UTC), self._at(each, ends).astimezone(UTC)

    def _workday_after(self, day: date, number: int) -> date:
        """Return the n-th working day after a day."""
        while number:
            day += _DAY
            number -= self.works(day)
        return day

    def _closing(self, day: date) -> datetime:
        return self._at(day, self.hours[-1][1])

    def _at(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, ZoneInfo(self.zone))

    def _local(self, instant: datetime) -> datetime:
        return instant.astimezone(ZoneInfo(self.zone))


@lru_cache(maxsize=1 << 14)
def _nation_works(day: date) -> bool:
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:  # what the library says of years it has no holidays for
        return day.weekday() < _WEEKEND
