"""Who answers for cells."""

from collections.abc import Collection

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from api.store.tables import units


def named(connection: Connection, cells: Collection[str]) -> dict[str, tuple[str | None, str | None]]:
    """Return unit and fallback of those cells that have any."""
    return {
        row.cell: (row.unit, row.fallback) for row in connection.execute(select(units).where(units.c.cell.in_(cells)))
    }


def name(connection: Connection, cell: str, unit: str | None, fallback: str | None) -> None:
    """Say who answers for a cell."""
    insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(units)
    who = {"unit": unit, "fallback": fallback}
    connection.execute(insert.values(cell=cell, **who).on_conflict_do_update(index_elements=["cell"], set_=who))
