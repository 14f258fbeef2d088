"""Plans made ready to be asked: opened once in each worker, the one in force at hand without the database."""

import tempfile
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from api.errors import Problem
from api.reported import Said, place
from api.served import Served
from api.store import plans
from api.store.engine import Database
from gis.plan import read_plan

# Plans that stay open in a worker: the one in force, the one before, and one that somebody looks back at.
_OPEN = 3
_NO_PLAN = 503


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
            raise Problem(_NO_PLAN, "no plan is in force yet: import one and activate it")
        return self._current

    def refresh(self) -> None:
        """Look which plan is in force, and open it."""
        with self._database.reading() as connection:
            self.in_force(connection)

    def in_force(self, connection: Connection) -> tuple[int, Served]:
        """Return the activation in force in this transaction, and its plan, opened.

        Raises
        ------
        Problem
            503 where there is none yet.
        """
        activation = plans.in_force(connection, self._clock())
        if activation is None:
            raise Problem(_NO_PLAN, "no plan is in force yet: import one and activate it")
        self._current = self.open(connection, activation.plan_id)
        return activation.id, self._current

    def open(self, connection: Connection, plan_id: int) -> Served:
        """Open a plan, once; those not asked for lately are let go."""
        if plan_id not in self._opened:
            with self._opening:
                if plan_id not in self._opened:
                    served = _opened(plan_id, plans.file_of(connection, plan_id))
                    kept = [(number, each) for number, each in self._opened.items() if each is not self._current]
                    now = [] if self._current is None else [(self._current.plan_id, self._current)]
                    self._opened = dict([*kept, *now][-_OPEN + 1 :]) | {plan_id: served}
        return self._opened[plan_id]


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
