"""Programs of others against Open311: a reader from the package index, and one that tries everything."""

import socket
import threading
from collections.abc import Iterator

import georeports
import hypothesis
import pytest
import schemathesis
import uvicorn
from georeport import GeoReport
from georeports import post
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)
from serving import Running


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("open311")
    with georeports.running(f"sqlite:///{folder / 'wangge.db'}", folder, reports_per_minute=0) as running:
        yield running


@pytest.fixture(scope="module")
def served(town: Running) -> Iterator[str]:
    """Serve the town on a port of this machine."""
    # The client of the tests has begun it already.
    server = uvicorn.Server(uvicorn.Config(town.client.app, log_level="warning", lifespan="off"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/open311/v2"
        server.should_exit = True
        thread.join()


@pytest.mark.parametrize("form", ["xml", "json"])
def test_georeport_reads(town: Running, served: str, form: str) -> None:
    made = [post(town), post(town, service_code="event-1")]
    reader = GeoReport(served, jurisdiction="A", output_format=form)
    offered = reader.get_service_list()
    assert len(offered) == 14
    assert {"service_code", "service_name", "description", "metadata", "type", "keywords", "group"} == set(offered[0])
    attributes = reader.get_service_definition("component-03")["attributes"]
    listed = attributes if form == "json" else attributes["attribute"]
    assert [each["code"] for each in listed] == ["grade", "organisation"]
    numbers = [each["service_request_id"] for each in made]
    found = reader.get_service_requests(service_request_id=",".join(numbers))
    assert {each["service_request_id"]: each["service_code"] for each in found} == dict(
        zip(numbers, ["component-03", "event-1"], strict=True)
    )
    found = reader.get_service_requests(service_code="event-1,other-99", start_date="2026-03-01", status="open,closed")
    assert numbers[1] in {each["service_request_id"] for each in (found if isinstance(found, list) else [found])}
    one = reader.get_service_request(numbers[0])
    assert (one["status"], one["service_name"], one["description"]) == ("open", "sanitation 市容环卫", None)
    assert float(one["lat"]) == pytest.approx(georeports.shown_at(town, numbers[0])["lat"])


def test_nothing_undocumented_is_answered(town: Running) -> None:
    document = schemathesis.openapi.from_asgi("/openapi.json", town.client.app).include(path_regex="^/open311/")
    checks = [
        schemathesis.checks.not_a_server_error,
        status_code_conformance,
        content_type_conformance,
        response_headers_conformance,
        response_schema_conformance,
        unsupported_method,
    ]
    made = post(town)
    seen: set[tuple[str, int]] = set()
    labels = set()
    for found in document.get_all_operations():
        operation = found.ok()
        labels.add(operation.label)

        @hypothesis.settings(
            max_examples=60, deadline=None, database=None, suppress_health_check=list(hypothesis.HealthCheck)
        )
        @hypothesis.seed(311)
        @hypothesis.given(operation.as_strategy())
        def tried(case: schemathesis.Case) -> None:
            for each in (case, mended(case, made)):
                answer = each.call_and_validate(checks=checks)
                seen.add((each.operation.label, answer.status_code))
                assert str(answer.status_code) in each.operation.definition.raw["responses"], "not even by a class"

        tried()
    assert len(labels) == 8
    assert {label for label, _ in seen} == labels
    assert {label for label, status in seen if status in (200, 201)} == labels


def mended(case: schemathesis.Case, made: dict[str, str]) -> schemathesis.Case:
    """Return what was tried with what chance never finds: codes, numbers, tokens that there are."""
    known = {"service_code": "event-1", "service_request_id": made["service_request_id"], "token": made["token"]}
    unknown = {"api_key", "jurisdiction_id"}
    query = {name: said for name, said in case.query.items() if name not in unknown}
    path = {name: known.get(name, said) for name, said in case.path_parameters.items()}
    if not isinstance(case.body, dict):
        return case.operation.Case(path_parameters=path, query=query, headers=case.headers)
    body = {"lat": 1.0, "long": 1.0} | case.body | {"service_code": "event-1"}
    body = {name: said for name, said in body.items() if name not in unknown}
    return case.operation.Case(
        path_parameters=path, query=query, headers=case.headers, body=body, media_type=case.media_type
    )
