"""Towers: a footprint with more households than a cell may have is divided between cells by its floors."""

from collections.abc import Collection

import numpy as np
import pandas as pd

from gis.arrays import Ints
from gis.compiled import compiled
from gis.delineation.bands import Band

# What a cut inside a building weighs against squared households off the target; inside an entrance twice that.
_CUT_WEIGHT = 4.0


def dwelling_units(buildings: pd.DataFrame, dwellings: pd.DataFrame) -> pd.DataFrame:
    """List every household once: by entrance and floor where known, spread evenly over the floors otherwise.

    Parameters
    ----------
    buildings
        `building_id`, `households`, `floors` (0 where unknown).
    dwellings
        `building_id`, `entrance`, `floor_from`, `floor_to`, `households` of the buildings with given detail.

    Returns
    -------
    pandas.DataFrame
        `building` (row of `buildings`), `entrance`, `floor_from`, `floor_to`, `households` (≥ 1).
    """
    row_of = pd.Series(np.arange(len(buildings)), index=buildings["building_id"].to_numpy())
    given = dwellings.assign(building=row_of.reindex(dwellings["building_id"]).to_numpy())
    given = given[(given["households"] > 0) & given["building"].notna()]
    rest = np.flatnonzero(
        (buildings["households"].to_numpy() > 0) & ~np.isin(np.arange(len(buildings)), given["building"].to_numpy())
    )
    floors = np.maximum(buildings["floors"].to_numpy()[rest], 1).astype(np.int64)
    building = np.repeat(rest, floors)
    floor = np.arange(len(building)) - np.repeat(np.cumsum(floors) - floors, floors)
    total = np.repeat(buildings["households"].to_numpy()[rest], floors).astype(np.int64)
    storeys = np.repeat(floors, floors)
    # Cumulative rounding puts the sum right to the unit.
    share = (floor + 1) * total // storeys - floor * total // storeys
    spread = pd.DataFrame(
        {
            "building": building,
            "entrance": "",
            "floor_from": floor + 1,
            "floor_to": floor + 1,
            "households": share,
        }
    )
    units = pd.concat([given[list(spread.columns)], spread[spread["households"] > 0]], ignore_index=True)
    return units.astype({"building": "int64", "floor_from": "int64", "floor_to": "int64", "households": "int64"})


def divisible(buildings: pd.DataFrame, units: pd.DataFrame, most: int) -> Ints:
    """Households of buildings that floors or entrances divide, and the most on one floor.

    Returns
    -------
    (b, 2) int64
        Nought for a building of one floor, and for one that has more households on a floor than a cell may have.
    """
    largest = np.zeros(len(buildings), np.int64)
    np.maximum.at(largest, units["building"].to_numpy(), units["households"].to_numpy(np.int64))
    several = np.bincount(units["building"], minlength=len(buildings)) > 1
    both = np.column_stack([buildings["households"].to_numpy(np.int64), largest])
    return np.where((several & (largest <= most))[:, None], both, 0)


def gathered(divisible: Ints, of: Ints, count: int) -> Ints:
    """Sum what is divisible over numbered groups, and take the fullest floor of each."""
    total = np.zeros((count, 2), np.int64)
    np.add.at(total[:, 0], of, divisible[:, 0])
    np.maximum.at(total[:, 1], of, divisible[:, 1])
    return total


