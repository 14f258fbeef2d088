"""Improving a partition into connected parts: boundary moves and re-splits of neighbouring pairs.

A re-split joins two neighbouring parts, draws a random spanning tree that prefers dear edges, and cuts the best of all
its edges: the step of recombination (D. DeFord, M. Duchin and J. Solomon, "Recombination", 2021), except that every cut
of the tree is weighed with its true cost, by adding each edge's cost along the tree path between its ends.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from gis.coverage.lattice import Bools, Floats, Ints
from gis.delineation.bands import lean, miss

# A missed household weighs far more than any length of boundary; leaning to the edge of a band weighs little.
_MISS_WEIGHT = 1e6
_LEAN_WEIGHT = 0.05
# Two cells on one ground, where no tower asks for it, are worth this many boundaries to avoid.
_STACK_WEIGHT = 3.0
_FURTHER = 0.02
# A part that the level below cannot divide in band costs one cell there, not one here.
_BELOW_WEIGHT = 0.3
# While hot, parts are drawn to the middle of their band and a dearer division is taken now and then, so that what one part
# has too much can travel through others to where it is missing.
_HOT_LEAN = 0.5
_HOT_SLACK = 0.5


class Problem(NamedTuple):
    """A graph to be divided (compressed rows), and what its parts may weigh.

    `load` has four columns: the weight of each node, what of it the level below must divide (all but what stays whole
    there), what of it is in towers, and what of it is in buildings that entrances or floors divide. A part may weigh
    `lower` to `upper`; with towers, as many times that as they need; with other divisible buildings more, at a price.
    `below` are the weights that the level below can divide (none at the lowest level); `scale` is a typical cost of a
    part's boundary.
    """

    indptr: Ints
    indices: Ints
    cost: Floats
    load: Ints
    lower: float
    upper: float
    below: Floats
    scale: float


@njit(cache=True, nogil=True)
def _storeys(problem: Problem, weight: float, towers: float, divisible: float) -> tuple[float, float]:
    """Cells that stand on one ground: what its towers need, and how many more divisible buildings there call for."""
    needed = max(1.0, np.ceil(towers / problem.upper))
    further = min(np.ceil(weight / problem.upper) - needed, np.floor((divisible - towers) / problem.lower))
    return needed, max(further, 0.0)


@njit(cache=True, nogil=True)
def off_band(problem: Problem, load: Ints) -> tuple[float, float]:
    """Households by which a part misses its band, and what the level below can divide."""
    weight, divided, towers, divisible = load
    needed, further = _storeys(problem, weight, towers, divisible)
    storeys = needed + further
    off = max(storeys * problem.lower - weight, weight - storeys * problem.upper, 0.0)
    return off, miss(divided, problem.below) if len(problem.below) else 0.0


@njit(cache=True, nogil=True)
def charge(off: float) -> float:
    """Price of a part out of band: one for being so and a little for how far, so that what cannot be mended stays in few."""
    return 1.0 + _FURTHER * off if off > 0 else 0.0


@njit(cache=True, nogil=True)
def energy(problem: Problem, heat: float, load: Ints) -> float:
    """What is wrong with a part, apart from its boundary."""
    weight, divided, towers, divisible = load
    off, off_below = off_band(problem, load)
    needed, further = _storeys(problem, weight, towers, divisible)
    if len(problem.below):
        leaning = lean(divided, problem.below)
    else:
        middle, half = (problem.lower + problem.upper) / 2, max((problem.upper - problem.lower) / 2, 1.0)
        leaning = (weight / (needed + further) - middle) / half
    pull = (_LEAN_WEIGHT + heat * _HOT_LEAN) * problem.scale
    if heat > 0:
        wrong = off * off + _BELOW_WEIGHT * off_below * off_below
    else:
        wrong = charge(off) + _BELOW_WEIGHT * charge(off_below)
    return _MISS_WEIGHT * wrong + pull * leaning * leaning + _STACK_WEIGHT * problem.scale * further


@njit(cache=True, nogil=True)
def totals(problem: Problem, label: Ints, parts: int) -> Ints:
    total = np.zeros((parts, problem.load.shape[1]), np.int64)
    for u in range(len(label)):
        total[label[u]] += problem.load[u]
    return total


@njit(cache=True, nogil=True)
def improve(problem: Problem, label: Ints, rounds: int, seed: int, hot: bool) -> Ints:
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
        p = _pick(problem, total, step)
        if not len(members[p]):
            continue
        q = neighbour(problem, label, members[p], p, p)
        if q < 0:
            continue
        nodes = np.concatenate((members[p], members[q]))
        side = _resplit(problem, heat, nodes, label, p, q, total, local)
        if len(side):
            _apply(problem, nodes, side, label, p, q, total, members)
        _polish(problem, heat, label, p, q, total, members)
    return label


@njit(cache=True, nogil=True)
def split_heaviest(problem: Problem, label: Ints, wanted: int, seed: int) -> Ints:
    """Halve the heaviest part along a spanning tree until there are as many parts as wanted (or none can be halved)."""
    np.random.seed(seed)
    label = label.copy()
    local = np.full(len(label), -1, np.int64)
    for part in range(label.max() + 1, wanted):
        total = totals(problem, label, part)
        nodes = np.flatnonzero(label == np.argmax(total[:, 1]))
        if len(nodes) < 2:
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


@njit(cache=True, nogil=True)
def missed(problem: Problem, label: Ints) -> float:
    """Charges of all parts out of band."""
    total = totals(problem, label, label.max() + 1)
    price = 0.0
    for p in range(len(total)):
        off, off_below = off_band(problem, total[p])
        price += charge(off) + _BELOW_WEIGHT * charge(off_below)
    return price


@njit(cache=True, nogil=True)
def _pick(problem: Problem, total: Ints, step: int) -> int:
    """Draw a part: every other time one of those that miss their band."""
    chosen = np.random.randint(len(total))
    if step % 2:
        return chosen
    seen = 0
    for p in range(len(total)):
        off, off_below = off_band(problem, total[p])
        if off + off_below > 0:
            seen += 1
            if np.random.randint(seen) == 0:
                chosen = p
    return chosen


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
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
                key[e] = -(problem.cost[k] + 1e-9) * (0.1 + np.random.random()) ** 2
                e += 1
    root = np.arange(m)
    head = np.full(m, -1, np.int64)
    chain = np.full(2 * m, -1, np.int64)
    towards = np.empty(2 * m, np.int64)
    used = 0
    for at in np.argsort(key[:e]):
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
    parent = np.full(m, -1, np.int64)
    order = np.empty(m, np.int64)
    order[0] = 0
    filled = 1
    for at in range(m):
        if at == filled:
            return parent[:0], order[:0]
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


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def _resplit(
    problem: Problem, heat: float, nodes: Ints, label: Ints, p: int, q: int, total: Ints, local: Ints
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
    best = border + energy(problem, heat, total[p]) + energy(problem, heat, total[q]) - 1e-9
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
            value += energy(problem, heat, under[i]) + energy(problem, heat, both - under[i])
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


@njit(cache=True, nogil=True)
def _apply(
    problem: Problem, nodes: Ints, side: Bools, label: Ints, p: int, q: int, total: Ints, members: list[Ints]
) -> None:
    members[p], members[q] = nodes[side], nodes[~side]
    for part in (p, q):
        total[part] = 0
        for u in members[part]:
            label[u] = part
            total[part] += problem.load[u]


@njit(cache=True, nogil=True)
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
            if gain > 1e-6 and _stays_connected(problem, label, u):
                label[u] = there
                total[here] -= load
                total[there] += load
                moved = changed = True
    if changed:
        nodes = np.concatenate((members[p], members[q]))
        members[p], members[q] = nodes[label[nodes] == p], nodes[label[nodes] == q]


@njit(cache=True, nogil=True)
def _stays_connected(problem: Problem, label: Ints, u: int) -> bool:
    """Whether the part of `u` hangs together without it (and is not only `u`)."""
    here = label[u]
    start = -1
    wanted = 0
    for k in range(problem.indptr[u], problem.indptr[u + 1]):
        if label[problem.indices[k]] == here:
            start = problem.indices[k]
            wanted += 1
    if wanted < 2:
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
