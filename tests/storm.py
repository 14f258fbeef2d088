"""Many clients report while plans change and workers are killed: what was acknowledged must be there, once."""

import contextlib
import http.client
import itertools
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

_PATIENCE_S = 120
_FAILED = 500
# A worker is ready three seconds after it was begun: more often, and none would ever answer.
_KILL_EVERY_S = 5.0


@dataclass
class Served:
    """A service in processes of its own."""

    process: "subprocess.Popen[bytes]"
    port: int
    key: str
    log: Path

    def workers(self) -> list[int]:
        """Return the processes that answer."""
        found = []
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                line = Path(f"/proc/{child}/cmdline")
                if line.exists() and b"spawn_main" in line.read_bytes():
                    found.append(int(child))
        return found

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
        """Ask once, on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_PATIENCE_S)
        try:
            connection.request(method, path, body, {"Authorization": f"Bearer {self.key}", **headers})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


@contextmanager
def free_port() -> Iterator[int]:
    """Hold a port: nobody else is given it, but who asks for it may listen there."""
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        yield int(held.getsockname()[1])


@contextmanager
def served(database: str, plan: Path, folder: Path, workers: int) -> Iterator[Served]:
    """Run `wangge serve` on a free port until the block ends."""
    with free_port() as port, _started(database, plan, folder, workers, port) as running:
        _wait(running)
        running.key = running.log.read_text().split("shown this once: ")[1].split()[0]
        yield running


@contextmanager
def started_again(database: str, plan: Path, folder: Path, port: int) -> Iterator[Served]:
    """Run the service anew where it was, after it was killed."""
    with _started(database, plan, folder, 1, port) as running:
        _wait(running)
        yield running


@contextmanager
def _started(database: str, plan: Path, folder: Path, workers: int, port: int) -> Iterator[Served]:
    environment = os.environ | {
        "WANGGE_DATABASE": database,
        "WANGGE_SECRET_FILE": str(folder / "wangge.key"),
        "WANGGE_REQUESTS_PER_MINUTE": "0",
        "WANGGE_REPORTS_PER_MINUTE": "0",
        "WANGGE_LOG_LEVEL": "warning",
    }
    command = [
        sys.executable,
        "-m",
        "api",
        "serve",
        "--plan",
        str(plan),
        "--port",
        str(port),
        "--workers",
        str(workers),
    ]
    log = folder / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=environment, stderr=out, stdout=out)
    try:
        yield Served(process, port, "", log)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(running: Served) -> None:
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until:
        assert running.process.poll() is None, running.log.read_text()
        try:
            if running.ask("GET", "/healthz")[0] == http.client.OK:
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(running.log.read_text())


@dataclass
class Storm:
    """What happened."""

    acknowledged: dict[str, str] = field(default_factory=dict)
    activations: int = 0
    killed: int = 0
    repeated: int = 0
    seconds: float = 0.0


@dataclass
class Weather:
    """What clients, and those who disturb them, share."""

    running: Served
    todo: Iterator[tuple[float, float]]
    told: Storm = field(default_factory=Storm)
    over: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
    faults: list[str] = field(default_factory=list)

    def report(self) -> None:
        """Report one point after the other until none is left."""
        with contextlib.closing(
            http.client.HTTPConnection("127.0.0.1", self.running.port, timeout=_PATIENCE_S)
        ) as open_:
            while not self.faults:
                with self.lock:
                    point = next(self.todo, None)
                if point is None:
                    return
                key = str(uuid.uuid4())
                body = {"category": "component-03", "text": key, "lon": point[0], "lat": point[1]}
                tries, case_id = self._send(open_, key, json.dumps(body).encode())
                with self.lock:
                    self.told.acknowledged[key] = case_id
                    self.told.repeated += tries - 1

    def _send(self, connection: http.client.HTTPConnection, key: str, body: bytes) -> tuple[int, str]:
        """Send a report until it is acknowledged; return how often, and its case."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        for tries in itertools.count(1):
            try:
                connection.request("POST", "/api/v1/cases", body, headers)
                answer = connection.getresponse()
                said = answer.read()
            except (OSError, http.client.HTTPException):
                # Killed at that moment, perhaps after it was kept: the same again is the only way to know.
                connection.close()
            else:
                if answer.status == http.client.CREATED:
                    return tries, str(json.loads(said)["case"]["id"])
                if answer.status < _FAILED:
                    self.faults.append(f"{answer.status} {said[:300]!r}")
                    return tries, ""
            time.sleep(0.05)
        raise AssertionError

    def activate(self, plans: Sequence[int]) -> None:
        """Put one plan in force after the other."""
        while not self.over.wait(1.0):
            path = f"/api/v1/plans/{plans[self.told.activations % len(plans)]}/activation"
            with contextlib.suppress(OSError, http.client.HTTPException):
                status, _ = self.running.ask("POST", path, b"{}", **{"Content-Type": "application/json"})
                self.told.activations += status == http.client.CREATED

    def kill(self) -> None:
        """Kill one worker after the other."""
        rng = random.Random(1)  # noqa: S311 (any will do)
        while not self.over.wait(_KILL_EVERY_S):
            workers = self.running.workers()
            if workers:
                os.kill(rng.choice(workers), signal.SIGKILL)
                self.told.killed += 1


def storm(running: Served, points: Sequence[tuple[float, float]], clients: int, plans: Sequence[int]) -> Storm:
    """Let clients report points, each under a key of its own, until all are acknowledged."""
    weather = Weather(running, iter(points))
    others = [threading.Thread(target=weather.activate, args=(plans,)), threading.Thread(target=weather.kill)]
    reporters = [threading.Thread(target=weather.report) for _ in range(clients)]
    began = time.monotonic()
    for each in [*others, *reporters]:
        each.start()
    for each in reporters:
        each.join()
    weather.told.seconds = time.monotonic() - began
    weather.over.set()
    for each in others:
        each.join()
    assert not weather.faults, weather.faults
    return weather.told
