"""Points to cells: exactly one for a point inside, wherever it lies."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from places import CRS, awkward_points, holds, plan_in_china
from tilings import tiling

from gis.coverage.lattice import to_lattice, to_metres
from gis.errors import InputError
from gis.location.index import CellIndex


def voronoi(seed: int, n: int = 40) -> gpd.GeoDataFrame:
    rng = np.random.default_rng(seed)
    area = shapely.box(0, 0, 500, 400)
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.multipoints(rng.uniform(0, 400, (n, 2))), extend_to=area)
    )
    snapped = shapely.set_precision(shapely.MultiPolygon(list(cells)), 1 / 1024, mode="pointwise")
    return layer(shapely.get_parts(snapped))


def layer(shapes: np.ndarray) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"code": np.arange(len(shapes)).astype(str)}, geometry=shapes, crs=CRS)


@given(st.integers(0, 1000))
def test_points_inside_are_found_as_overlay_finds_them(seed: int) -> None:
    cells = voronoi(seed)
    index = CellIndex.from_polygons(cells)
    xy = to_metres(to_lattice(np.random.default_rng(seed).uniform(-100, 600, (300, 2))))
    found = index.locate(xy[:, 0], xy[:, 1])
    tree = shapely.STRtree(cells.geometry.to_numpy())
    point, cell = tree.query(shapely.points(xy), predicate="within")
    assert (found[point] == cell).all()
    beyond = shapely.disjoint(shapely.union_all(cells.geometry), shapely.points(xy))
    assert (found[beyond] == -1).all()


@pytest.mark.parametrize("angle", [0.0, 0.3])
def test_vertices_edges_and_near_misses_are_found_as_whole_numbers_say(angle: float) -> None:
    shapes = tiling(30, 30, 8, seed=2, angle=angle)
    index = CellIndex.from_polygons(layer(shapes))
    x, y = awkward_points(shapes, 300_000, seed=1)
    found = index.locate(x, y)
    inside = found >= 0
    assert 0.8 < inside.mean() < 1
    assert holds(shapes, found[inside], x[inside], y[inside]).all()
    point, cell = shapely.STRtree(shapes).query(shapely.points(x[~inside], y[~inside]), predicate="dwithin", distance=1)
    assert not holds(shapes, cell, x[~inside][point], y[~inside][point]).any()
    some = slice(0, 2000)
    assert [index.locate_one(*point) for point in zip(x[some], y[some], strict=True)] == found[some].tolist()


def test_a_point_on_a_border_lies_in_exactly_one_cell() -> None:
    cells = layer(np.array([shapely.box(x, y, x + 1, y + 1) for y in (0, 1) for x in (0, 1)]))
    x, y = np.array([1.0, 1.0, 0.5, 0.0, 2.0]), np.array([0.5, 1.0, 1.0, 0.0, 2.0])
    assert CellIndex.from_polygons(cells).locate(x, y).tolist() == [1, 3, 2, 0, -1]


def test_edges_a_step_apart_are_told_apart() -> None:
    # Three triangles that meet in one point, with borders so flat that they lie within one step of each other for long.
    step = 1 / 1024
    wide = 2000.0
    shapes = np.array(
        [
            shapely.Polygon([(0, 0), (wide, 0), (wide, 2 * step)]),
            shapely.Polygon([(0, 0), (wide, 2 * step), (wide, 3 * step)]),
            shapely.Polygon([(0, 0), (wide, 3 * step), (0, 10)]),
        ]
    )
    index = CellIndex.from_polygons(layer(shapes))
    x = np.repeat(np.linspace(0, wide, 1001), 5)
    y = np.tile(np.arange(5) * step, 1001)
    found = index.locate(x, y)
    inside = found >= 0
    assert set(found) == {-1, 0, 1, 2}
    assert holds(shapes, found[inside], x[inside], y[inside]).all()


@given(st.integers(0, 200), st.floats(-50, 550), st.floats(-50, 450))
def test_the_nearest_border_is_that_of_the_cell(seed: int, x: float, y: float) -> None:
    cells = voronoi(seed, 20)
    index = CellIndex.from_polygons(cells)
    distance, east, west = index.border(np.array([x]), np.array([y]))
    (row,) = index.locate(np.array([x]), np.array([y]))
    borders = shapely.boundary(cells.geometry.to_numpy())
    assert distance[0] == pytest.approx(shapely.distance(borders, shapely.Point(x, y)).min(), abs=0.002)
    if row >= 0:
        assert row in (east[0], west[0])
    near, _, _ = index.border(np.array([x]), np.array([y]), reach_m=distance[0] / 2)
    assert near[0] == np.inf or distance[0] == 0


def test_what_is_no_place_lies_nowhere() -> None:
    index = CellIndex.from_plan(plan_in_china())
    odd = np.array([np.nan, np.inf, -np.inf, 1e300, -1e18, 0.0])
    assert index.locate(odd, odd).tolist() == [-1] * 6
    assert index.locate(np.full(6, 500_100.0), odd).tolist() == [-1] * 6
    assert np.isinf(index.border(odd, odd, reach_m=50)[0]).all()


def test_the_index_knows_every_level_and_who_shares_a_ground() -> None:
    grounds = CellIndex.from_plan(plan_in_china()).grounds
    assert grounds.to_dict("list") == {"code": ["g101", "g201"], "cells": [1, 2], "grid": ["g1", "g2"]}


def test_a_saved_index_answers_the_same_without_being_read(tmp_path: Path) -> None:
    shapes = tiling(10, 10, 3)
    index = CellIndex.from_polygons(layer(shapes))
    index.save(tmp_path / "index.npy")
    opened = CellIndex.open(tmp_path / "index.npy")
    x, y = awkward_points(shapes, 1000, seed=3)
    assert (opened.locate(x, y) == index.locate(x, y)).all()
    assert opened.grounds.equals(index.grounds)
    assert isinstance(opened.compiled[2].base, np.memmap) or isinstance(opened.compiled[2].base.base, np.memmap)


@pytest.mark.parametrize("content", [b"", b"no index", b"\x93NUMPY\x01\x00"])
def test_what_is_no_index_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "index.npy").write_bytes(content)
    with pytest.raises(InputError, match="not an index of cells"):
        CellIndex.open(tmp_path / "index.npy")


def test_a_damaged_index_is_refused(tmp_path: Path) -> None:
    CellIndex.from_plan(plan_in_china()).save(tmp_path / "index.npy")
    whole = bytearray((tmp_path / "index.npy").read_bytes())
    for at in range(11, len(whole), max(1, len(whole) // 200)):
        damaged = whole.copy()
        damaged[at] ^= 0x55
        (tmp_path / "damaged.npy").write_bytes(damaged)
        try:
            opened = CellIndex.open(tmp_path / "damaged.npy")
        except InputError:
            continue
        # What is not looked at may be damaged: the padding of the header.
        assert opened.locate(np.array([500_100.0]), np.array([4_200_100.0])).tolist() == [0]


def test_at_a_corner_the_border_of_the_own_cell_is_named() -> None:
    cells = layer(np.array([shapely.box(x, y, x + 1, y + 1) for y in (0, 1) for x in (0, 1)]))
    index = CellIndex.from_polygons(cells)
    x, y = np.array([1.0, 1.001, 0.999, 0.999]), np.array([1.0, 1.001, 0.999, 1.001])
    _, east, west = index.border(x, y)
    own = index.locate(x, y)
    assert ((east == own) | (west == own)).all()


def test_coverages_that_cannot_be_indexed_are_refused() -> None:
    with pytest.raises(InputError, match="empty"):
        CellIndex.from_polygons(layer(np.array([shapely.Polygon()])))
    with pytest.raises(InputError, match="km wide"):
        CellIndex.from_polygons(layer(np.array([shapely.box(0, 0, 3e6, 1)])))
