"""Points located over HTTP, beside an app that only says what it was asked; and batches as bytes."""

import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import storm
from loading import Asked, load

import gis
from gis.plan import Plan

_ROUNDS = 5
_AT_LEAST = 0.8
_POINTS_A_SECOND = 1.5e6
_ECHO = """
from fastapi import FastAPI

app = FastAPI()


@app.get("/echo")
async def echo(lon: float, lat: float) -> dict[str, float]:
    return {"lon": lon, "lat": lat}
"""


@contextmanager
def echoing(folder: Path) -> Iterator[int]:
    """Run a bare app that answers with the two numbers it was given."""
    (folder / "echo.py").write_text(_ECHO)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "echo:app",
        "--port",
        str(port),
        "--no-access-log",
        "--log-level",
        "error",
    ]
    process = subprocess.Popen(command, cwd=folder)
    try:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait()


def test_points_located_over_http(timed: Any, town_plan: Plan, tmp_path: Path) -> None:  # noqa: ANN401
    gis.write_plan(town_plan, tmp_path / "plan.gpkg")
    point = town_plan.at_level("micro").representative_point().to_crs(4326).iloc[0]
    query = f"?lon={point.x}&lat={point.y}"
    ours: list[Asked] = []
    echoed: list[Asked] = []
    database = f"sqlite:///{tmp_path / 'wangge.db'}"
    with storm.served(database, tmp_path / "plan.gpkg", tmp_path, workers=1) as running, echoing(tmp_path) as echo:
        load(running.port, f"/api/v1/locate{query}", seconds=1)
        for _ in range(_ROUNDS):
            echoed.append(load(echo, f"/echo{query}"))
            ours.append(load(running.port, f"/api/v1/locate{query}"))
        points = _points(town_plan, 1_000_000)
        answer = timed.pedantic(_binary, (running, points), rounds=5)
    share = median(one.per_second / other.per_second for one, other in zip(ours, echoed, strict=True))
    rate = len(points) / timed.stats.stats.median
    timed.extra_info |= {
        "requests_a_second": round(median(each.per_second for each in ours)),
        "of_a_bare_echo": round(share, 3),
        "p99_ms_of_64_clients": round(median(each.p99_ms for each in ours), 1),
        "p99_ms_of_the_echo": round(median(each.p99_ms for each in echoed), 1),
        "batch_points_a_second": round(rate),
    }
    print(timed.extra_info)  # noqa: T201
    assert len(answer) == len(points)
    assert share >= _AT_LEAST
    assert rate >= _POINTS_A_SECOND


def _points(plan: Plan, count: int) -> "np.ndarray[Any, np.dtype[np.float64]]":
    west, south, east, north = plan.area.to_crs(4326).total_bounds
    return np.random.default_rng(1).uniform((west, south), (east, north), (count, 2))


def _binary(running: storm.Served, points: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    body = points.astype("<f8").tobytes()
    status, said = running.ask("POST", "/api/v1/locate/binary", body)
    assert status == http.client.OK
    return np.frombuffer(said, "<i4")
