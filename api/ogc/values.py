"""Values and times as they stand in requests."""

import math
import re
from datetime import UTC, date, datetime, time
from typing import Any, Final

from api.errors import Problem
from api.ogc.collection import Interval
from api.ogc.filters import Kind, Value

# RFC 3339, 5.6; a day alone stands for all of it.
_TIME = re.compile(r"\d{4}-\d\d-\d\d([Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d))?", re.ASCII)
_OPEN: Final = ("", "..")
_MOST_DIGITS: Final = 40
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def read_value(name: str, kind: Kind, value: Any) -> Value:  # noqa: ANN401 (whatever JSON can hold)
    """Take a value of JSON for what a property holds.

    Raises
    ------
    Problem
        400 where it is of another type.
    """
    if kind == "string" and isinstance(value, str):
        return value
    if kind == "boolean" and isinstance(value, bool):
        return value
    if kind in ("integer", "number") and isinstance(value, int | float) and not isinstance(value, bool):
        if math.isfinite(value):
            return float(value)
    elif kind in ("date", "date-time") and isinstance(value, str) and (begin := _moment(value)) is not None:
        return begin.date() if kind == "date" else begin
    raise Problem(400, f"{name}: give a value of type {kind}")


def read_text(name: str, kind: Kind, text: str) -> Value:
    """Read the value of a property from a query parameter.

    Raises
    ------
    Problem
        400 where it is of another type.
    """
    if kind == "boolean" and text in ("true", "false"):
        return text == "true"
    if kind in ("integer", "number"):
        return read_value(name, kind, read_number(name, text))
    return read_value(name, kind, text)


def read_number(name: str, text: str) -> float:
    """Read a finite number.

    Raises
    ------
    Problem
        400 where it is none.
    """
    if len(text) <= _MOST_DIGITS and _NUMBER.fullmatch(text) and math.isfinite(number := float(text)):
        return number
    raise Problem(400, f"{name}: '{text[:_MOST_DIGITS]}' is no number")


def read_interval(text: str) -> Interval:
    """Read the parameter `datetime`: a moment, or two with `/` between them of which one may be open.

    Raises
    ------
    Problem
        400 where it is neither, or ends before it begins.
    """
    first, _, last = text.partition("/")
    if "/" not in text:
        first = last = text
    if first in _OPEN and last in _OPEN:
        raise Problem(400, "datetime: give a time, or two with / between them")
    found = Interval(_read_moment(first), _read_moment(last, time.max))
    if found.begin and found.end and found.begin > found.end:
        raise Problem(400, "datetime: it ends before it begins")
    return found


def _read_moment(text: str, of_day: time = time.min) -> datetime | None:
    if text in _OPEN:
        return None
    found = _moment(text, of_day)
    if found is None:
        raise Problem(400, f"datetime: '{text[:_MOST_DIGITS]}' is no time: write it as 2026-05-01T00:00:00Z")
    return found


def _moment(text: str, of_day: time = time.min) -> datetime | None:
    if not _TIME.fullmatch(text):
        return None
    try:
        if "T" in text.upper():
            return datetime.fromisoformat(text.upper())
        return datetime.combine(date.fromisoformat(text), of_day, UTC)
    except ValueError:
        return None
