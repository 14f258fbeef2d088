"""Give lines that meet or cross a vertex in common, as surveyed street networks have."""

from collections import defaultdict

import numpy as np
import shapely
from shapely import LineString

from data.town_parts import Floats, on_lattice

NEAR = 0.01


def with_joints(lines: list[LineString]) -> list[LineString]:
    """Return the lines with a shared vertex wherever two of them cross or one ends on another.

    Parameters
    ----------
    lines
        Lines on the lattice, metres; an end within 1 cm of another line counts as lying on it.

    Returns
    -------
    list of LineString
        Same order; every added vertex moves a line by less than a millimetre.
    """
    tree = shapely.STRtree(lines)
    extra: dict[int, list[Floats]] = defaultdict(list)
    ends = [shapely.get_point(line, at) for line in lines for at in (0, -1)]
    for end, line in tree.query(ends, predicate="dwithin", distance=NEAR).T:
        if end // 2 != line:
            extra[int(line)].append(shapely.get_coordinates(ends[end])[0])
    for one, other in tree.query(lines, predicate="crosses").T:
        if one < other:
            for point in on_lattice(shapely.get_coordinates(shapely.intersection(lines[one], lines[other]))):
                extra[int(one)].append(point)
                extra[int(other)].append(point)
    return [_through(line, extra[i]) if i in extra else line for i, line in enumerate(lines)]


def _through(line: LineString, points: list[Floats]) -> LineString:
    """Return a line with these points among its vertices, unless a vertex is already that near."""
    own = shapely.get_coordinates(line)
    spots = np.unique(np.array(points), axis=0)
    gaps = np.hypot(*(own[None, :, :] - spots[:, None, :]).transpose(2, 0, 1))
    new = spots[gaps.min(axis=1) > 0]
    sharp = (np.hypot(*(own[:, None] - new[None]).transpose(2, 0, 1)) > NEAR).all(axis=1)
    sharp[[0, -1]] = True
    steps = np.hypot(*np.diff(own, axis=0).T)
    places = [
        np.concatenate([[0.0], np.cumsum(steps)])[sharp],
        shapely.line_locate_point(line, shapely.points(new)),
    ]
    return LineString(np.vstack([own[sharp], new])[np.argsort(np.concatenate(places), kind="stable")])
