"""Drawing a heap of cells anew: their faces are given out until every one has one owner, then drawn.

What only one cell covers stays with it. The rest is given away region by region, by a `Choice`; a cell that lies wholly
below others keeps its ground before everybody, so that no cell is lost; and pieces that came off a cell by that go to a
neighbour.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from gis.arrays import Bools, Floats, Geometries, Ints
from gis.coverage.boundaries import number_points
from gis.coverage.claims import Choice, Claim
from gis.coverage.faces import OUTSIDE, Plane, joined_faces
from gis.coverage.lattice import segments_of, to_lattice
from gis.coverage.misfits import covers_of
from gis.coverage.remainder import remainder_of
from gis.coverage.rings import polygons_of

_NOBODY = -1
_TWO = 2
_TURNS = 20


@dataclass(frozen=True)
class Move:
    """Ground that changed hands.

    Attributes
    ----------
    kind
        `gap` (nobody had it), `overlap` (several had it), `outside` (it is cut off), `part` (a piece that came off).
    polygon
        The ground.
    before : rows of the cells that had it
    after
        Row of the cell that has it now, -1 for nobody.
    """

    kind: str
    polygon: Any
    before: tuple[int, ...]
    after: int


@dataclass(frozen=True)
class Drawing:
    """Cells drawn anew.

    Attributes
    ----------
    polygons : (n,) array of Polygons or MultiPolygons
        Empty for a cell that is the same as another.
    whole : (0 or 1,) array of Polygons or MultiPolygons
        The area, with the vertices that the cells have on its rim.
    moves
        What changed hands.
    open
        Claims that nobody was chosen for.
    """

    polygons: Geometries
    whole: Geometries
    moves: list[Move]
    open: list[Claim]


def redraw(
    cells: Geometries,
    whole: Geometries,
    gaps: Geometries,
    choice: Choice,
    defect_at: Callable[[Geometries], list[str]],
) -> Drawing:
    """Draw cells anew so that they do not overlap and leave no gap.

    Parameters
    ----------
    cells : (n,) array of Polygons or MultiPolygons
        Everything a defect concerns, on the lattice and valid.
    whole : (0 or 1,) array of Polygons or MultiPolygons
        The area, if there is one: what lies beyond is cut off.
    gaps : (g,) array of Polygons
        Ground to be filled.
    choice
        Who gets what; its rows are those of `cells`.
    defect_at
        Finds the ids of the defects at points.
    """
    ground = _ground_of(cells, whole, gaps)
    label = ground.sole.copy()
    _keep_the_landless(ground, label, shapely.area(cells), choice.codes)
    still = _give(ground, label, choice, defect_at(ground.points[ground.first]))
    for _ in range(_TURNS):  # a piece that is given away may cut off another
        if not _join_parts(ground, label, shapely.get_num_geometries(cells), choice.codes):
            break
    corner = _corners(ground, label, cells, whole)
    polygons = polygons_of(ground.plane, label, len(cells), corner)
    rim = polygons_of(ground.plane, np.where(ground.inside, 0, _NOBODY), 1, corner) if len(whole) else whole
    return Drawing(polygons, rim, _moves(ground, label), still)


@dataclass(frozen=True)
class _Ground:
    """Faces of the cells to be drawn: by face, who covers it, who alone does, whether it lies in the area.

    `region` numbers what has to be given away, -1 elsewhere; `first` is a face of each region.
    """

    plane: Plane
    points: Geometries
    sets: list[tuple[int, ...]]
    sole: Ints
    inside: Bools
    region: Ints
    first: Ints


def _ground_of(cells: Geometries, whole: Geometries, gaps: Geometries) -> _Ground:
    segments, owner = segments_of(shapely.orient_polygons(np.concatenate([cells, whole])))
    rim = owner >= len(cells)
    found = remainder_of(segments, np.where(rim, -1, 1), rim.astype(np.int64) if len(whole) else None)
    plane, cover, inside = found.plane, found.cover, found.inside > 0
    count = plane.face_count
    faces = polygons_of(plane, np.arange(count), count)
    points = shapely.point_on_surface(faces)
    tree = shapely.STRtree(cells)
    sets = covers_of(found, np.arange(count), faces, cover > 0, tree, np.where(rim, _NOBODY, owner))
    size = np.array([len(s) for s in sets], np.int64)
    sole = np.array([s[0] if len(s) == 1 else _NOBODY for s in sets], np.int64)
    sole[~inside] = _NOBODY
    missed = np.zeros(count, np.bool_)
    if len(gaps):
        missed[shapely.STRtree(gaps).query(points, predicate="intersects")[0]] = True
    region = _regions(plane, sets, inside & ((size > 1) | ((size == 0) & missed)))
    return _Ground(plane, points, sets, sole, inside, region, _first_of(region))


def _regions(plane: Plane, sets: list[tuple[int, ...]], wanted: Bools) -> Ints:
    """Give heaps of neighbouring faces that the same cells cover a number; -1 for faces not wanted."""
    number: dict[tuple[int, ...], int] = {}
    kind = np.full(len(sets) + 1, -1, np.int64)
    for face in np.flatnonzero(wanted).tolist():
        kind[face] = number.setdefault(sets[face], len(number))
    joined = (kind[plane.left] >= 0) & (kind[plane.left] == kind[plane.right])
    region = np.full(len(sets), -1, np.int64)
    region[wanted] = np.unique(joined_faces(plane, joined)[:-1][wanted], return_inverse=True)[1]
    return region


def _keep_the_landless(ground: _Ground, label: Ints, area: Floats, codes: Sequence[str]) -> None:
    """Cells that have nothing to themselves get what they cover, the smallest first."""
    landless = set(range(len(area))) - set(label.tolist())
    claimed: dict[int, list[int]] = {cell: [] for cell in landless}
    for face in np.flatnonzero(ground.region >= 0).tolist():
        for cell in landless.intersection(ground.sets[face]):
            claimed[cell].append(face)
    for cell in sorted(landless, key=lambda c: (area[c], codes[c])):
        for face in claimed[cell]:
            if label[face] == _NOBODY:
                label[face] = cell


def _give(ground: _Ground, label: Ints, choice: Choice, ids: list[str]) -> list[Claim]:
    """Give every region to a cell that has ground beside it, round after round from the outside inwards."""
    open_claims: dict[int, Claim] = {}
    while True:
        waiting = np.unique(ground.region[(ground.region >= 0) & (label == _NOBODY)])
        waiting = waiting[~np.isin(waiting, [*open_claims])]
        if not len(waiting):
            return [*open_claims.values()]
        borders = _borders(ground.plane, np.where(label == _NOBODY, ground.region, -1), label)
        given = False
        for region in waiting.tolist():
            cover = ground.sets[ground.first[region]]
            border = {c: metres for c, metres in borders.get(region, {}).items() if not cover or c in cover}
            if not border and given:
                continue
            claim = Claim("overlap" if cover else "gap", ids[region], border or dict.fromkeys(cover, 0.0))
            if not claim.border:
                continue
            chosen = choice.of(claim)
            if chosen is None:
                open_claims[region] = claim
            else:
                label[(ground.region == region) & (label == _NOBODY)] = chosen
                given = True
        if not given and not any(region in open_claims for region in waiting.tolist()):
            return [*open_claims.values()]


def _borders(plane: Plane, region: Ints, label: Ints) -> dict[int, dict[int, float]]:
    """Metres of border between regions and labelled faces."""
    regions, labels = np.append(region, -1), np.append(label, _NOBODY)
    lengths = plane.lengths
    found: dict[int, dict[int, float]] = {}
    for here, there in ((plane.left, plane.right), (plane.right, plane.left)):
        some = np.flatnonzero((regions[here] >= 0) & (labels[there] != _NOBODY))
        rows = zip(regions[here[some]].tolist(), labels[there[some]].tolist(), lengths[some].tolist(), strict=True)
        for at, cell, metres in rows:
            beside = found.setdefault(at, {})
            beside[cell] = beside.get(cell, 0.0) + metres
    return found


def _join_parts(ground: _Ground, label: Ints, allowed: Ints, codes: Sequence[str]) -> bool:
    """Give pieces that came off a cell to the neighbour with the longest border, if any did; the largest stay."""
    plane = ground.plane
    side = np.append(label, OUTSIDE)
    same = (side[plane.left] == side[plane.right]) & (side[plane.left] != _NOBODY)
    heap = joined_faces(plane, same)[:-1]
    size = np.bincount(heap, plane.double_area)
    owner = np.full(len(size), _NOBODY, np.int64)
    owner[heap] = label
    order = np.lexsort((-size, owner))
    place = np.arange(len(order)) - np.searchsorted(owner[order], owner[order])
    loose = order[(owner[order] != _NOBODY) & (place >= np.maximum(allowed, 1)[owner[order]])]
    number = np.full(len(size), -1, np.int64)
    number[loose] = np.arange(len(loose))
    borders = _borders(plane, number[heap], label)
    given = False
    for k, piece in enumerate(loose.tolist()):
        beside = {cell: metres for cell, metres in borders.get(k, {}).items() if cell != owner[piece]}
        if beside:
            label[heap == piece] = min(beside, key=lambda cell: (-beside[cell], codes[cell]))
            given = True
    return given


def _corners(ground: _Ground, label: Ints, cells: Geometries, whole: Geometries) -> Bools:
    """Vertices to draw: not those straight within a border that neither of the two beside it had there before."""
    plane, given = ground.plane, np.concatenate([cells, whole])
    # Where nobody's ground begins the area counts as the neighbour, if there is one.
    side = np.append(np.where(label == _NOBODY, len(cells), label), len(cells))
    border = np.flatnonzero(side[plane.left] != side[plane.right])
    ends = plane.edges[border].ravel()
    twin = np.repeat(border, 2)
    order = np.argsort(ends, kind="stable")
    vertex, edge = ends[order], twin[order]
    first = np.flatnonzero(np.append(True, vertex[1:] != vertex[:-1])[: len(vertex)])
    pair = first[np.diff(first, append=len(vertex)) == _TWO]
    middle = vertex[pair]
    a, b = (plane.edges[edge[pair + k]].sum(axis=1) - middle for k in (0, 1))
    to_a, to_b = plane.vertices[a] - plane.vertices[middle], plane.vertices[b] - plane.vertices[middle]
    straight = (to_a[:, 0] * to_b[:, 1] == to_a[:, 1] * to_b[:, 0]) & ((to_a * to_b).sum(axis=1) < 0)
    own = _own_vertices(plane, given, len(cells) + 1)
    had = np.zeros(len(middle), np.bool_)
    for sides in (plane.left, plane.right):
        had |= np.isin(middle * (len(cells) + 1) + side[sides[edge[pair]]], own)
    corner = np.ones(len(plane.vertices), np.bool_)
    corner[middle[straight & ~had]] = False
    return corner


def _own_vertices(plane: Plane, given: Geometries, count: int) -> Ints:
    """Vertices that each shape has: number of the vertex times `count`, plus the row of the shape."""
    if not len(plane.vertices):
        return np.empty(0, np.int64)
    xy, row = shapely.get_coordinates(given, return_index=True)
    number = number_points(np.concatenate([plane.vertices, to_lattice(xy)]))
    known, there = number[: len(plane.vertices)], number[len(plane.vertices) :]
    order = np.argsort(known)
    place = np.minimum(np.searchsorted(known[order], there), len(known) - 1)
    met = known[order][place] == there
    return np.unique(order[place[met]] * count + row[met])


def _moves(ground: _Ground, label: Ints) -> list[Move]:
    """List what changed hands, heap by heap."""
    plane = ground.plane
    after = label.tolist()
    had = [sets != ((cell,) if cell != _NOBODY else ()) for sets, cell in zip(ground.sets, after, strict=True)]
    undecided = (label == _NOBODY) & (ground.region >= 0)
    regions = _regions(
        plane,
        [(cell, *sets) for sets, cell in zip(ground.sets, after, strict=True)],
        np.array(had, np.bool_) & ~undecided,
    )
    count = int(regions.max(initial=-1)) + 1
    moves = []
    for polygon, face in zip(polygons_of(plane, regions, count), _first_of(regions), strict=True):
        before, cell = ground.sets[face], after[face]
        if not before:
            kind = "gap"
        elif not ground.inside[face]:
            kind = "outside"
        else:
            kind = "overlap" if len(before) > 1 else "part"
        moves.append(Move(kind, polygon, tuple(c for c in before if c != cell), cell))
    return moves


def _first_of(region: Ints) -> Ints:
    """One face of each region."""
    return np.unique(region, return_index=True)[1][int(region.min(initial=0) < 0) :]
