"""The database: one file of SQLite by default, PostgreSQL with PostGIS by URL; the same tables in both."""

import fcntl
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from api.store import places
from gis.errors import InputError

# How long a writer of SQLite waits for another one.
_BUSY_MS = 30_000
# One for each thread that answers, and for those that keep house.
_POOL, _MORE = 8, 8
_MAKES = {"sqlite", "postgresql+psycopg"}


class Database:
    """A database, read and written in transactions.

    Parameters
    ----------
    url
        `sqlite:///FILE` or `postgresql+psycopg://…`.

    Raises
    ------
    InputError
        Where the URL is none of these.
    """

    def __init__(self, url: str) -> None:
        try:
            made = make_url(url)
        except ArgumentError as error:
            raise InputError("the database's URL is none: write sqlite:///FILE or postgresql+psycopg://…") from error
        if made.drivername not in _MAKES:
            raise InputError(f"a database of {made.drivername}: choose {' or '.join(sorted(_MAKES))}")
        self.engine = create_engine(
            made, pool_size=_POOL, max_overflow=_MORE, pool_pre_ping=made.drivername != "sqlite"
        )
        self._writer = self.engine.execution_options(writing=True)
        self._turn: Callable[[], AbstractContextManager[None]] = nullcontext
        if self.is_sqlite:
            self._turn = Turns(Path(f"{made.database}-turn")).take
            event.listen(self.engine, "do_connect", self._make)
            event.listen(self.engine, "connect", _prepare)
            event.listen(self.engine, "begin", _begin)

    @property
    def is_sqlite(self) -> bool:
        """Whether it is one file."""
        return self.engine.dialect.name == "sqlite"

    @property
    def is_there(self) -> bool:
        """Whether it has been made: of a server, that is for the server to say."""
        return not self.is_sqlite or Path(str(self.engine.url.database)).exists()

    def _make(self, *_: object) -> None:
        """Make the file for its owner only; where that cannot be, SQLite will say why."""
        with suppress(OSError):
            Path(str(self.engine.url.database)).touch(mode=0o600)

    @contextmanager
    def reading(self, *, repeatable: bool = False) -> Iterator[Connection]:
        """Read in one transaction; where it must be `repeatable`, all of it sees the same state on either kind."""
        options = {"isolation_level": "REPEATABLE READ"} if repeatable and not self.is_sqlite else {}
        with self.engine.connect().execution_options(**options) as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Write in one transaction: kept as a whole when the block ends, or not at all where it raises."""
        with self._turn(), self._writer.begin() as connection:
            yield connection

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()


class Turns:
    """Lets writers of one file take turns, in all processes: each is woken when its turn comes.

    SQLite lets them look again and again, after longer and longer pauses: with many writers most of the time is pause.

    Parameters
    ----------
    path
        File that holds nothing, but that one writer at a time has locked; a process that dies lets go of it.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._here = path, threading.Lock()

    @contextmanager
    def take(self) -> Iterator[None]:
        """Wait for the turn, and have it until the block ends."""
        with self._here, self._path.open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _prepare(connection: sqlite3.Connection, _: object) -> None:
    # SQLAlchemy begins its transactions itself (`_begin`): the driver would begin them too late to read in one state.
    connection.isolation_level = None
    for setting in (
        "journal_mode = WAL",
        # What was acknowledged must outlast a power cut; NORMAL would promise that for crashes only.
        "synchronous = FULL",
        "foreign_keys = ON",
        f"busy_timeout = {_BUSY_MS}",
    ):
        connection.execute(f"PRAGMA {setting}")
    places.teach(connection)


def _begin(connection: Connection) -> None:
    # A reader that turns writer cannot wait for another one: SQLite refuses it at once. So writers say so first.
    options = connection.get_execution_options()
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writing") else "BEGIN")
