"""Parents whose cells do not come out in band, divided anew together with a neighbour.

A parent is drawn so that its households can be divided (`gis.delineation.bands.Band.misses`), but its buildings need
not add up to that. Then it and a neighbour are divided into cells as if they were one, and the cells are put together
to parents afterwards: few pieces in a wide band, which nearly always comes out.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from gis.arrays import Bools, Ints
from gis.delineation.bands import Band
from gis.delineation.exhaust import cells_out, dwellings_on
from gis.delineation.graphs import contracted
from gis.delineation.levels import Level
from gis.delineation.nest import EFFORT, Nested
from gis.delineation.partition import divide

# Neighbours with which a parent is tried, those with the longest shared boundary first.
_MOST_NEIGHBOURS = 4
# Where so many pairs are divided and fewer than this share of them gain by it, buildings fit the band nowhere.
_MANY, _LEAST_SHARE = 20, 0.1


@dataclass(frozen=True)
class Regrouping:
    """The land whose two lowest levels are drawn anew in places.

    Attributes
    ----------
    graph : (n, n) sparse array
        Costs of the boundary between neighbouring atoms.
    households : (n,) int64
    divisible : (n, 2) int64
        As in `gis.delineation.nest.nest`.
    units
        Dwellings (`gis.delineation.towers.dwelling_units`) with their `atom`.
    levels
        Top first.
    ruled : (n,) bool
        Atoms of which planners rule something: their parents stay as they are.
    seed, workers
        The result depends on the seed and not on the number of workers.
    """

    graph: csr_array
    households: Ints
    divisible: Ints
    units: pd.DataFrame
    levels: Sequence[Level]
    ruled: Bools
    seed: int
    workers: int

    def regrouped(self, nested: Sequence[Nested]) -> list[Nested]:
        """Divide parents anew that have cells out of band, where a neighbour helps them."""
        if len(nested) == 1:
            return list(nested)
        *above, upper, leaf = nested
        parent, cell, ground = upper.of_atom.copy(), leaf.of_atom.copy(), leaf.ground.copy()
        out = cells_out(cell, self.units, self.levels[-1].band) > 0
        stuck = np.setdiff1d(parent[out[cell]], parent[self.ruled])
        waiting = {p: self._neighbours(p, parent, upper.ground) for p in stuck.tolist()}
        with ThreadPoolExecutor(self.workers) as pool:
            while pairs := _disjoint(waiting):
                land = [np.flatnonzero(np.isin(parent, pair)) for pair in pairs]
                found = list(pool.map(lambda atoms: self._together(atoms, parent[atoms], cell[atoms]), land))
                for pair, atoms, drawn in zip(pairs, land, found, strict=True):
                    if drawn is None:
                        continue
                    cells, group, still = drawn
                    cell[atoms] = cell.max() + 1 + cells
                    ground[atoms] = ground.max() + 1 + group
                    numbers = np.append(pair, parent.max() + 1 + np.arange(group.max()))
                    parent[atoms] = numbers[group]
                    for p in () if still else pair:
                        waiting.pop(p, None)
                if len(pairs) >= _MANY and sum(drawn is not None for drawn in found) < _LEAST_SHARE * len(pairs):
                    break
        return [*above, Nested(_dense(parent), upper.ground), Nested(_dense(cell), ground)]

    def _neighbours(self, p: int, parent: Ints, ground: Ints) -> list[int]:
        """Parents on the same ground that share most boundary with one, the last one most."""
        own = np.flatnonzero(parent == p)
        beside = self.graph[own].tocoo()
        others = parent[beside.col]
        may = (others != p) & (ground[beside.col] == ground[own[0]])
        may &= ~np.isin(others, parent[self.ruled])
        near, number = np.unique(others[may], return_inverse=True)
        shared = np.bincount(number, beside.data[may], minlength=len(near))
        return near[np.argsort(shared, kind="stable")][-_MOST_NEIGHBOURS:].tolist()

    def _together(self, atoms: Ints, parent: Ints, cell: Ints) -> tuple[Ints, Ints, int] | None:
        """Cell and parent of each atom where fewer cells are out of band than now, and how many still are."""
        graph, band = self.graph[atoms][:, atoms], self.levels[-1].band
        if connected_components(graph, directed=False)[0] > 1:
            return None
        units = dwellings_on(self.units, atoms)
        before = cells_out(_dense(cell), units, band).sum()
        households = self.households[atoms]
        cells = divide(graph, households, self.divisible[atoms], band=band, seed=self.seed, effort=EFFORT)
        still = int(cells_out(cells, units, band).sum())
        if still >= before:
            return None
        count = int(cells.max()) + 1
        held = np.bincount(cells, households, minlength=count).astype(np.int64)
        whole = np.zeros((count, 2), np.int64)
        above = self.levels[-2].band
        group = divide(contracted(graph, cells, count), held, whole, band=above, seed=self.seed, effort=EFFORT)[cells]
        if _missed(group, households, above) > _missed(_dense(parent), households, above):
            return None
        return cells, group, still


def _disjoint(waiting: dict[int, list[int]]) -> list[tuple[int, int]]:
    """Take the next neighbour of every parent that still has one, of which no two pairs share a parent."""
    pairs: list[tuple[int, int]] = []
    taken: set[int] = set()
    for p, neighbours in waiting.items():
        if neighbours and not taken & {p, neighbours[-1]}:
            pairs.append((p, neighbours.pop()))
            taken.update(pairs[-1])
    return pairs


def _missed(parent: Ints, households: Ints, band: Band) -> int:
    return sum(not band.holds(int(total)) for total in np.bincount(parent, households))


def _dense(label: Ints) -> Ints:
    return np.unique(label, return_inverse=True)[1]
