"""Clusters: neighbouring owners in one street face that move as one, since no cell is so small as to part them.

Compact clusters by the least growth of spread (J. H. Ward, "Hierarchical grouping to optimize an objective function",
1963), between neighbours only and up to a weight.
"""

import heapq

import numpy as np
from scipy.sparse import csr_array

from gis.arrays import Floats, Ints
from gis.compiled import compiled


def clusters_of(neighbours: csr_array, weight: Ints, home: Ints, xy: Floats, heaviest: int) -> Ints:
    """Join neighbours of one home again and again, those first whose spread grows least.

    Parameters
    ----------
    neighbours : (n, n) sparse array
        Symmetric; an entry for every two that have a border.
    weight, home : (n,) int64
        What each weighs; only those of one home are joined.
    xy : (n, 2) float64
        Where each is, in metres.
    heaviest
        No cluster of two or more weighs more.

    Returns
    -------
    (n,) int64
        One member of the cluster of each, which stands for it.
    """
    indptr, indices = neighbours.indptr.astype(np.int64), neighbours.indices.astype(np.int64)
    return _join(indptr, indices, weight, home, xy, heaviest)


@compiled
def _join(indptr: Ints, indices: Ints, weight: Ints, home: Ints, xy: Floats, heaviest: int) -> Ints:
    n = len(weight)
    cluster, following = np.arange(n), np.full(n, -1, np.int64)
    total, size, centre = weight.copy(), np.ones(n), xy.copy()
    joined = np.zeros(n, np.int64)
    heap = [(0.0, 0, 0, 0, 0)]
    heap.clear()
    for u in range(n):
        for v in indices[indptr[u] : indptr[u + 1]]:
            if u < v and home[u] == home[v] and total[u] + total[v] <= heaviest:
                heapq.heappush(heap, (_growth(size, centre, u, v), u, v, 0, 0))
    while heap:
        _, u, v, u_then, v_then = heapq.heappop(heap)
        if joined[u] != u_then or joined[v] != v_then:
            continue
        share = size[v] / (size[u] + size[v])
        centre[u] += share * (centre[v] - centre[u])
        size[u] += size[v]
        total[u] += total[v]
        joined[u] += 1
        joined[v] = -1
        last = v
        while last >= 0:
            cluster[last] = u
            if following[last] < 0:
                break
            last = following[last]
        following[last] = following[u]
        following[u] = v
        member = u
        while member >= 0:
            for other in indices[indptr[member] : indptr[member + 1]]:
                t = cluster[other]
                if t != u and home[t] == home[u] and total[t] + total[u] <= heaviest:
                    heapq.heappush(heap, (_growth(size, centre, u, t), u, t, joined[u], joined[t]))
            member = following[member]
    return cluster


@compiled
def _growth(size: Floats, centre: Floats, u: int, v: int) -> float:
    """By how much the sum of squared distances from the centre grows when two clusters are joined."""
    x, y = centre[u] - centre[v]
    return size[u] * size[v] / (size[u] + size[v]) * (x * x + y * y)
