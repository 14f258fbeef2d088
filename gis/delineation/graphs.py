"""Graphs of neighbours: nodes made one, and parts that grow over what has none."""

import numpy as np
from scipy.sparse import coo_array, csr_array

from gis.arrays import MOST_COUNT, Floats, Ints
from gis.errors import InputError

# What touching is worth where the boundary costs nothing.
_TOUCHING = 1e-9


def checked(indptr: Ints, indices: Ints, edge_cost: Floats, weights: Ints) -> tuple[csr_array, Ints]:
    """Make a graph of arrays, and refuse what compiled code would stumble over: it checks no bounds.

    Raises
    ------
    InputError
        Where the arrays do not make an undirected graph, or are too large.
    """
    first, near, cost, weight = (np.asarray(array) for array in (indptr, indices, edge_cost, weights))
    n = len(weight)
    if any(array.ndim != 1 for array in (first, near, cost, weight)):
        raise InputError("a graph needs arrays of one dimension")
    if not n and not len(near):
        return csr_array((0, 0)), weight.astype(np.int64)
    if not all(np.issubdtype(array.dtype, np.integer) or not len(array) for array in (first, near, weight)):
        raise InputError("a graph needs whole numbers for indptr, indices and weights")
    if len(first) != n + 1 or len(near) != len(cost) or first[0] != 0 or first[-1] != len(near):
        raise InputError("a graph needs an indptr of nodes + 1 entries, and a cost for each entry of indices")
    if (np.diff(first) < 0).any() or (len(near) and not 0 <= near.min() <= near.max() < n):
        raise InputError("a graph needs a rising indptr, and indices from 0 to nodes - 1")
    if (weight < 0).any() or not ((cost >= 0) & np.isfinite(cost)).all():
        raise InputError("a graph needs weights and costs of nought or more, none without end")
    if weight.sum(dtype=np.float64) > MOST_COUNT:
        raise InputError(f"the weights add up to more than {MOST_COUNT}: divide them by a common unit")
    graph = csr_array((cost.astype(np.float64), near.astype(np.int64), first.astype(np.int64)), shape=(n, n))
    # As ones, so that an edge that costs nothing is seen too.
    edges = csr_array((np.ones(len(near)), graph.indices, graph.indptr), shape=(n, n))
    if abs(graph - graph.T).max() > 0 or abs(edges - edges.T).max() > 0 or edges.diagonal().any():
        raise InputError("a graph needs each edge in both directions, with one cost, between two nodes")
    return graph, weight.astype(np.int64)


def contracted(graph: csr_array, of_atom: Ints, count: int) -> csr_array:
    """Costs between lots: the sums of those between their atoms; an edge that costs nothing stays an edge."""
    rows = of_atom[np.repeat(np.arange(len(of_atom)), np.diff(graph.indptr))]
    columns = of_atom[graph.indices]
    between = rows != columns
    merged = coo_array((graph.data[between], (rows[between], columns[between])), shape=(count, count)).tocsr()
    merged.sum_duplicates()
    return merged


def grown(graph: csr_array, label: Ints) -> Ints:
    """Let nodes without a part (-1) join the one they share most cost with, those beside a part first.

    What nothing leads to stays without.
    """
    label = label.copy()
    while True:
        joined = {}
        for node in np.flatnonzero(label < 0).tolist():
            row = slice(graph.indptr[node], graph.indptr[node + 1])
            beside = label[graph.indices[row]]
            known = beside >= 0
            if known.any():
                parts, number = np.unique(beside[known], return_inverse=True)
                joined[node] = parts[np.bincount(number, graph.data[row][known] + _TOUCHING).argmax()]
        if not joined:
            return label
        label[list(joined)] = list(joined.values())
