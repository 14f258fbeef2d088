"""Shortening walks: cells of the lowest level that are longer than planners allow are divided anew."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from gis.arrays import Bools, Floats, Ints
from gis.delineation.apart import shared_cells, things_apart
from gis.delineation.demands import Demand
from gis.delineation.lots import Lots, contracted
from gis.delineation.parting import parted
from gis.delineation.quality import walking_diameters

# How sharply steps that are long against the cap lose their worth, in divisions tried one after the other.
_SHARPNESS = (1.0, 2.0, 4.0)
# A step of this share of the cap is worth half.
_LONG_STEP = 0.1
_EFFORT = 0.05


@dataclass(frozen=True)
class WalkCap:
    """How long the walks in a cell may be.

    Attributes
    ----------
    metres
        Longest walk between two buildings (`gis.delineation.quality.walking_diameters`).
    steps : (n, n) sparse array
        Metres between neighbouring atoms.
    built : (n,) bool
        Whether a building stands on the atom.
    """

    metres: float
    steps: csr_array
    built: Bools

    def walks(self, atoms: Ints, label: Ints) -> Floats:
        """Longest walk of each cell in metres, given the cells of some atoms, numbered from 0."""
        return walking_diameters(self.steps[atoms][:, atoms], label, self.built[atoms])


def shorten(
    lots: Lots, label: Ints, graph: csr_array, cap: WalkCap, demands: Sequence[Demand], depth: int, seed: int
) -> Ints:
    """Divide cells with walks over the cap anew, with their neighbours.

    A new division is taken if its walks exceed the cap by less, no more of its cells with households are out of band,
    and it brings nothing together that is to be kept apart. Land where nobody lives may become a cell of its own.

    Parameters
    ----------
    lots
        Of the lowest level.
    label : (m,) int64
        Cell of each lot.
    graph : (n, n) sparse array
        Costs of the boundary between neighbouring atoms.
    cap
        How long walks may be.
    demands, depth, seed
        As in `gis.delineation.nest.nest`.

    Returns
    -------
    (m,) int64
        Cell of each lot, numbered from 0.
    """
    label = label.copy()
    mending = _Mending(lots, graph, cap, things_apart(lots, demands, depth), seed)
    tried: set[int] = set()
    while True:
        cells, numbered = np.unique(label, return_inverse=True)
        walks = cap.walks(np.arange(len(lots.of_atom)), numbered[lots.of_atom])
        due = [k for k in np.argsort(-walks, kind="stable") if walks[k] > cap.metres and cells[k] not in tried]
        if not due:
            return numbered
        cell = int(cells[due[0]])
        tried.add(cell)
        mending.mend(label, cell)


@dataclass(frozen=True)
class _Mending:
    lots: Lots
    graph: csr_array
    cap: WalkCap
    apart: Sequence[Sequence[Ints]]
    seed: int

    def mend(self, label: Ints, cell: int) -> None:
        """Take the best new division of a cell and its neighbours, if there is a better one; changes labels."""
        for cells in (self.lots.around(label, cell), [cell]):
            window = np.flatnonzero(np.isin(label, cells))
            if len(window) == 1:
                continue
            best, least = None, self._price(label, window, np.unique(label[window], return_inverse=True)[1])
            out = least[0]
            for parts in self._divisions(label, window, cell):
                price = self._price(label, window, parts)
                if price[0] <= out and price[1:] < least[1:]:
                    best, least = parts, price
            if best is not None:
                label[window] = best + label.max() + 1
                return

    def _divisions(self, label: Ints, window: Ints, cell: int) -> Iterator[Ints]:
        """Divide a window anew: with long steps made cheap to cut, and with the ends of the walk parted."""
        for sharpness in _SHARPNESS:
            steps = self.cap.steps.data / (_LONG_STEP * self.cap.metres)
            cheap = csr_array((self.graph.data / (1 + steps**sharpness), self.graph.indices, self.graph.indptr))
            cost = contracted(cheap, self.lots.of_atom, len(self.lots.weights))
            yield self.lots.divided(window, seed=self.seed, effort=_EFFORT, cost=cost)
        ends = self._ends(label, cell)
        if ends[0] != ends[1]:
            yield from parted(self.lots, window, [ends[:1], ends[1:]], self.seed)

    def _ends(self, label: Ints, cell: int) -> Ints:
        """Lots at both ends of the longest walk of a cell."""
        atoms = np.flatnonzero(label[self.lots.of_atom] == cell)
        inner = self.cap.steps[atoms][:, atoms]
        built = np.flatnonzero(self.cap.built[atoms])
        one = built[:1]
        for _ in range(2):
            away = dijkstra(inner, indices=one, min_only=True)[built]
            other, one = one, built[[np.where(np.isfinite(away), away, -1).argmax()]]
        return self.lots.of_atom[atoms[np.concatenate([one, other])]]

    def _price(self, label: Ints, window: Ints, parts: Ints) -> tuple[int, float, int]:
        """Cells with households out of band and pairs not kept apart; metres over the cap; cells."""
        lots = self.lots
        total = lots.households(window, parts)
        out = int((((total < lots.band.lower) | (total > lots.band.upper)) & (total > 0)).sum())
        after = label.copy()
        after[window] = parts + label.max() + 1
        of_lot = np.full(len(lots.weights), -1, np.int64)
        of_lot[window] = parts
        of_atom = of_lot[lots.of_atom]
        atoms = np.flatnonzero(of_atom >= 0)
        over = np.maximum(self.cap.walks(atoms, of_atom[atoms]) - self.cap.metres, 0.0)
        return out + len(shared_cells(self.apart, after)), round(float(over.sum()), 3), int(parts.max())
