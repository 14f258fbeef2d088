"""Street faces: the land between streets, barriers, community lines and the rim, before any of it is divided."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis.arrays import Bools, Geometries, Ints
from gis.barriers import Barrier
from gis.coverage.faces import plane_of
from gis.coverage.lattice import segments_of
from gis.coverage.rings import polygons_of
from gis.sources.town import Town

# Polsby-Popper below which a face winds around others (a circle has 1, a square 0.79).
_STRIP_ROUNDNESS = 0.3


@dataclass(frozen=True)
class StreetFaces:
    """The street faces of an area, and which buildings may divide them.

    Attributes
    ----------
    polygons : (f,) array of Polygons
    of_building : (b,) int64
        Face on which each building stands.
    block : (f,) int64
        Faces of one block: only walls and lanes divide them.
    full : (f,) bool
        Faces with more households than one piece of land may hold.
    strip : (f,) bool
        Faces that wind around others, as around walled compounds, in a block with more than that. Divided among all
        buildings of their block, they let each reach its neighbours and its side of the street.
    """

    polygons: Geometries
    of_building: Ints
    block: Ints
    full: Bools
    strip: Bools

    @property
    def undivided(self) -> Bools:
        """Faces that stay whole."""
        whole: Bools = ~(self.full | self.strip)
        return whole

    def sites(self) -> tuple[Ints, Ints]:
        """List the buildings among which faces are divided: rows of buildings and their faces, face by face.

        A face is divided among its own buildings, a strip among those of its block.
        """
        own = np.flatnonzero((self.full & ~self.strip)[self.of_building])
        rows, faces = [own], [self.of_building[own]]
        for k in np.flatnonzero(self.strip):
            rows.append(np.flatnonzero(self.block[self.of_building] == self.block[k]))
            faces.append(np.full(len(rows[-1]), k, np.int64))
        row, face = np.concatenate(rows), np.concatenate(faces)
        order = np.argsort(face, kind="stable")
        return row[order], face[order]


def street_faces(
    segments: Ints, strength: Ints, area: gpd.GeoDataFrame, at: Geometries, households: Ints, divide_above: int
) -> StreetFaces:
    """Find the street faces inside the area, and which of them are to be divided.

    Parameters
    ----------
    segments : (n, 4) int64
        All lines, in lattice steps (`line_segments`).
    strength : (n,) int64
    area
        One row.
    at : (b,) array of Points
        Where each building stands.
    households : (b,) int64
    divide_above
        Faces with more households than this are divided.
    """
    plane = plane_of(segments, strength)
    faces = polygons_of(plane, np.arange(plane.face_count), plane.face_count)
    x, y = shapely.get_coordinates(shapely.point_on_surface(faces)).T
    inside = shapely.contains_xy(shapely.union_all(area.geometry.to_numpy()), x, y)
    inner = (plane.strength <= Barrier.LANE) & (plane.left >= 0) & (plane.right >= 0)
    pairs = (plane.left[inner], plane.right[inner])
    graph = coo_array((np.ones(int(inner.sum()), np.int8), pairs), shape=(len(faces), len(faces)))
    polygons = faces[inside]
    block = connected_components(graph, directed=False)[1].astype(np.int64)[inside]
    of_building = row_at(polygons, at)
    own = np.bincount(of_building, households, minlength=len(polygons))
    round_as = 4 * np.pi * shapely.area(polygons) / shapely.length(polygons) ** 2
    winding = (round_as < _STRIP_ROUNDNESS) | (shapely.get_num_interior_rings(polygons) > 0)
    return StreetFaces(
        polygons, of_building, block, own > divide_above, winding & (np.bincount(block, own)[block] > divide_above)
    )


def line_segments(town: Town) -> tuple[Ints, Ints]:
    """Segments of all lines that may become boundaries, (n, 4) in lattice steps, and what each is worth."""
    kinds = np.array([Barrier.of(kind) for kind in town.barriers["kind"]], np.int64)
    layers = [
        (town.area, np.full(len(town.area), Barrier.RIM, np.int64)),
        (town.communities, np.full(len(town.communities), Barrier.COMMUNITY, np.int64)),
        (town.barriers, kinds),
        (town.rules, np.full(len(town.rules), Barrier.DRAWN, np.int64)),
    ]
    segments, strengths = [], []
    for layer, strength in layers:
        found, source = segments_of(layer.geometry.to_numpy())
        segments.append(found)
        strengths.append(strength[source])
    return np.concatenate(segments), np.concatenate(strengths)


def row_at(polygons: Geometries, points: Geometries) -> Ints:
    """Row of the polygon that holds each point; on a border the first of them, in a seam the nearest."""
    tree = shapely.STRtree(polygons)
    row = np.full(len(points), -1, np.int64)
    point, polygon = tree.query(points, predicate="intersects")
    row[point[::-1]] = polygon[::-1]
    stray = row < 0
    if stray.any():
        row[stray] = tree.nearest(points[stray])
    return row


def communities_of(town: Town, polygons: Geometries) -> Ints:
    """Row of the community in which each street face lies; 0 where none are given."""
    if not len(town.communities):
        return np.zeros(len(polygons), np.int64)
    return row_at(town.communities.geometry.to_numpy(), shapely.point_on_surface(polygons))
