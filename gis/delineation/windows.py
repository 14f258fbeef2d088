"""Sweeping a partition with windows: each part and its neighbours are searched, until nothing gets better."""

import numpy as np

from gis.arrays import Bools, Ints
from gis.compiled import compiled
from gis.delineation.members import around, members_of, nodes_of, note
from gis.delineation.problem import Problem, price_of
from gis.delineation.tabu import search

_PAIR = 2


@compiled
def sweep(problem: Problem, label: Ints, due: Bools, rounds: int, steps: float, most: int, seed: int) -> None:
    """Search the window around each part that is due, in random order, again where something near it has changed.

    Parameters
    ----------
    problem
        The graph and its bands.
    label : (n,) int64
        Part of each node, every part connected; changed in place.
    due : (parts,) bool
        Parts whose window may find something; changed in place: a part is due again when one of its window changes.
    rounds : int
        How many sweeps at most.
    steps : float
        Moves in a window for each of its nodes.
    most : int
        Parts in a window.
    seed : int
    """
    np.random.seed(seed)
    count = len(due)
    members = members_of(problem, label, count)
    place, taken = np.full(len(label), -1, np.int64), np.zeros(count, np.bool_)
    price = price_of(problem)
    for _ in range(rounds):
        if not due.any():
            break
        again = np.zeros(count, np.bool_)
        for p in np.random.permutation(count):
            if not due[p]:
                continue
            due[p] = False
            parts = around(problem, label, members, p, most, taken)
            if members.first[p] < 0 or len(parts) < _PAIR:
                continue
            for q in parts:
                due[q] = False
            nodes = nodes_of(parts, members)
            if search(problem, label, nodes, parts, steps, price, place) > 0:
                note(problem, label, nodes, parts, members)
                for q in parts:
                    again[q] = True
        due |= again
