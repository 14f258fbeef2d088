"""Who may not do something cannot; what was sent once is done once; hostile texts and floods change nothing."""

import csv
import dataclasses
import io
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import doors
import georeports
import hypothesis
import pytest
import serving
import shapely
from doors import COMMUNITY, GRIDS
from georeports import HOUSE, PARK
from hypothesis import strategies as st
from listening import Listener
from serving import Running
from sqlalchemy import func, select

import gis
from api.access.rates import Rates, network
from api.access.roles import MAY, May, Role
from api.store.tables import metadata

API = "/api/v1"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("security")
    url = f"sqlite:///{folder / 'wangge.db'}"
    with georeports.running(url, folder, reports_per_minute=0, upload_mb=2) as running:
        yield running


@pytest.fixture
def each_store(store_url: str, tmp_path: Path) -> Iterator[Running]:
    with georeports.running(store_url, tmp_path, reports_per_minute=0) as running:
        yield running


def report(town: Running, headers: dict[str, str] | None = None, **said: object) -> dict[str, Any]:
    made = town.client.post(f"{API}/cases", json=sent(**said), headers=headers)
    assert made.status_code == 201, made.text
    return made.json()


def sent(**said: object) -> dict[str, object]:
    return {"category": "component-03", "lon": HOUSE["long"], "lat": HOUSE["lat"], "accuracy_m": 0.01} | said


def counts(town: Running) -> dict[str, int]:
    with town.service.database.reading() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
        }


def test_staff_learn_and_do_nothing_in_the_grid_beside_theirs(town: Running) -> None:
    mine, other = report(town), report(town, lon=PARK["long"], lat=PARK["lat"], contact="ring-Q", text="words-Q")
    assert GRIDS[1] in other["cells"]
    number = other["case"]["id"]
    for role in ("staff", "desk"):
        here = town.key(f"{role}-of-a", role, GRIDS[0])
        read = town.client.get(f"{API}/cases/{number}", headers=here)
        assert (read.status_code, "words-Q" in read.text) == (404, False)
        for path in ("history", "actions", "duplicates", "photos", f"photos/{'0' * 32}"):
            assert town.client.get(f"{API}/cases/{number}/{path}", headers=here).status_code == 404, path
        for name in ("verify", "reject", "merge", "accept", "progress"):
            done = town.client.post(
                f"{API}/cases/{number}/actions", json={"name": name}, headers=here | {"If-Match": '"1"'}
            )
            assert done.status_code == 404, name
        assert town.client.post(f"{API}/cases/{number}/contact", headers=here).status_code in (403, 404)
        assert town.client.post(f"{API}/cases/{number}/photos", content=b"x", headers=here).status_code == 404
        for query in ({}, {"cell": GRIDS[1]}, {"cell": COMMUNITY}, {"bbox": "-180,-90,180,90"}, {"after": "0"}):
            listed = town.client.get(f"{API}/cases", params=query, headers=here).json()
            assert number not in str(listed)
            assert listed["matched"] == len(listed["cases"])
        for path in ("exports/cases.csv", "exports/map"):
            told = town.client.get(f"{API}/{path}", headers=here)
            assert told.status_code == (403 if role == "staff" and path.endswith("csv") else 200)
            assert number not in told.text
        for query in ({"cell": GRIDS[1]}, {"level": "grid"}, {"cell": COMMUNITY}, {}):
            figures = town.client.get(f"{API}/statistics", params=query, headers=here).json()
            assert {each["code"] for each in figures} <= {GRIDS[0], *(f"{GRIDS[0]}0{k}" for k in (1, 2, 3))}
        visit = {"plan": "daily-visit", "cell": GRIDS[1], "day": "2026-03-01"}
        assert town.client.post(f"{API}/visits", json=visit, headers=here).status_code == 403
        due = town.client.get(f"{API}/duties?first=2026-03-01&last=2026-03-31", headers=here).json()
        assert all(each["cell"].startswith(GRIDS[0]) for each in due)
        found = town.client.get("/open311/v2/requests.json", params={"service_request_id": number}, headers=here)
        assert "words-Q" not in found.text
        # Cells are no secret; cases and their figures are told of the own grid.
        cases = town.client.get("/ogc/collections/cases/items", headers=here).json()["features"]
        assert mine["case"]["id"] in [each["id"] for each in cases]
        assert {each["properties"]["cell"][: len(GRIDS[0])] for each in cases} == {GRIDS[0]}
        assert town.client.get(f"/ogc/collections/cases/items/{number}", headers=here).status_code == 404
        counts = town.client.get("/ogc/collections/case-counts/items", headers=here).json()["features"]
        assert {each["id"][: len(GRIDS[0])] for each in counts} == {GRIDS[0]}
        own = town.client.get(f"{API}/cases/{mine['case']['id']}", headers=here)
        assert own.status_code == 200
    desk = town.key("desk-merging", "desk", GRIDS[0])
    into = {"name": "merge", "into": number}
    at = f"{API}/cases/{mine['case']['id']}"
    for target in (number, "no-such-case", "x" * 60):
        done = town.client.post(f"{at}/actions", json=into | {"into": target}, headers=desk | {"If-Match": '"1"'})
        assert done.status_code == 404, target


