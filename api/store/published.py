"""The figures that everybody is told, kept as they were counted: every worker tells the same."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from api.cases import Figures
from api.cases.statistics import COUNTS
from api.store import tallies
from api.store.tables import published

#: They stand still for so long: two that differed by one report would tell where it was.
STANDS = timedelta(minutes=10)
_NEVER = {"id": 1, "at": datetime(1970, 1, 1, tzinfo=UTC), "figures": {}}


def figures(connection: Connection, now: datetime) -> tuple[datetime, dict[str, Figures]]:
    """Return since when they stand, and the counts of cells by code: counted anew where they have stood long enough."""
    insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(published)
    connection.execute(insert.values(_NEVER).on_conflict_do_nothing())
    # Who counts is alone: others wait, and tell what that one counted.
    row = connection.execute(select(published).with_for_update()).one()
    if abs(now - row.at) < STANDS:
        return row.at, {code: Figures(**each) for code, each in row.figures.items()}
    counted = tallies.counts(connection)
    record = {code: {name: getattr(each, name) for name in COUNTS} for code, each in counted.items()}
    connection.execute(update(published).values(at=now, figures=record))
    return now, counted
