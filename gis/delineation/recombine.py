"""Recombination: two neighbouring parts are joined and cut anew along a spanning tree.

The tree is random and prefers dear edges, and the best of all its edges is cut: the step of D. DeFord, M. Duchin and
J. Solomon, "Recombination", 2021, except that every cut of the tree is weighed with its true cost, by adding each
edge's cost along the tree path between its ends. Where parts have many nodes, a boundary moves to another street at
once.
"""

import numpy as np

from gis.arrays import Ints
from gis.compiled import compiled
from gis.delineation.members import Members, members_of, nodes_of, note
from gis.delineation.problem import Problem, search_energy
from gis.delineation.trees import cut_costs, spanning_tree

_PAIR = 2
_LEAST_GAIN = 1e-6
# Price of a missed household where only better divisions are wanted: above everything else.
_DEAR = 1e5
# At first a division may be dearer than the last one, by up to so many typical borders of two parts; less and less so,
# and in the last third not at all.
_SLACK = 4.0
_HOT_SHARE = 2 / 3


@compiled
def recombine(problem: Problem, label: Ints, rounds: int, seed: int) -> None:
    """Divide pairs of parts anew where that is better.

    Parameters
    ----------
    problem
        The graph and its bands.
    label : (n,) int64
        Part of each node, every part connected; changed in place.
    rounds : int
        How often each part is tried with a neighbour, on average.
    seed : int
    """
    np.random.seed(seed)
    count = label.max() + 1
    members = members_of(problem, label, count)
    place = np.full(len(label), -1, np.int64)
    steps = rounds * count
    for step in range(steps):
        p = np.random.randint(count)
        if members.first[p] < 0:
            continue
        q = neighbour(problem, label, members, p, np.arange(0))
        if q < 0:
            continue
        parts = np.array([p, q])
        nodes = nodes_of(parts, members)
        least = 0.0
        for u in nodes[: members.size[p]]:
            for e in range(problem.indptr[u], problem.indptr[u + 1]):
                if label[problem.indices[e]] == q:
                    least += problem.cost[e]
        for part in parts:
            load = members.total[part]
            least += search_energy(problem.rule, _DEAR, load[0], load[1], load[2], load[3])
        heat = max(0.0, 1 - step / (_HOT_SHARE * steps))
        least += heat * _SLACK * problem.rule.side * np.random.random() - _LEAST_GAIN
        if cut_in_two(problem, label, nodes, p, q, _DEAR, least, place):
            note(problem, label, nodes, parts, members)


@compiled
def neighbour(problem: Problem, label: Ints, members: Members, p: int, among: Ints) -> int:
    """Draw a part that touches `p`, one of `among` if these are given, rather where the border is long; -1 for none."""
    seen, chosen = 0, -1
    u = members.first[p]
    while u >= 0:
        for e in range(problem.indptr[u], problem.indptr[u + 1]):
            q = label[problem.indices[e]]
            if q != p and (len(among) == 0 or (among == q).any()):
                seen += 1
                if np.random.randint(seen) == 0:
                    chosen = q
        u = members.following[u]
    return chosen


@compiled
def cut_in_two(
    problem: Problem, label: Ints, nodes: Ints, p: int, q: int, price: float, least: float, place: Ints
) -> bool:
    """Divide connected nodes into two parts along the best cut of a random spanning tree, if it is better than `least`.

    A cut is weighed by its cost and by what is wrong with the two parts, at a price for each missed household.
    """
    if len(nodes) < _PAIR:
        return False
    for i in range(len(nodes)):
        place[nodes[i]] = i
    parent, order = spanning_tree(problem, nodes, place)
    cut = cut_costs(problem, nodes, place, parent, order)
    for u in nodes:
        place[u] = -1
    under = problem.load[nodes]
    for at in range(len(nodes) - 1, 0, -1):
        i = order[at]
        for column in range(under.shape[1]):
            under[parent[i], column] += under[i, column]
    a, b, c, d = under[order[0], 0], under[order[0], 1], under[order[0], 2], under[order[0], 3]
    chosen = -1
    for i in order[1:]:
        if cut[i] >= least:
            continue
        value = cut[i] + search_energy(problem.rule, price, under[i, 0], under[i, 1], under[i, 2], under[i, 3])
        if value < least:
            value += search_energy(
                problem.rule, price, a - under[i, 0], b - under[i, 1], c - under[i, 2], d - under[i, 3]
            )
        if value < least:
            least, chosen = value, i
    if chosen < 0:
        return False
    side = np.zeros(len(nodes), np.bool_)
    side[chosen] = True
    for i in order[1:]:
        if side[parent[i]]:
            side[i] = True
    for i in range(len(nodes)):
        label[nodes[i]] = q if side[i] else p
    return True
