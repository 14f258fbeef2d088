"""Figures of cells, functional grids and reporters: what an event changes is added to them when it happens."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from functools import cache

from sqlalchemy import Connection, Executable, select
from sqlalchemy.dialects import postgresql, sqlite

from api.cases import Figures, Tally
from api.cases.statistics import COUNTS
from api.store.tables import tallies

_MINUTES, _RETURNED, _POINTS = "minutes:", "returned:", "points"


def add(connection: Connection, changed: Tally) -> None:
    """Add what events changed.

    Rows are changed in the order of their codes: two that change several then wait for each other, and never both.
    """
    rows = {(code, _POINTS): points for code, points in changed.points.items()}
    for code, figures in changed.figures.items():
        rows |= {(code, name): getattr(figures, name) for name in COUNTS}
        rows |= {(code, f"{_MINUTES}{minutes}"): times for minutes, times in figures.minutes.items()}
        rows |= {(code, f"{_RETURNED}{reason}"): times for reason, times in figures.returned.items()}
    told = [{"code": code, "figure": figure, "value": value} for (code, figure), value in sorted(rows.items()) if value]
    if not told:
        return
    connection.execute(_added(connection.dialect.name), told)


def figures(connection: Connection, codes: Collection[str]) -> dict[str, Figures]:
    """Return the figures of cells and functional grids."""
    rows = connection.execute(select(tallies).where(tallies.c.code.in_(codes), tallies.c.value != 0))
    told: dict[str, dict[str, int]] = defaultdict(dict)
    for row in rows:
        told[row.code][row.figure] = row.value
    return {code: _figures(told[code]) for code in codes}


def counts(connection: Connection) -> dict[str, Figures]:
    """Return the counts of all cells and functional grids that have any: without times and reasons, the many rows."""
    rows = connection.execute(select(tallies).where(tallies.c.figure.in_(COUNTS), tallies.c.value != 0))
    told: dict[str, dict[str, int]] = defaultdict(dict)
    for row in rows:
        told[row.code][row.figure] = row.value
    return {code: _figures(each) for code, each in told.items()}


def points(connection: Connection, codes: Collection[str]) -> dict[str, int]:
    """Return the points of reporters."""
    wanted = select(tallies.c.code, tallies.c.value).where(tallies.c.code.in_(codes), tallies.c.figure == _POINTS)
    return {row.code: row.value for row in connection.execute(wanted)}


@cache
def _added(dialect: str) -> Executable:
    insert = (sqlite if dialect == "sqlite" else postgresql).insert(tallies)
    sums = {"value": tallies.c.value + insert.excluded.value}
    return insert.on_conflict_do_update(index_elements=["code", "figure"], set_=sums)


def _figures(told: Mapping[str, int]) -> Figures:
    def after(prefix: str) -> dict[str, int]:
        return {name.removeprefix(prefix): value for name, value in told.items() if name.startswith(prefix)}

    minutes = {int(each): value for each, value in after(_MINUTES).items()}
    return Figures(**{name: told.get(name, 0) for name in COUNTS}, minutes=minutes, returned=after(_RETURNED))
