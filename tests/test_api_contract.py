"""The whole document of the service holds: of every operation, by an administrator and by nobody."""

import re
from collections.abc import Iterator

import georeports
import hypothesis
import pytest
import schemathesis
from georeports import HOUSE
from schemathesis.core.failures import FailureGroup
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from serving import Running

CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# Beside these the interfaces of others have tests of their own, which try them harder.
EXAMPLES = {"/api/": 12, "/ogc": 3, "/open311": 3}

# As they are: chance makes no plan.
schemathesis.serializer("application/geopackage+sqlite3")(lambda _, said: said if isinstance(said, bytes) else b"none")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("contract")
    url = f"sqlite:///{folder / 'wangge.db'}"
    with georeports.running(url, folder, reports_per_minute=0, queue_length=1000) as running:
        yield running


@pytest.fixture(scope="module")
def known(town: Running) -> dict[str, object]:
    """Return what is there, by the name of the parameter that asks for it: chance never finds it."""
    report = {"category": "component-03", "lon": HOUSE["long"], "lat": HOUSE["lat"]}
    made = [town.client.post("/api/v1/cases", json=report).json() for _ in range(3)]
    coverage = {"file": ("grids.geojson", b'{"type": "FeatureCollection", "features": []}')}
    job = town.client.post("/api/v1/jobs/check", files=coverage, headers=town.to("planner")).json()["id"]
    # It ends: whoever watches it is told so, and goes.
    town.client.get(f"/api/v1/jobs/{job}/progress", headers=town.to("planner"))
    case_id = made[0]["case"]["id"]
    return {
        "case_id": case_id,
        "service_request_id": case_id,
        "plan_id": 1,
        "number": job,
        "collectionId": "cells",
        "featureId": georeports.doors.COMMUNITY,
        "tileMatrixSetId": "WebMercatorQuad",
        "tileMatrix": 14,
        "tileRow": 6316,
        "tileCol": 13401,
        "form": "json",
    }


@pytest.mark.parametrize("asker", ["administrator", "nobody"])
def test_nothing_undocumented_is_answered(town: Running, known: dict[str, object], asker: str) -> None:
    document = schemathesis.openapi.from_asgi("/openapi.json", town.client.app)
    headers = {} if asker == "nobody" else town.to(asker)
    found: dict[str, str] = {}
    asked = 0
    for each in document.get_all_operations():
        operation = each.ok()
        asked += 1
        try:
            attempt(operation, known, headers)
        except (Exception, FailureGroup) as wrong:  # noqa: BLE001 (all that is wrong is told at once)
            found[operation.label] = "\n".join(str(each) for each in getattr(wrong, "exceptions", [wrong]))[:700]
    assert not found, "\n\n".join(f"{label}: {said}" for label, said in found.items())
    assert asked > 60


def attempt(operation: APIOperation, known: dict[str, object], headers: dict[str, str]) -> None:
    """Ask for what chance finds, and for what is there."""
    most = next((n for start, n in EXAMPLES.items() if operation.path.startswith(start)), 3)
    there = {name: known[name] for name in re.findall(r"{(\w+)}", operation.path) if name in known}

    @hypothesis.settings(
        max_examples=most,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(operation.as_strategy())
    def tried(case: schemathesis.Case) -> None:
        for places in ({}, there) if there else ({},):
            case.path_parameters = {**(case.path_parameters or {}), **places}
            case.call_and_validate(checks=CHECKS, headers=headers)

    tried()
