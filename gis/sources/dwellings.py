"""Dwellings by entrance and floors: the detail that lets a tower be divided."""

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio

from gis.errors import InputError
from gis.sources.buildings import given_households, whole_numbers
from gis.sources.columns import find_column, text_column
from gis.sources.files import Source
from gis.sources.privacy import refuse_personal

LAYER: Final = "dwellings"
_LOWEST_FLOOR: Final = -9


def no_dwellings() -> pd.DataFrame:
    """Return the table without rows."""
    return pd.DataFrame(
        {
            "building_id": pd.Series(dtype="str"),
            "entrance": pd.Series(dtype="str"),
            "floor_from": pd.Series(dtype="int64"),
            "floor_to": pd.Series(dtype="int64"),
            "households": pd.Series(dtype="int64"),
        }
    )


def read_dwellings(source: Source) -> pd.DataFrame:
    """Read the table `dwellings` beside a layer of buildings.

    Returns
    -------
    pandas.DataFrame
        `building_id`, `entrance`, `floor_from`, `floor_to`, `households`; empty where the file has no
        such table.

    Raises
    ------
    InputError
        Where a column is missing, floors run downwards, or households are no counts.
    """
    if source.path.suffix.casefold() != ".gpkg" or LAYER not in source.layers():
        return no_dwellings()
    where = f"{source.path.name}, layer {LAYER}"
    table = pyogrio.read_dataframe(source.path, layer=LAYER, read_geometry=False)
    table.index = pd.RangeIndex(1, len(table) + 1, name="row")
    refuse_personal(table.columns, where)
    meanings = {name: name for name in no_dwellings().columns} | {"building_id": "building_ref"}
    columns = {name: find_column(table.columns, meaning) for name, meaning in meanings.items()}
    needed = {name: column for name, column in columns.items() if column is not None}
    if missing := [name for name in columns if name not in needed and name != "entrance"]:
        raise InputError(f"{where}: no column {', '.join(missing)}: add it, or leave the table out")
    low, high = (
        whole_numbers(table, needed[name], where, "give the number of a floor", least=_LOWEST_FLOOR)
        for name in ("floor_from", "floor_to")
    )
    downwards = low > high
    if downwards.any():
        row = int(np.argmax(downwards))
        span = f"{low[row]:.0f} to {high[row]:.0f}"
        raise InputError(f"{where}, row {row + 1}: floors {span} run downwards: exchange them")
    return pd.DataFrame(
        {
            "building_id": text_column(table, columns["building_id"]),
            "entrance": text_column(table, columns["entrance"]),
            "floor_from": low.astype("int64"),
            "floor_to": high.astype("int64"),
            "households": given_households(table, needed["households"], where).astype("int64"),
        }
    ).reset_index(drop=True)


def check_dwellings(buildings: gpd.GeoDataFrame, dwellings: pd.DataFrame) -> None:
    """Check that dwellings belong to known buildings.

    Raises
    ------
    InputError
        Naming the first dwelling's building that is not there.
    """
    unknown = ~dwellings["building_id"].isin(buildings["building_id"])
    if unknown.any():
        raise InputError(
            f"dwellings: building '{dwellings['building_id'][unknown].iloc[0]}' is not among the buildings "
            f"({int(unknown.sum())} rows): correct the building_id"
        )


def settle_dwellings(buildings: gpd.GeoDataFrame, dwellings: pd.DataFrame) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Bring buildings and their dwellings into agreement.

    Returns
    -------
    tuple
        The buildings, those without a number having the sum of their dwellings as `given`; the dwellings
        of these buildings.

    Raises
    ------
    InputError
        Naming a building whose number is not the sum of its dwellings.
    """
    kept = dwellings[dwellings["building_id"].isin(buildings["building_id"])].reset_index(drop=True)
    total = buildings["building_id"].map(kept.groupby("building_id")["households"].sum()).to_numpy("float64")
    given = buildings["given"].to_numpy("float64")
    differing = ~np.isnan(total) & ~np.isnan(given) & (total != given)
    if differing.any():
        row = int(np.argmax(differing))
        raise InputError(
            f"building '{buildings['building_id'].iloc[row]}': {given[row]:.0f} households, but its "
            f"dwellings have {total[row]:.0f} ({int(differing.sum())} buildings differ): make them agree"
        )
    return buildings.assign(given=np.where(np.isnan(given), total, given)), kept
