"""What public pages leave out cannot be worked out: not from sums, not from two pages, not from the bytes of one."""

import base64
import gzip
import json
import struct
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from attacker import Attacker, Figure
from drawn import facts, whole_text
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from small_towns import Own, Town, joined, plan_of, towns
from test_maps_pages import small_plan, small_reports

import maps
from gis.errors import InputError
from gis.plan import Plan
from maps import _layers
from maps.audience import FEWEST, FEWEST_PEOPLE, Audience, rounded
from maps.figures import Figures, figures
from maps.measures import HOUSEHOLDS, Measure
from maps.withheld import withheld
from maps.words import words

# A town takes long to shrink, and says as much as it is.
thorough = settings(max_examples=40, phases=[Phase.explicit, Phase.reuse, Phase.generate])


def told_of(town: Town, before: Mapping[str, set[str]] | None = None) -> tuple[Figures, Attacker]:
    """Return what the public is told, and somebody who knows how it hangs together."""
    every = _layers(town.reports, None, town.layers)
    found = [measure for layer in every for measure in layer.measures(town.plan, words("en"))]
    shown = figures(town.plan, found, Audience.PUBLIC, before=before)
    cells = town.plan.cells
    homes = Measure(HOUSEHOLDS, "", dict(zip(cells["code"], map(int, cells["households"]), strict=True)))
    parent = dict(zip(shown.cells["code"], shown.cells["parent"], strict=True))
    return shown, Attacker([homes, *found], parent, shown.withheld)


def left_out(shown: Figures, attacker: Attacker) -> list[Figure]:
    return sorted((name, code) for name in attacker.names for code in shown.withheld[name] if code in attacker.parent)


@thorough
@given(towns())
def test_no_figure_that_is_left_out_can_be_worked_out_from_sums(town: Town) -> None:
    shown, attacker = told_of(town)
    found = attacker.worked_out()
    assert found & set(left_out(shown, attacker)) == set()
    assert {figure for figure in found if 0 < attacker.truth[figure] < FEWEST} == set()
    # Where nobody lives can be seen: there is no small figure to be had from that.
    empty = [code for code in attacker.parent if not attacker.truth[HOUSEHOLDS, code]]
    found = attacker.worked_out(also_known=[(HOUSEHOLDS, code) for code in empty])
    assert {figure for figure in found if 0 < attacker.truth[figure] < FEWEST} == set()


@thorough
@given(towns(), st.randoms(use_true_random=False))
def test_no_figure_that_is_left_out_is_the_only_one_that_fits(town: Town, some: Any) -> None:  # noqa: ANN401
    shown, attacker = told_of(town)
    hidden = left_out(shown, attacker)
    for figure in some.sample(hidden, min(len(hidden), 12)):
        least, most = attacker.range_of(figure)
        assert least < most, (figure, attacker.truth[figure])


@thorough
@given(towns())
def test_small_figures_and_those_of_few_people_are_left_out_at_every_level(town: Town) -> None:
    shown, attacker = told_of(town)
    people = [name for name, measure in attacker.names.items() if measure.is_of_residents]
    for code in attacker.parent:
        few = attacker.truth[HOUSEHOLDS, code] < FEWEST or (
            people and max(attacker.truth[name, code] for name in people) < FEWEST_PEOPLE
        )
        for name, measure in attacker.names.items():
            rest = attacker.truth[measure.part_of, code] - attacker.truth[name, code] if measure.part_of else FEWEST
            if few or attacker.truth[name, code] < FEWEST or rest < FEWEST:
                assert shown.cells.set_index("code").loc[code, name] is None


@thorough
@given(towns(), st.data())
def test_two_pages_of_a_series_tell_no_more_than_one(town: Town, data: st.DataObject) -> None:
    first, one = told_of(town)
    cells = town.plan.cells
    changed = data.draw(st.lists(st.sampled_from(cells["code"].tolist()), max_size=3))
    later = replace(town, plan=grown(town.plan, set(changed), data.draw(st.sampled_from([-40, -5, 5, 40]))))
    second, other = told_of(later, first.withheld)
    assert all(first.withheld[name] <= second.withheld[name] for name in one.names)
    # Equal figures are taken for the same ones: what one page tells of them the other does.
    same = {
        (name, code)
        for name in one.names
        for code in one.parent
        if code not in second.withheld[name] and one.truth[name, code] == other.truth[name, code]
    }
    for shown, attacker in ((first, one), (second, other)):
        hidden = set(left_out(shown, attacker))
        assert attacker.worked_out(also_known=same) & hidden == set()
        for figure in sorted(hidden)[:4]:
            least, most = attacker.range_of(figure, slack=2)
            assert least < most, (figure, attacker.truth[figure])


