"""Buildings and households: each in one cell."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from tilings import CRS, layer, squares

from gis.coverage.check import check
from gis.errors import InputError

box = shapely.box


def occupied() -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, pd.DataFrame]:
    cells = layer(squares(2))
    buildings = gpd.GeoDataFrame(
        {"building_id": ["a", "b"], "households": [10, 20], "cell_code": ["c0", None]},
        geometry=[box(10, 10, 30, 30), box(100, 0, 130, 30)],
        crs=CRS,
    )
    dwellings = pd.DataFrame(
        {
            "building_id": ["a", "b", "b"],
            "entrance": [None, "1", "1"],
            "floor_from": [1, 1, 5],
            "floor_to": [6, 4, 9],
            "households": [10, 8, 12],
            "cell_code": ["c0", "c1", "c1"],
        }
    )
    return cells, buildings, dwellings


def found(buildings: gpd.GeoDataFrame, dwellings: pd.DataFrame) -> list[str]:
    return check(occupied()[0], buildings=buildings, dwellings=dwellings).defects["suggestion"].tolist()


def test_a_building_may_touch_a_border() -> None:
    _, buildings, dwellings = occupied()
    assert found(buildings, dwellings) == []


@pytest.mark.parametrize(
    ("shape", "code", "said"),
    [
        (box(80, 10, 120, 30), "c0", "Building a stands in 2 cells."),
        (box(500, 10, 520, 30), "c0", "Building a stands in no cell."),
        (box(10, 10, 30, 30), "c3", "Building a is listed under 'c3', where it does not stand."),
        (box(10, 10, 30, 30), "zzz", "Building a is listed under 'zzz', where it does not stand."),
    ],
)
def test_a_building_belongs_to_one_cell(shape: shapely.Polygon, code: str, said: str) -> None:
    _, buildings, dwellings = occupied()
    buildings.loc[0, "geometry"] = shape
    buildings.loc[0, "cell_code"] = code
    assert any(text.startswith(said) for text in found(buildings, dwellings))


@pytest.mark.parametrize(
    ("row", "column", "value", "said"),
    [
        (1, "cell_code", None, "Households of building b are in no cell."),
        (1, "cell_code", "zzz", "Households of building b are in no cell."),
        (1, "floor_to", 5, "Floors of building b are listed twice."),
        (1, "households", 7, "Building b has 20 households, and 19 are listed."),
    ],
)
def test_households_belong_to_one_cell(row: int, column: str, value: object, said: str) -> None:
    _, buildings, dwellings = occupied()
    dwellings.loc[row, column] = value
    assert any(text.startswith(said) for text in found(buildings, dwellings))


def test_what_is_lost_or_doubled_is_told() -> None:
    _, buildings, dwellings = occupied()
    said = found(buildings.iloc[:1], dwellings)
    assert any(text.startswith("Households are listed for building b, which is not there.") for text in said)
    again = pd.concat([buildings, buildings.iloc[:1]], ignore_index=True)
    assert any(text.startswith("Building a is there twice.") for text in found(again, dwellings))
    bare = buildings.set_geometry([None, buildings.geometry.iloc[1]], crs=CRS)
    assert any(text.startswith("Building a has no geometry.") for text in found(bare, dwellings))
    with pytest.raises(InputError, match="dwellings: no column 'entrance'"):
        found(buildings, dwellings.drop(columns="entrance"))
