"""Boxes and shapes of requests, brought to CRS84."""

from typing import Any, Final

import numpy as np
import shapely
from shapely.errors import ShapelyError

from api.errors import Problem
from api.ogc.reference import CRS84, Reference, moved, turned

_LEAST_BOX: Final = 4
_HIGH_BOX: Final = 6
# A side of a box that is straight in metres is bent in degrees.
_PIECES: Final = 16


def region(name: str, numbers: Any, reference: Reference) -> Any:  # noqa: ANN401 (shapely has no types)
    """Return what a box covers, in CRS84.

    Parameters
    ----------
    name
        Of the parameter, for the refusal.
    numbers
        Four, or six with heights, which do not count; axes in the order of the CRS. West of 180° and on
        over it where the western longitude is the greater.
    reference
        CRS of the numbers.

    Raises
    ------
    Problem
        400 where they are no box.
    """
    if not isinstance(numbers, list) or len(numbers) not in (_LEAST_BOX, _HIGH_BOX):
        raise Problem(400, f"{name}: a box has four numbers, or six")
    half = len(numbers) // 2
    low, high = numbers[:half], numbers[half:]
    if not all(isinstance(number, int | float) and np.isfinite(number) for number in numbers):
        raise Problem(400, f"{name}: a box has four numbers, or six")
    if half == _HIGH_BOX // 2 and low[2] > high[2]:
        raise Problem(400, f"{name}: the lower height is above the upper one")
    (west, south), (east, north) = (end[1::-1] if reference.northing_first else end[:2] for end in (low, high))
    if south > north:
        raise Problem(400, f"{name}: its south lies north of its north: axes are in the order of {reference.uri}")
    if not reference.crs.is_geographic:
        if west > east:
            raise Problem(400, f"{name}: its west lies east of its east: axes are in the order of {reference.uri}")
        return _to_degrees(name, _box(west, south, east, north), reference)
    if west > east:
        return shapely.union_all([_box(west, south, 180.0, north), _box(-180.0, south, east, north)])
    return _box(west, south, east, north)


def drawn(name: str, geometry: dict[str, Any], reference: Reference) -> Any:  # noqa: ANN401
    """Return a geometry of GeoJSON, in CRS84.

    Raises
    ------
    Problem
        400 where it is none, or crosses itself.
    """
    try:
        shape = shapely.force_2d(shapely.geometry.shape(geometry))
        usable = bool(np.isfinite(shapely.get_coordinates(shape)).all()) and shape.is_valid and not shape.is_empty
    except (ShapelyError, ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        raise Problem(400, f"{name}: it holds a geometry that cannot be read") from error
    if not usable:
        raise Problem(400, f"{name}: it holds a geometry that is empty or crosses itself")
    return _to_degrees(name, turned(shape, reference), reference)


def _to_degrees(name: str, shape: Any, reference: Reference) -> Any:  # noqa: ANN401
    if reference.crs.is_projected:
        west, south, east, north = shape.bounds
        if longest := max(east - west, north - south):
            shape = shapely.segmentize(shape, longest / _PIECES)
    there = moved(shape, reference.name, CRS84.name)
    if not np.isfinite(shapely.get_coordinates(there)).all() or not there.is_valid:
        raise Problem(400, f"{name}: coordinates do not fit {reference.uri}")
    return there


def _box(west: float, south: float, east: float, north: float) -> Any:  # noqa: ANN401
    """Draw a box, even one without width: as what it is then, a line or a point."""
    if west == east and south == north:
        return shapely.Point(west, south)
    if west == east or south == north:
        return shapely.LineString([(west, south), (east, north)])
    return shapely.box(west, south, east, north)
