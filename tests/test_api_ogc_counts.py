"""Figures of cases by cell: fresh for staff, in scope; for the public without any small count, whatever is added up."""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import httpx2 as httpx
import mapbox_vector_tile
import numpy as np
import pytest
import serving
from hypothesis import given, settings
from hypothesis import strategies as st
from serving import Running
from test_api_ogc_tiles import place

from api.cases import Figures, Tally
from api.ogc.case_counts import measures
from api.store import tallies
from gis.plan import Plan
from maps.audience import FEWEST, TOTAL
from maps.measures import HOUSEHOLDS, Measure
from maps.withheld import withheld

Tree = tuple[dict[str, Figures], dict[str, str]]


@pytest.fixture
def town(store_url: str, tmp_path: Path, town_file: Path) -> Iterator[Running]:
    with serving.running(store_url, tmp_path, town_file) as running:
        yield running


def told(town: Running, headers: dict[str, str] | None = None) -> dict[str, dict[str, Any]]:
    answer = town.client.get("/ogc/collections/case-counts/items", headers=headers or {})
    assert answer.status_code == 200, answer.text
    return {feature["id"]: feature["properties"] for feature in answer.json()["features"]}


def happen(town: Running, cell: str, figures: Figures) -> None:
    """Let cases be found and closed in a cell, and so in all above."""
    chain = town.service.plans.current.territory.chain(cell)
    with town.service.database.writing() as connection:
        tallies.add(connection, Tally(figures=dict.fromkeys(chain, figures)))


def tile(town: Running, headers: dict[str, str]) -> httpx.Response:
    path = "/".join(map(str, place(14)))
    return town.client.get(f"/ogc/collections/case-counts/tiles/WebMercatorQuad/{path}", headers=headers)


def test_staff_are_told_at_once_and_in_their_scope(town: Running, town_plan: Plan) -> None:
    cell = town_plan.at_level("micro").iloc[0]
    assert {row["found"] for row in told(town, town.to("desk")).values()} == {0}
    before = tile(town, town.to("desk"))
    happen(town, cell["code"], Figures(found=5, closed=3, on_time=2, overdue=1, good=1, fair=1, poor=1))
    every = told(town, town.to("desk"))
    assert every.keys() == set(town_plan.cells["code"])
    chain = set(town.service.plans.current.territory.chain(cell["code"]))
    for code, row in every.items():
        assert row["found"] == (5 if code in chain else 0)
    assert every[cell["code"]] == {
        "code": cell["code"], "level": "micro", "name": cell["name"], "found": 5, "closed": 3, "open": 2,
        "on_time": 2, "overdue": 1, "satisfaction": pytest.approx(2 / 3),
    }  # fmt: skip
    grid = cell["parent_code"]
    mine = told(town, town.key("staff-1", "staff", grid))
    below = town_plan.cells[town_plan.cells["parent_code"] == grid]["code"]
    assert mine == {code: every[code] for code in (grid, *below)}
    after = tile(town, town.to("desk"))
    assert after.headers["etag"] != before.headers["etag"]
    layer = mapbox_vector_tile.decode(after.content)["case-counts"]
    assert 5 in {feature["properties"]["found"] for feature in layer["features"]}


def test_the_public_is_told_every_ten_minutes_and_nothing_small(town: Running, town_plan: Plan) -> None:
    large, small = town_plan.at_level("micro")["code"].iloc[:2]
    rows = told(town)
    assert {row["found"] for row in rows.values()} == {None}
    for code in town_plan.at_level("micro")["code"]:
        happen(town, code, Figures(found=60, closed=30, on_time=15, overdue=15, good=15, fair=1, poor=14))
    happen(town, large, Figures(found=1000, closed=500, on_time=1))
    happen(town, small, Figures(found=-55, closed=-30))
    assert told(town) == rows
    town.clock.advance(minutes=9)
    assert told(town) == rows
    town.clock.advance(minutes=2)
    now = told(town)
    assert now[small]["found"] is None
    assert {row["found"] for row in now.values()} - {None}
    assert {row["satisfaction"] for row in now.values()} == {None, 0.53}
    for row in now.values():
        assert not [
            value for name, value in row.items() if name != "satisfaction" and isinstance(value, int) and value < 11
        ]
    small = {"filter": f"found < {FEWEST} OR open < {FEWEST}"}
    assert town.client.get("/ogc/collections/case-counts/items", params=small).json()["numberMatched"] == 0


