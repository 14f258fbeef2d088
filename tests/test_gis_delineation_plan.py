"""From clean layers to a plan, on small made towns."""

import dataclasses
import json
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.coverage.check import check
from gis.delineation import atoms as atoms_module
from gis.delineation.bands import Band
from gis.delineation.codes import number_cells, reading_order
from gis.delineation.delineate import delineate
from gis.delineation.levels import parse_levels
from gis.delineation.towers import dwelling_units, slice_grounds
from gis.errors import CoverageError, InputError
from gis.plan import Plan, read_plan, write_plan
from gis.sources.town import Town

CRS = "EPSG:32649"
LEVELS = parse_levels("grid:80-120,micro:20-30")


def layer(columns: dict, shapes: list) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS)


def made_town(seed: int = 0, *, points: bool = False, communities: bool = False, side: int = 6) -> Town:
    """Blocks of 100 m with a street between them and houses at random places in each."""
    rng = np.random.default_rng(seed)
    extent = side * 100.0
    streets = [shapely.LineString([(k * 100, -20), (k * 100, extent + 20)]) for k in range(1, side)]
    streets += [shapely.LineString([(-20, k * 100), (extent + 20, k * 100)]) for k in range(1, side)]
    houses = []
    for x in range(side):
        for y in range(side):
            for place in rng.permutation(16)[: rng.integers(4, 15)]:
                west, south = x * 100 + 4 + 24 * (place % 4), y * 100 + 4 + 24 * (place // 4)
                houses.append(shapely.box(west, south, west + rng.uniform(8, 18), south + rng.uniform(8, 20)))
    shapes = [house.centroid for house in houses] if points else houses
    n = len(shapes)
    halves = [shapely.box(0, 0, extent / 2, extent), shapely.box(extent / 2, 0, extent, extent)]
    return Town(
        area=layer({"code": ["T"], "name": ["Town"]}, [shapely.box(0, 0, extent, extent)]),
        communities=layer({"code": ["410102001001", "410102001002"], "name": ["West", "East"]}, halves)
        if communities
        else layer({"code": [], "name": []}, []),
        barriers=layer({"kind": ["street"] * len(streets), "name": [""] * len(streets)}, streets),
        buildings=layer(
            {
                "building_id": [f"b{k}" for k in range(n)],
                "households": rng.integers(0, 4, n),
                "household_basis": "column",
                "floors": 0,
                "address": "",
            },
            shapes,
        ),
        dwellings=pd.DataFrame({c: [] for c in ("building_id", "entrance", "floor_from", "floor_to", "households")}),
        land=layer({"kind": ["green"], "name": [""]}, [shapely.box(0, 0, 50, 50)]),
        left_out=pd.DataFrame({"layer": [], "reason": [], "count": []}),
    )


def assert_plan_holds(plan: Plan, town: Town) -> None:
    """What every plan promises, tested by plain overlay."""
    assert check(plan.cells, area=plan.area).valid
    total = int(town.buildings["households"].sum())
    for level in plan.levels:
        cells = plan.at_level(level)
        grounds = cells.drop_duplicates("ground_code")
        assert cells["households"].sum() == total
        assert grounds.area.sum() == pytest.approx(town.area.area.sum(), rel=1e-5)
        assert (grounds.geom_type == "Polygon").all()
    assert plan.cells["code"].is_unique
    assert plan.dwellings["households"].sum() == total
    assert plan.atoms["households"].sum() == total
    cut = plan.buildings.sjoin(plan.at_level(plan.leaf_level).drop_duplicates("ground_code"), predicate="intersects")
    shared = shapely.area(
        shapely.intersection(
            cut.geometry.to_numpy(), plan.at_level(plan.leaf_level).geometry[cut["index_right"]].to_numpy()
        )
    )
    assert pd.Series(shared > 0.01).groupby(cut.index).sum().max() <= 1
    off = [
        code
        for level, (lower, upper) in plan.metadata["bands"].items()
        for code, h in plan.at_level(level)[["code", "households"]].itertuples(index=False)
        if not lower <= h <= upper
    ]
    assert set(off) <= set(plan.exceptions["cell_code"])


@given(st.integers(0, 10_000), st.booleans(), st.booleans())
@settings(max_examples=12, deadline=None)
def test_every_plan_holds(seed: int, points: bool, communities: bool) -> None:  # noqa: FBT001
    town = made_town(seed, points=points, communities=communities)
    assert_plan_holds(delineate(town, LEVELS, seed=seed), town)


def test_most_cells_come_out_in_band_and_along_streets() -> None:
    plan = delineate(made_town(1, side=10), LEVELS)
    assert plan.at_level("grid")["households"].between(80, 120).mean() >= 0.97
    assert plan.at_level("micro")["households"].between(20, 30).mean() >= 0.95
    borders = shapely.union_all(shapely.boundary(plan.at_level("grid").geometry.to_numpy()))
    inner = borders.difference(plan.area.boundary.buffer(0.1).union_all())
    streets = plan.barriers.union_all().buffer(0.1)
    assert inner.intersection(streets).length / inner.length >= 0.9


def test_cells_stay_in_their_community_and_take_its_code() -> None:
    plan = delineate(made_town(2, communities=True), LEVELS)
    assert plan.levels == ["community", "grid", "micro"]
    for level, digits in (("grid", 15), ("micro", 17)):
        cells = plan.at_level(level)
        assert (cells["code"].str.len() == digits).all()
        assert (cells["code"].str[:12].isin(["410102001001", "410102001002"])).all()
        assert all(code.startswith(parent) for code, parent in zip(cells["code"], cells["parent_code"], strict=True))


def test_a_plan_is_the_same_for_any_number_of_workers() -> None:
    one, two = (delineate(made_town(3, communities=True), LEVELS, seed=5, workers=w) for w in (1, 2))
    assert shapely.to_wkb(one.cells.geometry).tolist() == shapely.to_wkb(two.cells.geometry).tolist()
    assert one.cells["code"].tolist() == two.cells["code"].tolist()


def test_a_plan_file_gives_back_the_plan(tmp_path: object) -> None:
    plan = delineate(made_town(4), LEVELS)
    write_plan(plan, tmp_path / "plan.gpkg")
    back = read_plan(tmp_path / "plan.gpkg")
    assert [file.name for file in tmp_path.iterdir()] == ["plan.gpkg"]
    assert back.metadata == plan.metadata
    assert back.version == plan.version
    assert back.cells["code"].tolist() == plan.cells["code"].tolist()
    assert shapely.to_wkb(back.cells.geometry).tolist() == shapely.to_wkb(plan.cells.geometry).tolist()
    assert check(back.cells, area=back.area).valid


def bridged(town: Town) -> Town:
    """The town with a footprint across a street."""
    bridge = town.buildings.iloc[[0]].assign(
        building_id="bridge", households=3, geometry=[shapely.box(90, 97, 130, 103)]
    )
    clear = town.buildings[~town.buildings.intersects(shapely.box(85, 92, 135, 108))]
    return dataclasses.replace(town, buildings=pd.concat([clear, bridge], ignore_index=True))


def test_a_footprint_across_a_street_is_not_cut() -> None:
    town = bridged(made_town(5))
    assert_plan_holds(delineate(town, LEVELS), town)


def test_overlapping_footprints_stay_together() -> None:
    town = made_town(6)
    first = town.buildings.geometry[0]
    double = town.buildings.iloc[[0]].assign(building_id="twin", geometry=[shapely.affinity.translate(first, 2, 2)])
    town = dataclasses.replace(town, buildings=pd.concat([town.buildings, double], ignore_index=True))
    plan = delineate(town, LEVELS)
    codes = plan.buildings.set_index("building_id")["cell_code"]
    assert codes["twin"] == codes["b0"]


def test_a_tower_is_divided_by_floors() -> None:
    town = made_town(7)
    tower = town.buildings.iloc[[0]].assign(building_id="tower", households=100, floors=20)
    town = dataclasses.replace(town, buildings=pd.concat([town.buildings.iloc[1:], tower], ignore_index=True))
    plan = delineate(town, LEVELS)
    assert_plan_holds(plan, town)
    floors = plan.dwellings[plan.dwellings["building_id"] == "tower"]
    assert floors["households"].sum() == 100
    assert len(floors) >= 4
    stacked = plan.cells[plan.cells["code"].isin(floors["cell_code"])]
    assert len(set(stacked["ground_code"])) == 1
    assert stacked["households"].between(20, 30).all()
    assert plan.buildings.set_index("building_id")["cell_code"].isna()["tower"]


def test_slices_rather_end_between_entrances_than_between_floors() -> None:
    buildings = pd.DataFrame({"building_id": ["t"], "households": [144], "floors": [0]})
    rows = [("t", f"{e}单元", f, f, 4) for e in (1, 2) for f in range(1, 19)]
    dwellings = pd.DataFrame(rows, columns=["building_id", "entrance", "floor_from", "floor_to", "households"])
    units = dwelling_units(buildings, dwellings)
    cell, slices = slice_grounds(units, np.zeros(len(units), np.int64), 1, Band(70, 80))
    assert slices.tolist() == [2]
    assert units.groupby(cell)["entrance"].nunique().tolist() == [1, 1]


@given(st.integers(1, 400), st.integers(1, 40))
def test_households_are_spread_over_floors_to_the_unit(households: int, floors: int) -> None:
    buildings = pd.DataFrame({"building_id": ["t"], "households": [households], "floors": [floors]})
    none = pd.DataFrame({c: [] for c in ("building_id", "entrance", "floor_from", "floor_to", "households")})
    units = dwelling_units(buildings, none)
    assert units["households"].sum() == households
    assert units["households"].max() - units["households"].min() <= 1


def test_codes_run_as_one_reads() -> None:
    cells = np.array([shapely.box(x, y, x + 1, y + 1) for y in range(2) for x in range(3)])
    assert reading_order(cells).tolist() == [3, 4, 5, 0, 1, 2]
    codes = number_cells(cells, np.zeros(6, np.int64), ["410102001001"], 0)
    assert codes[3] == "410102001001001"


def test_more_cells_than_a_code_can_number_are_refused() -> None:
    cells = shapely.box(np.arange(100), 0, np.arange(100) + 1, 1)
    with pytest.raises(InputError, match="a code can number 99"):
        number_cells(cells, np.zeros(100, np.int64), ["410102001001001"], 1)


def total_of(town: Town, households: int) -> Town:
    some = np.zeros(len(town.buildings), np.int64)
    some[:households] = 1
    return dataclasses.replace(town, buildings=town.buildings.assign(households=some))


def test_bands_that_cannot_be_met_are_refused() -> None:
    town = made_town(8, side=8)
    assert len(town.buildings) > 450
    with pytest.raises(InputError, match="450 households cannot be divided into cells of 400–440"):
        delineate(total_of(town, 450), parse_levels("grid:400-440"))


def test_no_household_at_all_is_refused() -> None:
    with pytest.raises(InputError, match="no household in the whole area"):
        delineate(total_of(made_town(9), 0), LEVELS)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("grid", "write name:fewest-most"),
        ("grid:10-x", "write name:fewest-most"),
        ("grid:20-10", "the smaller one first"),
        ("grid:10-20,grid:5-8", "a name of its own"),
        ("community:10-20", "a name of its own"),
        ("micro:10-20,grid:50-80", "must be smaller"),
    ],
)
def test_levels_that_say_nothing_are_refused(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_levels(text)


def test_open_land_goes_to_the_nearest_building() -> None:
    houses = [shapely.box(x, y, x + 10, y + 10) for x in (5, 185) for y in (5, 185)]
    town = made_town(10, side=2)
    buildings = layer(
        {
            "building_id": list("abcd"),
            "households": 30,
            "household_basis": "column",
            "floors": 0,
            "address": "",
        },
        houses,
    )
    town = dataclasses.replace(town, buildings=buildings, barriers=town.barriers.iloc[:0])
    atoms = delineate(town, parse_levels("micro:25-35")).atoms
    assert atoms.area.tolist() == pytest.approx([10_000] * 4, rel=0.01)


def test_a_village_in_which_no_face_is_divided() -> None:
    town = made_town(11)
    town = dataclasses.replace(town, buildings=town.buildings.assign(households=1))
    plan = delineate(town, parse_levels("micro:140-160"))
    assert_plan_holds(plan, town)
    assert len(plan.atoms) < len(town.buildings)


def test_a_plan_that_loses_land_is_not_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    settle = atoms_module.settle  # the step whose fault is staged

    def losing(plane: object, label: np.ndarray, with_building: np.ndarray, home: np.ndarray) -> np.ndarray:
        of_face = settle(plane, label, with_building, home)
        several = np.flatnonzero(np.bincount(of_face[of_face >= 0])[of_face] > 1)
        of_face[np.setdiff1d(several, with_building)[0]] = -1
        return of_face

    monkeypatch.setattr(atoms_module, "settle", losing)
    with pytest.raises((CoverageError, InputError)):
        delineate(bridged(made_town(12)), LEVELS)


def test_a_building_of_several_parts_stays_in_one_cell() -> None:
    town = made_town(13)
    both = shapely.MultiPolygon([shapely.box(80, 40, 95, 60), shapely.box(105, 40, 120, 60)])
    twin = town.buildings.iloc[[0]].assign(building_id="parts", households=3, geometry=[both])
    clear = town.buildings[~town.buildings.intersects(both.buffer(3))]
    town = dataclasses.replace(town, buildings=pd.concat([clear, twin], ignore_index=True))
    plan = delineate(town, LEVELS)
    assert_plan_holds(plan, town)
    code = plan.buildings.set_index("building_id")["cell_code"]["parts"]
    assert plan.cells.set_index("code").geometry[code].buffer(0.01).covers(both)


def test_a_building_on_the_rim_is_kept() -> None:
    town = made_town(14)
    on_rim = town.buildings.iloc[[0]].assign(building_id="rim", households=3, geometry=[shapely.box(290, -6, 310, 6)])
    clear = town.buildings[~town.buildings.intersects(shapely.box(285, -10, 315, 10))]
    town = dataclasses.replace(town, buildings=pd.concat([clear, on_rim], ignore_index=True))
    plan = delineate(town, LEVELS)
    assert plan.buildings.set_index("building_id")["cell_code"].notna()["rim"]
    assert check(plan.cells, area=plan.area).valid


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cells": lambda cells: cells.drop(columns="code")}, "layer cells has no column code"),
        ({"cells": lambda cells: cells[cells["level"] == "grid"]}, "no cell of level micro"),
        ({"cells": lambda cells: cells.assign(parent_code="nobody")}, "parent is not there"),
        ({"cells": lambda cells: cells.assign(ground_code="nowhere")}, "ground is not there"),
        ({"cells": lambda cells: cells.assign(households=70)}, "other households than"),
        ({"area": lambda area: area.iloc[:0]}, "layer area has 0 rows"),
        ({"atoms": lambda atoms: atoms[atoms["households"] > 0].iloc[1:]}, "layer atoms has .* households, the cells"),
        ({"atoms": lambda atoms: atoms.set_geometry(atoms.buffer(-1))}, "its atoms cover .* m²"),
        ({"atoms": lambda atoms: atoms.assign(cell_code="nowhere")}, "layer atoms names cells"),
        ({"atoms": lambda atoms: atoms.assign(cell_code=[None, *atoms["cell_code"][1:]])}, "layer atoms names cells"),
        ({"buildings": lambda buildings: buildings.iloc[1:]}, "dwellings of buildings that are not there"),
        ({"buildings": lambda buildings: buildings.assign(building_id="one")}, "two buildings with one building_id"),
        ({"dwellings": lambda dwellings: dwellings.iloc[1:]}, "other households than their dwellings"),
        ({"dwellings": lambda dwellings: dwellings.drop(columns="entrance")}, "layer dwellings has no column entrance"),
        ({"metadata": lambda _: {}}, "no levels"),
        ({"metadata": lambda metadata: metadata | {"bands": {}}}, "no band of level grid"),
        ({"metadata": lambda metadata: metadata | {"bands": {"grid": [600, 400]}}}, "no band of level grid"),
        ({"metadata": lambda metadata: metadata | {"retired": ["0"]}}, "retired codes"),
        ({"metadata": lambda metadata: metadata | {"drawing": None}}, "no drawing"),
    ],
)
def test_a_damaged_plan_file_is_refused(tmp_path: Path, change: dict, message: str) -> None:
    plan = delineate(made_town(4), LEVELS)
    damaged = {name: made(getattr(plan, name)) for name, made in change.items()}
    write_plan(dataclasses.replace(plan, **damaged), tmp_path / "plan.gpkg")
    with pytest.raises(InputError, match=f"plan.gpkg: a damaged plan file: .*{message}"):
        read_plan(tmp_path / "plan.gpkg")


