"""Parting: dividing a window of cells so that what must not share a cell cannot.

The window is cut into regions, one around each thing that is kept apart, and each region is divided for itself.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
from scipy.sparse.csgraph import dijkstra

from gis.arrays import Floats, Ints
from gis.delineation.lots import Lots

# Lines tried between the regions, and how many of them are followed.
_LINES, _FOLLOWED = 60, 2
# How far a line may lie off the middle, as a share of the way between two things.
_OFF_MIDDLE = 0.9
# Of dividing one region: it is small.
_EFFORT = 0.05


def parted(lots: Lots, window: Ints, things: Sequence[Ints], seed: int) -> Iterator[Ints]:
    """Divide a window again and again, each time along another line between things.

    Parameters
    ----------
    lots
        Of the level.
    window : (k,) int64
        Lots that hang together, sorted.
    things
        Lots in the window that belong to each thing, none to two.
    seed
        The same seed gives the same lines.

    Yields
    ------
    (k,) int64
        Cell of each lot of the window, numbered from 0; those divided along the best lines by households first.
    """
    away = _ways(lots, window, things)
    if not np.isfinite(away).all():
        return
    rng = np.random.default_rng([seed, len(window)])
    between = min(away[i, np.searchsorted(window, things[j])].min() for i, j in combinations(range(len(things)), 2))
    found: dict[bytes, tuple[int, Ints]] = {}
    for k in range(_LINES):
        lead = rng.uniform(-0.5, 0.5, len(things)) * _OFF_MIDDLE * between * (k > 0)
        region = (away - lead[:, None]).argmin(axis=0).astype(np.int64)
        found.setdefault(region.tobytes(), (_missed(lots, window, region), region))
    for _, region in sorted(found.values(), key=lambda one: one[0])[:_FOLLOWED]:
        label = np.empty(len(window), np.int64)
        used = 0
        for k in range(len(things)):
            here = np.flatnonzero(region == k)
            label[here] = used + lots.divided(window[here], seed=seed, effort=_EFFORT)
            used = int(label[here].max()) + 1
        yield label


def _ways(lots: Lots, window: Ints, things: Sequence[Ints]) -> Floats:
    """Count the steps from each thing to each lot of the window, (t, k)."""
    inner = lots.graph[window][:, window]
    inner.data = np.ones_like(inner.data)
    return np.stack([dijkstra(inner, indices=np.searchsorted(window, lots_), min_only=True) for lots_ in things])


def _missed(lots: Lots, window: Ints, region: Ints) -> int:
    """Households by which regions miss what some number of cells can hold."""
    total = lots.households(window, region)
    return int(lots.band.misses(int(total.max()), 0)[total, 0].sum() + lots.band.lower * (total == 0).sum())
