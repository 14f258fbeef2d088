"""Tabu search in a window: single nodes move between a few neighbouring parts, uphill too, through parts out of band.

Every step takes the best move there is, even one that makes things worse; a node that has moved stays for a while
(F. Glover, "Tabu search", 1989, here much as in P. Galinier, Z. Boujbel and M. C. Fernandes, "An efficient memetic
algorithm for the graph partitioning problem", 2011). Bands may be left on the way, at a price per household that
rises while a part misses its band and falls while none does (Glover's strategic oscillation), so that households travel
in chains through several parts. Parts always stay connected. The best division met is what remains.
"""

from typing import NamedTuple

import numpy as np

from gis.arrays import Floats, Ints
from gis.compiled import compiled
from gis.delineation.problem import Problem, Rule, energy_of, is_out, search_energy

# Steps in a row with a part out of band, or with none, after which the price changes, and by how much.
_PATIENCE = 8
_STEEPER = 1.5
_PRICE_RANGE = 100.0
# A moved node stays for so many steps, and up to a share of the choices there were more.
_LEAST_TENURE = 5
_TENURE_SHARE = 0.2
_LEAST_GAIN = 1e-6
# Fewer moves give the price no time to rise.
_LEAST_STEPS = 150


class Window(NamedTuple):
    """Some neighbouring parts: their nodes, the edges between these in compressed rows, and the part of each.

    `touching` counts the edges from each node to each part, `shared` sums their costs and what holds it to its home.
    `rim` lists the nodes that touch another part, at the place kept in `on_rim` (-1 for the others); its last entry
    counts them.
    """

    start: Ints
    near: Ints
    cost: Floats
    load: Ints
    part: Ints
    total: Ints
    touching: Ints
    shared: Floats
    rim: Ints
    on_rim: Ints


@compiled
def search(problem: Problem, label: Ints, nodes: Ints, parts: Ints, steps: float, price: float, place: Ints) -> float:
    """Improve the division of some parts among themselves; `label` is changed where a better one is met.

    Parameters
    ----------
    problem
        The graph and its bands.
    label : (n,) int64
        Part of each node, every part connected.
    nodes : (m,) int64
        All nodes of the parts.
    parts : (k,) int64
        The parts of the window.
    steps : float
        Moves to make for each node.
    price : float
        What a missed household costs at first.
    place : (n,) int64
        Work space: -1 everywhere, and left so.

    Returns
    -------
    float
        By how much the window has become better: cut cost and what is wrong with its parts.
    """
    window = _window(problem, label, nodes, parts, place)
    gained = _walk(problem.rule, window, max(_LEAST_STEPS, int(steps * len(nodes))), price)
    for i in range(len(nodes)):
        label[nodes[i]] = parts[window.part[i]]
    return gained


@compiled
def _window(problem: Problem, label: Ints, nodes: Ints, parts: Ints, place: Ints) -> Window:
    m, k = len(nodes), len(parts)
    count = 0
    part = np.zeros(m, np.int64)
    for i in range(m):
        place[nodes[i]] = i
        count += problem.indptr[nodes[i] + 1] - problem.indptr[nodes[i]]
        for j in range(k):
            if label[nodes[i]] == parts[j]:
                part[i] = j
    start, near, cost = np.zeros(m + 1, np.int64), np.empty(count, np.int64), np.empty(count)
    load = problem.load[nodes]
    total = np.zeros((k, load.shape[1]), np.int64)
    touching, shared = np.zeros((m, k), np.int64), np.zeros((m, k))
    used = 0
    for i in range(m):
        for j in range(k if len(problem.home) else 0):
            if parts[j] == problem.home[nodes[i]]:
                shared[i, j] += problem.stay[nodes[i]]
        for column in range(load.shape[1]):
            total[part[i], column] += load[i, column]
        for e in range(problem.indptr[nodes[i]], problem.indptr[nodes[i] + 1]):
            j = place[problem.indices[e]]
            if j >= 0 and j != i:
                near[used], cost[used] = j, problem.cost[e]
                touching[i, part[j]] += 1
                shared[i, part[j]] += problem.cost[e]
                used += 1
        start[i + 1] = used
    for u in nodes:
        place[u] = -1
    window = Window(
        start, near, cost, load, part, total, touching, shared, np.zeros(m + 1, np.int64), np.full(m, -1, np.int64)
    )
    for i in range(m):
        _settle_rim(window, i)
    return window


@compiled
def _settle_rim(window: Window, i: int) -> None:
    """List a node on the rim if it touches another part, and only then."""
    rim, on_rim = window.rim, window.on_rim
    count = rim[-1]
    outer = window.touching[i, window.part[i]] < window.start[i + 1] - window.start[i]
    if outer and on_rim[i] < 0:
        rim[count], on_rim[i] = i, count
        rim[-1] += 1
    elif not outer and on_rim[i] >= 0:
        last = rim[count - 1]
        rim[on_rim[i]], on_rim[last] = last, on_rim[i]
        on_rim[i] = -1
        rim[-1] -= 1


