"""Owners: buildings that must stay on one piece of land, because they overlap or one is the other's annex."""

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis.arrays import Geometries, Ints
from gis.delineation.nearest import nearest_in_group
from gis.delineation.streets import StreetFaces

# Buildings without households and smaller than this go with their nearest inhabited neighbour: garages, sheds.
_ANNEX_M2 = 100.0
_ANNEX_REACH_M = 100.0
# Footprints that overlap by more than this are one building on the ground; a party wall overlaps by less.
_OVERLAP_M2 = 0.5
_OVERLAP_SHARE = 0.005


@dataclass(frozen=True)
class Owners:
    """Who owns the land: groups of buildings, or of all that stands in a street face.

    Attributes
    ----------
    of_building : (b,) int64
        Owner of each building.
    of_face : (f,) int64
        Owner of each undivided street face; -1 for a divided one.
    home : (n,) int64
        Street face to which each owner belongs.
    """

    of_building: Ints
    of_face: Ints
    home: Ints

    def joined(self, cluster: Ints) -> "Owners":
        """Let every owner be one with its cluster, a member of which stands for it."""
        return Owners(cluster[self.of_building], np.where(self.of_face < 0, -1, cluster[self.of_face]), self.home)


def owners_of(buildings: Geometries, households: Ints, streets: StreetFaces) -> Owners:
    """Group buildings, and street faces that stay whole, into owners.

    Parameters
    ----------
    buildings : (b,) array of Polygons, MultiPolygons or Points
    households : (b,) int64
    streets
        Street faces: all buildings of one that stays whole have one owner.
    """
    b, face, undivided = len(buildings), streets.of_building, streets.undivided
    whole = np.flatnonzero(undivided[face])
    links = [
        np.column_stack([whole, b + face[whole]]),
        _overlapping(buildings),
        _annexes(buildings, households, face),
    ]
    pairs = np.concatenate(links)
    n = b + len(undivided)
    graph = coo_array((np.ones(len(pairs), np.int8), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    count, owner = connected_components(graph, directed=False)
    of_building, of_face = owner[:b].astype(np.int64), np.where(undivided, owner[b:], -1).astype(np.int64)
    home = np.zeros(count, np.int64)
    home[of_face[undivided]] = np.flatnonzero(undivided)
    home[of_building[::-1]] = face[::-1]
    return Owners(of_building, of_face, home)


def _overlapping(buildings: Geometries) -> Ints:
    """Pairs of footprints that share ground, and of points at one place."""
    first, second = shapely.STRtree(buildings).query(buildings, predicate="intersects")
    once = first < second
    first, second = first[once], second[once]
    shared = shapely.area(shapely.intersection(buildings[first], buildings[second]))
    smaller = np.minimum(shapely.area(buildings[first]), shapely.area(buildings[second]))
    same = shared > np.minimum(_OVERLAP_M2, _OVERLAP_SHARE * smaller)
    same |= smaller == 0
    return np.column_stack([first[same], second[same]]).astype(np.int64)


def _annexes(buildings: Geometries, households: Ints, face: Ints) -> Ints:
    """Pairs of a small uninhabited building and the nearest other building in its face."""
    small = (households == 0) & (shapely.area(buildings) < _ANNEX_M2)
    if not small.any() or small.all():
        return np.empty((0, 2), np.int64)
    middle = shapely.get_coordinates(shapely.centroid(buildings))
    hosts, annexes = np.flatnonzero(~small), np.flatnonzero(small)
    nearest, distance = nearest_in_group(middle[hosts], face[hosts], middle[annexes], face[annexes])
    near = distance <= _ANNEX_REACH_M
    return np.column_stack([annexes[near], hosts[nearest[near]]])
