"""The edges that a sum of boundaries leaves over, in heaps that lie apart."""

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis.arrays import Bools, Ints
from gis.coverage.boundaries import Boundaries
from gis.coverage.sums import Lines
from gis.errors import CoverageError

# Cross products of longer differences do not fit 64 bits.
_WIDEST = 1 << 30


@dataclass(frozen=True)
class Leftover:
    """Edges of a sum that do not cancel, with those of the rim that have to be known to read them.

    Attributes
    ----------
    segments : (n, 4) int64
        Directed, the inside on the left, in steps.
    owner : (n,) int64
        Row of the cell, -1 for the whole.
    sign : (n,) int64
        1 for edges of cells and -1 for those of the whole that are left over, 0 for edges that only cut.
    rim : (n,) int64
        1 for edges of the whole.
    whole : (n,) int64
        The sum each is left over in, where several were formed at once.
    """

    segments: Ints
    owner: Ints
    sign: Ints
    rim: Ints
    whole: Ints

    def __len__(self) -> int:
        return len(self.segments)

    def __getitem__(self, rows: Ints | Bools) -> "Leftover":
        return Leftover(*(getattr(self, field.name)[rows] for field in fields(self)))

    def with_cuts(self, segments: Ints, owner: Ints) -> "Leftover":
        """Add edges that only cut."""
        none = np.zeros(len(segments), np.int64)
        return Leftover(
            np.concatenate([self.segments, segments]),
            np.concatenate([self.owner, owner]),
            np.concatenate([self.sign, none]),
            np.concatenate([self.rim, none]),
            np.concatenate([self.whole, none]),
        )

    def heaps(self) -> Iterator["Leftover"]:
        """Yield sum after sum what lies together: all at once, unless it is too wide for exact products."""
        order = np.argsort(self.whole, kind="stable")
        for rows in np.split(order, np.flatnonzero(np.diff(self.whole[order])) + 1):
            yield from _near(self[rows])


def leftover_of(
    boundaries: Boundaries, cells: tuple[int, int], wholes: tuple[int, int], lines: Lines, parent: Ints
) -> Leftover:
    """Collect the edges that a sum leaves over.

    Parameters
    ----------
    boundaries
        Of cells and wholes.
    cells, wholes
        Rows of the polygons that cover, and of those that should be covered: from, up to without.
    lines
        Their sum.
    parent : (n,) int64
        Whole of each of the cells, as in the sum.
    """
    over = lines.left_over
    count = lines.vertex_count
    keys = np.unique(lines.number[over])
    wanted = np.unique(lines.whole[over] * len(keys) + np.searchsorted(keys, lines.number[over]))
    near = np.zeros(count, np.bool_)
    near[lines.ends(over)] = True
    concerned = np.zeros(wholes[1] - wholes[0] + 1, np.bool_)
    concerned[lines.whole[over]] = True
    own, rim = boundaries.edges_of(*cells), boundaries.edges_of(*wholes)
    some = own.start + np.flatnonzero(near[boundaries.start[own]] & near[boundaries.end[own]])
    every = np.arange(rim.start, rim.stop)
    every = every[concerned[boundaries.polygon_of(every) - wholes[0]]]
    edges = np.concatenate([some, every])
    is_rim = np.repeat(np.array([0, 1]), [len(some), len(every)])
    owner = boundaries.polygon_of(edges) - np.where(is_rim == 1, wholes[0], cells[0])
    whole = owner.copy()
    whole[: len(some)] = parent[owner[: len(some)]]
    start, end = boundaries.start[edges].astype(np.int64), boundaries.end[edges].astype(np.int64)
    key = np.minimum(start, end) * count + np.maximum(start, end)
    place = np.minimum(np.searchsorted(keys, key), max(len(keys) - 1, 0))
    left = (keys[place] == key) & np.isin(whole * len(keys) + place, wanted) if len(keys) else key < 0
    found = Leftover(
        np.hstack([boundaries.vertices[start], boundaries.vertices[end]]),
        np.where(is_rim == 1, -1, owner),
        np.where(left, 1 - 2 * is_rim, 0),
        is_rim,
        whole,
    )
    return found[left | (is_rim == 1)]


def _near(left: Leftover) -> Iterator[Leftover]:
    """Yield everything at once, unless it is too wide; then what the boxes of edges join."""
    ends = left.segments.reshape(-1, 2)
    if not len(ends) or (ends.max(axis=0) - ends.min(axis=0) < _WIDEST).all():
        yield left
        return
    low = np.minimum(left.segments[:, :2], left.segments[:, 2:])
    high = np.maximum(left.segments[:, :2], left.segments[:, 2:])
    heap = np.arange(len(left))
    while True:
        count = int(heap.max()) + 1
        bounds = np.full((count, 4), np.iinfo(np.int64).max)
        np.minimum.at(bounds, heap, np.hstack([low, -high]))
        boxes = shapely.box(*bounds[:, :2].T, *-bounds[:, 2:].T)
        a, b = shapely.STRtree(boxes).query(boxes)
        joined, group = connected_components(coo_array((np.ones(len(a), np.int8), (a, b))), directed=False)
        heap = group[heap].astype(np.int64)
        if joined == count:
            break
    for k in range(count):
        if (bounds[k, :2] + bounds[k, 2:] < -2 * _WIDEST).any():
            raise CoverageError("the rim, or what is wrong, hangs together over 2,000 km: check it in parts")
        yield left[heap == k]
