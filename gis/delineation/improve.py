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


class Problem(NamedTuple):
    """A graph to be divided (compressed rows), and what its parts may weigh.

    `plain` are the intervals allowed for a part, `tall` those for a part with a divisible node heavier than the band;
    `scale` is a typical cost of a part's boundary.
    """

    indptr: Ints
    indices: Ints
    cost: Floats
    weight: Floats
    tower: Bools
    plain: Floats
    tall: Floats
    scale: float


@njit(cache=True, nogil=True)
def energy(problem: Problem, total: float, towers: int) -> float:
    """What is wrong with a part, apart from its boundary."""
    intervals = problem.tall if towers > 0 else problem.plain
    off = lean(total, intervals)
    return _MISS_WEIGHT * miss(total, intervals) ** 2 + _LEAN_WEIGHT * problem.scale * off * off


@njit(cache=True, nogil=True)
def improve(problem: Problem, label: Ints, parts: int, rounds: int, seed: int) -> Ints:
    """Improve a partition; parts stay connected, and none is lost but to a tower that takes it in.

    Parameters
    ----------
    problem
        The graph and its bands.
    label : (n,) int64
        Part of each node, every part connected.
    parts : int
        Number of labels in use.
    rounds : int
        How many times, on average, each part is tried against a neighbour.
    seed : int

    Returns
    -------
    (n,) int64
        Labels; some numbers may no longer occur.
    """
    np.random.seed(seed)
    n = len(label)
    label = label.copy()
    total = np.zeros(parts)
    towers = np.zeros(parts, np.int64)
    for u in range(n):
        total[label[u]] += problem.weight[u]
        towers[label[u]] += problem.tower[u]
    members = _members(label, parts)
    local = np.full(n, -1, np.int64)
    for step in range(rounds * parts):
        p = _pick(problem, total, towers, members, step)
        if not len(members[p]):
            continue
        q = _neighbour(problem, label, members[p])
        if q < 0:
            continue
        nodes = np.concatenate((members[p], members[q]))
        side = _resplit(problem, nodes, label, p, q, total, towers, local)
        if len(side):
            _apply(problem, nodes, side, label, p, q, total, towers, members)
        _polish(problem, label, p, q, total, towers, members)
    return label


@njit(cache=True, nogil=True)
def split_heaviest(problem: Problem, label: Ints, wanted: int, seed: int) -> Ints:
    """Halve the heaviest part along a spanning tree until there are as many parts as wanted (or none can be halved)."""
    np.random.seed(seed)
    label = label.copy()
    local = np.full(len(label), -1, np.int64)
    for part in range(label.max() + 1, wanted):
        total = np.zeros(part)
        for u in range(len(label)):
            total[label[u]] += problem.weight[u]
        nodes = np.flatnonzero(label == np.argmax(total))
        if len(nodes) < 2:
            break
        for i in range(len(nodes)):
            local[nodes[i]] = i
        parent, order = _tree(problem, nodes, local)
        under = problem.weight[nodes].astype(np.float64)
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
    """Households by which the parts miss their bands, all together."""
    parts = label.max() + 1
    total = np.zeros(parts)
    towers = np.zeros(parts)
    for u in range(len(label)):
        total[label[u]] += problem.weight[u]
        towers[label[u]] += problem.tower[u]
    off = 0.0
    for p in range(parts):
        off += miss(total[p], problem.tall if towers[p] > 0 else problem.plain)
    return off


@njit(cache=True, nogil=True)
def _members(label: Ints, parts: int) -> list[Ints]:
    return [np.flatnonzero(label == p) for p in range(parts)]


@njit(cache=True, nogil=True)
def _pick(problem: Problem, total: Floats, towers: Ints, members: list[Ints], step: int) -> int:
    """Choose a part: every other time, of three drawn, the one that is most wrong."""
    best = np.random.randint(len(members))
    if step % 2:
        return best
    worst = -1.0
    for _ in range(3):
        p = np.random.randint(len(members))
        if len(members[p]):
            wrong = energy(problem, total[p], towers[p])
            if wrong > worst:
                best, worst = p, wrong
    return best


@njit(cache=True, nogil=True)
def _neighbour(problem: Problem, label: Ints, nodes: Ints) -> int:
    """Draw a part that touches these nodes, or -1."""
    p = label[nodes[0]]
    seen = 0
    chosen = -1
    for u in nodes:
        for k in range(problem.indptr[u], problem.indptr[u + 1]):
            q = label[problem.indices[k]]
            if q != p:
                seen += 1
                if np.random.randint(seen) == 0:
                    chosen = q
    return chosen


@njit(cache=True, nogil=True)
def _tree(problem: Problem, nodes: Ints, local: Ints) -> tuple[Ints, Ints]:
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
def _cut_costs(problem: Problem, nodes: Ints, local: Ints, parent: Ints, order: Ints) -> Floats:
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
    problem: Problem, nodes: Ints, label: Ints, p: int, q: int, total: Floats, towers: Ints, local: Ints
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
    both, tall = total[p] + total[q], towers[p] + towers[q]
    best = border + energy(problem, total[p], towers[p]) + energy(problem, total[q], towers[q]) - 1e-9
    chosen = -1
    parent, order = _tree(problem, nodes, local)
    if not len(order):
        for u in nodes:
            local[u] = -1
        return np.empty(0, np.bool_)
    cut = _cut_costs(problem, nodes, local, parent, order)
    for u in nodes:
        local[u] = -1
    under, under_tall = np.empty(m), np.empty(m, np.int64)
    for i in range(m):
        under[i], under_tall[i] = problem.weight[nodes[i]], problem.tower[nodes[i]]
    for at in range(m - 1, 0, -1):
        i = order[at]
        under[parent[i]] += under[i]
        under_tall[parent[i]] += under_tall[i]
        value = cut[i]
        if value < best:
            value += energy(problem, under[i], under_tall[i]) + energy(problem, both - under[i], tall - under_tall[i])
            if value < best:
                best, chosen = value, i
    if tall > 0 and energy(problem, both, tall) < best:
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
    problem: Problem, nodes: Ints, side: Bools, label: Ints, p: int, q: int, total: Floats, towers: Ints, members: list[Ints]
) -> None:
    members[p], members[q] = nodes[side], nodes[~side]
    for part in (p, q):
        total[part] = towers[part] = 0
        for u in members[part]:
            label[u] = part
            total[part] += problem.weight[u]
            towers[part] += problem.tower[u]


@njit(cache=True, nogil=True)
def _polish(problem: Problem, label: Ints, p: int, q: int, total: Floats, towers: Ints, members: list[Ints]) -> None:
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
            w, t = problem.weight[u], int(problem.tower[u])
            gain += energy(problem, total[here], towers[here]) + energy(problem, total[there], towers[there])
            gain -= energy(problem, total[here] - w, towers[here] - t) + energy(problem, total[there] + w, towers[there] + t)
            if gain > 1e-6 and _stays_connected(problem, label, u):
                label[u] = there
                total[here] -= w
                total[there] += w
                towers[here] -= t
                towers[there] += t
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