def grown(plan: Plan, codes: set[str], more: int) -> Plan:
    """Return the plan with more homes, or fewer, in some cells of the lowest level, and so in all above them."""
    cells = plan.cells.copy()
    leaves = (cells["level"] == plan.leaf_level) & cells["code"].isin(codes)
    cells.loc[leaves, "households"] = (cells.loc[leaves, "households"] + more).clip(lower=0)
    for level, above in zip(reversed(plan.levels), [*reversed(plan.levels)][1:], strict=False):
        sums = cells[cells["level"] == level].groupby("parent_code")["households"].sum()
        rows = cells["level"] == above
        cells.loc[rows, "households"] = cells.loc[rows, "code"].map(sums)
    return replace(plan, cells=cells)


# --- one town and its twin, which has other small figures -----------------------------------------------------------


def made(homes: list[int], waiting: int, over_65: list[int], text: str) -> Town:
    """Two grids: of four cells, and of two on one ground, where some reports wait for their floor."""
    rows: list[dict[str, Any]] = []
    for grid, codes in (("1", ["10", "11", "12", "13"]), ("2", ["20", "21"])):
        at = 4 * (grid == "2")
        below = [
            {"code": code, "level": "micro", "parent_code": grid, "ground_code": code, "at": (at + k, at + k)}
            for k, code in enumerate(codes)
        ]
        rows += [{"code": grid, "level": "grid", "parent_code": None, "ground_code": grid, "at": (at, at + 3)}, *below]
    rows[-1].update(ground_code="20", at=(4, 7))
    rows[-2].update(at=(4, 7))
    leaves = dict(zip(["10", "11", "12", "13", "20", "21"], homes, strict=True))
    for row in rows:
        row["households"] = sum(count for code, count in leaves.items() if code.startswith(row["code"]))
        row |= {"name": f"cell {row['code']}", "kind": "general", "exclave": 0}
        row["floor_from"] = row["floor_to"] = {"20": 1.0, "21": 2.0}.get(row["code"])
    plan = plan_of(rows, ("grid", "micro"))
    plan.buildings["address"] = plan.buildings["building_id"] = f"BUILDING {text}"
    middles = plan.cells.set_index("code").geometry.centroid
    sent = [("12", "1", 30), ("13", "1", 40), ("20", "2", 60 - waiting), ("21", "2", 70)]
    reports = [(code, "inside", {"grid": grid, "micro": code}) for code, grid, count in sent for _ in range(count)]
    reports += [("", "ask_address", {"grid": "2"})] * waiting
    table = pd.DataFrame(reports, columns=["cell_code", "status", "grid_codes"])
    table["grid_codes"] = table["grid_codes"].map(json.dumps)
    places = middles.loc[[code or "20" for code in table["cell_code"]]]
    table["plan_x"], table["plan_y"] = places.x.to_numpy() + len(text), places.y.to_numpy()
    told = dict.fromkeys(("category", "description", "time", "reason", "report_id"), f"WORDS {text}")
    people = [("residents", 100 + count, code) for code, count in leaves.items()]
    people += [("over_65", count, code) for code, count in zip(leaves, over_65, strict=True)]
    rows_of = [(value, count, code, float("nan"), float("nan")) for value, count, code in people]
    at = middles["20"]
    places_of = [(f"shop {text}", 3, "10", float("nan"), float("nan")), ("shop", waiting, "", at.x, at.y)]
    layers = [joined(plan, "people", "category", rows_of), joined(plan, "places", "category", places_of)]
    return Town(plan, layers, table.assign(**told, plan_version=plan.version))


def page_of(town: Town, **options: Any) -> str:  # noqa: ANN401
    options = {"audience": "public", "reports": town.reports, "layers": town.layers} | options
    return maps.render(town.plan, lang="en", **options)


def test_a_page_is_the_same_whatever_was_left_out_of_it() -> None:
    one = made([5, 30, 60, 70, 80, 90], 3, [4, 20, 33, 34, 40, 50], "ONE")
    other = made([8, 27, 60, 70, 80, 90], 4, [7, 17, 33, 34, 40, 50], "OTHER")
    layers = [town.layers[:1] for town in (one, other)]
    assert page_of(one, layers=layers[0]) == page_of(other, layers=layers[1])
    assert page_of(one, audience="internal") != page_of(other, audience="internal")


