"""Shortening walks: cells of the lowest level that are longer than planners allow are divided anew."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from gis.arrays import Bools, Floats, Ints
from gis.delineation.apart import shared_cells, things_apart
from gis.delineation.demands import Demand
from gis.delineation.graphs import contracted
from gis.delineation.lots import Lots
from gis.delineation.parting import parted
from gis.delineation.quality import walking_diameters

# A boundary across a step of this share of the cap costs half, across longer ones less; the shares are tried in turn.
_USUAL_STEP, _FURTHER_STEPS = 0.1, (0.05, 0.025)
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

    def eased(self, graph: csr_array, share: float = _USUAL_STEP) -> csr_array:
        """Costs at which cells rather end between houses far apart than reach from one to the other.

        Parameters
        ----------
        graph : (n, n) sparse array
            Costs of the boundary between neighbouring atoms.
        share
            Of the cap: the step at which the cost is halved.
        """
        cost = graph.data / (1 + (self.steps.data / (share * self.metres)) ** 2)
        return csr_array((cost, graph.indices, graph.indptr), shape=graph.shape)

    def walks(self, atoms: Ints, label: Ints) -> Floats:
        """Longest walk of each cell in metres, given the cells of some atoms, numbered from 0."""
        return walking_diameters(self.steps[atoms][:, atoms], label, self.built[atoms])


def shorten(
    lots: Lots, label: Ints, graph: csr_array, cap: WalkCap, demands: Sequence[Demand], depth: int, seed: int
) -> Ints:
    """Divide cells with walks over the cap anew, with their neighbours.

    A new division is taken if its walks exceed the cap by less and it has no more faults. A fault is a cell out of
    band, one stacked on another, and one that holds what is to be kept apart; a cell over the cap is as many as it is
    times as long. So a few far houses may be split off; land where nobody lives always may.

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
    costs = [contracted(cap.eased(graph, share), lots.of_atom, len(lots.weights)) for share in _FURTHER_STEPS]
    mending = _Mending(lots, costs, cap, things_apart(lots, demands, depth), seed)
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
    costs: Sequence[csr_array]
    cap: WalkCap
    apart: Sequence[Sequence[Ints]]
    seed: int

    def mend(self, label: Ints, cell: int) -> None:
        """Take the best new division of a cell and its neighbours, if there is a better one; changes labels."""
        near = self.lots.around(label, cell)
        wide = np.unique(np.concatenate([self.lots.around(label, one) for one in near]))
        for cells in dict.fromkeys((tuple(near), tuple(wide), (cell,))):
            window = np.flatnonzero(np.isin(label, cells))
            if len(window) == 1:
                continue
            best, least = None, self._price(label, window, np.unique(label[window], return_inverse=True)[1])
            faults = least[0]
            for parts in self._divisions(label, window, cell):
                price = self._price(label, window, parts)
                if price[0] <= faults and price[1:] < least[1:]:
                    best, least = parts, price
            if best is not None:
                label[window] = best + label.max() + 1
                return

    def _divisions(self, label: Ints, window: Ints, cell: int) -> Iterator[Ints]:
        """Divide a window anew: with long steps made cheap to cut, and with the ends of the walk parted."""
        for cost in self.costs:
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
        """Faults as in `shorten`; what walks exceed the cap by, in caps; cells."""
        lots = self.lots
        after = label.copy()
        after[window] = parts + label.max() + 1
        of_lot = np.full(len(lots.weights), -1, np.int64)
        of_lot[window] = parts
        of_atom = of_lot[lots.of_atom]
        atoms = np.flatnonzero(of_atom >= 0)
        times = self.cap.walks(atoms, of_atom[atoms]) / self.cap.metres
        over = times[times > 1]
        faults = lots.faults(window, parts) + len(shared_cells(self.apart, after)) + int(np.floor(over).sum())
        return faults, round(float((over - 1).sum()), 6), int(parts.max())
