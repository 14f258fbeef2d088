"""Levels: the names and bands of a plan, top first."""

import re
from dataclasses import dataclass
from itertools import pairwise

from gis.delineation.bands import Band
from gis.errors import InputError
from gis.plan import COMMUNITY

_WHOLE = re.compile("[0-9]{1,9}")


@dataclass(frozen=True)
class Level:
    """One level of a plan: its name and the band of its cells."""

    name: str
    band: Band


def parse_levels(text: str) -> list[Level]:
    """Read levels as planners write them, top first: ``"grid:400-600,micro:70-80"``.

    Raises
    ------
    InputError
        Where the text is not of that form, a name comes twice, or a lower level is not smaller.
    """
    levels: list[Level] = []
    for part in text.split(","):
        name, _, span = part.strip().partition(":")
        lower, _, upper = span.partition("-")
        if not name or not all(_WHOLE.fullmatch(number.strip()) for number in (lower, upper)):
            raise InputError(f"levels '{text}': write name:fewest-most, e.g. grid:400-600,micro:70-80")
        levels.append(Level(name, Band(int(lower), int(upper))))
    if len({level.name for level in levels} | {COMMUNITY}) <= len(levels):
        raise InputError(f"levels '{text}': every level needs a name of its own, and not 'community'")
    for above, below in pairwise(levels):
        if below.band.upper > above.band.upper:
            raise InputError(f"levels '{text}': '{below.name}' is below '{above.name}' and must be smaller")
    return levels
