"""How long each step may take, and the whole case; and when to warn."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from api.cases.calendar import Limit
from api.cases.errors import BadTable
from api.cases.table import ForMatters, Record, Table, for_all

Clock = Literal["verify", "dispatch", "accept", "progress", "handle", "feed_back", "close", "answer"]
"""What a state waits for."""

Alarm = Literal["early", "overdue"]


class Alert(Record, frozen=True):
    """When to warn: when a share of the time is used up, or so many hours before its end; one of both."""

    share: float | None = Field(default=None, gt=0, lt=1)
    hours: float | None = Field(default=None, gt=0, le=8784)

    @model_validator(mode="after")
    def _one(self) -> "Alert":
        if (self.share is None) == (self.hours is None):
            raise ValueError("give either a share or hours")
        return self

    def at(self, start: datetime, due: datetime) -> datetime:
        """Return the instant of the warning for a clock that began and ends so; never before it began."""
        # In UTC differences are true wherever clocks are put back, and the same for a case that was kept and read.
        start, due = start.astimezone(UTC), due.astimezone(UTC)
        if self.hours is not None:
            return max(start, due - timedelta(hours=self.hours))
        return start + (due - start) * (self.share or 0)


class DeadlineRow(ForMatters, frozen=True):
    """The limits of some categories and grades; one that is left out is none.

    Attributes
    ----------
    verify, dispatch, accept, progress, handle, feed_back, close
        Counted from the entry into the state that waits for it. Limits of days chain: who is on the same day in each
        step is so in all. `handle` may be left to the colour of triage.
    answer
        Of the reporter who was asked.
    case
        Of the whole, from the report to its closing.
    warn
        For either clock.
    """

    verify: Limit | None = None
    dispatch: Limit | None = None
    accept: Limit | None = None
    progress: Limit | None = None
    handle: Limit | None = None
    feed_back: Limit | None = None
    close: Limit | None = None
    answer: Limit | None = None
    case: Limit | None = None
    warn: Alert = Alert(share=0.75)

    def limit(self, clock: Clock) -> Limit | None:
        """Return the limit of a step."""
        found: Limit | None = getattr(self, clock)
        return found


class Profile(Record, frozen=True):
    """A whole way of setting deadlines.

    Attributes
    ----------
    rows
        The first that fits counts; the last must fit all, so that no case is without.
    settled
        Outcomes of following up with which a case may be closed; none: it is closed without. The nought of 13710.
    """

    rows: Annotated[tuple[DeadlineRow, ...], AfterValidator(for_all)]
    settled: tuple[str, ...] = ()

    def row(self, category: str, grade: str) -> DeadlineRow:
        """Return the row of a category and grade."""
        return next(row for row in self.rows if row.fits(category, grade))


class DeadlineTable(Table, frozen=True):
    """Profiles by name."""

    profiles: dict[str, Profile]

    def profile(self, name: str) -> Profile:
        """Return a profile.

        Raises
        ------
        BadTable
            Where there is none of this name.
        """
        if name not in self.profiles:
            raise BadTable(f"deadlines.json: no profile '{name}'; there are {', '.join(sorted(self.profiles))}")
        return self.profiles[name]
