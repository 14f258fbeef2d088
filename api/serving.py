"""Plans made ready to be asked: opened once in each worker, the one in force at hand without the database."""

import tempfile
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from api.errors import Problem
from api.reported import Said, place
from api.served import Served
from api.store import plans
from api.store.engine import Database
from gis.plan import read_plan

# Plans that stay open in a worker: the one in force, the one before or next, and one that somebody looks back at.
_OPEN = 3
# A plan that comes into force by its date is opened so long before: nobody waits for it.
_AHEAD = timedelta(minutes=2)
_NOT_READY = 503


class Plans:
    """The plans of a database, as one worker sees them.

    Parameters
    ----------
    database
        Where they are.
    clock
        Tells the moment.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database, self._clock = database, clock
        self._opened: dict[int, Served] = {}
        self._opening = threading.Lock()
        self._current: Served | None = None

    @property
    def current(self) -> Served:
        """The plan in force, as it was when this worker last looked: at most a second ago.

        Raises
        ------
        Problem
            503 where there is none yet.
        """
        if self._current is None:
            raise Problem(_NOT_READY, "no plan is in force yet: import one and activate it")
        return self._current

    def refresh(self) -> None:
        """Look which plan is in force, and which is soon, and open them."""
        now = self._clock()
        with self._database.reading() as connection:
            self.in_force(connection, now)
            coming = plans.in_force(connection, now + _AHEAD)
            if coming is not None:
                self.open(connection, coming.plan_id)

    def in_force(self, connection: Connection, at: datetime) -> tuple[int, Served]:
        """Return the activation in force at this moment, as this transaction sees it, and its plan, opened.

        Raises
        ------
        Problem
            503 where there is none yet.
        """
        activation = plans.in_force(connection, at)
        if activation is None:
            raise Problem(_NOT_READY, "no plan is in force yet: import one and activate it")
        self._current = self.open(connection, activation.plan_id)
        return activation.id, self._current

    def look_back(self, connection: Connection, plan_id: int) -> Served:
        """Open a plan that is not in force; who comes while another is opened does not wait with all who ask behind.

        Raises
        ------
        Problem
            503 while another plan is being opened.
        """
        if plan_id not in self._opened and self._opening.locked():
            raise Problem(_NOT_READY, "another plan is being opened: ask again in a moment", {"Retry-After": "1"})
        return self.open(connection, plan_id)

    def open(self, connection: Connection, plan_id: int) -> Served:
        """Open a plan, once; of many the first opened is let go, but not the one in force."""
        served = self._opened.get(plan_id)
        if served is not None:
            return served
        with self._opening:
            served = self._opened.get(plan_id)
            if served is None:
                served = _opened(plan_id, plans.file_of(connection, plan_id))
                kept = [(number, each) for number, each in self._opened.items() if each is not self._current]
                now = [] if self._current is None else [(self._current.plan_id, self._current)]
                self._opened = dict([*kept, *now][-_OPEN + 1 :]) | {plan_id: served}
            return served


def _opened(plan_id: int, content: bytes) -> Served:
    """Read a plan and make what is asked for often, before anybody waits for it."""
    with tempfile.TemporaryDirectory(prefix="wangge-") as folder:
        path = Path(folder) / "plan.gpkg"
        path.write_bytes(content)
        served = Served(plan_id, read_plan(path))
    _ = served.answers, served.to_plan, served.territory
    # On a new machine, what routes is compiled now.
    place(Said("", "", lon=0.0, lat=0.0), served, 0)
    return served
