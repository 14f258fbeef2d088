"""Atoms: the smallest pieces of land that move as one. A whole street face, or a few buildings with the land around."""

from dataclasses import dataclass, replace

import numpy as np
import shapely
from scipy.sparse import csr_array

from gis.arrays import Bools, Floats, Geometries, Ints
from gis.barriers import Barrier
from gis.coverage.faces import OUTSIDE, Plane, plane_of
from gis.coverage.lattice import segments_of, to_metres
from gis.coverage.rings import polygons_of
from gis.delineation.clusters import clusters_of
from gis.delineation.gaps import Outlines, Ridges, gap_lines, outlines_of, ridges_of
from gis.delineation.owners import Owners, owners_of
from gis.delineation.settle import join_parts, settle, sides_of, symmetric
from gis.delineation.streets import StreetFaces, communities_of, line_segments, row_at, street_faces
from gis.sources.town import Town

# Buildings of a divided face move in clusters of at most this part of what a whole face may hold: larger ones leave
# fewer choices than the shapes of the smallest cells need.
_CLUSTER_SHARE = 0.4


@dataclass(frozen=True)
class Atoms:
    """The atoms of an area.

    Attributes
    ----------
    plane
        The planar partition that carries them.
    of_face : (f,) int64
        Atom of each face of the plane; -1 outside the area.
    households : (n,) int64
    community : (n,) int64
        Row of the community in which each atom lies; 0 where none are given.
    of_building : (b,) int64
        Atom of each building.
    area
        Polygon of all faces inside the area, drawn before any was given to an atom.
    """

    plane: Plane
    of_face: Ints
    households: Ints
    community: Ints
    of_building: Ints
    area: Geometries

    def __len__(self) -> int:
        return len(self.households)

    def polygons(self, label: Ints, count: int) -> Geometries:
        """Draw sets of atoms: the polygon of each label, given the label of each atom (-1 for none)."""
        return polygons_of(self.plane, np.append(label, OUTSIDE)[self.of_face], count)

    def graph(self, cost_per_metre: Floats) -> csr_array:
        """Return the adjacency, (n, n) symmetric: the cost of the boundary between neighbours.

        Parameters
        ----------
        cost_per_metre : (9,) float64
            By `Barrier`: what a metre of boundary along each kind of line costs.
        """
        left, right = sides_of(self.plane, self.of_face)
        inner = (left != right) & (left >= 0) & (right >= 0)
        cost = (self.plane.lengths * cost_per_metre[self.plane.strength])[inner]
        return symmetric(left[inner], right[inner], cost, len(self))


def atoms_of(town: Town, *, divide_above: int, workers: int = 1) -> Atoms:
    """Lay the exact plane of a town and find its atoms.

    Parameters
    ----------
    town
        Clean layers.
    divide_above
        Street faces with more households than this are divided between their buildings.
    workers
        Threads among which faces are divided.
    """
    buildings = town.buildings.geometry.to_numpy()
    households = town.buildings["households"].to_numpy().astype(np.int64)
    at = shapely.point_on_surface(buildings)
    segments, strength = line_segments(town)
    streets = street_faces(segments, strength, town.area, at, households, divide_above)
    owners = owners_of(buildings, households, streets)
    heaviest = max(1, int(divide_above * _CLUSTER_SHARE))
    outlines, cluster, lines, crossed = _divided(buildings, at, households, streets, owners, heaviest, workers)
    drawn = _crossing(buildings, segments) | crossed & ~streets.undivided[streets.of_building]
    weak = np.concatenate([segments_of(lines)[0], segments_of(buildings[drawn])[0]])
    plane = plane_of(
        np.concatenate([segments, weak]),
        np.concatenate([strength, np.full(len(weak), Barrier.GAP, np.int64)]),
    )
    pieces = polygons_of(plane, np.arange(plane.face_count), plane.face_count)
    inner = shapely.point_on_surface(pieces)
    inside = shapely.contains_xy(shapely.union_all(town.area.geometry.to_numpy()), *shapely.get_coordinates(inner).T)
    within = np.flatnonzero(inside)
    # A point on the rim itself counts as inside: it belongs to the nearest face that is.
    standing_in = within[row_at(pieces[within], at)]
    owners = owners.joined(cluster)
    label = _labels(inner, standing_in, streets, owners, outlines)
    standing, footprint = shapely.STRtree(buildings[drawn]).query(inner, predicate="within")[:, ::-1]
    label[standing] = owners.of_building[drawn][footprint]
    label[~inside] = OUTSIDE
    of_street = communities_of(town, streets.polygons)
    return gathered(plane, label, owners.home, of_street, buildings, standing_in, pieces, within, households)


