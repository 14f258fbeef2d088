"""Tiers: the cells of each level with their polygons, codes and households, before they become layers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from gis.arrays import Geometries, Ints
from gis.coverage.certificate import Tiling
from gis.delineation.atoms import Atoms
from gis.delineation.bands import Band
from gis.delineation.codes import LOWER_DIGITS, local_codes, number_cells, sequence
from gis.delineation.demands import Demand
from gis.delineation.levels import Level
from gis.errors import InputError
from gis.plan import COMMUNITY
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
    drawn
        By ground, the rule that draws it as it is.
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
    drawn: Mapping[int, Demand] = field(default_factory=dict)

    def tiling(self, wholes: Geometries) -> Tiling:
        """Return the grounds as polygons that should tile the tier above."""
        return Tiling(self.name, self.polygons, self.parent, wholes)

    @property
    def ground_codes(self) -> list[str]:
        """Code of each ground: that of its lowest cell."""
        first = np.searchsorted(self.ground, np.arange(len(self.polygons)))
        return [self.codes[k] for k in first]

    def households_of(self, ground: int) -> int:
        """Households on a ground."""
        return int(self.households[self.ground == ground].sum())


def tiers_of(
    town: Town,
    atoms: Atoms,
    nested: Sequence[Ints],
    levels: Sequence[Level],
    slices: Ints,
    of_unit: Ints,
    demands: Sequence[Demand] = (),
) -> list[Tier]:
    """Draw and number every level.

    Parameters
    ----------
    nested
        Ground of each atom, level by level (`gis.delineation.nest.nest`).
    slices : (g,) int64
        Number of cells on each ground of the lowest level.
    of_unit : (u,) int64
        Households in each cell of the lowest level.
    demands
        What planners rule; cells that they draw take their names, codes and kinds.

    Returns
    -------
    list of Tier
        Communities first, where there are any.

    Raises
    ------
    InputError
        Where a code cannot be given, or there are too few codes.
    """
    tiers: list[Tier] = []
    if len(town.communities):
        tiers.append(_community_tier(town, atoms))
    prefixes = tiers[0].codes if tiers else None
    drawn = [drawn_at(demands, depth, of_atom) for depth, of_atom in enumerate(nested)]
    wanted = _wanted_codes(drawn, nested)
    for depth, (level, of_atom) in enumerate(zip(levels, nested, strict=True)):
        count = int(of_atom.max()) + 1
        polygons = atoms.polygons(of_atom, count)
        parent = np.zeros(count, np.int64)
        if tiers:
            parent[of_atom] = tiers[-1].of_atom
        lowest = depth == len(levels) - 1
        ground = np.repeat(np.arange(count), slices) if lowest else np.arange(count)
        total = of_unit if lowest else np.bincount(of_atom, atoms.households, minlength=count).astype(np.int64)
        given = {int(np.searchsorted(ground, g)): code for g, code in wanted[depth].items()}
        if prefixes is None:
            codes = local_codes(polygons[ground], given)
        else:
            codes = number_cells(polygons[ground], parent[ground], prefixes, depth, given)
        above = tiers[-1].names if tiers else [str(name) for name in town.area["name"]]
        names = [
            (g in drawn[depth] and drawn[depth][g].name) or f"{above[parent[g]]} {sequence(code, depth)}"
            for g, code in zip(ground.tolist(), codes, strict=True)
        ]
        tiers.append(Tier(level.name, level.band, of_atom, polygons, parent, ground, total, codes, names, drawn[depth]))
        prefixes = codes
    return tiers


def drawn_at(demands: Sequence[Demand], depth: int, of_atom: Ints) -> dict[int, Demand]:
    """Grounds of a level that a rule draws: of an exclusive cell, at every level below its own too."""
    return {
        int(of_atom[demand.atoms[0]]): demand
        for demand in demands
        if demand.draws and (demand.depth == depth or (demand.rule == "exclusive" and demand.depth < depth))
    }


def _wanted_codes(drawn: Sequence[Mapping[int, Demand]], nested: Sequence[Ints]) -> list[dict[int, str]]:
    """Codes that planners gave, by level and ground; the parent of a cell with a code has the beginning of it."""
    wanted: list[dict[int, str]] = [{} for _ in drawn]
    asked: list[dict[int, Demand]] = [{} for _ in drawn]
    for depth in reversed(range(len(drawn))):
        for ground, demand in drawn[depth].items():
            if demand.code and demand.depth == depth:
                _want(wanted[depth], asked[depth], ground, demand.code, demand)
        if depth:
            above = np.zeros(int(nested[depth].max()) + 1, np.int64)
            above[nested[depth]] = nested[depth - 1]
            for ground, code in wanted[depth].items():
                demand = asked[depth][ground]
                _want(wanted[depth - 1], asked[depth - 1], int(above[ground]), code[:-LOWER_DIGITS], demand)
    return wanted


def _want(wanted: dict[int, str], asked: dict[int, Demand], ground: int, code: str, demand: Demand) -> None:
    for other, taken in wanted.items():
        if (other == ground) != (taken == code):
            raise InputError(
                f"{demand.title}: code '{demand.code}': with that of the {asked[other].title} ('{asked[other].code}') "
                "it does not fit how they lie in their parents: give codes that begin with the same parent's, or none"
            )
    wanted[ground], asked[ground] = code, demand


def _community_tier(town: Town, atoms: Atoms) -> Tier:
    present, of_atom = np.unique(atoms.community, return_inverse=True)
    count = len(present)
    rows = town.communities.iloc[present]
    return Tier(
        COMMUNITY,
        None,
        of_atom.astype(np.int64),
        atoms.polygons(of_atom, count),
        np.zeros(count, np.int64),
        np.arange(count),
        np.bincount(of_atom, atoms.households, minlength=count).astype(np.int64),
        [str(code) for code in rows["code"]],
        [str(name) for name in rows["name"]],
    )


def _kinds(tier: Tier) -> list[str]:
    exclusive = {ground for ground, demand in tier.drawn.items() if demand.rule == "exclusive"}
    general = np.where(tier.households > 0, "general", "unpopulated").tolist()
    return [
        "exclusive" if ground in exclusive else kind for ground, kind in zip(tier.ground.tolist(), general, strict=True)
    ]


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
                "kind": _kinds(tier),
                "households": tier.households,
                "ground_code": [ground_codes[g] for g in tier.ground],
            }
        )
        shared = floors if tier is tiers[-1] else floors.iloc[:0].reindex(range(len(table)))
        table[["floor_from", "floor_to"]] = shared[["floor_from", "floor_to"]].astype("Int64").to_numpy()
        tables.append(table)
    cells = pd.concat(tables, ignore_index=True)
    return cells.astype({"floor_from": "Int64", "floor_to": "Int64"})
