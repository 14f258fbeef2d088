"""Partition of a graph into connected parts whose weights lie in a band.

Each connected piece of the graph is divided for itself (`gis.delineation.attempts`); what is divided already can be
mended instead.
"""

from collections.abc import Callable
from numbers import Integral

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from gis.arrays import Floats, Ints
from gis.delineation.attempts import LONG_STEPS, WINDOW, Task, divided, shaken
from gis.delineation.bands import Band
from gis.delineation.graphs import checked
from gis.delineation.problem import out_of_band
from gis.delineation.start import connected
from gis.delineation.windows import sweep
from gis.errors import InputError

# METIS counts seeds in 32 bits, and each attempt takes the next.
_MOST_SEED = 10**9
# What leaving its old part costs a household, and a node besides, in mean costs of an edge.
_STAY = 20.0
# How often a part out of band is shaken where there is one division to begin with, and no other attempt.
_AMENDING_TRIES = 30
# What leaning to the edge of its band costs a cell of a plan, in typical boundaries: little.
_LEAN_WEIGHT = 0.05


def partition_graph(
    indptr: Ints,
    indices: Ints,
    edge_cost: Floats,
    weights: Ints,
    *,
    lower: int,
    upper: int,
    parts: int | None = None,
    seed: int = 0,
    effort: float = 1.0,
    progress: Callable[[float], None] | None = None,
) -> Ints:
    """Divide a graph into connected parts within [lower, upper], cutting as little cost as can be found.

    Parameters
    ----------
    indptr, indices : int64
        Undirected graph in compressed rows, each edge in both directions; it may be disconnected.
    edge_cost : (m,) float64
        Cost of cutting each entry of `indices`, not negative.
    weights : (n,) int64
        Weight of each node, not negative; their sum fits 31 bits.
    lower, upper : int
        Band of a part's weight. Where a component cannot be divided within it, the parts come as near as can be.
    parts : int, optional
        Number of parts to start from in a connected graph; by default that whose mean is nearest the band's middle.
    seed : int
        The same seed gives the same labels; from 0 to 10⁹.
    effort : float
        More of it starts more often from scratch and keeps the best; the larger the graph, the fewer starts.
    progress : callable, optional
        Called with the share that is done, from 0 to 1; what it raises ends the work.

    Returns
    -------
    (n,) int64
        Part of each node, numbered from 0 without gaps.

    Raises
    ------
    InputError
        Where the arrays do not make a graph, or are too large; where an option is out of its range.
    """
    band = Band(lower, upper)
    graph, households = checked(indptr, indices, edge_cost, weights)
    if parts is not None and (not isinstance(parts, Integral) or parts < 1):
        raise InputError(f"parts {parts}: give a whole number from one on, or none")
    if not isinstance(seed, Integral) or not 0 <= seed <= _MOST_SEED:
        raise InputError(f"seed {seed}: give a whole number from nought to {_MOST_SEED}")
    if not 0 <= effort < np.inf:
        raise InputError(f"effort {effort}: give a number of nought or more")
    return divide(
        graph,
        households,
        np.zeros((len(households), 2), np.int64),
        band=band,
        parts=parts,
        seed=seed,
        effort=effort,
        lean_weight=0.0,
        progress=progress,
    )


def divide(
    graph: csr_array,
    weights: Ints,
    divisible: Ints,
    *,
    band: Band,
    below: Band | None = None,
    parts: int | None = None,
    seed: int = 0,
    effort: float = 1.0,
    lean_weight: float = _LEAN_WEIGHT,
    progress: Callable[[float], None] | None = None,
) -> Ints:
    """Divide as `partition_graph`, with towers, and so that the parts can be divided again.

    Parameters
    ----------
    graph, weights
        As there, the graph as a sparse array.
    divisible : (n, 2) int64
        Weight of each node in buildings that entrances or floors divide, and the most of it on one floor: at the
        lowest level a part with a tower, a divisible node above the band, may weigh the band times what its towers
        need, less what cutting between floors takes.
    band
        What a part may weigh.
    below
        Band of the next level: what a part has, apart from nodes that stay whole there, must be divisible into it.
    """
    say = progress or _silent
    if not len(weights):
        return np.empty(0, np.int64)
    count, component = connected_components(graph, directed=False)
    label = np.zeros(len(weights), np.int64)
    used = done = 0
    for c in range(count):
        nodes = np.flatnonzero(component == c) if count > 1 else np.arange(len(weights))
        inner = graph[nodes][:, nodes] if count > 1 else graph
        task = Task(inner, weights[nodes], divisible[nodes], band, below, seed, parts, effort, lean_weight)
        found = divided(task, _within(say, done / len(weights), len(nodes) / len(weights)))
        label[nodes] = found + used
        used += int(found.max()) + 1
        done += len(nodes)
    return label


def amend(
    graph: csr_array,
    weights: Ints,
    divisible: Ints,
    home: Ints,
    *,
    band: Band,
    below: Band | None = None,
    seed: int = 0,
) -> Ints:
    """Mend a division that exists, moving as little as can be: only parts out of band and what they need.

    Parameters
    ----------
    graph, weights, divisible, band, below
        As in `divide`.
    home : (n,) int64
        Part of each node until now, numbered from 0 without gaps. Where a part no longer hangs together, its heaviest
        piece stays and the others join neighbours.

    Returns
    -------
    (n,) int64
        Parts keep their numbers; some numbers may no longer occur, and new parts have new ones.
    """
    label = connected(graph, weights, home)
    # Leaving home costs a node more than any boundary may gain, and less than a part out of band.
    stay = (_STAY * (1.0 + weights)).astype(np.float64)
    problem = Task(graph, weights, divisible, band, below, seed).problem(margin=0)._replace(home=home, stay=stay)
    sweep(problem, label, out_of_band(problem, label), 1, LONG_STEPS, WINDOW, seed)
    shaken(problem, label, int(home.max()) + 1, seed, _AMENDING_TRIES)
    moved = np.zeros(int(label.max()) + 1, np.bool_)
    moved[label[label != home]] = True
    sweep(problem, label, moved, 2, LONG_STEPS, WINDOW, seed)
    return label


def _silent(_: float) -> None:
    """Tell nobody."""


def _within(progress: Callable[[float], None], done: float, share: float) -> Callable[[float], None]:
    """Progress of a share of the whole."""
    return lambda part: progress(done + part * share)
