"""The borders of the lowest cells as arcs, each once with the cells on its two sides.

The cells of every level are put together from these arcs by the page itself, so that borders of all levels run on each
other. Each vertex says from which zoom level on it is seen: the map leaves out what a screen cannot show, of both
neighbours alike, and no seam opens.
"""

from dataclasses import dataclass

import numpy as np
import shapely

from gis.arrays import Bools, Floats, Indices, Ints
from gis.compiled import compiled
from gis.coverage.boundaries import boundaries_of, number_points, on_lattice, unique_keys
from gis.coverage.lattice import to_lattice, to_metres
from maps.codec import Shapes

OUTSIDE = -1
FINEST, _COARSER = 18, (16, 14, 12, 10)
"""Zoom levels at which borders change: nothing is left out above, and no more below. Between two of them they are finer
than the screen by less than four."""
_EQUATOR_M = 40_075_016.7
_TILE = 256
_SEEN = 0.7
"""Pixels: corners whose triangle is smaller than the square of this are cut."""
_WORD = 32
_PASSED = 2
"""Edges at a vertex that a border only passes."""


@dataclass(frozen=True)
class Arcs:
    """Lines between the points where three cells meet, or around a cell that lies in one other.

    Attributes
    ----------
    xy : (n, 2) float64
        Vertices in metres, arc after arc.
    sizes : (a,) int64
        Vertices of each arc; a closed one ends where it begins.
    zoom : (n,) int64
        Web map zoom level from which a vertex is drawn.
    left, right : (a,) int64
        Rows of the polygons on either side, `OUTSIDE` where there is none.
    """

    xy: Floats
    sizes: Ints
    zoom: Ints
    left: Ints
    right: Ints


def arcs_of(polygons: Shapes, latitude: float) -> Arcs:
    """Take the arcs of a coverage.

    Vertices are ranked by leaving out the least visible first (M. Visvalingam and J. D. Whyatt, "Line generalisation
    by repeated elimination of points", 1993, as GEOS keeps it within coverages), once for each zoom level.

    Parameters
    ----------
    polygons : (n,) array of Polygons or MultiPolygons
        That do not overlap, in metres; neighbours share vertices.
    latitude
        Degrees, by which metres become pixels.
    """
    finest = np.asarray(shapely.coverage_simplify(on_lattice(polygons), _tolerance_m(FINEST, latitude)))
    lines = boundaries_of(finest)
    walked, sizes, left, right = _chained(lines.start, lines.end, lines.polygon_of(np.arange(len(lines.start))))
    zoom = _ranked(finest, lines.vertices, latitude)
    return Arcs(to_metres(lines.vertices[walked]), sizes, zoom[walked], left, right)


def _tolerance_m(zoom: int, latitude: float) -> float:
    return float(_SEEN * _EQUATOR_M * np.cos(np.radians(latitude)) / _TILE / 2**zoom)


def _ranked(finest: Shapes, vertices: Ints, latitude: float) -> Ints:
    """Return the zoom level from which each vertex is seen."""
    zoom, shapes = np.full(len(vertices), FINEST), finest
    for level in _COARSER:
        shapes = np.asarray(shapely.coverage_simplify(shapes, _tolerance_m(level, latitude)))
        zoom[_rows(vertices, to_lattice(shapely.get_coordinates(shapes)))] = level
    return zoom


def _rows(vertices: Ints, some: Ints) -> Ints:
    """Find some of the vertices, which are in the order of x, then y, and different."""
    both = number_points(np.concatenate([vertices, some]))
    return both[len(vertices) :]


def _chained(start: Indices, end: Indices, owner: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Put the directed edges of polygons together: vertices of all arcs, their sizes, and the two sides of each."""
    turned = start > end
    low, high = np.where(turned, end, start).astype(np.int64), np.where(turned, start, end)
    keys, edge = unique_keys(low << _WORD | high)
    sides = np.full((len(keys), 2), OUTSIDE, np.int64)
    sides[edge, turned.astype(np.int64)] = owner
    ends = np.column_stack([keys >> _WORD, keys & ((1 << _WORD) - 1)])
    walked, sizes, forward = _walks(ends)
    first = np.abs(forward) - 1
    left, right = np.where((forward > 0)[:, None], sides[first], sides[first, ::-1]).T
    return walked, sizes, left, right


def _walks(ends: Ints) -> tuple[Ints, Ints, Ints]:
    """Follow edges from one meeting of borders to the next: vertices, sizes, and the first edge of each walk.

    First edges are counted from 1, and negative where they are walked backwards.
    """
    at = np.append(0, np.cumsum(np.bincount(ends.ravel())))
    edges = np.argsort(ends.ravel(), kind="stable") // 2
    meeting = np.diff(at) != _PASSED
    # Where borders meet, first; what is left then runs round by itself.
    begun = np.concatenate([np.flatnonzero(meeting), np.flatnonzero(~meeting)])
    return _followed(ends, at, edges, begun)


@compiled
def _followed(ends: Ints, at: Ints, edges: Ints, begun: Ints) -> tuple[Ints, Ints, Ints]:
    used = np.zeros(len(ends), np.bool_)
    walked, sizes, forward = np.empty(2 * len(ends), np.int64), np.empty(len(ends), np.int64), np.empty_like(ends[:, 0])
    n = arcs = 0
    for v in begun:
        for k in edges[at[v] : at[v + 1]]:
            if used[k]:
                continue
            forward[arcs] = k + 1 if ends[k, 0] == v else -k - 1
            length = _follow(v, k, ends, at, edges, used, walked[n:])
            sizes[arcs] = length
            n += length
            arcs += 1
    return walked[:n].copy(), sizes[:arcs].copy(), forward[:arcs].copy()


@compiled
def _follow(v: int, edge: int, ends: Ints, at: Ints, edges: Ints, used: Bools, walked: Ints) -> int:
    """Walk from a vertex along an edge until borders meet or the walk is closed; return how many vertices it has."""
    walked[0], n = v, 1
    while not used[edge]:
        used[edge] = True
        v = ends[edge, 1] if ends[edge, 0] == v else ends[edge, 0]
        walked[n] = v
        n += 1
        if at[v + 1] - at[v] != _PASSED:
            break
        edge = edges[at[v]] if edges[at[v]] != edge else edges[at[v] + 1]
    return n