@st.composite
def trees(draw: st.DrawFn) -> Tree:
    """Three levels, with cases that lie with a cell above those of the lowest."""
    figures: dict[str, Figures] = {}
    parent: dict[str, str] = {}
    count = st.one_of(st.integers(0, 14), st.integers(30, 60))

    def some() -> Figures:
        timely, late, due, rest = (draw(count) for _ in range(4))
        return Figures(timely + late + due + rest, closed=timely + late, on_time=timely, overdue=due)

    def add(code: str, above: str, below: list[str]) -> str:
        waiting = some() if draw(st.integers(0, 4)) == 0 or not below else Figures()
        for each in below:
            waiting = waiting.plus(figures[each])
        figures[code], parent[code] = waiting, above
        return code

    for a in range(draw(st.integers(1, 3))):
        grids = []
        for b in range(draw(st.integers(1, 3))):
            micros = [add(f"{a}.{b}.{c}", f"{a}.{b}", []) for c in range(draw(st.integers(1, 4)))]
            grids.append(add(f"{a}.{b}", f"{a}", micros))
        add(f"{a}", TOTAL, grids)
    return figures, parent


def homes(figures: dict[str, Figures], few: Collection[str]) -> Measure:
    return Measure(HOUSEHOLDS, "", {code: 3 if code in few else 100 for code in figures})


def hidden(figures: dict[str, Figures], parent: dict[str, str], few: Collection[str] = ()) -> dict[str, set[str]]:
    found = withheld([homes(figures, few), *measures(figures)], parent)
    return {name: codes for name, codes in found.items() if name != HOUSEHOLDS}


PARTS = ("on_time", "late", "overdue", "waiting")
SUMS = {
    "found": PARTS, "closed": PARTS[:2], "open": PARTS[2:], "on_time": PARTS[:1], "overdue": PARTS[2:3],
    "late": PARTS[1:2], "waiting": PARTS[3:],
}  # fmt: skip


def parts(of: Figures) -> dict[str, int]:
    late, due = of.closed - of.on_time, of.overdue
    return {"on_time": of.on_time, "late": late, "overdue": due, "waiting": of.found - of.closed - due}


def with_rests(figures: dict[str, Figures], parent: dict[str, str]) -> Tree:
    """Add to the children of each cell what it has more than they do together: it must not come out either."""
    inside = {code: [each for each in parent if parent[each] == code] for code in set(parent.values()) - {TOTAL}}
    more = {code: figures[code] for code in inside}
    for code, children in inside.items():
        for each in children:
            more[code] = more[code].plus(figures[each], -1)
    rests = {f"{code} rest": (code, rest) for code, rest in more.items() if rest.found}
    return (
        figures | {name: rest for name, (_, rest) in rests.items()},
        parent | {name: code for name, (code, _) in rests.items()},
    )


def worked_out(
    figures: dict[str, Figures], parent: dict[str, str], left_out: dict[str, set[str]]
) -> set[tuple[str, str]]:
    """Return what has one solution only: of all sums over cells, and all figures that are told."""
    at = {name: number for number, name in enumerate((code, part) for code in figures for part in PARTS)}

    def row(code: str, names: tuple[str, ...]) -> Any:  # noqa: ANN401
        line = np.zeros(len(at))
        line[[at[code, name] for name in names]] = 1
        return line

    def below(code: str, names: tuple[str, ...]) -> Any:  # noqa: ANN401
        return sum(row(each, names) for each in parent if parent[each] == code)

    cells = [code for code in figures if not code.endswith("rest")]
    told = [row(code, SUMS[name]) for name, codes in left_out.items() for code in cells if code not in codes]
    told += [row(code, (part,)) - below(code, (part,)) for code in set(parent.values()) - {TOTAL} for part in PARTS]
    # Sums of the whole area may be known from elsewhere, where they are not hidden too.
    told += [below(TOTAL, SUMS[name]) for name, codes in left_out.items() if TOTAL not in codes]
    _, sizes, directions = np.linalg.svd(np.array(told))
    free = directions[int((sizes > 1e-9).sum()) :]
    return {
        (code, name)
        for code in figures
        for name, names in SUMS.items()
        if np.abs(free @ row(code, names)).max(initial=0) < 1e-9
    }


@settings(deadline=None, max_examples=150)
@given(trees())
def test_no_small_figure_can_be_worked_out(tree: Tree) -> None:
    figures, parent = with_rests(*tree)
    known = worked_out(figures, parent, hidden(*tree))
    for code, name in known:
        assert sum(parts(figures[code])[part] for part in SUMS[name]) >= FEWEST, (code, name)


def test_large_figures_are_all_told() -> None:
    each = Figures(100, closed=50, on_time=25, overdue=25)
    figures = {"a": each.plus(each), "a1": each, "a2": each}
    assert set().union(*hidden(figures, {"a": TOTAL, "a1": "a", "a2": "a"}).values()) == set()


@settings(deadline=None, max_examples=150)
@given(trees(), st.sets(st.sampled_from(["0", "0.0", "0.0.0", "0.0.1", "1.0.0"])))
def test_the_map_and_the_figures_leave_out_the_same(tree: Tree, few: set[str]) -> None:
    figures, parent = tree
    told = hidden(figures, parent, few)
    found = Measure("reports", "", {code: each.found for code, each in figures.items()})
    assert told["found"] == withheld([homes(figures, few), found], parent)["reports"]
    # Nothing is told of a cell of few homes.
    assert few & figures.keys() <= told["found"]
