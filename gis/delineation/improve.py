"""Improving a partition into connected parts: boundary moves and re-splits of neighbouring pairs.

A re-split joins two neighbouring parts, draws a random spanning tree that prefers dear edges, and cuts the best of all
its edges: the step of recombination (D. DeFord, M. Duchin and J. Solomon, "Recombination", 2021), except that every cut
of the tree is weighed with its true cost, by adding each edge's cost along the tree path between its ends.
"""

import numpy as np

from gis.arrays import Bools, Ints
from gis.compiled import compiled
from gis.delineation.problem import Problem, energy, energy_of, off_band, storeys_of, totals
from gis.delineation.trees import cut_costs, spanning_tree

# While hot, a dearer division is taken now and then.
_HOT_SLACK = 0.5
# Gains below this are rounding.
_LEAST_GAIN = 1e-6
_PAIR = 2


@compiled
def improve(problem: Problem, label: Ints, rounds: int, seed: int, hot: bool) -> Ints:  # noqa: FBT001 (compiled code has no keywords)
    """Improve a partition; parts stay connected, and none is lost but to a tower that takes it in.

    Parameters
    ----------
    problem
        The graph and its bands.
    label : (n,) int64
        Part of each node, every part connected.
    rounds : int
        How many times, on average, each part is tried against a neighbour.
    seed : int
    hot : bool
        Start with heat, for a raw partition; a good one is better improved cold.

    Returns
    -------
    (n,) int64
        Labels; some numbers may no longer occur.
    """
    np.random.seed(seed)
    label = label.copy()
    parts = label.max() + 1
    total = totals(problem, label, parts)
    members = [np.flatnonzero(label == p) for p in range(parts)]
    local = np.full(len(label), -1, np.int64)
    steps = rounds * parts
    for step in range(steps):
        heat = max(0.0, 1 - 1.5 * step / steps) if hot else 0.0
        p = _pick(problem, total, members, step)
        if not len(members[p]):
            continue
        alone = heat == 0 and step % 3 == 0 and storeys_of(problem, total[p]) > 1
        q = _free_label(members) if alone else neighbour(problem, label, members[p], p, p)
        if q < 0:
            continue
        nodes = np.concatenate((members[p], members[q]))
        before = energy(problem, heat, total[p]) + (0.0 if alone else energy(problem, heat, total[q]))
        side = _resplit(problem, heat, nodes, label, p, q, total, before, local)
        if len(side):
            _apply(problem, nodes, side, label, p, q, total, members)
        _polish(problem, heat, label, p, q, total, members)
    return label


@compiled
def split_heaviest(problem: Problem, label: Ints, wanted: int, seed: int) -> Ints:
    """Halve the heaviest part along a spanning tree until there are as many parts as wanted (or none can be halved)."""
    np.random.seed(seed)
    label = label.copy()
    local = np.full(len(label), -1, np.int64)
    for part in range(label.max() + 1, wanted):
        total = totals(problem, label, part)
        nodes = np.flatnonzero(label == np.argmax(total[:, 1]))
        if len(nodes) < _PAIR:
            break
        for i in range(len(nodes)):
            local[nodes[i]] = i
        parent, order = spanning_tree(problem, nodes, local)
        under = problem.load[nodes, 1].astype(np.float64)
        for at in range(len(nodes) - 1, 0, -1):
            under[parent[order[at]]] += under[order[at]]
        half = under[order[0]] / 2
        best = order[1:][np.argmin(np.abs(under[order[1:]] - half))]
        side = np.zeros(len(nodes), np.bool_)
        side[best] = True
        for i in order[1:]:
            if side[parent[i]]:
                side[i] = True
        label[nodes[side]] = part
        local[nodes] = -1
    return label


@compiled
def _pick(problem: Problem, total: Ints, members: list[Ints], step: int) -> int:
    """Draw a part: every other time one of those that miss their band."""
    chosen = np.random.randint(len(total))
    if step % 2:
        return chosen
    seen = 0
    for p in range(len(total)):
        off, off_below = off_band(problem, total[p])
        if off + off_below > 0 and len(members[p]):
            seen += 1
            if np.random.randint(seen) == 0:
                chosen = p
    return chosen


@compiled
def _free_label(members: list[Ints]) -> int:
    """Return a label that no node has, for a part that is to be divided again; -1 where all are in use."""
    for p in range(len(members)):
        if not len(members[p]):
            return p
    return -1


@compiled
def neighbour(problem: Problem, label: Ints, nodes: Ints, p: int, q: int) -> int:
    """Draw a part other than `p` and `q` that touches these nodes, or -1."""
    seen = 0
    chosen = -1
    for u in nodes:
        for k in range(problem.indptr[u], problem.indptr[u + 1]):
            r = label[problem.indices[k]]
            if r not in (p, q):
                seen += 1
                if np.random.randint(seen) == 0:
                    chosen = r
    return chosen


