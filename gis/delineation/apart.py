"""Keeping apart: no cell of a level holds two features of one group."""

from collections.abc import Sequence

import numpy as np

from gis.arrays import Ints
from gis.delineation.demands import Demand
from gis.delineation.lots import Lots
from gis.delineation.parting import parted

# Every parting takes one pair apart; what is left after so many per feature cannot be had.
_ROUNDS = 4


def groups_apart(demands: Sequence[Demand], depth: int) -> dict[str, list[Demand]]:
    """Return by group what must be kept apart at a level."""
    groups: dict[str, list[Demand]] = {}
    for demand in demands:
        if demand.rule == "apart" and demand.depth == depth:
            groups.setdefault(demand.group, []).append(demand)
    return groups


def shared_cells(groups: Sequence[Sequence[Ints]], label: Ints) -> list[tuple[int, int]]:
    """Cells in which several things of one group lie, each with the number of the group.

    Parameters
    ----------
    groups
        Of each group, the atoms (or lots) of each thing.
    label : (n,) int64
        Cell of each atom (or lot).
    """
    shared = []
    for k, things in enumerate(groups):
        cells, count = np.unique(np.concatenate([np.unique(label[thing]) for thing in things]), return_counts=True)
        shared += [(int(cell), k) for cell in cells[count > 1]]
    return shared


def keep_apart(lots: Lots, label: Ints, demands: Sequence[Demand], depth: int, seed: int) -> Ints:
    """Divide cells that hold what must be kept apart anew, with their neighbours where that is better.

    Parameters
    ----------
    lots
        Of the level.
    label : (m,) int64
        Cell of each lot.
    demands, depth, seed
        As in `gis.delineation.nest.nest`.

    Returns
    -------
    (m,) int64
        Cell of each lot, numbered from 0. What lies in one lot stays there.
    """
    groups = things_apart(lots, demands, depth)
    label = label.copy()
    tried: set[tuple[int, int]] = set()
    for _ in range(_ROUNDS * sum(len(things) for things in groups)):
        shared = [one for one in shared_cells(groups, label) if one not in tried]
        if not shared:
            break
        cell, k = shared[0]
        tried.add((cell, k))
        best = _best(lots, label, cell, k, groups, seed)
        if best is not None:
            window, parts = best
            label[window] = parts + label.max() + 1
    return np.unique(label, return_inverse=True)[1]


def things_apart(lots: Lots, demands: Sequence[Demand], depth: int) -> list[list[Ints]]:
    """Lots of each thing of each group that is kept apart at a level."""
    groups = groups_apart(demands, depth).values()
    return [[np.unique(lots.of_atom[demand.atoms]) for demand in group] for group in groups]


def _best(
    lots: Lots, label: Ints, cell: int, k: int, groups: Sequence[Sequence[Ints]], seed: int
) -> tuple[Ints, Ints] | None:
    """Best new division of a cell, alone or with its neighbours; None where none parts it."""
    best, least = None, (np.inf, np.inf)
    for cells in ([cell], lots.around(label, cell)):
        window = np.flatnonzero(np.isin(label, cells))
        things = [lots_ for lots_ in (np.intersect1d(thing, window) for thing in groups[k]) if len(lots_)]
        if len(np.unique(np.concatenate(things))) < sum(map(len, things)):
            continue
        before = len(shared_cells(groups, label))
        faults = lots.faults(window, np.unique(label[window], return_inverse=True)[1])
        for parts in parted(lots, window, things, seed):
            after = label.copy()
            after[window] = parts + label.max() + 1
            if len(shared_cells(groups, after)) >= before:
                continue
            price = (lots.faults(window, parts) - faults, _cut(lots, window, parts) / len(window))
            if price < least:
                best, least = (window, parts), price
    return best


def _cut(lots: Lots, window: Ints, parts: Ints) -> float:
    """Cost of the boundaries between cells of a window."""
    inner = lots.graph[window][:, window].tocoo()
    return float(inner.data[parts[inner.row] != parts[inner.col]].sum() / 2)
