"""A plane of square pixels over the edges of a coverage: what a point needs to know lies in its own pixel.

A pixel that no edge touches holds the number of its cell; any other holds the place of its edges in a list. The land
east of an edge is known, so a point lies in what is east of the nearest edge to its west: in its own pixel or a few
on. Everything is counted in whole lattice steps, so points on vertices and edges, and a step beside them, are decided
without error.
"""

import numpy as np

from gis.arrays import Indices, Ints
from gis.compiled import compiled

NOWHERE = -1
# A pixel with edges holds this minus the number of its list.
FIRST_LIST = -2
# Pixels for each edge. More make fewer points look at edges, until the pixels no longer fit the processor's caches.
_PIXELS_AN_EDGE = 16
_MOST_PIXELS = 1 << 26


def pixels_of(edges: Ints) -> tuple[Indices, Indices, Indices, int]:
    """Lay pixels over the edges of a coverage.

    Parameters
    ----------
    edges : (n, 6) int64
        x0, y0, x1, y1 in steps with y0 ≤ y1, not below nought, each once; the cells east and west of it, or
        `NOWHERE` (north and south, where it is level).

    Returns
    -------
    pixels : (rows, columns) int32
        A cell, `NOWHERE`, or `FIRST_LIST` - k for list k.
    start : (k + 1,) int32
        List k is rows ``start[k]:start[k + 1]`` of `listed`.
    listed : (m, 6) int32
        The edges, in every pixel that they touch.
    shift
        A pixel is ``1 << shift`` steps wide.
    """
    width, height = (int(edges[:, k : k + 3 : 2].max()) + 1 for k in (0, 1))
    wanted = min(_PIXELS_AN_EDGE * len(edges), _MOST_PIXELS)
    shift = max(int(np.ceil(np.log2(np.sqrt(width * height / wanted)))), 0)
    pixels = np.full(((height >> shift) + 1, (width >> shift) + 1), NOWHERE, np.int32)
    start, listed = _list(edges, pixels, shift)
    _fill(pixels, start, listed, shift)
    return pixels, start, listed, shift


@compiled
def cell_at(x: int, y: int, column: int, pixels: Indices, start: Indices, listed: Indices, shift: int) -> int:
    """Return the cell at x, y in steps, looked for from a column of pixels on westward, or `NOWHERE`.

    Edges hold their lower end but not their upper one, and a point on an edge lies east of it. Where several start
    from one vertex at the point's own height, the one that leans most to the east is the nearest.
    """
    while column >= 0:
        value = pixels[y >> shift, column]
        if value >= NOWHERE:
            return value
        k = FIRST_LIST - value
        found = _nearest_in(x, y, column << shift, start[k], start[k + 1], listed)
        if found >= 0:
            return listed[found, 4]
        column -= 1
    return NOWHERE


@compiled
def _nearest_in(x: int, y: int, west: int, first: int, end: int, listed: Indices) -> int:
    """Row of the edge that a ray from x, y to the west meets first, no farther than `west`; -1 if there is none."""
    best, best_q, best_r, best_dx, best_dy = -1, 0, 0, 0, 1
    for at in range(first, end):
        ay, by = int(listed[at, 1]), int(listed[at, 3])
        if y < ay or y >= by:
            continue
        ax, dy = int(listed[at, 0]), by - ay
        dx = int(listed[at, 2]) - ax
        run = dx * (y - ay)
        if run > dy * (x - ax) or run < dy * (west - ax):
            continue
        # Where it crosses the ray, as a whole number and a fraction, to be compared without rounding.
        q = run // dy
        r = run - q * dy
        q += ax
        if best >= 0:
            if q < best_q:
                continue
            if q == best_q:
                nearer = r * best_dy - best_r * dy
                if nearer < 0 or (nearer == 0 and dx * best_dy <= best_dx * dy):
                    continue
        best, best_q, best_r, best_dx, best_dy = at, q, r, dx, dy
    return best


@compiled
def _columns(edge: Ints, row: int, shift: int) -> tuple[int, int]:
    """First and last pixel that an edge touches in a row of pixels."""
    x0, y0, x1, y1 = edge[0], edge[1], edge[2], edge[3]
    at_low, at_high = x0, x1
    if y1 > y0:
        dx, dy = x1 - x0, y1 - y0
        at_low = x0 + (dx * (max(y0, row << shift) - y0)) // dy
        at_high = x0 + (dx * (min(y1, (row + 1) << shift) - y0)) // dy
    return min(at_low, at_high) >> shift, max(at_low, at_high) >> shift


@compiled
def _list(edges: Ints, pixels: Indices, shift: int) -> tuple[Indices, Indices]:
    """List the edges of every pixel, and put the number of its list into it."""
    columns = pixels.shape[1]
    flat = pixels.reshape(-1)
    count = np.zeros(len(flat), np.int32)
    for i in range(len(edges)):
        for row in range(edges[i, 1] >> shift, (edges[i, 3] >> shift) + 1):
            west, east = _columns(edges[i], row, shift)
            count[row * columns + west : row * columns + east + 1] += 1
    touched = np.flatnonzero(count)
    start = np.zeros(len(touched) + 1, np.int32)
    for k in range(len(touched)):
        flat[touched[k]] = FIRST_LIST - k
        start[k + 1] = start[k] + count[touched[k]]
    listed = np.empty((start[-1], 6), np.int32)
    free = start[:-1].copy()
    for i in range(len(edges)):
        for row in range(edges[i, 1] >> shift, (edges[i, 3] >> shift) + 1):
            west, east = _columns(edges[i], row, shift)
            for column in range(west, east + 1):
                k = FIRST_LIST - flat[row * columns + column]
                listed[free[k]] = edges[i]
                free[k] += 1
    return start, listed


@compiled
def _fill(pixels: Indices, start: Indices, listed: Indices, shift: int) -> None:
    """Give every pixel without edges its cell, from west to east."""
    rows, columns = pixels.shape
    for row in range(rows):
        for column in range(1, columns):
            if pixels[row, column] == NOWHERE:
                x, y = column << shift, row << shift
                pixels[row, column] = cell_at(x, y, column - 1, pixels, start, listed, shift)
