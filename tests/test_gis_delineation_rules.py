"""What planners demand of a drawing, on small made towns."""

import dataclasses
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.coverage.check import check
from gis.delineation.delineate import delineate
from gis.delineation.levels import parse_levels
from gis.delineation.revise import revise
from gis.errors import InputError
from gis.plan import Plan, read_plan, write_plan
from gis.sources.left_out import LeftOut
from gis.sources.read import read_town
from gis.sources.rules import as_rules, settle_rules
from gis.sources.town import Town

CRS = "EPSG:32649"
LEVELS = parse_levels("grid:80-120,micro:20-30")
SIDE, BLOCK = 8, 100.0
EXTENT = SIDE * BLOCK


def layer(columns: dict, shapes: list) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS)


def made_town(*, communities: bool = False, each: int = 1) -> Town:
    """Blocks of 100 m with streets between them, and nine houses in each."""
    lines = [shapely.LineString([(k * BLOCK, -20), (k * BLOCK, EXTENT + 20)]) for k in range(1, SIDE)]
    lines += [shapely.LineString([(-20, k * BLOCK), (EXTENT + 20, k * BLOCK)]) for k in range(1, SIDE)]
    west, south = (axis.ravel() for axis in np.meshgrid(np.arange(SIDE * 3), np.arange(SIDE * 3)))
    x, y = west // 3 * BLOCK + west % 3 * 30 + 12, south // 3 * BLOCK + south % 3 * 30 + 12
    houses = list(shapely.box(x, y, x + 16, y + 16))
    n = len(houses)
    halves = [shapely.box(0, 0, EXTENT / 2, EXTENT), shapely.box(EXTENT / 2, 0, EXTENT, EXTENT)]
    return Town(
        area=layer({"code": ["T"], "name": ["Town"]}, [shapely.box(0, 0, EXTENT, EXTENT)]),
        communities=layer({"code": ["410102001001", "410102001002"], "name": ["West", "East"]}, halves)
        if communities
        else layer({"code": [], "name": []}, []),
        barriers=layer({"kind": ["street"] * len(lines), "name": [""] * len(lines)}, lines),
        buildings=layer(
            {
                "building_id": [f"b{k}" for k in range(n)],
                "households": each,
                "household_basis": "column",
                "floors": 0,
                "address": "",
            },
            houses,
        ),
        dwellings=pd.DataFrame({c: [] for c in ("building_id", "entrance", "floor_from", "floor_to", "households")}),
        land=layer({"kind": [], "name": []}, []),
        left_out=pd.DataFrame({"layer": [], "reason": [], "count": []}),
    )


def ruled(town: Town, *rules: dict) -> Town:
    """Return the town with rules: a dict each, with its shape under "shape"."""
    rows = [{key: value for key, value in rule.items() if key != "shape"} for rule in rules]
    table = gpd.GeoDataFrame(pd.DataFrame(rows).fillna(""), geometry=[rule["shape"] for rule in rules], crs=CRS)
    return dataclasses.replace(town, rules=settle_rules(as_rules(table), town.area, LeftOut()))


