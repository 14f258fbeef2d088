"""A start for the search: METIS's parts, each made to hang together.

METIS (G. Karypis and V. Kumar, "A fast and high quality multilevel scheme for partitioning irregular graphs", 1998)
neither keeps parts connected nor knows a lower bound: stray pieces are joined to their neighbours here.
"""

import numpy as np
import pymetis
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from gis.arrays import Ints
from gis.delineation.graphs import contracted, grown

# METIS wants whole numbers: costs are scaled so that their sum stays within its 32 bits.
_METIS_COST = 2.0**30
# Sharpest balance METIS is asked for, in thousandths.
_METIS_UNBALANCE = 20
# METIS bisects recursively up to this many parts: better balanced there, worse beyond.
_RECURSIVE_UP_TO = 8


def metis(graph: csr_array, weights: Ints, parts: int, seed: int) -> Ints:
    """Divide a graph with METIS into so many parts: about even, and not all of them connected."""
    if parts == 1 or not graph.nnz:
        return np.zeros(len(weights), np.int64)
    if parts >= len(weights):
        return np.arange(len(weights))
    cost = graph.data * (_METIS_COST / max(float(graph.data.sum()), 1e-12))
    _, label = pymetis.part_graph(
        parts,
        pymetis.CSRAdjacency(graph.indptr.astype(np.int32), graph.indices.astype(np.int32)),
        vweights=weights.astype(np.int32),
        eweights=np.maximum(1, np.rint(cost)).astype(np.int32),
        recursive=parts <= _RECURSIVE_UP_TO,
        options=pymetis.Options(seed=seed, ufactor=_METIS_UNBALANCE),
    )
    return np.asarray(label, np.int64)


def connected(graph: csr_array, weights: Ints, label: Ints) -> Ints:
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
    if len(first) < count:
        target = grown(contracted(graph, piece.astype(np.int64), count), target)
    alone = np.flatnonzero(target < 0)
    target[alone] = label.max() + 1 + np.arange(len(alone))
    return np.unique(target[piece], return_inverse=True)[1]