def test_a_receipt_opens_its_own_case_only(town: Running) -> None:
    mine, other = report(town), report(town, text="words-Q")
    path = f"{API}/cases/{other['case']['id']}"
    for receipt in (mine["receipt"], "", "A" * 24, other["receipt"][:-1], other["receipt"].lower(), "\xff" * 9):
        for asker in ({}, town.to("resident")):
            headers = asker | {"Wangge-Receipt": receipt.encode("latin-1")}
            assert town.client.get(path, headers=headers).status_code == 404
            assert town.client.get(f"{path}/history", headers=headers).status_code == 404
            done = {"name": "feed_back", "rating": "good"}
            acted = town.client.post(f"{path}/actions", json=done, headers=headers | {"If-Match": '"1"'})
            assert acted.status_code == 404
    assert town.client.get(path, headers={"Wangge-Receipt": other["receipt"]}).status_code == 200
    resident = town.key("resident-7", "resident")
    own = report(town, resident)["case"]["id"]
    assert town.client.get(f"{API}/cases/{own}", headers=resident).status_code == 200
    assert town.client.get(f"{API}/cases/{own}", headers=town.to("resident")).status_code == 404


# What each door that changes something, or tells what is not for everybody, takes; None: what the case allows.
NEEDS: dict[tuple[str, str], May | None] = {
    ("post", "/plans"): May.IMPORT_PLANS,
    ("get", "/plans/{plan_id}"): May.IMPORT_PLANS,
    ("get", "/plans/{plan_id}/file"): May.IMPORT_PLANS,
    ("post", "/plans/{plan_id}/activation"): May.ACTIVATE_PLANS,
    ("get", "/plans/{plan_id}/land"): May.REDRAW,
    ("get", "/drafts"): May.REDRAW,
    ("post", "/drafts"): May.REDRAW,
    ("get", "/drafts/{number}"): May.REDRAW,
    ("delete", "/drafts/{number}"): May.REDRAW,
    ("get", "/drafts/{number}/changes"): May.REDRAW,
    ("get", "/drafts/{number}/state"): May.REDRAW,
    ("get", "/drafts/{number}/cells"): May.REDRAW,
    ("get", "/drafts/{number}/events"): May.REDRAW,
    ("get", "/drafts/{number}/certificate"): May.REDRAW,
    ("get", "/drafts/{number}/comparison"): May.REDRAW,
    ("post", "/drafts/{number}/edits"): May.REDRAW,
    ("post", "/drafts/{number}/comments"): May.REDRAW,
    ("post", "/drafts/{number}/proposals"): May.REDRAW,
    ("post", "/drafts/{number}/mends"): May.REDRAW,
    ("get", "/drafts/{number}/file"): May.REDRAW,
    ("post", "/drafts/{number}/import"): May.REDRAW,
    ("post", "/drafts/{number}/renewal"): May.REDRAW,
    ("post", "/drafts/{number}/submission"): May.REDRAW,
    ("post", "/drafts/{number}/review"): May.REDRAW,
    ("post", "/drafts/{number}/activation"): May.REDRAW,
    ("post", "/jobs/delineate"): May.RUN_JOBS,
    ("post", "/jobs/revise"): May.RUN_JOBS,
    ("post", "/jobs/check"): May.RUN_JOBS,
    ("get", "/jobs"): May.RUN_JOBS,
    ("get", "/jobs/{number}"): May.RUN_JOBS,
    ("get", "/jobs/{number}/progress"): May.RUN_JOBS,
    ("get", "/jobs/{number}/files/{name}"): May.RUN_JOBS,
    ("delete", "/jobs/{number}"): May.RUN_JOBS,
    ("post", "/jobs/{number}/plan"): May.IMPORT_PLANS,
    ("get", "/keys"): May.MANAGE_KEYS,
    ("post", "/keys"): May.MANAGE_KEYS,
    ("delete", "/keys/{code}"): May.MANAGE_KEYS,
    ("get", "/audit"): May.READ_AUDIT,
    ("put", "/cells/{code}/unit"): May.NAME_UNITS,
    ("get", "/exports/report"): May.READ_STATISTICS,
    ("get", "/exports/cases.csv"): May.EXPORT,
    ("get", "/statistics"): May.READ_STATISTICS,
    ("post", "/visits"): May.VISIT,
    ("get", "/duties"): May.VISIT,
    ("get", "/cases"): May.READ_CASES,
    ("get", "/cases/{case_id}/duplicates"): May.READ_CASES,
    ("post", "/cases/{case_id}/contact"): May.READ_CONTACTS,
    ("post", "/cases/{case_id}/actions"): None,
    ("post", "/cases/{case_id}/photos"): None,
    # For everybody.
    ("post", "/cases"): None,
    ("post", "/locate"): None,
    ("post", "/locate/binary"): None,
}
WHOLE = ("/plans", "/drafts", "/jobs", "/keys", "/audit", "/exports/report")
BODIES: dict[str, Any] = {
    "/keys": {"code": "stolen", "role": "administrator"},
    "/visits": {"plan": "daily-visit", "cell": GRIDS[0], "day": "2026-03-01"},
}


