"""Ours against rivals in one run: read the ratios, not the seconds (`make bench`)."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import shapely

from data.demo_town import draw_town
from gis.coverage.lattice import UNIT_M, segments_of
from gis.coverage.noding import node_segments
from gis.location.index import CellIndex


@pytest.fixture(scope="module")
def lines() -> np.ndarray:
    """Streets, walls and footprints of the demo town."""
    town = draw_town(1)
    layers = (town["streets"], town["barriers"], town["buildings"].boundary)
    return np.concatenate([layer.geometry.to_numpy() for layer in layers])


@pytest.mark.benchmark(group="noding")
def test_noding_ours(benchmark: object, lines: np.ndarray) -> None:
    segments, _ = segments_of(lines)
    strength = np.zeros(len(segments), np.int64)
    node_segments(segments, strength)
    _, edges, _ = benchmark(node_segments, segments, strength)
    assert len(edges) >= len(segments) * 0.9


@pytest.mark.benchmark(group="noding")
def test_noding_geos(benchmark: object, lines: np.ndarray) -> None:
    noded = benchmark(shapely.union_all, lines, grid_size=UNIT_M)
    assert shapely.get_num_geometries(noded) > 1


@pytest.fixture(scope="module")
def points() -> np.ndarray:
    west, south, east, north = draw_town(1)["area"].total_bounds
    return np.random.default_rng(0).uniform((west, south), (east, north), (200_000, 2))


@pytest.mark.benchmark(group="location")
def test_location_ours(benchmark: object, points: np.ndarray) -> None:
    cells = draw_town(1)["communities"]
    index = CellIndex.from_polygons(cells, cells.assign(cells=1))
    found = benchmark(index.locate, points[:, 0], points[:, 1])
    assert (found >= 0).mean() > 0.5


@pytest.mark.benchmark(group="location")
def test_location_strtree(benchmark: object, points: np.ndarray) -> None:
    tree = shapely.STRtree(draw_town(1)["communities"].geometry.to_numpy())
    found, _ = benchmark(tree.query, shapely.points(points), predicate="intersects")
    assert len(found) > 0.5 * len(points)


@pytest.mark.benchmark(group="start")
def test_help_comes_at_once(benchmark: object) -> None:
    wangge = Path(sys.executable).with_name("wangge")
    benchmark(subprocess.run, [wangge, "--help"], check=True, capture_output=True)
