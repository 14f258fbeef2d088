"""Cells that are wrong by themselves: empty, not numbers, crossing themselves, with spikes, in parts."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis.arrays import Bools, Floats, Geometries
from gis.compiled import compiled
from gis.coverage.boundaries import on_lattice
from gis.coverage.defects import Defect

# Once around the Earth, in metres: what is farther away is no place, and no sum of squares either.
_FARTHEST_M = 4.1e7
_POLYGONS = 2


@dataclass(frozen=True)
class Shapes:
    """Cells as the sums take them.

    Attributes
    ----------
    polygons : (n,) array of Polygons or MultiPolygons
        On the lattice; empty where nothing usable is drawn.
    rounded : bool
        Whether coordinates had to move to come onto the lattice.
    mended : (n,) bool
        True where a shape was drawn anew to come this far.
    defects
        What was wrong.
    """

    polygons: Geometries
    rounded: bool
    mended: Bools
    defects: list[Defect]


def place(cells: Geometries) -> Shapes:
    """Put cells on the lattice; those that are drawn nowhere are told and left empty.

    Parameters
    ----------
    cells : (n,) array of Polygons or MultiPolygons, or None
        In metres.
    """
    missing = shapely.is_missing(cells) | shapely.is_empty(cells)
    nowhere = _nowhere(cells) & ~missing
    found = [Defect("empty", (int(k),), shapely.Point()) for k in np.flatnonzero(missing)]
    note = "A coordinate is no number, or no place on Earth."
    found += [Defect("invalid", (int(k),), shapely.Point(), note) for k in np.flatnonzero(nowhere)]
    usable = ~(missing | nowhere)
    if not usable.all():
        cells = np.where(usable, cells, shapely.Polygon())
    polygons = on_lattice(cells)
    return Shapes(polygons, polygons is not cells, ~usable, found)


def are_valid(polygons: Geometries) -> Bools:
    """Whether each is a valid polygon; GEOS lets go of the interpreter, so two look at half of them each."""
    with ThreadPoolExecutor(2) as pool:
        return np.concatenate([*pool.map(shapely.is_valid, np.array_split(polygons, 2))])


def mend(shapes: Shapes, valid: Bools, exclave: Bools | None) -> Shapes:
    """Look at each cell by itself, and draw those anew that stand in the way of the sums.

    Parameters
    ----------
    shapes
        `place`.
    valid : (n,) bool
        Whether each is a valid polygon.
    exclave : (n,) bool, optional
        Cells that are declared to be in parts; None where nothing is declared.
    """
    polygons, found = shapes.polygons, list(shapes.defects)
    if not valid.all():
        polygons = polygons.copy()
    for k in np.flatnonzero(~valid):
        defects, polygons[k] = _mend(int(k), polygons[k])
        found += defects
    return Shapes(polygons, shapes.rounded, shapes.mended | ~valid, found + _in_parts(polygons, exclave))


def _nowhere(cells: Geometries) -> Bools:
    """Cells with a coordinate that is not finite or farther away than the Earth is round."""
    if _somewhere(shapely.get_coordinates(cells), _FARTHEST_M):
        return np.zeros(len(cells), np.bool_)
    xy, cell = shapely.get_coordinates(cells, return_index=True)
    with np.errstate(invalid="ignore"):
        bad = ~(np.abs(xy) < _FARTHEST_M).all(axis=1)
    found = np.zeros(len(cells), np.bool_)
    found[cell[bad]] = True
    return found


@compiled
def _somewhere(xy: Floats, farthest: float) -> bool:
    for k in range(len(xy)):  # noqa: SIM110 (numba compiles no generators)
        if not (abs(xy[k, 0]) < farthest and abs(xy[k, 1]) < farthest):  # also where one is no number
            return False
    return True


def _mend(row: int, shape: Any) -> tuple[list[Defect], Any]:  # noqa: ANN401 (shapely has no types)
    """Say what is wrong with a shape and make the polygon that was most likely meant."""
    found = []
    spikes, shape = _without_spikes(shape)
    if len(spikes):
        found.append(Defect("spike", (row,), shapely.multipoints(spikes)))
    if shape.is_empty:
        return [*found, Defect("empty", (row,), shapely.Point(), "It is drawn without any extent.")], shape
    if shape.is_valid:
        return found, shape
    parts = shapely.get_parts(shape)
    if len(parts) > 1 and shapely.is_valid(parts).all():
        found.append(_shared_parts(row, parts))
    else:
        reason, place = _reason(shape)
        found.append(Defect("invalid", (row,), place, f"{reason}."))
    return found, _polygons_in(on_lattice(np.array([shapely.make_valid(shape)]))[0])


def _shared_parts(row: int, parts: Any) -> Defect:  # noqa: ANN401
    """Parts of one MultiPolygon that overlap, or lie side by side."""
    first, second = shapely.STRtree(parts).query(parts, predicate="intersects")
    pairs = first < second
    shared = shapely.union_all(shapely.intersection(parts[first[pairs]], parts[second[pairs]]))
    note = "Its parts overlap." if shapely.area(shared) > 0 else "Its parts share a border, and should be one."
    return Defect("invalid", (row,), shared, note)


def _reason(shape: Any) -> tuple[str, Any]:  # noqa: ANN401
    """GEOS's reason and the place that it names."""
    text = shapely.is_valid_reason(shape)
    at = re.search(r"\[(\S+) (\S+)\]", text)
    return text.split("[")[0].strip(), shapely.Point(float(at[1]), float(at[2])) if at else shapely.Point()


