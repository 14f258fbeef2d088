"""The nearest border of a coverage: how far away it is, and whose land lies on its two sides."""

import numpy as np

from gis.arrays import Indices
from gis.compiled import compiled
from gis.location.pixels import FIRST_LIST, NOWHERE


@compiled
def nearest_border(
    x: int, y: int, own: int, reach: float, pixels: Indices, start: Indices, listed: Indices, shift: int
) -> tuple[float, int, int]:
    """Look for the nearest edge to a point, ring of pixels after ring.

    Parameters
    ----------
    x, y
        The point in steps; it may lie outside the pixels.
    own
        The cell it lies in, or `NOWHERE`.
    reach
        Steps beyond which nothing is looked for.
    pixels, start, listed, shift
        As made by `gis.location.pixels.pixels_of`.

    Returns
    -------
    distance
        Steps to the edge; infinite where there is none within reach.
    east, west
        The cells on its two sides, or `NOWHERE`; of several edges equally near, one of `own`, and the lower numbers.
    """
    rows, columns = pixels.shape
    row, column = y >> shift, x >> shift
    size = 1 << shift
    inset = min(x - (column << shift), y - (row << shift))
    inset = min(inset, size - (x - (column << shift)), size - (y - (row << shift)))
    outside = max(0, -row, -column, row - rows + 1, column - columns + 1)
    best, east, west = np.inf, NOWHERE, NOWHERE
    for ring in range(outside, outside + max(rows, columns) + 1):
        nearest = (ring - 1) * size + inset if ring else 0
        if nearest > best or nearest > reach:
            break
        for r in range(max(row - ring, 0), min(row + ring, rows - 1) + 1):
            whole = abs(r - row) == ring
            first = max(column - ring, 0) if whole else column - ring
            for c in range(first, min(column + ring, columns - 1) + 1, 1 if whole else 2 * ring):
                if c < 0 or pixels[r, c] >= NOWHERE:
                    continue
                k = FIRST_LIST - pixels[r, c]
                for at in range(start[k], start[k + 1]):
                    distance = _distance(x, y, listed[at])
                    one, other = int(listed[at, 4]), int(listed[at, 5])
                    rank = (own not in (one, other), one, other)
                    if distance < best or (distance == best and rank < (own not in (east, west), east, west)):
                        best, east, west = distance, one, other
    if best > reach:
        return np.inf, NOWHERE, NOWHERE
    return best, east, west


@compiled
def _distance(x: int, y: int, edge: Indices) -> float:
    """Return the steps from a point to an edge."""
    ax, ay = np.float64(x - edge[0]), np.float64(y - edge[1])
    dx, dy = np.float64(edge[2] - int(edge[0])), np.float64(edge[3] - int(edge[1]))
    along = min(max((ax * dx + ay * dy) / (dx * dx + dy * dy), 0.0), 1.0)
    return np.hypot(ax - along * dx, ay - along * dy)
