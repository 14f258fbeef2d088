"""The exact plane: noding, faces, rings."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.coverage.faces import plane_of
from gis.coverage.lattice import segments_of, to_lattice, to_metres
from gis.coverage.noding import node_segments
from gis.coverage.rings import polygons_of

NO_STRENGTH = np.zeros(0, np.int64)
points = st.tuples(st.integers(0, 60), st.integers(0, 60))
segment_lists = st.lists(st.tuples(points, points).filter(lambda s: s[0] != s[1]), min_size=1, max_size=40)


def as_segments(pairs: list) -> np.ndarray:
    return np.array([[*a, *b] for a, b in pairs], np.int64)


def crossings(vertices: np.ndarray, edges: np.ndarray) -> int:
    """Pairs of edges that share more than an endpoint, by plain integer arithmetic on all pairs."""
    found = 0
    for i, (a, b) in enumerate(edges):
        for c, d in edges[i + 1 :]:
            line, other = shapely.LineString(vertices[[a, b]]), shapely.LineString(vertices[[c, d]])
            shared = line.intersection(other)
            ends = {tuple(vertices[k]) for k in (a, b)} & {tuple(vertices[k]) for k in (c, d)}
            found += not (shared.is_empty or (shared.geom_type == "Point" and (shared.x, shared.y) in ends))
    return found


def test_a_line_through_the_corner_of_four_squares_comes_to_rest() -> None:
    lines = [[0, 0, 31, 15], [0, 0, 31, 16], [10, 0, 47, 28], [22, 24, 40, 5]]
    vertices, edges, _ = node_segments(np.array(lines, np.int64), np.zeros(4, np.int64))
    assert len(edges) > len(lines)
    assert {(0, 0), (31, 15), (31, 16), (47, 28), (40, 5)} <= {tuple(vertex) for vertex in vertices.tolist()}


@given(segment_lists)
@settings(max_examples=150, deadline=None)
def test_noded_edges_share_nothing_but_endpoints(pairs: list) -> None:
    segments = as_segments(pairs)
    vertices, edges, _ = node_segments(segments, np.zeros(len(segments), np.int64))
    assert crossings(vertices, edges) == 0


@given(segment_lists)
@settings(max_examples=100, deadline=None)
def test_faces_are_those_of_the_noded_lines(pairs: list) -> None:
    segments = as_segments(pairs) * 64
    plane = plane_of(segments, np.zeros(len(segments), np.int64))
    vertices, edges, _ = node_segments(segments, np.zeros(len(segments), np.int64))
    lines = shapely.linestrings(to_metres(vertices[edges]))
    expected = shapely.get_parts(shapely.polygonize(lines))
    assert plane.face_count == len(expected)
    ours = polygons_of(plane, np.arange(plane.face_count), plane.face_count)
    assert shapely.is_valid(ours).all()
    assert np.sort(shapely.area(ours)) == pytest.approx(np.sort(shapely.area(expected)))
    assert plane.double_area.sum() / 2 / 1024**2 == pytest.approx(shapely.area(expected).sum())


def test_the_strongest_of_coinciding_lines_stays() -> None:
    segments = np.array([[0, 0, 100, 0], [100, 0, 0, 0], [0, 0, 50, 0]], np.int64)
    vertices, edges, strength = node_segments(segments, np.array([1, 5, 7]))
    spans = {tuple(sorted(vertices[e, 0])): int(s) for e, s in zip(edges, strength, strict=True)}
    assert spans == {(0, 50): 7, (50, 100): 5}


def test_an_island_lies_in_the_face_around_it() -> None:
    outer, inner, innermost = shapely.box(0, 0, 10, 10), shapely.box(3, 3, 7, 7), shapely.box(4, 4, 5, 5)
    segments, _ = segments_of(np.array([outer, inner, innermost]))
    plane = plane_of(segments, np.zeros(len(segments), np.int64))
    ours = polygons_of(plane, np.arange(3), 3)
    assert sorted(shapely.area(ours)) == [1.0, 15.0, 84.0]
    assert sum(shapely.get_num_interior_rings(ours)) == 2


def test_a_dead_end_bounds_nothing() -> None:
    segments, _ = segments_of(np.array([shapely.box(0, 0, 2, 2), shapely.LineString([(0, 1), (1, 1)])]))
    plane = plane_of(segments, np.zeros(len(segments), np.int64))
    assert plane.face_count == 1
    assert plane.lengths.sum() == 8.0


def test_faces_that_touch_in_a_corner_make_two_parts() -> None:
    squares = np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 1, 2, 2), shapely.box(0, 1, 1, 2)])
    segments, _ = segments_of(squares)
    plane = plane_of(segments, np.zeros(len(segments), np.int64))
    faces = polygons_of(plane, np.arange(3), 3)
    diagonal = np.array([0 if shapely.centroid(f).x == shapely.centroid(f).y else -1 for f in faces])
    both = polygons_of(plane, diagonal, 1)[0]
    assert both.geom_type == "MultiPolygon"
    assert both.is_valid


def test_a_ring_that_touches_itself_becomes_a_hole() -> None:
    cells = np.array([shapely.box(x, y, x + 1, y + 1) for x in range(3) for y in range(3)])
    segments, _ = segments_of(cells)
    plane = plane_of(segments, np.zeros(len(segments), np.int64))
    faces = polygons_of(plane, np.arange(9), 9)
    centre = [shapely.centroid(f).coords[0] for f in faces]
    ring = np.array([0 if c not in {(1.5, 1.5), (2.5, 2.5)} else -1 for c in centre])
    polygon = polygons_of(plane, ring, 1)[0]
    assert polygon.is_valid
    assert polygon.area == 7.0


@given(st.lists(st.floats(-1e7, 1e7), min_size=2, max_size=2))
def test_the_lattice_is_exact_in_metres(xy: list[float]) -> None:
    steps = to_lattice(np.array(xy))
    assert (to_lattice(to_metres(steps)) == steps).all()
    assert np.abs(to_metres(steps) - xy).max() <= 2**-11
