"""Reports flow through the service: located, worked on, fed back, closed; on both stores."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import serving
from serving import Running

from gis.plan import Plan


@pytest.fixture
def town(store_url: str, town_file: Path, tmp_path: Path) -> Iterator[Running]:
    with serving.running(store_url, tmp_path, town_file) as running:
        yield running


def spot(plan: Plan, row: int = 0) -> dict[str, float]:
    """Return degrees well inside a cell that shares its ground with no other."""
    cells = plan.at_level("micro")
    alone = cells[~cells["ground_code"].duplicated(keep=False)]
    inside = alone.geometry.iloc[[row]].representative_point().to_crs(4326).iloc[0]
    return {"lon": inside.x, "lat": inside.y}


def test_a_report_goes_all_the_way(town: Running, town_plan: Plan) -> None:
    place = spot(town_plan)
    sent = {"category": "component-03", "text": "rubbish", "contact": "ring at noon", "accuracy_m": 0.001, **place}
    made = town.client.post("/api/v1/cases", json=sent)
    assert made.status_code == 201, made.text
    case_id, receipt = made.json()["case"]["id"], {"Wangge-Receipt": made.json()["receipt"]}
    assert made.json()["routed"]["status"] == "inside"
    staff = town.key("staff-1", "staff", made.json()["case"]["cell"])

    def do(name: str, who: dict[str, str], **parts: object) -> dict[str, object]:
        version = town.client.get(f"/api/v1/cases/{case_id}", headers=who).headers["ETag"]
        done = town.client.post(
            f"/api/v1/cases/{case_id}/actions", json={"name": name, **parts}, headers=who | {"If-Match": version}
        )
        assert done.status_code == 201, done.text
        return done.json()["case"]

    assert do("verify", staff)["state"] == "dispatched"
    assert do("accept", staff)["state"] == "accepted"
    assert do("progress", staff, text="cart ordered")["state"] == "handling"
    assert do("finish", staff, text="taken away")["state"] == "handled"
    assert do("feed_back", receipt, rating="good")["satisfaction"] == "good"
    assert do("close", town.to("desk"))["state"] == "closed"
    assert do("follow_up", town.to("desk"), reason="solved")["state"] == "followed_up"
    history = town.client.get(f"/api/v1/cases/{case_id}/history", headers=receipt).json()
    assert [event["action"] for event in history] == [
        *("report", "verify", "dispatch", "accept", "progress", "finish", "feed_back", "close", "follow_up"),
    ]


def test_everybody_sees_the_map_and_staff_their_cases(town: Running, town_plan: Plan) -> None:
    for number in range(12):
        sent = {"category": "component-03", "text": f"secret words {number}", "accuracy_m": 0.001, **spot(town_plan)}
        assert town.client.post("/api/v1/cases", json=sent).status_code == 201
    public = town.client.get("/api/v1/exports/map")
    assert public.status_code == 200
    assert "secret words" not in public.text
    internal = town.client.get("/api/v1/exports/map", headers=town.to("desk"))
    assert internal.status_code == 200, internal.text
    assert internal.text != public.text
    table = town.client.get("/api/v1/exports/cases.csv", headers=town.to("desk"))
    assert len(table.text.splitlines()) == 13
    assert "secret words" not in table.text
    assert town.client.get("/api/v1/exports/cases.csv").status_code == 401
    assert town.client.get("/").status_code == 200
