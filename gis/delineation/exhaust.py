"""Every division of a small parent, where the one found by searching misses the band once its towers are cut.

The search knows of floors only that they take room (`gis.delineation.problem`). Here grounds are cut as they will be,
and the best of all divisions into connected grounds is found by dynamic programming over sets of atoms.
"""

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from gis.arrays import Bools, Ints
from gis.delineation.bands import Band
from gis.delineation.graphs import grown
from gis.delineation.nest import Nested
from gis.delineation.towers import slice_grounds

# Parents with more inhabited atoms have too many divisions.
_MOST_ATOMS = 9
# A cell out of band outweighs every boundary; a further cell on a ground is worth so many mean boundaries of an atom.
_OUT, _STACK = 1e12, 0.3


def exhaust(
    nested: Nested, graph: csr_array, households: Ints, units: pd.DataFrame, band: Band, ruled: Bools
) -> Nested:
    """Divide parents anew that have cells out of band, where that leaves fewer of them.

    Parameters
    ----------
    nested
        The lowest level.
    graph : (n, n) sparse array
        Costs of the boundary between neighbouring atoms.
    households : (n,) int64
        Of each atom.
    units
        Dwellings (`gis.delineation.towers.dwelling_units`) with their `atom`.
    band
        Of the lowest level.
    ruled : (n,) bool
        Atoms of which planners rule something: their parents stay as they are.

    Returns
    -------
    Nested
    """
    label = nested.of_atom.copy()
    out = cells_out(label, units, band)
    for parent in np.unique(nested.ground[out[label] > 0]):
        atoms = np.flatnonzero(nested.ground == parent)
        lived = atoms[households[atoms] > 0]
        inner = graph[atoms][:, atoms]
        if len(lived) > _MOST_ATOMS or ruled[atoms].any() or connected_components(inner)[0] > 1:
            continue
        missed = int(out[np.unique(label[atoms])].sum())
        parts, still = _best(graph[lived][:, lived], households[lived], dwellings_on(units, lived), band)
        if still < missed:
            among = np.full(len(atoms), -1, np.int64)
            among[households[atoms] > 0] = parts
            label[atoms] = label.max() + 1 + grown(inner, among)
    return Nested(np.unique(label, return_inverse=True)[1], nested.ground)


def cells_out(label: Ints, units: pd.DataFrame, band: Band) -> Ints:
    """Count the inhabited cells out of band on each ground, once it is cut; `label` is the ground of each atom."""
    ground = label[units["atom"].to_numpy()]
    cell, slices = slice_grounds(units, ground, int(label.max()) + 1, band)
    held = np.bincount(cell, units["households"], minlength=int(slices.sum()))
    out = (held > 0) & ((held < band.lower) | (held > band.upper))
    return np.add.reduceat(out.astype(np.int64), np.cumsum(slices) - slices)


def dwellings_on(units: pd.DataFrame, atoms: Ints) -> pd.DataFrame:
    """Dwellings of some atoms, which are numbered from 0."""
    there = units[units["atom"].isin(atoms)]
    return there.assign(atom=np.searchsorted(atoms, there["atom"].to_numpy())).reset_index(drop=True)


def _best(graph: csr_array, households: Ints, units: pd.DataFrame, band: Band) -> tuple[Ints, int]:
    """Part of each atom in the best division into connected parts, and how many cells that leaves out of band."""
    n = len(households)
    cost = graph.toarray()
    near = [sum(1 << int(j) for j in graph[[i]].indices) for i in range(n)]
    price = {
        subset: _price(np.flatnonzero(subset >> np.arange(n) & 1), cost, households, units, band)
        for subset in range(1, 1 << n)
        if _is_connected(subset, near)
    }
    best, came = [0.0] + [np.inf] * ((1 << n) - 1), [0] * (1 << n)
    for subset in range(1, 1 << n):
        # The part that holds the first atom: every division is met once.
        first = subset & -subset
        rest = part = subset ^ first
        while True:
            value = price.get(first | part, np.inf) + best[rest ^ part]
            if value < best[subset]:
                best[subset], came[subset] = value, first | part
            if not part:
                break
            part = (part - 1) & rest
    parts, left = np.zeros(n, np.int64), (1 << n) - 1
    while left:
        parts[(came[left] >> np.arange(n) & 1) > 0] = left
        left ^= came[left]
    return parts, int(best[-1] // _OUT)


def _is_connected(subset: int, near: list[int]) -> bool:
    reached = grown = subset & -subset
    while grown:
        around = 0
        for i, others in enumerate(near):
            around |= others if grown >> i & 1 else 0
        grown = around & subset & ~reached
        reached |= grown
    return reached == subset


def _price(atoms: Ints, cost: np.ndarray, households: Ints, units: pd.DataFrame, band: Band) -> float:
    """Weigh a ground: its cells out of band, cells that share it, and its boundary."""
    boundary = cost[atoms].sum() - cost[np.ix_(atoms, atoms)].sum()
    total = int(households[atoms].sum())
    if total <= band.upper:
        return _OUT * (total < band.lower) + boundary / 2
    rows = units[units["atom"].isin(atoms)].reset_index(drop=True)
    cell, _ = slice_grounds(rows, np.zeros(len(rows), np.int64), 1, band)
    held = np.bincount(cell, rows["households"])
    out = int(((held < band.lower) | (held > band.upper)).sum())
    return float(_OUT * out + _STACK * cost.sum() / len(cost) * (len(held) - 1) ** 2 + boundary / 2)
