"""The first steps of a service: tables made, a plan in force, somebody who may administer."""

from collections.abc import Callable
from pathlib import Path

from api.service import wall_clock
from api.settings import Settings
from api.store import plans
from api.store.engine import Database
from api.store.migrate import migrate

_BY = "begin"


def begin(plan: Path | None, said: Callable[[str], None] = print) -> None:
    """Make the tables, and put a plan in force where it is not yet.

    Raises
    ------
    GisError
        Where the plan cannot be used, or the database cannot.
    """
    database = Database(Settings().database)
    migrate(database)
    try:
        if plan is not None:
            proved, now = plans.prove(plan), wall_clock()
            with database.writing() as connection:
                kept = plans.keep(connection, proved, plan.read_bytes(), by=_BY, now=now)
                before = plans.in_force(connection, now)
                if before is None or before.plan_id != kept.id:
                    plans.activate(connection, kept.id, by=_BY, now=now)
            said(f"plan {kept.version} of {kept.name} is in force: {kept.cells} cells, {kept.households} households")
    finally:
        database.close()
