"""Plans that last: revision of a plan under changed households and buildings."""

import dataclasses
import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.sparse import diags_array

from gis.changes.compare import compare
from gis.coverage.check import check
from gis.delineation.delineate import delineate
from gis.delineation.former import town_of
from gis.delineation.levels import parse_levels
from gis.delineation.revise import amended, revise
from gis.errors import InputError
from gis.plan import Plan, read_plan, write_plan
from gis.sources.town import Town

CRS = "EPSG:32649"
LEVELS = parse_levels("grid:80-120,micro:20-30")


def layer(columns: dict, shapes: list) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS)


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """Eight by eight blocks of 100 m, a house at each of 12 places in a block, but in one block that is a field."""
    rng = np.random.default_rng(3)
    streets = [shapely.LineString([(k * 100, -20), (k * 100, 820)]) for k in range(1, 8)]
    streets += [shapely.LineString([(-20, k * 100), (820, k * 100)]) for k in range(1, 8)]
    houses = [
        shapely.box(x * 100 + 6 + 24 * i, y * 100 + 6 + 30 * j, x * 100 + 18 + 24 * i, y * 100 + 20 + 30 * j)
        for x in range(8)
        for y in range(8)
        for i in range(4)
        for j in range(3)
        if (x, y) != (5, 5)
    ]
    town = Town(
        area=layer({"code": ["T"], "name": ["Town"]}, [shapely.box(0, 0, 800, 800)]),
        communities=layer(
            {"code": ["410102001001", "410102001002"], "name": ["West", "East"]},
            [shapely.box(0, 0, 400, 800), shapely.box(400, 0, 800, 800)],
        ),
        barriers=layer({"kind": ["street"] * len(streets), "name": [""] * len(streets)}, streets),
        buildings=layer(
            {
                "building_id": [f"b{k}" for k in range(len(houses))],
                "households": rng.integers(0, 3, len(houses)),
                "household_basis": "column",
                "floors": 0,
                "address": "",
            },
            houses,
        ),
        dwellings=pd.DataFrame(
            {"building_id": [], "entrance": [], "floor_from": [], "floor_to": [], "households": []}
        ).astype({"building_id": "str", "entrance": "str"}),
        land=layer({"kind": [], "name": []}, []),
        left_out=pd.DataFrame({"layer": [], "reason": [], "count": []}),
    )
    path = tmp_path_factory.mktemp("former") / "plan.gpkg"
    write_plan(delineate(town, LEVELS), path)
    return read_plan(path)


def listed(households: pd.Series, path: Path) -> Path:
    households.rename_axis("building_id").rename("households").to_csv(path)
    return path


def counts(plan: Plan) -> pd.Series:
    return plan.buildings.set_index("building_id")["households"]


def in_band(plan: Plan) -> bool:
    return all(
        plan.at_level(level.name)["households"].between(level.band.lower, level.band.upper).all() for level in LEVELS
    )


def test_floors_that_were_given_without_an_entrance_live_on(plan: Plan) -> None:
    rows = [("b0", "", 1, 1), ("b0", "", 2, 7), ("b1", "", 1, 4), ("b1", "", 2, 4), ("b2", "", 1, 1), ("b2", "A", 1, 1)]
    table = pd.DataFrame(rows, columns=["building_id", "entrance", "floor_from", "households"])
    dwellings = table.assign(floor_to=table["floor_from"], cell_code="any")
    buildings = plan.buildings.iloc[:3].assign(households=[8, 8, 2], floors=[2, 2, 1])
    kept = town_of(dataclasses.replace(plan, buildings=buildings, dwellings=dwellings)).dwellings
    assert list(zip(kept["building_id"], kept["households"], strict=True)) == [
        ("b0", 1),
        ("b0", 7),
        ("b2", 1),
        ("b2", 1),
    ]


def test_what_is_fixed_below_stays_whole_where_single_atoms_change_their_parent() -> None:
    """Twelve atoms in a row: the second grid lacks what only the fixed cell next to it, or a part of it, could give."""
    graph = diags_array([np.ones(11), np.ones(11)], offsets=[-1, 1]).tocsr()
    households = np.array([30] * 8 + [10] * 4)
    homes = [np.repeat([0, 1], [8, 4]), np.repeat([0, 1, 2, 3], [2, 6, 2, 2])]
    fixed = [np.zeros(12, np.bool_), homes[1] == 1]
    levels = parse_levels("grid:100-180,micro:20-70")
    flexible = np.zeros((12, 2), np.int64)
    *_, leaf = amended(graph, np.zeros(12, np.int64), households, flexible, levels, homes, fixed, 0)
    assert np.array_equal(leaf.of_atom == leaf.of_atom[2], homes[1] == 1)


