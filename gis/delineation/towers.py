"""Towers: a footprint with more households than a cell may have is divided between cells by its floors."""

import numpy as np
import pandas as pd

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
    total = np.bincount(ground, weights, minlength=len(tall)).astype(np.int64)
    slices = np.array([slice_count(int(h), band) if high else 1 for h, high in zip(total, tall, strict=True)], np.int64)
    piece = np.zeros(len(units), np.int64)
    divided = np.flatnonzero(slices[ground] > 1)
    order = divided[
        np.lexsort(
            (
                pd.factorize(units["entrance"].iloc[divided])[0],
                units["building"].iloc[divided],
                units["floor_from"].iloc[divided],
                ground[divided],
            )
        )
    ]
    starts = np.flatnonzero(np.append(True, np.diff(ground[order]) != 0)) if len(order) else []
    for rows in np.split(order, starts[1:]) if len(order) else []:
        g = ground[rows[0]]
        middle = np.cumsum(weights[rows]) - weights[rows] / 2
        piece[rows] = np.minimum((middle * slices[g] / total[g]).astype(np.int64), slices[g] - 1)
    return np.cumsum(slices)[ground] - slices[ground] + piece, slices


def slice_count(total: int, band: Band) -> int:
    """Number of cells for a ground of this many households: the feasible count nearest the band's middle."""
    if total <= band.upper:
        return 1
    fewest, most = band.counts(total)
    nearest = band.nearest_count(total)
    return min(max(nearest, fewest), most) if fewest <= most else max(nearest, 1)
