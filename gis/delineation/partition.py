"""Partition of a graph into connected parts whose weights lie in a band.

METIS gives the start (G. Karypis and V. Kumar, "A fast and high quality multilevel scheme for partitioning irregular
graphs", 1998); since it neither keeps parts connected nor knows a lower bound, stray pieces are joined to their
neighbours and the parts are then improved (`gis.delineation.improve`).
"""

import numpy as np
import pymetis
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from gis.coverage.lattice import Bools, Floats, Ints
from gis.delineation.bands import Band
from gis.delineation.improve import Problem, improve, missed, split_heaviest
from gis.errors import InputError

# METIS wants whole numbers: costs are scaled so that the dearest edge stays within its 32 bits when summed.
_METIS_COST = 1e6
# Sharpest balance METIS is asked for, in thousandths.
_METIS_UNBALANCE = 20
# Starts tried while a part misses its band.
_ATTEMPTS = 4


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
    effort: int = 60,
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
    if len(indptr) != len(weights) + 1 or len(indices) != len(edge_cost):
        raise InputError("a graph needs len(indptr) = nodes + 1 and a cost for each entry of indices")
    band = Band(lower, upper)
    return divide(
        csr_array((edge_cost, indices, indptr), shape=(len(weights), len(weights))),
        weights,
        np.zeros(len(weights), np.bool_),
        band=band,
        allowed=band.multiples()[:1],
        parts=parts,
        seed=seed,
        effort=effort,
    )


def divide(
    graph: csr_array,
    weights: Ints,
    tower: Bools,
    *,
    band: Band,
    allowed: Floats,
    parts: int | None = None,
    seed: int = 0,
    effort: int = 60,
) -> Ints:
    """Divide as `partition_graph`, with the totals of a part as intervals and nodes that can be divided later.

    Parameters
    ----------
    graph, weights
        As there, the graph as a sparse array.
    tower : (n,) bool
        Nodes that can be divided by floors: a part with one of them may weigh any multiple of the band.
    band
        Sets the number of parts and the multiples.
    allowed : (k, 2) float64
        Intervals allowed for a part without a tower.
    """
    count, component = connected_components(graph, directed=False)
    label = np.zeros(len(weights), np.int64)
    used = 0
    for c in range(count):
        nodes = np.flatnonzero(component == c) if count > 1 else np.arange(len(weights))
        inner = graph[nodes][:, nodes] if count > 1 else graph
        found = _divide_connected(inner, weights[nodes], tower[nodes], band, allowed, parts, seed, effort)
        label[nodes] = found + used
        used += int(found.max()) + 1
    return label


def _divide_connected(
    graph: csr_array, weights: Ints, tower: Bools, band: Band, allowed: Floats, parts: int | None, seed: int, effort: int
) -> Ints:
    wanted = min(parts or _part_count(weights, tower, band), len(weights))
    if wanted == 1:
        return np.zeros(len(weights), np.int64)
    problem = Problem(
        graph.indptr.astype(np.int64),
        graph.indices.astype(np.int64),
        graph.data.astype(np.float64),
        weights.astype(np.int64),
        tower,
        allowed,
        band.multiples() if tower.any() else allowed,
        float(graph.sum()) / len(weights) * np.sqrt(len(weights) / wanted),
    )
    best, least = np.zeros(len(weights), np.int64), np.inf
    for attempt in range(_ATTEMPTS):
        label = _connected(graph, weights, _start(graph, weights, wanted, seed + attempt))
        label = split_heaviest(problem, label, wanted, seed + attempt)
        label = np.unique(improve(problem, label, int(label.max()) + 1, effort, seed + attempt), return_inverse=True)[1]
        off = missed(problem, label)
        if off < least:
            best, least = label, off
        if not least:
            break
    return best


def _part_count(weights: Ints, tower: Bools, band: Band) -> int:
    """One part for each tower, and for the rest as many as bring their mean nearest the band's middle."""
    towers = weights[tower]
    storeys = np.maximum(np.rint(towers / band.middle), 1) * band.middle
    rest = int(max(weights.sum() - storeys.sum(), 0))
    return max(1, len(towers) + round(rest / band.middle))


def _start(graph: csr_array, weights: Ints, parts: int, seed: int) -> Ints:
    cost = graph.data * (_METIS_COST / max(float(graph.data.max(initial=0.0)), 1e-12))
    _, label = pymetis.part_graph(
        parts,
        xadj=graph.indptr.astype(np.int32),
        adjncy=graph.indices.astype(np.int32),
        vweights=weights.astype(np.int32),
        eweights=np.maximum(1, np.rint(cost)).astype(np.int32),
        recursive=parts <= 8,
        contiguous=parts > 8,
        options=pymetis.Options(seed=seed, ufactor=_METIS_UNBALANCE),
    )
    return np.asarray(label, np.int64)


def _connected(graph: csr_array, weights: Ints, label: Ints) -> Ints:
    """Keep the heaviest piece of each part and give the others to the neighbour they share most cost with."""
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
        target[list(joined)] = list(joined.values())
        strays = strays[target[strays] < 0]
    return np.unique(target[piece], return_inverse=True)[1]
