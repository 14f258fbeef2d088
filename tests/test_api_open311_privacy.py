"""What nobody learns through Open311 who should not."""

import contextlib
import io
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import georeports
import pytest
from doors import COMMUNITY, GRIDS, HOUSES
from georeports import BASE, HOUSE, PARK, around, do, ids, post, read, shown_at
from PIL import Image
from serving import Running
from shapely.geometry import Point
from sqlalchemy import text

from api.open311 import finding
from gis.location.links import Place, write_link

SECRETS = {
    "description": "dirt-behind-the-stairs",
    "email": "someone@example.org",
    "phone": "555-0142",
    "first_name": "Firstname-Q",
    "last_name": "Lastname-Q",
    "device_id": "device-Q",
    "account_id": "account-Q",
    "media_url": "http://127.0.0.1:9/photo-Q.jpg",
    "address_string": "near-the-old-well",
}
KEPT_NOWHERE = [SECRETS[name] for name in ("first_name", "last_name", "device_id", "account_id", "media_url")]


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Running]:
    with georeports.running(f"sqlite:///{tmp_path / 'wangge.db'}", tmp_path) as running:
        yield running


def all_answers(town: Running, number: str, headers: dict[str, str] | None = None) -> bytes:
    paths = ("requests", f"requests/{number}", f"requests/{number}/updates", "services", "discovery")
    queries = ("", f"?service_request_id={number}", "?status=open", "?bbox=-180,-90,180,90")
    found = [
        town.client.get(f"{BASE}/{path}.{form}{query}", headers=headers)
        for path in paths
        for form in ("xml", "json")
        for query in queries
    ]
    assert {answer.status_code for answer in found} == {200}
    return b"\n".join(answer.content + str(answer.headers).encode() for answer in found)


def test_everybody_learns_neither_text_nor_point_nor_contact(town: Running) -> None:
    made = post(town, **SECRETS, address_id="R-ONE")
    number = made["service_request_id"]
    staff = town.key("staff-1", "staff", "130105005001001")
    do(town, number, "verify", staff)
    do(town, number, "accept", staff)
    do(town, number, "progress", staff, text="we-will-see")
    exact = [str(round(HOUSE[name], 7)) for name in ("lat", "long")] + ["R-ONE"]
    receipt = {"Wangge-Receipt": made["receipt"]}
    picture = io.BytesIO()
    Image.new("RGB", (8, 8)).save(picture, "PNG")
    kept = town.client.post(f"/api/v1/cases/{number}/photos", content=picture.getvalue(), headers=receipt)
    photo = f"/api/v1/cases/{number}/photos/{kept.json()['id']}"
    other = {"Wangge-Receipt": post(town)["receipt"]}
    elsewhere = town.key("staff-2", "staff", "130105005001002")
    for asker in (None, other, elsewhere, town.to("resident"), town.to("planner")):
        said = all_answers(town, number, asker).decode()
        for secret in (*SECRETS.values(), *exact, "we-will-see", "staff-1", made["receipt"], "progress", "/photos"):
            assert secret not in said, (asker, secret)
    for asker in (staff, town.to("desk"), receipt):
        said = all_answers(town, number, asker).decode()
        assert f"http://testserver{photo}" in said
        assert town.client.get(photo, headers=asker).headers["content-type"] == "image/jpeg"
        assert SECRETS["description"] in said
        assert exact[0] in said
        for name in ("email", "phone"):
            assert SECRETS[name] not in said, "contacts are opened elsewhere, and noted"


def test_names_and_links_are_kept_nowhere(town: Running, tmp_path: Path) -> None:
    number = post(town, **SECRETS)["service_request_id"]
    opened = town.client.post(f"/api/v1/cases/{number}/contact", headers=town.to("desk")).json()
    assert opened == {"contact": "someone@example.org; 555-0142"}
    with town.service.database.writing() as connection:
        dump = "\n".join(map(str, connection.connection.driver_connection.iterdump()))
        assert connection.execute(text("SELECT count(*) FROM contacts")).scalar_one() == 1
    assert SECRETS["description"] in dump
    for secret in (*KEPT_NOWHERE, SECRETS["email"], SECRETS["phone"]):
        assert secret not in dump
    held = b"".join(file.read_bytes() for file in tmp_path.iterdir() if file.name.startswith("wangge.db"))
    assert not any(secret.encode() in held for secret in KEPT_NOWHERE)


