"""Pairs of cells of two coverages that share land, counted in integers."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from gis.arrays import Bools, Floats, Ints
from gis.coverage.lattice import STEPS_PER_METRE
from gis.coverage.overlay import NOBODY, Overlay

_LAST: Final = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Pairs:
    """Pairs of cells, and the zones of which their land is made.

    Attributes
    ----------
    cells : (p, 2) int64
        Cell of the first and of the second; -1 for nobody. In order, nobody last.
    double_area : (p,) int64
        Twice the shared area in square steps of the lattice.
    zone, pair : (m,) int64
        Each zone of the overlay with the pairs that it belongs to: several only where cells of one coverage overlap.
    zone_area : (z,) int64
        Twice the area of each zone.
    """

    cells: Ints
    double_area: Ints
    zone: Ints
    pair: Ints
    zone_area: Ints

    @property
    def mutual(self) -> Bools:
        """Whether a pair has a cell of both coverages."""
        both: Bools = (self.cells != NOBODY).all(axis=1)
        return both

    def land(self, side: int, kept: Bools | None = None) -> Ints:
        """Twice the area of every cell of one coverage (0 first, 1 second), of the land in pairs that are kept."""
        cell = self.cells[self.pair, side]
        counted = cell != NOBODY if kept is None else (cell != NOBODY) & kept[self.pair]
        zone, cell = np.unique(np.stack([self.zone[counted], cell[counted]]), axis=1)
        total = np.zeros(int(self.cells[:, side].max(initial=NOBODY)) + 1, np.int64)
        np.add.at(total, cell, self.zone_area[zone])
        return total

    def covered(self, kept: Bools) -> int:
        """Twice the area of the land in pairs that are kept, each zone once."""
        return int(self.zone_area[np.unique(self.zone[kept[self.pair]])].sum())

    def overlapping(self, side: int) -> int:
        """Twice the area of the land that several cells of one coverage claim."""
        zone, _ = np.unique(np.stack([self.zone, self.cells[self.pair, side]]), axis=1)
        return int(self.zone_area[np.bincount(zone, minlength=len(self.zone_area)) > 1].sum())

    def best(self, side: int) -> Bools:
        """Whether a pair joins a cell of one coverage with its best partner: most land, then the first in order."""
        rows = np.flatnonzero(self.mutual)
        own, other = self.cells[rows, side], self.cells[rows, 1 - side]
        rows = rows[np.lexsort((other, -self.double_area[rows], own))]
        own = self.cells[rows, side]
        chosen = np.zeros(len(self.cells), np.bool_)
        chosen[rows[np.append(True, own[1:] != own[:-1])]] = True
        return chosen

    def share(self, side: int) -> Floats:
        """Share of the cell's land that lies in each pair, 0 to 1; NaN for nobody."""
        cell = self.cells[:, side]
        whole = np.append(self.land(side), 1)[cell]
        return np.where(cell == NOBODY, np.nan, self.double_area / whole)

    def within(self, side: int, kept: Bools) -> Bools:
        """Whether all land of the cell of one coverage lies in a pair, apart from pairs that are not kept."""
        cell = self.cells[:, side]
        own = np.append(self.land(side, kept), NOBODY)
        whole: Bools = self.mutual & kept & (self.double_area == own[np.minimum(cell, len(own) - 1)])
        return whole

    def sums(self, of_zones: Ints) -> Ints:
        """Sum a count of each zone over the pairs."""
        total = np.zeros(len(self.cells), np.int64)
        np.add.at(total, self.pair, of_zones[self.zone])
        return total


def pairs_of(laid: Overlay) -> Pairs:
    """Gather the zones of two coverages by pairs of cells."""
    zone, found = laid.members[:, 0], laid.members[:, 1:]
    cells, pair = np.unique(np.where(found == NOBODY, _LAST, found), axis=0, return_inverse=True)
    double_area = np.zeros(len(cells), np.int64)
    np.add.at(double_area, pair, laid.double_area[zone])
    return Pairs(np.where(cells == _LAST, NOBODY, cells), double_area, zone, pair, laid.double_area)


def square_metres(double_area: Ints) -> Floats:
    """Turn twice an area in square steps into m²; exact below 4,000 km²."""
    return double_area / (2 * STEPS_PER_METRE**2)