@compiled
def _walk(rule: Rule, window: Window, steps: int, first_price: float) -> float:
    """Make moves; the window becomes the best division met. Returns what was gained."""
    start, near, cost, load, part, total, touching, shared, _, _ = window
    m, k = shared.shape
    price = first_price
    wrong, value = np.empty(k), np.empty(k)
    for j in range(k):
        wrong[j] = energy_of(rule, total[j, 0], total[j, 1], total[j, 2], total[j, 3])
    now, best, kept = 0.0, 0.0, part.copy()
    free_at, stuck, version = np.zeros(m, np.int64), np.zeros(m, np.int64), np.ones(k, np.int64)
    seen, queue = np.zeros(m, np.int64), np.empty(m, np.int64)
    stamp, out_for, in_for = 0, 0, 0
    for step in range(steps):
        for j in range(k):
            value[j] = search_energy(rule, price, total[j, 0], total[j, 1], total[j, 2], total[j, 3])
        i, j, choices = _best_move(rule, price, window, value, free_at, step, version, stuck)
        while i >= 0:
            stamp += 2
            if _stays_connected(start, near, part, i, seen, queue, stamp):
                break
            stuck[i] = version[part[i]]
            i, j, choices = _best_move(rule, price, window, value, free_at, step, version, stuck)
        if i < 0:
            continue
        h = part[i]
        now += shared[i, h] - shared[i, j] - wrong[h] - wrong[j]
        for column in range(load.shape[1]):
            total[h, column] -= load[i, column]
            total[j, column] += load[i, column]
        for q in (h, j):
            wrong[q] = energy_of(rule, total[q, 0], total[q, 1], total[q, 2], total[q, 3])
            now += wrong[q]
            version[q] += 1
        part[i], stuck[i] = j, 0
        for e in range(start[i], start[i + 1]):
            shared[near[e], h] -= cost[e]
            shared[near[e], j] += cost[e]
            touching[near[e], h] -= 1
            touching[near[e], j] += 1
            _settle_rim(window, near[e])
        _settle_rim(window, i)
        free_at[i] = step + _LEAST_TENURE + np.random.randint(1 + int(_TENURE_SHARE * choices))
        if now < best - _LEAST_GAIN:
            best = now
            kept[:] = part
        out = False
        for q in range(k):
            out |= is_out(wrong[q]) and total[q, 0] > 0
        out_for, in_for = (out_for + 1, 0) if out else (0, in_for + 1)
        if out_for == _PATIENCE:
            price, out_for = min(price * _STEEPER, first_price * _PRICE_RANGE), 0
        if in_for == _PATIENCE:
            price, in_for = max(price / _STEEPER, first_price / _PRICE_RANGE), 0
    part[:] = kept
    return -best


@compiled
def _best_move(
    rule: Rule,
    price: float,
    window: Window,
    value: Floats,
    free_at: Ints,
    step: int,
    version: Ints,
    stuck: Ints,
) -> tuple[int, int, int]:
    """Node and part of the best move that is free (of several as good one by chance), and how many there were.

    A node that cannot leave its part without breaking it is stuck until that part changes. -1 where nothing can move.
    """
    _, _, _, load, part, total, touching, shared, rim, _ = window
    k = shared.shape[1]
    least, node, to, ties, choices = np.inf, -1, -1, 0, 0
    for i in rim[: rim[-1]]:
        h = part[i]
        if free_at[i] > step or stuck[i] == version[h]:
            continue
        leaving, known = 0.0, False
        a, b, c, d = load[i, 0], load[i, 1], load[i, 2], load[i, 3]
        for j in range(k):
            if touching[i, j] == 0 or j == h:
                continue
            if not known:
                leaving = shared[i, h] - value[h]
                leaving += search_energy(
                    rule, price, total[h, 0] - a, total[h, 1] - b, total[h, 2] - c, total[h, 3] - d
                )
                known = True
            choices += 1
            gain = leaving - shared[i, j] - value[j]
            gain += search_energy(rule, price, total[j, 0] + a, total[j, 1] + b, total[j, 2] + c, total[j, 3] + d)
            if gain < least:
                least, node, to, ties = gain, i, j, 1
            elif gain == least:
                ties += 1
                if np.random.randint(ties) == 0:
                    node, to = i, j
    return node, to, choices


@compiled
def _stays_connected(start: Ints, near: Ints, part: Ints, i: int, seen: Ints, queue: Ints, stamp: int) -> bool:
    """Whether the part of node `i` hangs together without it (and is not only `i`).

    Its neighbours there are searched for from the first of them: marked `stamp` while missing, `stamp` + 1 once met.
    """
    missing = 0
    for e in range(start[i], start[i + 1]):
        j = near[e]
        if part[j] == part[i] and seen[j] != stamp:
            seen[j] = stamp
            missing += 1
            queue[0] = j
    if missing == 0:
        return False
    seen[queue[0]] = seen[i] = stamp + 1
    missing -= 1
    at, filled = 0, 1
    while at < filled and missing:
        for e in range(start[queue[at]], start[queue[at] + 1]):
            j = near[e]
            if part[j] == part[i] and seen[j] != stamp + 1:
                missing -= seen[j] == stamp
                seen[j] = stamp + 1
                queue[filled] = j
                filled += 1
        at += 1
    return missing == 0
