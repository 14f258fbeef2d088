"""Dates as the web writes them (W3C-DTF), and the spans that may be asked for."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from api.errors import Problem

LONGEST = timedelta(days=90)
# What is shown has no fractions: the last second of a span belongs to it whole.
_LAST = timedelta(seconds=1)

Span = tuple[datetime | None, datetime | None]


def written(moment: datetime) -> str:
    """Write a moment."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def read(name: str, said: str, zone: str) -> datetime | None:
    """Read a moment; blanks are none.

    Parameters
    ----------
    name
        Of the argument.
    said
        A date, which begins at midnight, or a date with time and time zone.
    zone
        Name of the time zone where none is said.

    Raises
    ------
    Problem
        400 where it is none.
    """
    if not said:
        return None
    try:
        # Many clients leave the plus of a time zone as it is, which a form reads as a blank.
        moment = datetime.fromisoformat(said.replace(" ", "+"))
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(zone))
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Problem(400, f"{name}: write it as 2026-03-04T08:00:00Z, or as 2026-03-04") from error


def span(names: str, begin: datetime | None, end: datetime | None) -> Span:
    """Return from when, and before when, is asked for: an open end is moved as far as it may lie.

    Raises
    ------
    Problem
        400 where it is longer than 90 days, or ends before it begins.
    """
    try:
        if begin is None:
            begin = None if end is None else end - LONGEST
        if begin is None:
            return None, None
        end = begin + LONGEST if end is None else end
        if timedelta() <= end - begin <= LONGEST:
            return begin, end + _LAST
    except OverflowError as error:
        raise Problem(400, f"{names}: out of all time") from error
    raise Problem(400, f"{names}: a span of at most {LONGEST.days} days, from earlier to later")
