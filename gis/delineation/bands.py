"""Bands: how many households a cell may have, and by how much a total misses them."""

from dataclasses import dataclass

import numpy as np

from gis.arrays import Floats
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

    def off(self, households: int) -> int:
        """Households by which a total misses the band."""
        return max(self.lower - households, households - self.upper, 0)

    def missed(self, households: int) -> str:
        """Say by which end a total misses the band."""
        return f"more than {self.upper}" if households > self.upper else f"fewer than {self.lower}"

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

    def misses(self, most: int, margin: int) -> Floats:
        """Tabulate what totals from 0 to `most` lack to be divisible into cells of this band, and how far they lean.

        Parameters
        ----------
        most
            Largest total of interest.
        margin
            Households by which what k cells can hold is drawn in at both ends, per cell, where it is wide enough:
            room for dividing it.

        Returns
        -------
        (most + 1, 2) float64
            By total: households by which it misses what the nearest number of cells can hold, none holding nought; and
            its distance from the middle of that, in half widths (at least one household).
        """
        cells = np.arange(most // self.lower + 2)
        low, high = cells * self.lower, cells * self.upper
        room = np.minimum(margin * cells, (high - low) // 2)
        low, high = low + room, high - room
        total = np.arange(most + 1)[:, None]
        off = np.maximum(np.maximum(low - total, total - high), 0).min(axis=1)
        from_middle = np.abs(total - (low + high) / 2)
        nearest = from_middle.argmin(axis=1)
        lean = from_middle.min(axis=1) / np.maximum((high - low) / 2, 1.0)[nearest]
        return np.column_stack([off, lean]).astype(np.float64)