def _without_spikes(shape: Any) -> tuple[Floats, Any]:  # noqa: ANN401
    """Cut off the places where a ring turns back on itself; the tips, and what is left."""
    tips: list[Floats] = []
    kept = []
    for part in shapely.get_parts(shape):
        rings = [_despiked(shapely.get_coordinates(ring), tips) for ring in shapely.get_rings(part)]
        if rings and len(rings[0]) > _POLYGONS:
            kept.append(shapely.Polygon(rings[0], [ring for ring in rings[1:] if len(ring) > _POLYGONS]))
    if not kept:
        return np.array(tips).reshape(-1, 2), shapely.Polygon()
    if not tips:
        return np.empty((0, 2)), shape
    return np.array(tips), kept[0] if len(kept) == 1 else shapely.MultiPolygon(kept)


def _despiked(ring: Floats, tips: list[Floats]) -> list[Floats]:
    """Vertices of a closed ring without repeats and spikes; `tips` gets the ends that were cut off."""
    path: list[Floats] = []
    for point in ring[:-1]:
        path.append(point)
        _shorten(path, tips)
    # The ring closes: what turns back across its first vertex is a spike as well.
    turned = 0
    while len(path) > _POLYGONS and turned < len(path):
        path.append(path.pop(0))
        before = len(path)
        _shorten(path, tips)
        turned = turned + 1 if len(path) == before else 0
    return path if len(path) > _POLYGONS else []


def _shorten(path: list[Floats], tips: list[Floats]) -> None:
    while len(path) > 1:
        if (path[-1] == path[-2]).all():
            path.pop()
        elif len(path) > _POLYGONS and _turns_back(*path[-3:]):
            tips.append(path.pop(-2))
        else:
            break


def _turns_back(a: Floats, b: Floats, c: Floats) -> bool:
    ab, bc = b - a, c - b
    return bool(ab[0] * bc[1] == ab[1] * bc[0] and ab @ bc < 0)


def _polygons_in(shape: Any) -> Any:  # noqa: ANN401
    parts = shapely.get_parts(shapely.get_parts(shape))
    flat = parts[(shapely.get_dimensions(parts) == _POLYGONS) & (shapely.area(parts) > 0)]
    return shapely.union_all(flat) if len(flat) else shapely.Polygon()


def _in_parts(polygons: Geometries, exclave: Bools | None) -> list[Defect]:
    """Cells of several parts that are not declared to be so."""
    parted = shapely.get_num_geometries(polygons) > 1
    found = []
    for k in np.flatnonzero(parted & ~(np.zeros(len(parted), np.bool_) if exclave is None else exclave)):
        parts = shapely.get_parts(polygons[k])
        parts = parts[np.argsort(-shapely.area(parts), kind="stable")]
        a, b = shapely.STRtree(parts).query(parts, predicate="intersects")
        linked, group = connected_components(coo_array((np.ones(len(a), np.int8), (a, b))), directed=False)
        if linked == 1:
            touch = shapely.union_all(shapely.intersection(parts[a[a < b]], parts[b[a < b]]))
            found.append(Defect("corner_contact", (int(k),), touch))
        else:
            kind = "disconnected" if exclave is None else "exclave"
            found.append(Defect(kind, (int(k),), shapely.multipolygons(parts[group != group[0]])))
    return found
