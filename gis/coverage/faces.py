"""Faces of a noded plane: every edge knows the face on its left and on its right."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis.arrays import Bools, Floats, Ints
from gis.compiled import compiled
from gis.coverage.buckets import buckets_of
from gis.coverage.lattice import to_metres
from gis.coverage.noding import node_segments

OUTSIDE = -1


@dataclass(frozen=True)
class Plane:
    """A planar partition on the lattice.

    Attributes
    ----------
    vertices : (v, 2) int64
        Lattice steps.
    edges : (e, 2) int64
        Vertex numbers.
    strength : (e,) int64
        What each edge is worth as a boundary (`gis.barriers.Barrier`).
    left, right : (e,) int64
        Face on either side, looking from the first vertex to the second; -1 is the unbounded outside.
    double_area : (f,) int64
        Twice the area of each face in square steps, holes taken out.
    """

    vertices: Ints
    edges: Ints
    strength: Ints
    left: Ints
    right: Ints
    double_area: Ints

    @property
    def lengths(self) -> Floats:
        """Length of each edge in metres."""
        ends = to_metres(self.vertices[self.edges[:, 1]] - self.vertices[self.edges[:, 0]])
        return np.hypot(ends[:, 0], ends[:, 1])

    @property
    def face_count(self) -> int:
        """Number of bounded faces."""
        return len(self.double_area)


def plane_of(segments: Ints, strength: Ints) -> Plane:
    """Node segments and find the faces between them.

    Parameters
    ----------
    segments : (n, 4) int64
        x0, y0, x1, y1 in lattice steps (`gis.coverage.lattice.segments_of`).
    strength : (n,) int64

    Returns
    -------
    Plane
        Without dead ends: an edge with the same face on both sides bounds nothing.
    """
    return plane_between(*node_segments(segments, strength))


def plane_between(vertices: Ints, edges: Ints, strength: Ints) -> Plane:
    """Find the faces between edges that share nothing but their ends (`gis.coverage.noding.node_segments`)."""
    kept = _without_dead_ends(len(vertices), edges)
    edges, strength = edges[kept], strength[kept]
    used, flat = np.unique(edges, return_inverse=True)
    vertices, edges = vertices[used], flat.reshape(-1, 2)
    cycle, _ = cycles_of(vertices, edges)
    double = cycle_areas(vertices, edges, cycle)
    face = _faces_of_cycles(vertices, edges, cycle, double)
    left, right = face[cycle[0::2]], face[cycle[1::2]]
    area = np.zeros(int(face.max(initial=OUTSIDE)) + 1, np.int64)
    inner = face >= 0
    np.add.at(area, face[inner], double[inner])
    bounds = left != right
    return Plane(vertices, edges[bounds], strength[bounds], left[bounds], right[bounds], area)


def joined_faces(plane: Plane, across: Bools) -> Ints:
    """Join faces that have some edge between them.

    Parameters
    ----------
    plane
        The planar partition.
    across : (e,) bool
        Edges that join the faces on their sides.

    Returns
    -------
    (f + 1,) int64
        Heap of each face, and of the outside.
    """
    outside = plane.face_count
    left, right = (np.where(side == OUTSIDE, outside, side)[across] for side in (plane.left, plane.right))
    graph = coo_array((np.ones(len(left), np.int8), (left, right)), shape=(outside + 1, outside + 1))
    return np.asarray(connected_components(graph, directed=False)[1], np.int64)


def cycles_of(vertices: Ints, edges: Ints) -> tuple[Ints, Ints]:
    """Find the cycles that keep their face on the left.

    Half-edge 2i runs along edge i, half-edge 2i + 1 against it.

    Returns
    -------
    cycle : (2e,) int64
        Cycle of each half-edge.
    walk : (2e,) int64
        Half-edges in the order in which the cycles run, cycle after cycle.
    """
    return _follow(_next_half_edges(vertices, edges))


def _next_half_edges(vertices: Ints, edges: Ints) -> Ints:
    """For each half-edge the one that follows it around the face on its left."""
    origin = edges.ravel()
    target = edges[:, ::-1].ravel()
    step = vertices[target] - vertices[origin]
    # Safe in float64: noded edges at a vertex are at least half a step apart at the nearer end.
    angle = np.arctan2(step[:, 1].astype(np.float64), step[:, 0].astype(np.float64))
    degree = np.bincount(origin, minlength=len(vertices))
    first = np.cumsum(degree) - degree
    around, place = _sort_around(origin, angle, first)
    twin = np.arange(len(origin)) ^ 1
    at = origin[twin]
    clockwise = first[at] + (place[twin] - first[at] - 1) % np.maximum(degree[at], 1)
    return around[clockwise]


@compiled
def _sort_around(origin: Ints, angle: Floats, first: Ints) -> tuple[Ints, Ints]:
    """Half-edges vertex by vertex, counter-clockwise at each, and the place of each in that order."""
    around, place = np.empty(len(origin), np.int64), np.empty(len(origin), np.int64)
    end = first.copy()
    for half in range(len(origin)):
        vertex = origin[half]
        at = end[vertex]
        while at > first[vertex] and angle[around[at - 1]] > angle[half]:
            around[at] = around[at - 1]
            at -= 1
        around[at] = half
        end[vertex] += 1
    for at in range(len(around)):
        place[around[at]] = at
    return around, place


def cycle_areas(vertices: Ints, edges: Ints, cycle: Ints) -> Ints:
    """Twice the signed area of each cycle: positive around a face, negative around what lies outside a cluster."""
    local = vertices - vertices.min(axis=0) if len(vertices) else vertices
    a, b = local[edges[:, 0]], local[edges[:, 1]]
    cross = a[:, 0] * b[:, 1] - b[:, 0] * a[:, 1]
    double = np.zeros(int(cycle.max(initial=-1)) + 1, np.int64)
    np.add.at(double, cycle[0::2], cross)
    np.add.at(double, cycle[1::2], -cross)
    return double


@compiled
def _follow(following: Ints) -> tuple[Ints, Ints]:
    cycle = np.full(len(following), -1, np.int64)
    walk = np.empty(len(following), np.int64)
    count = at = 0
    for start in range(len(following)):
        if cycle[start] >= 0:
            continue
        half = start
        while cycle[half] < 0:
            cycle[half] = count
            walk[at] = half
            at += 1
            half = following[half]
        count += 1
    return cycle, walk


def _without_dead_ends(vertex_count: int, edges: Ints) -> Ints:
    """Rows of the edges that are left when edges with a free end are taken away again and again."""
    kept = np.arange(len(edges))
    while len(kept):
        degree = np.bincount(edges[kept].ravel(), minlength=vertex_count)
        tied = (degree[edges[kept]] > 1).all(axis=1)
        if tied.all():
            break
        kept = kept[tied]
    return kept


def _faces_of_cycles(vertices: Ints, edges: Ints, cycle: Ints, double: Ints) -> Ints:
    """Give each cycle its face: a positive one its own, the rim of a cluster the face around the cluster."""
    face = np.full(len(double), OUTSIDE, np.int64)
    positive = double > 0
    face[positive] = np.arange(int(positive.sum()))
    rims = np.flatnonzero(~positive)
    if len(rims) <= 1:
        return face
    leftmost = _leftmost_vertices(vertices, edges, cycle, rims)
    around = _cycles_left_of(vertices, edges, cycle, leftmost)
    for k in np.lexsort((vertices[leftmost, 1], vertices[leftmost, 0])):
        if around[k] != OUTSIDE:
            face[rims[k]] = face[around[k]]
    return face


def _leftmost_vertices(vertices: Ints, edges: Ints, cycle: Ints, rims: Ints) -> Ints:
    origin = edges.ravel()
    half = np.flatnonzero(np.isin(cycle, rims))
    order = np.lexsort((vertices[origin[half], 1], vertices[origin[half], 0], cycle[half]))
    half = half[order]
    first = np.searchsorted(cycle[half], rims)
    return origin[half[first]]


def _cycles_left_of(vertices: Ints, edges: Ints, cycle: Ints, start: Ints) -> Ints:
    """Look west from vertices: the cycle whose face is met first, or -1."""
    local = vertices - vertices.min(axis=0)
    segments = local[edges].reshape(-1, 4)
    half = _look_west(segments, local[start], *buckets_of(segments))
    return np.where(half >= 0, cycle[half], OUTSIDE)


@compiled
def _look_west(segments: Ints, points: Ints, first: Ints, member: Ints, size: int, rows: int) -> Ints:
    """Half-edge whose left side is met first when going west from each point, or -1."""
    found = np.full(len(points), -1, np.int64)
    for k in range(len(points)):
        x, y = points[k]
        best = -1.0
        for column in range(x // size, -1, -1):
            bucket = (column + 1) * rows + y // size + 1
            for at in range(first[bucket], first[bucket + 1]):
                ax, ay, bx, by = segments[member[at]]
                if (ay <= y) == (by <= y):
                    continue
                crossing = ax + (bx - ax) * ((y - ay) / (by - ay))
                touches = (ax == x and ay == y) or (bx == x and by == y)
                if best < crossing < x and not touches:
                    best = crossing
                    # East of a rising edge lies its right side, which is the left of the half-edge against it.
                    found[k] = 2 * member[at] + (by > ay)
            if best >= column * size:
                break
    return found
