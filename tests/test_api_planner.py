"""Drafts over HTTP: nothing is lost, nothing is taken twice, and no plan with a seam is ever made of one."""

import json
import sqlite3
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import serving
from absent import absent
from fastapi.testclient import TestClient
from hypothesis import strategies as st
from large_town import large_plan
from redrawn import random_moves, take_moves
from serving import Running

import gis
from api.app import create_app
from gis.editing.edit import Edit
from gis.editing.land import Land
from gis.editing.redrawing import Redrawing, RefusedError
from gis.editing.state import State

API = "/api/v1"


@pytest.fixture(scope="module")
def plan_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small plan: five blocks of a hundred houses."""
    folder = tmp_path_factory.mktemp("small")
    gis.write_plan(large_plan(folder, columns=5, rows=1), folder / "plan.gpkg")
    return folder / "plan.gpkg"


@pytest.fixture(scope="module")
def land(plan_path: Path) -> Land:
    return Land.of(gis.read_plan(plan_path))


@pytest.fixture
def town(plan_path: Path, store_url: str, tmp_path: Path) -> Iterator[Running]:
    with serving.running(store_url, tmp_path, plan_path) as running:
        yield running


def begin(town: Running, title: str = "A draft") -> str:
    made = town.client.post(f"{API}/drafts", json={"title": title}, headers=town.to("planner"))
    assert made.status_code == 201, made.text
    return f"{API}/drafts/{made.json()['id']}"


def send(
    town: Running, draft: str, edit: Edit | dict[str, Any], key: str = "", who: dict[str, str] | None = None
) -> Any:  # noqa: ANN401
    said = edit.as_record() if isinstance(edit, Edit) else edit
    return town.client.post(
        f"{draft}/edits", json={"key": key or uuid.uuid4().hex, **said}, headers=who or town.to("planner")
    )


def get(town: Running, path: str) -> Any:  # noqa: ANN401
    answer = town.client.get(path, headers=town.to("planner"))
    assert answer.status_code == 200, answer.text
    return answer


def harmless(redrawing: Redrawing, seed: int = 5) -> Edit:
    """Return a move that breaks no cell, taken here."""
    from gis.editing.problems import problems_of  # noqa: PLC0415

    for edit in random_moves(redrawing, seed):
        try:
            touched = redrawing.apply(edit)
        except RefusedError:
            continue
        if not any(problem.kind == "parts" for problem in problems_of(redrawing, touched.cells | touched.above)):
            return edit
        redrawing.apply(edit.inverse)
    raise AssertionError


def test_a_draft_is_edited_compared_submitted_reviewed_and_put_in_force(town: Running, land: Land) -> None:
    draft = begin(town)
    edit = harmless(Redrawing(land))
    taken = send(town, draft, edit)
    assert taken.status_code == 201, taken.text
    households = {told["code"]: told["households"] for told in taken.json()["cells"]}
    assert set(edit.land[0][1:]) <= households.keys()
    said = {"key": "comment-1", "text": "<b>this courtyard</b>", "atom": edit.land[0][0]}
    assert town.client.post(f"{draft}/comments", json=said, headers=town.to("planner")).status_code == 201
    compared = get(town, f"{draft}/comparison").json()
    assert compared["levels"]["micro"]["redrawn"] == 2
    planner, administrator = town.to("planner"), town.to("administrator")
    early = town.client.post(f"{draft}/activation", json={}, headers=planner)
    assert early.status_code == 409
    submitted = town.client.post(f"{draft}/submission", headers=planner).json()
    assert submitted["state"] == "submitted"
    assert send(town, draft, edit.inverse).status_code == 409
    own = town.client.post(f"{draft}/review", json={"verdict": "approve"}, headers=planner)
    assert own.status_code == 403
    approved = town.client.post(f"{draft}/review", json={"verdict": "approve", "text": "fine"}, headers=administrator)
    assert approved.json()["state"] == "approved"
    other = begin(town, "Another")
    assert town.client.post(f"{draft}/activation", json={}, headers=planner).json()["state"] == "active"
    told = [(event["kind"], event["record"].get("stage", "")) for event in get(town, f"{draft}/events").json()]
    assert told == [("edit", ""), ("comment", ""), *(("stage", name) for name in ("submitted", "approved", "active"))]
    in_force = get(town, f"{API}/generations").json()[-1]
    assert in_force["plan_id"] == submitted["made_plan_id"]
    # What began with the plan before does not push this one aside unseen.
    assert town.client.post(f"{other}/submission", headers=planner).status_code == 201
    town.client.post(f"{other}/review", json={"verdict": "approve"}, headers=administrator)
    late = town.client.post(f"{other}/activation", json={}, headers=planner)
    assert late.status_code == 409
    assert "came in force meanwhile" in late.text


def test_a_saved_plan_passes_the_judge(town: Running, land: Land, datasets: Path, tmp_path: Path) -> None:
    judge = datasets.parent / "judges" / "judge_plan.py"
    if not judge.exists():
        absent("no judge: ../shared/judges is absent")
    draft, mine = begin(town), Redrawing(land)
    for seed in range(10):
        assert send(town, draft, harmless(mine, seed)).status_code == 201
    made = town.client.post(f"{draft}/submission", headers=town.to("planner")).json()["made_plan_id"]
    path = tmp_path / "made.gpkg"
    path.write_bytes(get(town, f"{API}/plans/{made}/file").content)
    bands = [f"--band={name}:{low}-{high}" for name, (low, high) in land.plan.metadata["bands"].items()]
    command = [sys.executable, judge, path, "--json", *bands]
    judged = subprocess.run(command, capture_output=True, text=True, check=False)
    assert judged.returncode == 0, judged.stdout + judged.stderr


def test_what_is_sent_twice_is_taken_once_and_the_way_back_is_exact(town: Running, land: Land) -> None:
    draft = begin(town)
    first = get(town, f"{draft}/state").content
    taken = take_moves(Redrawing(land), 40)
    for number, edit in enumerate(taken):
        for _ in range(2):
            assert send(town, draft, edit, key=f"sent-{number:04d}").status_code == 201
    assert len(get(town, f"{draft}/events").json()) == 40
    changes = get(town, f"{draft}/changes").json()
    mine = Redrawing(land)
    mine.apply(Edit.of_record(changes["edit"]))
    assert mine.state.text() == get(town, f"{draft}/state").content
    for edit in reversed(taken):
        assert send(town, draft, edit.inverse).status_code == 201
    assert get(town, f"{draft}/state").content == first == State.of(land).text()


def test_who_comes_too_late_changes_nothing_and_both_are_told(town: Running, land: Land) -> None:
    draft, mine = begin(town), Redrawing(land)
    edit = harmless(mine)
    other = town.key("planner-2", "planner")
    assert send(town, draft, edit).status_code == 201
    late = send(town, draft, edit, key="too-late-1", who=other)
    assert late.status_code == 409
    assert send(town, draft, edit, key="too-late-1", who=other).status_code == 409
    conflict = get(town, f"{draft}/events?after=1").json()
    assert [(event["kind"], event["by"], event["record"]["land"]) for event in conflict] == [
        ("conflict", "planner-2", [list(edit.land[0])])
    ]
    # What does not touch it is taken, from whoever looked at an earlier state.
    apart = next(e for e in random_moves(mine, 9) if not {*e.land[0][1:]} & {*edit.land[0][1:]})
    assert send(town, draft, apart, who=other).status_code in (201, 422)
    assert mine.state.text() == get(town, f"{draft}/state").content or len(get(town, f"{draft}/events").json()) == 3


def test_the_land_is_laid_while_the_list_is_read_and_nobody_waits_for_another_plan(town: Running, land: Land) -> None:
    draft = begin(town)
    number = int(draft.rsplit("/", 1)[1])
    assert [each["id"] for each in get(town, f"{API}/drafts").json()] == [number]
    app: Any = town.client.app
    desk = app.state.desk
    assert "_sheet" in vars(desk.land(desk.plan_in_force()))
    # Where laying takes long, as of plan 99 here, what is open already goes on.
    slow = desk.land(99)
    with slow._lock:  # noqa: SLF001
        assert send(town, draft, harmless(Redrawing(land))).status_code == 201
    with pytest.raises(gis.errors.InputError):
        _ = slow.land


def test_what_could_not_be_kept_is_forgotten(town: Running, land: Land, monkeypatch: pytest.MonkeyPatch) -> None:
    draft, edit = begin(town), harmless(Redrawing(land))
    before = get(town, f"{draft}/state").content

    def full(*_: object, **__: object) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as patch:
        patch.setattr("api.store.drafts.add_event", full)
        assert send(town, draft, edit).status_code == 500
    assert get(town, f"{draft}/state").content == before
    assert send(town, draft, edit).status_code == 201


def test_a_key_belongs_to_what_was_sent_with_it_first(town: Running, land: Land) -> None:
    draft, edit, planner = begin(town), harmless(Redrawing(land)), town.to("planner")
    said = {"key": "stage-11", "text": "a key of ours"}
    for _ in range(2):
        assert town.client.post(f"{draft}/comments", json=said, headers=planner).json()["number"] == 1
    assert town.client.post(f"{draft}/comments", json=said | {"text": "another"}, headers=planner).status_code == 409
    assert send(town, draft, edit, "stage-11").status_code == 409
    assert send(town, draft, edit, "an-edit-1").status_code == 201
    assert send(town, draft, edit, "an-edit-1", town.to("administrator")).status_code == 409
    assert send(town, draft, edit.inverse, "an-edit-1").status_code == 409
    for k in range(3, 10):
        key = f"stage-{k:02}" if k < 9 else "stage-10"
        assert town.client.post(f"{draft}/comments", json=said | {"key": key}, headers=planner).status_code == 201
    assert town.client.post(f"{draft}/submission", headers=planner).status_code == 201


def test_cells_that_lie_in_each_other_are_refused(town: Running, land: Land) -> None:
    code = next(iter(land.plan.at_level(land.plan.leaf_level)["code"]))
    new = {"level": land.plan.leaf_level, "parent": "99", "name": "", "kind": "general", "ground": "99"}
    edit = {"land": [[0, land.plan.atoms["cell_code"].iloc[0], "99"]], "cells": [["99", None, new]]}
    assert send(town, begin(town, code), edit).status_code == 422


def test_two_workers_take_turns_and_each_knows_what_the_other_took(town: Running, land: Land) -> None:
    draft, mine = begin(town), Redrawing(land)
    with TestClient(create_app(town.settings, town.clock), raise_server_exceptions=False) as second:
        clients = [town.client, second]
        for number, edit in enumerate(take_moves(mine, 20)):
            said = {"key": f"worker-{number:03d}", **edit.as_record()}
            answer = clients[number % 2].post(f"{draft}/edits", json=said, headers=town.to("planner"))
            assert answer.status_code == 201, answer.text
        for client in clients:
            state = client.get(f"{draft}/state", headers=town.to("planner")).content
            assert state == mine.state.text()


def test_many_at_once_lose_nothing_and_double_nothing(town: Running, land: Land) -> None:
    draft = begin(town)
    edits = take_moves(Redrawing(land), 24)
    planner, colleague = town.to("planner"), town.to("administrator")
    begin_all = threading.Barrier(8)

    def send_some(k: int) -> list[tuple[str, int]]:
        begin_all.wait()
        # Every edit is sent by two at once under one key, as a browser does that had no answer.
        mine = [(f"edit-{number:03}", edit) for number, edit in enumerate(edits) if number % 4 == k % 4]
        who = planner if k % 2 else colleague
        return [(key, send(town, draft, edit, key, who).status_code) for key, edit in mine]

    with ThreadPoolExecutor(8) as pool:
        answers = [answer for each in pool.map(send_some, range(8)) for answer in each]
    assert {status for _, status in answers} <= {201, 409, 422}
    events = get(town, f"{draft}/events").json()
    assert [event["number"] for event in events] == list(range(1, len(events) + 1))
    taken = [event for event in events if event["kind"] == "edit"]
    assert taken
    assert sorted(event["key"] for event in taken) == sorted({key for key, status in answers if status == 201})
    again = Redrawing(land, [Edit.of_record(event["record"]) for event in taken])
    assert get(town, f"{draft}/state").content == again.state.text()
    assert get(town, f"{draft}/certificate").json()["valid"]


CODES = st.one_of(
    st.sampled_from(["", "x", "0" * 15, "9" * 64, "A", "'; DROP TABLE drafts; --", "000000000001", "area", "\u202e"]),
    st.integers(0, 60).map(lambda k: f"@{k}"),
)
ROWS = st.one_of(st.integers(-2, 500), st.sampled_from([2**31, 10**12]))
CELLS = st.one_of(
    st.none(),
    st.fixed_dictionaries(
        {
            "level": st.sampled_from(["micro", "grid", "community", "nosuch"]),
            "parent": st.one_of(st.none(), CODES),
            "name": st.sampled_from(["new", "", "two\nlines", "<script>", "x" * 121]),
            "kind": st.sampled_from(["general", "exclusive", "unpopulated", "nosuch"]),
            "ground": CODES,
            "exclave": st.booleans(),
            "locked": st.booleans(),
        }
    ),
)
HOSTILE = st.fixed_dictionaries(
    {},
    optional={
        "land": st.lists(st.tuples(ROWS, CODES, CODES), max_size=4),
        "floors": st.lists(st.tuples(ROWS, st.one_of(st.none(), CODES), st.one_of(st.none(), CODES)), max_size=3),
        "cells": st.lists(st.tuples(CODES, CELLS, CELLS), max_size=3),
        "together": st.lists(st.tuples(ROWS, st.none(), st.sampled_from(["g1", "", "\x00"])), max_size=2),
    },
)
COMMANDS = st.lists(st.one_of(HOSTILE, st.integers(0, 10**6)), min_size=3, max_size=12)


@pytest.fixture(scope="module")
def long_town(plan_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("hostile")
    with serving.running(f"sqlite:///{folder / 'wangge.db'}", folder, plan_path) as running:
        yield running


@hypothesis.settings(max_examples=40, suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture])
@hypothesis.given(commands=COMMANDS)
def test_no_plan_with_a_seam_is_ever_made(long_town: Running, land: Land, commands: list[Any]) -> None:
    town = long_town
    draft, mine = begin(town), Redrawing(land)
    known = sorted(mine.state.cells)
    for command in commands:
        if isinstance(command, int):
            edit: Any = next(random_moves(mine, command)).as_record()
        else:
            edit = named(json.loads(json.dumps(command)), known)
        answer = send(town, draft, edit)
        assert answer.status_code in (201, 409, 422), answer.text
        if answer.status_code == 201:
            mine.apply(Edit.of_record(edit))
        assert get(town, f"{draft}/state").content == mine.state.text()
    submitted = town.client.post(f"{draft}/submission", headers=town.to("planner"))
    assert submitted.status_code in (201, 422), submitted.text
    if submitted.status_code == 201:
        content = get(town, f"{API}/plans/{submitted.json()['made_plan_id']}/file").content
        path = town.settings.secret_file.parent / "made.gpkg"
        path.write_bytes(content)
        plan = gis.read_plan(path)
        assert gis.check(plan.cells, area=plan.area).valid
        assert plan.at_level("micro")["households"].sum() == sum(land.households)


def named(value: Any, known: list[str]) -> Any:  # noqa: ANN401
    """Put real codes where a number stands for one, however deep."""
    if isinstance(value, str) and value.startswith("@"):
        return known[int(value[1:]) % len(known)]
    if isinstance(value, dict):
        return {key: named(each, known) for key, each in value.items()}
    return [named(each, known) for each in value] if isinstance(value, list) else value


def test_a_draft_is_carried_over_to_the_plan_in_force(town: Running, land: Land) -> None:
    planner, administrator = town.to("planner"), town.to("administrator")
    mine = Redrawing(land)
    first, second, third = (harmless(mine, seed) for seed in (1, 2, 3))
    ahead, behind = begin(town, "Ahead"), begin(town, "Behind")
    assert send(town, ahead, first).status_code == 201
    for edit in (first, second, third):
        assert send(town, behind, edit).status_code == 201
    assert town.client.post(f"{behind}/renewal", headers=planner).status_code == 409
    assert town.client.post(f"{ahead}/submission", headers=planner).status_code == 201
    town.client.post(f"{ahead}/review", json={"verdict": "approve"}, headers=administrator)
    assert town.client.post(f"{ahead}/activation", json={}, headers=planner).json()["state"] == "active"
    town.service.plans.refresh()
    renewed = town.client.post(f"{behind}/renewal", headers=planner).json()
    assert renewed["plan_id"] != 1
    # What is in force already is no conflict; the others are carried over.
    kinds = [event["kind"] for event in get(town, f"{API}/drafts/{renewed['id']}/events").json()]
    assert kinds in (["edit"], ["edit", "edit"])
    assert get(town, f"{API}/drafts/{renewed['id']}/state").content == mine.state.text()
    assert get(town, behind).json()["state"] == "discarded"


def test_a_file_that_was_edited_elsewhere_comes_back_as_an_edit(town: Running, land: Land, tmp_path: Path) -> None:
    draft = begin(town)
    edit = harmless(Redrawing(land))
    atom, before, after = edit.land[0]
    path = tmp_path / "edited.gpkg"
    path.write_bytes(get(town, f"{draft}/file").content)
    plan = gis.read_plan(path)

    def bring() -> dict[str, Any]:
        headers = town.to("planner") | {"Content-Type": "application/geopackage+sqlite3"}
        answer = town.client.post(f"{draft}/import", content=path.read_bytes(), headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    assert bring() == {"edit": {}, "crossed": [], "defects": {}, "refused": ""}
    # As QGIS would save it: a polygon moved by hand, its neighbour too, and not very exactly.
    cells = plan.cells.set_index("code", drop=False)
    piece = land.shapes[atom]
    cells.loc[before, "geometry"] = cells.geometry[before].difference(piece.buffer(0.02))
    cells.loc[after, "geometry"] = cells.geometry[after].union(piece)
    cells.loc[after, "name"] = "renamed elsewhere"
    cells.reset_index(drop=True).to_file(path, layer="cells", driver="GPKG")
    found = bring()
    assert found["edit"]["land"] == [[atom, before, after]]
    assert found["edit"]["cells"][0][2]["name"] == "renamed elsewhere"
    assert found["refused"] == ""
    assert found["defects"]
    assert send(town, draft, found["edit"]).status_code == 201
    # Or by the code of the piece alone.
    atoms = plan.atoms.assign(cell_code=plan.atoms["cell_code"].mask(plan.atoms["atom_id"] == atom, after))
    plan.cells.to_file(path, layer="cells", driver="GPKG")
    atoms.to_file(path, layer="atoms", driver="GPKG")
    assert "land" not in bring()["edit"]
    nothing = town.client.post(f"{draft}/import", content=b"no file", headers=town.to("planner"))
    assert nothing.status_code == 422


@pytest.mark.parametrize(
    "spoiling",
    [
        "UPDATE cells SET parent_code = code",
        "UPDATE cells SET parent_code = 'nowhere'",
        "UPDATE cells SET parent_code = NULL",
        "UPDATE cells SET level = 'moon'",
        "UPDATE cells SET code = NULL",
        "UPDATE cells SET ground_code = NULL",
        "UPDATE cells SET exclave = NULL",
        "DELETE FROM cells WHERE parent_code IS NULL",
        "DELETE FROM cells",
        "UPDATE cells SET code = 'same'",
        "UPDATE atoms SET atom_id = 1",
        "UPDATE atoms SET cell_code = 'nowhere'",
        "UPDATE dwellings SET floor_from = NULL",
        "UPDATE dwellings SET floor_from = 'low'",
        "UPDATE dwellings SET households = NULL",
        "UPDATE dwellings SET cell_code = NULL",
    ],
)
def test_a_spoilt_file_is_refused_or_changes_nothing_by_itself(
    long_town: Running, tmp_path: Path, spoiling: str
) -> None:
    draft, path = begin(long_town), tmp_path / "spoilt.gpkg"
    path.write_bytes(get(long_town, f"{draft}/file").content)
    with closing(sqlite3.connect(path)) as file, file:
        # The triggers of the spatial index ask for functions of GDAL's.
        for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            file.execute(f'DROP TRIGGER "{name}"')
        file.execute(spoiling)
    headers = long_town.to("planner") | {"Content-Type": "application/geopackage+sqlite3"}
    answer = long_town.client.post(f"{draft}/import", content=path.read_bytes(), headers=headers)
    assert answer.status_code in (200, 422), answer.text
    if answer.status_code == 200:
        found = answer.json()
        assert not any(cells[1]["exclave"] for _, *cells in found["edit"].get("cells", ()) if cells[1])
        # What is refused stays refused when it is sent; what is not may be taken.
        sent = send(long_town, draft, found["edit"]).status_code if found["edit"] else 422
        assert (sent == 201) == (not found["refused"] and bool(found["edit"]))
