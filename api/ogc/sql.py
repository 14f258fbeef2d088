"""Filters as conditions of SQL: every value is a parameter, none is part of the text."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import eq, ge, gt, le, lt, ne
from typing import Any, Final

from sqlalchemy import Boolean, ColumnElement, and_, false, not_, or_, true

from api.errors import Problem
from api.ogc.filters import (
    Always,
    And,
    Between,
    Compare,
    Filter,
    Intersects,
    IsNull,
    Like,
    Not,
    OneOf,
    Or,
    Sign,
    Simple,
    Value,
)

Condition = ColumnElement[bool]

_SIGNS: Final[Mapping[Sign, Callable[[Any, Any], Any]]] = {
    "=": eq, "<>": ne, "<": lt, "<=": le, ">": gt, ">=": ge,
}  # fmt: skip
_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Translation:
    """Translates the filters of a collection.

    Attributes
    ----------
    columns
        Of its properties, by name.
    lies_in
        Makes the condition that a feature meets a shape in CRS84: never unknown.
    is_sqlite
        Whether it is for SQLite rather than PostgreSQL.
    """

    columns: Mapping[str, ColumnElement[Any]]
    lies_in: Callable[[Any], Condition]
    is_sqlite: bool

    def condition(self, of: Filter) -> Condition:
        """Return the condition of a filter, unknown where the filter is.

        Raises
        ------
        Problem
            400 where a value is a text that no database keeps.
        """
        if isinstance(of, Not):
            return not_(self.condition(of.part))
        if isinstance(of, And | Or):
            return (and_ if isinstance(of, And) else or_)(*map(self.condition, of.parts))
        return self._simple(of)

    def _simple(self, of: Simple) -> Condition:
        match of:
            case Always(holds):
                return true() if holds else false()
            case Intersects(shape):
                return self.lies_in(shape)
            case IsNull(name):
                return self.columns[name].is_(None)
            case _:
                return self._compared(of)

    def _compared(self, of: Compare | Between | OneOf | Like) -> Condition:
        column = self.columns[of.property]
        match of:
            case Compare(_, sign, value):
                ordered = column if sign in {"=", "<>"} else self._ordered(column, value)
                found: Condition = _SIGNS[sign](ordered, _bound(value))
                return found
            case Between(_, low, high):
                return self._ordered(column, low).between(_bound(low), _bound(high))
            case OneOf(_, values):
                # Among no values nothing is, but what is null stays unknown.
                return column.in_([_bound(value) for value in values]) if values else column != column  # noqa: PLR0124
            case Like():
                return self._like(column, of)

    def _ordered(self, column: ColumnElement[Any], value: Value) -> ColumnElement[Any]:
        """Order texts by their signs, whatever language the database sorts in."""
        return column.collate("C") if isinstance(value, str) and not self.is_sqlite else column

    def _like(self, column: ColumnElement[Any], of: Like) -> Condition:
        _bound(of.pattern)
        if not self.is_sqlite:
            told = "".join(sign if wild or sign not in "%_\\" else f"\\{sign}" for sign, wild in of.signs())
            return column.like(told, escape="\\")
        # LIKE of SQLite takes no notice of case; GLOB does, and has signs of its own.
        told = "".join(_globbed(sign, wild=wild) for sign, wild in of.signs())
        return column.op("GLOB", is_comparison=True, return_type=Boolean())(told)


def _globbed(sign: str, *, wild: bool) -> str:
    if wild:
        return "*" if sign == "%" else "?"
    return f"[{sign}]" if sign in "*?[" else sign


def moment(value: datetime) -> datetime:
    """Bring a time to UTC; where that is before the first year or after the last, to the end of time there is."""
    try:
        return value.astimezone(UTC)
    except OverflowError:
        return _FIRST if value.year == _FIRST.year else _LAST


def is_text(value: str) -> bool:
    """Tell whether a database keeps such a text: without the sign zero, and with no half of a sign."""
    return "\0" not in value and not any("\ud800" <= sign <= "\udfff" for sign in value)


def _bound(value: Value) -> Value:
    if isinstance(value, str) and not is_text(value):
        raise Problem(400, "filter: a text holds a sign that no text here has")
    return moment(value) if isinstance(value, datetime) else value
