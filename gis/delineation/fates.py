"""Fates: what became of every demand, for the plan's metadata and its exceptions."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import shapely

from gis.arrays import Geometries
from gis.delineation.apart import groups_apart
from gis.delineation.demands import Demand
from gis.delineation.tiers import Tier
from gis.sources.rules import has_width

Fate = tuple[bool, str]
_SHARED: Final = "they stand on land that cannot be parted"


def fates_of(demands: Sequence[Demand], tiers: Sequence[Tier], buildings: Geometries) -> list[dict[str, Any]]:
    """Say of every feature whether its rule was kept.

    Parameters
    ----------
    demands
        What planners ruled.
    tiers
        Of the levels, top first, without communities.
    buildings
        Footprints or points: a line is led around those that stand across it.

    Returns
    -------
    list of dict
        `row`, `rule`, `name`, `level`, `kept`, `reason` (a sentence; empty where nothing need be said), by row.
    """
    fates = []
    for demand in demands:
        if demand.draws:
            kept, reason = _drawn(demand, tiers[demand.depth], buildings)
        elif demand.rule == "together":
            kept, reason = _together(demand, tiers)
        else:
            kept, reason = _apart(demand, demands, tiers[demand.depth])
        level = tiers[demand.depth].name
        fates += [
            {"row": row, "rule": demand.rule, "name": demand.name, "level": level, "kept": kept, "reason": reason}
            for row in demand.rows
        ]
    return sorted(fates, key=lambda fate: int(fate["row"]))


def _drawn(demand: Demand, tier: Tier, buildings: Geometries) -> Fate:
    grounds = np.unique(tier.of_atom[demand.atoms])
    if len(grounds) > 1:
        return False, f"It lies in {len(grounds)} cells: {_names(tier, grounds)}."
    held = tier.households_of(grounds[0])
    polygon = tier.polygons[grounds[0]]
    if demand.rule == "exclave" and np.isin(tier.of_atom, grounds).sum() > len(demand.atoms):
        return True, f"With too few households for a cell of its own, it was joined by neighbours: {held} in all."
    off = shapely.symmetric_difference(polygon, demand.shape)
    across = buildings[shapely.STRtree(buildings).query(shapely.boundary(demand.shape), predicate="intersects")]
    across = across[shapely.area(across) > 0]
    if has_width(shapely.difference(off, shapely.union_all(across))):
        return False, (
            f"{off.area:.0f} m² lie on the wrong side of its line, where buildings stand across it: move the line off "
            "them, or draw it wider."
        )
    if has_width(off):
        return True, f"Its line is led around buildings that stand across it ({off.area:.0f} m²)."
    return True, ""


def _together(demand: Demand, tiers: Sequence[Tier]) -> Fate:
    divided = list(_not_held(demand, tiers))
    return all(followed for followed, _, _ in divided), " ".join(reason for _, _, reason in divided)


def _not_held(demand: Demand, tiers: Sequence[Tier]) -> Iterator[tuple[bool, Tier, str]]:
    """Levels at which what stays together lies in several cells: whether its line is followed there, and why."""
    for tier in tiers[: demand.depth + 1]:
        grounds = np.unique(tier.of_atom[demand.atoms])
        if len(grounds) == 1 or tier.band is None:
            continue
        total = demand.households
        mixed = len(np.setdiff1d(np.flatnonzero(np.isin(tier.of_atom, grounds)), demand.atoms)) > 0
        followed = total > tier.band.upper and not mixed
        why = f"holds {total} households" if demand.has_line else f"needs land with {total} households to hang together"
        if total > tier.band.upper:
            where = "its outer line is followed instead" if followed else "it is divided with the land around it"
            reason = f"{demand.subject} {why}, more than the {tier.band.upper} of a cell of '{tier.name}': {where}."
        else:
            reason = f"{demand.subject} lies in {len(grounds)} cells of '{tier.name}': another line cuts it."
        yield followed, tier, reason


def together_exceptions(demands: Sequence[Demand], tiers: Sequence[Tier]) -> list[tuple[str, str, str]]:
    """Exceptions of the cells among which something that stays together had to be divided: code, rule, reason."""
    rows = []
    for demand in demands:
        if demand.rule != "together":
            continue
        for _, tier, reason in _not_held(demand, tiers):
            cells = np.flatnonzero(np.isin(tier.ground, tier.of_atom[demand.atoms]))
            rows += [(tier.codes[cell], "together", reason) for cell in cells]
    return rows


def apart_exceptions(demands: Sequence[Demand], tiers: Sequence[Tier]) -> list[tuple[str, str, str]]:
    """Exceptions of the cells that hold what was to be kept apart: code, rule, reason."""
    rows = []
    for depth, tier in enumerate(tiers):
        for group, held in groups_apart(demands, depth).items():
            of_cell: dict[int, list[str]] = {}
            for demand in held:
                for ground in np.unique(tier.of_atom[demand.atoms]).tolist():
                    of_cell.setdefault(ground, []).append(demand.title)
            rows += [
                (tier.ground_codes[ground], "apart", f"Holds {' and '.join(names)} of group '{group}': {_SHARED}.")
                for ground, names in of_cell.items()
                if len(names) > 1
            ]
    return rows


def _apart(demand: Demand, demands: Sequence[Demand], tier: Tier) -> Fate:
    mine = np.unique(tier.of_atom[demand.atoms])
    for other in groups_apart(demands, demand.depth)[demand.group]:
        both = np.intersect1d(mine, tier.of_atom[other.atoms])
        if other is not demand and len(both):
            return False, f"It shares {_names(tier, both)} with the {other.title}: {_SHARED}."
    return True, ""


def _names(tier: Tier, grounds: np.ndarray) -> str:
    return ", ".join(tier.ground_codes[ground] for ground in grounds)
