"""The figures that everybody is told, at hand in a worker."""

import threading
from collections.abc import Callable, Mapping
from datetime import datetime

from api.cases import Figures
from api.store import published
from api.store.engine import Database


class Published:
    """Figures that stand still, the same from every worker.

    Parameters
    ----------
    database
        Where they are kept.
    clock
        Tells the moment.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database, self._clock = database, clock
        self._kept: tuple[datetime, Mapping[str, Figures]] | None = None
        self._reading = threading.Lock()

    def figures(self) -> tuple[datetime, Mapping[str, Figures]]:
        """Return since when they stand, and the counts of cells and functional grids by code."""
        with self._reading:
            now = self._clock()
            if self._kept is None or abs(now - self._kept[0]) >= published.STANDS:
                with self._database.writing() as connection:
                    self._kept = published.figures(connection, now)
            return self._kept
