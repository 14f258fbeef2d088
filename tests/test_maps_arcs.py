"""The borders of cells as arcs: each once, with its two sides; every cell can be put together from them again."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from tilings import squares, tiling

from maps.arcs import FINEST, OUTSIDE, Arcs, arcs_of

LATITUDE = 38.0
CLOSEST_M = 0.5


def twice_area(arcs: Arcs, row: int) -> float:
    """Sum up what the arcs around a polygon enclose, each walked with the polygon on its left."""
    total, first = 0.0, np.append(0, np.cumsum(arcs.sizes))
    for k, (left, right) in enumerate(zip(arcs.left, arcs.right, strict=True)):
        x, y = (arcs.xy[first[k] : first[k + 1]] - arcs.xy.min(axis=0)).T
        enclosed = float(x[:-1] @ y[1:] - x[1:] @ y[:-1])
        total += enclosed * (int(left == row) - int(right == row))
    return total


@st.composite
def coverages(draw: st.DrawFn) -> list[shapely.Geometry]:
    """Tilings of which some cells are put together: holes, islands and parts that hang together by a corner."""
    cells = tiling(
        draw(st.integers(1, 4)), draw(st.integers(1, 4)), cuts=draw(st.integers(1, 5)), seed=draw(st.integers(0, 99))
    )
    owner = np.array(draw(st.lists(st.integers(0, 3), min_size=len(cells), max_size=len(cells))))
    return [shapely.coverage_union_all(cells[owner == k]) for k in np.unique(owner)]


@given(coverages())
def test_cells_are_put_together_from_arcs(cells: list[shapely.Geometry]) -> None:
    arcs = arcs_of(np.array(cells, dtype=object), LATITUDE)
    assert (arcs.left != arcs.right).all()
    for row, cell in enumerate(cells):
        assert twice_area(arcs, row) / 2 == pytest.approx(cell.area, abs=CLOSEST_M * cell.length)
    whole = shapely.coverage_union_all(cells)
    assert -twice_area(arcs, OUTSIDE) / 2 == pytest.approx(whole.area, abs=CLOSEST_M * whole.length)


@given(coverages())
def test_every_border_is_an_arc_once(cells: list[shapely.Geometry]) -> None:
    arcs = arcs_of(np.array(cells, dtype=object), LATITUDE)
    ends = [tuple(sorted(map(tuple, edge))) for edge in edges(arcs)]
    assert len(ends) == len(set(ends))


def edges(arcs: Arcs) -> list[list[list[float]]]:
    lines = np.split(arcs.xy, np.cumsum(arcs.sizes)[:-1])
    return [[a, b] for line in lines for a, b in zip(line[:-1].tolist(), line[1:].tolist(), strict=True)]


def test_borders_meet_at_every_zoom_level_and_are_straight_when_far_away() -> None:
    arcs = arcs_of(tiling(6, 6, cuts=8), LATITUDE)
    last = np.cumsum(arcs.sizes) - 1
    first = np.append(0, last[:-1] + 1)
    assert arcs.zoom[first].max() < FINEST
    assert arcs.zoom[last].max() < FINEST
    counts = [int((arcs.zoom <= zoom).sum()) for zoom in (10, 12, 14, 16, FINEST)]
    assert counts == sorted(counts)
    assert counts[0] == pytest.approx(2 * len(arcs.sizes), abs=8)
    assert counts[-1] == len(arcs.xy) > 3 * counts[0]


def test_an_island_is_one_closed_arc() -> None:
    land, island = shapely.box(0, 0, 300, 300), shapely.box(100, 100, 200, 200)
    arcs = arcs_of(np.array([land.difference(island), island], dtype=object), LATITUDE)
    first = np.append(0, np.cumsum(arcs.sizes))
    assert len(arcs.sizes) == 2
    assert all((arcs.xy[first[k]] == arcs.xy[first[k + 1] - 1]).all() for k in range(2))
    assert {frozenset(pair) for pair in zip(arcs.left.tolist(), arcs.right.tolist(), strict=True)} == {
        frozenset({0, 1}),
        frozenset({0, OUTSIDE}),
    }


def test_no_cells_have_no_arcs() -> None:
    assert len(arcs_of(np.array(squares(1), dtype=object)[:0], LATITUDE).sizes) == 0