def blocks(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    """Whole blocks, counted from the south-west corner."""
    return shapely.box(west * BLOCK, south * BLOCK, east * BLOCK, north * BLOCK)


def cell_of(plan: Plan, shape: shapely.Geometry, level: str) -> gpd.GeoDataFrame:
    """Cells of a level with a true share in a polygon."""
    cells = plan.at_level(level)
    return cells[cells.intersection(shape).area > 1]


def fate(plan: Plan, row: int = 1) -> dict:
    return next(fate for fate in plan.metadata["rules"] if fate["row"] == row)


def assert_sound(plan: Plan, town: Town) -> None:
    assert check(plan.cells, area=plan.area).valid
    total = int(town.buildings["households"].sum())
    for level in plan.levels:
        assert plan.at_level(level)["households"].sum() == total
    several = plan.cells[plan.cells.geometry.geom_type != "Polygon"]
    assert (several["exclave"] == 1).all()
    assert plan.dwellings["households"].sum() == total
    off = [
        code
        for level, (lower, upper) in plan.metadata["bands"].items()
        for code, h in plan.at_level(level)[["code", "households"]].itertuples(index=False)
        if not lower <= h <= upper
    ]
    assert set(off) <= set(plan.exceptions["cell_code"])


def test_a_locked_grid_stays_as_drawn_and_is_divided_below() -> None:
    shape = blocks(2.35, 2, 6, 5)
    town = ruled(made_town(), {"rule": "locked", "name": "Old Town", "code": "000000000001050", "shape": shape})
    plan = delineate(town, LEVELS)
    assert_sound(plan, town)
    cell = plan.at_level("grid").set_index("name").loc["Old Town"]
    assert cell.geometry.equals(shape)
    assert cell["code"] == "000000000001050"
    children = plan.cells[plan.cells["parent_code"] == cell["code"]]
    assert len(children) > 1
    assert fate(plan) == {
        "row": 1, "rule": "locked", "name": "Old Town", "level": "grid", "kept": True, "reason": "",
    }  # fmt: skip


def test_a_locked_cell_of_the_lowest_level_lies_in_one_parent() -> None:
    shape = blocks(3, 3, 5, 4)
    town = ruled(made_town(), {"rule": "locked", "level": "micro", "name": "Row", "shape": shape})
    plan = delineate(town, LEVELS)
    assert_sound(plan, town)
    cell = plan.at_level("micro").set_index("name").loc["Row"]
    assert cell.geometry.equals(shape)
    assert len(cell_of(plan, shape, "grid")) == 1


def test_a_code_of_a_lower_cell_gives_its_parent_the_beginning() -> None:
    town = ruled(
        made_town(communities=True),
        {"rule": "locked", "level": "micro", "code": "41010200100104277", "shape": blocks(0, 3, 2, 4)},
        {"rule": "locked", "level": "micro", "name": "Row", "shape": blocks(5, 3, 7, 4)},
    )
    plan = delineate(town, LEVELS)
    assert_sound(plan, town)
    cell = plan.cells.set_index("code").loc["41010200100104277"]
    assert cell["parent_code"] == "410102001001042"
    assert plan.cells["code"].is_unique
    assert all(
        code.startswith(parent) for code, parent in plan.cells[["code", "parent_code"]].dropna().itertuples(index=False)
    )


def test_an_exclusive_cell_keeps_its_kind_at_every_level_and_no_band() -> None:
    shape = shapely.box(205, 205, 295, 265)
    town = ruled(made_town(), {"rule": "exclusive", "name": "School", "shape": shape})
    plan = delineate(town, LEVELS)
    assert_sound(plan, town)
    for level in ("grid", "micro"):
        (cell,) = (row for row in plan.at_level(level).itertuples() if row.kind == "exclusive")
        assert cell.geometry.equals(shape)
        assert cell.name == "School"
        reason = plan.exceptions.set_index("cell_code").loc[cell.code, "reason"]
        assert "Exclusive as demanded" in reason


def test_an_exclusive_cell_outlives_a_revision(tmp_path: Path) -> None:
    town = ruled(made_town(), {"rule": "exclusive", "name": "School", "shape": blocks(2, 2, 3, 3)})
    plan = delineate(town, LEVELS)
    counts = plan.buildings[["building_id", "households"]]
    more = tmp_path / "more.csv"
    counts.assign(households=counts["households"] * 5).to_csv(more, index=False)
    after = revise(plan, households=more)
    before, now = (one.cells[one.cells["kind"] == "exclusive"].set_index("code") for one in (plan, after))
    assert len(now) == 2
    assert now.index.equals(before.index)
    assert now.geometry.geom_equals(before.geometry).all()
    assert check(after.cells, area=after.area).valid


@pytest.mark.parametrize("seed", range(4))
def test_a_cell_set_apart_below_stays_whole_where_its_parent_changes(tmp_path: Path, seed: int) -> None:
    shapes = [blocks(x, y, x + 2, y + 1) for x, y in ((1, 1), (4, 2), (2, 4), (5, 5))]
    rules = [
        {"rule": "exclusive", "level": "micro", "name": f"Park {k}", "shape": shape} for k, shape in enumerate(shapes)
    ]
    plan = delineate(ruled(made_town(), *rules), LEVELS)
    counts = plan.buildings[["building_id", "households"]]
    grown = np.random.default_rng(seed).integers(1, 4, len(counts))
    counts.assign(households=counts["households"] * grown).to_csv(tmp_path / "grown.csv", index=False)
    after = revise(plan, households=tmp_path / "grown.csv")
    for k, shape in enumerate(shapes):
        (cell,) = after.cells[after.cells["name"] == f"Park {k}"].itertuples()
        assert cell.geometry.equals(shape)
        assert cell.kind == "exclusive"


def test_a_plan_drawn_anew_takes_the_names_that_rules_give() -> None:
    town = made_town()
    plan = delineate(town, LEVELS)
    rules = [
        {"rule": "exclusive", "level": "micro", "name": name, "shape": blocks(x, 2, x + 2, 3)}
        for x, name in ((2, "Old Harbour"), (5, "Block 12"))
    ]
    again = delineate(ruled(town, *rules), LEVELS, previous=plan)
    assert set(again.cells["name"][again.cells["kind"] == "exclusive"]) == {"Old Harbour", "Block 12"}


def test_no_cell_reaches_over_land_that_is_set_apart_below() -> None:
    strip = shapely.box(0, 331, 700, 340)
    town = ruled(made_town(), {"rule": "exclusive", "level": "micro", "name": "Canal park", "shape": strip})
    plan = delineate(town, LEVELS)
    assert_sound(plan, town)
    general = plan.at_level("micro").query("kind == 'general'")
    for _, children in general.groupby("parent_code"):
        assert children.union_all().geom_type == "Polygon"


def test_an_exclusive_tower_is_not_divided_by_floors() -> None:
    town = made_town()
    buildings = town.buildings.copy()
    at = int(np.flatnonzero(buildings.contains(shapely.Point(220, 220)))[0])
    buildings.loc[at, ["households", "floors"]] = [90, 30]
    town = ruled(
        dataclasses.replace(town, buildings=buildings),
        {"rule": "exclusive", "level": "micro", "name": "Dormitory", "shape": shapely.box(205, 205, 235, 235)},
    )
    plan = delineate(town, LEVELS)
    assert_sound(plan, town)
    assert plan.at_level("micro").set_index("name").loc["Dormitory", "households"] == 90


def test_a_compound_stays_together_where_a_cell_can_hold_it() -> None:
    shape = shapely.box(105, 105, 295, 195)
    town = ruled(made_town(), {"rule": "together", "name": "Compound", "shape": shape})
    assert 10 < town.buildings.within(shape).sum() <= 30
    plan = delineate(town, LEVELS)
    assert_sound(plan, town)
    for level in ("grid", "micro"):
        assert len(cell_of(plan, shape, level)) == 1
    assert fate(plan)["kept"]
    assert "together" not in set(plan.exceptions["rule"])


def test_the_line_of_a_compound_too_large_is_followed() -> None:
    shape = blocks(2, 2, 4, 5)
    town = ruled(made_town(), {"rule": "together", "name": "Compound", "shape": shape})
    plan = delineate(town, LEVELS)
    assert_sound(plan, town)
    assert len(cell_of(plan, shape, "grid")) == 1
    inside = cell_of(plan, shape, "micro")
    assert len(inside) > 1
    assert inside.difference(shape).area.max() < 1e-6
    said = plan.exceptions[plan.exceptions["rule"] == "together"]
    assert set(said["cell_code"]) == set(inside["code"])
    assert said["reason"].iloc[0] == (
        "'Compound' holds 54 households, more than the 30 of a cell of 'micro': its outer line is followed instead."
    )


def test_points_keep_their_buildings_together() -> None:
    points = [shapely.Point(20, 20), shapely.Point(220, 20)]
    town = ruled(made_town(), *({"rule": "together", "group": "a", "shape": point} for point in points))
    plan = delineate(town, LEVELS)
    assert_sound(plan, town)
    cells = plan.at_level("micro")
    assert any(cells.geometry.apply(lambda cell: all(map(cell.contains, points))))
    assert [fate["kept"] for fate in plan.metadata["rules"]] == [True, True]


@pytest.mark.parametrize("level", ["micro", "grid"])
def test_what_is_to_be_kept_apart_shares_no_cell(level: str) -> None:
    spots = [(120, 120), (180, 180), (150, 150), (120, 180)]
    town = made_town()
    rules = [{"rule": "apart", "group": "g", "level": level, "shape": shapely.Point(x + 1, y + 1)} for x, y in spots]
    town = ruled(town, *rules)
    plan = delineate(town, LEVELS)
    assert_sound(plan, town)
    cells = [cell_of(plan, rule["shape"].buffer(5), level)["code"].iloc[0] for rule in rules]
    assert len(set(cells)) == len(spots)
    assert all(fate["kept"] for fate in plan.metadata["rules"])


def test_polygons_are_kept_apart_too() -> None:
    shapes = [shapely.box(105, 105, 135, 195), shapely.box(135, 105, 195, 195)]
    town = ruled(made_town(), *({"rule": "apart", "group": "g", "shape": shape} for shape in shapes))
    plan = delineate(town, LEVELS)
    assert_sound(plan, town)
    one, other = (set(cell_of(plan, shape, "micro")["code"]) for shape in shapes)
    assert not one & other


def test_what_cannot_be_kept_apart_is_said() -> None:
    points = [shapely.Point(20, 20), shapely.Point(22, 22)]
    town = ruled(made_town(), *({"rule": "apart", "group": "g", "shape": point} for point in points))
    plan = delineate(town, LEVELS)
    assert_sound(plan, town)
    assert not fate(plan)["kept"]
    assert "land that cannot be parted" in fate(plan)["reason"]
    assert plan.exceptions["rule"].eq("apart").sum() == 1


def test_an_exclave_is_one_cell_of_several_parts() -> None:
    shape = shapely.MultiPolygon([blocks(0, 0, 3, 2), blocks(6, 6, 8, 8)])
    town = ruled(made_town(), {"rule": "exclave", "name": "Both", "shape": shape})
    plan = delineate(town, LEVELS)
    assert_sound(plan, town)
    cell = plan.at_level("grid").set_index("name").loc["Both"]
    assert cell.geometry.equals(shape)
    assert cell["exclave"] == 1
    assert (plan.at_level("micro")["exclave"] == 0).all()
    assert set(plan.exceptions.query("rule == 'exclave'")["cell_code"]) == {cell["code"]}


def test_a_small_exclave_takes_neighbours_and_its_parent_holds_both_parts() -> None:
    parts = [shapely.box(5, 5, 60, 60), shapely.box(740, 740, 795, 795)]
    town = ruled(made_town(), *({"rule": "exclave", "level": "micro", "group": "x", "shape": part} for part in parts))
    plan = delineate(town, LEVELS)
    assert_sound(plan, town)
    for level in ("grid", "micro"):
        one, other = (set(cell_of(plan, part, level)["code"]) for part in parts)
        assert one == other
        assert len(one) == 1
    assert "joined by neighbours" in fate(plan)["reason"]


def test_walks_are_shortened() -> None:
    town = made_town()
    far = town.buildings[~town.buildings.within(blocks(2, 0, 6, 8))]
    town = dataclasses.replace(town, buildings=far.reset_index(drop=True))
    usual = delineate(town, LEVELS)
    plan = delineate(town, LEVELS, max_walk=250.0)
    assert_sound(plan, town)
    before, after = (p.metadata["quality"]["micro"]["walk_worst_m"] for p in (usual, plan))
    assert after <= before
    assert plan.exceptions["rule"].eq("walk").any() == (after > 250)
    assert plan.metadata["max_walk_m"] == 250


def test_a_walk_of_nought_is_refused() -> None:
    with pytest.raises(InputError, match="give metres above nought"):
        delineate(made_town(), LEVELS, max_walk=0.0)


@st.composite
def rectangles(draw: st.DrawFn) -> list[shapely.Polygon]:
    """One or several that do not overlap, with no house across their lines: houses stand 12–28, 42–58, 72–88 m in."""
    between = [5.0, 34.0, 64.25, 96.5]
    found = []
    for quarter in draw(st.sets(st.sampled_from([(0, 0), (400, 0), (0, 400), (400, 400)]), min_size=1)):
        first = [draw(st.integers(0, 1)) * BLOCK + draw(st.sampled_from([0.0, *between])) for _ in quarter]
        last = [draw(st.integers(2, 3)) * BLOCK + draw(st.sampled_from([0.0, *between])) for _ in quarter]
        (west, south), (east, north) = np.add(quarter, first), np.add(quarter, last)
        found.append(shapely.box(west, south, east, north))
    return found


@given(rectangles(), st.sampled_from(["grid", "micro"]))
@settings(max_examples=15, deadline=None)
def test_random_locked_rectangles_stay_as_drawn(shapes: list[shapely.Polygon], level: str) -> None:
    rules = ({"rule": "locked", "level": level, "name": f"L{k}", "shape": shape} for k, shape in enumerate(shapes))
    town = ruled(made_town(), *rules)
    plan = delineate(town, LEVELS)
    assert_sound(plan, town)
    cells = plan.at_level(level).set_index("name")
    for k, shape in enumerate(shapes):
        assert cells.geometry[f"L{k}"].equals(shape)
        assert fate(plan, k + 1)["kept"]


def test_a_building_across_a_locked_line_stays_whole() -> None:
    shape = shapely.box(200, 200, 420, 400)
    town = ruled(made_town(), {"rule": "locked", "name": "L", "shape": shape})
    plan = delineate(town, LEVELS)
    assert_sound(plan, town)
    cell = plan.at_level("grid").set_index("name").geometry["L"]
    across = town.buildings[town.buildings.crosses(shape.boundary) | town.buildings.overlaps(shape)]
    assert len(across)
    assert cell.symmetric_difference(shape).difference(across.union_all().buffer(0.01)).area < 0.1
    assert fate(plan)["kept"]
    assert "led around buildings" in fate(plan)["reason"]


SQUARE = blocks(1, 1, 3, 3)


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ([{"rule": "fixed", "name": "A", "shape": SQUARE}], r"^rule in row 1 \('A'\): 'fixed' is no rule"),
        ([{"rule": "locked", "shape": shapely.Point(5, 5)}], "needs land, not a point"),
        ([{"rule": "apart", "shape": SQUARE}], "'apart' needs a group"),
        ([{"rule": "apart", "group": "g", "shape": SQUARE}], "group 'g' has no other feature"),
        ([{"rule": "locked", "shape": shapely.Polygon([(0, 0), (9, 9), (9, 0), (0, 9)])}], "not valid"),
        ([{"rule": "locked", "shape": shapely.box(2000, 0, 2100, 100)}], "row 1: it lies outside the area"),
        ([{"rule": "locked", "level": "block", "shape": SQUARE}], "no level 'block': it can be grid, micro"),
        ([{"rule": "locked", "code": "12", "shape": SQUARE}], "has 15 digits"),
        ([{"rule": "locked", "code": "410102001001000", "shape": SQUARE}], "numbered from 1"),
        ([{"rule": "locked", "code": "410102001002001", "shape": SQUARE}], "begin with 410102001001"),
        ([{"rule": "together", "code": "410102001001001", "shape": SQUARE}], "can have no code"),
        (
            [
                {"rule": "locked", "name": n, "code": "410102001001007", "shape": s}
                for n, s in (("A", SQUARE), ("B", blocks(1, 4, 2, 6)))
            ],
            r"row 1 \('A'\) and rule in row 2 \('B'\): both have the code",
        ),
        (
            [{"rule": "locked", "name": "A", "shape": SQUARE}, {"rule": "exclusive", "shape": blocks(2, 2, 4, 4)}],
            r"row 1 \('A'\) and rule in row 2: they overlap, and both are cells of 'grid'",
        ),
        (
            [{"rule": "exclusive", "shape": SQUARE}, {"rule": "locked", "level": "micro", "shape": blocks(1, 1, 2, 2)}],
            "row 2 lies in rule in row 1: an exclusive cell is not divided",
        ),
        (
            [{"rule": "locked", "shape": SQUARE}, {"rule": "locked", "level": "micro", "shape": blocks(2, 2, 4, 3)}],
            "row 2 crosses the line of rule in row 1",
        ),
        ([{"rule": "locked", "name": "A", "shape": blocks(3, 3, 5, 5)}], "'A'.*communities 'West' and 'East'"),
        (
            [{"rule": "together", "shape": SQUARE}, {"rule": "exclusive", "shape": blocks(2, 2, 4, 4)}],
            "row 1 stays together, but rule in row 2 cuts it",
        ),
        (
            [{"rule": "together", "shape": SQUARE}, {"rule": "together", "shape": blocks(2, 2, 4, 4)}],
            "both stay together, but they overlap",
        ),
        (
            [{"rule": "locked", "shape": shapely.MultiPolygon([blocks(0, 0, 1, 1), blocks(2, 2, 3, 3)])}],
            "its 2 parts do not touch: declare it 'exclave'",
        ),
        (
            [
                {"rule": "locked", "level": "micro", "shape": SQUARE},
                *({"rule": "apart", "group": "g", "shape": shapely.Point(x, 121)} for x in (121, 221)),
            ],
            "row 2 and rule in row 3 are to be kept apart, but rule in row 1",
        ),
        (
            [
                {"rule": "apart", "group": "g", "level": "grid", "shape": SQUARE},
                {"rule": "apart", "group": "g", "shape": blocks(1, 4, 2, 6)},
            ],
            "apart at several levels",
        ),
        ([{"rule": "apart", "group": "g", "shape": shapely.Point(x, 100)} for x in (0, 221)], "no building within"),
        (
            [{"rule": "together", "group": "g", "shape": shape} for shape in (SQUARE, shapely.Point(420, 420))],
            "group 'g' has points and polygons",
        ),
    ],
)
def test_contradictions_are_refused(rules: list[dict], message: str) -> None:
    with pytest.raises(InputError, match=message):
        delineate(ruled(made_town(communities=True), *rules), LEVELS)


