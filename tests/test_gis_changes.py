"""What differs between two plans, on plans small enough to compare by hand."""

import dataclasses
import itertools
import json
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

import gis
from gis.changes.compare import STATUSES, Changes
from gis.changes.moves import matched_households
from gis.errors import InputError
from gis.plan import Plan

SIDE = 100.0


def plan(cells: dict[str, list[int]], *, columns: int = 6, homes: int = 10, crs: int = 4547, **metadata: Any) -> Plan:  # noqa: ANN401
    """A row of squares, each with one building `b0`, `b1` … of `homes`; micro cells hold the squares named."""
    square = [shapely.box(k * SIDE, 0, (k + 1) * SIDE, SIDE) for k in range(columns)]
    rows = []
    shapes = {code: shapely.union_all([square[k] for k in held]) for code, held in cells.items()}
    for above in sorted({code[:2] for code in cells}):
        own = [code for code in cells if code.startswith(above)]
        total = homes * sum(len(cells[code]) for code in own)
        rows.append(row(above, "grid", None, total, shapely.union_all([shapes[code] for code in own])))
        rows += [row(code, "micro", above, homes * len(cells[code]), shapes[code]) for code in own]
    code_of = {k: code for code, held in cells.items() for k in held}
    ids = [f"b{k}" for k in range(columns)]
    buildings = pd.DataFrame(
        {"building_id": ids, "households": homes, "cell_code": [code_of[k] for k in range(columns)]}
    )
    dwellings = buildings.assign(entrance="", floor_from=1, floor_to=1)
    certificate = {"valid": True, "levels": [{"sha256": shapely.to_wkt(shapely.union_all(list(shapes.values())))}]}
    return Plan(
        area=gpd.GeoDataFrame({"code": ["A"], "name": ["A"]}, geometry=[shapely.union_all(square)], crs=crs),
        cells=gpd.GeoDataFrame(rows, crs=crs),
        atoms=gpd.GeoDataFrame(geometry=[], crs=crs),
        buildings=gpd.GeoDataFrame(buildings, geometry=[shape.centroid for shape in square], crs=crs),
        dwellings=dwellings[dwellings["households"] > 0],
        exceptions=pd.DataFrame(),
        barriers=gpd.GeoDataFrame(geometry=[], crs=crs),
        land=gpd.GeoDataFrame(geometry=[], crs=crs),
        metadata={"levels": ["grid", "micro"], "certificate": certificate} | metadata,
    )


def row(code: str, level: str, parent: str | None, households: int, shape: shapely.Polygon) -> dict[str, Any]:
    ground = {"ground_code": code, "floor_from": None, "floor_to": None, "predecessors": ""}
    return {
        "code": code, "level": level, "parent_code": parent, "name": code, "households": households, "geometry": shape,
    } | ground  # fmt: skip


BEFORE = {"G101": [0, 1], "G102": [2, 3], "G201": [4, 5]}


def statuses(changes: Changes) -> dict[str, str]:
    return dict(zip(changes.cells["code"], changes.cells["status"], strict=True))


def cell(changes: Changes, code: str) -> dict[str, Any]:
    return changes.cells.set_index("code").loc[code].to_dict()


def test_a_plan_is_its_own_equal() -> None:
    changes = gis.compare(plan(BEFORE), plan(BEFORE))
    assert set(statuses(changes).values()) == {"kept"}
    assert changes.changed.empty
    for figures in changes.summary()["levels"].values():
        assert figures["households_moved"] == 0
        assert figures["land_changed_m2"] == 0


def test_where_a_ring_begins_is_no_change() -> None:
    after = plan(BEFORE)
    turned = [
        shapely.Polygon([*shape.exterior.coords][2:-1] + [*shape.exterior.coords][:2]) for shape in after.cells.geometry
    ]
    changes = gis.compare(plan(BEFORE), dataclasses.replace(after, cells=after.cells.set_geometry(turned, crs=4547)))
    assert set(statuses(changes).values()) == {"kept"}


