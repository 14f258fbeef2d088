"""Drawing a heap of cells anew: their faces are given out until every one has one owner, then drawn.

What only one cell covers stays with it. The rest is given away region by region, by a `Choice`; a cell that lies wholly
below others keeps its ground before everybody, so that no cell is lost; and pieces that came off a cell by that go to a
neighbour.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis.arrays import Bools, Floats, Geometries, Ints
from gis.coverage.claims import Choice, Claim
from gis.coverage.faces import OUTSIDE, Plane
from gis.coverage.lattice import STEPS_PER_METRE, segments_of
from gis.coverage.misfits import covers_of
from gis.coverage.remainder import heights, remainder_of
from gis.coverage.rings import polygons_of

_NOBODY = -1
_SQUARE = 2 * STEPS_PER_METRE**2


@dataclass(frozen=True)
class Move:
    """Ground that changed hands.

    Attributes
    ----------
    kind
        `gap` (nobody had it), `overlap` (several had it), `outside` (it is cut off), `part` (a piece that came off).
    place
        A point in it.
    area_m2
    before : rows of the cells that had it
    after
        Row of the cell that has it now, -1 for nobody.
    """

    kind: str
    place: shapely.Point
    area_m2: float
    before: tuple[int, ...]
    after: int


@dataclass(frozen=True)
class Drawing:
    """Cells drawn anew.

    Attributes
    ----------
    polygons : (n,) array of Polygons or MultiPolygons
        Empty for a cell that is the same as another.
    moves
        What changed hands.
    open
        Claims that nobody was chosen for.
    """

    polygons: Geometries
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
    moves = [ground.move("outside", face, _NOBODY) for face in np.flatnonzero(ground.beyond).tolist()]
    _keep_the_landless(ground, label, shapely.area(cells))
    ids = defect_at(ground.points[ground.first])
    still = _give(ground, label, choice, ids)
    moves += [
        ground.move("overlap" if ground.sets[face] else "gap", face, int(label[face]))
        for face in np.flatnonzero(ground.region >= 0).tolist()
        if label[face] != _NOBODY
    ]
    moves += _join_parts(ground, label, shapely.get_num_geometries(cells))
    return Drawing(polygons_of(ground.plane, label, len(cells)), moves, still)


@dataclass(frozen=True)
class _Ground:
    """Faces of the cells to be drawn: by face, who covers it, who alone does, whether it lies beyond the area.

    `region` numbers what has to be given away, -1 elsewhere; `first` is a face of each region.
    """

    plane: Plane
    points: Geometries
    sets: list[tuple[int, ...]]
    sole: Ints
    beyond: Bools
    region: Ints
    first: Ints

    def move(self, kind: str, face: int, after: int) -> Move:
        area = float(self.plane.double_area[face] / _SQUARE)
        return Move(kind, self.points[face], area, tuple(c for c in self.sets[face] if c != after), after)


def _ground_of(cells: Geometries, whole: Geometries, gaps: Geometries) -> _Ground:
    segments, owner = segments_of(shapely.orient_polygons(np.concatenate([cells, whole])))
    rim = owner >= len(cells)
    found = remainder_of(segments, np.where(rim, 0, 1), None)
    plane, cover = found.plane, found.cover
    count = plane.face_count
    inside = heights(plane, found.pieces, rim.astype(np.int64)) > 0 if len(whole) else np.ones(count, np.bool_)
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
    first = np.unique(region, return_index=True)[1][int(region.min(initial=0) < 0) :]
    return _Ground(plane, points, sets, sole, ~inside & (size > 0), region, first)


def _regions(plane: Plane, sets: list[tuple[int, ...]], wanted: Bools) -> Ints:
    """Give heaps of neighbouring faces that the same cells cover a number; -1 for faces not wanted."""
    number: dict[tuple[int, ...], int] = {}
    kind = np.full(len(sets) + 1, -1, np.int64)
    for face in np.flatnonzero(wanted).tolist():
        kind[face] = number.setdefault(sets[face], len(number))
    joined = (kind[plane.left] >= 0) & (kind[plane.left] == kind[plane.right])
    region = np.full(len(sets), -1, np.int64)
    region[wanted] = np.unique(_linked(plane, joined, len(sets))[wanted], return_inverse=True)[1]
    return region


def _linked(plane: Plane, edges: Bools, count: int) -> Ints:
    """Heap of each face, where the faces on both sides of some edges belong together."""
    left, right = plane.left[edges], plane.right[edges]
    graph = coo_array((np.ones(len(left), np.int8), (left, right)), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1], np.int64)


def _keep_the_landless(ground: _Ground, label: Ints, area: Floats) -> None:
    """Cells that have nothing to themselves get what they cover, the smallest first."""
    landless = set(range(len(area))) - set(label.tolist())
    claimed: dict[int, list[int]] = {cell: [] for cell in landless}
    for face in np.flatnonzero(ground.region >= 0).tolist():
        for cell in landless.intersection(ground.sets[face]):
            claimed[cell].append(face)
    for cell in sorted(landless, key=lambda c: (area[c], c)):
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


def _join_parts(ground: _Ground, label: Ints, allowed: Ints) -> list[Move]:
    """Give pieces that came off a cell to the neighbour with the longest border; the largest stay."""
    plane = ground.plane
    side = np.append(label, OUTSIDE)
    same = (side[plane.left] == side[plane.right]) & (side[plane.left] != _NOBODY)
    heap = _linked(plane, same, len(label))
    size = np.bincount(heap, plane.double_area)
    owner = np.full(len(size), _NOBODY, np.int64)
    owner[heap] = label
    moves = []
    order = np.lexsort((-size, owner))
    place = np.arange(len(order)) - np.searchsorted(owner[order], owner[order])
    loose = order[(owner[order] != _NOBODY) & (place >= np.maximum(allowed, 1)[owner[order]])]
    if not len(loose):
        return []
    number = np.full(len(size), -1, np.int64)
    number[loose] = np.arange(len(loose))
    borders = _borders(plane, number[heap], label)
    for k, piece in enumerate(loose.tolist()):
        beside = {c: metres for c, metres in borders.get(k, {}).items() if c != owner[piece]}
        if beside:
            after = min(beside, key=lambda c: (-beside[c], c))
            for face in np.flatnonzero(heap == piece).tolist():
                label[face] = after
                area = float(plane.double_area[face] / _SQUARE)
                moves.append(Move("part", ground.points[face], area, (int(owner[piece]),), after))
    return moves
