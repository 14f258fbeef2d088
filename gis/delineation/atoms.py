"""Atoms: the smallest pieces of land that move as one. A whole street face, or a building with the land around it."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from gis.arrays import Bools, Floats, Geometries, Ints
from gis.barriers import Barrier
from gis.coverage.faces import OUTSIDE, Plane, plane_of
from gis.coverage.lattice import segments_of
from gis.coverage.rings import polygons_of
from gis.delineation.gaps import gap_lines, outlines_of
from gis.delineation.owners import owners_of
from gis.sources.town import Town

# Far above any real border, so that a neighbour in the same street face always wins a stray piece.
_SAME_FACE_M = 1e9
# Polsby-Popper below which a face winds around others (a circle has 1, a square 0.79).
_STRIP_ROUNDNESS = 0.3


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
    segments, strength = _line_segments(town)
    streets, block = _street_faces(segments, strength, town.area)
    face = _row_at(streets, at)
    full = np.bincount(face, households, minlength=len(streets)) > divide_above
    strip = _strips(streets, block, face, households, divide_above)
    undivided = ~(full | strip)
    owner, owner_of_face = owners_of(buildings, households, face, undivided)
    divided = ~undivided[face]
    site, of_face = _sites(face, block, full & ~strip, strip)
    outlines = outlines_of(buildings[site], owner[site], of_face)
    drawn = np.flatnonzero(divided | _touches_a_line(buildings, town))
    weak = np.concatenate([segments_of(gap_lines(outlines, streets, workers))[0], segments_of(buildings[drawn])[0]])
    plane = plane_of(
        np.concatenate([segments, weak]),
        np.concatenate([strength, np.full(len(weak), Barrier.GAP, np.int64)]),
    )
    pieces = polygons_of(plane, np.arange(plane.face_count), plane.face_count)
    inner = shapely.point_on_surface(pieces)
    street = _row_at(streets, inner)
    inside = shapely.contains_xy(_one(town.area), *shapely.get_coordinates(inner).T)
    label = owner_of_face[street]
    open_land = ~undivided[street]
    label[open_land] = outlines.nearest_owner(shapely.get_coordinates(inner[open_land]), street[open_land])
    standing, footprint = shapely.STRtree(buildings[drawn]).query(inner, predicate="within")[:, ::-1]
    label[standing] = owner[drawn[footprint]]
    label[~inside] = OUTSIDE
    home = _home_faces(owner, face, owner_of_face, undivided)
    # A point on the rim itself counts as inside: it belongs to the nearest face that is.
    within = np.flatnonzero(inside)
    standing_in = within[_row_at(pieces[within], at)]
    of_face = _join_parts(_settle(plane, label, standing_in, home), buildings, standing_in, pieces, within)
    of_building = of_face[standing_in]
    community = np.zeros(int(of_face.max()) + 1, np.int64)
    of_street = _communities_of(town, streets)
    # The last one written stays: the largest face, and then the buildings.
    by_area = within[np.argsort(plane.double_area[within], kind="stable")]
    community[of_face[by_area]] = of_street[home[label[by_area]]]
    community[of_building] = of_street[face]
    total = np.bincount(of_building, households, minlength=len(community)).astype(np.int64)
    area = polygons_of(plane, np.where(inside, 0, OUTSIDE), 1)
    return Atoms(plane, of_face, total, community, of_building, area)


def sides_of(plane: Plane, label: Ints) -> tuple[Ints, Ints]:
    """Labels of the faces left and right of each edge; -1 beyond the outside."""
    side = np.append(label, OUTSIDE)
    return side[plane.left], side[plane.right]


def symmetric(rows: Ints, columns: Ints, values: Floats, size: int) -> csr_array:
    """Sum values into a symmetric sparse array, sorted, each pair in both directions."""
    both = (
        np.concatenate([values, values]),
        (np.concatenate([rows, columns]), np.concatenate([columns, rows])),
    )
    matrix = coo_array(both, shape=(size, size)).tocsr()
    matrix.sum_duplicates()
    return matrix


def _one(layer: gpd.GeoDataFrame) -> Geometries:
    return shapely.union_all(layer.geometry.to_numpy())


def _line_segments(town: Town) -> tuple[Ints, Ints]:
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


def _street_faces(segments: Ints, strength: Ints, area: gpd.GeoDataFrame) -> tuple[Geometries, Ints]:
    """Polygons between streets, barriers, community lines and the rim, inside the area, and the block of each.

    A block is what only walls and lanes divide.
    """
    plane = plane_of(segments, strength)
    faces = polygons_of(plane, np.arange(plane.face_count), plane.face_count)
    x, y = shapely.get_coordinates(shapely.point_on_surface(faces)).T
    inside = shapely.contains_xy(_one(area), x, y)
    inner = (plane.strength <= Barrier.LANE) & (plane.left >= 0) & (plane.right >= 0)
    pairs = (plane.left[inner], plane.right[inner])
    graph = coo_array((np.ones(int(inner.sum()), np.int8), pairs), shape=(len(faces), len(faces)))
    return faces[inside], connected_components(graph, directed=False)[1].astype(np.int64)[inside]


def _strips(streets: Geometries, block: Ints, face: Ints, households: Ints, divide_above: int) -> Bools:
    """Faces that wind around others, as around walled compounds.

    Divided among all buildings of their block, they let each reach its neighbours and its side of the street.
    """
    own = np.bincount(face, households, minlength=len(streets))
    of_block = np.bincount(block, own)[block]
    round_as = 4 * np.pi * shapely.area(streets) / shapely.length(streets) ** 2
    winding = (round_as < _STRIP_ROUNDNESS) | (shapely.get_num_interior_rings(streets) > 0)
    strips: Bools = winding & (of_block > divide_above)
    return strips


def _sites(face: Ints, block: Ints, full: Bools, strip: Bools) -> tuple[Ints, Ints]:
    """List the buildings among which faces are divided: their own, for a strip its block's; rows and faces."""
    rows = [np.flatnonzero(full[face])]
    faces = [face[rows[0]]]
    for k in np.flatnonzero(strip):
        rows.append(np.flatnonzero(block[face] == block[k]))
        faces.append(np.full(len(rows[-1]), k, np.int64))
    return np.concatenate(rows), np.concatenate(faces)


