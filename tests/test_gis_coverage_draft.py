"""Edits: accepted exactly where the cells go on being a coverage."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from tilings import layer, squares, tiling

from gis.coverage.check import check
from gis.coverage.draft import Draft
from gis.coverage.lattice import UNIT_M
from gis.errors import CoverageError

box = shapely.box


def draft(shapes: list) -> Draft:
    return Draft([f"c{k}" for k in range(len(shapes))], np.array(shapes, dtype=object))


def test_a_merge_keeps_the_vertices_of_its_neighbours() -> None:
    cells = draft(squares())
    refusal = cells.refuse({"c0": box(0, 0, 200, 100), "c1": None})
    assert refusal is not None
    assert "edges differ" in refusal.reason
    both = shapely.coverage_union_all([cells["c0"], cells["c1"]])
    cells.apply({"c0": both, "c1": None})
    assert len(cells) == 8
    # Divided again along another line: its ends have to be vertices of the neighbours.
    left = polygon((0, 0), (100, 0), (130, 50), (100, 100), (0, 100))
    right = polygon((100, 0), (200, 0), (200, 100), (100, 100), (130, 50))
    cells.apply({"c0": left, "new": right})
    assert cells.near(0, 0, 300, 90) == ["c0", "c2", "new"]


def polygon(*xy: tuple[float, float]) -> shapely.Polygon:
    return shapely.Polygon(xy)


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        ({"c4": box(100, 100, 199, 200)}, "edges differ"),
        ({"c4": None}, "edges differ"),
        ({"new": box(0, 0, 10, 10)}, "edges differ"),
        ({"c4": polygon((100, 100), (200, 200), (200, 100), (100, 200))}, "Self-intersection"),
        ({"c4": shapely.Polygon()}, "no polygon is drawn"),
        ({"c4": shapely.LineString([(0, 0), (1, 1)])}, "no polygon is drawn"),
        ({"nosuch": None}, "is not there"),
        (
            {"c0": shapely.MultiPolygon([squares()[0], squares()[8]]), "c8": None},
            "in several parts",
        ),
    ],
)
def test_what_would_break_the_coverage_is_refused(edit: dict, reason: str) -> None:
    cells = draft(squares())
    refusal = cells.refuse(edit)
    assert refusal is not None
    assert reason in refusal.reason
    with pytest.raises(CoverageError):
        cells.apply(edit)
    assert cells.near(0, 0, 300, 300) == [f"c{k}" for k in range(9)]
    assert shapely.equals_identical(cells["c4"], squares()[4])


def test_a_declared_exclave_may_be_in_parts() -> None:
    cells = Draft([f"c{k}" for k in range(9)], np.array(squares(), dtype=object), exclaves=["c0"])
    assert cells.refuse({"c0": shapely.MultiPolygon([squares()[0], squares()[8]]), "c8": None}) is None


@given(st.integers(0, 10**6))
@settings(max_examples=30, deadline=None)
def test_after_any_accepted_edits_the_cells_are_certified(seed: int) -> None:
    rng = np.random.default_rng(seed)
    cells = draft(list(tiling(6, 6, seed=seed)))
    accepted = 0
    for _ in range(30):
        code = str(rng.choice(sorted(cells.polygons())))
        others = [c for c in cells.near(*cells[code].bounds) if c != code]
        other = str(rng.choice(others))
        shape = shapely.coverage_union_all([cells[code], cells[other]])
        moved = shape.geom_type == "Polygon" and rng.random() < 0.3
        if moved:
            xy = shapely.get_coordinates(shape.exterior)[:-1]
            xy[rng.integers(len(xy))] += UNIT_M
            shape = shapely.Polygon(xy)
        edit = {code: shape, other: None}
        assert not (moved and cells.refuse(edit) is None)
        if cells.refuse(edit) is None:
            cells.apply(edit)
            accepted += 1
        left = cells.polygons()
        assert check(layer([*left.values()])).certificate.valid
        tree = shapely.STRtree([*left.values()])
        found = tree.query(box(150, 150, 160, 160))
        assert cells.near(150, 150, 160, 160) == sorted(list(left)[k] for k in found)
    assert accepted