def test_where_nothing_has_changed_the_plan_stays(plan: Plan, tmp_path: Path) -> None:
    after = revise(plan, households=listed(counts(plan), tmp_path / "same.csv"))
    assert set(after.cells["code"]) == set(plan.cells["code"])
    assert after.metadata["retired"] == {}
    assert (compare(plan, after).cells["status"] == "kept").all()


def test_the_buildings_of_the_plan_itself_change_nothing(plan: Plan, tmp_path: Path) -> None:
    """Its layer of land is empty: that is no fault of a file of buildings."""
    write_plan(plan, tmp_path / "plan.gpkg")
    after = revise(plan, buildings=f"{tmp_path / 'plan.gpkg'}:buildings")
    assert (compare(plan, after).cells["status"] == "kept").all()


def test_only_what_left_its_band_is_redrawn(plan: Plan, tmp_path: Path) -> None:
    numbers = counts(plan)
    micro = plan.at_level("micro").sort_values("households").iloc[-1]
    there = plan.buildings[plan.buildings["cell_code"] == micro["code"]]["building_id"]
    numbers[there.iloc[:3]] += 4
    after = revise(plan, households=listed(numbers, tmp_path / "more.csv"))
    assert in_band(after)
    assert check(after.cells, area=after.area).valid
    changes = compare(plan, after)
    micros = changes.cells[changes.cells["level"] == "micro"]
    assert 0 < (micros["status"] != "kept").sum() <= 6
    assert int(after.cells[after.cells["level"] == "grid"]["households"].sum()) == numbers.sum()
    kept = set(micros[micros["status"] == "kept"]["code"])
    before = plan.cells.set_index("code").geometry
    now = after.cells.set_index("code").geometry
    assert all(before[code].normalize().equals_exact(now[code].normalize()) for code in kept)


def test_codes_are_never_used_again_and_name_their_successors(plan: Plan, tmp_path: Path) -> None:
    rng, known, held = np.random.default_rng(0), set(plan.cells["code"]), plan
    for k in range(3):
        numbers = counts(held)
        numbers[rng.choice(numbers.index, 60, replace=False)] += 2
        after = revise(held, households=listed(numbers, tmp_path / f"{k}.csv"))
        codes = set(after.cells["code"])
        new = codes - set(held.cells["code"])
        assert not new & known
        gone = set(held.cells["code"]) - codes
        assert gone <= set(after.metadata["retired"])
        assert all(after.metadata["retired"][code] for code in gone)
        predecessors = after.cells.set_index("code")["predecessors"]
        assert all(set(json.loads(predecessors[code])) <= known for code in new)
        children = after.at_level("micro")
        assert all(
            code.startswith(parent) for code, parent in zip(children["code"], children["parent_code"], strict=True)
        )
        known |= codes
        path = tmp_path / f"{k}.gpkg"
        write_plan(after, path)
        held = read_plan(path)
    assert len(known) > len(plan.cells)


def test_a_new_estate_is_divided_between_its_buildings(plan: Plan, tmp_path: Path) -> None:
    slabs = [shapely.box(510 + 30 * i, 510 + 28 * j, 530 + 30 * i, 524 + 28 * j) for i in range(3) for j in range(3)]
    old = plan.buildings[["building_id", "households", "floors", "geometry"]]
    new = layer({"building_id": [f"n{k}" for k in range(9)], "households": 8, "floors": 0}, slabs)
    both = gpd.GeoDataFrame(pd.concat([old, new], ignore_index=True), crs=CRS)
    both.to_file(tmp_path / "now.gpkg", layer="buildings")
    after = revise(plan, buildings=tmp_path / "now.gpkg")
    assert in_band(after), (
        after.exceptions.to_dict("records"),
        after.cells[["code", "level", "households"]].to_string(),
    )
    assert int(after.buildings["households"].sum()) == int(old["households"].sum()) + 72
    west = after.cells[after.cells["code"].str.startswith("410102001001")]
    assert set(west["code"]) == set(plan.cells[plan.cells["code"].str.startswith("410102001001")]["code"])
    micro = after.at_level("micro").set_index("code").geometry
    within = [
        shapely.covers(micro[code], shape)
        for code, shape in zip(after.buildings["cell_code"], after.buildings.geometry, strict=True)
    ]
    assert all(within)


