"""Sums of oriented boundaries: line by line, how often it is run through in either direction."""

from dataclasses import dataclass

import numpy as np

from gis.arrays import Bools, Indices, Ints
from gis.compiled import compiled
from gis.coverage.boundaries import Boundaries, unique_keys


@dataclass(frozen=True)
class Lines:
    """A sum of oriented boundaries.

    Attributes
    ----------
    number : (k,) int64
        Undirected lines between vertices a < b, as a · `vertex_count` + b; ascending within a whole.
    whole : (k,) int64
        The sum each line is part of, where several are formed at once.
    forth, back : (k,) int32
        Times from a to b, and from b to a.
    vertex_count
        Of the boundaries.
    """

    number: Ints
    whole: Ints
    forth: Indices
    back: Indices
    vertex_count: int

    @property
    def left_over(self) -> Bools:
        """(k,) bool: lines that are not used exactly once per direction."""
        return (self.forth != 1) | (self.back != 1)

    def ends(self, rows: Bools) -> Ints:
        """Vertex numbers (m, 2) of some lines, the smaller first."""
        return np.stack(np.divmod(self.number[rows], self.vertex_count), axis=1)


def sum_of(boundaries: Boundaries, plus: tuple[int, int], minus: tuple[int, int], whole: Ints | None = None) -> Lines:
    """Form Σ∂plus − ∂minus.

    Parameters
    ----------
    boundaries
        Of all of them.
    plus, minus
        Rows of polygons: from, up to without.
    whole : (n,) int64, optional
        The sum each polygon is part of, those of `plus` first; by default there is but one.
    """
    own, other = boundaries.edges_of(*plus), boundaries.edges_of(*minus)
    count = len(boundaries.vertices)
    keys = np.empty(own.stop - own.start + other.stop - other.start, np.int64)
    half = own.stop - own.start
    _line_keys(boundaries.start[own], boundaries.end[own], count, keys[:half])
    # What is subtracted runs the other way round.
    _line_keys(boundaries.end[other], boundaries.start[other], count, keys[half:])
    if whole is None:
        keys.sort()
        number, forth, back = _added(keys)
        return Lines(number, np.broadcast_to(np.int64(0), len(number)), forth, back, count)
    length = np.concatenate(
        [np.diff(boundaries.first[plus[0] : plus[1] + 1]), np.diff(boundaries.first[minus[0] : minus[1] + 1])]
    )
    lines, line = unique_keys(keys >> 1)
    keys = np.sort(((np.repeat(whole, length) * max(len(lines), 1) + line) << 1) | (keys & 1))
    number, forth, back = _added(keys)
    group, line = np.divmod(number, max(len(lines), 1))
    return Lines(lines[line], group, forth, back, count)


@compiled
def _line_keys(start: Indices, end: Indices, vertex_count: int, keys: Ints) -> None:
    """Write the number of the line of each edge, times two, and one more where the edge runs against it."""
    for k in range(len(start)):
        a, b = np.int64(start[k]), np.int64(end[k])
        keys[k] = 2 * (min(a, b) * vertex_count + max(a, b)) + (a > b)


@compiled
def _added(keys: Ints) -> tuple[Ints, Indices, Indices]:
    """Distinct halves of sorted keys, and how often each is there with an even key, and with an odd one."""
    lines = 0
    for k in range(len(keys)):
        lines += k == 0 or keys[k] >> 1 != keys[k - 1] >> 1
    number, forth, back = np.empty(lines, np.int64), np.zeros(lines, np.int32), np.zeros(lines, np.int32)
    at = -1
    for k in range(len(keys)):
        if k == 0 or keys[k] >> 1 != keys[k - 1] >> 1:
            at += 1
            number[at] = keys[k] >> 1
        if keys[k] & 1:
            back[at] += 1
        else:
            forth[at] += 1
    return number, forth, back
