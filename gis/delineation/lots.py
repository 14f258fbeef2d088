"""Lots: what a level may divide, once demands have set atoms apart or joined them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from gis.arrays import Bools, Ints
from gis.delineation.bands import Band
from gis.delineation.demands import Demand
from gis.delineation.graphs import contracted
from gis.delineation.partition import divide
from gis.delineation.problem import Rule, off_band, storeys_of
from gis.delineation.towers import gathered


@dataclass(frozen=True)
class Lots:
    """The graph that one level divides.

    Attributes
    ----------
    graph : (m, m) sparse array
        Costs of the boundary between lots: single atoms, or all that must stay together.
    weights : (m,) int64
        Households of each lot.
    divisible : (m, 2) int64
        Those of them in buildings that entrances or floors divide, and the most on one floor.
    ground : (m,) int64
        Land on which each lot lies: cells of the level do not leave it. Parents, and what is set apart from them.
    of_atom : (n,) int64
        Lot of each atom.
    later : (m,) bool
        Lots where nobody lives that become cells of their own at a level below.
    band, below
        Of this level, and of the next.
    """

    graph: csr_array
    weights: Ints
    divisible: Ints
    ground: Ints
    of_atom: Ints
    later: Bools
    band: Band
    below: Band | None

    def divided(self, lots: Ints, *, seed: int, effort: float, cost: csr_array | None = None) -> Ints:
        """Divide some lots of one ground into cells, numbered from 0; with costs of their own, if given."""
        inner = (self.graph if cost is None else cost)[lots][:, lots]
        return divide(
            inner,
            self.weights[lots],
            self.divisible[lots],
            band=self.band,
            below=self.below,
            seed=seed,
            effort=effort,
        )

    def households(self, lots: Ints, label: Ints) -> Ints:
        """Sum the households of each cell, given the cell of each of some lots."""
        return np.bincount(label, self.weights[lots]).astype(np.int64)

    def faults(self, lots: Ints, label: Ints) -> int:
        """Count the cells of some lots that are out of band, and at the lowest level those stacked on another.

        A ground where nobody lives counts as none.
        """
        flexible = self.divisible[:, 0]
        towers = np.where(self.weights > self.band.upper, flexible, 0)
        columns = (self.weights, np.zeros_like(self.weights), towers, flexible)
        if self.below is not None:
            columns = (*columns[:2], columns[1], columns[1])
        loads = np.column_stack([np.bincount(label, column[lots]) for column in columns]).astype(np.int64)
        rule = Rule(float(self.band.lower), float(self.band.upper), np.empty((0, 2)), 0.0, 0.0, 0.0)
        lived_in = [load for load in loads if load[0]]
        out = sum(off_band(rule, load)[0] > 0 for load in lived_in)
        return out + sum(int(storeys_of(rule, load)) - 1 for load in lived_in)

    def around(self, label: Ints, cell: int) -> Ints:
        """Cells that touch a cell on its own ground, itself among them."""
        lots = np.flatnonzero(label == cell)
        near = np.unique(self.graph[lots].indices)
        cells: Ints = np.unique(np.append(label[near[self.ground[near] == self.ground[lots[0]]]], cell))
        return cells


def lots_of(
    graph: csr_array,
    weights: Ints,
    divisible: Ints,
    parent: Ints,
    demands: Sequence[Demand],
    bands: Sequence[Band],
    depth: int,
) -> Lots:
    """Set apart and join what demands say of one level.

    Parameters
    ----------
    graph, weights, divisible
        Of the atoms, as in `gis.delineation.nest.nest`.
    parent : (n,) int64
        Cell of each atom in the level above.
    demands
        What planners rule.
    bands
        Of all levels, top first.
    depth
        Which level, 0 for the top.
    """
    band, below = bands[depth], bands[depth + 1] if depth + 1 < len(bands) else None
    own, joined = np.zeros(len(weights), np.int64), []
    # The smaller is written last, so that a cell in a compound is set apart from it.
    for number, demand in enumerate(sorted(demands, key=lambda one: (one.draws, -len(one.atoms))), start=1):
        alone, together = _asks(demand, depth, int(weights[demand.atoms].sum()), band)
        if alone:
            own[demand.atoms] = number
        if together:
            joined.append(demand)
    ground = np.unique(np.column_stack([parent, own]), axis=0, return_inverse=True)[1].ravel()
    if not joined:
        each = np.arange(len(weights))
        return Lots(graph, weights, divisible, ground, each, np.zeros(len(each), np.bool_), band, below)
    of_atom = _joined(joined, ground, graph)
    count = int(of_atom.max()) + 1
    total = np.bincount(of_atom, weights, minlength=count).astype(np.int64)
    flexible = gathered(divisible, of_atom, count)
    if below is not None:
        # What the next level does not divide with the rest, or not at all, need not fit its band here.
        flexible[(np.bincount(of_atom) > 1) & (total > below.upper)] = 0
    of_lot = np.empty(count, np.int64)
    of_lot[of_atom] = ground
    later = np.zeros(count, np.bool_)
    later[[of_atom[demand.atoms[0]] for demand in joined if demand.draws and demand.depth > depth]] = True
    return Lots(contracted(graph, of_atom, count), total, flexible, of_lot, of_atom, later & (total == 0), band, below)


def _asks(demand: Demand, depth: int, households: int, band: Band) -> tuple[bool, bool]:
    """Whether a demand sets its atoms apart from the rest of a level, and whether it joins them."""
    if demand.rule == "together" and depth <= demand.depth:
        fits = households <= band.upper
        return not fits and demand.has_line, fits
    if demand.rule == "exclusive":
        return depth >= demand.depth, True
    if demand.rule == "exclave" and depth == demand.depth:
        return households >= band.lower, True
    return demand.draws and depth == demand.depth, demand.draws and depth <= demand.depth


def _joined(demands: Sequence[Demand], ground: Ints, graph: csr_array) -> Ints:
    """Lot of each atom: what a demand joins is one lot on each ground; what only stays together, if it touches."""
    links = [np.empty((0, 2), np.int64)]
    for demand in demands:
        atoms = demand.atoms
        piece = ground[atoms]
        if demand.rule == "together":
            inner = graph[atoms][:, atoms].tocoo()
            same = piece[inner.row] == piece[inner.col]
            links.append(np.column_stack([atoms[inner.row[same]], atoms[inner.col[same]]]))
        else:
            order = np.argsort(piece, kind="stable")
            same = piece[order][1:] == piece[order][:-1]
            links.append(np.column_stack([atoms[order][:-1][same], atoms[order][1:][same]]))
    pairs = np.concatenate(links)
    n = len(ground)
    linked = coo_array((np.ones(len(pairs), np.int8), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    # Numbered in the order of their first atoms, as atoms are.
    return connected_components(linked, directed=False)[1].astype(np.int64)
