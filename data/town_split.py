"""Cut land by gently bent lines until every piece is small enough."""

import math
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import LineString, Polygon
from shapely.ops import split

from data.town_parts import frame_of

REACH = 30.0


@dataclass(frozen=True)
class Sizes:
    """How far land is cut: the longest sides a piece may keep (metres), and how much cuts bend and wander."""

    east: float
    north: float
    bow: float
    wander: float


@dataclass(frozen=True)
class Cut:
    """One cut: a line from edge to edge of the piece it divided; `northward` cuts run south to north."""

    line: LineString
    northward: bool


def cut_up(piece: Polygon, sizes: Sizes, angle: float, rng: np.random.Generator) -> tuple[list[Cut], list[Polygon]]:
    """Return the cuts and the pieces of a polygon none of which is larger than `sizes`.

    Parameters
    ----------
    piece
        Land bounded by centre lines, in metres.
    sizes
        Limits along and across the rows, bend and wander of the cuts.
    angle
        Bearing of the town's rows, radians from east.
    rng
        Source of every choice.
    """
    frame = frame_of(piece, angle)
    local = frame.local(piece)
    west, south, east, north = shapely.bounds(local)
    parts = (math.ceil((east - west) / sizes.east), math.ceil((north - south) / sizes.north))
    if max(parts) == 1:
        return [], [piece]
    northward = (east - west) / sizes.east > (north - south) / sizes.north
    count = parts[0] if northward else parts[1]
    share = round(count / 2 + rng.choice([-0.1, 0.1])) / count + sizes.wander * rng.choice([-1, 0, 0, 1])
    line = _across((west, south, east, north), share, sizes.bow * rng.uniform(-1, 1), northward=northward)
    halves = [half for half in split(local, line).geoms if half.area > 1]
    if len(halves) != 2:  # noqa: PLR2004 - a cut that does not part in two is not made
        return [], [piece]
    world = frame.world(max(shapely.get_parts(shapely.intersection(line, local)), key=shapely.length))
    cuts, pieces = [Cut(world, northward)], []
    for half in halves:
        more, smaller = cut_up(frame.world(half), sizes, angle, rng)
        cuts += more
        pieces += smaller
    return cuts, pieces


def _across(bounds: tuple[float, float, float, float], share: float, bow: float, *, northward: bool) -> LineString:
    """Return a bent line across local bounds, reaching past both ends."""
    west, south, east, north = bounds
    low, high = (south, north) if northward else (west, east)
    start, stop = (west, east) if northward else (south, north)
    along = np.linspace(low - REACH, high + REACH, max(4, round((high - low) / 35)))
    aside = start + share * (stop - start) + bow * np.sin(np.pi * (along - low) / (high - low))
    return LineString(np.column_stack([aside, along] if northward else [along, aside]))
