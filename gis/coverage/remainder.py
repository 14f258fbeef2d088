"""What a sum of boundaries leaves over, made into faces: where too much or too little lies, and where vertices lack.

The lines left over are noded. Across each the cover, that is the number of polygons above the ground, changes by how
often the line is used; so the cover of every face follows from the outside inwards, in integers: what is wrong where
never hangs on a point tried. Lines that cancel out once they are noded lie on each other and only lack vertices.
"""

from dataclasses import dataclass

import numpy as np

from gis.arrays import Bools, Ints
from gis.compiled import compiled
from gis.coverage.faces import OUTSIDE, Plane, plane_between
from gis.coverage.noding import node_chains


@dataclass(frozen=True)
class Pieces:
    """Pieces of directed segments between noded vertices.

    Attributes
    ----------
    vertices : (v, 2) int64
    edges : (e, 2) int64
        Vertex numbers, the smaller first.
    edge, source : (p,) int64
        Edge each piece lies on and segment it comes from.
    forth : (p,) bool
        Whether the piece runs from the smaller end to the greater.
    """

    vertices: Ints
    edges: Ints
    edge: Ints
    source: Ints
    forth: Bools

    @property
    def sign(self) -> Ints:
        """(p,) int64: 1 along the edge, -1 against it."""
        return np.where(self.forth, 1, -1)


@dataclass(frozen=True)
class Remainder:
    """Faces between the lines left over.

    Attributes
    ----------
    plane
        Its `strength` is the row of each edge in `pieces.edges`.
    pieces
        Of the segments given to `remainder_of`.
    excess : (f,) int64
        Polygons above each face beyond what should be there.
    inside : (f,) int64
        1 for faces inside the whole, 0 for those outside.
    """

    plane: Plane
    pieces: Pieces
    excess: Ints
    inside: Ints

    @property
    def cover(self) -> Ints:
        """(f,) int64: polygons above each face."""
        return self.excess + self.inside


def remainder_of(segments: Ints, sign: Ints, rim: Ints | None) -> Remainder:
    """Find the faces between lines left over.

    Parameters
    ----------
    segments : (n, 4) int64
        Directed edges, inside on the left, in lattice steps; closed chains if they are summed with their signs. Within
        2³¹ steps of each other.
    sign : (n,) int64
        1 for what covers, -1 for what should be covered, 0 for lines that only cut.
    rim : (n,) int64 or None
        1 for the edges of the whole that should be covered, all of them, else 0. None where there is no whole: then
        every bounded face counts as inside.
    """
    pieces = Pieces(*node_chains(segments))
    plane = plane_between(pieces.vertices, pieces.edges, np.arange(len(pieces.edges)))
    excess = _heights(plane, pieces, sign)
    if rim is None:
        return Remainder(plane, pieces, excess - 1, np.ones(plane.face_count, np.int64))
    return Remainder(plane, pieces, excess, _heights(plane, pieces, rim))


def _heights(plane: Plane, pieces: Pieces, sign: Ints) -> Ints:
    """Count how often closed chains wind around each face.

    Parameters
    ----------
    plane
        Its `strength` is the row of each edge in `pieces.edges`.
    pieces
        Of segments.
    sign : (n,) int64
        How often each segment counts.
    """
    jump = np.bincount(pieces.edge, pieces.sign * sign[pieces.source], minlength=len(pieces.edges)).astype(np.int64)
    count = plane.face_count
    if not count:
        return np.empty(0, np.int64)
    left = np.where(plane.left == OUTSIDE, count, plane.left)
    right = np.where(plane.right == OUTSIDE, count, plane.right)
    return _spread(left, right, jump[plane.strength], count)[:count]


