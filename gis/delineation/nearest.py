"""What is nearest among the few things of one's own group: groups are so small that looking at all is quickest."""

import numpy as np

from gis.arrays import Floats, Ints
from gis.compiled import compiled


def nearest_in_group(xy: Floats, group: Ints, asked: Floats, asked_group: Ints) -> tuple[Ints, Floats]:
    """Find the nearest point of the same group.

    Parameters
    ----------
    xy : (n, 2) float64
    group : (n,) int64
    asked : (m, 2) float64
    asked_group : (m,) int64

    Returns
    -------
    row : (m,) int64
        Row of `xy`, the first of several as near; -1 where the group is empty.
    distance : (m,) float64
        Infinite there.
    """
    order = np.argsort(group, kind="stable")
    ordered = group[order]
    first, last = np.searchsorted(ordered, asked_group), np.searchsorted(ordered, asked_group, side="right")
    place, distance = _search(xy[order], first, last, asked)
    return np.where(place < 0, -1, np.append(order, -1)[place]), distance


@compiled
def _search(xy: Floats, first: Ints, last: Ints, asked: Floats) -> tuple[Ints, Floats]:
    place, distance = np.full(len(asked), -1, np.int64), np.full(len(asked), np.inf)
    for k in range(len(asked)):
        for at in range(first[k], last[k]):
            away = (xy[at, 0] - asked[k, 0]) ** 2 + (xy[at, 1] - asked[k, 1]) ** 2
            if away < distance[k]:
                distance[k], place[k] = away, at
    return place, np.sqrt(distance)