def test_codes_that_do_not_fit_their_parents_are_refused() -> None:
    town = ruled(
        made_town(),
        {"rule": "locked", "shape": blocks(0, 0, 3, 3)},
        *(
            {"rule": "locked", "level": "micro", "code": f"00000000000100{k}01", "shape": blocks(k, 0, k + 1, 3)}
            for k in (1, 2)
        ),
    )
    with pytest.raises(InputError, match="does not fit how they lie in their parents"):
        delineate(town, LEVELS)


def test_rules_are_read_from_a_file_and_cut_to_the_area(tmp_path: Path) -> None:
    town = made_town()
    rules = layer(
        {"rule": ["Locked", "exclusive"], "name": ["A", "B"], "code": [np.nan, np.nan]},
        [shapely.box(-50, 200, 200, 400), blocks(4, 4, 5, 5)],
    )
    file = tmp_path / "rules.gpkg"
    rules.to_crs("EPSG:4326").to_file(file, layer="demanded")
    town.buildings.to_file(tmp_path / "houses.gpkg")
    town.area.to_file(tmp_path / "area.gpkg")
    town.barriers.to_file(tmp_path / "streets.gpkg")
    read = read_town(
        buildings=tmp_path / "houses.gpkg",
        streets=tmp_path / "streets.gpkg",
        area=tmp_path / "area.gpkg",
        rules=f"{file}:demanded",
    )
    assert read.rules[["row", "rule", "name", "code"]].to_numpy().tolist() == [
        [1, "locked", "A", ""],
        [2, "exclusive", "B", ""],
    ]
    assert read.rules.union_all().bounds[0] == pytest.approx(read.area.total_bounds[0], abs=0.01)
    assert read.left_out.query("layer == 'rules'")["count"].tolist() == [1]
    assert "rules.gpkg" in {entry["name"] for entry in read.inputs}
    plan = delineate(read, LEVELS)
    assert_sound(plan, read)
    write_plan(plan, tmp_path / "plan.gpkg")
    assert read_plan(tmp_path / "plan.gpkg").metadata["rules"] == plan.metadata["rules"]
    assert all(fate["kept"] for fate in plan.metadata["rules"])


