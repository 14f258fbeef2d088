"""Codes: the community's code, a sequence of three digits, then two digits for every level below."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import count

import numpy as np
import shapely

from gis.arrays import Geometries, Ints
from gis.errors import InputError

LOCAL_PREFIX = "000000000"
FIRST_DIGITS, LOWER_DIGITS = 3, 2
LOCAL_DIGITS = len(LOCAL_PREFIX) + 2 * FIRST_DIGITS


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


def number_cells(
    polygons: Geometries, parent: Ints, parent_codes: Sequence[str], depth: int, given: Mapping[int, str] | None = None
) -> list[str]:
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
    given
        Codes that planners gave to some cells, by row; the others are numbered around them.

    Raises
    ------
    InputError
        Where a parent has more cells than its digits can number.
    """
    digits = LOWER_DIGITS if depth else FIRST_DIGITS
    codes = [""] * len(polygons)
    given = given or {}
    for p in np.unique(parent):
        rows = np.flatnonzero(parent == p)
        kept = {row: given[row] for row in rows.tolist() if row in given}
        free = [row for row in rows.tolist() if row not in kept]
        numbers = _free_numbers(set(kept.values()), parent_codes[p], digits)
        if len(free) > len(numbers):
            raise InputError(
                f"'{parent_codes[p]}' has {len(rows)} cells, and a code can number {10**digits - 1}: "
                "give communities with --within, or larger cells"
            )
        for row, code in kept.items():
            codes[row] = code
        if free:
            for row, rank in zip(free, reading_order(polygons[free]), strict=True):
                codes[row] = numbers[rank]
    return codes


def _free_numbers(taken: set[str], prefix: str, digits: int) -> list[str]:
    """Codes under a prefix that nobody has, in order."""
    codes = (f"{prefix}{number:0{digits}d}" for number in range(1, 10**digits))
    return [code for code in codes if code not in taken]


def local_codes(polygons: Geometries, given: Mapping[int, str] | None = None) -> list[str]:
    """Codes of the first level where no community has one: local blocks of 999 under no county and no street."""
    given = given or {}
    taken = set(given.values())
    numbers = (code for code in map(local_code, count()) if code not in taken)
    free = [row for row in range(len(polygons)) if row not in given]
    ordered = [free[k] for k in np.argsort(reading_order(polygons[free]))] if free else []
    codes = dict(given) | dict(zip(ordered, numbers, strict=False))
    return [codes[row] for row in range(len(polygons))]


def local_code(rank: int) -> str:
    """Code number `rank`, from 0, where no community has a code."""
    limit = 10**FIRST_DIGITS - 1
    return f"{LOCAL_PREFIX}{1 + rank // limit:03d}{1 + rank % limit:0{FIRST_DIGITS}d}"


def digits_of(above: str | None, depth: int) -> int:
    """Digits that a code adds to the one above: all of them, where there is none."""
    if above is None:
        return LOCAL_DIGITS
    return LOWER_DIGITS if depth else FIRST_DIGITS


def is_code(code: str, above: str | None, depth: int) -> bool:
    """Say whether a code is well formed under the one above it, at a level (0: the first that is divided)."""
    own = code.removeprefix(above or "")
    return code == f"{above or ''}{own}" and own.isascii() and own.isdecimal() and len(own) == digits_of(above, depth)


def next_code(above: str | None, depth: int, used: Iterable[str]) -> str:
    """Return the code after the last one ever used under a parent.

    Raises
    ------
    InputError
        Where all have been used.
    """
    digits = digits_of(above, depth)
    if above is None:
        taken = {code for code in used if len(code) == digits}
        return next(code for code in map(local_code, count(len(taken))) if code not in taken)
    ends = (code[-digits:] for code in used if len(code) == len(above) + digits and code.startswith(above))
    number = max((int(end) for end in ends if end.isdecimal()), default=0) + 1
    if number >= 10**digits:
        raise InputError(f"'{above}' has used up all its codes: draw it anew with 'wangge delineate'")
    return f"{above}{number:0{digits}d}"


def sequence(code: str, depth: int) -> str:
    """Return the number of a cell within its parent, as names say it."""
    return str(int(code[-2:] if depth else code[-3:]))
