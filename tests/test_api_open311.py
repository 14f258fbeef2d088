"""Open311 GeoReport v2: a request's way from the form to its end, as programs of others see it; on both stores."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import georeports
import pytest
from doors import GRIDS, HOUSES
from georeports import BASE, HOUSE, PARK, around, assert_same, do, ids, post, read, shown_at
from serving import Running


@pytest.fixture
def town(store_url: str, tmp_path: Path) -> Iterator[Running]:
    with georeports.running(store_url, tmp_path) as running:
        yield running


@pytest.fixture
def light_town(tmp_path: Path) -> Iterator[Running]:
    with georeports.running(f"sqlite:///{tmp_path / 'wangge.db'}", tmp_path) as running:
        yield running


def test_a_request_is_followed_to_its_end(town: Running) -> None:
    made = post(town, description="rubbish by the gate", email="a@example.org", address_string="柳岸路1号")
    number, token = made["service_request_id"], made["token"]
    assert read(town, f"tokens/{token}") == [{"service_request_id": number, "token": token}]
    [mine] = read(town, f"requests/{number}", token=token)
    assert (mine["status"], mine["extended_status"]) == ("open", "reported")
    assert (mine["description"], mine["address"]) == ("rubbish by the gate", "柳岸路1号")
    assert (mine["lat"], mine["long"]) == pytest.approx((HOUSE["lat"], HOUSE["long"]), abs=1e-7)
    assert [each["action"] for each in mine["updates"]] == ["report"]
    case = town.client.get(f"/api/v1/cases/{number}", headers=town.to("desk")).json()["case"]
    assert case["cell"] in (HOUSES, GRIDS[0])

    staff = town.key("staff-1", "staff", case["cell"])
    unit = {"unit": "sanitation-1"}
    named = town.client.put(f"/api/v1/cells/{case['cell']}/unit", json=unit, headers=town.to("desk"))
    assert named.status_code == 200
    receipt = {"Wangge-Receipt": made["receipt"]}
    town.clock.advance(hours=1)
    for who, name, parts in (
        (staff, "verify", {}),
        (staff, "accept", {}),
        (staff, "progress", {"text": "the cart is on its way"}),
        (staff, "finish", {"text": "taken away"}),
        (receipt, "feed_back", {"rating": "good"}),
    ):
        do(town, number, name, who, **parts)
    [mine] = read(town, f"requests/{number}", receipt)
    assert (mine["status"], mine["status_notes"]) == ("open", "fed back 已反馈")
    assert (mine["agency_responsible"], mine["updated_datetime"]) == ("sanitation-1", "2026-03-04T03:00:00Z")
    assert mine["requested_datetime"] == "2026-03-04T02:00:00Z"
    assert ids(town, status="open") == [number]
    assert ids(town, status="closed") == []
    do(town, number, "follow_up", town.to("desk"), reason="solved")
    do(town, number, "close", town.to("desk"))
    do(town, number, "reopen", receipt, text="it is back")
    do(town, number, "reject", town.to("desk"), reason="not_ours", text="private land")
    assert (ids(town, status="open"), ids(town, status="closed")) == ([], [number])
    assert ids(town, status="open, closed") == [number]
    [mine] = read(town, f"requests/{number}", receipt)
    assert (mine["status"], mine["extended_status"]) == ("closed", "rejected")
    steps = read(town, f"requests/{number}/updates", receipt)
    assert steps == mine["updates"]
    assert [each["action"] for each in steps] == [
        *("report", "verify", "dispatch", "accept", "progress", "finish", "feed_back"),
        *("follow_up", "close", "reopen", "reject"),
    ]
    assert steps[-1]["reason"] == "not_ours"
    assert "private land" not in str(steps)
    public = read(town, f"requests/{number}/updates")
    assert [(each["update_id"], each["extended_status"]) for each in public] == [
        *((1, "reported"), (2, "verified"), (3, "dispatched"), (4, "accepted"), (5, "handling"), (6, "handled")),
        *((7, "fed_back"), (9, "closed"), (10, "verified"), (11, "rejected")),
    ]
    assert {(each["action"], each["reason"]) for each in public} == {(None, None)}
    assert [each["status"] for each in public][-3:] == ["closed", "open", "closed"]


def test_requests_are_found_by_what_is_asked(town: Running) -> None:
    first = post(town)["service_request_id"]
    town.clock.advance(days=50)
    second = post(town, service_code="event-1", **PARK)["service_request_id"]
    town.clock.advance(days=50)
    third = post(town, address_id="R-NONE", lat="", long="")["service_request_id"]
    assert ids(town) == [second, third], "without dates: the last 90 days"
    assert ids(town, service_code="event-1") == [second]
    assert ids(town, service_code="event-1,component-03") == [second, third]
    assert ids(town, service_request_id=f"{first},{third}", status="closed") == [first, third]
    assert ids(town, start_date="2026-03-04") == [first, second]
    assert ids(town, start_date="2026-03-04T02:00:00Z", end_date="2026-03-04T02:00:00Z") == [first]
    assert ids(town, start_date="2026-03-04T02:00:01Z", end_date="2026-03-05") == []
    assert ids(town, end_date="2026-03-04T10:00:00+08:00") == [first]
    unescaped = town.client.get(f"{BASE}/requests.json?end_date=2026-03-04T10:00:00+08:00").json()
    assert [each["service_request_id"] for each in unescaped] == [first]
    do(town, first, "reject", town.to("desk"), reason="not_ours", text="no")
    today = town.clock().strftime("%Y-%m-%dT%H:%M:%SZ")
    assert ids(town, updated_after=today) == [first, third]
    assert ids(town, updated_before=today) == [first, second, third]
    assert ids(town, updated_after=today, start_date="2026-03-04") == [first]
    shown = {number: shown_at(town, number) for number in (first, second)}
    assert ids(town, bbox=around(**shown[first]), start_date="2026-03-04") == [first]
    assert ids(town, bbox=around(**shown[second])) == [second]
    assert ids(town, bbox=around(**PARK)) == [], "nobody finds by the exact point without a key"
    assert ids(town, town.to("desk"), bbox=around(**PARK)) == [second]
    assert ids(town, town.to("desk"), bbox=around(**shown[second])) == []
    assert ids(town, bbox="-180,-90,180,90", start_date="2026-03-04") == [first, second]


def test_pages_hold_each_request_once(light_town: Running) -> None:
    town = light_town
    made = sorted(post(town)["service_request_id"] for _ in range(5))
    for query in ("page_size=2", f"page_size=2&bbox={around(**shown_at(town, made[0]))}"):
        found, path, pages = [], f"{BASE}/requests.json?{query}&status=open", 0
        while path:
            answer = town.client.get(path)
            found += [each["service_request_id"] for each in answer.json()]
            following = answer.links.get("next", {}).get("url")
            path = following and f"{urlsplit(following).path}?{urlsplit(following).query}"
            pages += 1
        assert (found, pages) == (made, 3)


@pytest.mark.parametrize(
    ("path", "document"),
    [
        ("discovery", "discovery"),
        ("../discovery", "discovery"),
        ("services", "services"),
        ("services/event-4", "service_definition"),
        ("tokens/{token}", "token"),
        ("requests", "service_requests"),
        ("requests/{service_request_id}", "service_request"),
        ("requests/{service_request_id}/updates", "service_request_updates"),
    ],
)
def test_both_formats_say_the_same(light_town: Running, path: str, document: str) -> None:
    made = post(light_town, description='<b>"a" & ]]> b</b>\x0b\x00😀', address_id="R-ONE")
    for headers in ({}, {"Wangge-Receipt": made["receipt"]}, light_town.to("desk")):
        xml, told = (
            light_town.client.get(f"{BASE}/{path.format(**made)}.{form}", headers=headers) for form in ("xml", "json")
        )
        assert (xml.status_code, xml.headers["content-type"]) == (200, "text/xml; charset=utf-8")
        assert (told.status_code, told.headers["content-type"]) == (200, "application/json; charset=utf-8")
        assert_same(xml.content, told.json(), document)
    if document == "service_request":
        assert told.json()[0]["description"] == '<b>"a" & ]]> b</b>😀'
        assert told.json()[0]["address_id"] == "R-ONE"


def test_a_request_is_posted_once_however_often_it_is_sent(light_town: Running) -> None:
    sent = {"service_code": "component-03", **HOUSE}
    key = {"Idempotency-Key": "once"} | light_town.to("resident")
    own = light_town.client.post(
        "/api/v1/cases", json={"category": "component-03", "lon": HOUSE["long"], "lat": HOUSE["lat"]}, headers=key
    )
    assert own.status_code == 201
    xml, told = (light_town.client.post(f"{BASE}/requests.{form}", data=sent, headers=key) for form in ("xml", "json"))
    assert_same(xml.content, told.json(), "posted")
    assert told.json()[0]["service_request_id"] != own.json()["case"]["id"]
    again = light_town.client.post(f"{BASE}/requests.json", data=sent | {"description": "other"}, headers=key)
    assert again.status_code == 409
    assert len(ids(light_town)) == 2


def test_whom_to_ask_is_told(tmp_path: Path) -> None:
    with georeports.running(f"sqlite:///{tmp_path / 'wangge.db'}", tmp_path, contact="The desk: 0311-12345") as town:
        told = read(town, "discovery")
    assert told["contact"] == "The desk: 0311-12345"
    assert told["contact"] in told["key_service"]


def test_attributes_and_keys_are_taken(light_town: Running) -> None:
    town = light_town
    key = town.key("r-7", "resident")["Authorization"].removeprefix("Bearer ")
    said = {"attribute[grade]": "urgent", "attribute[organisation]": "ORG-1", "attribute[colour]": "red", "x": "y"}
    number = post(town, api_key=key, first_name="Wei", jurisdiction_id="A", **said)["service_request_id"]
    case = town.client.get(f"/api/v1/cases/{number}", headers=town.to("desk")).json()["case"]
    assert (case["grade"], case["organisation"], case["reporter"]) == ("urgent", "ORG-1", "r-7")
    assert read(town, f"requests/{number}", api_key=key)[0]["lat"] == pytest.approx(HOUSE["lat"], abs=1e-7)
    assert read(town, f"requests/{number}", key=key)[0]["lat"] == pytest.approx(HOUSE["lat"], abs=1e-7)
    assert read(town, "requests", api_key=key, jurisdiction_id="A")[0]["lat"] == pytest.approx(HOUSE["lat"], abs=1e-7)
