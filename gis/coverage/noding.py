"""One noding: segments on the lattice are cut where they meet, so that they share nothing but endpoints.

Iterated snap rounding: a segment that passes through the lattice square of a vertex or of a crossing is
bent through its centre, again and again until none is left (J. Hobby, "Practical segment intersection with
finite precision output", 1999; D. Halperin and E. Packer, "Iterated snap rounding", 2002). What comes out is
at least half a step apart from what it does not touch, so that every later test is exact.
"""

from collections.abc import Callable

import numpy as np

from gis.arrays import Bools, Ints
from gis.compiled import compiled
from gis.coverage.buckets import buckets_of
from gis.errors import CoverageError

_MAX_ROUNDS = 40
_HALF_WORD = 32

_Work = tuple[Ints, Ints, Bools]


def node_segments(segments: Ints, strength: Ints) -> tuple[Ints, Ints, Ints]:
    """Node segments against each other.

    Parameters
    ----------
    segments : (n, 4) int64
        x0, y0, x1, y1 in lattice steps.
    strength : (n,) int64
        What each is worth as a boundary; where several come to lie on one edge the strongest stays.

    Returns
    -------
    vertices : (v, 2) int64
        In the order of x, then y.
    edges : (e, 2) int64
        Vertex numbers, smaller first, each pair once.
    strength : (e,) int64

    Raises
    ------
    CoverageError
        Where the rounding does not come to rest, which coordinates within ±2³⁰ steps of each other always do.
    """
    return _noded(segments, strength, _strongest)


