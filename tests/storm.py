"""Many clients report while plans change and workers are killed: what was acknowledged must be there, once."""

import http.client
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
from collections.abc import Iterator
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
def served(database: str, plan: Path, folder: Path, workers: int) -> Iterator[Served]:
    """Run `wangge serve` on a free port until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
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
    running = Served(process, port, "", log)
    try:
        _wait(running)
        running.key = log.read_text().split("shown this once: ")[1].split()[0]
        yield running
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


def storm(running: Served, points: list[tuple[float, float]], clients: int, plans: list[int]) -> Storm:
    """Let clients report points, each with a key of its own, until all are acknowledged."""
    told, todo, over = Storm(), iter(enumerate(points)), threading.Event()
    lock = threading.Lock()
    faults: list[str] = []

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=_PATIENCE_S)
        while not faults:
            with lock:
                number, (lon, lat) = next(todo, (None, (0.0, 0.0)))
            if number is None:
                return
            key = str(uuid.uuid4())
            body = json.dumps({"category": "component-03", "text": key, "lon": lon, "lat": lat}).encode()
            headers = {"Content-Type": "application/json", "Idempotency-Key": key}
            tries = 0
            while True:
                tries += 1
                try:
                    connection.request("POST", "/api/v1/cases", body, headers)
                    answer = connection.getresponse()
                    said = answer.read()
                except (OSError, http.client.HTTPException):
                    # Killed at that moment, perhaps after it was kept: the same again is the only way to know.
                    connection.close()
                    time.sleep(0.05)
                    continue
                if answer.status == http.client.CREATED:
                    break
                if answer.status < _FAILED:
                    faults.append(f"{answer.status} {said[:300]!r}")
                    return
                time.sleep(0.05)
            with lock:
                told.acknowledged[key] = json.loads(said)["case"]["id"]
                told.repeated += tries - 1

    def activator() -> None:
        while not over.wait(1.0):
            plan = plans[told.activations % len(plans)]
            try:
                status, _ = running.ask(
                    "POST", f"/api/v1/plans/{plan}/activation", b"{}", **{"Content-Type": "application/json"}
                )
                told.activations += status == http.client.CREATED
            except (OSError, http.client.HTTPException):
                continue

    def killer() -> None:
        rng = random.Random(1)  # noqa: S311 (any will do)
        while not over.wait(_KILL_EVERY_S):
            workers = running.workers()
            if workers:
                os.kill(rng.choice(workers), signal.SIGKILL)
                told.killed += 1

    began = time.monotonic()
    others = [threading.Thread(target=activator), threading.Thread(target=killer)]
    reporters = [threading.Thread(target=client) for _ in range(clients)]
    for each in [*others, *reporters]:
        each.start()
    for each in reporters:
        each.join()
    told.seconds = time.monotonic() - began
    over.set()
    for each in others:
        each.join()
    assert not faults, faults
    return told
