"""Which nodes each part has: chains through all nodes, so that a few parts can be changed at little cost."""

from typing import NamedTuple

import numpy as np

from gis.arrays import Bools, Ints
from gis.compiled import compiled
from gis.delineation.problem import Problem

# Larger windows take longer than they are worth.
_MOST_NODES = 500


class Members(NamedTuple):
    """First node of each part, the node that follows each (-1 for none), the size and the load of each part."""

    first: Ints
    following: Ints
    size: Ints
    total: Ints


@compiled
def members_of(problem: Problem, label: Ints, count: int) -> Members:
    """Chain the nodes of each of so many parts; parts may be empty."""
    members = Members(
        np.full(count, -1, np.int64),
        np.full(len(label), -1, np.int64),
        np.zeros(count, np.int64),
        np.zeros((count, problem.load.shape[1]), np.int64),
    )
    note(problem, label, np.arange(len(label)), np.arange(0), members)
    return members


@compiled
def note(problem: Problem, label: Ints, nodes: Ints, parts: Ints, members: Members) -> None:
    """Keep the members true after these nodes, all that these parts had, have been divided anew."""
    first, following, size, total = members
    for p in parts:
        first[p], size[p] = -1, 0
        for column in range(total.shape[1]):
            total[p, column] = 0
    for u in nodes:
        p = label[u]
        following[u] = first[p]
        first[p] = u
        size[p] += 1
        for column in range(total.shape[1]):
            total[p, column] += problem.load[u, column]


@compiled
def nodes_of(parts: Ints, members: Members) -> Ints:
    """All nodes of some parts."""
    first, following, size, _ = members
    count = 0
    for p in parts:
        count += size[p]
    nodes = np.empty(count, np.int64)
    used = 0
    for p in parts:
        u = first[p]
        while u >= 0:
            nodes[used] = u
            used += 1
            u = following[u]
    return nodes


@compiled
def around(problem: Problem, label: Ints, members: Members, p: int, most: int, taken: Bools) -> Ints:
    """Return a part and parts near it, nearest first in steps from part to part.

    At most so many, and fewer where they have many nodes, but a pair in any case. `taken` is work space: False for
    every part, and left so.
    """
    first, following, size, _ = members
    parts = np.empty(most, np.int64)
    parts[0] = p
    taken[p] = True
    used, at, nodes = 1, 0, size[p]
    while at < used < most:
        u = first[parts[at]]
        while u >= 0 and used < most:
            for e in range(problem.indptr[u], problem.indptr[u + 1]):
                q = label[problem.indices[e]]
                if not taken[q] and used < most and (used == 1 or nodes + size[q] <= _MOST_NODES):
                    parts[used] = q
                    taken[q] = True
                    nodes += size[q]
                    used += 1
            u = following[u]
        at += 1
    for q in parts[:used]:
        taken[q] = False
    return parts[:used]
