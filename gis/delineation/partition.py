"""Partition of a graph into connected parts whose weights lie in a band.

METIS gives the start (G. Karypis and V. Kumar, "A fast and high quality multilevel scheme for partitioning irregular
graphs", 1998); since it neither keeps parts connected nor knows a lower bound, stray pieces are joined to their
neighbours and the parts are then improved (`gis.delineation.improve`).
"""

import numpy as np
import pymetis
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from gis.arrays import Bools, Floats, Ints
from gis.delineation.bands import Band, lean
from gis.delineation.improve import improve, split_heaviest
from gis.delineation.mend import mend
from gis.delineation.problem import Problem, charge, missed
from gis.errors import InputError

# METIS wants whole numbers: costs are scaled so that the dearest edge stays within its 32 bits when summed.
_METIS_COST = 1e6
# Sharpest balance METIS is asked for, in thousandths.
_METIS_UNBALANCE = 20
# METIS bisects recursively up to this many parts: better balanced there, worse beyond.
_RECURSIVE_UP_TO = 8
# Households drawn in at each end of a multiple of the band below, per cell: room to divide it.
_MARGIN = 2
# Starts tried while a part misses its band: so many parts more than seem right, again and again where that is cheap.
_FURTHER_PARTS = (0, 0, 1, -1)
_PLAIN_PART, _MOST_EFFORT = 200, 2.0
_CHEAP_NODES, _CHEAP_TIMES = 250, 5


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
    effort: int = 40,
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
    effort : int
        Times that each part is tried against a neighbour.

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
    return divide(graph, weights, np.zeros_like(weights), band=band, parts=parts, seed=seed, effort=effort)


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
    effort: int = 40,
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
    count, component = connected_components(graph, directed=False)
    label = np.zeros(len(weights), np.int64)
    used = 0
    for c in range(count):
        nodes = np.flatnonzero(component == c) if count > 1 else np.arange(len(weights))
        inner = graph[nodes][:, nodes] if count > 1 else graph
        found = _divide_connected(inner, weights[nodes], divisible[nodes], band, below, parts, seed, effort)
        label[nodes] = found + used
        used += int(found.max()) + 1
    return label


def _divide_connected(
    graph: csr_array,
    weights: Ints,
    divisible: Ints,
    band: Band,
    below: Band | None,
    parts: int | None,
    seed: int,
    effort: int,
) -> Ints:
    heavy = weights > band.upper
    problem = _problem(graph, weights, divisible, band, below)
    # Two cells on one ground are the last resort, but for towers.
    strict = problem._replace(load=problem.load[:, [0, 1, 2, 2]])
    wanted = parts or int(heavy.sum()) + _light_parts(problem, heavy, band)
    wanted = min(wanted, len(weights))
    if wanted <= 1:
        return np.zeros(len(weights), np.int64)
    # Parts of many nodes have finer choices, and their re-splits take longer.
    effort = max(1, round(effort * min(_MOST_EFFORT, _PLAIN_PART * wanted / len(weights))))
    best, least = np.zeros(len(weights), np.int64), np.inf
    # What stays whole misses the band in every division: no reason to try another one.
    inevitable = sum(charge(float(w)) for w in weights[heavy & (divisible == 0)] - band.upper)
    cheap = len(weights) <= _CHEAP_NODES
    for attempt, further in enumerate(_FURTHER_PARTS * (_CHEAP_TIMES if cheap else 1)):
        label = _start(graph, weights, heavy, max(wanted + further, 1), seed + attempt)
        label = split_heaviest(problem, _connected(graph, weights, label), wanted + further, seed + attempt)
        label = improve(strict, label, effort, seed + attempt, hot=True)
        if cheap:
            label = mend(strict, label, effort, seed + attempt)
        off = missed(strict, label)
        if off < least:
            best, least = label, off
        if least <= inevitable:
            break
    if least > inevitable:
        best = mend(strict, best, effort, seed)
        least = missed(strict, best)
    if least > inevitable and divisible.any() and below is None:
        best = improve(problem, mend(problem, best, effort, seed), effort, seed, hot=False)
    return np.unique(best, return_inverse=True)[1]


