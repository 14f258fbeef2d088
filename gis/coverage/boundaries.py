"""Oriented boundaries of polygons on the lattice, and their sums: what every proof here is made of."""

from dataclasses import dataclass

import numpy as np
import shapely

from gis.arrays import Bools, Floats, Geometries, Ints
from gis.compiled import compiled
from gis.coverage.lattice import STEPS_PER_METRE, to_lattice

_HALF_WORD = 32


@dataclass(frozen=True)
class Boundaries:
    """∂ of polygons: directed edges between shared vertices, the inside on the left.

    Attributes
    ----------
    vertices : (v, 2) int64
        Lattice steps, each once, in the order of x, then y.
    start, end : (e,) int64
        Vertex numbers.
    polygon : (e,) int64
        Row of the polygon each edge belongs to, ascending.
    """

    vertices: Ints
    start: Ints
    end: Ints
    polygon: Ints

    def edges_of(self, first: int, last: int) -> slice:
        """Edges of the polygons from row `first` up to, without, row `last`."""
        return slice(*np.searchsorted(self.polygon, [first, last]).tolist())


@dataclass(frozen=True)
class Lines:
    """A sum of oriented boundaries: undirected lines, and how often each is run through in either direction.

    Attributes
    ----------
    ends : (k, 2) int64
        Vertex numbers, the smaller first; sorted.
    whole : (k,) int64
        The sum each line is part of, where several are formed at once.
    forth, back : (k,) int64
        Times from the smaller end to the greater, and against it.
    """

    ends: Ints
    whole: Ints
    forth: Ints
    back: Ints

    @property
    def left_over(self) -> Bools:
        """(k,) bool: lines that are not used exactly once per direction."""
        return (self.forth != 1) | (self.back != 1)


def on_lattice(polygons: Geometries) -> Geometries:
    """Round polygons to the lattice; the very same objects where they lie on it already.

    Parameters
    ----------
    polygons : (n,) array of Polygons or MultiPolygons
        In metres.
    """
    steps = shapely.get_coordinates(polygons) * STEPS_PER_METRE
    rounded = np.rint(steps)
    if np.array_equal(steps, rounded):
        return polygons
    return np.asarray(shapely.set_coordinates(polygons.copy(), rounded / STEPS_PER_METRE))


def boundaries_of(polygons: Geometries) -> Boundaries:
    """Take the oriented boundaries of polygons; edges shorter than a step vanish.

    Parameters
    ----------
    polygons : (n,) array of Polygons or MultiPolygons
        In metres, of any extent; missing and empty ones have no boundary.
    """
    parts, row = shapely.orient_polygons(polygons), np.arange(len(polygons))
    if (shapely.get_type_id(parts) != shapely.GeometryType.POLYGON).any():
        parts, row = shapely.get_parts(parts, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    length = shapely.get_num_coordinates(rings)
    vertices, number = _numbered(shapely.get_coordinates(parts))
    joined = np.ones(max(len(number) - 1, 0), np.bool_)
    joined[np.cumsum(length)[:-1] - 1] = False
    joined &= number[1:] != number[:-1]
    at = np.flatnonzero(joined)
    return Boundaries(vertices, number[at], number[at + 1], np.repeat(row[part], length)[at])


def sum_of(start: Ints, end: Ints, vertex_count: int, whole: Ints | None = None) -> Lines:
    """Add directed edges up, line by line.

    Parameters
    ----------
    start, end : (e,) int64
        Vertex numbers; the edges of a boundary that is to be subtracted are given turned round.
    vertex_count : int
        Below 2³¹.
    whole : (e,) int64, optional
        The sum each edge is part of, from 0.
    """
    low, high = np.minimum(start, end), np.maximum(start, end)
    key = low * vertex_count + high
    if whole is not None:
        lines, key = np.unique(key, return_inverse=True)
        key += whole * len(lines)
    key = np.sort(2 * key + (start > end))
    line = key >> 1
    first = np.flatnonzero(np.append(True, line[1:] != line[:-1])[: len(line)])
    uses = np.diff(first, append=len(line))
    back = np.add.reduceat(key & 1, first) if len(first) else first
    line = line[first]
    number = np.zeros(len(line), np.int64)
    if whole is not None:
        number, line = line // max(len(lines), 1), lines[line % max(len(lines), 1)]
    ends = np.stack([line // vertex_count, line % vertex_count], axis=1) if vertex_count else np.empty((0, 2), np.int64)
    return Lines(ends, number, uses - back, back)


def number_points(steps: Ints) -> Ints:
    """Give equal points (n, 2), in steps, equal numbers, in the order of x, then y."""
    return _numbered_far(steps)[1] if len(steps) else np.empty(0, np.int64)


def _numbered(xy: Floats) -> tuple[Ints, Ints]:
    """Give points in metres numbers: equal ones on the lattice the same, in the order of x, then y."""
    if not len(xy):
        return np.empty((0, 2), np.int64), np.empty(0, np.int64)
    low, high = to_lattice(xy.min(axis=0)), to_lattice(xy.max(axis=0))
    if (high - low >= 1 << _HALF_WORD - 1).any():
        return _numbered_far(to_lattice(xy))
    keys, number = _unique(_packed(xy, low, STEPS_PER_METRE))
    return np.stack([keys >> _HALF_WORD, keys & (1 << _HALF_WORD) - 1], axis=1) + low, number


@compiled
def _packed(xy: Floats, low: Ints, steps: int) -> Ints:
    """Both coordinates of each point in one word, in steps from `low`."""
    keys = np.empty(len(xy), np.int64)
    for k in range(len(xy)):
        x, y = np.int64(np.rint(xy[k, 0] * steps)), np.int64(np.rint(xy[k, 1] * steps))
        keys[k] = (x - low[0]) << 32 | (y - low[1])
    return keys


def _numbered_far(steps: Ints) -> tuple[Ints, Ints]:
    """Do the same for points too far apart for both coordinates to share a word: their ranks do."""
    (xs, x), (ys, y) = (_unique(np.ascontiguousarray(column)) for column in steps.T)
    keys, number = _unique(x << _HALF_WORD | y)
    return np.stack([xs[keys >> _HALF_WORD], ys[keys & (1 << _HALF_WORD) - 1]], axis=1), number


def _unique(keys: Ints) -> tuple[Ints, Ints]:
    order = np.argsort(keys)
    return _ranked(keys, order)


@compiled
def _ranked(keys: Ints, order: Ints) -> tuple[Ints, Ints]:
    """Distinct keys in order, and the place of each key among them."""
    values, number = np.empty(len(keys), np.int64), np.empty(len(keys), np.int64)
    count = 0
    for k in order:
        if count == 0 or keys[k] != values[count - 1]:
            values[count] = keys[k]
            count += 1
        number[k] = count - 1
    return values[:count].copy(), number
