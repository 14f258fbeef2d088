"""Boxes, as queries say them."""

from api.errors import Problem

Box = tuple[float, float, float, float]
_MOST_LON, _MOST_LAT = 180, 90


def read_box(said: str) -> Box:
    """Read west, south, east, north, in degrees.

    Raises
    ------
    Problem
        400 where they are none.
    """
    try:
        west, south, east, north = (float(each) for each in said.split(","))
    except ValueError as error:
        raise Problem(400, "bbox: give four numbers: west, south, east, north") from error
    if not (-_MOST_LON <= west <= east <= _MOST_LON and -_MOST_LAT <= south <= north <= _MOST_LAT):
        raise Problem(400, "bbox: west to east and south to north, in degrees")
    return west, south, east, north