def test_every_door_that_changes_something_is_in_the_table(town: Running) -> None:
    document = town.client.get("/openapi.json").json()["paths"]
    changing = {
        (method, path.removeprefix(API))
        for path, doors_there in document.items()
        for method in doors_there
        if method != "get" and path.startswith(API)
    }
    assert changing == {door for door in NEEDS if door[0] != "get"}


@pytest.mark.parametrize("role", ["nobody", *(role.value for role in Role)])
def test_no_role_does_what_another_may(town: Running, role: str) -> None:
    asker = {} if role == "nobody" else town.to(role)
    before = counts(town)
    tried = 0
    for (method, path), needed in NEEDS.items():
        if needed is None or (role != "nobody" and needed in MAY[Role(role)]):
            continue
        tried += 1
        where = path.format(plan_id=1, number=1, name="plan.gpkg", code=GRIDS[0], case_id="260304-0000000000")
        body = {"json": BODIES.get(path, {})} if method in ("post", "put") and path != "/plans" else {}
        query = {"first": "2026-03-01", "last": "2026-03-02"} if path == "/duties" else {}
        if path == "/plans":
            body = {"content": b"SQLite format 3\0"}
        answer = town.client.request(method, f"{API}{where}", headers=asker, params=query, **body)
        assert answer.status_code == (401 if role == "nobody" else 403), (method, path, answer.text)
    assert counts(town) == before
    assert tried or role == "administrator"


