"""Two coverages on one plane: every face knows the cells of either that cover it.

All borders are noded once. A border of one coverage never runs between two faces that only a border of the other
parts, so that faces joined across those have the same cells: they are found by one inner point for all of them.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
import shapely

from gis.arrays import Geometries, Ints
from gis.coverage.boundaries import on_lattice
from gis.coverage.faces import OUTSIDE, Plane, joined_faces, plane_between
from gis.coverage.lattice import segments_of
from gis.coverage.noding import node_chains
from gis.coverage.rings import polygons_of

NOBODY = -1
FIRST, SECOND = 1, 2
BOTH = FIRST | SECOND


@dataclass(frozen=True)
class Overlay:
    """Two coverages laid over each other.

    Attributes
    ----------
    plane
        The borders of both, noded.
    zone : (f,) int64
        Zone of each face: faces of one zone are covered by the same cells of the first and of the second; -1 where
        nobody covers a face.
    double_area : (z,) int64
        Twice the area of each zone in square steps of the lattice.
    members : (m, 3) int64
        Zone, cell of the first, cell of the second; -1 for nobody. One row a zone, and more only where cells of one
        coverage overlap each other: then one for each pair of cells.
    border : (e,) int64
        Of which coverage each edge of the plane is a border: `FIRST`, `SECOND`, `BOTH`; 0 of neither.
    """

    plane: Plane
    zone: Ints
    double_area: Ints
    members: Ints
    border: Ints

    def polygons(self) -> Geometries:
        """Draw the zones, in metres: neighbours get the same vertices, bit for bit."""
        return polygons_of(self.plane, self.zone, len(self.double_area))


def overlay(first: Geometries, second: Geometries) -> Overlay:
    """Lay two coverages over each other on the lattice.

    Parameters
    ----------
    first, second : arrays of valid Polygons or MultiPolygons
        In metres of one CRS; a coverage may have gaps and overlaps.

    Returns
    -------
    Overlay
        Exact from the lattice on: coordinates are rounded to it, and crossings of borders too. A gap or an overlap
        within one coverage that is no wider than some steps (2⁻¹⁰ m each) may be given to a neighbour.
    """
    first, second = on_lattice(first), on_lattice(second)
    plane = _plane(first, second)
    sets_of_first, in_first = _cells_of_faces(plane, first, FIRST)
    sets_of_second, in_second = _cells_of_faces(plane, second, SECOND)
    covered = (in_first != NOBODY) | (in_second != NOBODY)
    sets, number = np.unique(np.stack([in_first, in_second], axis=1)[covered], axis=0, return_inverse=True)
    zone = np.full(plane.face_count, NOBODY, np.int64)
    zone[covered] = number
    double_area = np.zeros(len(sets), np.int64)
    np.add.at(double_area, number, plane.double_area[covered])
    members = [
        (k, *pair)
        for k, (of_first, of_second) in enumerate(sets.tolist())
        for pair in product(sets_of_first[of_first], sets_of_second[of_second])
    ]
    border = FIRST * _parts(plane, in_first) + SECOND * _parts(plane, in_second)
    return Overlay(plane, zone, double_area, np.array(members, np.int64).reshape(-1, 3), border)


def _plane(first: Geometries, second: Geometries) -> Plane:
    """Node both; the strength of an edge says whose rings run along it."""
    drawn = [segments_of(shapes)[0] for shapes in (first, second)]
    vertices, edges, edge, source, _ = node_chains(np.concatenate(drawn))
    whose = np.zeros(len(edges), np.int64)
    np.bitwise_or.at(whose, edge, np.where(source < len(drawn[0]), FIRST, SECOND))
    return plane_between(vertices, edges, whose)


def _cells_of_faces(plane: Plane, cells: Geometries, which: int) -> tuple[dict[int, tuple[int, ...]], Ints]:
    """Find the cells of one coverage that cover each face.

    Returns
    -------
    sets
        Sets of cells by their number; that of nobody is -1 and holds the one "cell" -1.
    in_set : (f,) int64
        The set of each face.
    """
    region, count = _regions(plane, which)
    inner = shapely.point_on_surface(polygons_of(plane, region, count))
    cell, at = shapely.STRtree(inner).query(cells, predicate="intersects")
    cover: list[list[int]] = [[] for _ in range(count)]
    for k in np.lexsort((cell, at)):
        cover[at[k]].append(int(cell[k]))
    numbers: dict[tuple[int, ...], int] = {(): NOBODY}
    set_of_region = [numbers.setdefault(tuple(held), len(numbers) - 1) for held in cover]
    sets = {number: held or (NOBODY,) for held, number in numbers.items()}
    return sets, np.array([*set_of_region, NOBODY], np.int64)[region]


def _regions(plane: Plane, which: int) -> tuple[Ints, int]:
    """Join faces across edges that are not of one coverage; -1 for those joined with the outside."""
    joined = joined_faces(plane, (plane.strength & which) == 0)
    inside = joined[:-1] != joined[-1]
    region = np.full(plane.face_count, OUTSIDE, np.int64)
    numbers, region[inside] = np.unique(joined[:-1][inside], return_inverse=True)
    return region, len(numbers)


def _parts(plane: Plane, in_set: Ints) -> Ints:
    """Whether each edge has different cells on its sides, 0 or 1."""
    side = np.append(in_set, NOBODY)
    parts: Ints = (side[plane.left] != side[plane.right]).astype(np.int64)
    return parts