def node_chains(segments: Ints) -> tuple[Ints, Ints, Ints, Ints, Bools]:
    """Node segments against each other and remember which came from which.

    Parameters
    ----------
    segments : (n, 4) int64
        x0, y0, x1, y1 in lattice steps.

    Returns
    -------
    vertices : (v, 2) int64
        In the order of x, then y.
    edges : (e, 2) int64
        Vertex numbers, smaller first, each pair once.
    piece_edge, piece_source : (p,) int64
        The edge that each piece of a segment came to lie on, and the row of that segment.
    piece_forth : (p,) bool
        Whether the segment runs along the edge from its smaller vertex to its greater.

    Raises
    ------
    CoverageError
        As `node_segments`.
    """
    vertices, pieces, tag = _noded(segments, 2 * np.arange(len(segments)), _pointed)
    key = pieces[:, 0] * len(vertices) + pieces[:, 1]
    first, edge = np.unique(key, return_inverse=True)
    count = max(len(vertices), 1)
    edges = np.stack([first // count, first % count], axis=1)
    return vertices, edges, edge.astype(np.int64, copy=False), tag >> 1, (tag & 1) == 0


def _noded(segments: Ints, tag: Ints, tidy: Callable[[Ints, Ints, Bools], _Work]) -> tuple[Ints, Ints, Ints]:
    origin = segments.reshape(-1, 2).min(axis=0) if len(segments) else np.zeros(2, np.int64)
    work = segments - np.tile(origin, 2)
    fresh = np.ones(len(work), np.bool_)
    for _ in range(_MAX_ROUNDS):
        work, tag, fresh = tidy(work, tag, fresh)
        owner, x, y = _cuts(work, fresh)
        if not len(owner):
            vertices, edges, tag = _indexed(work, tag)
            return vertices + origin, edges, tag
        work, tag, fresh = _split(work, tag, owner, x, y)
    raise CoverageError(f"{len(work)} segments could not be noded in {_MAX_ROUNDS} rounds")


def _pointed(segments: Ints, tag: Ints, fresh: Bools) -> _Work:
    """Point all segments the same way; the lowest bit of the tag says which were turned."""
    ordered, turn = _ordered(segments)
    real = (ordered[:, 0] != ordered[:, 2]) | (ordered[:, 1] != ordered[:, 3])
    return np.ascontiguousarray(ordered[real]), (tag ^ turn)[real], fresh[real]


def _ordered(segments: Ints) -> tuple[Ints, Bools]:
    x0, y0, x1, y1 = segments.T
    turn = (x0 > x1) | ((x0 == x1) & (y0 > y1))
    return np.where(turn[:, None], segments[:, [2, 3, 0, 1]], segments), turn


def _strongest(segments: Ints, strength: Ints, fresh: Bools) -> _Work:
    """Point all segments the same way and keep one of each, with the greatest strength."""
    ordered, _ = _ordered(segments)
    real = (ordered[:, 0] != ordered[:, 2]) | (ordered[:, 1] != ordered[:, 3])
    ordered, strength, fresh = ordered[real], strength[real], fresh[real]
    start, end = _keys(ordered[:, 0], ordered[:, 1]), _keys(ordered[:, 2], ordered[:, 3])
    order = np.lexsort((-strength, end, start))
    ordered, start, end = ordered[order], start[order], end[order]
    first = np.ones(len(ordered), np.bool_)
    first[1:] = (start[1:] != start[:-1]) | (end[1:] != end[:-1])
    return np.ascontiguousarray(ordered[first]), strength[order][first], fresh[order][first]


def _indexed(segments: Ints, strength: Ints) -> tuple[Ints, Ints, Ints]:
    ends = segments.reshape(-1, 2)
    keys, number = np.unique(_keys(ends[:, 0], ends[:, 1]), return_inverse=True)
    vertices = np.stack([keys >> _HALF_WORD, keys & (1 << _HALF_WORD) - 1], axis=1)
    return vertices, number.reshape(-1, 2).astype(np.int64), strength


def _keys(x: Ints, y: Ints) -> Ints:
    """One number a point, in the order of x, then y; coordinates from 0 to 2³¹."""
    return (x << _HALF_WORD) | y


def _split(segments: Ints, strength: Ints, owner: Ints, x: Ints, y: Ints) -> tuple[Ints, Ints, Bools]:
    """Replace every cut segment by the chain through its cuts, in order along it."""
    direction = (segments[owner, 2:] - segments[owner, :2]).astype(np.float64)
    along = (x - segments[owner, 0]) * direction[:, 0] + (y - segments[owner, 1]) * direction[:, 1]
    order = np.lexsort((along, owner))
    owner, x, y = owner[order], x[order], y[order]
    whole = np.ones(len(segments), np.bool_)
    whole[owner] = False
    cut = np.flatnonzero(~whole)
    keys = np.concatenate([cut, owner, cut])
    rank = np.concatenate([np.zeros(len(cut)), np.ones(len(owner)), np.full(len(cut), 2.0)])
    xy = np.concatenate([segments[cut, :2], np.stack([x, y], axis=1), segments[cut, 2:]])
    order = np.lexsort((rank, keys))
    keys, xy = keys[order], xy[order]
    joined = keys[1:] == keys[:-1]
    pieces = np.hstack([xy[:-1][joined], xy[1:][joined]])
    fresh = np.concatenate([np.zeros(int(whole.sum()), np.bool_), np.ones(len(pieces), np.bool_)])
    return (
        np.concatenate([segments[whole], pieces]),
        np.concatenate([strength[whole], strength[keys[1:][joined]]]),
        fresh,
    )


def _cuts(segments: Ints, fresh: Bools) -> tuple[Ints, Ints, Ints]:
    """Find where segments must be cut: rows of (segment, x, y)."""
    if len(segments) <= 1 or not fresh.any():
        return (np.empty(0, np.int64),) * 3
    start, member, _, _ = buckets_of(segments)
    found = _meet(segments, fresh, start, member)
    return found[:, 0], found[:, 1], found[:, 2]


@compiled
def _side(ax: int, ay: int, bx: int, by: int, cx: int, cy: int) -> int:
    """Twice the signed area of a, b, c."""
    return (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)


@compiled
def _through(ax: int, ay: int, bx: int, by: int, cx: int, cy: int) -> bool:
    """Whether a, b, a the smaller, passes through the lattice square of c without ending there.

    The square has its lower rim but not its upper one: a line through a corner of four squares must not be bent to two
    of them, across and back again for ever.
    """
    if (ax == cx and ay == cy) or (bx == cx and by == cy):
        return False
    if cx < min(ax, bx) or cx > max(ax, bx) or cy < min(ay, by) or cy > max(ay, by):
        return False
    off, reach = 2 * _side(ax, ay, bx, by, cx, cy), abs(bx - ax) + abs(by - ay)
    return -reach < off <= reach


@compiled
def _meet(segments: Ints, fresh: Bools, start: Ints, member: Ints) -> Ints:
    """Test the pairs in each bucket; rows of (segment to cut, x, y), possibly repeated."""
    found = np.empty((1024, 3), np.int64)
    n = 0
    for bucket in range(len(start) - 1):
        for p in range(start[bucket], start[bucket + 1]):
            i = member[p]
            ax, ay, bx, by = segments[i]
            for q in range(p + 1, start[bucket + 1]):
                j = member[q]
                if not (fresh[i] or fresh[j]):
                    continue
                cx, cy, dx, dy = segments[j]
                if cx > bx or dx < ax or max(cy, dy) < min(ay, by) or min(cy, dy) > max(ay, by):
                    continue
                if n + 6 > len(found):
                    grown = np.empty((2 * len(found), 3), np.int64)
                    grown[:n] = found[:n]
                    found = grown
                near = n
                if _through(ax, ay, bx, by, cx, cy):
                    found[n] = i, cx, cy
                    n += 1
                if _through(ax, ay, bx, by, dx, dy):
                    found[n] = i, dx, dy
                    n += 1
                if _through(cx, cy, dx, dy, ax, ay):
                    found[n] = j, ax, ay
                    n += 1
                if _through(cx, cy, dx, dy, bx, by):
                    found[n] = j, bx, by
                    n += 1
                if n > near:
                    continue
                c_side, d_side = _side(ax, ay, bx, by, cx, cy), _side(ax, ay, bx, by, dx, dy)
                if c_side == 0 or d_side == 0 or (c_side > 0) == (d_side > 0):
                    continue
                a_side, b_side = _side(cx, cy, dx, dy, ax, ay), _side(cx, cy, dx, dy, bx, by)
                if a_side == 0 or b_side == 0 or (a_side > 0) == (b_side > 0):
                    continue
                share = a_side / (a_side - b_side)
                x = round(ax + share * (bx - ax))
                y = round(ay + share * (by - ay))
                if (x != ax or y != ay) and (x != bx or y != by):
                    found[n] = i, x, y
                    n += 1
                if (x != cx or y != cy) and (x != dx or y != dy):
                    found[n] = j, x, y
                    n += 1
    return found[:n]
