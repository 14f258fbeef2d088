"""Who may lead a draft on, and when: what was reviewed is what comes in force, and nothing that was taken is lost."""

import dataclasses
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import serving
from large_town import large_plan
from serving import Running

import gis
from gis.editing.carrying import carried
from gis.plan import Plan

API = "/api/v1"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """Return a plan of five blocks of a hundred houses."""
    return large_plan(tmp_path_factory.mktemp("small"), columns=5, rows=1)


def kept(plan: Plan, folder: Path) -> Path:
    gis.write_plan(plan, folder / "plan.gpkg")
    return folder / "plan.gpkg"


@pytest.fixture
def town(small: Plan, store_url: str, tmp_path: Path) -> Iterator[Running]:
    with serving.running(store_url, tmp_path, kept(small, tmp_path)) as running:
        yield running


def post(town: Running, path: str, body: dict[str, Any] | None = None, who: dict[str, str] | None = None) -> Any:  # noqa: ANN401
    return town.client.post(f"{API}/drafts{path}", json=body or {}, headers=who or town.to("planner"))


def begin(town: Running) -> str:
    made = post(town, "", {"title": "A draft"})
    assert made.status_code == 201, made.text
    return f"/{made.json()['id']}"


def cells(town: Running, draft: str) -> dict[str, dict[str, Any]]:
    return town.client.get(f"{API}/drafts{draft}/state", headers=town.to("planner")).json()["cells"]


def rename(town: Running, draft: str, name: str, at: int = -1, who: dict[str, str] | None = None) -> Any:  # noqa: ANN401
    """Give one cell another name."""
    code, record = sorted(cells(town, draft).items())[at]
    return post(
        town, f"{draft}/edits", {"key": uuid.uuid4().hex, "cells": [[code, record, record | {"name": name}]]}, who
    )


def approved(town: Running, draft: str) -> int:
    assert post(town, f"{draft}/submission").status_code == 201
    answer = post(town, f"{draft}/review", {"verdict": "approve"}, town.to("administrator"))
    assert answer.status_code == 201, answer.text
    return int(answer.json()["made_plan_id"])


def test_what_is_to_begin_later_is_not_undone_unseen(town: Running) -> None:
    first, second = begin(town), begin(town)
    assert rename(town, first, "First").status_code == rename(town, second, "Second", at=-2).status_code == 201
    made, _ = approved(town, first), approved(town, second)
    later = {"begins": (town.clock() + timedelta(hours=1)).isoformat()}
    assert post(town, f"{first}/activation", later).status_code == 201
    # What came in force now would be gone in an hour.
    answer = post(town, f"{second}/activation")
    assert answer.status_code == 409
    assert "comes in force at" in answer.json()["detail"]
    town.clock.advance(hours=2)
    assert town.client.get(f"{API}/generations").json()[-1]["plan_id"] == made
    assert "came in force meanwhile" in post(town, f"{second}/activation").json()["detail"]


def test_a_draft_is_approved_by_who_has_not_drawn_it_and_has_seen_it(town: Running) -> None:
    draft, second, third = begin(town), town.key("second", "planner"), town.key("third", "planner")
    assert rename(town, draft, "Seen", who=second).status_code == 201
    seen = post(town, f"{draft}/submission").json()["made_plan_id"]
    for who in (None, second):
        assert post(town, f"{draft}/review", {"verdict": "approve"}, who).status_code == 403
    # Taken back, changed and submitted anew, while the third reads.
    assert post(town, f"{draft}/review", {"verdict": "return"}).status_code == 201
    assert rename(town, draft, "Slipped in").status_code == 201
    again = post(town, f"{draft}/submission").json()["made_plan_id"]
    late = post(town, f"{draft}/review", {"verdict": "approve", "made_plan_id": seen}, third)
    assert late.status_code == 409
    assert "submitted anew" in late.json()["detail"]
    answer = post(town, f"{draft}/review", {"verdict": "approve", "made_plan_id": again}, third)
    assert answer.json()["state"] == "approved"