def test_a_file_without_the_column_is_refused() -> None:
    with pytest.raises(InputError, match="no column 'rule'"):
        as_rules(layer({"name": ["A"]}, [SQUARE]))


def test_the_cells_of_a_plan_can_be_locked_again() -> None:
    town = made_town(communities=True)
    first = delineate(town, LEVELS)
    kept = first.at_level("grid").iloc[::2]
    rows = kept[["code", "name", "geometry"]].itertuples(index=False)
    again = ruled(town, *({"rule": "locked", "code": code, "name": name, "shape": cell} for code, name, cell in rows))
    plan = delineate(again, LEVELS, seed=7)
    assert_sound(plan, again)
    cells = plan.at_level("grid").set_index("code")
    assert all(cells.geometry[code].equals(shape) for code, shape in zip(kept["code"], kept.geometry, strict=True))


def test_lines_that_do_not_quite_meet_leave_no_seam() -> None:
    town = made_town(communities=True)
    first = delineate(town, LEVELS)
    moved = [
        shapely.affinity.translate(cell, dx, -dx)
        for cell, dx in zip(first.at_level("grid").geometry, [0.1, -0.1] * 9, strict=False)
    ]
    again = ruled(town, *({"rule": "locked", "shape": shape} for shape in moved))
    plan = delineate(again, LEVELS)
    assert_sound(plan, again)
    assert len(plan.at_level("grid")) == len(moved)
    assert all(fate["kept"] for fate in plan.metadata["rules"])
