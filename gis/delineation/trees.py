"""Random spanning trees of parts, and what every cut of one costs."""

import numpy as np

from gis.arrays import Floats, Ints
from gis.compiled import compiled
from gis.delineation.problem import Problem

# What an edge has at least, in cost and in luck; and how many shades of both are told apart, to an edge.
_LEAST_COST, _LEAST_LUCK = 1e-9, 0.1
_SHADES = 2


@compiled
def spanning_tree(problem: Problem, nodes: Ints, local: Ints) -> tuple[Ints, Ints]:
    """Random spanning tree that prefers dear edges: parent of each node and an order from the root (Kruskal)."""
    m = len(nodes)
    count = 0
    for u in nodes:
        count += problem.indptr[u + 1] - problem.indptr[u]
    a, b, key = np.empty(count, np.int64), np.empty(count, np.int64), np.empty(count)
    e = 0
    for i in range(m):
        u = nodes[i]
        for k in range(problem.indptr[u], problem.indptr[u + 1]):
            j = local[problem.indices[k]]
            if j > i:
                a[e], b[e] = i, j
                key[e] = np.sqrt(problem.cost[k] + _LEAST_COST) * (_LEAST_LUCK + np.random.random())
                e += 1
    root = np.arange(m)
    head = np.full(m, -1, np.int64)
    chain = np.full(2 * m, -1, np.int64)
    towards = np.empty(2 * m, np.int64)
    used = 0
    for at in _dearest_first(key[:e]):
        i, j = a[at], b[at]
        while root[i] != i:
            root[i] = root[root[i]]
            i = root[i]
        while root[j] != j:
            root[j] = root[root[j]]
            j = root[j]
        if i == j:
            continue
        root[i] = j
        for x, y in ((a[at], b[at]), (b[at], a[at])):
            towards[used], chain[used] = y, head[x]
            head[x] = used
            used += 1
        if used == 2 * (m - 1):
            break
    parent = np.full(m, -1, np.int64)
    order = np.empty(m, np.int64)
    order[0] = 0
    filled = 1
    for at in range(m):
        i = order[at]
        k = head[i]
        while k >= 0:
            j = towards[k]
            if j != parent[i]:
                parent[j] = i
                order[filled] = j
                filled += 1
            k = chain[k]
    return parent, order


@compiled
def _dearest_first(key: Floats) -> Ints:
    """Order keys from the greatest on, those of one shade as they come: a tree by chance needs no more than that."""
    shades = _SHADES * len(key)
    shade = np.empty(len(key), np.int64)
    first = np.zeros(shades + 1, np.int64)
    scale = (shades - 1) / key.max() if shades else 0.0
    for e in range(len(key)):
        shade[e] = shades - 1 - int(key[e] * scale)
        first[shade[e] + 1] += 1
    for k in range(shades):
        first[k + 1] += first[k]
    order = np.empty(len(key), np.int64)
    for e in range(len(key)):
        order[first[shade[e]]] = e
        first[shade[e]] += 1
    return order


@compiled
def cut_costs(problem: Problem, nodes: Ints, local: Ints, parent: Ints, order: Ints) -> Floats:
    """Cost of separating each subtree from the rest of these nodes."""
    m = len(nodes)
    depth = np.zeros(m, np.int64)
    for i in order[1:]:
        depth[i] = depth[parent[i]] + 1
    value = np.zeros(m)
    for i in range(m):
        u = nodes[i]
        for k in range(problem.indptr[u], problem.indptr[u + 1]):
            j = local[problem.indices[k]]
            if j <= i:
                continue
            c = problem.cost[k]
            value[i] += c
            value[j] += c
            x, y = i, j
            while x != y:
                if depth[x] < depth[y]:
                    x, y = y, x
                x = parent[x]
            value[x] -= 2 * c
    for at in range(m - 1, 0, -1):
        i = order[at]
        value[parent[i]] += value[i]
    return value
