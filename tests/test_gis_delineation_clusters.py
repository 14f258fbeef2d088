"""Triangles, lines between buildings, and the clusters that those lines are drawn between."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import Delaunay

from gis.coverage.lattice import to_metres
from gis.delineation.clusters import clusters_of
from gis.delineation.delaunay import triangulate
from gis.delineation.gaps import gap_lines, outlines_of, ridges_of
from gis.delineation.nearest import nearest_in_group
from gis.delineation.settle import symmetric

FAR = 4000
places = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=1, max_size=60, unique=True)


def between_corners(points: list) -> np.ndarray:
    return np.array([(-FAR, -FAR), (-FAR, FAR), *sorted(points), (FAR, -FAR), (FAR, FAR)], np.int64)


@given(places)
@settings(max_examples=150, deadline=None)
def test_triangles_fill_the_square_and_no_circle_holds_a_point(points: list) -> None:
    xy = between_corners(points)
    corner, twin = triangulate(xy)
    triangles = xy[corner.reshape(-1, 3)]
    (ax, ay), (bx, by), (cx, cy) = np.moveaxis(triangles, 0, -1)
    double = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    assert (double > 0).all()
    assert double.sum() == 2 * (2 * FAR) ** 2
    inner = np.flatnonzero(twin >= 0)
    assert (twin[twin[inner]] == inner).all()
    assert (corner[twin[inner]] == corner[inner // 3 * 3 + (inner + 1) % 3]).all()
    for triangle in triangles:
        assert not any(in_circle(*triangle.tolist(), p) for p in xy.tolist())


def in_circle(a: list, b: list, c: list, d: list) -> bool:
    """Whole numbers of any size: no doubt."""
    (ax, ay), (bx, by), (cx, cy) = ((p[0] - d[0], p[1] - d[1]) for p in (a, b, c))
    aa, bb, cc = ax * ax + ay * ay, bx * bx + by * by, cx * cx + cy * cy
    return aa * (bx * cy - by * cx) + bb * (cx * ay - cy * ax) + cc * (ax * by - ay * bx) > 0


def test_triangles_are_those_of_qhull() -> None:
    rng = np.random.default_rng(0)
    points = np.unique(rng.integers(0, 2**20, (2000, 2)), axis=0)
    xy = between_corners([])
    xy = np.concatenate([xy[:2] * 1000, points, xy[2:] * 1000])
    ours = np.sort(triangulate(xy)[0].reshape(-1, 3), axis=1)
    theirs = np.sort(Delaunay(xy).simplices, axis=1)
    assert {tuple(t) for t in ours.tolist()} == {tuple(t) for t in theirs.tolist()}


@given(st.integers(0, 10_000), st.integers(1, 12), st.integers(2, 120))
@settings(max_examples=100, deadline=None)
def test_clusters_are_connected_of_one_home_and_not_too_heavy(seed: int, heaviest: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    xy = rng.uniform(0, 300, (n, 2))
    first, second = Delaunay(np.concatenate([xy, [[-999, -999], [999, -999], [0, 999]]])).simplices[:, :2].T
    inner = (first < n) & (second < n)
    graph = symmetric(first[inner], second[inner], np.ones(int(inner.sum())), n)
    weight, home = rng.integers(1, 6, n), (xy[:, 0] > 150).astype(np.int64)
    cluster = clusters_of(graph, weight, home, xy, heaviest)
    assert (cluster[cluster] == cluster).all()
    assert (home[cluster] == home).all()
    total = np.bincount(cluster, weight, minlength=n)
    several = np.bincount(cluster, minlength=n) > 1
    assert (total[several] <= heaviest).all()
    rows, columns = graph.nonzero()
    same = cluster[rows] == cluster[columns]
    within = coo_array((np.ones(int(same.sum())), (rows[same], columns[same])), shape=(n, n))
    assert connected_components(within, directed=False)[0] == len(np.unique(cluster))
    # Nothing is left that could still be joined.
    apart = (home[rows] == home[columns]) & ~same
    assert (total[cluster[rows[apart]]] + total[cluster[columns[apart]]] > heaviest).all()


def test_the_nearest_are_joined_first() -> None:
    xy = np.array([[0, 0], [10, 0], [30, 0], [40, 0]], float)
    chain = symmetric(np.array([0, 1, 2]), np.array([1, 2, 3]), np.ones(3), 4)
    cluster = clusters_of(chain, np.ones(4, np.int64), np.zeros(4, np.int64), xy, 2)
    assert cluster[0] == cluster[1] != cluster[2] == cluster[3]


def row_of_houses(gap: float) -> tuple[np.ndarray, np.ndarray]:
    houses = np.array([shapely.box(20 + k * (10 + gap), 20, 30 + k * (10 + gap), 32) for k in range(4)])
    return houses, np.array([shapely.box(0, 0, 50 + 4 * (10 + gap), 60)])


@pytest.mark.parametrize("gap", [0.4, 4.0, 30.0])
def test_a_face_is_divided_between_clusters_along_their_gap(gap: float) -> None:
    houses, face = row_of_houses(gap)
    owner, nowhere = np.arange(4), np.zeros(4, np.int64)
    ridges = ridges_of(outlines_of(houses, owner, nowhere), face)
    assert {tuple(sorted(pair)) for pair in ridges.owners.tolist()} == {(0, 1), (1, 2), (2, 3)}
    lines, crossed = gap_lines(ridges, np.array([0, 0, 2, 2]), face, houses)
    assert not crossed.any()
    (west, east) = sorted(shapely.get_parts(shapely.ops.split(face[0], shapely.line_merge(lines)[0])), key=left_of)
    assert west.covers(shapely.union_all(houses[:2]))
    assert east.covers(shapely.union_all(houses[2:]))


def left_of(polygon: shapely.Polygon) -> float:
    return polygon.bounds[0]


def test_a_line_through_a_footprint_says_so() -> None:
    houses = np.array([shapely.box(20, 20, 30, 30), shapely.box(30, 20, 40, 40)])
    face = np.array([shapely.box(0, 0, 60, 60)])
    ridges = ridges_of(outlines_of(houses, np.arange(2), np.zeros(2, np.int64)), face)
    _, crossed = gap_lines(ridges, np.arange(2), face, houses)
    assert crossed.any()


def test_nothing_to_divide_gives_no_line() -> None:
    houses, face = row_of_houses(4.0)
    ridges = ridges_of(outlines_of(houses[:0], np.empty(0, np.int64), np.empty(0, np.int64)), face)
    lines, crossed = gap_lines(ridges, np.arange(4), face, houses)
    assert not len(lines)
    assert not crossed.any()


def test_outlines_are_sampled_ring_by_ring() -> None:
    court = shapely.box(0, 0, 30, 30).difference(shapely.box(10, 10, 20, 20))
    two = shapely.MultiPolygon([shapely.box(50, 0, 53, 3), shapely.box(60, 0, 63, 3)])
    made = np.array([court, two, shapely.Point(70, 5)])
    outlines = outlines_of(made, np.array([7, 8, 9]), np.zeros(3, np.int64))
    points = shapely.points(to_metres(outlines.steps))
    for shape, owner in zip(made, (7, 8, 9), strict=True):
        own = points[outlines.owner == owner]
        rim = shape if shape.geom_type == "Point" else shape.boundary
        assert shapely.distance(rim, own).max() < 0.01
        assert len(np.unique(shapely.to_wkb(own))) == len(own)
        assert shapely.hausdorff_distance(rim, shapely.multipoints(own), densify=0.02) <= 2.1


@given(st.integers(0, 10_000))
@settings(max_examples=50, deadline=None)
def test_the_nearest_is_sought_in_the_own_group_only(seed: int) -> None:
    rng = np.random.default_rng(seed)
    xy, group = rng.uniform(0, 9, (30, 2)), rng.integers(0, 4, 30)
    asked, asked_group = rng.uniform(0, 9, (10, 2)), rng.integers(0, 6, 10)
    row, distance = nearest_in_group(xy, group, asked, asked_group)
    away = np.where(group == asked_group[:, None], np.hypot(*(asked[:, None] - xy).T).T, np.inf)
    assert distance == pytest.approx(away.min(axis=1))
    known = np.isfinite(distance)
    assert (row[known] == away.argmin(axis=1)[known]).all()
    assert (row[~known] == -1).all()
