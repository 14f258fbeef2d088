"""Lines in the gaps between buildings: where a street face may be divided without cutting a building.

The lines are Voronoi edges between the outlines of different owners, in the manner of morphological
tessellation (M. Fleischmann et al., "Morphological tessellation as a way of partitioning space", 2020), made
face by face, only where a face must be divided and only between those that it must part.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely

from gis.arrays import Bools, Floats, Geometries, Ints
from gis.compiled import compiled
from gis.coverage.lattice import STEPS_PER_METRE, to_lattice, to_metres
from gis.delineation.delaunay import triangulate
from gis.delineation.nearest import nearest_in_group

# Outlines are sampled this densely; where a line still runs through a footprint, the outline itself overrules it.
_SAMPLE_M = 4.0
# Lines are straightened by up to this much: they zigzag with the samples.
_STRAIGHTEN_M = 1.0
# Two buildings are neighbours where they share a border this near to both.
_NEAR_M = 50.0
# Corners lie this many times the extent of a face away from it, so that every line in it is finite.
_CORNERS = 4
# A chain of ridges runs through a point with two of them; any other is a fork or an end.
_THROUGH = 2
# Lines run this far past the face's rim, so that they surely meet it when both are rounded to the lattice.
_PAST_RIM_M = 0.004


@dataclass(frozen=True)
class Outlines:
    """Points along the outlines of buildings, each with its owner and its face.

    Attributes
    ----------
    steps : (n, 2) int64
        On the lattice.
    owner, face : (n,) int64
        Face by face.
    """

    steps: Ints
    owner: Ints
    face: Ints

    def nearest_owner(self, xy: Floats, face: Ints) -> Ints:
        """Owner whose outline is nearest to each point among those in the point's own face."""
        return self.owner[nearest_in_group(to_metres(self.steps), self.face, xy, face)[0]]


def outlines_of(buildings: Geometries, owner: Ints, face: Ints) -> Outlines:
    """Sample the outlines of buildings (points stand for themselves), given face by face."""
    xy, row = shapely.get_coordinates(buildings, return_index=True)
    steps, row = _sample(to_lattice(xy), row, int(_SAMPLE_M * STEPS_PER_METRE))
    return Outlines(steps, owner[row], face[row])


@compiled
def _sample(vertices: Ints, row: Ints, most: int) -> tuple[Ints, Ints]:
    """Vertices of closed rings once each, with points between them no more than so many steps apart."""
    steps, of = np.empty((2 * len(row) + 16, 2), np.int64), np.empty(2 * len(row) + 16, np.int64)
    count = start = 0
    for k in range(len(row)):
        if k and row[k] != row[k - 1]:
            start = k
        x, y = vertices[k]
        between = 0
        if k + 1 < len(row) and row[k + 1] == row[k] and not _closes(vertices, start, k):
            dx, dy = vertices[k + 1, 0] - x, vertices[k + 1, 1] - y
            between = int(np.hypot(float(dx), float(dy))) // most + 1
        elif k == start:
            between, dx, dy = 1, 0, 0
        else:
            start = k + 1
        if count + between > len(of):
            steps, of = _longer(steps, of, between)
        for j in range(between):
            steps[count, 0], steps[count, 1], of[count] = x + dx * j // between, y + dy * j // between, row[k]
            count += 1
    return steps[:count], of[:count]


@compiled
def _closes(vertices: Ints, start: int, k: int) -> bool:
    """Whether the ring that began at `start` is back there."""
    return k > start and vertices[k, 0] == vertices[start, 0] and vertices[k, 1] == vertices[start, 1]


@compiled
def _longer(steps: Ints, of: Ints, more: int) -> tuple[Ints, Ints]:
    longer, of_longer = np.empty((2 * len(of) + more, 2), np.int64), np.empty(2 * len(of) + more, np.int64)
    longer[: len(of)], of_longer[: len(of)] = steps, of
    return longer, of_longer


@dataclass(frozen=True)
class Ridges:
    """Voronoi edges between different owners inside faces.

    Attributes
    ----------
    points : (p, 2) int64
        Lattice steps.
    ends : (r, 2) int64
        Rows of `points`.
    owners : (r, 2) int64
        On either side.
    near : (r,) bool
        Whether the ridge comes near both.
    face : (r,) int64
    """

    points: Ints
    ends: Ints
    owners: Ints
    near: Bools
    face: Ints


