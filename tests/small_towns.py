"""Small random towns with layers over them: cells in a row, some of them stacked by floors, few and many in each."""

import itertools
import json
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from hypothesis import strategies as st

from gis.layers import Given, place
from gis.layers.given import Whereabouts, points_of
from gis.plan import Plan
from maps.layers import Layer
from maps.measures import Measure

CRS, SIDE = 4547, 100
LEVELS = ("community", "grid", "micro")
KINDS = {
    "people": {"category": ("residents", "over_65", "home_visit")},
    "people north": {"category": ("residents", "over_80")},
    "places": {"category": ("shop", "school", "park", "")},
    "events": {"standing": ("open", "overdue", "late", "on_time", "closed")},
    "sentiment": {"satisfied": ("yes", "no", "")},
    "organisations": {"grid_kind": ("functional", "trade", "")},
}
FEW_OR_MANY = st.one_of(st.integers(0, 14), st.integers(20, 70))


class Own(Layer):
    """A layer of somebody's own: measures in any order, parts of parts, a share."""

    def __init__(self, counts: dict[str, dict[str, int]]) -> None:
        self.counts = counts

    def measures(self, plan: Plan, says: Any) -> list[Measure]:  # noqa: ANN401, ARG002
        above = {"own.a": "own", "own.b": "own", "own.a.1": "own.a", "own.a.2": "own.a"}
        return [
            Measure(name, name, counts, part_of=above.get(name, ""), as_share=name == "own.a.2")
            for name, counts in self.counts.items()
        ]


