"""Lots: land of some cells that moves as one, be it a single atom or a group that stays together."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from gis.arrays import Ints
from gis.delineation.graphs import contracted
from gis.editing.redrawing import Trial


@dataclass(frozen=True)
class Lots:
    """Land as it can move.

    Attributes
    ----------
    atoms : (n,) int64
        Rows of the atoms, rising.
    lot : (n,) int64
        Lot of each, from 0.
    households : (l,) int64
    graph : (l, l) sparse array
        Costs of the boundary between neighbouring lots.
    """

    atoms: Ints
    lot: Ints
    households: Ints
    graph: csr_array


def lots_of(redrawing: Trial, atoms: Iterable[int]) -> Lots:
    """Gather some atoms into lots; groups lie in them whole or not at all."""
    land, together = redrawing.land, redrawing.state.together
    rows = np.array(sorted(atoms), np.int64)
    names = [together.get(atom, atom) for atom in rows.tolist()]
    number: dict[int | str, int] = {name: k for k, name in enumerate(dict.fromkeys(names))}
    lot = np.array([number[name] for name in names], np.int64)
    households = np.bincount(lot, land.atoms.households[rows], minlength=len(number)).astype(np.int64)
    return Lots(rows, lot, households, contracted(land.graph[rows][:, rows], lot, len(number)))
