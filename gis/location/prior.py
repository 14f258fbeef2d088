"""Where reports come from, before anyone looks at the pin: homes, streets, and a little from everywhere."""

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.ndimage import gaussian_filter

from gis.arrays import Floats, Ints
from gis.errors import InputError
from gis.plan import Plan

_STREETS = ("arterial", "street", "lane")
_MOST_PIXELS = 1 << 24
# Beyond the area nothing is known but that people live there too.
_RIM_M = 200.0


@dataclass(frozen=True)
class Whereabouts:
    """What is assumed of the places that reports are about.

    Attributes
    ----------
    homes, streets, land
        Shares of reports at buildings (as many as they have households, and a few more for shops and offices), along
        streets (as long as they are), and anywhere; they need not sum to one.
    beside_m
        How far from building or street the thing reported lies (standard deviation).
    pixel_m
        Side of the squares in which this is counted; wider where the area is very large.
    """

    homes: float = 0.5
    streets: float = 0.35
    land: float = 0.15
    beside_m: float = 6.0
    pixel_m: float = 4.0

    def __post_init__(self) -> None:
        if min(self.homes, self.streets) < 0 or self.land <= 0:
            raise InputError("shares of reports: homes and streets not below nought, land above it")
        if self.pixel_m <= 0 or self.beside_m < 0:
            raise InputError("pixels of whereabouts must be wider than nought")


@dataclass(frozen=True)
class Density:
    """Reports expected per square metre, in squares.

    Attributes
    ----------
    west, south, pixel_m
        Corner and side of the squares, in metres of the plan's CRS.
    per_m2 : (rows, columns) float64
        Never nought. Beyond the squares lies `beyond`.
    beyond
        What is expected of a square metre of which nothing is known.
    """

    west: float
    south: float
    pixel_m: float
    per_m2: Floats
    beyond: float


def expect(plan: Plan, where: Whereabouts | None = None) -> Density:
    """Count how many reports are to be expected where.

    Parameters
    ----------
    plan
        Its buildings with their households, its streets and its area are what is known.
    where
        What is assumed.
    """
    where = where or Whereabouts()
    west, south, east, north = plan.area.total_bounds + np.array([-_RIM_M, -_RIM_M, _RIM_M, _RIM_M])
    pixel = max(where.pixel_m, float(np.sqrt((east - west) * (north - south) / _MOST_PIXELS)))
    shape = int((north - south) / pixel) + 1, int((east - west) / pixel) + 1

    def squares(xy: Floats) -> Ints:
        column, row = ((xy - [west, south]) // pixel).astype(np.int64).T
        return np.clip(row, 0, shape[0] - 1) * shape[1] + np.clip(column, 0, shape[1] - 1)

    values = np.zeros(shape[0] * shape[1])
    for share, (xy, weight) in (
        (where.homes, _homes(plan, pixel)),
        (where.streets, _streets(plan, pixel)),
    ):
        if weight.sum() > 0:
            values += np.bincount(squares(xy), weight * (share / weight.sum()), len(values))
    spread = gaussian_filter(values.reshape(shape), where.beside_m / pixel)
    beyond = where.land / float(plan.area.area.sum())
    return Density(float(west), float(south), pixel, spread / pixel**2 + beyond, beyond)


def _homes(plan: Plan, pixel: float) -> tuple[Floats, Floats]:
    """Points inside every building, a square apart, which share its households between them."""
    shapes = plan.buildings.geometry.to_numpy()
    low, high = np.split(shapely.bounds(shapes), 2, axis=1)
    across = np.maximum(np.ceil((high - low) / pixel), 1).astype(np.int64)
    count = across.prod(axis=1)
    of = np.repeat(np.arange(len(shapes)), count)
    nth = np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count)
    place = np.column_stack([nth % across[of, 0], nth // across[of, 0]])
    xy = low[of] + (place + 0.5) * ((high - low) / across)[of]
    held = shapely.contains_xy(shapes[of], *xy.T)
    bare = np.bincount(of[held], minlength=len(shapes)) == 0
    xy = np.vstack([xy[held], shapely.get_coordinates(shapely.centroid(shapes[bare]))])
    of = np.concatenate([of[held], np.flatnonzero(bare)])
    weight = plan.buildings["households"].to_numpy(np.float64) + 1.0
    return xy, (weight / np.bincount(of, minlength=len(shapes)))[of]


def _streets(plan: Plan, pixel: float) -> tuple[Floats, Floats]:
    """Points along every street, half a square apart, each as long as its share of it."""
    lines = plan.barriers.geometry[plan.barriers["kind"].isin(_STREETS)].to_numpy()
    length = shapely.length(lines)
    count = np.ceil(length / (pixel / 2)).astype(np.int64)
    of = np.repeat(np.arange(len(lines)), count)
    nth = np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count)
    points = shapely.line_interpolate_point(lines[of], (nth + 0.5) / count[of], normalized=True)
    return shapely.get_coordinates(points), (length / np.maximum(count, 1))[of]
