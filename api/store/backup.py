"""Backups: all tables as one file of SQLite, from either kind of database, and back into either."""

import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, Table, func, select, text

from api.store.engine import Database
from api.store.migrate import migrate
from api.store.tables import metadata
from gis.errors import InputError
from gis.writing import require_place, written_beside

_AT_ONCE = 200


def backup(database: Database, path: Path, *, progress: Callable[[str], None]) -> dict[str, int]:
    """Write everything that is kept into one file, as it was at one moment; the service may go on meanwhile.

    Parameters
    ----------
    database
        Of either kind.
    path
        Where: `*.db`. It holds all that the database holds, so it is as secret as that.
    progress
        Told the name of each table.

    Returns
    -------
    dict
        Rows of each table.

    Raises
    ------
    InputError
        Where the path is impossible.
    """
    require_place(path, ".db")
    with written_beside(path) as beside:
        copy = Database(f"sqlite:///{beside}")
        migrate(copy)
        try:
            with database.reading(repeatable=True) as source, copy.writing() as target:
                counts = _copied(source, target, progress)
        finally:
            copy.close()
        # Nothing beside the file: what is renamed is all of it.
        with closing(sqlite3.connect(beside)) as whole:
            whole.execute("PRAGMA journal_mode = DELETE")
    return counts


def restore(path: Path, database: Database, *, progress: Callable[[str], None]) -> dict[str, int]:
    """Bring a backup back into an empty database of either kind; of an earlier version it is brought up to date.

    Raises
    ------
    InputError
        Where the file is no backup, or the database is not empty.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    migrate(database)
    with tempfile.TemporaryDirectory(prefix="wangge-restore-") as folder:
        kept = Database(f"sqlite:///{shutil.copyfile(path, Path(folder) / 'backup.db')}")
        try:
            migrate(kept, must_be_ours=True)
            with kept.reading() as source, database.writing() as target:
                filled = [table.name for table in metadata.sorted_tables if _rows(target, table)]
                if filled:
                    raise InputError(f"the database is not empty ({', '.join(filled)}): restore into a new one")
                counts = _copied(source, target, progress)
                if not database.is_sqlite:
                    _count_on(target)
        finally:
            kept.close()
    return counts


def _copied(source: Connection, target: Connection, progress: Callable[[str], None]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for table in metadata.sorted_tables:
        progress(table.name)
        rows = source.execution_options(yield_per=_AT_ONCE).execute(select(table))
        for part in rows.mappings().partitions(_AT_ONCE):
            target.execute(table.insert(), [dict(row) for row in part])
            counts[table.name] = counts.get(table.name, 0) + len(part)
    return counts


def _rows(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def _count_on(connection: Connection) -> None:
    """Let PostgreSQL number new rows after those that were brought back with their numbers."""
    for table in metadata.sorted_tables:
        number = table.autoincrement_column
        if number is not None:
            last = select(func.coalesce(func.max(number), 0) + 1).select_from(table).scalar_subquery()
            sequence = func.pg_get_serial_sequence(table.name, number.name)
            connection.execute(select(func.setval(sequence, last, text("false"))))
