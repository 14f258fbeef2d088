"""Acknowledged reports outlast killed workers and changing plans, on both stores.

`pytest tests/test_api_storm.py --reports 50000` runs the whole storm; by default it is a shorter one;
`--log-cli-level INFO` tells its figures.
"""

import contextlib
import http.client
import json
import logging
import os
import signal
import time
from pathlib import Path

import numpy as np
import pytest
import storm
from pyproj import Transformer
from sqlalchemy import Connection, select

import gis
from api.cases import replay
from api.store import cases, plans
from api.store.engine import Database
from api.store.tables import case_texts
from api.store.tables import cases as case_table
from data.demo_town import make_demo_town
from gis.location.index import CellIndex
from gis.plan import Plan


@pytest.fixture(scope="module")
def other_file(town_plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Draw the town once more, with other cells."""
    made = make_demo_town(tmp_path_factory.mktemp("other"), seed=1)
    layers = {name: f"{made.town}:{name}" for name in ("streets", "buildings", "barriers", "area")}
    town = gis.read_town(**layers, within=f"{made.town}:communities")
    plan = gis.delineate(town, gis.parse_levels("grid:300-500,micro:60-90"), seed=2, workers=2)
    assert plan.version != town_plan.version
    gis.write_plan(plan, made.town.parent / "other.gpkg")
    return made.town.parent / "other.gpkg"


def test_what_was_acknowledged_is_there_once(
    store_url: str,
    town_plan: Plan,
    town_file: Path,
    other_file: Path,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    reports = request.config.getoption("--reports")
    west, south, east, north = town_plan.area.to_crs(4326).total_bounds
    rng = np.random.default_rng(1)
    points = list(zip(rng.uniform(west, east, reports), rng.uniform(south, north, reports), strict=True))
    with storm.served(store_url, town_file, tmp_path, workers=3) as running:
        status, said = running.ask("POST", "/api/v1/plans", other_file.read_bytes())
        assert status == 201, said
        told = storm.storm(running, points, clients=32, plans=[2, 1])
    assert told.killed > 0
    assert told.activations > 0
    assert len(told.acknowledged) == reports
    database = Database(store_url)
    with database.reading() as connection:
        _are_there_once(connection, told)
        _were_routed_by_whole_plans(connection, {1: gis.read_plan(town_file), 2: gis.read_plan(other_file)})
        _have_their_history(connection)
    database.close()
    figures = f"{reports} reports in {told.seconds:.0f} s, {told.killed} workers killed, {told.activations} activations"
    logging.getLogger("storm").info("%s, %d sent again", figures, told.repeated)


def _are_there_once(connection: Connection, told: storm.Storm) -> None:
    kept = connection.execute(select(case_texts.c.text, case_texts.c.case_id)).all()
    assert len(kept) == len(told.acknowledged)
    assert {row.text: row.case_id for row in kept} == told.acknowledged
    assert set(connection.scalars(select(case_table.c.id))) == set(told.acknowledged.values())


def _were_routed_by_whole_plans(connection: Connection, by_id: dict[int, Plan]) -> None:
    """Locate every report once more by the plan that was in force when it came."""
    for activation in plans.generations(connection):
        rows = connection.execute(select(case_table).where(case_table.c.activation_id == activation.id)).all()
        if not rows:
            continue
        plan = by_id[activation.plan_id]
        assert all(activation.begins <= row.received_at for row in rows)
        assert activation.ends is None or all(row.received_at < activation.ends for row in rows)
        assert {row.routed["plan_version"] for row in rows} == {activation.version} == {plan.version}
        index = CellIndex.from_plan(plan)
        placed = [row for row in rows if row.routed["status"] == "inside"]
        said = [(row.given["lon"], row.given["lat"]) for row in placed]
        to_plan = Transformer.from_crs(4326, plan.area.crs, always_xy=True)
        found = index.locate(*to_plan.transform(*np.array(said).reshape(-1, 2).T))
        assert index.grounds["code"].to_numpy()[found].tolist() == [row.routed["cell_code"] for row in placed]
        known = {*plan.cells["code"], plan.area["code"].iloc[0]}
        assert {row.cell for row in rows} <= known


def _have_their_history(connection: Connection) -> None:
    for kept in cases.search(connection, cases.Wanted(), limit=1_000_000):
        assert replay(cases.history(connection, kept.case.id)) == kept.case


def test_a_job_whose_worker_is_killed_is_done_by_the_next(town_plan: Plan, town_file: Path, tmp_path: Path) -> None:
    layers = {name: f"{name}.geojson" for name in ("file", "area")}
    parts = {"file": town_plan.at_level("grid").to_crs(4326), "area": town_plan.area.to_crs(4326)}
    border = "wangge-test"
    body = b"".join(
        f'--{border}\r\nContent-Disposition: form-data; name="{name}"; filename="{layers[name]}"\r\n\r\n'.encode()
        + part.to_json().encode()
        + b"\r\n"
        for name, part in parts.items()
    )
    body += f"--{border}--\r\n".encode()
    with storm.served(f"sqlite:///{tmp_path / 'wangge.db'}", town_file, tmp_path, workers=2) as running:
        kind = {"Content-Type": f"multipart/form-data; boundary={border}"}
        status, said = running.ask("POST", "/api/v1/jobs/check", body, **kind)
        assert status == 202, said
        path = f"/api/v1/jobs/{json.loads(said)['id']}"
        _wait_for(running, path, {"running"})
        for worker in running.workers():
            os.kill(worker, signal.SIGKILL)
        job = _wait_for(running, path, {"done", "failed"})
    assert job["state"] == "done", job


def _wait_for(running: storm.Served, path: str, states: set[str]) -> dict[str, object]:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        with contextlib.suppress(OSError, http.client.HTTPException):
            status, said = running.ask("GET", path)
            if status == http.client.OK and json.loads(said)["state"] in states:
                return json.loads(said)
        time.sleep(0.05)
    raise AssertionError(states)