def test_a_plan_keeps_figures_that_agree_with_its_layers() -> None:
    plan = delineate(made_town(1), LEVELS)
    quality = plan.metadata["quality"]
    assert json.loads(json.dumps(quality)) == quality
    for level in ("grid", "micro"):
        cells = plan.at_level(level)
        found = quality[level]
        assert found["cells"] == len(cells)
        assert found["in_band"] == cells["households"].between(*plan.metadata["bands"][level]).sum()
        grounds = cells.drop_duplicates("ground_code")
        inner = (grounds.length.sum() - plan.area.length.sum()) / 2
        assert found["inner_boundary_m"] == pytest.approx(inner, abs=0.1)
        assert sum(found["along"].values()) == pytest.approx(1, abs=1e-3)
        assert found["walk_worst_m"] <= 3 * np.hypot(*np.ptp(shapely.get_coordinates(grounds.geometry), axis=0))
    assert quality["micro"]["cells_sharing_ground"] == plan.cells["ground_code"].duplicated(keep=False).sum()


def test_cells_that_change_places_make_another_version() -> None:
    plan = delineate(made_town(4), LEVELS)
    first, second = plan.at_level("micro").index[:2]
    shapes = plan.cells.geometry.copy()
    shapes[first], shapes[second] = shapes[second], shapes[first]
    assert replace(plan, cells=plan.cells.set_geometry(shapes)).version != plan.version


def test_a_plan_has_one_version_in_memory_and_in_its_file(town_plan: Plan, tmp_path: Path) -> None:
    write_plan(town_plan, tmp_path / "plan.gpkg")
    assert read_plan(tmp_path / "plan.gpkg").version == town_plan.version


@pytest.mark.parametrize("seed", range(12))
def test_a_file_with_damaged_bytes_is_read_or_refused_in_one_line(town_file: Path, tmp_path: Path, seed: int) -> None:
    held = np.frombuffer(town_file.read_bytes(), dtype=np.uint8).copy()
    rng = np.random.default_rng(seed)
    held[rng.integers(4096, len(held), 200)] ^= np.uint8(1) << rng.integers(0, 8, 200, dtype=np.uint8)
    path = tmp_path / "plan.gpkg"
    path.write_bytes(held.tobytes())
    said = ""
    try:
        read_plan(path)
    except InputError as error:
        said = str(error)
    assert "\n" not in said
