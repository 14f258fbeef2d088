"""Exceptions: every cell that is not as it should be, with a sentence a planner can act on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from gis.arrays import Ints
from gis.delineation.bands import Band
from gis.delineation.demands import Demand
from gis.delineation.fates import apart_exceptions, together_exceptions
from gis.delineation.nest import Nested
from gis.delineation.shorten import WalkCap
from gis.delineation.tiers import Tier

Row = tuple[str, str, str]


def exceptions_of(
    tiers: Sequence[Tier],
    nested: Sequence[Nested],
    land: "Land",
    demands: Sequence[Demand] = (),
    cap: WalkCap | None = None,
) -> pd.DataFrame:
    """List every cell that is out of its band, in several parts, with a hole, or not as planners demanded.

    Parameters
    ----------
    tiers
        All, communities included.
    nested
        How the levels were divided.
    land
        What there was to divide.
    demands, cap
        What planners ruled.

    Returns
    -------
    pandas.DataFrame
        `cell_code`, `rule` (households, exclave, hole, together, apart, walk), `reason`.
    """
    levels = tiers[len(tiers) - len(nested) :]
    rows: list[Row] = []
    for tier in tiers[: len(tiers) - len(nested)]:
        rows += shape_exceptions(tier)
    for tier, level in zip(levels, nested, strict=True):
        rows += _out_of_band(tier, level, land)
        rows += shape_exceptions(tier)
    rows += together_exceptions(demands, levels)
    rows += apart_exceptions(demands, levels)
    if cap is not None:
        rows += _long_walks(levels[-1], cap)
    return pd.DataFrame(rows, columns=["cell_code", "rule", "reason"], dtype="str")


def _out_of_band(tier: Tier, level: Nested, land: "Land") -> Iterator[Row]:
    band = tier.band
    for ground, code, households in zip(tier.ground.tolist(), tier.codes, tier.households.tolist(), strict=True):
        if band is None or band.holds(households):
            continue
        if ground in tier.drawn:
            demand = tier.drawn[ground]
            how = "and not held to the band" if demand.rule == "exclusive" else "with the households that live in it"
            yield code, "households", f"{demand.rule.capitalize()} as demanded ({demand.title}), {how}."
        else:
            yield code, "households", land.reason(level.of_atom, level.ground, ground, households, band)


def shape_exceptions(tier: Tier) -> Iterator[Row]:
    """Yield a row for each cell that is in several parts or has a hole."""
    for ground, code in zip(tier.ground.tolist(), tier.codes, strict=True):
        polygon = tier.polygons[ground]
        parts = shapely.get_num_geometries(polygon)
        if parts > 1:
            yield code, "exclave", f"Given in {parts} parts that do not touch: declared as it was given."
        if any(shapely.get_num_interior_rings(part) for part in shapely.get_parts(polygon)):
            yield code, "hole", "Surrounds land of another cell: it is reached through this one."


def _long_walks(tier: Tier, cap: WalkCap) -> Iterator[Row]:
    walks = cap.walks(np.arange(len(tier.of_atom)), tier.of_atom)
    for ground, code in enumerate(tier.ground_codes):
        if walks[ground] <= cap.metres:
            continue
        long = f"Its longest walk is {walks[ground]:.0f} m, more than {cap.metres:.0f} m"
        if ground in tier.drawn:
            yield code, "walk", f"{long}: {tier.drawn[ground].rule} as demanded ({tier.drawn[ground].title})."
        else:
            why = "its households live far apart, and no exchange with its neighbours that keeps the band shortens it"
            yield code, "walk", f"{long}: {why}. Accept it, or widen the band."


@dataclass(frozen=True)
class Land:
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

    def reason(self, of_atom: Ints, ground: Ints, cell: int, households: int, band: Band) -> str:
        """Say why a cell could not be brought into its band.

        Parameters
        ----------
        of_atom : (n,) int64
            Ground polygon of each atom at this level.
        ground : (n,) int64
            Land that cells of this level do not leave: their parent, or what is set apart in it.
        cell
            The ground polygon in question.
        households
            Of the cell (of one of its floors' cells, where they divide it).
        band
            The band missed.
        """
        atoms = np.flatnonzero(of_atom == cell)
        siblings = np.flatnonzero(ground == ground[atoms[0]])
        inner = self.graph[siblings][:, siblings]
        count, component = connected_components(inner, directed=False)
        mine = siblings[component == component[np.searchsorted(siblings, atoms[0])]]
        total = int(self.weights[mine].sum())
        where = "in a part of its parent that nothing joins to the rest" if count > 1 else "within its lines"
        if not total:
            return f"Nobody lives {where}: nothing to share out. Accept it, or draw it into a neighbour."
        if not households:
            return "Nobody lives here: left out of the cells around it, which would be too long with it. Accept it."
        if total < band.lower:
            return (
                f"Only {_households(total)} {where}, fewer than {band.lower}: no neighbour may add to them. "
                "Accept it, or move the line around it."
            )
        if not band.divides(total):
            fewest, most = band.counts(total)
            return (
                f"{total} households live {where}: {_too_many(most, band)}, {_too_few(fewest, band)}. "
                "Widen the band, or move the line around them."
            )
        return self._indivisible(atoms, of_atom, ground, households, band)

    def _indivisible(self, atoms: Ints, of_atom: Ints, ground: Ints, households: int, band: Band) -> str:
        heaviest = int(self.weights[atoms].max())
        if heaviest > band.upper and not band.divides(heaviest):
            fewest, most = band.counts(heaviest)
            return (
                f"One building holds {heaviest} households: {_too_many(most, band)}, {_too_few(fewest, band)}, and no "
                "exchange with its neighbours that was tried made up for it. Accept it, or move its boundary."
            )
        if heaviest > band.upper:
            return (
                f"One building holds {heaviest} households, more than {band.upper}, and its known floors and entrances "
                "do not share them out evenly. Give finer ones, or accept it."
            )
        sums = [str(self.weights[of_atom == k].sum()) for k in self._neighbours(atoms, of_atom, ground)]
        against = band.missed(households)
        tried = f"no exchange tried with its neighbours ({', '.join(sums)}) brought it into band"
        return (
            f"{households} households, {against}: buildings stay whole (its largest holds {heaviest}), and "
            f"{tried if sums else 'it has no neighbour to exchange with'}. Accept it, or move its boundary by hand."
        )

    def _neighbours(self, atoms: Ints, of_atom: Ints, ground: Ints) -> Ints:
        near = np.unique(self.graph[atoms].indices)
        same = ground[near] == ground[atoms[0]]
        cells = np.unique(of_atom[near[same]])
        return cells[cells != of_atom[atoms[0]]]


def _households(count: int) -> str:
    return "one household lives" if count == 1 else f"{count} households live"


def _cells(count: int) -> str:
    return "one cell" if count == 1 else f"{count} cells"


def _too_many(cells: int, band: Band) -> str:
    each = " each" if cells > 1 else ""
    return f"{_cells(max(cells, 1))} would have more than {band.upper}{each}"


def _too_few(cells: int, band: Band) -> str:
    return f"{_cells(cells)} fewer than {band.lower}" + (" each" if cells > 1 else "")
