"""Codes: the community's code, a sequence of three digits, then two digits for every level below."""

from collections.abc import Sequence

import numpy as np
import shapely

from gis.arrays import Geometries, Ints
from gis.errors import InputError

LOCAL_PREFIX = "000000000"
_FIRST_DIGITS, _LOWER_DIGITS = 3, 2


def reading_order(polygons: Geometries) -> Ints:
    """Rank polygons as one reads: in rows from north to south, in a row from west to east.

    Returns
    -------
    (n,) int64
        Rank of each polygon, from 0.
    """
    boxes = shapely.bounds(polygons)
    row_height = max(float(np.median(boxes[:, 3] - boxes[:, 1])), 1.0)
    middle = shapely.get_coordinates(shapely.centroid(polygons))
    row = np.floor((boxes[:, 3].max() - middle[:, 1]) / row_height)
    rank = np.empty(len(polygons), np.int64)
    rank[np.lexsort((middle[:, 0], row))] = np.arange(len(polygons))
    return rank


def number_cells(polygons: Geometries, parent: Ints, parent_codes: Sequence[str], depth: int) -> list[str]:
    """Give each cell its code within its parent.

    Parameters
    ----------
    polygons : (n,) array of Polygons
    parent : (n,) int64
        Row of each cell's parent in `parent_codes`.
    parent_codes
        Codes of the level above; at depth 0 those of the communities.
    depth
        0 for the first level under a community (three digits), then two digits a level.

    Raises
    ------
    InputError
        Where a parent has more cells than its digits can number.
    """
    digits = _LOWER_DIGITS if depth else _FIRST_DIGITS
    codes = [""] * len(polygons)
    for p in np.unique(parent):
        rows = np.flatnonzero(parent == p)
        for row, rank in zip(rows, reading_order(polygons[rows]), strict=True):
            codes[row] = numbered(parent_codes[p], int(rank) + 1, digits)
    return codes


def numbered(parent_code: str, number: int, digits: int) -> str:
    """Return the code of a cell within its parent.

    Raises
    ------
    InputError
        Where its digits cannot hold the number.
    """
    limit = 10**digits - 1
    if number > limit:
        raise InputError(
            f"'{parent_code}' has more cells than the {limit} that a code can number: "
            "give communities with --within, or larger cells"
        )
    return f"{parent_code}{number:0{digits}d}"


def local_codes(polygons: Geometries) -> list[str]:
    """Codes of the first level where no community has one, in reading order."""
    return [local_code(int(rank)) for rank in reading_order(polygons)]


def local_code(rank: int) -> str:
    """Code number `rank`, from 0, of a level without communities: local blocks of 999 under no county and no street."""
    limit = 10**_FIRST_DIGITS - 1
    return f"{LOCAL_PREFIX}{1 + rank // limit:03d}{1 + rank % limit:0{_FIRST_DIGITS}d}"
