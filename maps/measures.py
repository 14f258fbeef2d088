"""What the cells of a map can be coloured by: counts, and shares of counts."""

from collections.abc import Mapping
from dataclasses import dataclass, field

HOUSEHOLDS, RESIDENTS = "households", "people.residents"
"""Names of the counts that say how many live in a cell."""


@dataclass(frozen=True)
class Measure:
    """A count for every cell of every level.

    Attributes
    ----------
    name
        By which scripts and addresses know it.
    label
        By which readers know it.
    counts
        By code; cells that are not named have none of it.
    shared
        By ground code of the lowest level: what surely lies on that ground, in one or other of the cells that share it
        by floors. It is counted in the levels above, and in none of those cells.
    part_of
        Name of the measure whose counts include these.
    as_share
        Whether it is told as its share of that measure.
    heading
        Under which readers find it.
    """

    name: str
    label: str
    counts: Mapping[str, int]
    shared: Mapping[str, int] = field(default_factory=dict)
    part_of: str = ""
    as_share: bool = False
    heading: str = ""
