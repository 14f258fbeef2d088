"""Partition of a graph into connected parts whose weights lie in a band.

METIS gives the start (G. Karypis and V. Kumar, "A fast and high quality multilevel scheme for partitioning irregular
graphs", 1998); since it neither keeps parts connected nor knows a lower bound, stray pieces are joined to their
neighbours and the parts are then searched, window by window (`gis.delineation.windows`, `gis.delineation.shake`).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from gis.arrays import Bools, Floats, Ints
from gis.delineation.bands import Band
from gis.delineation.problem import Problem, Rule, charge, missed, out_of_band, worth
from gis.delineation.recombine import recombine
from gis.delineation.shake import shake
from gis.delineation.start import connected, metis
from gis.delineation.windows import sweep
from gis.errors import InputError

# Households drawn in at each end of a multiple of the band below, per cell: room to divide it.
_MARGIN = 2
# Nodes of all starts together, and most starts, for an effort of one.
_START_NODES, _MOST_STARTS = 25_000, 50
# Parts more than seem right, in further starts while a part misses its band.
_FURTHER_PARTS = (1, -1, 0) * 4
# So many of these where cells may share a ground: that does more than another start.
_FURTHER_WITH_TOWERS = 2
# How often each part is recombined with a neighbour after a start.
_RECOMBINED = 60
# Sweeps after each start, moves in a window for each of its nodes, parts in a window.
_SWEEPS, _STEPS, _WINDOW = 2, 0.7, 6
# Moves where one window holds all parts: there is nothing else to search.
_LONG_STEPS = 2.0
# How often a part that misses its band is shaken, in windows of how many parts; how many of the best
# partitions are shaken everywhere, and how often.
_TRIES, _WIDER, _BEST, _LAST_TRIES = 10, (8, 12, 16), 5, 20
# What leaving its old part costs a household, and a node besides, in mean costs of an edge.
_STAY = 20.0
# What leaning to the edge of its band costs a cell of a plan, in typical boundaries: little.
_LEAN_WEIGHT = 0.05


def partition_graph(
    indptr: Ints,
    indices: Ints,
    edge_cost: Floats,
    weights: Ints,
    *,
    lower: int,
    upper: int,
    parts: int | None = None,
    seed: int = 0,
    effort: float = 1.0,
    progress: Callable[[float], None] | None = None,
) -> Ints:
    """Divide a graph into connected parts within [lower, upper], cutting as little cost as can be found.

    Parameters
    ----------
    indptr, indices : int64
        Undirected graph in compressed rows, each edge in both directions; it may be disconnected.
    edge_cost : (m,) float64
        Cost of cutting each entry of `indices`, not negative.
    weights : (n,) int64
        Weight of each node, not negative.
    lower, upper : int
        Band of a part's weight. Where a component cannot be divided within it, the parts come as near as can be.
    parts : int, optional
        Number of parts to start from in a connected graph; by default that whose mean is nearest the band's middle.
    seed : int
        The same seed gives the same labels.
    effort : float
        More of it starts more often from scratch and keeps the best; large graphs are started once in any case.
    progress : callable, optional
        Called with the share that is done, from 0 to 1; what it raises ends the work.

    Returns
    -------
    (n,) int64
        Part of each node, numbered from 0 without gaps.

    Raises
    ------
    InputError
        Where the arrays do not make a graph.
    """
    _require_graph(indptr, indices, edge_cost, weights)
    band = Band(lower, upper)
    graph = csr_array((edge_cost, indices, indptr), shape=(len(weights), len(weights)))
    return divide(
        graph,
        weights,
        np.zeros_like(weights),
        band=band,
        parts=parts,
        seed=seed,
        effort=effort,
        lean_weight=0.0,
        progress=progress,
    )


def _require_graph(indptr: Ints, indices: Ints, edge_cost: Floats, weights: Ints) -> None:
    """Refuse what compiled code would stumble over: it checks no bounds."""
    n = len(weights)
    if len(indptr) != n + 1 or len(indices) != len(edge_cost) or indptr[0] != 0 or indptr[-1] != len(indices):
        raise InputError("a graph needs an indptr of nodes + 1 entries, and a cost for each entry of indices")
    if (np.diff(indptr) < 0).any() or (len(indices) and not 0 <= indices.min() <= indices.max() < n):
        raise InputError("a graph needs a rising indptr, and indices from 0 to nodes - 1")
    if (np.asarray(weights) < 0).any() or not (np.asarray(edge_cost) >= 0).all():
        raise InputError("a graph needs weights and costs of nought or more")
    matrix = csr_array((edge_cost, indices, indptr), shape=(n, n))
    if abs(matrix - matrix.T).max() > 0:
        raise InputError("a graph needs each edge in both directions, with one cost")


def divide(
    graph: csr_array,
    weights: Ints,
    divisible: Ints,
    *,
    band: Band,
    below: Band | None = None,
    parts: int | None = None,
    seed: int = 0,
    effort: float = 1.0,
    lean_weight: float = _LEAN_WEIGHT,
    progress: Callable[[float], None] | None = None,
) -> Ints:
    """Divide as `partition_graph`, with towers, and so that the parts can be divided again.

    Parameters
    ----------
    graph, weights
        As there, the graph as a sparse array.
    divisible : (n,) int64
        Weight of each node in buildings that entrances or floors divide: at the lowest level a part with a tower, a
        divisible node above the band, may weigh the band times what its towers need.
    band
        What a part may weigh.
    below
        Band of the next level: what a part has, apart from nodes that stay whole there, must be divisible into it.
    """
    say = progress or _silent
    count, component = connected_components(graph, directed=False)
    label = np.zeros(len(weights), np.int64)
    used = done = 0
    for c in range(count):
        nodes = np.flatnonzero(component == c) if count > 1 else np.arange(len(weights))
        task = _Task(
            graph[nodes][:, nodes] if count > 1 else graph,
            weights[nodes],
            divisible[nodes],
            band,
            below,
            parts,
            seed,
            effort,
            lean_weight,
        )
        found = task.divided(_within(say, done / len(weights), len(nodes) / len(weights)))
        label[nodes] = found + used
        used += int(found.max()) + 1
        done += len(nodes)
    return label


def amend(
    graph: csr_array,
    weights: Ints,
    divisible: Ints,
    home: Ints,
    *,
    band: Band,
    below: Band | None = None,
    seed: int = 0,
) -> Ints:
    """Mend a division that exists, moving as little as can be: only parts out of band and what they need.

    Parameters
    ----------
    graph, weights, divisible, band, below
        As in `divide`.
    home : (n,) int64
        Part of each node until now, numbered from 0 without gaps. Where a part no longer hangs together, its heaviest
        piece stays and the others join neighbours.

    Returns
    -------
    (n,) int64
        Parts keep their numbers; some numbers may no longer occur, and new parts have new ones.
    """
    label = connected(graph, weights, home)
    task = _Task(graph, weights, divisible, band, below, None, seed, 1.0, 0.0)
    # Leaving home costs a node more than any boundary may gain, and less than a part out of band.
    stay = (_STAY * (1.0 + weights)).astype(np.float64)
    problem = _problem(task, margin=0)._replace(home=home, stay=stay)
    sweep(problem, label, out_of_band(problem, label), 1, _LONG_STEPS, _WINDOW, seed)
    for most in _windows(int(home.max()) + 1):
        shake(problem, label, _TRIES, _STEPS, most, seed, False)  # noqa: FBT003 (compiled)
    moved = np.zeros(int(label.max()) + 1, np.bool_)
    moved[label[label != home]] = True
    sweep(problem, label, moved, 2, _LONG_STEPS, _WINDOW, seed)
    return label


def _silent(_: float) -> None:
    """Tell nobody."""


def _within(progress: Callable[[float], None], done: float, share: float) -> Callable[[float], None]:
    """Progress of a share of the whole."""
    return lambda part: progress(done + part * share)


@dataclass(frozen=True)
class _Task:
    """A connected graph to divide, as in `divide`."""

    graph: csr_array
    weights: Ints
    divisible: Ints
    band: Band
    below: Band | None
    parts: int | None
    seed: int
    effort: float
    lean_weight: float

    def divided(self, progress: Callable[[float], None]) -> Ints:
        """Start from scratch again and again, improve each start, and the best of them more."""
        problem = _problem(self)
        # Two cells on one ground are the last resort, but for towers.
        strict = problem._replace(load=np.ascontiguousarray(problem.load[:, [0, 1, 2, 2]]))
        wanted = min(self.parts or self.heavy.sum() + _light_parts(problem, self.heavy, self.band), len(self.weights))
        if wanted <= 1:
            return np.zeros(len(self.weights), np.int64)
        # What stays whole misses the band in every division: no reason to start once more.
        whole = self.weights[self.heavy & (self.divisible == 0)]
        inevitable = sum(charge(float(w)) for w in whole - self.band.upper)
        found: list[tuple[float, int, Ints]] = []
        steps = _LONG_STEPS if wanted <= _WINDOW else _STEPS
        starts = int(np.clip(self.effort * _START_NODES / len(self.weights), 1, _MOST_STARTS))
        further: tuple[int, ...] = _FURTHER_PARTS if len(self.weights) <= _START_NODES else ()
        if self.below is None and self.divisible.any():
            further = further[:_FURTHER_WITH_TOWERS]
        for attempt, more in enumerate((0,) * starts + further):
            if attempt >= starts and min(missed(strict, label) for _, _, label in found) <= inevitable:
                break
            label = self._start(max(wanted + more, 1), self.seed + attempt)
            recombine(strict, label, _RECOMBINED, self.seed + attempt)
            due = np.ones(int(label.max()) + 1, np.bool_)
            for k in range(_SWEEPS):
                sweep(strict, label, due, 1, steps, _WINDOW, self.seed + attempt + k)
                progress((attempt + (k + 1) / _SWEEPS) / (starts + len(further) + 1))
            for most in _windows(wanted):
                shake(strict, label, _TRIES, _STEPS, most, self.seed + attempt, False)  # noqa: FBT003 (compiled)
            found.append((worth(strict, label), attempt, label))
        found.sort(key=lambda one: one[:2])
        for k, (_, attempt, label) in enumerate(
            found[:_BEST] if starts > _BEST or missed(strict, found[0][2]) > inevitable else []
        ):
            shake(strict, label, _LAST_TRIES, _STEPS, _WINDOW, self.seed + attempt, True)  # noqa: FBT003
            found[k] = (worth(strict, label), attempt, label)
        best = min(found, key=lambda one: one[:2])[2]
        if self.below is None and self.divisible.any() and missed(strict, best) > inevitable:
            for most in _windows(wanted):
                sweep(problem, best, out_of_band(problem, best), 2, _LONG_STEPS, most, self.seed)
                shake(problem, best, _TRIES, _LONG_STEPS, most, self.seed, False)  # noqa: FBT003
        progress(1.0)
        return np.unique(best, return_inverse=True)[1]

    @property
    def heavy(self) -> Bools:
        """Nodes that no part of this level can hold."""
        return self.weights > self.band.upper

    def _start(self, parts: int, seed: int) -> Ints:
        """Give every heavy node a part of its own and let METIS divide what is left."""
        label = np.empty(len(self.weights), np.int64)
        alone = int(self.heavy.sum())
        label[self.heavy] = np.arange(alone)
        light = np.flatnonzero(~self.heavy)
        if len(light):
            inner = self.graph[light][:, light]
            label[light] = alone + metis(inner, self.weights[light], max(parts - alone, 1), seed)
        return connected(self.graph, self.weights, label)


def _windows(parts: int) -> list[int]:
    """Return numbers of parts in a window, each wider than the last, until it holds all."""
    return [most for k, most in enumerate(_WIDER) if k == 0 or _WIDER[k - 1] < parts]


def _problem(task: _Task, margin: int = _MARGIN) -> Problem:
    graph, weights, band, below = task.graph, task.weights, task.band, task.below
    heavy = weights > (band if below is None else below).upper
    stays_whole = heavy & (task.divisible == 0) & (below is not None)
    flexible = np.zeros_like(weights) if below is not None else task.divisible
    # Costs are taken in means, so that what is negligible is so in every unit.
    cost = graph.data / max(float(graph.data.mean()), 1e-300) if graph.nnz else graph.data
    around = float(cost.sum()) / len(weights)
    nodes_per_part = len(weights) / max(weights.sum() / band.middle, 1.0)
    side = around / np.sqrt(nodes_per_part)
    return Problem(
        graph.indptr.astype(np.int64),
        graph.indices.astype(np.int64),
        cost.astype(np.float64),
        np.column_stack([weights, np.where(stays_whole, 0, weights), flexible * heavy, flexible]).astype(np.int64),
        Rule(
            float(band.lower),
            float(band.upper),
            np.empty((0, 2)) if below is None else below.misses(band.upper, margin),
            around * np.sqrt(nodes_per_part),
            side,
            task.lean_weight * side,
        ),
        np.empty(0, np.int64),
        np.empty(0),
    )


def _light_parts(problem: Problem, heavy: Bools, band: Band) -> int:
    """Count the parts besides those of heavy nodes.

    At the lowest level a tower short of its multiple takes something from its neighbours; above it, the mean of what
    is to be divided again should lie deep in what can be.
    """
    weight, divided, *_ = problem.load[~heavy].sum(axis=0).tolist()
    if not len(problem.rule.below):
        towers = problem.load[heavy & (problem.load[:, 2] > 0), 0]
        short = int(np.maximum(-(-towers // band.upper) * band.lower - towers, 0).sum())
        return round(max(weight - short, 0) / band.middle)
    fewest, most = band.counts(weight)
    if max(fewest, 1) > most:
        return band.nearest_count(weight)
    half = max(band.upper - band.lower, 1) / 2
    worth = [
        problem.rule.below[min(round(divided / k), band.upper), 1] + abs(weight / k - band.middle) / half
        for k in range(max(fewest, 1), most + 1)
    ]
    return max(fewest, 1) + int(np.argmin(worth))
