"""Towers: a footprint with more households than a cell may have is divided between cells by its floors."""

import numpy as np
import pandas as pd
from numba import njit

from gis.coverage.lattice import Bools, Ints
from gis.delineation.bands import Band


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
        {"building": building, "entrance": "", "floor_from": floor + 1, "floor_to": floor + 1, "households": share}
    )
    units = pd.concat([given[list(spread.columns)], spread[spread["households"] > 0]], ignore_index=True)
    return units.astype({"building": "int64", "floor_from": "int64", "floor_to": "int64", "households": "int64"})


def divisible(buildings: pd.DataFrame, units: pd.DataFrame) -> Bools:
    """Which buildings have more than one floor or entrance to divide."""
    return np.bincount(units["building"], minlength=len(buildings)) > 1


def slice_grounds(units: pd.DataFrame, ground: Ints, tall: Bools, band: Band) -> tuple[Ints, Ints]:
    """Divide the dwellings of each ground polygon into cells by floors.

    Parameters
    ----------
    units
        From `dwelling_units`.
    ground : (u,) int64
        Ground polygon of each unit.
    tall : (g,) bool
        Ground polygons that hold a tower.
    band
        Of the lowest level.

    Returns
    -------
    cell : (u,) int64
        Cell of each unit: cells of one ground stand together, bottom first, as even as whole units allow.
    slices : (g,) int64
        Number of cells on each ground.
    """
    weights = units["households"].to_numpy()
    piece = np.zeros(len(units), np.int64)
    stacked = np.flatnonzero(tall[ground])
    order = stacked[
        np.lexsort(
            (
                pd.factorize(units["entrance"].iloc[stacked])[0],
                units["building"].iloc[stacked],
                units["floor_from"].iloc[stacked],
                ground[stacked],
            )
        )
    ]
    starts = np.flatnonzero(np.diff(ground[order])) + 1
    for rows in np.split(order, starts) if len(order) else []:
        piece[rows] = cut_run(weights[rows], band)
    slices = np.ones(len(tall), np.int64)
    np.maximum.at(slices, ground, piece + 1)
    return np.cumsum(slices)[ground] - slices[ground] + piece, slices


def cut_run(weights: Ints, band: Band) -> Ints:
    """Cut a run of dwellings into consecutive cells that miss their band least, and then are most even.

    Parameters
    ----------
    weights : (n,) int64
        Households in order, bottom first.
    band
        Of a cell.

    Returns
    -------
    (n,) int64
        Cell of each, from 0.
    """
    total = int(weights.sum())
    if total <= band.upper:
        return np.zeros(len(weights), np.int64)
    most = min(-(-total // band.lower), len(weights))
    return _cut(weights, band.lower, band.upper, most)


@njit(cache=True)
def _cut(weights: Ints, lower: int, upper: int, most: int) -> Ints:
    """Choose cuts by dynamic programming over prefixes: cost of a cell is its squared miss, then its squared lean."""
    n = len(weights)
    before = np.zeros(n + 1)
    before[1:] = np.cumsum(weights)
    middle = (lower + upper) / 2
    cost = np.full((most + 1, n + 1), np.inf)
    came = np.zeros((most + 1, n + 1), np.int64)
    cost[0, 0] = 0.0
    for m in range(1, most + 1):
        for end in range(m, n + 1):
            for start in range(end - 1, m - 2, -1):
                held = before[end] - before[start]
                miss = max(lower - held, held - upper, 0.0)
                value = cost[m - 1, start] + miss * miss * 1e4 + (held - middle) ** 2
                if value < cost[m, end]:
                    cost[m, end], came[m, end] = value, start
                if held > 2 * upper and start < end - 1:
                    break
    piece = np.zeros(n, np.int64)
    end = n
    for m in range(np.argmin(cost[:, n]), 0, -1):
        start = came[m, end]
        piece[start:end] = m - 1
        end = start
    return piece
