"""Defects of a tiling, found in what its certificate leaves over.

The edges left over are noded; on each face between them the number of cells that cover it is constant, and says what
is wrong there: none inside the area is a gap, two an overlap, one beyond the rim lies outside; edges without such a
face beside them only lack a vertex.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis.arrays import Geometries
from gis.coverage.certificate import Residue, Tiling, residue_of
from gis.coverage.faces import plane_of
from gis.coverage.lattice import to_metres
from gis.coverage.rings import polygons_of

# A gap or an overlap narrower than this everywhere is called a sliver.
_SLIVER_M = 0.5
# Where to cut a face whose inner point falls on a border: shares that no regular drawing repeats.
_SHARES = (0.6180, 0.4142, 0.7321, 0.2361, 0.8284)

SUGGESTIONS = {
    "gap": "Nobody owns this land: give it to a neighbour, for instance that with the longest shared border.",
    "uncovered": "The area reaches farther than the cells: extend the cell beside it, or draw the area smaller.",
    "overlap": "Two cells claim this land: take it from one of them.",
    "outside": "This part lies beyond the area: cut it off, or draw the area larger.",
    "sliver": "A strip too narrow to be meant: snap the two borders together.",
    "unmatched_vertex": "The borders lie on each other, but one lacks a vertex of the other: add it.",
    "duplicate": "The same polygon is here more than once: delete all but one.",
    "invalid": "The ring crosses or touches itself: redraw it at this place.",
    "empty": "This cell has no geometry: draw it or delete its row.",
    "disconnected": "The cell is in several parts: join them, make them cells of their own, or declare an exclave.",
    "parent_child": "The cells below do not tile this one: redraw one of the two along the other.",
}


@dataclass(frozen=True)
class Defect:
    """One thing that is wrong: its kind, the cells concerned (rows of the tiling) and the place."""

    kind: str
    cells: tuple[int, ...]
    geometry: Any
    note: str = ""

    @property
    def suggestion(self) -> str:
        """What to do about it."""
        return f"{self.note} {SUGGESTIONS[self.kind]}".strip()


def broken_shapes(cells: Geometries, exclave: Any) -> list[Defect]:  # noqa: ANN401
    """Cells that are wrong by themselves: empty, invalid, in parts, or drawn twice."""
    found = []
    missing = shapely.is_missing(cells) | shapely.is_empty(cells)
    found += [Defect("empty", (int(k),), shapely.Point()) for k in np.flatnonzero(missing)]
    for k in np.flatnonzero(~missing & ~shapely.is_valid(cells)):
        found.append(Defect("invalid", (int(k),), cells[k], f"{shapely.is_valid_reason(cells[k])}."))
    parted = ~missing & (shapely.get_num_geometries(cells) > 1) & ~np.asarray(exclave, np.bool_)
    found += [Defect("disconnected", (int(k),), cells[k]) for k in np.flatnonzero(parted)]
    shapes: dict[bytes, list[int]] = {}
    for k in np.flatnonzero(~missing):
        shapes.setdefault(shapely.to_wkb(shapely.normalize(cells[k])), []).append(int(k))
    found += [Defect("duplicate", tuple(rows), cells[rows[0]]) for rows in shapes.values() if len(rows) > 1]
    return found


def misfits(tiling: Tiling, rim_given: bool) -> list[Defect]:  # noqa: FBT001 (says whether the one whole is the area itself)
    """Places where the cells do not tile their one whole.

    Parameters
    ----------
    tiling
        With a single whole: the area.
    rim_given
        Whether the area was given; without it nothing can lie outside or be uncovered.
    """
    residue = residue_of(tiling)
    if not len(residue):
        return []
    plane = plane_of(residue.segments, np.zeros(len(residue), np.int64))
    faces = polygons_of(plane, np.arange(plane.face_count), plane.face_count)
    tree = shapely.STRtree(tiling.cells)
    inner = _points_off_borders(faces, tree)
    point, cell = tree.query(inner, predicate="within")
    cover = np.bincount(point, minlength=len(faces))
    area = shapely.union_all(tiling.wholes)
    inside = shapely.contains_xy(area, *shapely.get_coordinates(inner).T) if len(inner) else np.empty(0, np.bool_)
    wrong = np.flatnonzero(cover != inside)
    found = []
    for k in wrong:
        cells = tuple(int(c) for c in cell[point == k])
        found.append(Defect(_kind(faces[k], int(cover[k]), bool(inside[k]), area, rim_given), cells, faces[k]))
    return found + _unmatched(residue, faces[wrong], tiling)


def parent_misfits(tiling: Tiling, known: Residue) -> list[Defect]:
    """Parents that their children do not tile, apart from what is wrong with the level as a whole."""
    residue = residue_of(tiling)
    seen = {tuple(segment) for segment in known.segments.tolist()}
    new = np.array([tuple(segment) not in seen for segment in residue.segments.tolist()], np.bool_)
    found = []
    for parent in np.unique(residue.whole[new]):
        lines = to_metres(residue.segments[new & (residue.whole == parent)]).reshape(-1, 2, 2)
        children = tuple(int(k) for k in np.flatnonzero(tiling.parent == parent))
        found.append(Defect("parent_child", children, shapely.multilinestrings(shapely.linestrings(lines))))
    return found


def _points_off_borders(faces: Geometries, tree: shapely.STRtree) -> Geometries:
    """Choose a point inside each face that lies on no cell's border, so that the cells around it can be counted."""
    points = shapely.point_on_surface(faces)
    for share in _SHARES:
        on_border = np.unique(tree.query(points, predicate="touches")[0])
        if not len(on_border):
            break
        west, south, east, north = shapely.bounds(faces[on_border]).T
        part = shapely.intersection(faces[on_border], shapely.box(west, south, west + share * (east - west), north))
        points[on_border] = shapely.point_on_surface(part)
    return points


def _kind(face: Any, cover: int, inside: bool, area: Any, rim_given: bool) -> str:  # noqa: ANN401, FBT001
    if not inside:
        return "outside" if rim_given else "overlap"
    if shapely.length(shapely.maximum_inscribed_circle(face, tolerance=_SLIVER_M / 8)) < _SLIVER_M / 2:
        return "sliver"
    if cover > 1:
        return "overlap"
    return "uncovered" if rim_given and shapely.intersects(face.boundary, area.boundary) else "gap"


def _unmatched(residue: Residue, wrong: Geometries, tiling: Tiling) -> list[Defect]:
    """Edges left over beside no wrong face, cluster by cluster."""
    lines = shapely.linestrings(to_metres(residue.segments).reshape(-1, 2, 2))
    if len(wrong):
        tree = shapely.STRtree(shapely.boundary(wrong))
        covered = np.unique(tree.query(lines, predicate="covered_by")[0])
        lines = np.delete(lines, covered)
    if not len(lines):
        return []
    a, b = shapely.STRtree(lines).query(lines, predicate="intersects")
    graph = coo_array((np.ones(len(a), np.int8), (a, b)), shape=(len(lines), len(lines)))
    count, cluster = connected_components(graph, directed=False)
    cells = shapely.STRtree(tiling.cells)
    found = []
    for k in range(count):
        place = shapely.multilinestrings(lines[cluster == k])
        near = np.sort(cells.query(place, predicate="intersects"))
        along = shapely.length(shapely.intersection(shapely.boundary(tiling.cells[near]), place)) > 0
        found.append(Defect("unmatched_vertex", tuple(int(c) for c in near[along]), place))
    return found
