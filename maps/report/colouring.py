"""Colours by which neighbours can be told apart."""

import numpy as np
import shapely

from maps.codec import Shapes


def neighbour_colours(shapes: Shapes) -> list[int]:
    """Give polygons numbers, no two with a common border the same.

    The polygon with the fewest neighbours is set aside, again and again; then each in the opposite order takes the
    least number that none of its neighbours has (Matula and Beck 1983, "Smallest-last ordering"). A map in the plane
    needs at most six.

    Parameters
    ----------
    shapes : (n,) array of Polygons or MultiPolygons
        Of a coverage.

    Returns
    -------
    list of int
        From 0.
    """
    near = _neighbours(shapes)
    left = {k: set(near[k]) for k in range(len(shapes))}
    aside = []
    while left:
        fewest = min(left, key=lambda k: (len(left[k]), k))
        for other in left.pop(fewest):
            left[other].discard(fewest)
        aside.append(fewest)
    number: dict[int, int] = {}
    for k in reversed(aside):
        taken = {number[other] for other in near[k] if other in number}
        number[k] = next(free for free in range(len(taken) + 1) if free not in taken)
    return [number[k] for k in range(len(shapes))]


def _neighbours(shapes: Shapes) -> list[set[int]]:
    one, two = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = one < two
    one, two = one[pairs], two[pairs]
    # A common corner is a point, and no border.
    beside = shapely.get_dimensions(shapely.intersection(shapes[one], shapes[two])) > 0
    near: list[set[int]] = [set() for _ in shapes]
    for a, b in np.column_stack([one[beside], two[beside]]).tolist():
        near[a].add(b)
        near[b].add(a)
    return near
