"""Oriented boundaries of polygons on the lattice: what every proof here is made of."""

from dataclasses import dataclass

import numpy as np
import shapely

from gis.arrays import Bools, Floats, Geometries, Indices, Ints
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
    start, end : (e,) int32
        Vertex numbers, polygon after polygon.
    first : (n + 1,) int64
        The edges of polygon k are those from ``first[k]`` up to, without, ``first[k + 1]``.
    """

    vertices: Ints
    start: Indices
    end: Indices
    first: Ints

    def edges_of(self, first: int, last: int) -> slice:
        """Edges of the polygons from row `first` up to, without, row `last`."""
        return slice(int(self.first[first]), int(self.first[last]))

    def polygon_of(self, edges: Ints) -> Ints:
        """Row of the polygon that each edge belongs to."""
        return np.searchsorted(self.first, edges, side="right") - 1


def on_lattice(polygons: Geometries) -> Geometries:
    """Round polygons to the lattice; the very same objects where they lie on it already.

    Parameters
    ----------
    polygons : (n,) array of Polygons or MultiPolygons
        In metres.
    """
    xy = shapely.get_coordinates(polygons)
    if _lies_on_lattice(xy, STEPS_PER_METRE):
        return polygons
    return np.asarray(shapely.set_coordinates(polygons.copy(), np.rint(xy * STEPS_PER_METRE) / STEPS_PER_METRE))


def boundaries_of(polygons: Geometries) -> Boundaries:
    """Take the oriented boundaries of polygons; edges shorter than a step vanish.

    Parameters
    ----------
    polygons : (n,) array of Polygons or MultiPolygons
        In metres, on the lattice, of any extent; missing and empty ones have no boundary.
    """
    length, row, hole = _rings_of(polygons)
    xy = shapely.get_coordinates(polygons)
    if not len(xy):
        none = np.empty(0, np.int32)
        return Boundaries(np.empty((0, 2), np.int64), none, none, np.zeros(len(polygons) + 1, np.int64))
    low, high = _extent(xy, STEPS_PER_METRE)
    keys, area = _packed(xy, low, length, STEPS_PER_METRE)
    if (high - low < 1 << _HALF_WORD - 1).all():
        keys, number = unique_keys(keys)
        vertices = _unpacked(keys, low)
    else:
        steps = to_lattice(xy)
        number, first = _numbered_far(steps)
        vertices = steps[first]
    return Boundaries(vertices, *_edges(number, length, row, (area < 0) != hole, len(polygons)))


def _rings_of(polygons: Geometries) -> tuple[Ints, Ints, Bools]:
    """Length in coordinates of each ring, the row of its polygon, and whether it is a hole."""
    plain = (shapely.get_type_id(polygons) == shapely.GeometryType.POLYGON) & (
        shapely.get_num_interior_rings(polygons) == 0
    )
    count = np.ones(len(polygons), np.int64)
    parts, part_row = shapely.get_parts(polygons[~plain], return_index=True)
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    rows = np.flatnonzero(~plain)
    count[rows] = np.bincount(part_row[ring_part], minlength=len(rows))
    row = np.repeat(np.arange(len(polygons)), count)
    length, hole = np.empty(len(row), np.int64), np.zeros(len(row), np.bool_)
    single = plain[row]
    length[single] = shapely.get_num_coordinates(polygons[plain])
    length[~single] = shapely.get_num_coordinates(rings)
    hole[~single] = np.append(False, ring_part[1:] == ring_part[:-1])[: len(rings)]
    return length, row, hole


@compiled
def _lies_on_lattice(xy: Floats, steps: int) -> bool:
    for k in range(len(xy)):
        for c in range(2):
            step = xy[k, c] * steps
            if step != np.rint(step):
                return False
    return True


@compiled
def _extent(xy: Floats, steps: int) -> tuple[Ints, Ints]:
    """Least and greatest coordinates, in steps."""
    low, high = xy[0].copy(), xy[0].copy()
    for k in range(len(xy)):
        for c in range(2):
            low[c], high[c] = min(low[c], xy[k, c]), max(high[c], xy[k, c])
    return np.rint(low * steps).astype(np.int64), np.rint(high * steps).astype(np.int64)


@compiled
def _packed(xy: Floats, low: Ints, length: Ints, steps: int) -> tuple[Ints, Ints]:
    """Both coordinates of each point in one word, in steps from `low`, and twice the signed area of each ring.

    Sums wrap around at 2⁶⁴, which does no harm as long as the area itself fits.
    """
    keys, area = np.empty(len(xy), np.int64), np.zeros(len(length), np.int64)
    k = 0
    for ring in range(len(length)):
        total = x0 = y0 = x1 = y1 = np.int64(0)
        for at in range(length[ring]):
            x, y = np.int64(np.rint(xy[k, 0] * steps)) - low[0], np.int64(np.rint(xy[k, 1] * steps)) - low[1]
            keys[k] = (x << 32) | y
            if at == 0:
                x0, y0 = x, y
            x, y = x - x0, y - y0
            total += x1 * y - x * y1
            x1, y1 = x, y
            k += 1
        area[ring] = total
    return keys, area


@compiled
def _unpacked(keys: Ints, low: Ints) -> Ints:
    vertices = np.empty((len(keys), 2), np.int64)
    for k in range(len(keys)):
        vertices[k, 0] = (keys[k] >> 32) + low[0]
        vertices[k, 1] = (keys[k] & 0xFFFFFFFF) + low[1]
    return vertices


@compiled
def _edges(number: Ints, length: Ints, row: Ints, turned: Bools, polygons: int) -> tuple[Indices, Indices, Ints]:
    """Start and end of every edge between two different vertices; rings that are turned run backwards."""
    count = 0
    for k in range(len(number) - 1):
        count += number[k] != number[k + 1]
    start, end = np.empty(count, np.int32), np.empty(count, np.int32)
    first = np.zeros(polygons + 1, np.int64)
    count = k = 0
    for ring in range(len(length)):
        for _ in range(length[ring] - 1):
            a, b = number[k], number[k + 1]
            k += 1
            if a != b:
                start[count], end[count] = (b, a) if turned[ring] else (a, b)
                count += 1
        k += length[ring] > 0
        first[row[ring] + 1] = count
    for polygon in range(polygons):
        first[polygon + 1] = max(first[polygon + 1], first[polygon])
    return start[:count], end[:count], first


def number_points(steps: Ints) -> Ints:
    """Give equal points (n, 2), in steps, equal numbers, in the order of x, then y."""
    return _numbered_far(steps)[0]


def _numbered_far(steps: Ints) -> tuple[Ints, Ints]:
    """Do it by the ranks of their coordinates, at any distance; with a point of each number."""
    (_, x), (_, y) = (unique_keys(np.ascontiguousarray(column)) for column in steps.T)
    keys, number = unique_keys(x << _HALF_WORD | y)
    first = np.empty(len(keys), np.int64)
    first[number] = np.arange(len(number))
    return number, first


def unique_keys(keys: Ints) -> tuple[Ints, Ints]:
    """Distinct keys in order, and the place of each key among them."""
    order = np.argsort(keys)
    return _ranked(keys, order)


@compiled
def _ranked(keys: Ints, order: Ints) -> tuple[Ints, Ints]:
    values, number = np.empty(len(keys), np.int64), np.empty(len(keys), np.int64)
    count = 0
    for k in order:
        if count == 0 or keys[k] != values[count - 1]:
            values[count] = keys[k]
            count += 1
        number[k] = count - 1
    return values[:count].copy(), number
