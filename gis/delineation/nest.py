"""The nested division of an area: parents first, and each level as planners demand it."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from gis.arrays import Ints
from gis.delineation.apart import keep_apart
from gis.delineation.demands import Demand
from gis.delineation.graphs import grown
from gis.delineation.levels import Level
from gis.delineation.lots import Lots, lots_of
from gis.delineation.shorten import WalkCap, shorten


@dataclass(frozen=True)
class Nested:
    """One level of a division.

    Attributes
    ----------
    of_atom : (n,) int64
        Cell of each atom, numbered from 0 within the level.
    ground : (n,) int64
        Land that the cells of this level do not leave: their parents, and what is set apart from them.
    """

    of_atom: Ints
    ground: Ints


# Of one parent's division; there are many, and each is small.
EFFORT = 0.01


def nest(
    graph: csr_array,
    weights: Ints,
    divisible: Ints,
    parent: Ints,
    levels: Sequence[Level],
    *,
    demands: Sequence[Demand] = (),
    cap: WalkCap | None = None,
    seed: int = 0,
    workers: int = 1,
) -> list[Nested]:
    """Divide parents into the cells of the first level, these into the second, and so on.

    Parameters
    ----------
    graph : (n, n) sparse array
        Costs of the boundary between neighbouring atoms.
    weights : (n,) int64
        Households of each atom.
    divisible : (n, 2) int64
        Households of each atom in buildings that entrances or floors divide, and the most of them on one floor.
    parent : (n,) int64
        Community of each atom.
    levels
        Top first.
    demands
        What planners rule.
    cap
        How long the walks in a cell of the lowest level may be.
    seed, workers
        The result depends on the seed and not on the number of workers.

    Returns
    -------
    list of Nested
        Level by level.
    """
    found: list[Nested] = []
    bands = [level.band for level in levels]
    cost = graph if cap is None else cap.eased(graph)
    for depth in range(len(levels)):
        lots = lots_of(cost, weights, divisible, parent, demands, bands, depth)
        label = _divide(lots, seed, workers)
        label = keep_apart(lots, label, demands, depth, seed)
        if cap is not None and depth == len(levels) - 1:
            label = shorten(lots, label, graph, cap, demands, depth, seed)
        parent = label[lots.of_atom]
        found.append(Nested(parent, lots.ground[lots.of_atom]))
    return found


def _divide(lots: Lots, seed: int, workers: int) -> Ints:
    """Divide each ground for itself."""
    order = np.argsort(lots.ground, kind="stable")
    grounds = np.split(order, np.flatnonzero(np.diff(lots.ground[order])) + 1)
    with ThreadPoolExecutor(workers) as pool:
        divided = list(pool.map(lambda nodes: _divide_ground(lots, nodes, seed), grounds))
    label = np.empty(len(lots.weights), np.int64)
    used = 0
    for nodes, part in zip(grounds, divided, strict=True):
        label[nodes] = part + used
        used += int(part.max()) + 1
    return label


def _divide_ground(lots: Lots, nodes: Ints, seed: int) -> Ints:
    """Divide a ground, and join what is set aside to the cells with which it shares most boundary."""
    aside = _set_aside(lots, nodes)
    if not len(aside):
        return lots.divided(nodes, seed=seed, effort=EFFORT)
    label = np.full(len(nodes), -1, np.int64)
    rest = ~np.isin(nodes, aside)
    label[rest] = lots.divided(nodes[rest], seed=seed, effort=EFFORT)
    return grown(lots.graph[nodes][:, nodes], label)


def _set_aside(lots: Lots, nodes: Ints) -> Ints:
    """Lots that are cells of their own below, and over which no cell need reach: it would fall into parts there."""
    aside: list[int] = []
    for lot in nodes[lots.later[nodes]].tolist():
        rest = np.setdiff1d(nodes, [*aside, lot])
        count, part = connected_components(lots.graph[rest][:, rest], directed=False)
        total = np.bincount(part, lots.weights[rest], minlength=count).astype(np.int64).tolist()
        touched = np.isin(lots.graph[[lot]].indices, rest).any()
        if touched and all(lots.band.divides(households) for households in total):
            aside.append(lot)
    return np.array(aside, np.int64)