def _problem(graph: csr_array, weights: Ints, divisible: Ints, band: Band, below: Band | None) -> Problem:
    heavy = weights > (band if below is None else below).upper
    stays_whole = heavy & (divisible == 0) & (below is not None)
    flexible = np.zeros_like(weights) if below is not None else divisible
    around = float(graph.sum()) / len(weights)
    nodes_per_part = len(weights) / max(weights.sum() / band.middle, 1.0)
    return Problem(
        graph.indptr.astype(np.int64),
        graph.indices.astype(np.int64),
        graph.data.astype(np.float64),
        np.column_stack([weights, np.where(stays_whole, 0, weights), flexible * heavy, flexible]).astype(np.int64),
        float(band.lower),
        float(band.upper),
        np.empty((0, 2)) if below is None else below.multiples(band.upper, _MARGIN),
        around / np.sqrt(nodes_per_part),
        around * np.sqrt(nodes_per_part),
    )


def _light_parts(problem: Problem, heavy: Bools, band: Band) -> int:
    """Count the parts besides those of heavy nodes.

    At the lowest level a tower short of its multiple takes something from its neighbours; above it, the mean of what
    is to be divided again should lie deep in what can be.
    """
    weight, divided, *_ = problem.load[~heavy].sum(axis=0).tolist()
    if not len(problem.below):
        towers = problem.load[heavy & (problem.load[:, 2] > 0), 0]
        short = int(np.maximum(-(-towers // band.upper) * band.lower - towers, 0).sum())
        return round(max(weight - short, 0) / band.middle)
    fewest, most = band.counts(weight)
    if max(fewest, 1) > most:
        return band.nearest_count(weight)
    half = max(band.upper - band.lower, 1) / 2
    worth = [
        lean(divided / k, problem.below) + abs(weight / k - band.middle) / half for k in range(max(fewest, 1), most + 1)
    ]
    return max(fewest, 1) + int(np.argmin(worth))


def _start(graph: csr_array, weights: Ints, heavy: Bools, parts: int, seed: int) -> Ints:
    """Give every heavy node a part of its own and let METIS divide what is left."""
    label = np.empty(len(weights), np.int64)
    label[heavy] = np.arange(int(heavy.sum()))
    light = np.flatnonzero(~heavy)
    wanted = parts - int(heavy.sum())
    if len(light):
        label[light] = int(heavy.sum()) + _metis(graph[light][:, light], weights[light], max(wanted, 1), seed)
    return label


def _metis(graph: csr_array, weights: Ints, parts: int, seed: int) -> Ints:
    if parts == 1 or not graph.nnz:
        return np.zeros(len(weights), np.int64)
    cost = graph.data * (_METIS_COST / max(float(graph.data.max()), 1e-12))
    _, label = pymetis.part_graph(
        min(parts, len(weights)),
        pymetis.CSRAdjacency(graph.indptr.astype(np.int32), graph.indices.astype(np.int32)),
        vweights=weights.astype(np.int32),
        eweights=np.maximum(1, np.rint(cost)).astype(np.int32),
        recursive=parts <= _RECURSIVE_UP_TO,
        options=pymetis.Options(seed=seed, ufactor=_METIS_UNBALANCE),
    )
    return np.asarray(label, np.int64)


def _connected(graph: csr_array, weights: Ints, label: Ints) -> Ints:
    """Keep the heaviest piece of each part and give the others to the neighbour they share most cost with.

    A piece that nothing leads to from a kept one stays what it is.
    """
    n = len(label)
    rows = np.repeat(np.arange(n), np.diff(graph.indptr))
    inner = label[rows] == label[graph.indices]
    same = csr_array((np.ones(int(inner.sum()), np.int8), (rows[inner], graph.indices[inner])), shape=(n, n))
    count, piece = connected_components(same, directed=False)
    of_piece = np.zeros(count, np.int64)
    of_piece[piece] = label
    heavy = np.bincount(piece, weights + 1e-6, minlength=count)
    order = np.lexsort((-heavy, of_piece))
    first = order[np.append(True, of_piece[order][1:] != of_piece[order][:-1])]
    target = np.full(count, -1, np.int64)
    target[first] = of_piece[first]
    between = csr_array((graph.data[~inner], (piece[rows[~inner]], piece[graph.indices[~inner]])), shape=(count, count))
    between.sum_duplicates()
    strays = np.flatnonzero(target < 0)
    while len(strays):
        joined = {}
        for stray in strays:
            row = slice(between.indptr[stray], between.indptr[stray + 1])
            near = between.indices[row]
            worth = np.where(target[near] >= 0, between.data[row] + 1e-9, 0.0)
            if worth.max(initial=0.0) > 0:
                joined[stray] = target[near[worth.argmax()]]
        if not joined:
            target[strays] = label.max() + 1 + np.arange(len(strays))
        target[list(joined)] = list(joined.values())
        strays = strays[target[strays] < 0]
    return np.unique(target[piece], return_inverse=True)[1]
