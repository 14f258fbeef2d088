"""Jobs: who asked for what, who does it, how far it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, select

from api.store.tables import job_files, job_stages, jobs

#: A job whose doer was not heard of for so long is given to another.
SILENT = timedelta(seconds=30)
_TRIES = 3


class State(StrEnum):
    """Where a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self not in {State.WAITING, State.RUNNING}


@dataclass(frozen=True)
class Job:
    """A piece of long work."""

    id: int
    kind: str
    options: dict[str, Any]
    state: State
    by: str
    made_at: datetime
    begun_at: datetime | None
    ended_at: datetime | None
    tries: int
    cancel: bool
    outcome: dict[str, Any] | None


@dataclass(frozen=True)
class Stage:
    """A step of a job that was begun."""

    id: int
    at: datetime
    text: str


def add(
    connection: Connection, kind: str, options: dict[str, Any], files: Mapping[str, bytes], *, by: str, now: datetime
) -> int:
    """Put a job at the end of the queue, with its files; return its number."""
    row = {"kind": kind, "options": options, "state": State.WAITING, "made_at": now, "by": by, "tries": 0}
    number = int(connection.execute(jobs.insert().values(**row, cancel=False).returning(jobs.c.id)).scalar_one())
    keep_files(connection, number, files)
    return number


def keep_files(connection: Connection, number: int, files: Mapping[str, bytes]) -> None:
    """Keep files of a job."""
    for name, content in files.items():
        connection.execute(job_files.insert().values(job_id=number, name=name, bytes=content))


def waiting(connection: Connection) -> int:
    """Count the jobs that wait."""
    return int(connection.execute(select(func.count()).where(jobs.c.state == State.WAITING)).scalar_one())


def find(connection: Connection, number: int) -> Job | None:
    """Return one job."""
    row = connection.execute(select(jobs).where(jobs.c.id == number)).one_or_none()
    return None if row is None else _job(row)


def latest(connection: Connection, limit: int = 100) -> list[Job]:
    """Return the latest jobs, the last first."""
    return [_job(row) for row in connection.execute(select(jobs).order_by(jobs.c.id.desc()).limit(limit))]


def files_of(connection: Connection, number: int) -> dict[str, bytes]:
    """Return the files of a job, by name."""
    rows = connection.execute(select(job_files.c.name, job_files.c.bytes).where(job_files.c.job_id == number))
    return {name: bytes(content) for name, content in rows}


def file_of(connection: Connection, number: int, name: str) -> bytes | None:
    """Return one file of a job."""
    wanted = select(job_files.c.bytes).where(job_files.c.job_id == number, job_files.c.name == name)
    found = connection.scalar(wanted)
    return None if found is None else bytes(found)


def take(connection: Connection, now: datetime) -> Job | None:
    """Take the first job that nobody does; those given up too often are failed."""
    silent = (jobs.c.state == State.RUNNING) & (jobs.c.seen_at < now - SILENT)
    lost = {"state": State.FAILED, "ended_at": now, "outcome": {"error": "it was stopped from outside, each time"}}
    connection.execute(jobs.update().where(silent, jobs.c.tries >= _TRIES).values(lost))
    free = (jobs.c.state == State.WAITING) | silent
    first = select(jobs.c.id).where(free).order_by(jobs.c.id).limit(1).with_for_update(skip_locked=True)
    number = connection.execute(first).scalar_one_or_none()
    if number is None:
        return None
    begun = {"state": State.RUNNING, "begun_at": now, "seen_at": now, "tries": jobs.c.tries + 1}
    row = connection.execute(jobs.update().where(jobs.c.id == number).values(begun).returning(*jobs.c)).one()
    return _job(row)


def go_on(connection: Connection, job: Job, now: datetime) -> bool:
    """Say that a job is still being done; return whether it should be: not if cancelled or given to another."""
    seen = jobs.update().where(_mine(job), jobs.c.cancel.is_(False)).values(seen_at=now)
    return connection.execute(seen).rowcount > 0


def begin_stage(connection: Connection, job: Job, text: str, now: datetime) -> None:
    """Note a step of a job."""
    connection.execute(job_stages.insert().values(job_id=job.id, at=now, text=text))


def end(connection: Connection, job: Job, state: State, outcome: dict[str, Any], now: datetime) -> bool:
    """End a job, or give it back to wait; return whether it was still ours."""
    ended = jobs.update().where(_mine(job)).values(state=state, ended_at=now if state.over else None, outcome=outcome)
    return connection.execute(ended).rowcount > 0


def cancel(connection: Connection, number: int, now: datetime) -> None:
    """End a job that waits, and ask the doer of one that runs to stop."""
    here = jobs.c.id == number
    ended = {"state": State.CANCELLED, "ended_at": now, "cancel": True}
    connection.execute(jobs.update().where(here, jobs.c.state == State.WAITING).values(ended))
    connection.execute(jobs.update().where(here, jobs.c.state == State.RUNNING).values(cancel=True))


def stages(connection: Connection, number: int, after: int = 0) -> list[Stage]:
    """Return the steps of a job, those after a number."""
    columns = job_stages.c.id, job_stages.c.at, job_stages.c.text
    wanted = select(*columns).where(job_stages.c.job_id == number, job_stages.c.id > after).order_by(job_stages.c.id)
    return [Stage(*row) for row in connection.execute(wanted)]


def forget(connection: Connection, before: datetime) -> None:
    """Delete the files of jobs that ended long ago; what they were stays."""
    old = select(jobs.c.id).where(jobs.c.ended_at < before)
    connection.execute(delete(job_files).where(job_files.c.job_id.in_(old)))


def _mine(job: Job) -> ColumnElement[bool]:
    # Tries tell one doer from the next: one that was silent too long must not end what another does.
    return (jobs.c.id == job.id) & (jobs.c.state == State.RUNNING) & (jobs.c.tries == job.tries)


def _job(row: Row[Any]) -> Job:
    times = row.made_at, row.begun_at, row.ended_at
    return Job(row.id, row.kind, row.options, State(row.state), row.by, *times, row.tries, row.cancel, row.outcome)
