"""The preset tables are good, and bad ones give one line that says where and what."""

import json
import re
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import pytest

from api.cases import BadTable, Rules
from api.cases.calendar import Unit
from api.cases.states import Role
from data.tables import TABLES, table

CODES = ["01", "02", "03", "04", "05", "06", "21"], ["1", "2", "3", "4", "5", "21"]


def test_the_presets_are_good() -> None:
    rules = Rules.load()
    codes = [category.code for category in rules.categories.categories]
    assert codes == [*(f"component-{n}" for n in CODES[0]), *(f"event-{n}" for n in CODES[1]), "other-99"]
    assert all(table(name)["version"] == 1 for name in TABLES)
    for profile in rules.deadlines.profiles:
        for colour_limit in rules.triage.limits.values():
            assert colour_limit.amount > 0
        assert Rules.load(profile=profile).profile_name == profile


def test_every_category_grade_and_state_has_its_deadlines() -> None:
    for profile in ("default", "13710"):
        rules = Rules.load(profile=profile)
        for category in rules.categories.categories:
            for grade in rules.categories.grades:
                row = rules.profile.row(category.code, grade)
                assert all((row.case, row.verify, row.dispatch, row.accept, row.feed_back, row.answer))


def test_unknown_presets() -> None:
    with pytest.raises(ValueError, match="no table 'weather': choose one of calendar"):
        table("weather")


def test_the_version_changes_with_every_table(tmp_path: Path) -> None:
    versions = {Rules.load().version, Rules.load(profile="13710").version}
    for name in TABLES:
        folder = tmp_path / name
        folder.mkdir()
        (folder / f"{name}.json").write_text(json.dumps(table(name) | {"version": 2}), encoding="utf-8")
        versions.add(Rules.load(folder).version)
    assert len(versions) == 2 + len(TABLES)
    assert Rules.load().version == Rules.load(tmp_path).version


def changed(name: str, *path: str | int, to: object) -> str:
    """Return a preset table with one thing in it changed."""
    whole: Any = deepcopy(table(name))
    part = whole
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = to
    return json.dumps(whole)


ROWS = ("deadlines", "profiles", "default", "rows")


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("states", "{", "states.json, line 1: not JSON: "),
        ("states", b"\xff\xfe{}", "states.json: not text in UTF-8"),
        ("states", "[]", "states.json: Input should be"),
        ("visits", '{"plans": []}', "visits.json, version: Field required"),
        ("triage", changed("triage", "rows", 1, "color", to="red"), "triage.json, rows, row 2, color: Extra inputs"),
        (
            "triage",
            changed("triage", "rows", 1, "colour", to="blue"),
            "triage.json, rows, row 2, colour: Input should be",
        ),
        ("triage", changed("triage", "rows", to=[]), "triage.json, rows: row 0: the last row, and no other, is"),
        ("triage", changed("triage", "limits", to={"red": [1, "days"]}), "triage.json: limits: none for orange"),
        (
            "triage",
            changed("triage", "rows", 1, "category", to="evnt-3"),
            "triage.json, rows, row 2: category 'evnt-3' fits none",
        ),
        ("deadlines", changed(*ROWS, 1, "grade", to="grave"), "profiles, default, row 2: grade 'grave' fits none"),
        ("deadlines", changed(*ROWS, 2, "grade", to="hard"), "default, rows: row 3: the last row, and no other"),
        ("deadlines", changed(*ROWS, 0, "verify", to=[-1, "hours"]), "rows, row 1, verify: -1 hours: give a number"),
        ("deadlines", changed(*ROWS, 0, "verify", to=[1.5, "days"]), "row 1, verify: 1.5 days: days are whole"),
        ("deadlines", changed(*ROWS, 0, "verify", to=[1, "weeks"]), "row 1, verify, item 2: Input should be 'hours'"),
        ("deadlines", changed(*ROWS, 0, "verify", to="1 hour"), "row 1, verify: Input should be"),
        ("deadlines", changed(*ROWS, 0, "warn", to={"share": 0.5, "hours": 2}), "warn: give either a share or hours"),
        (
            "categories",
            changed("categories", "categories", 3, "code", to="event-1"),
            "categories.json: row 8: 'event-1' is there twice",
        ),
        ("categories", changed("categories", "categories", 3, "grade", to="dire"), "row 4: grade 'dire' is none of"),
        (
            "categories",
            changed("categories", "categories", 3, "duplicate_m", to=-1),
            "row 4, duplicate_m: Input should",
        ),
        (
            "dispatch",
            changed("dispatch", "rules", 0, "grid", to="schools"),
            "rules, row 1: functional.json has no grid 'schools'",
        ),
        ("dispatch", changed("dispatch", "rules", 1, "name", to="emergencies"), "row 2: 'emergencies' is there twice"),
        ("dispatch", changed("dispatch", "desk", to=""), "dispatch.json, desk: String should have at least 1"),
        (
            "calendar",
            changed("calendar", "off", to=["2026-02-30"]),
            "calendar.json, off, row 1: Input should be a valid date",
        ),
        (
            "visits",
            changed("visits", "plans", 2, "per", to="year"),
            "visits.json, plans, row 3, per: Input should be 'day'",
        ),
        (
            "functional",
            changed("functional", "grids", to=[{"code": "f"}]),
            "functional.json, grids, row 1, kind: Field required",
        ),
        ("weather", "{}", "weather.json: no table has this name; there are calendar"),
    ],
)
def test_bad_tables_give_one_line(tmp_path: Path, name: str, text: str | bytes, line: str) -> None:
    (tmp_path / f"{name}.json").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(BadTable) as caught:
        Rules.load(tmp_path)
    assert line in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_guide_says_what_there_is(tmp_path: Path) -> None:
    guide = (Path(__file__).parents[1] / "docs" / "cases.md").read_text(encoding="utf-8")
    rules = Rules.load()
    assert [state.name for state in rules.states.states if state.name not in guide] == []
    assert [name for name in (*TABLES, *get_args(Role), *get_args(Unit)) if f"`{name}`" not in guide] == []
    example = re.search(r"```python\n(.*?)```", guide, re.DOTALL)
    assert example
    said: dict[str, Any] = {"now": datetime(2026, 3, 2, tzinfo=UTC)}
    exec(example[1], said)  # noqa: S102 (the example is ours)
    assert said["case"].state == "verified"
    (tmp_path / "deadlines.json").write_text(changed(*ROWS, 1, "verify", to=[-1, "hours"]), encoding="utf-8")
    with pytest.raises(BadTable) as caught:
        Rules.load(tmp_path)
    assert str(caught.value) in guide


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(BadTable, match="no such folder of tables"):
        Rules.load(tmp_path / "absent")