def borders_of(remainder: Remainder, label: Ints, owner: Ints) -> tuple[Ints, Ints, Ints, Bools]:
    """List which segments' owners run along the borders of labelled faces.

    Parameters
    ----------
    label : (f,) int64
        Label of each face, -1 for none.
    owner : (n,) int64
        Owner of each segment.

    Returns
    -------
    label, owner, edge : (m,) int64
        One row for each piece beside a labelled face that has another label on its other side.
    within : (m,) bool
        Whether the labelled face is on the owner's side of the piece.
    """
    plane, pieces = remainder.plane, remainder.pieces
    side = np.append(label, OUTSIDE)
    row = np.full(len(pieces.edges), -1, np.int64)
    row[plane.strength] = np.arange(len(plane.edges))
    at = np.flatnonzero(row[pieces.edge] >= 0)
    edge = row[pieces.edge[at]]
    left, right = side[plane.left[edge]], side[plane.right[edge]]
    # The plane keeps the order of vertices: left of an edge is left of a piece that runs forth.
    forth, who = pieces.forth[at], owner[pieces.source[at]]
    rows = [
        (here[some], who[some], pieces.edge[at][some], inner[some])
        for here, there, inner in ((left, right, forth), (right, left, ~forth))
        for some in (np.flatnonzero((here >= 0) & (here != there)),)
    ]
    labels, owners, edges, within = (np.concatenate(column) for column in zip(*rows, strict=True))
    return labels, owners, edges, within


def unmatched(remainder: Remainder, wrong: Bools) -> tuple[Ints, Ints]:
    """Find vertices that lie within another segment which has none there.

    Parameters
    ----------
    wrong : (f,) bool
        Faces that are found fault with already: what bounds them is not told twice.

    Returns
    -------
    source, vertex : (m,) int64
        The segment that lacks the vertex, and the vertex in `remainder.pieces.vertices`.
    """
    plane, pieces = remainder.plane, remainder.pieces
    faulty = np.append(wrong, False)
    told = np.zeros(len(pieces.edges), np.bool_)
    told[plane.strength] = faulty[plane.left] | faulty[plane.right]
    order = np.argsort(pieces.source, kind="stable")
    source, edge = pieces.source[order], pieces.edge[order]
    ends = pieces.edges[edge]
    several = np.bincount(source, minlength=1)[source] > 1
    rows = np.concatenate([np.stack([source, ends[:, k], told[edge]], axis=1)[several] for k in (0, 1)])
    if not len(rows):
        return (np.empty(0, np.int64),) * 2
    rows = rows[np.lexsort((rows[:, 1], rows[:, 0]))]
    # A vertex within a segment ends two of its pieces, one at its end only one.
    pair = (rows[1:, :2] == rows[:-1, :2]).all(axis=1)
    quiet = pair & (rows[1:, 2] == 0) & (rows[:-1, 2] == 0)
    return rows[1:][quiet, 0], rows[1:][quiet, 1]


@compiled
def _spread(left: Ints, right: Ints, jump: Ints, count: int) -> Ints:
    """Go from the outside (number `count`) over all edges, face by face."""
    first = np.zeros(count + 2, np.int64)
    for k in range(len(left)):
        first[left[k] + 1] += 1
        first[right[k] + 1] += 1
    first = np.cumsum(first)
    beside, end = np.empty(first[-1], np.int64), first.copy()
    for k in range(len(left)):
        beside[end[left[k]]] = k
        end[left[k]] += 1
        beside[end[right[k]]] = k
        end[right[k]] += 1
    value, known = np.zeros(count + 1, np.int64), np.zeros(count + 1, np.bool_)
    queue = np.empty(count + 1, np.int64)
    queue[0], known[count] = count, True
    length, at = 1, 0
    while at < length:
        face = queue[at]
        at += 1
        for place in range(first[face], first[face + 1]):
            k = beside[place]
            other = right[k] if left[k] == face else left[k]
            if not known[other]:
                known[other] = True
                value[other] = value[face] + (jump[k] if other == left[k] else -jump[k])
                queue[length] = other
                length += 1
    return value
