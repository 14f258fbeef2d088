"""Delaunay triangles of lattice points, for many small sets: swept from west to east, edges flipped at once.

In the manner of D. Sinclair, "S-hull: a fast radial sweep-hull routine for Delaunay triangulation" (2016), with the
sweep along x: in lattice order every point lies outside the hull of those before it, which integers decide exactly.
"""

import numpy as np

from gis.arrays import Ints
from gis.compiled import compiled

# Nearly on one circle, either diagonal will do: float64 is not asked for more than it can tell.
_CIRCLE_DOUBT = 1e-13


@compiled
def triangulate(xy: Ints) -> tuple[Ints, Ints]:
    """Triangulate points.

    Parameters
    ----------
    xy : (n, 2) int64
        At least three, in the order of x, then y, none twice, the first three not on one line; within ±2³⁰.

    Returns
    -------
    corner : (h,) int64
        Point at which each half-edge starts; three a triangle, counter-clockwise.
    twin : (h,) int64
        The half-edge along the other side of the same edge; -1 along the hull.
    """
    n = len(xy)
    corner, twin = np.empty(6 * n, np.int64), np.full(6 * n, -1, np.int64)
    # The hull, counter-clockwise: the points before and after each, and the half-edge that starts at each.
    before, after, rim = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64)
    unsure = np.empty(6 * n, np.int64)
    second, third = (1, 2) if _turn(xy, 0, 1, 2) > 0 else (2, 1)
    for k, vertex in enumerate((0, second, third)):
        corner[k] = vertex
        rim[vertex] = k
    after[0], after[second], after[third] = second, third, 0
    before[0], before[second], before[third] = third, 0, second
    used = 3
    for p in range(3, n):
        start = used
        east = p - 1  # the point before is the easternmost: what p sees of the hull lies on both sides of it
        ahead = east
        while _turn(xy, ahead, after[ahead], p) < 0:
            corner[used], corner[used + 1], corner[used + 2] = after[ahead], ahead, p
            _join(twin, used, rim[ahead])
            if used > start:
                _join(twin, used + 1, used - 1)
            ahead = after[ahead]
            used += 3
        forward = used
        behind = east
        while _turn(xy, before[behind], behind, p) < 0:
            corner[used], corner[used + 1], corner[used + 2] = behind, before[behind], p
            _join(twin, used, rim[before[behind]])
            if used > forward:
                _join(twin, used + 2, used - 2)
            elif forward > start:
                _join(twin, used + 2, start + 1)
            behind = before[behind]
            used += 3
        rim[behind] = used - 2 if used > forward else start + 1
        rim[p] = forward - 1 if forward > start else forward + 2
        after[behind], before[p], after[p], before[ahead] = p, behind, ahead, p
        for k, base in enumerate(range(start, used, 3)):
            unsure[k] = base
        _flip(xy, corner, twin, rim, unsure, (used - start) // 3)
    return corner[:used], twin[:used]


@compiled
def _flip(xy: Ints, corner: Ints, twin: Ints, rim: Ints, unsure: Ints, count: int) -> None:
    """Flip edges opposite the newest point until no circle around a triangle holds another point."""
    while count:
        count -= 1
        a = unsure[count]
        b = twin[a]
        if b < 0:
            continue
        a_next, a_last, b_next, b_last = _next(a), _last(a), _next(b), _last(b)
        p, q = corner[a_last], corner[b_last]
        if not _in_circle(xy, corner[a], corner[a_next], p, q):
            continue
        corner[a], corner[b] = q, p
        beyond_a, beyond_b = twin[a_last], twin[b_last]
        _join(twin, a, beyond_b)
        _join(twin, b, beyond_a)
        _join(twin, a_last, b_last)
        if beyond_b < 0:
            rim[q] = a
        if beyond_a < 0:
            rim[p] = b
        unsure[count], unsure[count + 1] = a, b_next
        count += 2


@compiled
def _join(twin: Ints, a: int, b: int) -> None:
    twin[a] = b
    if b >= 0:
        twin[b] = a


@compiled
def _next(half: int) -> int:
    return half // 3 * 3 + (half + 1) % 3


@compiled
def _last(half: int) -> int:
    return half // 3 * 3 + (half + 2) % 3


@compiled
def _turn(xy: Ints, a: int, b: int, c: int) -> int:
    """Twice the signed area of a, b, c."""
    return (xy[b, 0] - xy[a, 0]) * (xy[c, 1] - xy[a, 1]) - (xy[b, 1] - xy[a, 1]) * (xy[c, 0] - xy[a, 0])


@compiled
def _in_circle(xy: Ints, a: int, b: int, c: int, d: int) -> bool:
    """Whether d lies inside the circle around a, b, c (counter-clockwise) beyond doubt."""
    ax, ay = float(xy[a, 0] - xy[d, 0]), float(xy[a, 1] - xy[d, 1])
    bx, by = float(xy[b, 0] - xy[d, 0]), float(xy[b, 1] - xy[d, 1])
    cx, cy = float(xy[c, 0] - xy[d, 0]), float(xy[c, 1] - xy[d, 1])
    aa, bb, cc = ax * ax + ay * ay, bx * bx + by * by, cx * cx + cy * cy
    inside = aa * (bx * cy - by * cx) + bb * (cx * ay - cy * ax) + cc * (ax * by - ay * bx)
    size = aa * (abs(bx * cy) + abs(by * cx)) + bb * (abs(cx * ay) + abs(cy * ax)) + cc * (abs(ax * by) + abs(ay * bx))
    return inside > _CIRCLE_DOUBT * size