def test_a_boundary_that_moves_redraws_two_cells_and_moves_their_households() -> None:
    changes = gis.compare(plan(BEFORE), plan({"G101": [0], "G102": [1, 2, 3], "G201": [4, 5]}))
    assert statuses(changes) == {"G1": "kept", "G2": "kept", "G101": "redrawn", "G102": "redrawn", "G201": "kept"}
    grown = cell(changes, "G102")
    assert (grown["households_before"], grown["households_after"]) == (20, 30)
    assert (grown["moved_in"], grown["moved_out"]) == (10, 0)
    assert (grown["land_gained_m2"], grown["land_lost_m2"]) == (SIDE**2, 0)
    assert grown["predecessors"] == ["G102", "G101"]
    assert grown["successors"] == ["G102"]
    levels = changes.summary()["levels"]
    assert (levels["grid"]["households_moved"], levels["micro"]["households_moved"]) == (0, 10)
    assert (levels["grid"]["land_changed_m2"], levels["micro"]["land_changed_m2"]) == (0, SIDE**2)


def test_cells_are_split_and_merged() -> None:
    changes = gis.compare(plan(BEFORE), plan({"G103": [0], "G104": [1], "G202": [2, 3, 4, 5]}))
    assert statuses(changes) == {
        "G1": "redrawn", "G2": "redrawn", "G101": "split", "G103": "new", "G104": "new",
        "G102": "merged", "G201": "merged", "G202": "new",
    }  # fmt: skip
    assert sorted(cell(changes, "G101")["successors"]) == ["G103", "G104"]
    assert cell(changes, "G104")["predecessors"] == ["G101"]
    assert cell(changes, "G102")["successors"] == ["G202"]
    assert sorted(cell(changes, "G202")["predecessors"]) == ["G102", "G201"]


def test_a_cell_taken_in_by_one_that_stays_is_merged() -> None:
    changes = gis.compare(plan(BEFORE), plan({"G101": [0, 1, 2, 3], "G201": [4, 5]}))
    assert statuses(changes)["G102"] == "merged"
    assert statuses(changes)["G101"] == "redrawn"


def test_a_new_number_is_a_change() -> None:
    changes = gis.compare(plan(BEFORE), plan({"G101": [0, 1], "G102": [2, 3], "G207": [4, 5]}))
    assert statuses(changes)["G201"] == "retired"
    assert statuses(changes)["G207"] == "new"
    assert cell(changes, "G201")["successors"] == ["G207"]
    assert changes.summary()["levels"]["micro"]["households_moved"] == 20


def test_households_that_came_or_went_are_not_called_moved() -> None:
    changes = gis.compare(plan(BEFORE, homes=10), plan(BEFORE, homes=12))
    figures = changes.summary()["levels"]["micro"]
    assert (figures["households_new"], figures["households_vanished"], figures["households_moved"]) == (12, 0, 0)
    assert set(statuses(changes).values()) == {"kept"}
    assert cell(changes, "G101")["households_after"] == 24
    back = gis.compare(plan(BEFORE, homes=12), plan(BEFORE, homes=10)).summary()["levels"]["grid"]
    assert (back["households_new"], back["households_vanished"], back["households_moved"]) == (0, 12, 0)


def test_another_building_redraws_its_cell() -> None:
    after = plan(BEFORE)
    renamed = {"b0": "b0 new"}
    after = dataclasses.replace(
        after,
        buildings=after.buildings.replace({"building_id": renamed}),
        dwellings=after.dwellings.replace({"building_id": renamed}),
    )
    changes = gis.compare(plan(BEFORE), after)
    assert statuses(changes) == {"G1": "redrawn", "G2": "kept", "G101": "redrawn", "G102": "kept", "G201": "kept"}
    assert changes.summary()["levels"]["micro"]["land_changed_m2"] == 0


def test_empty_land_is_followed_where_there_are_no_households() -> None:
    before, after = plan(BEFORE, homes=0), plan({"G103": [0], "G104": [1, 2], "G105": [3], "G201": [4, 5]}, homes=0)
    changes = gis.compare(before, after)
    assert sorted(cell(changes, "G104")["predecessors"]) == ["G101", "G102"]
    assert cell(changes, "G105")["predecessors"] == ["G102"]
    assert statuses(changes)["G101"] == "split"
    assert statuses(changes)["G201"] == "kept"


