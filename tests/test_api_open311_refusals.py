"""What Open311 GeoReport v2 refuses, and in which words."""

import json
from collections.abc import Iterator
from pathlib import Path

import georeports
import pytest
import serving
from fastapi.testclient import TestClient
from georeports import BASE, HOUSE, assert_same, ids, parsed, post
from serving import Running

FORM = "application/x-www-form-urlencoded"
PLACE = "lat={lat}&long={long}".format(**HOUSE)
GOOD = f"service_code=event-1&{PLACE}"
ENTITY = '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]><r><service_code>&x;</service_code></r>'


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("open311")
    with georeports.running(f"sqlite:///{folder / 'wangge.db'}", folder, upload_mb=1) as running:
        yield running


def refused(town: Running, method: str, path: str, status: int, said: str, **request: object) -> None:
    texts = []
    for form in ("xml", "json"):
        answer = town.client.request(method, path.replace("FORM", form), **request)
        assert answer.status_code == status, answer.text
        kind = {"xml": "text/xml", "json": "application/json"}[form]
        assert answer.headers["content-type"] == f"{kind}; charset=utf-8"
        texts.append(answer.content)
    xml, told = texts
    assert_same(xml, json.loads(told), "errors")
    assert {each["code"] for each in json.loads(told)} == {status}
    assert said in " ".join(each["description"] for each in json.loads(told))


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("services/nothing.FORM", 404, "no service"),
        ("services.FORM?jurisdiction_id=elsewhere", 404, "jurisdiction_id"),
        ("requests.FORM?jurisdiction_id=elsewhere", 404, "jurisdiction_id"),
        ("../discovery.FORM?jurisdiction_id=elsewhere", 404, "jurisdiction_id"),
        ("requests/260304-0000000000.FORM", 404, "service_request_id"),
        ("requests/260304-0000000000/updates.FORM", 404, "service_request_id"),
        ("requests/%00.FORM", 404, "service_request_id"),
        (f"requests/{'9' * 41}.FORM", 400, "service_request_id"),
        ("tokens/260304-0000000000.FORM", 404, "token"),
        ("tokens/260304-0000000000.AAAAAAAAAAAAAAAAAAAAAAAA.FORM", 404, "token"),
        ("nothing.FORM", 404, "Not Found"),
        ("requests.FORM?service_code=nothing", 400, "service_code"),
        ("requests.FORM?status=done", 400, "open or closed"),
        ("requests.FORM?start_date=yesterday", 400, "start_date"),
        ("requests.FORM?start_date=2026-02-30", 400, "start_date"),
        ("requests.FORM?end_date=0001-01-01T00:00:00%2B08:00", 400, "end_date"),
        ("requests.FORM?end_date=0001-01-01T00:00:00Z", 400, "end_date"),
        ("requests.FORM?start_date=9999-12-31", 400, "start_date"),
        ("requests.FORM?start_date=2026-01-01&end_date=2026-04-02", 400, "90 days"),
        ("requests.FORM?start_date=2026-02-01&end_date=2026-01-01", 400, "90 days"),
        ("requests.FORM?updated_after=2026-01-01&updated_before=2027-01-01", 400, "90 days"),
        ("requests.FORM?bbox=1,2,3", 400, "bbox"),
        ("requests.FORM?bbox=nan,nan,nan,nan", 400, "bbox"),
        ("requests.FORM?page_size=1001", 400, "page_size"),
        ("requests.FORM?page_size=0", 400, "page_size"),
        ("requests.FORM?after=%27", 400, "after"),
        (f"requests.FORM?service_request_id={','.join(['x'] * 1001)}", 400, "at most 1000"),
        ("requests.FORM?api_key=none", 403, "key"),
        ("requests.FORM?api_key=%C2%80", 403, "key"),
        ("requests.FORM?key=%E9%92%A5", 403, "key"),
    ],
)
def test_questions_without_answer(town: Running, path: str, status: int, said: str) -> None:
    refused(town, "GET", f"{BASE}/{path}", status, said)


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (PLACE, 400, "service_code"),
        ("", 400, "service_code"),
        (f"service_code=nothing&{PLACE}", 400, "service_code"),
        ("service_code=event-1", 400, "where it is"),
        ("service_code=event-1&lat=1", 400, "give both"),
        ("service_code=event-1&lat=91&long=1", 400, "lat"),
        ("service_code=event-1&lat=nan&long=1", 400, "lat"),
        ("service_code=event-1&lat=x&long=1", 400, "lat"),
        (f"{GOOD}&attribute[grade]=none", 400, "grade"),
        (f"{GOOD}&attribute[organisation]=a%20b", 400, "organisation"),
        (f"{GOOD}&description={'x' * 4001}", 400, "description"),
        (f"{GOOD}&datum=moon", 400, "datum"),
        (f"{GOOD}&jurisdiction_id=elsewhere", 404, "jurisdiction_id"),
        (f"{GOOD}&api_key=none", 403, "key"),
        ("service_code", 400, "form"),
        (f"{GOOD}&description=%ff", 400, "form"),
        (f"{GOOD}&description=".encode() + b"\xff", 400, "form"),
        (f"{GOOD}&description={'x' * 70_000}", 413, "64 KB"),
        (f"{GOOD}&description={'x' * (1 << 20)}", 413, "1 MB"),
        (GOOD + "&a=b" * 300, 400, "form"),
    ],
)
def test_forms_that_cannot_be_taken(town: Running, body: str | bytes, status: int, said: str) -> None:
    before = ids(town)
    refused(town, "POST", f"{BASE}/requests.FORM", status, said, content=body, headers={"Content-Type": FORM})
    assert ids(town) == before


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/xml", ENTITY),
        ("application/xml", ENTITY),
        ("application/json", '{"service_code": "event-1"}'),
        ("multipart/form-data; boundary=b", "--b--"),
        ("", GOOD),
    ],
)
def test_nothing_but_forms_is_read(town: Running, kind: str, body: str) -> None:
    headers = {"Content-Type": kind} if kind else {}
    refused(town, "POST", f"{BASE}/requests.FORM", 415, "form", content=body, headers=headers)