def test_a_page_holds_counts_that_are_told_and_nothing_else_of_things() -> None:
    town = made([5, 30, 60, 70, 80, 90], 3, [4, 20, 33, 34, 40, 50], "ONE")
    page = page_of(town)
    for private in ("WORDS", "REASON", "BUILDING", "building_id", "LABEL", "GRID", "2024-04-08", "report_id"):
        assert private not in whole_text(page)
    told = facts(page)
    assert told["layers"] == []
    shown, _ = told_of(town)
    for level in told["levels"]:
        assert level["reasons"] == {}
        assert not any(level["shared"])
        assert set(level["in_band"]) == {0}
        for measure, figure in zip(shown.measures, level["figures"], strict=True):
            counts = shown.at_level(level["name"])[measure.name]
            assert figure["told"] == [-1 if count is None else count for count in counts]
    assert any(figure["told"].count(-1) for level in told["levels"] for figure in level["figures"])
    # Of the same town: staff see what is written in reports, and what waits for its floor.
    page = page_of(town, audience="internal")
    assert "WORDS" in whole_text(page)
    assert any(any(level["shared"]) for level in facts(page)["levels"])


def test_what_is_known_to_a_level_above_alone_is_told_there() -> None:
    town = made([30, 30, 60, 70, 80, 90], 3, [4, 20, 33, 34, 40, 50], "ONE")
    nowhere = float("nan")
    layer = joined(town.plan, "places", "category", [("shop", 5, "1", nowhere, nowhere)])
    grid, micro = facts(page_of(town, layers=[layer], reports=None, audience="internal"))["levels"]
    assert grid["figures"][1]["told"] == [5, 0]
    assert micro["shared"] == [{}, {}, {}]


CELLS = {"a": "", "a1": "a", "a2": "a", "a3": "a"}


def test_the_last_of_all_categories_is_not_what_the_others_leave() -> None:
    many = {"a1": (90, 60, 3), "a2": (90, 60, 40), "a3": (90, 60, 40)}
    counts = [{code: row[k] for code, row in many.items()} for k in range(3)]
    parts = [{**each, "a": sum(each.values())} for each in counts]
    whole = {code: sum(part[code] for part in parts) for code in CELLS}
    measures = [Measure(f"x.{k}", "", part, part_of="x") for k, part in enumerate(parts)]
    homes = Measure(HOUSEHOLDS, "", dict.fromkeys(CELLS, 100) | {"a": 300})
    for order in ([Measure("x", "", whole), *measures], [*reversed(measures), Measure("x", "", whole)]):
        hidden = withheld([homes, *order], CELLS)
        assert "a1" in hidden["x.2"]
        assert "a1" in hidden["x.1"], "what is left of 153 without 90 and 60 is 3"
        assert not hidden["x"] | hidden["x.0"]


def test_people_are_few_by_whatever_file_counts_them() -> None:
    homes = Measure(HOUSEHOLDS, "", dict.fromkeys(CELLS, 100) | {"a": 300})
    cases = Measure("reports", "", dict.fromkeys(CELLS, 50) | {"a": 150})
    north = Measure("people north.residents", "", {"a": 209, "a1": 9, "a2": 200})
    south = Measure("people south.residents", "", {"a": 300, "a3": 300})
    hidden = withheld([homes, cases, north, south], CELLS)
    assert "a1" in hidden["reports"] & hidden[HOUSEHOLDS]
    assert len(hidden["reports"]) == 2


# --- pages that follow one another ----------------------------------------------------------------------------------


def test_what_one_page_left_out_stays_out_though_a_page_between_did_not_have_it(tmp_path: Path) -> None:
    small = made([30, 30, 60, 70, 80, 90], 3, [4, 20, 33, 34, 40, 50], "ONE")
    large = made([30, 30, 60, 70, 80, 90], 3, [25, 30, 33, 34, 40, 50], "ONE")
    path = tmp_path / "page.html"
    hidden = []
    for town, layers in ((small, small.layers), (small, []), (large, large.layers)):
        options = {"previous": path} if path.is_file() else {}
        path.write_text(page_of(town, layers=layers, **options), encoding="utf-8")
        told = facts(path.read_text(encoding="utf-8"))
        hidden.append(told["series"]["withheld"].get("people.over_65"))
    assert {"10", "11"} <= set(hidden[0])
    assert hidden == [hidden[0]] * 3
    fresh = facts(page_of(large))["series"]["withheld"]
    assert fresh["people.over_65"] == []


def carrying(told: Any, packed: bytes | None = None) -> str:  # noqa: ANN401
    """Write a page that holds this, or these bytes."""
    head = json.dumps(told).encode()
    whole = gzip.compress(struct.pack("<I", len(head)) + head) if packed is None else packed
    return f'<script type="application/octet-stream" id="facts_plan">{base64.b64encode(whole).decode()}</script>'


def series(**told: Any) -> Any:  # noqa: ANN401
    return {"series": told}