def test_a_key_for_a_part_does_nothing_for_the_whole(town: Running) -> None:
    part = town.key("admin-of-a", "administrator", GRIDS[0])
    before = counts(town)
    for (method, path), needed in NEEDS.items():
        if needed is None or not path.startswith(WHOLE):
            continue
        where = path.format(plan_id=1, number=1, name="plan.gpkg", code="the-desk")
        body: dict[str, Any] = {"json": BODIES.get(path, {})} if method == "post" else {}
        if path == "/plans":
            body = {"content": b"SQLite format 3\0"}
        answer = town.client.request(method, f"{API}{where}", headers=part, **body)
        assert answer.status_code == 403, (method, path)
    assert town.client.put(f"{API}/cells/{GRIDS[0]}/unit", json={"unit": "u"}, headers=part).status_code == 403
    assert counts(town) == before


def test_a_report_that_is_sent_again_is_one(each_store: Running) -> None:
    once = {"Idempotency-Key": "k 1"}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: each_store.client.post(f"{API}/cases", json=sent(), headers=once), range(16)))
    assert {answer.status_code for answer in answers} == {201}
    assert all(answer.json() == answers[0].json() for answer in answers)
    assert counts(each_store)["cases"] == 1
    first, second = each_store.key("a", "resident"), each_store.key("b", "resident")
    mine = report(each_store, first | once)
    assert report(each_store, second | once)["receipt"] != mine["receipt"]
    assert report(each_store, first | once) == mine
    other = each_store.client.post(f"{API}/cases", json=sent(text="another"), headers=first | once)
    assert other.status_code == 409
    assert counts(each_store)["cases"] == 3
    # Who has no key shares the word with all who have none: what another sent is neither shown nor in the way.
    assert report(each_store, once, text="another")["receipt"] not in {mine["receipt"], answers[0].json()["receipt"]}
    assert counts(each_store)["cases"] == 4


def test_no_receipt_is_kept_in_clear(each_store: Running) -> None:
    receipt = report(each_store, {"Idempotency-Key": "k 1"})["receipt"]
    with each_store.service.database.reading() as connection:
        rows = [str(row) for table in metadata.sorted_tables for row in connection.execute(select(table))]
    assert receipt not in " ".join(rows)


LARGE = (2 << 20) + 1


def in_pieces() -> Iterator[bytes]:
    for _ in range(40):
        yield b"x" * (1 << 16)


@pytest.mark.parametrize("path", ["/locate/binary", "/locate", "/cases", "/plans", "/jobs/check", "/cases/1/photos"])
def test_large_bodies_are_not_read(town: Running, path: str) -> None:
    form = {"Content-Type": "multipart/form-data; boundary=x"} if "jobs" in path else {"Content-Type": "text/plain"}
    admin = town.to("administrator") | form
    for content in (b"x" * LARGE, in_pieces()):
        answer = town.client.post(f"{API}{path}", content=content, headers=admin)
        assert answer.status_code in (413, 404 if "photos" in path else 413), answer.text
    for length in ("9" * 5000, "-1", "1e9", "\u0661", str(1 << 40)):
        headers = admin | {"Content-Length": length.encode()}
        assert town.client.post(f"{API}{path}", content=b"", headers=headers).status_code in (400, 413)


