from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import InputError
from gis.sources.addresses import count_units, settle_addresses
from gis.sources.buildings import floors_of, given_households, heights_of
from gis.sources.files import Source
from gis.sources.households import UNINHABITED, HouseholdRule, count_households
from gis.sources.land import kinds_by_land
from gis.sources.left_out import LeftOut
from gis.sources.register import join_register, read_register, same_address

UTM = "EPSG:32649"


def buildings(*rows: dict[str, object]) -> gpd.GeoDataFrame:
    """Buildings in a row, 100 m apart; `ground` is the area of each, 0 makes a point."""
    usual = {
        "given": np.nan, "given_basis": "column", "units": 0, "addresses": 0, "kind": "yes", "floors": 0,
        "height_m": np.nan, "ground": 100.0, "number": "", "street": "", "unit": "", "flats": "",
        "address": "",
    }  # fmt: skip
    table = pd.DataFrame([{**usual, "building_id": f"b{at}", **row} for at, row in enumerate(rows)])
    sides = np.sqrt(table["ground"].to_numpy("float64"))
    shapes = [
        shapely.box(100 * at, 0, 100 * at + side, side) if side else shapely.Point(100 * at, 0)
        for at, side in enumerate(sides)
    ]
    return gpd.GeoDataFrame(table.drop(columns="ground"), geometry=shapes, crs=UTM)


@pytest.mark.parametrize(
    ("row", "households", "basis"),
    [
        ({"given": 7.0, "kind": "garage"}, 7, "column"),
        ({"given": 0.0, "addresses": 2}, 0, "column"),
        ({"units": 12, "kind": "commercial", "addresses": 1}, 12, "units"),
        ({"kind": "garage", "addresses": 1}, 0, "none"),
        ({"kind": "School"}, 0, "none"),
        ({"addresses": 1}, 1, "addresses"),
        ({"addresses": 3, "ground": 900.0}, 3, "addresses"),
        ({"addresses": 1, "ground": 12.0}, 1, "addresses"),
        ({"ground": 12.0}, 0, "none"),
        ({"ground": 12.0, "kind": "cabin"}, 1, "house"),
        ({}, 1, "house"),
        ({"ground": 0.0}, 1, "house"),
        ({"ground": 900.0, "kind": "house"}, 1, "house"),
        ({"ground": 600.0}, 10, "assumed_floors"),
        ({"ground": 600.0, "floors": 10}, 50, "floors"),
        ({"ground": 600.0, "height_m": 18.5}, 30, "height"),
        ({"ground": 240.0, "kind": "apartments"}, 10, "assumed_floors"),
        ({"ground": 120.0, "floors": 6, "addresses": 9}, 9, "floors"),
        ({"ground": 5_000.0}, 0, "none"),
        ({"ground": 5_000.0, "floors": 6}, 250, "floors"),
        ({"ground": 5_000.0, "addresses": 1}, 84, "assumed_floors"),
    ],
)
def test_households_and_their_basis(row: dict[str, object], households: int, basis: str) -> None:
    counted = count_households(buildings(row), HouseholdRule())
    assert counted[["households", "household_basis"]].to_numpy().tolist() == [[households, basis]]
    assert counted["households"].dtype == "int64"


def test_the_rule_is_the_users() -> None:
    rule = HouseholdRule(m2_per_household=60, default_floors=6, house_m2=50, smallest_m2=5)
    assert count_households(buildings({"ground": 600.0}, {"ground": 7.0}), rule)["households"].tolist() == [
        60,
        1,
    ]