@dataclass(frozen=True)
class Town:
    """A plan, with what `maps.render` can be given besides."""

    plan: Plan
    layers: list[Any]
    reports: pd.DataFrame


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Two or three levels; neighbours may share their ground by floors."""
    levels = LEVELS[-draw(st.integers(2, 3)) :]
    trees = draw(st.lists(_trees(len(levels)), min_size=1, max_size=3))
    leaves = iter(range(1000))
    rows: list[dict[str, Any]] = []
    for number, tree in enumerate(trees):
        _add(rows, tree, levels, f"{number + 1:03d}", None, leaves)
    for one, other in itertools.pairwise(rows):
        if one["level"] == other["level"] == levels[-1] and draw(st.integers(0, 3)) == 0:
            other["ground_code"], other["at"] = one["ground_code"], one["at"]
    for row in rows:
        on_it = [each for each in rows if each["ground_code"] == row["ground_code"]]
        row["floor_from"] = row["floor_to"] = float(on_it.index(row)) if len(on_it) > 1 else None
    return plan_of(rows, levels)


def _trees(levels: int) -> Any:  # noqa: ANN401
    return FEW_OR_MANY if levels == 1 else st.lists(_trees(levels - 1), min_size=1, max_size=4 if levels == 2 else 3)


def _add(
    rows: list[dict[str, Any]], tree: Any, levels: Any, code: str, above: str | None, leaves: Any  # noqa: ANN401
) -> tuple[int, int, int]:  # fmt: skip
    row = {"code": code, "level": levels[0], "parent_code": above, "ground_code": code, "name": f"cell {code}"}
    rows.append(row)
    if isinstance(tree, int):
        homes, first = tree, next(leaves)
        last = first
    else:
        below = [_add(rows, each, levels[1:], f"{code}{k:02d}", code, leaves) for k, each in enumerate(tree)]
        homes, first, last = sum(each[0] for each in below), below[0][1], below[-1][2]
    row.update(households=homes, at=(first, last), kind="general" if homes else "unpopulated", exclave=0)
    return homes, first, last


def plan_of(rows: list[dict[str, Any]], levels: Any) -> Plan:  # noqa: ANN401
    """Make a plan of rows of cells, each `at` the first to the last of places in a row: with buildings and reasons.

    `at` is taken out of the rows.
    """
    places = np.array([row.pop("at") for row in rows]) + np.array([0, 1])
    west, east = (540_000 + SIDE * places).T
    cells = gpd.GeoDataFrame(rows, geometry=shapely.box(west, 0, east, SIDE), crs=CRS)
    leaves = cells[cells["level"] == levels[-1]]
    nothing = gpd.GeoDataFrame({"kind": [], "name": []}, geometry=[], crs=CRS)
    buildings = leaves[["households"]].assign(
        building_id=[f"BUILDING{n}" for n in range(len(leaves))], address="ADDRESS", floors=3, cell_code=leaves["code"]
    )
    return Plan(
        area=gpd.GeoDataFrame([{"code": "A", "name": "Town"}], geometry=[shapely.box(*cells.total_bounds)], crs=CRS),
        cells=cells,
        atoms=nothing,
        buildings=gpd.GeoDataFrame(buildings, geometry=leaves.geometry.buffer(-20), crs=CRS),
        dwellings=pd.DataFrame(
            {"building_id": [], "entrance": [], "floor_from": [], "floor_to": [], "households": [], "cell_code": []}
        ),
        exceptions=pd.DataFrame(
            [(row["code"], "households", f"REASON: {row['households']} households") for row in rows],
            columns=["cell_code", "rule", "reason"],
        ),
        barriers=nothing,
        land=nothing,
        metadata={
            "levels": list(levels),
            "bands": {levels[-1]: [30, 60]},
            "inputs": [],
            "certificate": {"valid": True, "levels": [{"name": name, "sha256": "0" * 64} for name in levels]},
        },
    )


@st.composite
def layers_over(draw: st.DrawFn, plan: Plan) -> list[Any]:
    """Some layers, in any order; some of it lies in no cell of the lowest level."""
    kinds = draw(st.lists(st.sampled_from([*KINDS, "own"]), min_size=1, max_size=4, unique=True))
    return [draw(_own(plan)) if kind == "own" else draw(_joined(plan, kind)) for kind in kinds]


@st.composite
def _own(draw: st.DrawFn, plan: Plan) -> Own:
    parent = dict(zip(plan.cells["code"], plan.cells["parent_code"], strict=True))
    counts: dict[str, dict[str, int]] = {name: {} for name in ("own", "own.a", "own.b", "own.a.1", "own.a.2")}
    for code in plan.at_level(plan.leaf_level)["code"]:
        one, two, b, more = (draw(FEW_OR_MANY) for _ in range(4))
        found = {"own": one + two + b + more, "own.a": one + two, "own.b": b, "own.a.1": one, "own.a.2": two}
        at: str | None = code
        while isinstance(at, str):
            for name, count in found.items():
                counts[name][at] = counts[name].get(at, 0) + count
            at = parent[at]
    order = draw(st.permutations(list(counts)))
    return Own({name: counts[name] for name in order})


@st.composite
def _joined(draw: st.DrawFn, plan: Plan, name: str) -> Any:  # noqa: ANN401
    ((column, values),) = KINDS[name].items()
    rows = []
    for row in plan.cells.itertuples():
        leaf, middle = row.level == plan.leaf_level, row.geometry.centroid
        for value in values:
            if leaf and (count := draw(FEW_OR_MANY)):
                rows.append((value, count, row.code, np.nan, np.nan))
            if draw(st.integers(0, 5)) == 0:  # waits for its floor, or is known to a level above alone
                at = ("", middle.x, middle.y) if leaf else (row.code, np.nan, np.nan)
                rows.append((value, draw(st.integers(1, 20)), *at))
    return joined(plan, name, column, rows)


def joined(plan: Plan, name: str, column: str, rows: list[tuple[Any, ...]]) -> Any:  # noqa: ANN401
    """Join rows of value, count, code of a cell, metres east and north."""
    table = pd.DataFrame(rows, columns=["value", "count", "code", "x", "y"])
    nothing = np.full(len(table), "", dtype=object)
    items = pd.DataFrame(
        {"row": np.arange(len(table)), "category": "CATEGORY", "count": table["count"].astype("int64")}
        | dict.fromkeys(("time", "closed_at"), "2024-04-08T05:05:01")
        | {"label": "LABEL", "type": "", "rating": "good", "grid": "GRID", column: table["value"]}
    )
    points = points_of(table["x"].to_numpy(float), table["y"].to_numpy(float), plan.area.crs)
    where = Whereabouts(points, nothing, nothing, nothing, table["code"].to_numpy(object), nothing)
    return place(plan, Given(name.split(maxsplit=1)[0], name, items, where))[0]


@st.composite
def reports_over(draw: st.DrawFn, plan: Plan) -> pd.DataFrame:
    """Reports as `wangge route` writes them; some wait for their floor."""
    parent = dict(zip(plan.cells["code"], plan.cells["parent_code"], strict=True))
    rows = []
    for row in plan.at_level(plan.leaf_level).itertuples():
        chain, at = {}, row.code
        for level in reversed(plan.levels):
            chain[level], at = at, parent[at]
        told, upper = json.dumps(chain), json.dumps({level: chain[level] for level in plan.levels[:-1]})
        middle = row.geometry.centroid
        rows += [(row.code, "inside", told, middle.x, middle.y)] * draw(FEW_OR_MANY)
        rows += [("", "ask_address", upper, middle.x, middle.y)] * draw(st.sampled_from([0, 0, 3, 13]))
    table = pd.DataFrame(rows, columns=["cell_code", "status", "grid_codes", "plan_x", "plan_y"])
    texts = {"category": "CATEGORY", "description": "WORDS", "time": "2024-04-08T05:05:01", "reason": "REASON"}
    return table.assign(**texts, report_id=[f"REPORT{n}" for n in range(len(table))], plan_version=plan.version)


@st.composite
def towns(draw: st.DrawFn) -> Town:
    """A town with all that a page can be given."""
    plan = draw(plans())
    return Town(plan, draw(layers_over(plan)), draw(reports_over(plan)))
