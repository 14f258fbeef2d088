"""Places where cells do not tile what they should: gaps, overlaps, land beyond the rim, vertices that lack."""

from dataclasses import dataclass
from itertools import pairwise
from math import inf
from typing import Any

import numpy as np
import shapely

from gis.arrays import Bools, Floats, Geometries, Ints
from gis.coverage.faces import joined_faces
from gis.coverage.lattice import segments_of, to_metres
from gis.coverage.leftover import Leftover
from gis.coverage.remainder import Remainder, borders_of, remainder_of, unmatched
from gis.coverage.rings import polygons_of

Cover = tuple[int, ...]


@dataclass(frozen=True)
class Meant:
    """Gaps that are meant to be there.

    Attributes
    ----------
    places : (h,) array of geometries
        A point in each, or a polygon over it, in the metric CRS.
    above_m2
        Gaps at least as large are meant as well.
    """

    places: Geometries
    above_m2: float = inf

    def includes(self, gaps: Geometries) -> Bools:
        """Tell which gaps are meant: whose inner point a polygon covers, that hold a point, or that are that large."""
        found = np.asarray(shapely.area(gaps) >= self.above_m2, np.bool_)
        if len(self.places) and len(gaps):
            tree = shapely.STRtree(self.places)
            found[tree.query(shapely.point_on_surface(gaps), predicate="intersects")[0]] = True
            gap, place = tree.query(gaps, predicate="intersects")
            found[gap[shapely.get_dimensions(self.places[place]) == 0]] = True
        return found


@dataclass(frozen=True)
class Region:
    """Ground on which one thing is wrong.

    Attributes
    ----------
    cover
        Rows of the cells above it.
    beside
        Metres of border with each cell around it; -1 stands for the whole, or for what lies outside of all.
    inside
        Whether it lies within the whole.
    declared
        Whether it is a gap that is meant.
    polygon
        On the vertices of the cells around.
    """

    cover: Cover
    beside: dict[int, float]
    inside: bool
    declared: bool
    polygon: Any


@dataclass(frozen=True)
class Reading:
    """What the edges left over say.

    Attributes
    ----------
    whole
        Row of the whole in whose sum they are left.
    regions
        Where too much or too little lies.
    lacking
        Row of a cell (-1 the whole), and the vertices (k, 2), in metres, that one of its edges lacks.
    outline : array of Polygons
        Of everything that is covered or enclosed, where no whole was given.
    plain : int
        Edges left over that are but the rim of what is covered: where no whole was given, and around declared holes.
    """

    whole: int
    regions: list[Region]
    lacking: list[tuple[Cover, Floats]]
    outline: Geometries
    plain: int


def read(left: Leftover, tree: shapely.STRtree, meant: Meant, *, bounded: bool) -> Reading:
    """Read what a sum leaves over.

    Parameters
    ----------
    left
        One heap (`gis.coverage.leftover.Leftover.heaps`).
    tree
        The cells, on the lattice and valid.
    meant
        Gaps that are no defects.
    bounded
        Whether there is a whole that should be covered.
    """
    found = remainder_of(left.segments, left.sign, left.rim if bounded else None)
    if _claimed(found).any():
        # Borders that hold below an overlap, or beyond the rim, are not left over, but part it between those concerned.
        left = left.with_cuts(*_below(found, tree))
        found = remainder_of(left.segments, left.sign, left.rim if bounded else None)
    wrong = found.excess != 0
    label, cover = _regions(found, wrong, tree, left.owner)
    shapes = polygons_of(found.plane, label, len(cover))
    beside = _beside(found, label, left.owner, len(cover))
    inside = np.zeros(len(cover), np.bool_)
    inside[label[wrong]] = found.inside[wrong] > 0
    declared = meant.includes(shapes) & inside & np.array([not c for c in cover], np.bool_)
    regions = [Region(cover[k], beside[k], bool(inside[k]), bool(declared[k]), shapes[k]) for k in range(len(cover))]
    outline: Geometries = np.empty(0, dtype=object)
    if not bounded and found.plane.face_count:
        outline = shapely.get_parts(polygons_of(found.plane, np.zeros(found.plane.face_count, np.int64), 1))
    free = wrong & np.append(declared, False)[label]
    return Reading(
        int(left.whole[0]), regions, _lacking(found, wrong & ~free, left), outline, _plain(found, left, free)
    )


def _claimed(found: Remainder) -> Bools:
    """Faces that cells cover and should not, or not so many of them."""
    return (found.excess != 0) & (found.cover > 0)


def _below(found: Remainder, tree: shapely.STRtree) -> tuple[Ints, Ints]:
    """Edges of the cells that lie about where cells cover too much, and their owners."""
    label = np.full(found.plane.face_count, -1, np.int64)
    claimed = _claimed(found)
    label[claimed] = np.arange(claimed.sum())
    faces = polygons_of(found.plane, label, int(claimed.sum()))
    rows = np.unique(tree.query(faces)[1])
    segments, source = segments_of(shapely.orient_polygons(tree.geometries[rows]))
    lines = shapely.linestrings(to_metres(segments).reshape(-1, 2, 2))
    near = np.unique(shapely.STRtree(faces).query(lines)[0])
    return segments[near], rows[source[near]]


