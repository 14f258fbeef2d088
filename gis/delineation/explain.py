"""Why a cell lies outside its band: a sentence a planner can act on."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from gis.arrays import Ints
from gis.delineation.bands import Band


@dataclass(frozen=True)
class Ground:
    """What the land offers when cells are explained.

    Attributes
    ----------
    graph : (n, n) sparse array
        Adjacency of the atoms.
    weights : (n,) int64
        Households of each atom.
    """

    graph: csr_array
    weights: Ints

    def reason(self, of_atom: Ints, parent: Ints, cell: int, households: int, band: Band) -> str:
        """Say why a cell could not be brought into its band.

        Parameters
        ----------
        of_atom, parent : (n,) int64
            Ground polygon of each atom at this level, and at the level above.
        cell
            The ground polygon in question.
        households
            Of the cell (of one of its floors' cells, where they divide it).
        band
            The band missed.
        """
        span = f"{band.lower}–{band.upper}"
        atoms = np.flatnonzero(of_atom == cell)
        siblings = np.flatnonzero(parent == parent[atoms[0]])
        inner = self.graph[siblings][:, siblings]
        count, component = connected_components(inner, directed=False)
        mine = siblings[component == component[np.searchsorted(siblings, atoms[0])]]
        total = int(self.weights[mine].sum())
        cut_off = " in a part cut off from the rest" if count > 1 else ""
        if not band.divides(total):
            if total < band.lower:
                return f"Only {total} households{cut_off}, fewer than {band.lower}: the parent has nothing left to add."
            fewest, most = band.counts(total)
            return (
                f"The parent has {total} households{cut_off}: {max(most, 1)} cells would exceed {band.upper} each, "
                f"{fewest} would fall below {band.lower}. Widen the band or move its boundary."
            )
        heaviest = int(self.weights[atoms].max())
        if heaviest > band.upper and not band.divides(heaviest):
            fewest, most = band.counts(heaviest)
            return (
                f"One building or block holds {heaviest} households: {most} cells would exceed {band.upper} each, "
                f"{fewest} would fall below {band.lower}, and no neighbour had the rest to spare. "
                "Accept it, or move the boundary."
            )
        if heaviest > band.upper:
            return (
                f"One building or block holds {heaviest} households, more than {band.upper}, and its known floors and "
                "entrances do not divide it evenly: give finer ones, or accept it."
            )
        around = self._neighbours(atoms, of_atom, parent)
        sums = ", ".join(str(int(self.weights[of_atom == k].sum())) for k in around) or "none"
        return (
            f"{households} households against {span}: its {len(atoms)} indivisible pieces (heaviest {heaviest}) and "
            f"those of its neighbours ({sums} households) did not add up in any connected exchange tried."
        )

    def _neighbours(self, atoms: Ints, of_atom: Ints, parent: Ints) -> Ints:
        near = np.unique(self.graph[atoms].indices)
        same = parent[near] == parent[atoms[0]]
        cells = np.unique(of_atom[near[same]])
        return cells[cells != of_atom[atoms[0]]]