def test_refusals_of_the_gate_are_in_these_words_too(town: Running) -> None:
    refused(town, "GET", f"{BASE}/services.FORM", 403, "Bearer", headers={"Authorization": "Basic x"})
    refused(town, "GET", f"{BASE}/services.FORM", 403, "key", headers={"X-API-Key": "wg_none"})
    refused(town, "DELETE", f"{BASE}/services.FORM", 405, "Method")
    assert town.client.delete(f"{BASE}/services.xml").headers["allow"] == "GET"
    planner = town.to("planner")
    refused(
        town,
        "POST",
        f"{BASE}/requests.FORM",
        403,
        "planner",
        data={"service_code": "event-1", **HOUSE},
        headers=planner,
    )


@pytest.mark.parametrize("path", ["services", "services.yaml", "requests/x.yaml", "services.XML", "", "nothing.xml"])
def test_other_formats_are_told_in_xml(town: Running, path: str) -> None:
    answer = town.client.get(f"{BASE}/{path}")
    assert answer.status_code == 404
    assert parsed(answer.content).findtext("error/code") == "404"


def test_closed_services_take_no_requests_without_key(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'wangge.db'}"
    with georeports.running(url, tmp_path, open_reports=False) as town:
        sent = {"service_code": "event-1", **HOUSE}
        refused(town, "POST", f"{BASE}/requests.FORM", 403, "who you are", data=sent)
        assert post(town, town.to("resident"))


def test_too_many_requests_are_told_when_to_come_again(tmp_path: Path) -> None:
    with georeports.running(f"sqlite:///{tmp_path / 'wangge.db'}", tmp_path, reports_per_minute=1) as town:
        sent = {"service_code": "event-1", **HOUSE}
        post(town)
        refused(town, "POST", f"{BASE}/requests.FORM", 429, "too many", data=sent)
        assert int(town.client.post(f"{BASE}/requests.xml", data=sent).headers["retry-after"]) > 0


def test_a_fault_is_told_without_its_text(town: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(town.service.plans, "_current", object())
    refused(town, "GET", f"{BASE}/services.FORM?jurisdiction_id=A", 500, "fault of the service")


def test_filters_are_values_and_nothing_else(town: Running) -> None:
    made = post(town)["service_request_id"]
    for name in ("service_request_id", "service_code", "start_date", "status", "bbox", "after", "page_size"):
        for value in ("' OR 1=1 --", "x'; DROP TABLE cases; --", "%", "\x00", '"', "1); SELECT 1"):
            for form in ("xml", "json"):
                answer = town.client.get(f"{BASE}/requests.{form}", params={name: value})
                assert answer.status_code == 400, (name, value, answer.text)
    assert made in ids(town)


def test_without_a_plan_nothing_can_be_requested_yet(tmp_path: Path) -> None:
    with serving.running(f"sqlite:///{tmp_path / 'wangge.db'}", tmp_path) as town:
        assert town.client.get(f"{BASE}/services.xml").status_code == 200
        refused(town, "GET", f"{BASE}/requests.FORM", 503, "no plan")
        refused(town, "POST", f"{BASE}/requests.FORM", 503, "no plan", data={"service_code": "event-1", **HOUSE})


def test_behind_a_proxy_addresses_are_those_of_the_proxy(town: Running) -> None:
    client = TestClient(town.client.app, root_path="/grids")
    for path in (BASE, f"/grids{BASE}"):
        [endpoint] = client.get(f"{path}/discovery.json").json()["endpoints"]
        assert endpoint["url"] == f"http://testserver/grids{BASE}"
        assert client.get(f"{path}/services/none.json").json()[0]["code"] == 404
