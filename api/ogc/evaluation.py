"""Filters over columns held in memory, in the logic of three values that databases keep."""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from typing import Any, Final

import numpy as np
import shapely

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
from gis.arrays import Bools, Geometries

_SIGNS: Final[dict[Sign, Callable[[Any, Any], Any]]] = {
    "=": operator.eq, "<>": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


@dataclass(frozen=True)
class Column:
    """Values of a property; where `null` holds, any value stands that can be compared."""

    values: Any
    null: Bools


@dataclass(frozen=True)
class _Truth:
    """Where a condition holds and where it does not; where neither, it is unknown."""

    yes: Bools
    no: Bools


def chosen(condition: Filter, columns: Mapping[str, Column], shapes: Geometries) -> Bools:
    """Tell for which features a filter holds, and is not just unknown.

    Parameters
    ----------
    condition
        A filter over the columns.
    columns
        All of one length.
    shapes
        Shapely geometries in CRS84, as many.
    """
    return _truth(condition, columns, shapes).yes


def _truth(condition: Filter, columns: Mapping[str, Column], shapes: Geometries) -> _Truth:
    if isinstance(condition, Not):
        part = _truth(condition.part, columns, shapes)
        return _Truth(part.no, part.yes)
    if isinstance(condition, And | Or):
        found = [_truth(part, columns, shapes) for part in condition.parts]
        return reduce(_all if isinstance(condition, And) else _any, found)
    return _simple(condition, columns, shapes)


def _all(one: _Truth, other: _Truth) -> _Truth:
    return _Truth(one.yes & other.yes, one.no | other.no)


def _any(one: _Truth, other: _Truth) -> _Truth:
    return _Truth(one.yes | other.yes, one.no & other.no)


def _simple(condition: Simple, columns: Mapping[str, Column], shapes: Geometries) -> _Truth:
    match condition:
        case Always(holds):
            return _known(np.full(len(shapes), holds))
        case Intersects(shape):
            return _known(shapely.intersects(shape, shapes))
        case IsNull(name):
            return _known(columns[name].null)
        case _:
            column = columns[condition.property]
            yes = _compared(condition, column.values).astype(bool)
            return _Truth(yes & ~column.null, ~yes & ~column.null)


def _known(yes: Bools) -> _Truth:
    return _Truth(yes, ~yes)


def _compared(condition: Compare | Between | OneOf | Like, values: Any) -> Any:  # noqa: ANN401 (of many types)
    match condition:
        case Compare(_, sign, value):
            return _SIGNS[sign](values, _comparable(value))
        case Between(_, low, high):
            return (values >= _comparable(low)) & (values <= _comparable(high))
        case OneOf(_, wanted):
            return np.isin(values, np.array([_comparable(value) for value in wanted], dtype=values.dtype))
        case Like():
            fits = re.compile(_expression(condition), re.DOTALL).fullmatch
            return np.fromiter((fits(value) is not None for value in values), dtype=bool, count=len(values))


def _comparable(value: Value) -> Any:  # noqa: ANN401
    """Return what arrays compare with: for them a time has no offset, and is that of Greenwich."""
    if isinstance(value, datetime):
        return np.datetime64(value.replace(tzinfo=None)) - np.timedelta64(value.utcoffset() or timedelta())
    return np.datetime64(value) if isinstance(value, date) else value


def _expression(condition: Like) -> str:
    """Write a pattern as a regular expression that never goes back on what it has found."""
    pieces = [""]
    for sign, wild in condition.signs():
        if wild and sign == "%":
            pieces.append("")
        else:
            pieces[-1] += "." if wild else re.escape(sign)
    first, *rest = pieces
    if not rest:
        return first
    return first + "".join(f"(?>.*?{piece})" for piece in rest[:-1] if piece) + ".*" + rest[-1]
