"""Tiers: the cells of each level with their polygons, codes and households, before they become layers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gis.arrays import Geometries, Ints
from gis.coverage.certificate import Tiling
from gis.delineation.atoms import Atoms
from gis.delineation.bands import Band
from gis.delineation.codes import local_codes, number_cells
from gis.delineation.levels import Level
from gis.sources.town import Town


@dataclass(frozen=True)
class Tier:
    """One level of a plan.

    Several cells stand on one ground polygon where floors divide it; all others have a ground of their own.

    Attributes
    ----------
    name, band
        Of the level; communities have no band.
    of_atom : (n,) int64
        Ground of each atom.
    polygons : (g,) array of Polygons
        Of the grounds.
    parent : (g,) int64
        Ground in the tier above; nought for the top.
    ground : (c,) int64
        Ground of each cell; cells of one ground stand together, bottom first.
    households : (c,) int64
    codes, names
        Of the cells.
    """

    name: str
    band: Band | None
    of_atom: Ints
    polygons: Geometries
    parent: Ints
    ground: Ints
    households: Ints
    codes: list[str]
    names: list[str]

    def tiling(self, wholes: Geometries) -> Tiling:
        """Return the grounds as polygons that should tile the tier above."""
        return Tiling(self.name, self.polygons, self.parent, wholes)

    @property
    def ground_codes(self) -> list[str]:
        """Code of each ground: that of its lowest cell."""
        first = np.searchsorted(self.ground, np.arange(len(self.polygons)))
        return [self.codes[k] for k in first]


def tiers_of(
    town: Town, atoms: Atoms, nested: Sequence[Ints], levels: Sequence[Level], slices: Ints, of_unit: Ints
) -> list[Tier]:
    """Draw and number every level.

    Parameters
    ----------
    nested
        Ground of each atom, level by level (`gis.delineation.levels.nest`).
    slices : (g,) int64
        Number of cells on each ground of the lowest level.
    of_unit : (u,) int64
        Households in each cell of the lowest level.

    Returns
    -------
    list of Tier
        Communities first, where there are any.
    """
    tiers: list[Tier] = []
    if len(town.communities):
        tiers.append(_community_tier(town, atoms))
    prefixes = tiers[0].codes if tiers else None
    for depth, (level, of_atom) in enumerate(zip(levels, nested, strict=True)):
        count = int(of_atom.max()) + 1
        polygons = atoms.polygons(of_atom, count)
        parent = np.zeros(count, np.int64)
        if tiers:
            parent[of_atom] = tiers[-1].of_atom
        lowest = depth == len(levels) - 1
        ground = np.repeat(np.arange(count), slices) if lowest else np.arange(count)
        total = of_unit if lowest else np.bincount(of_atom, atoms.households, minlength=count).astype(np.int64)
        if prefixes is None:
            codes = local_codes(polygons[ground])
        else:
            codes = number_cells(polygons[ground], parent[ground], prefixes, depth)
        above = tiers[-1].names if tiers else [str(name) for name in town.area["name"]]
        names = [f"{above[parent[g]]} {_sequence(code, depth)}" for g, code in zip(ground, codes, strict=True)]
        tiers.append(Tier(level.name, level.band, of_atom, polygons, parent, ground, total, codes, names))
        prefixes = codes
    return tiers


def _community_tier(town: Town, atoms: Atoms) -> Tier:
    present, of_atom = np.unique(atoms.community, return_inverse=True)
    count = len(present)
    rows = town.communities.iloc[present]
    return Tier(
        "community",
        None,
        of_atom.astype(np.int64),
        atoms.polygons(of_atom, count),
        np.zeros(count, np.int64),
        np.arange(count),
        np.bincount(of_atom, atoms.households, minlength=count).astype(np.int64),
        [str(code) for code in rows["code"]],
        [str(name) for name in rows["name"]],
    )


def _sequence(code: str, depth: int) -> str:
    return str(int(code[-2:] if depth else code[-3:]))


def cell_table(tiers: Sequence[Tier], floors: pd.DataFrame) -> pd.DataFrame:
    """Every cell of every tier as a row of the plan's `cells`, without geometry.

    Parameters
    ----------
    tiers
        Top first.
    floors
        `floor_from`, `floor_to` by cell of the lowest tier; missing where floors do not divide it.
    """
    tables = []
    for above, tier in zip([None, *tiers], tiers, strict=False):
        ground_codes = tier.ground_codes
        parents = [None] * len(tier.codes) if above is None else [above.codes[tier.parent[g]] for g in tier.ground]
        table = pd.DataFrame(
            {
                "code": tier.codes,
                "level": tier.name,
                "parent_code": pd.array(parents, dtype="str"),
                "name": tier.names,
                "kind": np.where(tier.households > 0, "general", "unpopulated"),
                "households": tier.households,
                "ground_code": [ground_codes[g] for g in tier.ground],
            }
        )
        shared = floors if tier is tiers[-1] else floors.iloc[:0].reindex(range(len(table)))
        table[["floor_from", "floor_to"]] = shared[["floor_from", "floor_to"]].astype("Int64").to_numpy()
        tables.append(table)
    cells = pd.concat(tables, ignore_index=True)
    return cells.astype({"floor_from": "Int64", "floor_to": "Int64"})
