"""Bands: how many households a cell may have, and by how much a total misses them."""

from dataclasses import dataclass

import numpy as np

from gis.arrays import Floats
from gis.compiled import compiled
from gis.errors import InputError


@dataclass(frozen=True)
class Band:
    """Fewest and most households of a cell, both allowed."""

    lower: int
    upper: int

    def __post_init__(self) -> None:
        if not 0 < self.lower <= self.upper:
            raise InputError(f"band {self.lower}-{self.upper}: give two numbers above nought, the smaller one first")

    @property
    def middle(self) -> float:
        """Middle of the band: what cells aim at."""
        return (self.lower + self.upper) / 2

    def holds(self, households: int) -> bool:
        """Whether a total lies in the band."""
        return self.lower <= households <= self.upper

    def counts(self, households: int) -> tuple[int, int]:
        """Fewest and most cells into which a total can be divided; fewest > most where it cannot.

        ⌈H / upper⌉ and ⌊H / lower⌋.
        """
        return -(-households // self.upper), households // self.lower

    def divides(self, households: int) -> bool:
        """Whether some number of cells in band adds up to this total."""
        fewest, most = self.counts(households)
        return max(fewest, 1) <= most

    def nearest_count(self, households: int) -> int:
        """Return the number of cells whose mean lies nearest the middle of the band; at least one."""
        return max(1, round(households / self.middle))

    def multiples(self, most: int, margin: int) -> Floats:
        """Totals up to `most` that cells of this band add up to, as rows of (lower, upper); no cell adds up to nought.

        Parameters
        ----------
        most
            Largest total of interest.
        margin
            Households by which each interval is drawn in at both ends, per cell, where it is wide enough.
        """
        rows = [(0, 0)]
        for m in range(1, most // self.lower + 1):
            low, high = m * self.lower, m * self.upper
            room = min(margin * m, (high - low) // 2)
            rows.append((low + room, high - room))
        return np.array(rows, np.float64)


@compiled
def miss(total: float, intervals: Floats) -> float:
    """Households by which a total misses the nearest interval."""
    least = np.inf
    for i in range(len(intervals)):
        below, above = intervals[i, 0] - total, total - intervals[i, 1]
        least = min(least, max(below, above, 0.0))
    return least


@compiled
def lean(total: float, intervals: Floats) -> float:
    """Distance of a total from the middle of its nearest interval, in half widths (at least one household)."""
    least, value = np.inf, 0.0
    for i in range(len(intervals)):
        middle = (intervals[i, 0] + intervals[i, 1]) / 2
        off = abs(total - middle)
        if off < least:
            least = off
            value = off / max((intervals[i, 1] - intervals[i, 0]) / 2, 1.0)
    return value
