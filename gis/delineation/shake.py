"""Shaking a partition where it is stuck: parts are divided anew, and the window around them searched from there.

Two neighbouring parts are divided along a spanning tree (`gis.delineation.recombine`), or a part is cut in two, or
given to a neighbour, or reaches across empty ground (`gis.delineation.reach`). What does not make things better is
undone.
"""

import numpy as np

from gis.arrays import Bools, Ints
from gis.compiled import compiled
from gis.delineation.members import Members, around, members_of, nodes_of, note
from gis.delineation.problem import Problem, energy_of, is_out, leaving, price_of, storeys_of
from gis.delineation.reach import reach
from gis.delineation.recombine import cut_in_two, neighbour
from gis.delineation.tabu import search

# Ways to divide anew: cut up, give away, twice with a neighbour, twice reach across empty ground, and not at all.
_WAYS = 7
_LEAST_GAIN = 1e-6


@compiled
def shake(problem: Problem, label: Ints, tries: int, steps: float, most: int, seed: int, everywhere: bool) -> None:  # noqa: FBT001 (compiled code has no keywords)
    """Divide parts anew, and keep what is better.

    Parameters
    ----------
    problem
        The graph and its bands.
    label : (n,) int64
        Part of each node, every part connected; changed in place. Some numbers may no longer occur, some be new.
    tries : int
        How often each part is tried.
    steps : float
        Moves in a window for each of its nodes.
    most : int
        Parts in a window, at least three.
    seed : int
    everywhere : bool
        Try all parts; otherwise those out of band, and those that share a ground though none of their buildings must.
    """
    np.random.seed(seed)
    count = label.max() + 1
    spare = 8 + count // 8
    members = members_of(problem, label, count + spare)
    place, taken = np.full(len(label), -1, np.int64), np.zeros(count + spare, np.bool_)
    price = price_of(problem)
    for _ in range(tries):
        tried = False
        for p in np.random.permutation(count + spare):
            if members.first[p] < 0 or not (everywhere or _wanting(problem, members, p)):
                continue
            tried = True
            _try(problem, label, members, p, steps, most, price, place, taken)
        if not tried:
            break


@compiled
def _wanting(problem: Problem, members: Members, p: int) -> bool:
    """Whether a part is out of band or shares its ground, and not for one of its buildings alone."""
    load = members.total[p]
    storeys = storeys_of(problem.rule, load)
    out = is_out(energy_of(problem.rule, load[0], load[1], load[2], load[3]))
    if not out and storeys == 1:
        return False
    u = members.first[p]
    while u >= 0:
        own = problem.load[u]
        if out and own[0] >= problem.rule.lower and own[2] == 0 and members.size[p] == 1:
            return False
        if not out and storeys_of(problem.rule, own) == storeys:
            return False
        u = members.following[u]
    return True


@compiled
def _try(
    problem: Problem,
    label: Ints,
    members: Members,
    p: int,
    steps: float,
    most: int,
    price: float,
    place: Ints,
    taken: Bools,
) -> None:
    """Divide a part or a pair anew and search around it; undo what is not better."""
    parts = around(problem, label, members, p, most - 1, taken)
    nodes = nodes_of(parts, members)
    more = max(1, int(np.ceil(members.total[p, 0] / problem.rule.upper)) - 1)
    free = np.flatnonzero(members.first < 0)[:more]
    parts = np.append(parts, free)
    before = label[nodes]
    worth = _worth(problem, label, nodes, parts, place)
    _divide_anew(problem, label, members, parts, len(free), price, place)
    worth -= _worth(problem, label, nodes, parts, place)
    worth += search(problem, label, nodes, parts, steps, price, place)
    if worth < _LEAST_GAIN:
        label[nodes] = before
    else:
        note(problem, label, nodes, parts, members)


@compiled
def _worth(problem: Problem, label: Ints, nodes: Ints, parts: Ints, place: Ints) -> float:
    """Weigh the parts of a window, and the cost of cutting between them."""
    total, size = np.zeros((len(parts), problem.load.shape[1]), np.int64), np.zeros(len(parts), np.int64)
    value = 0.0
    for u in nodes:
        place[u] = 0
    for u in nodes:
        for j in range(len(parts)):
            if parts[j] == label[u]:
                total[j] += problem.load[u]
                size[j] += 1
        value += leaving(problem, label, u)
        for e in range(problem.indptr[u], problem.indptr[u + 1]):
            v = problem.indices[e]
            if place[v] == 0 and label[v] != label[u]:
                value += problem.cost[e] / 2
    for u in nodes:
        place[u] = -1
    for j in range(len(parts)):
        if size[j]:
            value += energy_of(problem.rule, total[j, 0], total[j, 1], total[j, 2], total[j, 3])
    return value


@compiled
def _divide_anew(
    problem: Problem,
    label: Ints,
    members: Members,
    parts: Ints,
    free: int,
    price: float,
    place: Ints,
) -> None:
    """Cut the first of the parts up, give it to a neighbour, divide it anew with one, let one reach, or leave all.

    The last parts, so many as are `free`, have no nodes yet.
    """
    p = parts[0]
    load = members.total[p]
    q = neighbour(problem, label, members, p, parts[: len(parts) - free])
    way = np.random.randint(_WAYS)
    if way == 0 and free and (load[0] > problem.rule.upper or q < 0):
        nodes = nodes_of(parts[:1], members)
        for new in parts[len(parts) - free :]:
            heaviest = _heaviest(problem, label, nodes, parts)
            cut_in_two(problem, label, nodes[label[nodes] == heaviest], heaviest, new, price, np.inf, place)
    elif way == 1 and q >= 0 and (load[0] < problem.rule.lower or storeys_of(problem.rule, load) > 1):
        for u in nodes_of(parts[:1], members):
            label[u] = q
    elif way in {2, 3} and q >= 0:
        cut_in_two(problem, label, nodes_of(np.array([p, q]), members), p, q, price, np.inf, place)
    elif way in {4, 5}:
        reaching = p if q < 0 or np.random.randint(2) else q
        reach(problem, label, nodes_of(parts[: len(parts) - free], members), reaching, place)


@compiled
def _heaviest(problem: Problem, label: Ints, nodes: Ints, parts: Ints) -> int:
    total = np.zeros(len(parts), np.int64)
    for u in nodes:
        for j in range(len(parts)):
            if parts[j] == label[u]:
                total[j] += problem.load[u, 0]
    return parts[np.argmax(total)]
