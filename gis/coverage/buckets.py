"""Square buckets over lattice segments: what lies near is found without looking at everything."""

import numpy as np

from gis.arrays import Ints
from gis.compiled import compiled


def buckets_of(segments: Ints) -> tuple[Ints, Ints, int, int]:
    """Sort segments into buckets, about as many as there are segments.

    Parameters
    ----------
    segments : (n, 4) int64
        x0, y0, x1, y1 with x0 ≤ x1, no coordinate below nought.

    Returns
    -------
    start, member : int64
        Compressed rows: the segments of bucket k are ``member[start[k]:start[k + 1]]``; each is listed in every
        bucket that it reaches or nearly reaches (2 steps).
    size : int
        Side of a bucket in steps.
    rows : int
        The bucket of x, y is ``(x // size + 1) * rows + y // size + 1``.
    """
    extent = segments.reshape(-1, 2).max(axis=0) + 1
    by_length = np.median(np.abs(segments[:, 2:] - segments[:, :2]).max(axis=1))
    by_count = np.sqrt(float(extent[0]) * float(extent[1]) / len(segments))
    size = int(max(by_length, by_count, 4.0))
    columns, rows = int(extent[0] // size) + 3, int(extent[1] // size) + 3
    start, member = _fill(segments, size, columns, rows)
    return start, member, size, rows


@compiled
def _column_span(x0: int, y0: int, x1: int, y1: int, left: int, right: int) -> tuple[int, int]:
    """Lowest and highest y that a segment (x0 ≤ x1) reaches between two x, generously rounded."""
    if x1 == x0:
        return min(y0, y1), max(y0, y1)
    slope = (y1 - y0) / (x1 - x0)
    at_left = y0 + slope * (max(left, x0) - x0)
    at_right = y0 + slope * (min(right, x1) - x0)
    return int(min(at_left, at_right)) - 2, int(max(at_left, at_right)) + 2


@compiled
def _fill(segments: Ints, size: int, columns: int, rows: int) -> tuple[Ints, Ints]:
    """List the segments of every square bucket, in compressed rows; a margin of 2 steps lies around each."""
    start = np.zeros(columns * rows + 1, np.int64)
    member = np.empty(0, np.int64)
    for fill in range(2):
        for i in range(len(segments)):
            x0, y0, x1, y1 = segments[i]
            for column in range((x0 - 2) // size, (x1 + 2) // size + 1):
                low, high = _column_span(x0, y0, x1, y1, column * size - 2, (column + 1) * size + 2)
                for row in range((low - 2) // size, (high + 2) // size + 1):
                    bucket = (column + 1) * rows + row + 1
                    if fill:
                        start[bucket] -= 1
                        member[start[bucket]] = i
                    else:
                        start[bucket] += 1
        if not fill:
            total = 0
            for k in range(len(start)):
                total += start[k]
                start[k] = total
            member = np.empty(total, np.int64)
    return start, member