def test_a_new_house_on_an_old_boundary_stays_whole(plan: Plan, tmp_path: Path) -> None:
    atoms = plan.atoms
    seam = shapely.intersection(atoms.geometry.iloc[0], atoms.geometry.iloc[1:].to_numpy())
    longest = seam[np.argmax(shapely.length(seam))]
    house = shapely.centroid(longest).buffer(3, quad_segs=1)
    old = plan.buildings[["building_id", "households", "floors", "geometry"]]
    new = layer({"building_id": ["new"], "households": [1], "floors": [0]}, [house])
    both = gpd.GeoDataFrame(pd.concat([old, new], ignore_index=True), crs=CRS)
    both.to_file(tmp_path / "now.gpkg", layer="buildings")
    after = revise(plan, buildings=tmp_path / "now.gpkg")
    code = after.buildings.set_index("building_id")["cell_code"]["new"]
    assert shapely.covers(after.cells.set_index("code").geometry[code], house)


def test_revising_needs_something_new_and_of_this_place(plan: Plan, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nothing has changed"):
        revise(plan)
    far = layer({"building_id": ["x"], "households": [5]}, [shapely.box(90_000, 90_000, 90_010, 90_010)])
    far.to_file(tmp_path / "far.gpkg", layer="buildings")
    with pytest.raises(InputError, match="outside it"):
        revise(plan, buildings=tmp_path / "far.gpkg")
    listed(pd.Series([3], index=["nobody"]), tmp_path / "nobody.csv")
    with pytest.raises(InputError, match="none of its 1 rows"):
        revise(plan, households=tmp_path / "nobody.csv")


def test_a_plan_drawn_anew_keeps_the_codes_of_cells_that_are_much_the_same(plan: Plan) -> None:
    again = delineate(town_of(plan), LEVELS, previous=plan)
    assert (compare(plan, again).cells["status"] == "kept").all()
    assert again.cells["name"].tolist() == plan.cells["name"].tolist()
    other = delineate(town_of(plan), LEVELS, previous=plan, seed=5)
    assert check(other.cells, area=other.area).valid
    assert other.metadata["revision_of"] == plan.version
    cells = other.cells.set_index("code")
    assert set(plan.cells["code"]) - set(cells.index) == set(other.metadata["retired"])
    for code in set(cells.index) & set(plan.at_level("micro")["code"]):
        there = set(plan.buildings["building_id"][plan.buildings["cell_code"] == code])
        assert there & set(other.buildings["building_id"][other.buildings["cell_code"] == code])
    for code in set(cells.index) - set(plan.cells["code"]):
        assert set(json.loads(cells["predecessors"][code])) <= set(plan.cells["code"])


def test_land_that_no_cell_had_before_gets_new_codes(plan: Plan) -> None:
    """The area was half as wide: what lies beyond has no predecessors."""
    town = town_of(plan)
    half = shapely.box(0, 0, 400, 800)
    west = dataclasses.replace(
        town,
        area=town.area.set_geometry([half], crs=CRS),
        communities=town.communities.iloc[[0]],
        buildings=town.buildings[town.buildings.within(half)].reset_index(drop=True),
    )
    whole = delineate(town, LEVELS, previous=delineate(west, LEVELS))
    east = whole.cells[whole.cells["code"].str.startswith("410102001002") & (whole.cells["level"] != "community")]
    assert set(east["predecessors"]) == {"[]"}


@pytest.mark.parametrize(
    ("levels", "shift", "message"),
    [
        (LEVELS[:1], 0, "has levels grid, micro, not grid"),
        (LEVELS, 5_000, "is of another area"),
    ],
)
def test_a_plan_that_does_not_fit_has_no_successor(plan: Plan, levels: list, shift: float, message: str) -> None:
    former = dataclasses.replace(plan, area=plan.area.translate(shift).to_frame("geometry"))
    with pytest.raises(InputError, match=message):
        delineate(town_of(plan), levels, previous=former)