@pytest.mark.parametrize("wrong", [{"m2_per_household": 0}, {"default_floors": -1}, {"smallest_m2": float("nan")}])
def test_a_rule_that_cannot_be(wrong: dict[str, Any]) -> None:
    name = next(iter(wrong))
    with pytest.raises(InputError, match=rf"^household rule: {name} is .*: give "):
        HouseholdRule(**wrong)


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "given": st.one_of(st.just(float("nan")), st.integers(0, 500).map(float)),
                "units": st.integers(0, 300),
                "addresses": st.integers(0, 20),
                "kind": st.sampled_from(["yes", "", "house", "apartments", *sorted(UNINHABITED)[:5]]),
                "floors": st.integers(0, 60),
                "height_m": st.one_of(st.just(float("nan")), st.floats(1, 200)),
                "ground": st.floats(0, 9_000),
            }
        ),
        min_size=1,
        max_size=8,
    )
)
def test_every_building_has_a_count_and_a_basis(rows: list[dict[str, object]]) -> None:
    table = buildings(*rows)
    counted = count_households(table, HouseholdRule())
    assert (counted["households"] >= 0).all()
    assert set(counted["household_basis"]) <= {
        "column",
        "addresses",
        "units",
        "floors",
        "height",
        "assumed_floors",
        "house",
        "none",
    }
    assert (counted.loc[counted["household_basis"] == "none", "households"] == 0).all()
    known = table["given"].notna()
    assert (counted.loc[known, "households"] == table.loc[known, "given"]).all()
    estimated = counted["household_basis"].isin(["floors", "height", "assumed_floors"])
    assert (counted["households"] >= table["addresses"])[estimated].all()


@given(st.integers(1, 400), st.integers(0, 400))
def test_a_range_of_units_counts_both_ends(first: int, more: int) -> None:
    assert count_units(f"{first}-{first + more}") == more + 1
    assert count_units(f" {first} ; {first + more + 1}") == 2


@given(st.text(max_size=20))
def test_any_text_of_units_is_counted(text: str) -> None:
    assert count_units(text) >= 0


def test_addresses_on_and_in_a_building() -> None:
    table = buildings({"number": "12", "street": "建设路"}, {}, {"flats": "40"}, {"number": "9"})
    points = gpd.GeoDataFrame(
        {
            "number": ["12号", "14", "1", "1", "1", "9", "77"],
            "street": ["建设路", "建设路", "Main St", "Main St", "Main St", "", ""],
            "unit": ["", "", "A", "B", "B", "", ""],
        },
        geometry=gpd.points_from_xy([1, 2, 101, 102, 103, 313, 900], [1, 1, 1, 1, 1, 1, 1]),
        crs=UTM,
    )
    ledger = LeftOut()
    settled = settle_addresses(table, points, 5.0, ledger)
    assert settled["address"].tolist() == ["建设路12;建设路14", "1 Main St", "", "9"]
    assert settled["addresses"].tolist() == [2, 1, 0, 1]
    assert settled["units"].tolist() == [0, 2, 40, 0]
    assert ledger.counts == {("addresses", "no building of the area within 5 m"): 1}


def test_no_addresses_at_all() -> None:
    settled = settle_addresses(buildings({}, {}), None, 5.0, LeftOut())
    assert settled.to_numpy().tolist() == [["", 0, 0], ["", 0, 0]]


def test_floors_and_heights_as_written() -> None:
    texts = pd.Series(["5", "5.5", "6层", "3;4", "many", "", "-1", "2017"], dtype="str")
    assert floors_of(texts).tolist() == [5, 5, 6, 3, 0, 0, 0, 0]
    assert heights_of(pd.Series(["7.4", "7.4 m", "10'", "high"], dtype="str")).tolist() == [
        7.4, 7.4, pytest.approx(3.048), pytest.approx(np.nan, nan_ok=True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([3, 10**16], r"^b\.gpkg, row 2: 户数 is 10000000000000000, above 2147483647: give counts"),
        ([3, -2], r"^b\.gpkg, row 2: 户数 is -2, negative: give counts of households, 0 where nobody lives$"),
        ([3, 2.5], r"^b\.gpkg, row 2: 户数 is 2\.5, not a whole number: "),
        ([None, None], r"^b\.gpkg, row 1: 户数 is None, missing or not a number \(2 rows are\): "),
        (["3", "three"], r"^b\.gpkg, row 2: 户数 is three, missing or not a number: "),
    ],
)
def test_households_that_are_no_counts(values: list[object], message: str) -> None:
    rows = pd.DataFrame({"户数": pd.Series(values, index=[1, 2], dtype="object")})
    with pytest.raises(InputError, match=message):
        given_households(rows, "户数", "b.gpkg")


