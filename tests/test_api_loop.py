"""Reports flow through the service: located, worked on, fed back, closed; on both stores."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from copy import deepcopy
from datetime import datetime, timedelta
from itertools import count, pairwise
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
import serving
from drawn import whole_text
from serving import Running, spot
from sqlalchemy import event

from api.access.roles import OPERATOR
from api.cases import alarm, warn_at
from api.housekeeping import let_go, watch
from api.store import cases, erasing, plans
from api.store.cases import Kept
from api.store.tables import cases as case_table
from data.tables import table
from gis.layers import place, read_layer, read_layers, write_layers
from gis.plan import Plan


@pytest.fixture
def town(store_url: str, town_file: Path, tmp_path: Path) -> Iterator[Running]:
    with serving.running(store_url, tmp_path, town_file) as running:
        yield running


def test_a_report_goes_all_the_way(town: Running, town_plan: Plan) -> None:
    place = spot(town_plan)
    sent = {"category": "component-03", "text": "rubbish", "contact": "ring at noon", "accuracy_m": 0.001, **place}
    made = town.client.post("/api/v1/cases", json=sent)
    assert made.status_code == 201, made.text
    case_id, receipt = made.json()["case"]["id"], {"Wangge-Receipt": made.json()["receipt"]}
    assert made.json()["routed"]["status"] == "inside"
    assert (made.json()["lon"], made.json()["lat"]) == (round(place["lon"], 7), round(place["lat"], 7))
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
    assert "secret words" not in whole_text(public.text)
    internal = town.client.get("/api/v1/exports/map", headers=town.to("desk"))
    assert internal.status_code == 200, internal.text
    assert internal.text != public.text
    table = town.client.get("/api/v1/exports/cases.csv", headers=town.to("desk"))
    assert len(table.text.splitlines()) == 13
    assert "secret words" not in table.text
    assert town.client.get("/api/v1/exports/cases.csv").status_code == 401
    assert town.client.get("/").status_code == 200


def test_exported_cases_are_layers(town: Running, town_plan: Plan, tmp_path: Path) -> None:
    for _ in range(3):
        sent = {"category": "component-03", "text": "x", "accuracy_m": 0.001, **spot(town_plan)}
        case = town.client.post("/api/v1/cases", json=sent).json()["case"]
    table = town.client.get("/api/v1/exports/cases.csv", headers=town.to("desk"))
    (tmp_path / "cases.csv").write_bytes(table.content)
    given = [read_layer(tmp_path / "cases.csv", kind) for kind in ("events", "sentiment")]
    events, sentiment = place(town_plan, *given)
    assert events.items["cell_code"].tolist() == [case["cell"]] * 3
    assert events.items["standing"].tolist() == ["open"] * 3
    assert (events.items["due"] > events.items["time"]).all()
    assert (len(sentiment.items), sentiment.left_out) == (0, {"not rated": 3})
    write_layers([events, sentiment], tmp_path / "layers.gpkg")
    assert [layer.total for layer in read_layers(tmp_path / "layers.gpkg", town_plan)] == [3, 0]


class Desk:
    """Works on cases over HTTP."""

    def __init__(self, town: Running, headers: dict[str, str]) -> None:
        self.town, self.headers = town, headers

    def report(self, **said: object) -> str:
        made = self.town.client.post("/api/v1/cases", json={"category": "component-03", "text": "x", **said})
        assert made.status_code == 201, made.text
        return made.json()["case"]["id"]

    def read(self, case_id: str) -> dict[str, Any]:
        return self.town.client.get(f"/api/v1/cases/{case_id}", headers=self.headers).json()["case"]

    def contact(self, case_id: str) -> str | None:
        return self.town.client.post(f"/api/v1/cases/{case_id}/contact", headers=self.headers).json()["contact"]

    def ask(self, case_id: str, name: str, **parts: object) -> Any:  # noqa: ANN401 (httpx's own)
        version = {"If-Match": f'"{self.read(case_id)["version"]}"'}
        path = f"/api/v1/cases/{case_id}/actions"
        return self.town.client.post(path, json={"name": name, **parts}, headers=self.headers | version)

    def do(self, case_id: str, name: str, **parts: object) -> dict[str, Any]:
        done = self.ask(case_id, name, **parts)
        assert done.status_code == 201, done.text
        return done.json()["case"]


def test_13710_with_a_moved_clock(store_url: str, town_plan: Plan, town_file: Path, tmp_path: Path) -> None:
    with serving.running(store_url, tmp_path, town_file, profile="13710") as town:
        desk, staff = Desk(town, town.to("desk")), Desk(town, town.key("s-1", "staff"))
        loop = town.client.app.state.loop
        place = {"accuracy_m": 0.001, **spot(town_plan)}
        case_id = desk.report(**place)
        case = staff.do(case_id, "verify")
        holder = case["holder"]
        staff.do(case_id, "accept")
        due = datetime.fromisoformat(case["case_due"])
        assert 6 <= (due - serving.BEGINNING).days <= 7
        # Nothing is told while there is time; then the clock is watched, told once, and the case is handed up.
        assert watch(loop) == 0
        town.clock.now = due + timedelta(minutes=1)
        assert watch(loop) == 1
        assert watch(loop) == 0
        late = desk.read(case_id)
        assert late["holder"] != holder
        assert late["escalated"] == 1
        history = town.client.get(f"/api/v1/cases/{case_id}/history", headers=desk.headers).json()
        assert [(each["action"], each["role"]) for each in history[-2:]] == [("warn", "system"), ("escalate", "system")]
        overdue = town.client.get("/api/v1/cases?overdue=true", headers=desk.headers).json()
        assert [each["case"]["id"] for each in overdue["cases"]] == [case_id]
        staff.do(case_id, "accept")
        staff.do(case_id, "finish", text="done")
        desk.do(case_id, "feed_back", rating="fair")
        # 0: followed until closed.
        refused = desk.ask(case_id, "close")
        assert refused.status_code == 409
        assert "followed" in refused.json()["detail"]
        desk.do(case_id, "follow_up", reason="solved")
        assert desk.do(case_id, "close")["on_time"] is False
        told = town.client.get("/api/v1/statistics", params={"cell": holder}, headers=desk.headers).json()[0]
        assert (told["found"], told["closed"], told["on_time"], told["fair"]) == (1, 1, 0, 1)


def kept(town: Running, case_id: str) -> Kept:
    with town.service.database.reading() as connection:
        return cases.find(connection, case_id)


@pytest.mark.parametrize("wrong", [{"state": "inspected"}, {"received_at": "some day"}])
def test_what_cannot_be_told_of_one_case_keeps_no_other_waiting(
    town: Running, town_plan: Plan, wrong: dict[str, str]
) -> None:
    desk, loop = Desk(town, town.to("desk")), town.client.app.state.loop
    broken, whole = desk.report(**spot(town_plan)), desk.report(**spot(town_plan))
    record = desk.read(broken)
    with town.service.database.writing() as connection:  # as other tables, or another version, may have had it once
        connection.execute(case_table.update().where(case_table.c.id == broken).values(record=record | wrong))
    town.clock.now = kept(town, whole).warn_at
    assert watch(loop) == 1
    assert kept(town, whole).case.warned == "early"
    later = town.clock.now + timedelta(hours=1)
    with town.service.database.writing() as connection:
        connection.execute(case_table.update().where(case_table.c.id == broken).values(record=record))
    assert watch(loop) == 0
    town.clock.now = later
    assert watch(loop) == 2
    assert kept(town, broken).case.warned == "overdue"


def test_what_nobody_may_hand_up_is_told_all_the_same(town_plan: Plan, town_file: Path, tmp_path: Path) -> None:
    states = deepcopy(table("states"))
    for way in states["transitions"]:
        if way["action"] == "escalate":
            way["roles"] = ["staff"]
    own = tmp_path / "own"
    own.mkdir()
    (own / "states.json").write_text(json.dumps(states), encoding="utf-8")
    with serving.running(f"sqlite:///{tmp_path / 'wangge.db'}", tmp_path, town_file, rules=own) as town:
        desk = Desk(town, town.to("desk"))
        case_id = desk.report(**spot(town_plan))
        desk.do(case_id, "verify")
        town.clock.now = kept(town, case_id).case.state_due + timedelta(seconds=1)
        assert watch(town.client.app.state.loop) == 1
        told = kept(town, case_id)
        assert (told.case.state, told.case.warned, told.warn_at) == ("dispatched", "overdue", None)


def test_a_warning_that_other_tables_moved_is_asked_for_once(town: Running, town_plan: Plan) -> None:
    loop, case_id = town.client.app.state.loop, Desk(town, town.to("desk")).report(**spot(town_plan))
    with town.service.database.writing() as connection:
        cases.warn_from(connection, case_id, town.clock.now)
    assert watch(loop) == 0
    told = kept(town, case_id)
    assert alarm(told.case, town.clock.now, loop.rules) is None
    assert told.warn_at == warn_at(told.case, loop.rules) > town.clock.now


def test_duplicates_are_found_and_share_their_fate(town: Running, town_plan: Plan) -> None:
    desk, place = Desk(town, town.to("desk")), {"accuracy_m": 0.001, **spot(town_plan)}
    first = desk.report(**place)
    town.clock.advance(hours=1)
    second, third = desk.report(**place), desk.report(category="component-01", **place)
    near = town.client.get(f"/api/v1/cases/{second}/duplicates", headers=desk.headers).json()
    assert [each["case_id"] for each in near] == [first]
    assert third not in str(near)
    assert desk.do(second, "merge", into=first)["state"] == "merged"
    desk.do(first, "reject", reason="not_ours", text="private ground")
    assert desk.read(second)["state"] == "rejected"


def test_what_is_merged_into_a_case_that_is_over_is_over(town: Running, town_plan: Plan) -> None:
    desk, place = Desk(town, town.to("desk")), {"accuracy_m": 0.001, **spot(town_plan)}
    first, second, third = (desk.report(**place) for _ in range(3))
    desk.do(first, "merge", into=second)
    desk.do(second, "reject", reason="not_ours", text="private ground")
    # By way of the first, which shares the fate of the second.
    merged = desk.do(third, "merge", into=first)
    assert (merged["state"], merged["version"]) == ("rejected", 3)
    assert desk.read(third) == merged


@pytest.mark.parametrize("between", [False, True])
def test_nothing_is_merged_into_what_was_merged_into_it(town: Running, town_plan: Plan, *, between: bool) -> None:
    """Neither at once nor by way of another, after all of them were over and the last was reopened."""
    desk, place = Desk(town, town.to("desk")), {"accuracy_m": 0.001, **spot(town_plan)}
    made = [desk.report(**place) for _ in range(2 + between)]
    for merged, main in pairwise(made):
        desk.do(merged, "merge", into=main)
        desk.do(main, "reject", reason="not_ours", text="private ground")
        desk.do(main, "reopen", text="it is ours")
    refused = desk.ask(made[-1], "merge", into=made[0])
    assert (refused.status_code, "before" in refused.json()["detail"]) == (422, True)
    assert desk.read(made[-1])["state"] == "verified"


def test_those_who_end_cases_at_once_do_not_wait_for_each_other(town: Running, town_plan: Plan) -> None:
    """One leads from the case to those merged into it, the other from one of these to the case."""
    desk, place = Desk(town, town.to("desk")), {"accuracy_m": 0.001, **spot(town_plan)}
    for _ in range(5):
        main, merged, late = (desk.report(**place) for _ in range(3))
        desk.do(merged, "merge", into=main)
        both = Barrier(2)

        def reject(main: str = main, both: Barrier = both) -> int:
            both.wait()
            return desk.ask(main, "reject", reason="not_ours", text="private ground").status_code

        def merge(late: str = late, merged: str = merged, both: Barrier = both) -> int:
            both.wait()
            return desk.ask(late, "merge", into=merged).status_code

        with ThreadPoolExecutor(2) as pool:
            assert [each.result() for each in [pool.submit(reject), pool.submit(merge)]] == [201, 201]
        assert {desk.read(case_id)["state"] for case_id in (main, merged, late)} == {"rejected"}


@pytest.mark.parametrize("role", ["resident", "staff"])
def test_a_receipt_answers_for_who_has_no_key(town: Running, town_plan: Plan, role: str) -> None:
    """Whether who reports has a key at home, or somebody at a counter reports for them."""
    made = town.client.post(
        "/api/v1/cases", json={"category": "component-03", **spot(town_plan)}, headers=town.to(role)
    )
    case_id, desk = made.json()["case"]["id"], Desk(town, town.to("desk"))
    desk.do(case_id, "ask", text="which lamp?")
    holder = Desk(town, {"Wangge-Receipt": made.json()["receipt"]})
    assert holder.do(case_id, "answer", text="the red one")["state"] == "reported"
    desk.do(case_id, "verify")
    history = town.client.get(f"/api/v1/cases/{case_id}/history", headers=desk.headers).json()
    answered = next(each["actor"] for each in history if each["action"] == "answer")
    assert answered == ("the-resident" if role == "resident" else f"of-{case_id}")
    # Points are for codes that last.
    points = town.client.get(f"/api/v1/points/{answered}", headers=desk.headers).json()
    assert points == {answered: int(role == "resident")}


@pytest.mark.parametrize("role", ["staff", "desk"])
def test_a_receipt_widens_no_scope(town: Running, town_plan: Plan, role: str) -> None:
    """Who reports elsewhere than they work does there what any reporter does."""
    far = town.key("far-1", role, "elsewhere")
    made = town.client.post("/api/v1/cases", json={"category": "component-03", **spot(town_plan)}, headers=far).json()
    case_id, holder = made["case"]["id"], Desk(town, far | {"Wangge-Receipt": made["receipt"]})
    assert town.client.get(f"/api/v1/cases/{case_id}/actions", headers=holder.headers).json() == []
    for name, parts in {"verify": {}, "reject": {"reason": "not_ours", "text": "x"}, "ask": {"text": "x"}}.items():
        assert holder.ask(case_id, name, **parts).status_code == 403
    Desk(town, town.to("desk")).do(case_id, "ask", text="which lamp?")
    assert holder.do(case_id, "answer", text="the red one")["state"] == "reported"
    history = town.client.get(f"/api/v1/cases/{case_id}/history", headers=holder.headers).json()
    assert (history[-1]["role"], history[-1]["actor"]) == ("resident", f"of-{case_id}")


def test_who_is_called_in_finds_the_case(town: Running, town_plan: Plan) -> None:
    desk = Desk(town, town.to("desk"))
    case_id = desk.report(**spot(town_plan))
    for name in ("verify", "accept"):
        desk.do(case_id, name)
    unit = Desk(town, town.key("water-1", "staff", "elsewhere"))
    assert town.client.get("/api/v1/cases", headers=unit.headers).json()["matched"] == 0
    desk.do(case_id, "call_in", units=["water-1", "power-1"])
    assert [each["case"]["id"] for each in town.client.get("/api/v1/cases", headers=unit.headers).json()["cases"]] == [
        case_id
    ]
    features = town.client.get("/ogc/collections/cases/items", headers=unit.headers).json()
    assert features["numberMatched"] == 1


def test_a_report_belongs_to_the_plan_of_its_moment(town: Running, town_plan: Plan) -> None:
    """A plan that begins by its date may do so between any two looks at the clock."""
    service, ticks = town.service, count()
    began = service.clock()
    with service.database.writing() as connection:
        later = plans.activate(connection, 1, by=OPERATOR, now=began, begins=began + timedelta(seconds=6))
    # Each look at the clock is a second after the last.
    service.clock = lambda: began + timedelta(seconds=next(ticks))
    desk = Desk(town, town.to("desk"))
    made = [desk.report(**spot(town_plan)) for _ in range(6)]
    with service.database.reading() as connection:
        kept = [cases.find(connection, case_id) for case_id in made]
        for each in kept:
            assert plans.in_force(connection, each.case.received_at).id == each.place.activation_id
    assert {each.place.activation_id for each in kept} == {1, later}


@contextmanager
def figures_told(town: Running) -> Iterator[list[list[str]]]:
    """Note of which codes each statement that changes figures tells."""
    told: list[list[str]] = []
    name = town.service.database.engine.dialect.name

    def note(_c: object, _u: object, statement: str, given: list[Any], _x: object, _many: object) -> None:
        if statement.startswith("INSERT INTO tallies"):
            told.append([row["code"] if name == "postgresql" else row[0] for row in given])

    event.listen(town.service.database.engine, "before_cursor_execute", note)
    yield told
    event.remove(town.service.database.engine, "before_cursor_execute", note)


def test_figures_are_changed_once_in_a_transaction_and_in_order(town: Running, town_plan: Plan) -> None:
    """Two transactions then wait for each other, and never both."""
    desk, loop = Desk(town, town.to("desk")), town.client.app.state.loop
    case_id, elsewhere = desk.report(**spot(town_plan)), desk.read(desk.report(**spot(town_plan, 9)))["cell"]

    def late() -> None:
        town.clock.now = kept(town, case_id).case.case_due + timedelta(seconds=1)
        assert watch(loop) == 2

    for deed in (
        lambda: desk.do(case_id, "verify", cell=elsewhere),  # and it is dispatched
        late,  # told of both, and the one that was dispatched is handed up
    ):
        with figures_told(town) as told:
            deed()
        assert told
        assert all(codes == sorted(codes) for codes in told)
        assert len(told) == (2 if deed is late else 1)
    figures = town.client.get("/api/v1/statistics", params={"cell": elsewhere}, headers=desk.headers).json()[0]
    assert (figures["found"], figures["overdue"], figures["handed_up"]) == (2, 2, 1)


def test_what_was_kept_long_enough_is_let_go(town: Running, town_plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    desk, loop = Desk(town, town.to("desk")), town.client.app.state.loop
    made = [desk.report(**spot(town_plan), contact="ring at noon") for _ in range(5)]
    for case_id in made[:4]:
        desk.do(case_id, "reject", reason="not_ours", text="private ground")
    town.clock.advance(days=91)
    let_go(loop)
    assert [desk.contact(case_id) for case_id in made] == [*[None] * 4, "ring at noon"]
    assert kept(town, made[0]).place.lon is not None
    town.clock.advance(days=365)
    monkeypatch.setattr(erasing, "_AT_ONCE", 2)
    let_go(loop)
    assert [kept(town, case_id).place.lon is None for case_id in made] == [True] * 4 + [False]
    texts = town.client.get(f"/api/v1/cases/{made[0]}", headers=desk.headers).json()["texts"]
    assert texts == {}


def test_what_lies_in_no_cell_waits_at_the_desk_of_the_area(town: Running, town_plan: Plan) -> None:
    desk = Desk(town, town.to("desk"))
    for said in ({"lon": 10.0, "lat": 10.0}, {"address": "nowhere 1"}, {"lon": 0.0, "lat": 0.0}, {}):
        case = desk.read(desk.report(**said))
        assert case["cell"] == str(town_plan.area["code"].iloc[0])
        assert case["level"] == "area"
        assert desk.do(case["id"], "verify")["unit"] == "desk"


def test_who_answers_for_a_cell_gets_its_reports(town: Running, town_plan: Plan) -> None:
    desk, place = Desk(town, town.to("desk")), {"accuracy_m": 0.001, **spot(town_plan)}
    case_id = desk.report(**place)
    cell = desk.read(case_id)["cell"]
    named = town.client.put(f"/api/v1/cells/{cell}/unit", json={"unit": "station-7"}, headers=desk.headers)
    assert named.status_code == 200
    assert desk.do(case_id, "verify")["unit"] == "station-7"
    # Whoever has the key of that unit sees it, wherever else its scope lies.
    unit = Desk(town, town.key("station-7", "staff", "elsewhere"))
    assert unit.do(case_id, "accept")["state"] == "accepted"
    assert town.client.get("/api/v1/cases", headers=unit.headers).json()["matched"] == 1
    assert town.client.get("/api/v1/cases", headers=town.key("x-1", "staff", "elsewhere")).json()["matched"] == 0


def test_an_action_names_the_version_it_was_decided_on(town: Running, town_plan: Plan) -> None:
    desk = Desk(town, town.to("desk"))
    path = f"/api/v1/cases/{desk.report(**spot(town_plan))}/actions"
    for version, status in (
        ({}, 428),
        ({"If-Match": '"7"'}, 412),
        ({"If-Match": "x"}, 412),
        ({"If-Match": '"1"'}, 201),
    ):
        asked = town.client.post(path, json={"name": "verify"}, headers=desk.headers | version)
        assert asked.status_code == status, asked.text


def test_visits_that_are_due_are_done_or_missed(town: Running, town_plan: Plan) -> None:
    rules = town.client.app.state.loop.rules
    plan = next(each for each in rules.visits.plans if each.level in town_plan.levels)
    cell = town_plan.at_level(plan.level)["code"].iloc[0]
    staff = town.key("v-1", "staff", cell)
    day = town.clock.now.date().isoformat()
    made = town.client.post("/api/v1/visits", json={"plan": plan.code, "cell": cell, "day": day}, headers=staff)
    assert made.status_code == 201, made.text
    later = (town.clock.now + timedelta(days=1)).date().isoformat()
    asked = {"plan": plan.code, "cell": cell, "day": later}
    assert town.client.post("/api/v1/visits", json=asked, headers=staff).status_code == 422
    first, last = (town.clock.now - timedelta(days=40)).date(), (town.clock.now + timedelta(days=40)).date()
    due = town.client.get("/api/v1/duties", params={"first": f"{first}", "last": f"{last}"}, headers=staff).json()
    assert {each["cell"] for each in due} <= set(town.service.plans.current.territory.cells)
    assert {each["standing"] for each in due} >= {"missed", "open"}
    assert sum(each["made"] for each in due if each["plan"] == plan.code) >= 1
