"""Shapes come back from their steps to a millionth of a degree."""

import geopandas as gpd
import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from maps.codec import Grid

AREA = gpd.GeoDataFrame({"code": ["a"]}, geometry=[shapely.box(540_000, 4_214_000, 542_000, 4_216_000)], crs=4547)
GRID = Grid(AREA)
EXACT = 0.51e-6


@given(hnp.arrays(np.float64, st.tuples(st.integers(1, 30), st.just(2)), elements=st.floats(-3000, 3000)))
def test_points_come_back(offsets: np.ndarray) -> None:
    points = offsets + np.array([541_000, 4_215_000])
    back = np.cumsum(np.reshape(GRID.points(points), (-1, 2)), axis=0) * 1e-6 + GRID.origin
    assert np.abs(back - GRID.degrees(points)).max() <= EXACT


def test_rings_are_counted_without_their_closing_point_and_in_the_order_of_shapes() -> None:
    hole = shapely.box(540_000, 4_214_000, 540_100, 4_214_100).difference(
        shapely.box(540_020, 4_214_020, 540_050, 4_214_050)
    )
    line = shapely.LineString([(540_000, 4_214_000), (540_500, 4_214_500), (540_600, 4_214_900)])
    two = shapely.MultiPolygon([shapely.box(540_000, 4_214_000, 540_010, 4_214_010), hole])
    empty = shapely.Polygon()
    found = GRID.lines(np.array([line, two, empty, hole], dtype=object))
    assert found["parts"].tolist() == [1, 3, 0, 2]
    assert sorted(found["sizes"][1:4]) == [4, 4, 4]
    assert found["sizes"][0] == 3
    assert len(found["steps"]) == 2 * sum(found["sizes"])


def test_no_shapes_are_no_steps() -> None:
    assert [len(column) for column in GRID.lines(np.empty(0, dtype=object)).values()] == [0, 0, 0]