def test_what_the_later_plan_says_goes_before_what_is_found() -> None:
    after = plan({"G103": [0, 1], "G102": [2, 3], "G201": [4, 5]}, retired={"G101": ["G109"], "G109": ["G103", "G102"]})
    cells = after.cells.assign(
        predecessors=['["G101", "G102", "gone"]' if code == "G103" else "" for code in after.cells["code"]]
    )
    changes = gis.compare(plan(BEFORE), dataclasses.replace(after, cells=cells))
    assert cell(changes, "G103")["predecessors"] == ["G101", "G102"]
    assert cell(changes, "G101")["successors"] == ["G103", "G102"]
    assert statuses(changes)["G101"] == "split"


def test_codes_retired_in_a_circle_end() -> None:
    after = plan({"G103": [0, 1], "G102": [2, 3], "G201": [4, 5]}, retired={"G101": ["G109"], "G109": ["G101"]})
    assert cell(gis.compare(plan(BEFORE), after), "G101")["successors"] == ["G103"]


def test_predecessors_that_are_no_list_are_refused() -> None:
    after = plan(BEFORE)
    with pytest.raises(InputError, match="G1: its predecessors are no list"):
        gis.compare(plan(BEFORE), dataclasses.replace(after, cells=after.cells.assign(predecessors="G1,G2")))


def test_plans_of_different_places_are_refused() -> None:
    with pytest.raises(InputError, match="EPSG:4547 and EPSG:4548"):
        gis.compare(plan(BEFORE), plan(BEFORE, crs=4548))
    moved = plan(BEFORE)
    area = moved.area.set_geometry(moved.area.translate(0, SIDE))
    with pytest.raises(InputError, match="do not overlap"):
        gis.compare(plan(BEFORE), dataclasses.replace(moved, area=area))
    with pytest.raises(InputError, match="no level in common"):
        gis.compare(plan(BEFORE), dataclasses.replace(moved, metadata=moved.metadata | {"levels": ["block"]}))


def tower(floors: list[tuple[str, int, int, int, str]]) -> Plan:
    """Two stacked cells on the ground of one tower: entrance, lowest floor, highest floor, households, cell."""
    made = plan({"G101": [0]}, columns=1, homes=sum(households for *_, households, _ in floors))
    ground = made.cells.iloc[[1]]
    cells = pd.concat([made.cells, ground.assign(code="G102", ground_code="G101")], ignore_index=True)
    for code in ("G101", "G102"):
        own = [floor for floor in floors if floor[4] == code]
        at = cells["code"] == code
        cells.loc[at, "households"] = sum(floor[3] for floor in own)
        cells.loc[at, "floor_from"], cells.loc[at, "floor_to"] = min(f[1] for f in own), max(f[2] for f in own)
    names = ["entrance", "floor_from", "floor_to", "households", "cell_code"]
    return dataclasses.replace(
        made,
        cells=cells,
        buildings=made.buildings.assign(cell_code=None),
        dwellings=pd.DataFrame(floors, columns=names).assign(building_id="b0"),
    )


def test_floors_that_change_their_cell_move_their_households_and_no_land() -> None:
    before = tower([("1", 1, 6, 12, "G101"), ("1", 7, 12, 12, "G102")])
    after = tower([("1", 1, 4, 8, "G101"), ("1", 5, 12, 16, "G102")])
    assert statuses(gis.compare(before, before))["G102"] == "kept"
    changes = gis.compare(before, after)
    assert statuses(changes) == {"G1": "kept", "G101": "redrawn", "G102": "redrawn"}
    assert (cell(changes, "G101")["moved_out"], cell(changes, "G102")["moved_in"]) == (4, 4)
    levels = changes.summary()["levels"]
    assert levels["grid"]["households_moved"] == 0
    assert levels["micro"]["households_moved"] == 4
    assert levels["micro"]["land_changed_m2"] == 0