def _row_at(polygons: Geometries, points: Geometries) -> Ints:
    """Row of the polygon that holds each point; on a border the first of them, in a seam the nearest."""
    tree = shapely.STRtree(polygons)
    row = np.full(len(points), -1, np.int64)
    point, polygon = tree.query(points, predicate="intersects")
    row[point[::-1]] = polygon[::-1]
    stray = row < 0
    if stray.any():
        row[stray] = tree.nearest(points[stray])
    return row


def _touches_a_line(buildings: Geometries, town: Town) -> Bools:
    """Whether a footprint crosses a line that may become a boundary."""
    touched = np.zeros(len(buildings), np.bool_)
    tree = shapely.STRtree(buildings)
    for layer in (town.area.boundary, town.communities.boundary, town.barriers.geometry, town.rules.boundary):
        touched[tree.query(layer.to_numpy(), predicate="intersects")[1]] = True
    return touched


def _home_faces(owner: Ints, face: Ints, owner_of_face: Ints, undivided: Bools) -> Ints:
    """Street face to which each owner belongs."""
    home = np.zeros(int(max(owner.max(), owner_of_face.max())) + 1, np.int64)
    home[owner_of_face[undivided]] = np.flatnonzero(undivided)
    home[owner[::-1]] = face[::-1]
    return home


def _communities_of(town: Town, streets: Geometries) -> Ints:
    if not len(town.communities):
        return np.zeros(len(streets), np.int64)
    return _row_at(town.communities.geometry.to_numpy(), shapely.point_on_surface(streets))


def _settle(plane: Plane, label: Ints, with_building: Ints, home: Ints) -> Ints:
    """Turn labels of faces into atoms that hang together.

    A label may fall into pieces where a footprint or a line cuts it. A piece with a building, and the largest
    piece of a label, is an atom; a stray piece joins the neighbour with which it shares most border, one in its
    own street face first.
    """
    left, right = sides_of(plane, label)
    same = (left == right) & (left >= 0)
    n = plane.face_count
    graph = coo_array((np.ones(int(same.sum()), np.int8), (plane.left[same], plane.right[same])), shape=(n, n))
    piece = connected_components(graph, directed=False)[1].astype(np.int64)
    count = int(piece.max()) + 1
    label_of = np.full(count, OUTSIDE, np.int64)
    label_of[piece] = label
    area = np.bincount(piece, plane.double_area.astype(np.float64), minlength=count)
    order = np.lexsort((-area, label_of))
    largest = order[np.append(True, label_of[order][1:] != label_of[order][:-1])]
    atom = np.zeros(count, np.bool_)
    atom[largest] = True
    atom[piece[with_building]] = True
    atom[label_of == OUTSIDE] = False
    target = _join_strays(plane, piece, atom, np.append(home, OUTSIDE)[label_of])
    _, dense = np.unique(target[target >= 0], return_inverse=True)
    target[target >= 0] = dense
    return target[piece]


def _join_parts(of_face: Ints, buildings: Geometries, standing_in: Ints, pieces: Geometries, within: Ints) -> Ints:
    """Make one atom of all atoms on which a building of several parts stands."""
    multiple = np.flatnonzero(shapely.get_num_geometries(buildings) > 1)
    if not len(multiple):
        return of_face
    parts, row = shapely.get_parts(buildings[multiple], return_index=True)
    there = of_face[within[_row_at(pieces[within], shapely.point_on_surface(parts))]]
    here = of_face[standing_in[multiple[row]]]
    n = int(of_face.max()) + 1
    graph = coo_array((np.ones(len(here), np.int8), (here, there)), shape=(n, n))
    joined = connected_components(graph, directed=False)[1].astype(np.int64)
    return np.where(of_face < 0, OUTSIDE, joined[of_face])


def _join_strays(plane: Plane, piece: Ints, atom: Bools, home: Ints) -> Ints:
    """Piece that each piece joins: itself for an atom, -1 outside the area; in its own block if it can."""
    left, right = sides_of(plane, piece)
    inner = (left != right) & (left >= 0) & (right >= 0)
    inner[inner] = (home[left[inner]] >= 0) & (home[right[inner]] >= 0)
    target = np.where(atom, np.arange(len(atom)), OUTSIDE)
    strays = np.flatnonzero(~atom & (home >= 0))
    for strongest in (Barrier.LANE, Barrier.RIM):
        open_to = inner & (plane.strength <= strongest)
        border = symmetric(left[open_to], right[open_to], plane.lengths[open_to], len(atom))
        while len(strays):
            joined = {}
            for stray in strays:
                row = slice(border.indptr[stray], border.indptr[stray + 1])
                near, length = border.indices[row], border.data[row]
                worth = np.where(target[near] >= 0, length + _SAME_FACE_M * (home[near] == home[stray]), 0.0)
                if len(worth) and worth.max() > 0:
                    joined[stray] = target[near[worth.argmax()]]
            if not joined:
                break
            target[list(joined)] = list(joined.values())
            strays = strays[target[strays] < 0]
    return target