def test_too_many_parts_and_too_long_fields_are_refused(town: Running) -> None:
    planner = town.to("planner")
    files = [("file", (f"{k}.geojson", b"{}")) for k in range(50)]
    fields = {"options": "{}", **{f"f{k}": "x" for k in range(50)}}
    for given in ({"files": files}, {"data": fields, "files": files[:1]}):
        assert town.client.post(f"{API}/jobs/check", headers=planner, **given).status_code in (400, 422)
    long = {"text": "x" * 4001, "contact": "x" * 201, "address": "x" * 201, "qr": "x" * 501, "category": "x" * 65}
    for name, value in long.items():
        refused = town.client.post(f"{API}/cases", json=sent(**{name: value}))
        assert refused.status_code == 422
        assert "xxxx" not in refused.text
    for name in ("Idempotency-Key", "Wangge-Receipt", "If-Match"):
        case = "cases" if name == "Idempotency-Key" else "cases/1/actions"
        body = sent() if case == "cases" else {"name": "verify"}
        assert town.client.post(f"{API}/{case}", json=body, headers={name: "x" * 201}).status_code == 422
    many = town.client.post(f"{API}/cases", json={f"{k}-{'n' * 200}": 1 for k in range(3000)})
    assert (many.status_code, len(many.content) < 20_000) == (422, True)
    deep = town.client.post(f"{API}/cases", content=b"[" * 500_000, headers={"Content-Type": "application/json"})
    assert deep.status_code in (400, 422)


HOSTILE = (
    "'", '"; DROP TABLE cases; --', "' OR 1=1 --", "%00", "\x00", "../../etc/passwd", "..%2f..%2f", "\\..\\", "%s%n{0}",
    "${7*7}{{7*7}}", "<script>alert(1)</script>", "\u202e\u0000\ufffd", "\U0001f600", "9" * 400, "-1", "1e999", "NaN",
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "9223372036854775808", "[]", " ", "",
)  # fmt: skip


def test_hostile_texts_are_never_a_fault(each_store: Running) -> None:
    town = each_store
    known = report(town)["case"]["id"]
    admin, before = town.to("administrator"), counts(town)
    document = town.client.get("/openapi.json").json()["paths"]
    for path, doors_there in document.items():
        parameters = [each for each in doors_there.get("get", {}).get("parameters", ()) if each["in"] != "header"]
        needed = {each["name"]: 1 for each in parameters if each["required"] and each["in"] == "query"}
        there = {each["name"]: known for each in parameters if each["in"] == "path"}
        for parameter in parameters:
            for text in HOSTILE:
                query = needed | ({parameter["name"]: text} if parameter["in"] == "query" else {})
                places = there | ({parameter["name"]: text.replace("/", "%2F")} if parameter["in"] == "path" else {})
                where = path
                for name, value in places.items():
                    where = where.replace(f"{{{name}}}", value.replace("\x00", "%00").replace("?", "%3F"))
                answer = town.client.get(where, params=query, headers=admin)
                assert answer.status_code < 500, (path, parameter["name"], text, answer.text)
                assert "root:" not in answer.text
    assert counts(town) == before


def test_hostile_bodies_are_never_a_fault(each_store: Running) -> None:
    town, desk = each_store, each_store.to("desk")
    number = report(town)["case"]["id"]
    before = counts(town)["cases"]
    for text in HOSTILE:
        made = town.client.post(f"{API}/cases", json=sent(text=text, contact=text, address=text, qr=text))
        assert made.status_code in (201, 422), made.text
        before += made.status_code == 201
        if made.status_code == 201 and text:
            read = town.client.get(f"{API}/cases/{made.json()['case']['id']}", headers=desk).json()
            assert read["texts"]["1"]["text"] == text
        for name in ("category", "grade", "organisation"):
            refused = town.client.post(f"{API}/cases", json=sent(**{name: text}))
            # Some are codes: of an organisation, any code may be said.
            assert refused.status_code in (422, 201), (name, text)
            assert refused.status_code == 422 or text[:1].isalnum()
            before += refused.status_code == 201
        for name in ("unit", "cell", "holder", "into", "reason", "level", "organisation", "until", "text"):
            said = {"name": "return", name: text}
            done = town.client.post(f"{API}/cases/{number}/actions", json=said, headers=desk | {"If-Match": '"1"'})
            assert 400 <= done.status_code < 500, (name, text)
    assert counts(town)["cases"] == before