def test_entrances_are_not_mixed_up() -> None:
    before = tower([("1", 1, 6, 12, "G101"), ("2", 1, 6, 12, "G102")])
    after = tower([("1", 1, 6, 12, "G102"), ("2", 1, 6, 12, "G101")])
    assert gis.compare(before, after).summary()["levels"]["micro"]["households_moved"] == 24


FLOORS = st.lists(st.tuples(st.sampled_from("12"), st.integers(0, 9), st.sampled_from(["G101", "G102"])), min_size=1)


@given(FLOORS, FLOORS)
@settings(max_examples=40)
def test_every_household_is_matched_once(one: list, two: list) -> None:
    plans = [
        tower([("1", 0, 0, 1, "G101"), ("1", 0, 0, 1, "G102")]
              + [(door, k, k, households, code) for k, (door, households, code) in enumerate(floors, start=1)])
        for floors in (one, two)
    ]  # fmt: skip
    pairs = matched_households(*plans)
    assert (pairs["households"] > 0).all()
    totals = []
    for side, made in zip(("before", "after"), plans, strict=True):
        held = pairs[pairs[side].notna()].groupby(side)["households"].sum()
        given_out = made.dwellings.groupby("cell_code")["households"].sum()
        assert held.to_dict() == given_out[given_out > 0].to_dict()
        totals.append(made.dwellings.groupby("entrance")["households"].sum())
    both = pairs["before"].notna() & pairs["after"].notna()
    assert pairs["households"][both].sum() == pd.concat(totals, axis=1).fillna(0).min(axis=1).sum()


@given(st.permutations(range(6)), st.permutations(range(6)))
@settings(max_examples=25)
def test_figures_agree_with_each_other(one: list[int], two: list[int]) -> None:
    plans = [plan({"G101": held[:2], "G102": held[2:3], "G201": held[3:]}) for held in (one, two)]
    changes = gis.compare(*plans)
    for level, figures in changes.summary()["levels"].items():
        cells = changes.cells[changes.cells["level"] == level]
        assert sum(figures[status] for status in STATUSES) == len(cells)
        assert cells["moved_in"].sum() == cells["moved_out"].sum() == figures["households_moved"]
        assert figures["land_changed_m2"] == pytest.approx(cells["land_gained_m2"].sum())
        assert figures["land_changed_m2"] == figures["households_moved"] / 10 * SIDE**2
        for code, kept in zip(cells["code"], cells["status"] == "kept", strict=True):
            same = all(one[k] in two[slice(*span)] for span in [_span(code)] for k in range(*span))
            assert kept == same


def _span(code: str) -> tuple[int, int]:
    return {"G1": (0, 3), "G2": (3, 6), "G101": (0, 2), "G102": (2, 3), "G201": (3, 6)}[code]


def test_the_layer_shows_the_cells_of_both_plans() -> None:
    before, after = plan(BEFORE), plan({"G103": [0, 1], "G102": [2, 3], "G201": [4, 5]})
    layer = gis.compare(before, after).layer
    assert layer.crs == before.area.crs
    shown = layer[layer["level"] == "micro"].set_index(["plan", "code"])["status"]
    assert shown.to_dict() == {
        ("before", "G101"): "retired", ("before", "G102"): "kept", ("before", "G201"): "kept",
        ("after", "G102"): "kept", ("after", "G103"): "new", ("after", "G201"): "kept",
    }  # fmt: skip


def test_the_layer_leaves_out_levels_that_are_not_in_both() -> None:
    before, after = plan(BEFORE), plan(BEFORE)
    only = after.cells[after.cells["level"] == "micro"].assign(parent_code=None)
    after = dataclasses.replace(after, cells=only, metadata=after.metadata | {"levels": ["micro"]})
    # A code may occur at two levels: that of the other one is no match.
    before.cells.loc[before.cells["code"] == "G2", "code"] = "G201"
    assert set(gis.compare(before, after).layer["level"]) == {"micro"}


def test_a_table_holds_lists_as_json() -> None:
    table = gis.compare(plan(BEFORE), plan(BEFORE)).table()
    assert [json.loads(text) for text in itertools.islice(table["successors"], 2)] == [["G1"], ["G2"]]