def ridges_of(outlines: Outlines, faces: Geometries, workers: int = 1) -> Ridges:
    """Find the ridges between different owners.

    Parameters
    ----------
    outlines
        Sampled outlines; `outlines.face` counts rows of `faces`.
    faces : (f,) array of Polygons
    workers
        Threads among which faces are divided.
    """
    rims = to_lattice(shapely.bounds(faces))
    starts = np.flatnonzero(np.diff(outlines.face, prepend=-1))
    runs = [slice(*run) for run in pairwise([*starts, len(outlines.face)]) if np.ptp(outlines.owner[slice(*run)])]

    def one(run: slice) -> tuple[Ints, Ints]:
        return _ridges(outlines.steps[run], outlines.owner[run], rims[outlines.face[run.start]])

    with ThreadPoolExecutor(workers) as pool:
        found = list(pool.map(one, runs))
    nothing = np.empty((0, 2), np.int64), np.empty((0, 5), np.int64)
    points, rows = (np.concatenate(parts) for parts in zip(nothing, *found, strict=True))
    counts = np.array([len(ridges) for _, ridges in found], np.int64)
    used = np.cumsum([0, *(len(centres) for centres, _ in found)])[:-1]
    face = np.array([outlines.face[run.start] for run in runs], np.int64)
    ends = rows[:, :2] + np.repeat(used, counts)[:, None]
    return Ridges(points, ends, rows[:, 2:4], rows[:, 4] > 0, np.repeat(face, counts))


def _ridges(steps: Ints, owner: Ints, rim: Ints) -> tuple[Ints, Ints]:
    """Voronoi vertices, and rows of two of them, two owners and whether the edge is near both."""
    low, high = np.minimum(steps.min(axis=0), rim[:2]), np.maximum(steps.max(axis=0), rim[2:])
    away = _CORNERS * int((high - low).max()) + STEPS_PER_METRE
    west = south = -away
    east, north = (high - low + away).tolist()
    order = np.lexsort((steps[:, 1], steps[:, 0]))
    steps, owner = steps[order] - low, owner[order]
    new = np.append(True, (steps[1:] != steps[:-1]).any(axis=1))
    xy = np.concatenate([[[west, south], [west, north]], steps[new], [[east, south], [east, north]]])
    corner, twin = triangulate(xy)
    centres, rows = _dual(xy, np.concatenate([[-1, -1], owner[new], [-1, -1]]), corner, twin, _NEAR_M * STEPS_PER_METRE)
    return centres + low, rows