def _regions(found: Remainder, wrong: Bools, tree: shapely.STRtree, owner: Ints) -> tuple[Ints, list[Cover]]:
    """Join neighbouring wrong faces that the same cells cover: label of each face, cover of each label."""
    rows = np.flatnonzero(wrong)
    single = np.full(len(wrong), -1, np.int64)
    single[rows] = np.arange(len(rows))
    faces = polygons_of(found.plane, single, len(rows))
    sets = covers_of(found, single, faces, found.cover[rows] > 0, tree, owner)
    number: dict[tuple[Cover, bool], int] = {}
    kind = np.full(len(wrong) + 1, -1, np.int64)
    for face, cover in zip(rows.tolist(), sets, strict=True):
        kind[face] = number.setdefault((cover, bool(found.inside[face])), len(number))
    left, right = found.plane.left, found.plane.right
    same = (kind[left] >= 0) & (kind[left] == kind[right])
    group = joined_faces(found.plane, same)
    label = np.full(len(wrong), -1, np.int64)
    first, label[rows] = np.unique(group[rows], return_index=True, return_inverse=True)[1:]
    return label, [sets[k] for k in first]


def covers_of(
    found: Remainder, label: Ints, faces: Geometries, covered: Bools, tree: shapely.STRtree, owner: Ints
) -> list[Cover]:
    """Cells above each face: those its inner point lies in, unless the borders say otherwise."""
    some, count = np.flatnonzero(covered), len(tree.geometries) + 1
    point, cell = tree.query(shapely.point_on_surface(faces[some]), predicate="intersects")
    face, who, edge, within = borders_of(found, label, owner)
    kept = who >= 0
    pair, edges = face[kept] * count + who[kept], len(found.pieces.edges)
    rows, place = np.unique(pair * edges + edge[kept], return_inverse=True)
    # A cell that runs along an edge there and back says nothing about what lies beside it.
    net = np.bincount(place, np.where(within[kept], 1, -1), minlength=len(rows))
    beyond, above = rows[net < 0] // edges, np.unique(rows[net > 0] // edges)
    inner = np.setdiff1d(some[point] * count + cell, beyond)
    pairs = np.union1d(inner, above[covered[above // count]])
    ends = np.searchsorted(pairs, np.arange(len(faces) + 1) * count).tolist()
    cells = (pairs % count).tolist()
    return [tuple(cells[a:b]) for a, b in pairwise(ends)]


def _beside(found: Remainder, label: Ints, owner: Ints, count: int) -> list[dict[int, float]]:
    """Metres of border of each region with the cells around it, and with the whole."""
    region, who, edge, within = borders_of(found, label, owner)
    pieces = found.pieces
    ends = to_metres(pieces.vertices[pieces.edges[edge, 1]] - pieces.vertices[pieces.edges[edge, 0]])
    length = np.hypot(*ends.T)
    beside: list[dict[int, float]] = [{} for _ in range(count)]
    around = ~within | (who < 0)
    for k, c, metres in zip(region[around].tolist(), who[around].tolist(), length[around].tolist(), strict=True):
        beside[k][c] = beside[k].get(c, 0.0) + metres
    return beside


def _plain(found: Remainder, left: Leftover, meant: Bools) -> int:
    """Count lines used once that run uncut between what is covered once and the outside, or a gap that is meant."""
    plane, pieces = found.plane, found.pieces
    # Beyond the rim of an area nothing is wanted, which is right as well as free.
    right, free = np.append(found.excess == 0, True), np.append(meant, True)
    rim = np.zeros(len(pieces.edges), np.bool_)
    rim[plane.strength] = (free[plane.left] & right[plane.right]) | (free[plane.right] & right[plane.left])
    uses = np.bincount(pieces.source, minlength=len(left))
    signed = left.sign[pieces.source] != 0
    alone = np.bincount(pieces.edge, signed, minlength=len(pieces.edges)) == 1
    return int((rim[pieces.edge] & alone[pieces.edge] & signed & (uses[pieces.source] == 1)).sum())


def _lacking(found: Remainder, wrong: Bools, left: Leftover) -> list[tuple[Cover, Floats]]:
    """Edges that others have vertices on, and those vertices: cell that lacks them, then those that have them."""
    source, vertex = unmatched(found, wrong)
    if not len(source):
        return []
    pieces = found.pieces
    lacks = np.unique(source)
    row = np.full(len(left), -1, np.int64)
    row[lacks] = np.arange(len(lacks))
    # Whoever else has a piece along the same edges has the vertices.
    along = row[pieces.source] >= 0
    edge_row = np.stack([pieces.edge[along], row[pieces.source[along]]], axis=1)
    order = np.argsort(pieces.edge, kind="stable")
    low, high = (np.searchsorted(pieces.edge[order], edge_row[:, 0], side) for side in ("left", "right"))
    others: list[set[int]] = [set() for _ in lacks]
    for k, a, b in zip(edge_row[:, 1].tolist(), low.tolist(), high.tolist(), strict=True):
        others[k].update(left.owner[pieces.source[order[a:b]]].tolist())
    xy = to_metres(pieces.vertices[vertex])
    return [(tuple(sorted(others[k])), np.unique(xy[source == s], axis=0)) for k, s in enumerate(lacks.tolist())]
