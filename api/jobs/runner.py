"""Does jobs, one at a time in each worker, each in a process of its own: it can be stopped alone."""

import json
import logging
import queue
import resource
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from api.jobs.kinds import KINDS
from api.store import jobs
from api.store.engine import Database
from api.store.jobs import Job, State
from api.uploads import keep_upload
from gis.errors import InputError

_LOG = logging.getLogger("wangge.jobs")
_IDLE_S, _LOOK_S = 1.0, 0.5
_MOST_UNPACKED = 2 << 30
_STAGE_ENDS = " …"


class Runner:
    """Takes jobs from the queue and does them, in a thread.

    Parameters
    ----------
    database
        Where the queue is.
    clock
        Tells the moment.
    memory_mb
        That one job may take; 0: no limit.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime], memory_mb: int) -> None:
        self._database, self._clock, self._memory_mb = database, clock, memory_mb
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)

    def start(self) -> None:
        """Begin to take jobs."""
        self._thread.start()

    def stop(self) -> None:
        """Stop the job that is being done, so that another worker takes it."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(_IDLE_S):
            try:
                with self._database.writing() as connection:
                    job = jobs.take(connection, self._clock())
                if job is not None:
                    self._do(job)
            except Exception:  # noqa: BLE001 (whatever it is: the next look may go well)
                _LOG.exception("the queue of jobs cannot be read: trying again")

    def _do(self, job: Job) -> None:
        kind = KINDS[job.kind]
        with tempfile.TemporaryDirectory(prefix="wangge-job-") as name:
            folder = Path(name)
            with self._database.reading() as connection:
                given = jobs.files_of(connection, job.id)
            try:
                files = {
                    parameter: keep_upload(
                        given[parameter], called, parameter, kind.files[parameter], folder, _MOST_UNPACKED
                    )
                    for parameter, called in job.options["files"].items()
                }
            except InputError as refused:
                with self._database.writing() as connection:
                    jobs.end(connection, job, State.FAILED, {"error": str(refused)}, self._clock())
                return
            # By their names alone, from where they lie: what is said of them names no path of ours.
            named = {parameter: path.relative_to(folder) for parameter, path in files.items()}
            line = kind.arguments(job.options["said"], named, Path())
            child = subprocess.Popen(  # noqa: S603 (no shell; a text of a user's is one argument, after its flag)
                [sys.executable, "-m", "api.jobs.child", *line],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=folder,
            )
            with child:
                _bound(child, self._memory_mb)
                said, error = self._watch(job, child)
            state, outcome = self._outcome(job, child.returncode, said, error)
            results = {each: folder / each for each in kind.results.values()}
            with self._database.writing() as connection:
                if jobs.end(connection, job, state, outcome, self._clock()) and state == State.DONE:
                    made = {each: path.read_bytes() for each, path in results.items() if path.exists()}
                    jobs.keep_files(connection, job.id, made)

    def _watch(self, job: Job, child: "subprocess.Popen[bytes]") -> tuple[str, str]:
        """Note each step of the child until it ends; end it where it should not go on."""
        assert child.stdout is not None  # noqa: S101 (asked for above)
        assert child.stderr is not None  # noqa: S101
        steps: queue.Queue[str] = queue.Queue()
        said: list[str] = []
        error: list[str] = []
        readers = [
            threading.Thread(target=_read_steps, args=(child.stderr, steps, error), daemon=True),
            threading.Thread(target=_read_all, args=(child.stdout, said), daemon=True),
        ]
        for reader in readers:
            reader.start()
        running = True
        while running:
            try:
                child.wait(_LOOK_S)
                running = False
            except subprocess.TimeoutExpired:
                pass
            with self._database.writing() as connection:
                while not steps.empty():
                    jobs.begin_stage(connection, job, steps.get(), self._clock())
                wanted = jobs.go_on(connection, job, self._clock())
            if running and (self._stopped.is_set() or not wanted):
                child.kill()
        for reader in readers:
            reader.join()
        return "".join(said), "".join(error)

    def _outcome(self, job: Job, code: int, said: str, error: str) -> tuple[State, dict[str, Any]]:
        # Python itself ends with 1 where it cannot even begin: then nothing was said.
        if code in KINDS[job.kind].fine and said:
            return State.DONE, {"exit": code, **json.loads(said.splitlines()[-1])}
        with self._database.reading() as connection:
            now = jobs.find(connection, job.id)
        if now is not None and now.cancel:
            return State.CANCELLED, {}
        if self._stopped.is_set():
            return State.WAITING, {}
        told = [line.removeprefix("wangge: ") for line in error.splitlines() if line.startswith("wangge: ")]
        if not told:
            _LOG.error(
                "a job failed without a word", extra={"about": {"job": job.id, "exit": code, "said": error[-2000:]}}
            )
        return State.FAILED, {"exit": code, "error": told[-1] if told else "a fault of the service; it is in its log"}


def _bound(child: "subprocess.Popen[bytes]", memory_mb: int) -> None:
    """Bound the memory of a child, unless the service's own bound, which holds for it too, is as narrow."""
    most, own = memory_mb << 20, resource.getrlimit(resource.RLIMIT_DATA)[1]
    if most and (own == resource.RLIM_INFINITY or most < own):
        resource.prlimit(child.pid, resource.RLIMIT_DATA, (most, most))


def _read_steps(stream: IO[bytes], steps: "queue.Queue[str]", error: list[str]) -> None:
    """Read standard error as it comes: a step is a line that is not ended yet, and says so with dots."""
    line = ""
    while piece := stream.read1(4096):  # type: ignore[attr-defined]
        for part in piece.decode("utf-8", "replace").splitlines(keepends=True):
            line += part
            if line.endswith(_STAGE_ENDS):
                steps.put(line.removesuffix(_STAGE_ENDS))
            if line.endswith("\n"):
                error.append(line)
                line = ""
    error.append(line)


def _read_all(stream: IO[bytes], said: list[str]) -> None:
    said.append(stream.read().decode("utf-8", "replace"))