@compiled
def _dual(xy: Ints, owner: Ints, corner: Ints, twin: Ints, near: float) -> tuple[Ints, Ints]:
    """Centres of circles around triangles, and the edges between them that part different owners (-1: nobody)."""
    centre = np.empty((len(corner) // 3, 2), np.int64)
    for t in range(len(centre)):
        a, b, c = corner[3 * t : 3 * t + 3]
        bx, by = float(xy[b, 0] - xy[a, 0]), float(xy[b, 1] - xy[a, 1])
        cx, cy = float(xy[c, 0] - xy[a, 0]), float(xy[c, 1] - xy[a, 1])
        double = 2 * (bx * cy - by * cx)
        bb, cc = bx * bx + by * by, cx * cx + cy * cy
        centre[t, 0] = xy[a, 0] + round((cy * bb - by * cc) / double)
        centre[t, 1] = xy[a, 1] + round((bx * cc - cx * bb) / double)
    rows = np.empty((len(corner), 5), np.int64)
    count = 0
    for half in range(len(corner)):
        other = twin[half]
        if half > other:
            continue
        p, q = corner[half], corner[other]
        if owner[p] == owner[q] or min(owner[p], owner[q]) < 0:
            continue
        s, t = half // 3, other // 3
        # Along the bisector, from the middle between both: as far as it is near.
        dx, dy = float(xy[q, 0] - xy[p, 0]), float(xy[q, 1] - xy[p, 1])
        length = np.hypot(dx, dy)
        reach = np.sqrt(max(near * near - length * length / 4, 0.0))
        from_s = ((centre[s, 1] - xy[p, 1] - dy / 2) * dx - (centre[s, 0] - xy[p, 0] - dx / 2) * dy) / length
        from_t = ((centre[t, 1] - xy[p, 1] - dy / 2) * dx - (centre[t, 0] - xy[p, 0] - dx / 2) * dy) / length
        shared = min(max(from_s, from_t), reach) - max(min(from_s, from_t), -reach)
        rows[count] = s, t, owner[p], owner[q], int(shared > 0)
        count += 1
    return centre, rows[:count]


def gap_lines(ridges: Ridges, cluster: Ints, faces: Geometries, buildings: Geometries) -> tuple[Geometries, Bools]:
    """Draw the lines between different clusters inside each face.

    Parameters
    ----------
    ridges
        As `ridges_of` gives them; `ridges.face` counts rows of `faces`.
    cluster : (n,) int64
        Cluster of each owner.
    faces : (f,) array of Polygons
    buildings : (b,) array of Polygons, MultiPolygons or Points

    Returns
    -------
    lines : array of LineStrings
        Clipped to their faces, running a few millimetres past the rim; not noded.
    crossed : (b,) bool
        The buildings that some line crosses: their outlines overrule it.
    """
    crossed = np.zeros(len(buildings), np.bool_)
    between = cluster[ridges.owners[:, 0]] != cluster[ridges.owners[:, 1]]
    point, chain = _chains(ridges.ends[between], len(ridges.points))
    if not len(chain):
        return np.empty(0, dtype=object), crossed
    face_of = np.full(len(ridges.points), -1, np.int64)
    face_of[ridges.ends.ravel()] = np.repeat(ridges.face, 2)
    lines = shapely.linestrings(to_metres(ridges.points[point]), indices=chain)
    lines = _clip(lines, face_of[point[np.append(True, chain[1:] != chain[:-1])]], faces)
    straight = shapely.simplify(lines, _STRAIGHTEN_M, preserve_topology=False)
    tree = shapely.STRtree(buildings)
    bent = np.unique(tree.query(straight, predicate="intersects")[0])
    straight[bent] = lines[bent]
    crossed[tree.query(lines[bent], predicate="intersects")[1]] = True
    return straight, crossed


@compiled
def _chains(ends: Ints, points: int) -> tuple[Ints, Ints]:
    """Follow edges together from fork to fork: points in order, and the chain of each."""
    degree, ways = np.zeros(points, np.int64), np.empty((points, _THROUGH), np.int64)
    for edge in range(len(ends)):
        for vertex in ends[edge]:
            if degree[vertex] < _THROUGH:
                ways[vertex, degree[vertex]] = edge
            degree[vertex] += 1
    point, chain = np.empty(2 * len(ends), np.int64), np.empty(2 * len(ends), np.int64)
    used = np.zeros(len(ends), np.bool_)
    at = count = 0
    for rings in (False, True):
        for first in range(len(ends)):
            for side in range(2):
                vertex = ends[first, side]
                if used[first] or (degree[vertex] == _THROUGH and not rings):
                    continue
                edge = first
                point[at], chain[at] = vertex, count
                at += 1
                while not used[edge]:
                    used[edge] = True
                    vertex = ends[edge, 0] + ends[edge, 1] - vertex
                    point[at], chain[at] = vertex, count
                    at += 1
                    if degree[vertex] == _THROUGH:
                        edge = ways[vertex, 0] + ways[vertex, 1] - edge
                count += 1
    return point[:at], chain[:at]


def _clip(lines: Geometries, face: Ints, faces: Geometries) -> Geometries:
    shapely.prepare(faces)
    inside = shapely.contains_properly(faces[face], lines)
    crossing = face[~inside]
    reach = np.empty(len(faces), dtype=object)
    used = np.unique(crossing)
    reach[used] = shapely.buffer(faces[used], _PAST_RIM_M, join_style="mitre")
    shapely.prepare(reach)
    clipped = shapely.get_parts(shapely.intersection(reach[crossing], lines[~inside]))
    return np.concatenate([lines[inside], clipped[shapely.get_dimensions(clipped) == 1]])