def slice_grounds(
    units: pd.DataFrame, ground: Ints, count: int, band: Band, whole: Collection[int] = ()
) -> tuple[Ints, Ints]:
    """Divide the dwellings of grounds with more households than a cell may have.

    Divisible buildings are cut in the order building, entrance, floor, rather between buildings than between entrances
    and rather there than between floors; buildings that cannot be divided fill up where households are missing.

    Parameters
    ----------
    units
        From `dwelling_units`.
    ground : (u,) int64
        Ground polygon of each unit.
    count
        Number of ground polygons.
    band
        Of the lowest level.
    whole
        Grounds that stay one cell, whatever stands on them.

    Returns
    -------
    cell : (u,) int64
        Cell of each unit; cells of one ground stand together.
    slices : (count,) int64
        Number of cells on each ground.
    """
    weights = units["households"].to_numpy()
    building = units["building"].to_numpy()
    entrance = pd.factorize(units["entrance"], sort=True)[0]
    full = np.bincount(ground, weights, minlength=count) > band.upper
    full[list(whole)] = False
    order = np.lexsort((units["floor_from"], entrance, building, ground))
    order = order[full[ground[order]]]
    storeyed = (np.bincount(building) > 1)[building]
    piece = np.zeros(len(units), np.int64)
    for rows in np.split(order, np.flatnonzero(np.diff(ground[order])) + 1) if len(order) else []:
        run, filling = rows[storeyed[rows]], rows[~storeyed[rows]]
        inside = _inside(building[run], entrance[run])
        piece[run], piece[filling] = _best_slices(weights[run], inside, weights[filling], band)
    slices = np.ones(count, np.int64)
    np.maximum.at(slices, ground, piece + 1)
    return np.cumsum(slices)[ground] - slices[ground] + piece, slices


def runs_of(units: pd.DataFrame, count: int) -> Ints:
    """Cut dwellings, in the order they have, into runs of about as many households, rather between buildings.

    Parameters
    ----------
    units
        From `dwelling_units`, at least as many as runs.
    count
        Number of runs.

    Returns
    -------
    (u,) int64
        Run of each, from 0; none is empty.
    """
    weights = units["households"].to_numpy(np.int64)
    inside = _inside(units["building"].to_numpy(), units["entrance"].to_numpy())
    return _cut(weights, inside, count, int(weights.sum()) / count)


def _inside(building: Ints, entrance: Ints) -> Ints:
    """Say of each place to cut a run whether it is between buildings (0), entrances (1) or floors (2)."""
    inside = (building[1:] == building[:-1]).astype(np.int64)
    return inside + inside * (entrance[1:] == entrance[:-1])


def _best_slices(run: Ints, inside: Ints, filling: Ints, band: Band) -> tuple[Ints, Ints]:
    """Try every sensible number of cells: the slice of each floor in order, and of each building that fills up."""
    total = int(run.sum() + filling.sum())
    fewest, most = sorted((-(-total // band.upper), max(total // band.lower, 1)))
    best, least = (np.zeros(len(run), np.int64), np.zeros(len(filling), np.int64)), np.inf
    pieces = max(len(run), 1)
    for count in sorted({1, *range(min(fewest, pieces), min(most, pieces) + 1)}):
        piece = _cut(run, inside, count, total / count)
        held = np.bincount(piece, run, minlength=count)
        filled = np.zeros(len(filling), np.int64)
        for k in np.argsort(-filling, kind="stable"):
            filled[k] = held.argmin()
            held[filled[k]] += filling[k]
        off = np.maximum(band.lower - held, held - band.upper)
        missing = float((off > 0).sum() + 1e-3 * off[off > 0].sum() + 1e-6 * np.abs(held - band.middle).sum())
        if missing < least:
            best, least = (piece, filled), missing
    return best


@compiled
def _cut(weights: Ints, inside: Ints, count: int, target: float) -> Ints:
    """Cut a run into consecutive pieces near the target, rather below it, by dynamic programming.

    `inside` says of each place to cut whether it is between buildings (0), entrances (1) or floors (2).
    """
    n = len(weights)
    before = np.zeros(n + 1)
    before[1:] = np.cumsum(weights)
    cost = np.full((count + 1, n + 1), np.inf)
    came = np.zeros((count + 1, n + 1), np.int64)
    cost[0, 0] = 0.0
    for m in range(1, count + 1):
        for end in range(m, n + 1):
            for start in range(end - 1, m - 2, -1):
                off = before[end] - before[start] - target
                value = cost[m - 1, start] + off * off * (4.0 if off > 0 else 1.0)
                value += _CUT_WEIGHT * inside[start - 1] if start else 0.0
                if value < cost[m, end]:
                    cost[m, end], came[m, end] = value, start
                if off > 2 * target:
                    break
    piece = np.zeros(n, np.int64)
    end = n
    for m in range(count, 0, -1):
        start = came[m, end]
        piece[start:end] = m - 1
        end = start
    return piece
