"""Owners: buildings that must stay on one piece of land, because they overlap or one is the other's annex."""

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from gis.arrays import Bools, Geometries, Ints
from gis.delineation.gaps import apart

# Buildings without households and smaller than this go with their nearest inhabited neighbour: garages, sheds.
_ANNEX_M2 = 100.0
_ANNEX_REACH_M = 100.0
# Footprints that overlap by more than this are one building on the ground; a party wall overlaps by less.
_OVERLAP_M2 = 0.5
_OVERLAP_SHARE = 0.005


def owners_of(buildings: Geometries, households: Ints, face: Ints, undivided: Bools) -> tuple[Ints, Ints]:
    """Group buildings, and street faces that stay whole, into owners.

    Parameters
    ----------
    buildings : (b,) array of Polygons, MultiPolygons or Points
    households, face : (b,) int64
        Households and street face of each building.
    undivided : (f,) bool
        Which street faces stay whole: all their buildings have one owner.

    Returns
    -------
    of_building : (b,) int64
        Owner of each building.
    of_face : (f,) int64
        Owner of each undivided face; of no meaning for a divided one.
    """
    b, f = len(buildings), len(undivided)
    whole = np.flatnonzero(undivided[face])
    links = [
        np.column_stack([whole, b + face[whole]]),
        _overlapping(buildings),
        _annexes(buildings, households, face),
    ]
    pairs = np.concatenate(links)
    graph = coo_array((np.ones(len(pairs), np.int8), (pairs[:, 0], pairs[:, 1])), shape=(b + f, b + f))
    owner = connected_components(graph, directed=False)[1].astype(np.int64)
    return owner[:b], owner[b:]


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
    place = apart(middle, face)
    hosts, annexes = np.flatnonzero(~small), np.flatnonzero(small)
    distance, nearest = cKDTree(place[hosts]).query(place[annexes], distance_upper_bound=_ANNEX_REACH_M)
    near = np.isfinite(distance)
    return np.column_stack([annexes[near], hosts[nearest[near]]])
