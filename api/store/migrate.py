"""Bring a database's tables up to date."""

from importlib.resources import as_file, files

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from api.store.engine import Database
from gis.errors import InputError

# Of several workers that start together one changes the tables, and the others wait: any number will do.
_LOCK = 20260301


def migrate(database: Database, *, must_be_ours: bool = False) -> None:
    """Make the tables, or bring those of an earlier version up to date; several may ask for it at once.

    Parameters
    ----------
    database
        Of either kind.
    must_be_ours
        Whether to refuse one without our tables.

    Raises
    ------
    InputError
        Where the tables are those of a later version, or the database is not ours.
    """
    with as_file(files("api.store") / "migrations") as folder, database.writing() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        config = Config()
        config.set_main_option("script_location", str(folder))
        config.attributes["connection"] = connection
        _require_ours(connection, ScriptDirectory.from_config(config), must_be_ours=must_be_ours)
        command.upgrade(config, "head")


def _require_ours(connection: Connection, scripts: ScriptDirectory, *, must_be_ours: bool) -> None:
    at = MigrationContext.configure(connection).get_current_revision()
    if at is None and must_be_ours:
        raise InputError("this is no database of wangge")
    if at is not None and at not in {script.revision for script in scripts.walk_revisions()}:
        raise InputError(f"the database has tables of a later version ({at}): use a newer wangge")
