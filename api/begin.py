"""The first steps of a service: tables and key made, a plan in force, somebody who may administer."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from api.access import keys
from api.access.roles import OPERATOR, Role, Who
from api.access.seals import Seals
from api.demo import demo_plan
from api.service import wall_clock
from api.settings import read_settings
from api.store import cases, plans
from api.store.engine import Database
from api.store.migrate import migrate
from gis.errors import InputError

_FIRST = Who("administrator", Role.ADMINISTRATOR)


def begin(plan: Path | None, *, demo: bool, said: Callable[[str], None]) -> None:
    """Make what is missing: tables, the key that seals, a plan in force, a first key.

    Parameters
    ----------
    plan
        To be put in force, where it is not.
    demo
        Whether the plan of the demo town is put in force, where none is.
    said
        Told what was done.

    Raises
    ------
    GisError
        Where the plan cannot be used, or the database cannot.
    """
    settings = read_settings()
    is_new = not settings.secret_file.exists()
    database = Database(settings.database)
    try:
        migrate(database)
        with database.writing() as connection:
            if is_new and cases.has_any(connection):
                raise InputError(
                    f"{settings.secret_file}: this key is missing: bring it back. With another (32 random bytes in "
                    "base64) contacts kept so far stay sealed, and receipts given so far count no more"
                )
            Seals(settings.secret_file)
            if not keys.all_keys(connection):
                made = keys.make(connection, _FIRST, by=OPERATOR, now=wall_clock())
                said(f"key of the administrator, shown this once: {made}")
            nothing_yet = not plans.generations(connection)
        if plan is not None:
            _put_in_force(database, plan, said)
        elif demo and nothing_yet:
            with tempfile.TemporaryDirectory(prefix="wangge-demo-") as folder:
                _put_in_force(database, demo_plan(Path(folder)), said)
    finally:
        database.close()


def _put_in_force(database: Database, path: Path, said: Callable[[str], None]) -> None:
    proved = plans.prove(path)
    with database.writing() as connection:
        plans.wait_for_reports(connection)
        now = wall_clock()
        kept = plans.keep(connection, proved, path.read_bytes(), by=OPERATOR, now=now)
        before = plans.in_force(connection, now)
        if before is None or before.plan_id != kept.id:
            plans.activate(connection, kept.id, by=OPERATOR, now=now)
    said(f"plan {kept.version} of {kept.name} is in force: {kept.cells} cells, {kept.households} households")
