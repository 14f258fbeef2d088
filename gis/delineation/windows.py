"""Sweeping a partition with windows: each part and its neighbours are searched, until nothing gets better."""

import numpy as np

from gis.arrays import Ints
from gis.compiled import compiled
from gis.delineation.members import around, members_of, nodes_of, note
from gis.delineation.problem import Problem, price_of
from gis.delineation.tabu import search

_PAIR = 2


@compiled
def sweep(problem: Problem, label: Ints, rounds: int, steps: float, most: int, seed: int) -> float:
    """Search the window around each part, in random order, again where something near it has changed.

    Parameters
    ----------
    problem
        The graph and its bands.
    label : (n,) int64
        Part of each node, every part connected; changed in place.
    rounds : int
        How many sweeps at most.
    steps : float
        Moves in a window for each of its nodes.
    most : int
        Parts in a window.
    seed : int

    Returns
    -------
    float
        What was gained.
    """
    np.random.seed(seed)
    count = label.max() + 1
    members = members_of(problem, label, count)
    place, taken = np.full(len(label), -1, np.int64), np.zeros(count, np.bool_)
    # A part is due while its own window, or one that shares a part with it, may still find something.
    due = np.ones(count, np.bool_)
    price = price_of(problem)
    gained = 0.0
    for _ in range(rounds):
        if not due.any():
            break
        for p in np.random.permutation(count):
            if not due[p]:
                continue
            due[p] = False
            parts = around(problem, label, members, p, most, taken)
            if members.first[p] < 0 or len(parts) < _PAIR:
                continue
            nodes = nodes_of(parts, members)
            gain = search(problem, label, nodes, parts, int(steps * len(nodes)), price, place)
            if gain > 0:
                gained += gain
                note(problem, label, nodes, parts, members)
                for q in parts:
                    due[q] = True
    return gained
