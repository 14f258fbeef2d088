"""Ranges of house numbers, told from numbers of two parts."""

import re
from typing import Final

_RANGE: Final = re.compile(r"(\d+)-(\d+)")
_LONGEST: Final = 60


def houses_between(number: str) -> list[str]:
    """Return the houses of a range: every second number. One that cannot be a range has none.

    ``94-12`` of Queens is one number; so may be ``12-18``, where its street numbers its houses that way.

    Examples
    --------
    >>> houses_between("12-18"), houses_between("94-12"), houses_between("7")
    (['12', '14', '16', '18'], [], [])
    """
    found = _RANGE.fullmatch(number)
    if not found:
        return []
    low, high = int(found[1]), int(found[2])
    if not (0 < high - low <= _LONGEST and (high - low) % 2 == 0):
        return []
    return [str(house) for house in range(low, high + 1, 2)]