def gathered(
    plane: Plane,
    label: Ints,
    home: Ints,
    community_of_home: Ints,
    buildings: Geometries,
    standing_in: Ints,
    pieces: Geometries,
    within: Ints,
    households: Ints,
) -> Atoms:
    """Gather labelled faces into atoms.

    Parameters
    ----------
    plane
        The planar partition.
    label : (f,) int64
        Owner of each face; -1 outside the area.
    home : (n,) int64
        Piece of land to which each owner belongs: a stray face joins a neighbour there first.
    community_of_home : int64
        Community of each such piece.
    buildings, households : (b,)
        What stands there.
    standing_in : (b,) int64
        Face of each building.
    pieces : (f,) array of Polygons
        The faces.
    within : int64
        Rows of those inside the area.
    """
    of_face = join_parts(settle(plane, label, standing_in, home), buildings, standing_in, pieces, within)
    of_building = of_face[standing_in]
    community = np.zeros(int(of_face.max()) + 1, np.int64)
    # The last one written stays: the largest face, and then the buildings.
    by_area = within[np.argsort(plane.double_area[within], kind="stable")]
    community[of_face[by_area]] = community_of_home[home[label[by_area]]]
    community[of_building] = community_of_home[home[label[standing_in]]]
    total = np.bincount(of_building, households, minlength=len(community)).astype(np.int64)
    area = polygons_of(plane, np.where(label >= 0, 0, OUTSIDE), 1)
    return Atoms(plane, of_face, total, community, of_building, area)


def _divided(
    buildings: Geometries,
    at: Geometries,
    households: Ints,
    streets: StreetFaces,
    owners: Owners,
    heaviest: int,
    workers: int,
) -> tuple[Outlines, Ints, Geometries, Bools]:
    """Outlines of the clusters, the cluster of each owner, the lines between them, and which buildings these cross."""
    site, face = streets.sites()
    outlines = outlines_of(buildings[site], owners.of_building[site], face)
    ridges = ridges_of(outlines, streets.polygons, workers)
    cluster = _clusters(ridges, owners, at, households, heaviest)
    lines, crossed = gap_lines(ridges, cluster, streets.polygons, buildings)
    return replace(outlines, owner=cluster[outlines.owner]), cluster, lines, crossed


def _labels(inner: Geometries, standing_in: Ints, streets: StreetFaces, owners: Owners, outlines: Outlines) -> Ints:
    """Owner of each piece of land: of the whole street face, of the building on it, else of the nearest one."""
    street = row_at(streets.polygons, inner)
    label = owners.of_face[street]
    label[standing_in] = owners.of_building
    empty = ~streets.undivided[street]
    empty[standing_in] = False
    label[empty] = outlines.nearest_owner(shapely.get_coordinates(inner[empty]), street[empty])
    return label


def _clusters(ridges: Ridges, owners: Owners, at: Geometries, households: Ints, heaviest: int) -> Ints:
    """Cluster of each owner; one without households weighs as much as a home, lest industry become one piece."""
    n, of_building = len(owners.home), owners.of_building
    count = np.bincount(of_building, minlength=n)
    weight = np.maximum(np.bincount(of_building, households, minlength=n).astype(np.int64), 1)
    weight[owners.of_face[owners.of_face >= 0]] = heaviest + 1  # a whole face stays alone
    middle = [np.bincount(of_building, xy, minlength=n) / np.maximum(count, 1) for xy in shapely.get_coordinates(at).T]
    first, second = ridges.owners[ridges.near].T
    neighbours = symmetric(first, second, np.ones(len(first)), n)
    return clusters_of(neighbours, weight, owners.home, np.column_stack(middle), heaviest)


def _crossing(buildings: Geometries, segments: Ints) -> Bools:
    """Whether a footprint crosses a line that may become a boundary."""
    crossing = np.zeros(len(buildings), np.bool_)
    lines = shapely.linestrings(to_metres(segments).reshape(-1, 2, 2))
    crossing[shapely.STRtree(buildings).query(lines, predicate="intersects")[1]] = True
    return crossing