def test_a_building_that_says_nothing_serves_the_land_it_stands_on() -> None:
    table = buildings({}, {"kind": "dormitory"}, {"addresses": 1}, {})
    school = gpd.GeoDataFrame({"kind": ["school"]}, geometry=[shapely.box(-5, -5, 250, 50)], crs=UTM)
    assert kinds_by_land(table, school).tolist() == ["school", "dormitory", "yes", "yes"]


def write_list(path: Path, **columns: list[object]) -> Source:
    pd.DataFrame(columns).to_csv(path, index=False)
    return Source.of(path)


def test_a_list_joined_by_id(tmp_path: Path) -> None:
    source = write_list(tmp_path / "h.csv", building_id=["b0", "b0", "b9"], 户数=[30, 12, 5], 层数=[6, 7, 1])
    ledger = LeftOut()
    joined = join_register(buildings({}, {}, {"given": 3.0}), read_register(source, None), 30, ledger)
    assert joined["given"].tolist() == [42, 0, 3]
    assert joined["given_basis"].tolist() == ["column", "none", "column"]
    assert joined["floors"].tolist() == [7, 0, 0]
    assert ledger.counts == {
        ("households", "no building of the area with this building_id"): 1,
        ("buildings", "kept without households: not in the list"): 1,
    }


def test_a_list_joined_by_address(tmp_path: Path) -> None:
    source = write_list(tmp_path / "h.csv", blk_no=["1a", "2"], street=["BEACH RD", "BEACH RD"], units=[30, 12])
    table = buildings({"address": "1A Beach Rd."}, {"address": "7 Hill St;2 Beach Rd"}, {"address": ""})
    joined = join_register(table, read_register(source, None), 30, LeftOut())
    assert joined["given"].tolist() == [30, 12, 0]


def test_an_address_shared_by_two_buildings_is_counted_once(tmp_path: Path) -> None:
    source = write_list(tmp_path / "h.csv", address=["1 Beach Rd"], units=[30])
    table = buildings({"address": "1 Beach Rd", "ground": 40.0}, {"address": "1 Beach Rd"})
    assert join_register(table, read_register(source, None), 30, LeftOut())["given"].tolist() == [0, 30]


def test_points_without_a_number_count_one_each(tmp_path: Path) -> None:
    place = buildings({}).to_crs("EPSG:4326").geometry.iloc[0].centroid
    source = write_list(tmp_path / "h.csv", lon=[place.x, place.x, 115.0], lat=[place.y, place.y, 34.0])
    ledger = LeftOut()
    joined = join_register(buildings({}), read_register(source, None), 30, ledger)
    assert joined[["given", "given_basis"]].to_numpy().tolist() == [[2.0, "units"]]
    assert ledger.counts == {("households", "no building of the area within 30 m"): 1}


def test_a_list_that_names_no_building(tmp_path: Path) -> None:
    source = write_list(tmp_path / "h.csv", remark=["x"], households=[3])
    with pytest.raises(InputError, match=r"^h\.csv: nothing joins its rows to buildings \(it has remark, households"):
        read_register(source, None)


def test_a_list_of_another_place(tmp_path: Path) -> None:
    source = write_list(tmp_path / "h.csv", building_id=["x"], address=["9 Elsewhere"], households=[3])
    with pytest.raises(
        InputError,
        match=r"^h\.csv: none of its 1 rows finds a building of the area with this building_id or with ",
    ):
        join_register(buildings({"address": "1 Here"}), read_register(source, None), 30, LeftOut())


def test_a_list_without_the_column_asked_for(tmp_path: Path) -> None:
    source = write_list(tmp_path / "h.csv", building_id=["b0"], flats=[3])
    with pytest.raises(InputError, match=r"^h\.csv: no column 'residents': it has building_id, flats$"):
        read_register(source, "residents")
    assert read_register(source, "FLATS").rows["households"].tolist() == [3]


@given(st.text(max_size=30))
def test_an_address_brought_into_form_stays(text: str) -> None:
    once = same_address(text)
    assert same_address(once) == once
