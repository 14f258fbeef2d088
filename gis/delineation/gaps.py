"""Lines in the gaps between buildings: where a street face may be divided without cutting a building.

The lines are Voronoi edges between the outlines of different owners, in the manner of morphological
tessellation (M. Fleischmann et al., "Morphological tessellation as a way of partitioning space", 2020), made
face by face and only where a face must be divided.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from scipy.spatial import Voronoi, cKDTree

from gis.arrays import Floats, Geometries, Ints
from gis.coverage.lattice import to_lattice, to_metres

# Outlines are sampled this densely; where a line still runs through a footprint, the outline itself overrules it.
_SAMPLE_M = 8.0
# Lines run this far past the face's rim, so that they surely meet it when both are rounded to the lattice.
_PAST_RIM_M = 0.004
# Faces are laid this far apart where one tree serves them all.
_APART_M = 1e6


@dataclass(frozen=True)
class Outlines:
    """Points along the outlines of buildings, each with its owner and its face.

    Attributes
    ----------
    xy : (n, 2) float64
        On the lattice, in metres; sorted by face, none twice within a face.
    owner, face : (n,) int64
    """

    xy: Floats
    owner: Ints
    face: Ints

    def nearest_owner(self, xy: Floats, face: Ints) -> Ints:
        """Owner whose outline is nearest to each point among those in the point's own face."""
        if not len(face):
            return np.empty(0, np.int64)
        tree = cKDTree(apart(self.xy, self.face))
        return self.owner[tree.query(apart(xy, face))[1]]


def outlines_of(buildings: Geometries, owner: Ints, face: Ints) -> Outlines:
    """Sample the outlines of buildings (points stand for themselves)."""
    xy, row = shapely.get_coordinates(shapely.segmentize(buildings, _SAMPLE_M), return_index=True)
    steps = to_lattice(xy)
    order = np.lexsort((owner[row], steps[:, 1], steps[:, 0], face[row]))
    steps, row = steps[order], row[order]
    new = np.ones(len(row), np.bool_)
    new[1:] = (steps[1:] != steps[:-1]).any(axis=1) | (face[row[1:]] != face[row[:-1]])
    return Outlines(to_metres(steps[new]), owner[row[new]], face[row[new]])


def gap_lines(outlines: Outlines, faces: Geometries, workers: int = 1) -> Geometries:
    """Draw the lines between different owners inside each face.

    Parameters
    ----------
    outlines
        Sampled outlines; `outlines.face` counts rows of `faces`.
    faces : (f,) array of Polygons
    workers
        Threads among which faces are divided.

    Returns
    -------
    array of LineStrings
        Clipped to their faces, running a few millimetres past the rim; not noded.
    """
    if not len(outlines.face):
        return np.empty(0, dtype=object)
    starts = np.flatnonzero(np.append(True, outlines.face[1:] != outlines.face[:-1]))
    runs = [slice(*run) for run in pairwise([*starts, len(outlines.face)])]
    runs = [run for run in runs if np.ptp(outlines.owner[run])]
    with ThreadPoolExecutor(workers) as pool:  # Qhull works without the interpreter's lock
        drawn = list(pool.map(lambda run: _ridges(outlines.xy[run], outlines.owner[run]), runs))
    within = np.repeat([outlines.face[run.start] for run in runs], [len(ridges) for ridges in drawn])
    return _clip(shapely.linestrings(np.concatenate([np.empty((0, 2, 2)), *drawn])), within.astype(np.int64), faces)


def _ridges(xy: Floats, owner: Ints) -> Floats:
    """Voronoi edges between different owners, (n, 2, 2); far corners make all of them finite."""
    middle = xy.mean(axis=0)
    local = xy - middle
    reach = 20 * np.abs(local).max() + 1000
    corners = reach * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
    diagram = Voronoi(np.concatenate([local, corners]))
    sides = np.append(owner, np.full(len(corners), -1))[diagram.ridge_points]
    ends = np.asarray(diagram.ridge_vertices)
    between = (sides[:, 0] != sides[:, 1]) & (sides >= 0).all(axis=1) & (ends >= 0).all(axis=1)
    edges: Floats = diagram.vertices[ends[between]] + middle
    return edges


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


def apart(xy: Floats, face: Ints) -> Floats:
    """Move every face to a place of its own, so that nothing of another face is ever nearest."""
    return np.column_stack([xy, face * _APART_M])
