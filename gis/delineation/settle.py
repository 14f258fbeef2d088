"""From labelled faces to atoms that hang together."""

import numpy as np
import shapely
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from gis.arrays import Bools, Floats, Geometries, Ints
from gis.barriers import Barrier
from gis.coverage.faces import OUTSIDE, Plane
from gis.delineation.streets import row_at

# Far above any real border, so that a neighbour in the same street face always wins a stray piece.
_SAME_FACE_M = 1e9


def settle(plane: Plane, label: Ints, with_building: Ints, home: Ints) -> Ints:
    """Turn labels of faces into atoms that hang together.

    A label may fall into pieces where a footprint or a line cuts it. A piece with a building, and the largest
    piece of a label, is an atom; a stray piece joins the neighbour with which it shares most border, one in its
    own street face first.

    Parameters
    ----------
    plane
        The planar partition.
    label : (f,) int64
        Label of each face of the plane; -1 outside the area.
    with_building : int64
        Faces on which buildings stand.
    home : (n,) int64
        Street face of each label.

    Returns
    -------
    (f,) int64
        Atom of each face, numbered from 0; -1 outside the area.
    """
    left, right = sides_of(plane, label)
    same = (left == right) & (left >= 0)
    piece = _components(plane.left[same], plane.right[same], plane.face_count)
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


def join_parts(of_face: Ints, buildings: Geometries, standing_in: Ints, pieces: Geometries, within: Ints) -> Ints:
    """Make one atom of all atoms on which a building of several parts stands.

    Parameters
    ----------
    of_face : (f,) int64
        Atom of each face; -1 outside the area.
    buildings : (b,) array of geometries
    standing_in : (b,) int64
        Face on which each stands.
    pieces : (f,) array of Polygons
        The faces.
    within : int64
        Rows of those in the area.
    """
    multiple = np.flatnonzero(shapely.get_num_geometries(buildings) > 1)
    if not len(multiple):
        return of_face
    parts, row = shapely.get_parts(buildings[multiple], return_index=True)
    there = of_face[within[row_at(pieces[within], shapely.point_on_surface(parts))]]
    joined = _components(of_face[standing_in[multiple[row]]], there, int(of_face.max()) + 1)
    return np.where(of_face < 0, OUTSIDE, joined[of_face])


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


def _components(one: Ints, other: Ints, size: int) -> Ints:
    graph = coo_array((np.ones(len(one), np.int8), (one, other)), shape=(size, size))
    return connected_components(graph, directed=False)[1].astype(np.int64)


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
