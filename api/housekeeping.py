"""What happens by itself as time goes by: clocks are watched, and what was kept long enough is let go."""

import logging
import threading
from datetime import timedelta
from itertools import count

from sqlalchemy.exc import SQLAlchemyError

from api.loop import Loop
from api.store import acknowledged, cases, erasing, jobs

_LOG = logging.getLogger("wangge.housekeeping")
_EVERY_S = 30.0
# Letting go looks through all contacts: once in so many rounds, an hour, is soon enough for what was kept for months.
_ROUNDS = 120
_AT_ONCE = 1000
# What cannot be told of a case is tried again after so long: its tables may have been mended.
_AGAIN = timedelta(hours=1)
_JOB_FILES = timedelta(days=7)


class Housekeeping:
    """Keeps house in a thread of each worker; what several do at once is done once.

    Parameters
    ----------
    loop
        Of the worker.
    """

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="housekeeping", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        rounds = count()
        while not self._stopped.wait(_EVERY_S):
            for duty in (watch,) if next(rounds) % _ROUNDS else (watch, let_go):
                try:
                    duty(self._loop)
                except Exception:  # noqa: BLE001 (whatever it is: the next round may go well)
                    _LOG.exception("not all was done: trying again")


def watch(loop: Loop) -> int:
    """Tell of every clock that is about to end or has; return of how many."""
    now, told = loop.service.clock(), 0
    while True:
        with loop.service.database.reading() as connection:
            waiting = cases.to_warn(connection, now, _AT_ONCE)
        told += sum(_told(loop, case_id) for case_id in waiting)
        if len(waiting) < _AT_ONCE:
            return told


def _told(loop: Loop, case_id: str) -> bool:
    try:
        with loop.service.database.writing() as connection:
            return loop.warn(connection, case_id)
    except SQLAlchemyError:
        raise
    except Exception as error:  # noqa: BLE001 (this one cannot be told of, or not even read; the others can)
        _LOG.warning("not told", extra={"about": {"case": case_id, "why": str(error)}})
        with loop.service.database.writing() as connection:
            cases.warn_from(connection, case_id, loop.service.clock() + _AGAIN)
        return False


def let_go(loop: Loop) -> None:
    """Delete what was kept long enough."""
    service = loop.service
    now = service.clock()
    with service.database.writing() as connection:
        contacts = erasing.erase_contacts(connection, now, service.settings.contact_days)
        acknowledged.forget(connection, now)
        jobs.forget(connection, now - _JOB_FILES)
    erased, more = 0, 1
    while more:  # some at a time, so that who else writes has a turn
        with service.database.writing() as connection:
            more = erasing.anonymise(connection, now, service.settings.text_days)
        erased += more
    if contacts or erased:
        _LOG.info("erased", extra={"about": {"contacts": contacts, "cases": erased}})
