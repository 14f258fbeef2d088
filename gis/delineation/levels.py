"""Levels: the nested division of an area, parents first."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.sparse import csr_array

from gis.arrays import Ints
from gis.delineation.bands import Band
from gis.delineation.partition import divide
from gis.errors import InputError

# Of one parent's division; there are many, and each is small.
_EFFORT = 0.01


@dataclass(frozen=True)
class Level:
    """One level of a plan: its name and the band of its cells."""

    name: str
    band: Band


def parse_levels(text: str) -> list[Level]:
    """Read levels as planners write them, top first: ``"grid:400-600,micro:70-80"``.

    Raises
    ------
    InputError
        Where the text is not of that form, a name comes twice, or a lower level is not smaller.
    """
    levels: list[Level] = []
    for part in text.split(","):
        name, _, span = part.strip().partition(":")
        lower, _, upper = span.partition("-")
        if not name or not lower.strip().isdigit() or not upper.strip().isdigit():
            raise InputError(f"levels '{text}': write name:fewest-most, e.g. grid:400-600,micro:70-80")
        levels.append(Level(name, Band(int(lower), int(upper))))
    if len({level.name for level in levels} | {"community"}) <= len(levels):
        raise InputError(f"levels '{text}': every level needs a name of its own, and not 'community'")
    for above, below in pairwise(levels):
        if below.band.upper > above.band.upper:
            raise InputError(f"levels '{text}': '{below.name}' is below '{above.name}' and must be smaller")
    return levels


def nest(
    graph: csr_array,
    weights: Ints,
    divisible: Ints,
    parent: Ints,
    levels: Sequence[Level],
    *,
    seed: int = 0,
    workers: int = 1,
) -> list[Ints]:
    """Divide parents into the cells of the first level, these into the second, and so on.

    Parameters
    ----------
    graph : (n, n) sparse array
        Costs of the boundary between neighbouring atoms.
    weights : (n,) int64
        Households of each atom.
    divisible : (n,) int64
        Households of each atom in buildings that entrances or floors divide.
    parent : (n,) int64
        Community of each atom.
    levels
        Top first.
    seed, workers
        The result depends on the seed and not on the number of workers.

    Returns
    -------
    list of (n,) int64
        Cell of each atom at every level, numbered from 0 within the level.
    """
    found: list[Ints] = []
    for depth, level in enumerate(levels):
        below = levels[depth + 1].band if depth + 1 < len(levels) else None
        order = np.argsort(parent, kind="stable")
        groups = np.split(order, np.flatnonzero(np.diff(parent[order])) + 1)

        def one(nodes: Ints, band: Band = level.band, below: Band | None = below) -> Ints:
            inner = graph[nodes][:, nodes]
            return divide(inner, weights[nodes], divisible[nodes], band=band, below=below, seed=seed, effort=_EFFORT)

        with ThreadPoolExecutor(workers) as pool:
            divided = list(pool.map(one, groups))
        label = np.empty(len(weights), np.int64)
        used = 0
        for nodes, part in zip(groups, divided, strict=True):
            label[nodes] = part + used
            used += int(part.max()) + 1
        found.append(label)
        parent = label
    return found