def test_a_draft_is_carried_over_and_put_away_by_its_owner_once(town: Running) -> None:
    ahead, behind = begin(town), begin(town)
    rename(town, ahead, "Ahead")
    rename(town, behind, "Behind", at=-2)
    approved(town, ahead)
    assert post(town, f"{ahead}/activation").status_code == 201
    second = town.key("second", "planner")
    for path in ("/renewal", "/submission"):
        answer = post(town, f"{behind}{path}", who=second)
        assert answer.status_code == (403 if path == "/renewal" else 201)
    assert post(town, f"{behind}/review", {"verdict": "return"}).status_code == 201
    renewed = post(town, f"{behind}/renewal")
    assert renewed.status_code == 201
    assert post(town, f"{behind}/renewal").status_code == 409
    away = town.client.delete(f"{API}/drafts{behind}", headers=town.to("planner"))
    assert (away.status_code, away.json()["detail"]) == (409, "the draft is discarded")


def test_an_edit_that_comes_while_a_draft_is_carried_over_is_not_lost(
    town: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead, behind = begin(town), begin(town)
    rename(town, ahead, "Ahead")
    approved(town, ahead)
    post(town, f"{ahead}/activation")

    def meanwhile(*given: Any) -> Any:  # noqa: ANN401
        assert rename(town, behind, "Just now", at=-2).status_code == 201
        return carried(*given)

    with monkeypatch.context() as patched:
        patched.setattr("api.planner.stages.carried", meanwhile)
        assert post(town, f"{behind}/renewal").status_code == 409
    made = post(town, f"{behind}/renewal").json()
    assert "Just now" in [cell["name"] for cell in cells(town, f"/{made['id']}").values()]
    assert len(town.client.get(f"{API}/drafts", headers=town.to("planner")).json()) == 3


def test_long_names_from_elsewhere_are_shortened_not_given(small: Plan, tmp_path: Path) -> None:
    leaf = small.cells.index[small.cells["level"] == small.leaf_level]
    named = small.cells.assign(name=small.cells["name"].mask(small.cells.index == leaf[-1], "x" * 5000))
    plan = kept(dataclasses.replace(small, cells=named), tmp_path)
    with serving.running(f"sqlite:///{tmp_path / 'wangge.db'}", tmp_path, plan) as town:
        draft = begin(town)
        code, record = next((code, cell) for code, cell in cells(town, draft).items() if len(cell["name"]) == 5000)
        locked, short = record | {"locked": True}, record | {"name": "Short"}
        for before, after, wanted in (
            (record, locked, 201),
            (locked, record, 201),
            (record, record | {"name": "y" * 121}, 422),
            (record, short, 201),
        ):
            body = {"key": uuid.uuid4().hex, "cells": [[code, before, after]]}
            assert post(town, f"{draft}/edits", body).status_code == wanted


def test_a_plan_in_which_nobody_lives_is_edited(small: Plan, tmp_path: Path) -> None:
    tables = {
        name: table.assign(households=0)
        for name in ("cells", "atoms", "buildings", "dwellings")
        if "households" in (table := getattr(small, name))
    }
    plan = kept(dataclasses.replace(small, **tables), tmp_path)
    with serving.running(f"sqlite:///{tmp_path / 'wangge.db'}", tmp_path, plan) as town:
        draft = begin(town)
        assert rename(town, draft, "Empty").status_code == 201
        assert town.client.get(f"{API}/plans/1/land", headers=town.to("planner")).status_code == 200


def test_a_database_that_is_held_is_said_to_be(small: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.store.engine._BUSY_MS", 300)
    file = tmp_path / "wangge.db"
    with serving.running(f"sqlite:///{file}", tmp_path, kept(small, tmp_path)) as town:
        draft = begin(town)
        assert rename(town, draft, "Before").status_code == 201
        record = {"key": "held-1234", "text": "x"}
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            answer = post(town, f"{draft}/comments", record)
            other.execute("ROLLBACK")
        assert answer.status_code == 503, answer.text
        assert answer.headers["Retry-After"] == "5"
        assert post(town, f"{draft}/comments", record).status_code == 201
