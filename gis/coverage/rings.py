"""Polygons of sets of faces, taken from the shared edges: neighbours get the same vertices, bit for bit."""

from typing import Any

import numpy as np
import shapely

from gis.arrays import Bools, Geometries, Ints
from gis.coverage.faces import OUTSIDE, Plane, cycles_of
from gis.coverage.lattice import to_metres


def polygons_of(plane: Plane, label: Ints, count: int, corner: Bools | None = None) -> Geometries:
    """Draw the polygon of every label.

    Parameters
    ----------
    plane
        The planar partition.
    label : (f,) int64
        Label of each face, from 0 to count - 1; -1 for faces that belong to none.
    count
        Number of labels.
    corner : (v,) bool, optional
        Vertices to draw; others have to lie straight between two edges of one border. By default all are drawn.

    Returns
    -------
    (count,) array of shapely Polygons or MultiPolygons
        Valid, exteriors counter-clockwise; a MultiPolygon where the faces of a label do not hang together
        by an edge; an empty Polygon for a label without a face.
    """
    side = np.append(label, OUTSIDE)  # a face number of -1, the outside, finds the last entry
    left, right = side[plane.left], side[plane.right]
    bounds = left != right
    edges, left, right = plane.edges[bounds], left[bounds], right[bounds]
    rings, ring_label = _rings(plane.vertices, edges, np.stack([left, right], axis=1).ravel(), corner)
    return _assemble(rings, ring_label, count)


def _rings(vertices: Ints, edges: Ints, half_label: Ints, corner: Bools | None) -> tuple[Geometries, Ints]:
    """Draw every simple ring with its label on its left, closed; rings without a label are left out."""
    cycle, walk = cycles_of(vertices, edges)
    walk = walk[half_label[walk] != OUTSIDE]
    vertex, ring, ring_label = _split_pinched(edges.ravel()[walk], cycle[walk], half_label[walk])
    if corner is not None:
        vertex, ring = vertex[corner[vertex]], ring[corner[vertex]]
    last = np.flatnonzero(np.append(ring[1:] != ring[:-1], True)) if len(ring) else np.empty(0, np.int64)
    first = np.append(0, last[:-1] + 1) if len(last) else last
    closing = np.insert(np.arange(len(vertex)), last + 1, first)
    made = shapely.linearrings(to_metres(vertices[vertex[closing]]), indices=ring[closing])
    return made, ring_label


def _split_pinched(vertex: Ints, cycle: Ints, label: Ints) -> tuple[Ints, Ints, Ints]:
    """Cut cycles that pass a vertex twice into simple rings, as OGC polygons want them.

    Returns
    -------
    vertex, ring : (n,) int64
        Vertices in ring order and the number of their ring.
    ring_label : (r,) int64
    """
    if not len(vertex):
        return vertex, cycle, label
    number = np.cumsum(np.append(False, cycle[1:] != cycle[:-1]))
    first = np.flatnonzero(np.append(True, cycle[1:] != cycle[:-1]))
    passed = np.sort(number * (int(vertex.max()) + 1) + vertex)
    twice = passed[1:][passed[1:] == passed[:-1]]
    if not len(twice):
        return vertex, number, label[first]
    pinched = np.unique(twice // (int(vertex.max()) + 1))
    bounds = np.append(first, len(vertex))
    whole = ~np.isin(number, pinched)
    vertices, rings, labels = [vertex[whole]], [number[whole]], [(number[first], label[first])]
    extra = len(first)
    for k in pinched:
        for loop in _simple_loops(vertex[bounds[k] : bounds[k + 1]].tolist()):
            vertices.append(np.array(loop))
            rings.append(np.full(len(loop), extra))
            labels.append((np.array([extra]), label[bounds[k] : bounds[k] + 1]))
            extra += 1
    ring = np.concatenate(rings)
    ring_label = np.empty(extra, np.int64)
    for at, value in labels:
        ring_label[at] = value
    used, dense = np.unique(ring, return_inverse=True)
    return np.concatenate(vertices), dense, ring_label[used]


def _simple_loops(walk: list[int]) -> list[list[int]]:
    """Take a closed walk apart at the vertices that it meets again."""
    loops: list[list[int]] = []
    path: list[int] = []
    at: dict[int, int] = {}
    for vertex in walk:
        if vertex in at:
            loop = path[at[vertex] :]
            loops.append(loop)
            for gone in loop:
                del at[gone]
            del path[len(path) - len(loop) :]
        at[vertex] = len(path)
        path.append(vertex)
    loops.append(path)
    return loops


def _assemble(rings: Geometries, ring_label: Ints, count: int) -> Geometries:
    """Join shells and holes into one geometry a label."""
    made: Geometries = np.full(count, shapely.Polygon(), dtype=object)
    shell = shapely.is_ccw(rings) if len(rings) else np.empty(0, np.bool_)
    order = np.argsort(ring_label[shell], kind="stable")
    shells, shell_label = rings[shell][order], ring_label[shell][order]
    holes, hole_label = rings[~shell], ring_label[~shell]
    shell_count = np.bincount(shell_label, minlength=count)
    single = shell_count == 1
    plain = single & (np.bincount(hole_label, minlength=count) == 0)
    made[shell_label[plain[shell_label]]] = shapely.polygons(shells[plain[shell_label]])
    order = np.argsort(hole_label, kind="stable")
    holes, hole_label = holes[order], hole_label[order]
    hole_count = np.bincount(hole_label, minlength=count)
    first_hole = np.cumsum(hole_count) - hole_count
    shell_of = np.searchsorted(shell_label, np.arange(count))
    for number in np.unique(hole_count[single & ~plain]):
        some = np.flatnonzero(single & (hole_count == number))
        their = holes[first_hole[some][:, None] + np.arange(number)]
        made[some] = shapely.polygons(shells[shell_of[some]], their)
    for k in np.flatnonzero(shell_count > 1):
        made[k] = _with_holes(shells[shell_label == k], holes[hole_label == k])
    return made


def _with_holes(shells: Geometries, holes: Geometries) -> Any:  # noqa: ANN401 (shapely has no types)
    parts = shapely.polygons(shells)
    inside = shapely.polygons(holes) if len(holes) else np.empty(0, dtype=object)
    within = [_inside_of(parts, hole) for hole in inside]
    pieces = []
    for k, shell in enumerate(shells):
        own = [hole for hole, part in zip(holes, within, strict=True) if part == k]
        pieces.append(shapely.Polygon(shell, own))
    return shapely.multipolygons(pieces)


def _inside_of(parts: Geometries, hole: Any) -> int:  # noqa: ANN401
    """Row of the smallest part that covers a hole."""
    covering = np.flatnonzero(shapely.covers(parts, hole))
    return int(covering[np.argmin(shapely.area(parts[covering]))])
