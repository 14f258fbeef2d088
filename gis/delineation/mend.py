"""Mending parts out of band: three neighbours are joined and cut anew, in every way that a spanning tree offers."""

import numpy as np

from gis.arrays import Bools, Floats, Ints
from gis.compiled import compiled
from gis.delineation.improve import neighbour
from gis.delineation.problem import Problem, energy, off_band, totals
from gis.delineation.trees import cut_costs, spanning_tree

# Larger triples have so many pairs of cuts that re-splitting pairs is the better use of time.
_MOST_NODES = 160
# Fruitless triples, for each part, after which nothing better is expected.
_PATIENCE = 12
_THREE = 3


@compiled
def mend(problem: Problem, label: Ints, rounds: int, seed: int) -> Ints:
    """Re-split triples around the parts that miss their band.

    Parameters
    ----------
    problem
        The graph and its bands.
    label : (n,) int64
        Part of each node, every part connected.
    rounds : int
        How many triples are tried for each part.
    seed : int

    Returns
    -------
    (n,) int64
        Labels; every part is connected, some numbers may no longer occur.
    """
    np.random.seed(seed)
    label = label.copy()
    parts = label.max() + 1
    total = totals(problem, label, parts)
    members = [np.flatnonzero(label == p) for p in range(parts)]
    local = np.full(len(label), -1, np.int64)
    idle = 0
    for _ in range(rounds * parts):
        p = _bad_part(problem, total)
        idle += 1
        if p < 0 or idle > _PATIENCE * parts:
            break
        q = neighbour(problem, label, members[p], p, p)
        if q < 0:
            continue
        r = neighbour(problem, label, members[p] if np.random.randint(2) else members[q], p, q)
        trio = [p, q] if r < 0 else [p, q, r]
        nodes = np.concatenate((members[p], members[q]))
        if r >= 0:
            nodes = np.concatenate((nodes, members[r]))
        if len(nodes) > _MOST_NODES:
            continue
        piece = _cut_in_three(problem, nodes, label, trio, total, local)
        if len(piece):
            idle = 0
        for k in range(len(trio) if len(piece) else 0):
            members[trio[k]] = nodes[piece == k]
            total[trio[k]] = 0
            for u in members[trio[k]]:
                label[u] = trio[k]
                total[trio[k]] += problem.load[u]
    return label


@compiled
def _bad_part(problem: Problem, total: Ints) -> int:
    seen, chosen = 0, -1
    for p in range(len(total)):
        off, off_below = off_band(problem, total[p])
        if off + off_below > 0 and total[p].any():
            seen += 1
            if np.random.randint(seen) == 0:
                chosen = p
    return chosen


@compiled
def _inner_cost(problem: Problem, nodes: Ints, piece: Ints, local: Ints) -> float:
    """Cost of the edges between different pieces."""
    cost = 0.0
    for i in range(len(nodes)):
        u = nodes[i]
        for k in range(problem.indptr[u], problem.indptr[u + 1]):
            j = local[problem.indices[k]]
            if j > i and piece[j] != piece[i]:
                cost += problem.cost[k]
    return cost


@compiled
def _cut_in_three(problem: Problem, nodes: Ints, label: Ints, trio: list[int], total: Ints, local: Ints) -> Ints:
    """Piece (0, 1, 2) of each node in a better division, or nothing."""
    m = len(nodes)
    old = np.zeros(m, np.int64)
    for i in range(m):
        local[nodes[i]] = i
        for k in range(1, len(trio)):
            if label[nodes[i]] == trio[k]:
                old[i] = k
    now = _inner_cost(problem, nodes, old, local)
    both = np.zeros_like(total[0])
    for k in trio:
        if total[k].any():
            now += energy(problem, 0.0, total[k])
        both += total[k]
    parent, order = spanning_tree(problem, nodes, local)
    piece = np.empty(0, np.int64)
    if len(order):
        cut = cut_costs(problem, nodes, local, parent, order)
        piece = _best_pair(problem, nodes, parent, order, cut, both, len(trio))
        if len(piece):
            value = _inner_cost(problem, nodes, piece, local)
            for k in range(_THREE):
                held = problem.load[nodes[piece == k]].sum(axis=0)
                if held.any():
                    value += energy(problem, 0.0, held)
            if value >= now - 1e-9:
                piece = piece[:0]
    for u in nodes:
        local[u] = -1
    return piece


@compiled
def _best_pair(problem: Problem, nodes: Ints, parent: Ints, order: Ints, cut: Floats, both: Ints, most: int) -> Ints:
    """Weigh no cut, every cut and every pair of cuts of a tree (the cost of a pair counts shared edges twice)."""
    m = len(nodes)
    under = problem.load[nodes]
    beneath = np.zeros((m, m), np.bool_)
    for i in order:
        beneath[i, i] = True
        if parent[i] >= 0:
            beneath[:, i] |= beneath[:, parent[i]]
    for at in range(m - 1, 0, -1):
        under[parent[order[at]]] += under[order[at]]
    root = order[0]
    inner, outer = np.empty(m), np.empty(m)
    for i in range(m):
        inner[i] = energy(problem, 0.0, under[i])
        outer[i] = energy(problem, 0.0, both - under[i])
    best, first, second = inner[root], root, root
    for x in range(1, m):
        a = order[x]
        if cut[a] + inner[a] + outer[a] < best:
            best, first, second = cut[a] + inner[a] + outer[a], a, a
        for y in range(1, x if most == _THREE else 1):
            b = order[y]
            nested = beneath[b, a]
            value = cut[a] + cut[b] + inner[a] + (outer[b] if nested else inner[b])
            if value >= best:
                continue
            rest = under[b] - under[a] if nested else both - under[a] - under[b]
            value += energy(problem, 0.0, rest)
            if value < best:
                best, first, second = value, a, b
    return _pieces(beneath, first, second, root)


@compiled
def _pieces(beneath: Bools, first: int, second: int, root: int) -> Ints:
    piece = np.zeros(len(beneath), np.int64)
    if second not in (first, root):
        piece[beneath[second]] = 2
    if first != root:
        piece[beneath[first]] = 1
    return piece
