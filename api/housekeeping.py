"""What happens by itself as time goes by: clocks are watched, and what was kept long enough is let go."""

import logging
import threading
from datetime import timedelta

from api.cases import CaseError
from api.loop import Loop, untold
from api.store import acknowledged, cases, erasing, jobs
from api.store.cases import Wanted

_LOG = logging.getLogger("wangge.housekeeping")
_EVERY_S = 30.0
_AT_ONCE = 1000
# Nobody warns longer before than this.
_AHEAD = timedelta(days=31)
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
        while not self._stopped.wait(_EVERY_S):
            for duty in (watch, let_go):
                try:
                    duty(self._loop)
                except Exception:  # noqa: BLE001 (whatever it is: the next round may go well)
                    _LOG.exception("not all was done: trying again")


def watch(loop: Loop) -> int:
    """Tell of every clock that is about to end or has; return of how many."""
    now, told, after = loop.service.clock(), 0, ""
    while True:
        with loop.service.database.reading() as connection:
            near = cases.search(connection, Wanted(is_open=True, due_before=now + _AHEAD), after=after, limit=_AT_ONCE)
        told += sum(_told(loop, kept.case.id) for kept in near if untold(kept.case, now, loop.rules))
        if len(near) < _AT_ONCE:
            return told
        after = near[-1].case.id


def _told(loop: Loop, case_id: str) -> bool:
    try:
        with loop.service.database.writing() as connection:
            return loop.warn(connection, case_id)
    except CaseError as error:  # this one cannot be told of; the others can
        _LOG.warning("not told", extra={"about": {"case": case_id, "why": str(error)}})
        return False


def let_go(loop: Loop) -> None:
    """Delete what was kept long enough."""
    service = loop.service
    now = service.clock()
    with service.database.writing() as connection:
        erased = erasing.erase_contacts(connection, now, service.settings.contact_days)
        erased += erasing.anonymise(connection, now, service.settings.text_days)
        acknowledged.forget(connection, now)
        jobs.forget(connection, now - _JOB_FILES)
    if erased:
        _LOG.info("erased", extra={"about": {"cases": erased}})