def test_the_public_point_is_the_same_for_the_whole_grid(town: Running) -> None:
    house = post(town)["service_request_id"]
    tower = post(town, lat=HOUSE["lat"] + 5e-4)["service_request_id"]
    park = post(town, **PARK)["service_request_id"]
    assert shown_at(town, house) == shown_at(town, tower) != shown_at(town, park)
    served = town.service.plans.current
    grids = served.plan.at_level("grid").to_crs(4326).set_index("code").geometry
    for number, code in ((house, "130105005001001"), (park, "130105005001002")):
        shown = shown_at(town, number)
        assert grids[code].contains(Point(shown["long"], shown["lat"]))
    assert ids(town, bbox=around(**HOUSE)) == [], "a box could be made smaller until it tells the point"
    assert set(ids(town, bbox=around(**shown_at(town, house)))) == {house, tower}


@pytest.mark.parametrize("most_cells", [0, 5000])
def test_what_is_held_higher_up_is_shown_there(town: Running, monkeypatch: pytest.MonkeyPatch, most_cells: int) -> None:
    monkeypatch.setattr(finding, "_MOST_CELLS", most_cells)
    sign = write_link("WG:", Place(HOUSES))
    community, house = (post(town, lat="", long="", address_id=sign)["service_request_id"] for _ in range(2))
    desk = town.to("desk")
    do(town, community, "verify", desk, cell=COMMUNITY)
    cells = [town.client.get(f"/api/v1/cases/{each}", headers=desk).json()["cells"] for each in (community, house)]
    assert cells == [[COMMUNITY, "A"], [HOUSES, GRIDS[0], COMMUNITY, "A"]]
    assert read(town, f"requests/{house}", desk)[0]["address_id"] == sign
    for number in (community, house):
        assert ids(town, bbox=around(**shown_at(town, number))) == [number]
    assert set(ids(town, bbox="-180,-90,180,90")) == {community, house}


@pytest.mark.parametrize("area", ["A", COMMUNITY], ids=["above the cells", "a cell itself"])
def test_what_lies_in_no_cell_is_shown_nowhere(tmp_path: Path, area: str) -> None:
    with georeports.running(f"sqlite:///{tmp_path / 'wangge.db'}", tmp_path, area) as town:
        outside = {"lat": HOUSE["lat"] + 1, "long": HOUSE["long"]}
        made = post(town, **outside)
        number = made["service_request_id"]
        assert shown_at(town, number) == {"lat": None, "long": None}
        assert ids(town, bbox="-180,-90,180,90") == []
        assert ids(town) == [number]
        assert read(town, f"requests/{number}", token=made["token"])[0]["lat"] == pytest.approx(
            outside["lat"], abs=1e-6
        )
        assert ids(town, town.to("desk"), bbox="-180,-90,180,90") == [number]


def test_a_key_lists_what_is_in_its_scope(town: Running) -> None:
    house, park = post(town)["service_request_id"], post(town, **PARK)["service_request_id"]
    assert ids(town, town.key("staff-1", "staff", "130105005001001")) == [house]
    assert ids(town, town.key("staff-2", "staff", "130105005001002")) == [park]
    assert set(ids(town, town.to("desk"))) == set(ids(town)) == {house, park}


def test_a_media_url_is_never_fetched(town: Running) -> None:
    visits: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(1)

        def listen() -> None:
            with contextlib.suppress(TimeoutError):
                visits.append(listener.accept())

        listening = threading.Thread(target=listen)
        listening.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/photo.jpg"
        made = post(town, media_url=url)
        post(town, media=url, description=url)
        read(town, f"requests/{made['service_request_id']}", token=made["token"])
        listening.join()
    assert visits == []
    assert read(town, f"requests/{made['service_request_id']}", token=made["token"])[0]["media_url"] is None


def test_a_token_opens_its_own_request_only(town: Running) -> None:
    mine, other = post(town, description="mine"), post(town, description="other")
    for token in (other["token"], f"{mine['service_request_id']}.{other['receipt']}", "x.y", "ü.ü", "."):
        assert read(town, f"requests/{mine['service_request_id']}", token=token)[0]["description"] is None
    assert read(town, f"requests/{mine['service_request_id']}", token=mine["token"])[0]["description"] == "mine"