@compiled
def _resplit(
    problem: Problem, heat: float, nodes: Ints, label: Ints, p: int, q: int, total: Ints, before: float, local: Ints
) -> Bools:
    """Which of the nodes go to `p` in a better division, or nothing."""
    m = len(nodes)
    for i in range(m):
        local[nodes[i]] = i
    border = 0.0
    for u in nodes:
        if label[u] == p:
            for k in range(problem.indptr[u], problem.indptr[u + 1]):
                if label[problem.indices[k]] == q:
                    border += problem.cost[k]
    both = total[p] + total[q]
    best = border + before - 1e-9
    best += heat * _HOT_SLACK * problem.scale * np.random.random()
    chosen = -1
    parent, order = spanning_tree(problem, nodes, local)
    if not len(order):
        for u in nodes:
            local[u] = -1
        return np.empty(0, np.bool_)
    cut = cut_costs(problem, nodes, local, parent, order)
    for u in nodes:
        local[u] = -1
    under = problem.load[nodes]
    for at in range(m - 1, 0, -1):
        i = order[at]
        under[parent[i]] += under[i]
        value = cut[i]
        if value < best:
            a, b, c, d = under[i, 0], under[i, 1], under[i, 2], under[i, 3]
            value += energy_of(problem, heat, a, b, c, d)
            if value < best:
                value += energy_of(problem, heat, both[0] - a, both[1] - b, both[2] - c, both[3] - d)
            if value < best:
                best, chosen = value, i
    if both[3] > 0 and heat == 0 and energy(problem, heat, both) < best:
        return np.ones(m, np.bool_)
    if chosen < 0:
        return np.empty(0, np.bool_)
    side = np.zeros(m, np.bool_)
    side[chosen] = True
    for i in order[1:]:
        if side[parent[i]]:
            side[i] = True
    return side


@compiled
def _apply(
    problem: Problem, nodes: Ints, side: Bools, label: Ints, p: int, q: int, total: Ints, members: list[Ints]
) -> None:
    members[p], members[q] = nodes[side], nodes[~side]
    for part in (p, q):
        total[part] = 0
        for u in members[part]:
            label[u] = part
            total[part] += problem.load[u]


@compiled
def _polish(problem: Problem, heat: float, label: Ints, p: int, q: int, total: Ints, members: list[Ints]) -> None:
    """Move single nodes between two parts while that is better, keeping both connected."""
    moved = True
    changed = False
    while moved:
        moved = False
        for u in np.concatenate((members[p], members[q])):
            here = label[u]
            there = q if here == p else p
            gain = 0.0
            touches = False
            for k in range(problem.indptr[u], problem.indptr[u + 1]):
                other = label[problem.indices[k]]
                if other == there:
                    gain += problem.cost[k]
                    touches = True
                elif other == here:
                    gain -= problem.cost[k]
            if not touches:
                continue
            load = problem.load[u]
            gain += energy(problem, heat, total[here]) + energy(problem, heat, total[there])
            gain -= energy(problem, heat, total[here] - load) + energy(problem, heat, total[there] + load)
            if gain > _LEAST_GAIN and _stays_connected(problem, label, u):
                label[u] = there
                total[here] -= load
                total[there] += load
                moved = changed = True
    if changed:
        nodes = np.concatenate((members[p], members[q]))
        members[p], members[q] = nodes[label[nodes] == p], nodes[label[nodes] == q]


@compiled
def _stays_connected(problem: Problem, label: Ints, u: int) -> bool:
    """Whether the part of `u` hangs together without it (and is not only `u`)."""
    here = label[u]
    start = -1
    wanted = 0
    for k in range(problem.indptr[u], problem.indptr[u + 1]):
        if label[problem.indices[k]] == here:
            start = problem.indices[k]
            wanted += 1
    if wanted < _PAIR:
        return wanted == 1
    targets = {start}
    for k in range(problem.indptr[u], problem.indptr[u + 1]):
        if label[problem.indices[k]] == here:
            targets.add(problem.indices[k])
    missing = len(targets) - 1
    seen = {u, start}
    queue = [start]
    at = 0
    while at < len(queue):
        x = queue[at]
        at += 1
        for k in range(problem.indptr[x], problem.indptr[x + 1]):
            y = problem.indices[k]
            if label[y] == here and y not in seen:
                if y in targets:
                    missing -= 1
                    if missing == 0:
                        return True
                seen.add(y)
                queue.append(y)
    return False