def test_nothing_that_looks_like_an_address_is_asked(town: Running) -> None:
    listener = Listener()
    url = f"{listener.address}/x.gpkg"
    try:
        report(town, text=url, contact=url, address=url, qr=url)
        admin = town.to("administrator")
        for path, query in {
            "/api/v1/geocode": {"address": url},
            "/ogc/collections/cells/items": {
                "filter": f"name = '{url}'",
                "crs": url,
                "bbox-crs": url,
                "filter-crs": url,
            },
            "/ogc/collections": {"f": url},
            "/api/v1/cells": {"level": url},
            "/open311/v2/requests.json": {"jurisdiction_id": url},
        }.items():
            for name, said in query.items():
                answer = town.client.get(path, params={name: said}, headers=admin | {"Referer": url, "Origin": url})
                assert answer.status_code < 500
        for kind in ("delineate", "revise", "check"):
            for option in ("area", "within", "file", "previous", "streets"):
                data = {"options": f'{{"{option}": "{url}"}}'}
                assert town.client.post(f"{API}/jobs/{kind}", data=data, headers=admin).status_code == 422
    finally:
        listener.close()
    assert listener.seen == []


def test_tables_hold_no_formulas(town: Running) -> None:
    formula = '=HYPERLINK("http://127.0.0.1")'
    for sign in "=+-@\t":
        for name in ("category", "grade", "organisation"):
            assert town.client.post(f"{API}/cases", json=sent(**{name: f"{sign}1"})).status_code == 422
        assert (
            town.client.put(
                f"{API}/cells/{GRIDS[0]}/unit", json={"unit": f"{sign}u"}, headers=town.to("desk")
            ).status_code
            == 422
        )
    report(town, text=formula, address=formula, contact=formula, qr=formula, organisation="o-1")
    table = town.client.get(f"{API}/exports/cases.csv", headers=town.to("desk"))
    assert table.headers["x-content-type-options"] == "nosniff"
    assert "HYPERLINK" not in table.text
    rows = list(csv.reader(io.StringIO(table.text)))
    assert len(rows) > 1
    for cell in (cell for row in rows for cell in row):
        assert not cell.startswith(("=", "+", "@", "\t"))
        assert not cell.startswith("-") or float(cell) < 0


@pytest.mark.parametrize("code", ["=1+1", "+1", "-1", "@a", "\t=1", " =1", "1" * 65, "'1"])
def test_plans_whose_codes_are_formulas_are_refused(town: Running, tmp_path: Path, code: str) -> None:
    plan = doors.small_plan()
    parts = {name: getattr(plan, name).copy() for name in ("area", "cells", "atoms")}
    for name, each in parts.items():
        parts[name] = each.set_geometry(shapely.segmentize(each.geometry, 50)).replace(COMMUNITY, code)
    gis.write_plan(dataclasses.replace(plan, **parts), tmp_path / "plan.gpkg")
    content = (tmp_path / "plan.gpkg").read_bytes()
    answer = town.client.post(f"{API}/plans", content=content, headers=town.to("planner"))
    assert answer.status_code == 422
    assert "code" in answer.text


NAME = "</script><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}`${1}"


def test_pages_run_nothing_of_a_plan(tmp_path: Path) -> None:
    plan = doors.small_plan(NAME)
    split = {
        name: (each := getattr(plan, name)).set_geometry(shapely.segmentize(each.geometry, 50))
        for name in ("area", "cells", "atoms")
    }
    gis.write_plan(dataclasses.replace(plan, **split), tmp_path / "plan.gpkg")
    with serving.running(f"sqlite:///{tmp_path / 'w.db'}", tmp_path, tmp_path / "plan.gpkg") as town:
        assert NAME in town.client.get(f"{API}/cells", params={"level": "community"}).json()[0]["name"]
        report(town, text=NAME)
        pages = {
            "/": None,
            f"{API}/exports/map": None,
            f"{API}/exports/map?lang=en": "desk",
            "/ogc?f=html": None,
            "/ogc/collections?f=html": None,
            "/ogc/collections/cells?f=html": None,
            "/ogc/collections/cells/items?f=html": "desk",
        }
        for path, role in pages.items():
            page = town.client.get(path, headers={} if role is None else town.to(role))
            assert page.status_code in (200, 400), (path, page.text[:200])
            if page.headers["content-type"].startswith("text/html"):
                assert "<script>alert" not in page.text, path
                assert "<img src=x" not in page.text, path
                assert "default-src 'none'" in page.headers["content-security-policy"], path
                assert page.headers["x-content-type-options"] == "nosniff", path