VERSION = "0123456789ab"
HOSTILE = {
    "empty": b"",
    "binary": bytes(range(256)) * 100,
    "no page": b"<html>nothing</html>",
    "no base64": b'<script type="application/octet-stream" id="facts_plan">A</script>',
    "no gzip": carrying(None, b"text").encode(),
    "cut": carrying(None, gzip.compress(b"\x10\0\0\0{}" * 99)[:-20]).encode(),
    "damaged": carrying(None, gzip.compress(bytes(range(256)) * 9)[:12] + b"\xff" * 60).encode(),
    "no json": carrying(None, gzip.compress(b"\x02\0\0\0{[")).encode(),
    "no series": carrying({"title": "an internal page"}).encode(),
    "a list": carrying([1, 2]).encode(),
    "a number": carrying(series(plan=5, withheld={})).encode(),
    "no plan": carrying(series(withheld={})).encode(),
    "lines": carrying(series(plan="line\nline", withheld={})).encode(),
    "no codes": carrying(series(plan=VERSION, withheld={"households": 5})).encode(),
    "no names": carrying(series(plan=VERSION, withheld=["households"])).encode(),
    "deep": carrying(None, gzip.compress(struct.pack("<I", 400_000) + b"[" * 400_000)).encode(),
    "digits": carrying(None, gzip.compress(struct.pack("<I", 20_000) + b"9" * 20_000)).encode(),
    # Two megabytes that are two thousand when unpacked.
    "bomb": carrying(None, gzip.compress(struct.pack("<I", 0xFFFFFFFF) + b" " * (1 << 28), 9)).encode(),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_what_is_no_public_page_gets_one_line(tmp_path: Path, what: str) -> None:
    path = tmp_path / "page.html"
    path.write_bytes(HOSTILE[what])
    with pytest.raises(InputError, match=r"page\.html: not a public page of a plan: give the one") as error:
        maps.render(small_plan(), audience="public", previous=path)
    assert "\n" not in str(error.value)


def test_an_internal_page_has_no_previous(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="only public pages leave out what an earlier one did"):
        maps.render(small_plan(), previous=tmp_path / "page.html")


def test_a_file_too_large_for_a_page_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(InputError, match=r"page\.html: not a public page"):
        maps.render(small_plan(), audience="public", previous=path)
    with pytest.raises(InputError, match="no such file"):
        maps.render(small_plan(), audience="public", previous=tmp_path)


def test_a_page_on_other_borders_is_refused(tmp_path: Path) -> None:
    plan, path = small_plan(), tmp_path / "page.html"
    path.write_text(maps.render(plan, reports=small_reports(plan), audience="public"), encoding="utf-8")
    moved = replace(plan, cells=plan.cells.assign(floor_to=plan.cells["floor_to"] + 1))
    with pytest.raises(
        InputError, match=f"shows plan {plan.version}, this plan is {moved.version}: figures on"
    ) as error:
        maps.render(moved, audience="public", previous=path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("measures", "wrong"),
    [
        ([Measure("x", "X", {}), Measure("x", "X", {})], "measure 'x': there is another of this name"),
        ([Measure("households", "X", {})], "measure 'households': there is another"),
        ([Measure("name", "X", {})], "measure 'name': there is another"),
        ([Measure("reasons", "X", {})], "measure 'reasons': there is another"),
        ([Measure("x", "X", {}, part_of="y", as_share=True)], "measure 'x': a share of 'y', which is no measure here"),
        ([Measure("x", "X", {}, part_of="y"), Measure("y", "X", {}, part_of="x")], "measures that are parts of one an"),
    ],
)
@pytest.mark.parametrize("audience", Audience)
def test_measures_that_cannot_be_told_apart_are_refused(measures: list[Measure], wrong: str, audience: str) -> None:
    class Muddled(Own):
        def measures(self, plan: Plan, says: Any) -> list[Measure]:  # noqa: ANN401, ARG002
            return measures

    with pytest.raises(InputError, match=wrong):
        maps.render(small_plan(), layers=[Muddled({})], audience=audience)


def test_rounded_counts_say_no_less_than_the_fewest_allow() -> None:
    """What is told as 10 is 11 or 12: never a count that had to be left out."""
    plan = small_plan()
    assert {rounded(count) for count in range(FEWEST, FEWEST + 7)} == {10, 15}
    counts = dict.fromkeys(plan.cells["code"], 12) | {"130105005001001": 36, "130105005001002": 48}
    for level in facts(maps.render(plan, counts=counts, audience="public"))["levels"]:
        assert {figure for each in level["figures"] for figure in each["told"] if 0 <= figure < 10} == set()
