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


@pytest.mark.benchmark(group="start")
def test_help_comes_at_once(benchmark: object) -> None:
    wangge = Path(sys.executable).with_name("wangge")
    benchmark(subprocess.run, [wangge, "--help"], check=True, capture_output=True)
