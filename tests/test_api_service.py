"""The service's own interface: plans, cells, points, jobs."""

import json
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import serving
from fastapi.testclient import TestClient
from serving import Running
from sqlalchemy import event

from api.access.roles import OPERATOR
from api.store import plans
from data.demo_town import make_demo_town
from gis.location.index import CellIndex
from gis.plan import Plan, write_plan


@pytest.fixture(scope="module")
def town(town_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("service")
    with serving.running(f"sqlite:///{folder / 'wangge.db'}", folder, town_file) as running:
        yield running


def test_points_are_found_alike_one_by_one_and_by_the_thousand(town: Running, town_plan: Plan) -> None:
    west, south, east, north = town_plan.area.to_crs(4326).total_bounds
    rng = np.random.default_rng(1)
    points = np.column_stack([rng.uniform(west, east, 2000), rng.uniform(south, north, 2000)])
    index = CellIndex.from_plan(town_plan)
    x, y = town.service.plans.current.to_plan.transform(*points.T)
    expected = index.locate(x, y)
    sent = points.astype("<f8").tobytes()
    binary = town.client.post("/api/v1/locate/binary", content=sent)
    assert np.frombuffer(binary.content, "<i4").tolist() == expected.tolist()
    many = town.client.post("/api/v1/locate", json={"lon": points[:, 0].tolist(), "lat": points[:, 1].tolist()}).json()
    assert many["rows"] == expected.tolist()
    assert many["plan_version"] == binary.headers["Wangge-Plan-Version"] == town_plan.version
    for (lon, lat), row in zip(points[:200].tolist(), expected[:200].tolist(), strict=True):
        one = town.client.get("/api/v1/locate", params={"lon": lon, "lat": lat}).json()
        if row < 0:
            assert one["status"] == "outside"
        elif index.grounds["cells"][row] > 1:
            assert one["status"] == "ask_address"
            assert one["cell_code"] is None
        else:
            assert one["cell_code"] == index.grounds["code"][row] == one["grid_codes"]["micro"]
            assert one["grid_codes"]["grid"] == index.grounds["grid"][row]


@pytest.mark.parametrize(
    ("query", "said"),
    [("lon=x&lat=1", "query.lon"), ("lon=181&lat=1", "query.lon"), ("lat=1", "query.lon"), ("lon=nan&lat=1", "lon")],
)
def test_points_that_are_none_are_refused_as_problems(town: Running, query: str, said: str) -> None:
    answer = town.client.get(f"/api/v1/locate?{query}")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert said in answer.json()["detail"]


def test_cells_say_what_is_inside_and_beside_them(town: Running, town_plan: Plan) -> None:
    grids = town.client.get("/api/v1/cells", params={"level": "grid"}).json()
    assert [each["code"] for each in grids] == town_plan.at_level("grid")["code"].tolist()
    code = grids[0]["code"]
    inside = town.client.get(f"/api/v1/cells/{code}/children").json()
    assert {each["parent_code"] for each in inside} == {code}
    assert sum(each["households"] for each in inside) == grids[0]["households"]
    shape = town_plan.cells.set_index("code").geometry[code]
    others = town_plan.at_level("grid").set_index("code").geometry.drop(code)
    touching = others[others.boundary.intersection(shape.boundary).length > 0].index
    assert {each["code"] for each in town.client.get(f"/api/v1/cells/{code}/neighbours").json()} == set(touching)
    assert town.client.get("/api/v1/cells/none").status_code == 404


def test_a_plan_is_proved_and_kept_once(town: Running, town_file: Path, town_plan: Plan) -> None:
    assert town.client.post("/api/v1/plans", content=town_file.read_bytes()).status_code == 401
    refused = town.client.post("/api/v1/plans", content=town_file.read_bytes(), headers=town.to("desk"))
    assert refused.status_code == 403
    known = town.client.post("/api/v1/plans", content=town_file.read_bytes(), headers=town.to("planner"))
    assert known.status_code == 201
    assert known.json()["id"] == 1
    broken = town.client.post("/api/v1/plans", content=b"SQLite format 3\0 and no more", headers=town.to("planner"))
    assert broken.status_code == 422
    told = town.client.get("/api/v1/plans/1", headers=town.to("planner")).json()
    assert told == {**known.json(), "certificate": town_plan.metadata["certificate"], "imported_by": OPERATOR.code}
    assert town.client.get("/api/v1/plans/9", headers=town.to("planner")).status_code == 404


def test_a_plan_that_begins_by_its_date_is_open_before(town_plan: Plan, town_file: Path, tmp_path: Path) -> None:
    path, read = tmp_path / "next.gpkg", list[str]()
    write_plan(replace(town_plan, metadata=town_plan.metadata | {"drawn": "anew"}), path)
    with serving.running(f"sqlite:///{tmp_path / 'wangge.db'}", tmp_path, town_file) as town:
        database, now = town.service.database, town.clock()
        with database.writing() as connection:
            record = plans.keep(connection, plans.prove(path), path.read_bytes(), by=OPERATOR, now=now)
            plans.activate(connection, record.id, by=OPERATOR, now=now, begins=now + timedelta(minutes=1))
        town.service.plans.refresh()
        event.listen(database.engine, "before_cursor_execute", lambda *told: read.append(told[2]))
        town.clock.advance(minutes=1)
        town.service.plans.refresh()
        assert town.service.plans.current.plan_id == record.id > 1
    assert read
    assert not [each for each in read if "plan_files" in each]


def test_looking_back_keeps_nobody_waiting(town_plan: Plan, town_file: Path, tmp_path: Path) -> None:
    code = town_plan.at_level("grid")["code"].iloc[0]
    with serving.running(f"sqlite:///{tmp_path / 'wangge.db'}", tmp_path, town_file) as town:
        first, service = town.clock().isoformat(), town.service
        for drawn in ("second", "third", "fourth"):
            path = tmp_path / f"{drawn}.gpkg"
            write_plan(replace(town_plan, metadata=town_plan.metadata | {"drawn": drawn}), path)
            town.clock.advance(hours=1)
            with service.database.writing() as connection:
                record = plans.keep(connection, plans.prove(path), path.read_bytes(), by=OPERATOR, now=town.clock())
                plans.activate(connection, record.id, by=OPERATOR, now=town.clock())
            service.plans.refresh()
        asked = f"/api/v1/cells/{code}"
        with service.plans._opening:  # as while somebody else looks back  # noqa: SLF001
            busy = town.client.get(asked, params={"at": first})
            assert town.client.get(asked).status_code == 200
        assert (busy.status_code, busy.headers["Retry-After"]) == (503, "1")
        assert town.client.get(asked, params={"at": first}).status_code == 200


def ended(town: Running, number: int) -> dict[str, Any]:
    """Wait for a job to be over."""
    said = town.client.get(f"/api/v1/jobs/{number}/progress", headers=town.to("planner")).text
    assert "event: end" in said
    return town.client.get(f"/api/v1/jobs/{number}", headers=town.to("planner")).json()


def test_a_job_draws_a_plan_that_can_be_imported(town: Running, tmp_path: Path) -> None:
    made = make_demo_town(tmp_path, seed=1).town.read_bytes()
    files = dict.fromkeys(("streets", "buildings", "barriers", "area", "within"), ("town.gpkg", made))
    layers = {name: name for name in files} | {"within": "communities"}
    options = json.dumps(layers | {"levels": "grid:400-600", "seed": 3})
    asked = town.client.post(
        "/api/v1/jobs/delineate", files=files, data={"options": options}, headers=town.to("planner")
    )
    assert asked.status_code == 202, asked.text
    job = ended(town, asked.json()["id"])
    assert job["state"] == "done", job
    assert len(job["stages"]) > 5
    drawn = town.client.post(f"/api/v1/jobs/{job['id']}/plan", headers=town.to("planner"))
    assert drawn.status_code == 201
    assert drawn.json()["households"] == 19900
    assert drawn.json()["levels"] == ["community", "grid"]
    file = town.client.get(f"/api/v1/jobs/{job['id']}/files/plan.gpkg", headers=town.to("planner"))
    assert file.content.startswith(b"SQLite format 3")


def test_a_job_proves_a_coverage_or_lists_its_defects(town: Running, town_plan: Plan) -> None:
    cells = town_plan.at_level("grid")
    for given, valid in ((cells, True), (cells.iloc[1:], False)):
        files = {"file": ("grids.geojson", given.to_crs(4326).to_json().encode())}
        files["area"] = ("area.geojson", town_plan.area.to_crs(4326).to_json().encode())
        asked = town.client.post("/api/v1/jobs/check", files=files, headers=town.to("planner"))
        job = ended(town, asked.json()["id"])
        assert job["state"] == "done", job["outcome"]
        report = town.client.get(f"/api/v1/jobs/{job['id']}/files/report.json", headers=town.to("planner")).json()
        assert ("gap" in report["counts"] or "uncovered" in report["counts"]) is not valid


def test_a_job_that_cannot_be_done_says_why(town: Running) -> None:
    files = {"file": ("a.geojson", b'{"type": "FeatureCollection", "features": []}')}
    asked = town.client.post("/api/v1/jobs/check", files=files, headers=town.to("planner"))
    job = ended(town, asked.json()["id"])
    assert job["state"] == "failed"
    assert "Traceback" not in job["outcome"]["error"]
    assert job["outcome"]["exit"] == 2


def test_a_job_takes_no_more_memory_than_it_may(town_file: Path, tmp_path: Path) -> None:
    made = make_demo_town(tmp_path, seed=1).town.read_bytes()
    layers = {name: name for name in ("streets", "buildings", "barriers")}
    sent = {"files": dict.fromkeys(layers, ("town.gpkg", made)), "data": {"options": json.dumps(layers)}}
    with serving.running(f"sqlite:///{tmp_path / 'wangge.db'}", tmp_path, town_file, job_memory_mb=350) as town:
        asked = town.client.post("/api/v1/jobs/delineate", headers=town.to("planner"), **sent)
        job = ended(town, asked.json()["id"])
        assert town.client.get("/healthz").status_code == 200
    # Where memory ends in a library, that library's word for it is a fault; the service goes on.
    assert job["state"] == "failed"
    assert job["outcome"]["exit"] != 0


def test_a_job_that_cannot_even_begin_has_failed(town: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python ends with 1 where it has no memory to start, which is what `check` ends with where it finds defects."""
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    files = {"file": ("a.geojson", b'{"type": "FeatureCollection", "features": []}')}
    asked = town.client.post("/api/v1/jobs/check", files=files, headers=town.to("planner"))
    path, until = f"/api/v1/jobs/{asked.json()['id']}", time.monotonic() + 30
    while (job := town.client.get(path, headers=town.to("planner")).json())["ended_at"] is None:
        assert time.monotonic() < until, job
        time.sleep(0.1)
    assert (job["state"], job["outcome"]["exit"]) == ("failed", 1)


def test_a_job_is_cancelled_while_it_runs(town: Running, tmp_path: Path) -> None:
    made = make_demo_town(tmp_path, seed=1).town.read_bytes()
    files = dict.fromkeys(("streets", "buildings", "barriers"), ("town.gpkg", made))
    layers = {name: name for name in files}
    asked = town.client.post(
        "/api/v1/jobs/delineate", files=files, data={"options": json.dumps(layers)}, headers=town.to("planner")
    )
    number = asked.json()["id"]
    until = time.monotonic() + 60
    while not town.client.get(f"/api/v1/jobs/{number}", headers=town.to("planner")).json()["stages"]:
        assert time.monotonic() < until
        time.sleep(0.1)
    assert town.client.delete(f"/api/v1/jobs/{number}", headers=town.to("planner")).status_code == 202
    assert ended(town, number)["state"] == "cancelled"


def test_a_full_queue_says_so(town: Running) -> None:
    files = {"file": ("a.geojson", b'{"type": "FeatureCollection", "features": []}')}
    answers = [
        town.client.post("/api/v1/jobs/check", files=files, headers=town.to("planner"))
        for _ in range(town.settings.queue_length + 2)
    ]
    assert answers[-1].status_code == 503
    assert "Retry-After" in answers[-1].headers
    for each in answers:
        if each.status_code == 202:
            town.client.delete(f"/api/v1/jobs/{each.json()['id']}", headers=town.to("planner"))


def test_paths_of_the_server_are_no_options(town: Running) -> None:
    for options in ({"streets": "/etc/passwd"}, {"area": "../x.gpkg"}, {"area": "x.gpkg"}, {"within": "a:b"}):
        asked = town.client.post(
            "/api/v1/jobs/delineate", data={"options": json.dumps(options)}, headers=town.to("planner")
        )
        assert asked.status_code == 422, options


def test_what_is_counted_is_told(town: Running) -> None:
    town.client.get("/api/v1/locate?lon=114.46&lat=38.06")
    told = town.client.get("/metrics").text
    assert 'wangge_requests_total{method="GET",route="/api/v1/locate",status="200"}' in told
    assert "wangge_jobs_waiting" in told
    assert town.client.get("/healthz").json()["plan_version"] == town.service.plans.current.version


def test_what_is_counted_behind_a_proxy_has_the_same_names(town: Running) -> None:
    client = TestClient(town.client.app, root_path="/grids")
    assert client.get("/grids/api/v1/cells/nowhere").status_code == 404
    # Whoever watches the service has no key of it: what it sends is for somebody else.
    told = client.get("/grids/metrics", headers={"X-Api-Key": "of another"})
    assert told.status_code == 200
    assert 'route="/api/v1/cells/{code}",status="404"' in told.text