def test_an_address_cannot_be_changed_by_saying_so(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'wangge.db'}"
    with georeports.running(url, tmp_path, reports_per_minute=2) as town:
        answers = [
            town.client.post(f"{API}/cases", json=sent(), headers={name: f"192.0.2.{k}"})
            for k in range(3)
            for name in ("X-Forwarded-For", "X-Real-IP", "Forwarded")
        ]
        assert [answer.status_code for answer in answers] == [201] * 2 + [429] * 7
        assert int(answers[-1].headers["retry-after"]) >= 1
        assert answers[-1].json()["status"] == 429
        # Whoever has a key is known by it.
        assert town.client.post(f"{API}/cases", json=sent(), headers=town.to("resident")).status_code == 201


def test_requests_are_counted_by_key_and_by_address(town: Running) -> None:
    before = town.service.rates
    town.service.rates = Rates(3)
    try:
        answers = [town.client.get(f"{API}/me").status_code for _ in range(4)]
        assert answers == [200, 200, 200, 429]
        assert town.client.get(f"{API}/me", headers=town.to("desk")).status_code == 200
        refused = town.client.get(f"{API}/me", headers={"X-API-Key": "wg_guess"})
        assert refused.status_code == 429, "keys are not guessed faster than anything is asked"
        assert int(refused.headers["retry-after"]) >= 1
        guesses = [town.client.get(f"{API}/me", headers={"X-API-Key": f"wg_{k}"}).status_code for k in range(4)]
        assert guesses == [429] * 4
        assert town.client.get("/healthz").status_code == 200
    finally:
        town.service.rates = before


@hypothesis.given(
    per_minute=st.integers(1, 100),
    pauses=st.lists(st.floats(-5, 30, allow_nan=False) | st.just(0.0), max_size=300),
)
def test_nobody_is_let_in_more_often_than_allowed(per_minute: int, pauses: list[float]) -> None:
    rates, now, granted = Rates(per_minute), 0.0, []
    for pause in pauses:
        now += max(pause, 0.0)
        # Clocks are set back at times.
        wait = rates.wait("a", now)
        if not wait:
            granted.append(now)
        else:
            assert wait >= 1
    for began in granted:
        assert sum(began <= at < began + 60 for at in granted) <= 2 * per_minute


def test_threads_share_a_bucket() -> None:
    for _ in range(20):
        rates, together = Rates(50), threading.Barrier(8)
        with ThreadPoolExecutor(8) as pool:

            def ask(_: int, rates: Rates = rates, together: threading.Barrier = together) -> int:
                together.wait()
                return sum(rates.wait("a", 0.0) == 0 for _ in range(200))

            assert sum(pool.map(ask, range(8))) == 50


def test_a_clock_that_is_set_back_locks_nobody_out() -> None:
    rates = Rates(60)
    assert rates.wait("a", 1e6) == rates.wait("a", 0.0) == 0


def test_a_subscriber_is_one_however_many_addresses() -> None:
    assert network("2001:db8::1") == network("2001:db8::ffff:1") != network("2001:db8:0:1::1")
    assert network("192.0.2.1") == "192.0.2.1"
    assert network("fe80::1%eth0") == "fe80::/64"
    assert network("no:address") == "no:address"
