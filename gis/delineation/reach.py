"""Reaching across empty ground: a part takes a building it does not touch, and the empty land on the way there.

Parks and water have no households: a search that moves one piece of land at a time gains nothing by taking them and
would cross them by chance only.
"""

import numpy as np

from gis.arrays import Ints
from gis.compiled import compiled
from gis.delineation.problem import Problem


@compiled
def reach(problem: Problem, label: Ints, nodes: Ints, p: int, place: Ints) -> None:
    """Give part `p` an inhabited node across empty ones, drawn by chance; nothing happens where there is none.

    Parameters
    ----------
    problem
        The graph.
    label : (n,) int64
        Part of each node, every part connected; changed in place, and every part connected again.
    nodes : int64
        All nodes of the parts that may change, `p` among them.
    p : int
    place : (n,) int64
        Work space: -1 for every node, and left so.
    """
    way = _way(problem, label, nodes, p, place)
    losing = label[way]
    label[way] = p
    for q in np.unique(losing):
        _keep_largest(problem, label, nodes, q, p, place)


@compiled
def _way(problem: Problem, label: Ints, nodes: Ints, p: int, place: Ints) -> Ints:
    """Nodes from an inhabited one outside part `p` back to it, all but the first empty; none where it meets none so."""
    for i in range(len(nodes)):
        place[nodes[i]] = i
    came = np.full(len(nodes), -1, np.int64)
    met = label[nodes] == p
    border = list(nodes[met])
    seen, target = 0, -1
    while border:
        # Drawn by chance, as the shortest way may cut another part in two.
        k = np.random.randint(len(border))
        u, border[k] = border[k], border[-1]
        border.pop()
        for e in range(problem.indptr[u], problem.indptr[u + 1]):
            v = problem.indices[e]
            empty = problem.load[v, 0] == 0
            if place[v] < 0 or met[place[v]] or not (empty or label[u] != p):
                continue
            came[place[v]], met[place[v]] = u, True
            if empty:
                border.append(v)
                continue
            seen += 1
            if np.random.randint(seen) == 0:
                target = v
    way = [target]
    while target >= 0 and label[came[place[way[-1]]]] != p:
        way.append(came[place[way[-1]]])
    for u in nodes:
        place[u] = -1
    return np.array(way if target >= 0 else way[1:])


@compiled
def _keep_largest(problem: Problem, label: Ints, nodes: Ints, q: int, p: int, place: Ints) -> None:
    """Leave part `q` its piece with the most households; the way of `p`, which cut the others off, takes them."""
    queue = np.empty(len(nodes), np.int64)
    most, kept, piece = -1, -1, 0
    for u in nodes:
        if label[u] != q or place[u] >= 0:
            continue
        queue[0], place[u] = u, piece
        at, filled, households = 0, 1, 0
        while at < filled:
            v = queue[at]
            households += problem.load[v, 0]
            for e in range(problem.indptr[v], problem.indptr[v + 1]):
                w = problem.indices[e]
                if label[w] == q and place[w] < 0:
                    queue[filled], place[w] = w, piece
                    filled += 1
            at += 1
        if households > most:
            most, kept = households, piece
        piece += 1
    for u in nodes:
        if label[u] == q and place[u] != kept:
            label[u] = p
        place[u] = -1
