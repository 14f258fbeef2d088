"""A separate list of households: joined to the buildings by id, by place or by address."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.errors import InputError
from gis.sources.addresses import full_address, nearest_buildings
from gis.sources.buildings import floors_of, given_households
from gis.sources.columns import find_column, named_column, text_column
from gis.sources.files import Source, check_crs, read_table
from gis.sources.left_out import LeftOut

_NOT_SAID: Final = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Register:
    """A list of households.

    Attributes
    ----------
    rows
        `building_id`, `address` (text, empty where not given), `households` (float; 1 a row where the
        list has no such column), `floors` (0 where unknown), and geometry where the list has points.
    where
        The file, for messages.
    counts_rows
        Whether each row stands for one household.
    """

    rows: pd.DataFrame
    where: str
    counts_rows: bool


def read_register(source: Source, household_column: str | None) -> Register:
    """Read a list of households from any table or point layer.

    Raises
    ------
    InputError
        Where nothing in it says which building a row belongs to, or a number of households cannot be one.
    """
    table = read_table(source)
    table.index = pd.RangeIndex(1, len(table) + 1, name="row")
    column = find_column(table.columns, "households")
    if household_column is not None:
        column = named_column(table.columns, household_column, str(source))
    number, street = (text_column(table, find_column(table.columns, meaning)) for meaning in ("number", "street"))
    written = text_column(table, find_column(table.columns, "address"))
    joined = [full_address(n, s) if s else "" for n, s in zip(number, street, strict=True)]
    rows = pd.DataFrame(
        {
            "building_id": text_column(table, find_column(table.columns, "building_ref")),
            "address": written.where(written != "", pd.Series(joined, index=table.index, dtype="str")),
            "households": 1.0 if column is None else given_households(table, column, str(source)),
            "floors": floors_of(text_column(table, find_column(table.columns, "floors"))),
        }
    )
    if isinstance(table, gpd.GeoDataFrame) and (~(table.geometry.isna() | table.geometry.is_empty)).any():
        check_crs(table, str(source))
        return Register(gpd.GeoDataFrame(rows, geometry=table.geometry), str(source), column is None)
    if (rows["building_id"] == "").all() and (rows["address"] == "").all():
        held = ", ".join(str(name) for name in table.columns[:8])
        raise InputError(
            f"{source}: nothing joins its rows to buildings (it has {held}): "
            "give a column building_id, address, or lon and lat"
        )
    return Register(rows, str(source), column is None)


def join_register(buildings: gpd.GeoDataFrame, register: Register, reach_m: float, ledger: LeftOut) -> gpd.GeoDataFrame:
    """Give buildings the households of a register: it knows better than a column or an estimate.

    A row belongs to the building with its `building_id`, else to the one it lies in or near, else to the
    one with its address. Several rows of one building add up. Where a register is given, a building that
    it does not name and that has no number of its own has no households. Rows without a building are
    written down.

    Returns
    -------
    geopandas.GeoDataFrame
        The buildings with `given` and `floors` as the register has them.

    Raises
    ------
    InputError
        Where no row finds a building.
    """
    at, how = _match(buildings, register, reach_m)
    ledger.add("households", f"no building of the area {how}", int((at < 0).sum()))
    found = register.rows.drop(columns="geometry", errors="ignore").assign(at=at)[at >= 0]
    by = found.groupby("at")
    rows = np.arange(len(buildings))
    listed = by["households"].sum().reindex(rows).to_numpy("float64")
    floors = by["floors"].max().reindex(rows, fill_value=0).to_numpy()
    own = buildings["given"].to_numpy("float64")
    unnamed = np.isnan(listed) & np.isnan(own)
    ledger.add("buildings", "kept without households: not in the list", int(unnamed.sum()))
    basis = np.where(np.isnan(listed), buildings["given_basis"], "units" if register.counts_rows else "column")
    return buildings.assign(
        given=np.where(np.isnan(listed), np.nan_to_num(own), listed),
        given_basis=pd.array(np.where(unnamed, "none", basis), dtype="str"),
        floors=np.where(floors > 0, floors, buildings["floors"].to_numpy()).astype("int64"),
    )


def _match(buildings: gpd.GeoDataFrame, register: Register, reach_m: float) -> tuple[Any, str]:
    """Return the row of the building for each row of the register (-1: none), and how it was found."""
    rows = register.rows
    ways: list[tuple[str, Any]] = []
    if (rows["building_id"] != "").any():
        ids = pd.Series(np.arange(len(buildings)), index=buildings["building_id"])
        ways.append(("with this building_id", rows["building_id"].map(ids)))
    if isinstance(rows, gpd.GeoDataFrame):
        ways.append((f"within {reach_m:g} m", _match_places(buildings, rows, reach_m)))
    if (rows["address"] != "").any():
        ways.append(("with this address", rows["address"].map(same_address).map(_first_by_address(buildings))))
    for how, found in ways:
        if found.notna().any():
            return found.fillna(-1).to_numpy("int64"), how
    tried = " or ".join(how for how, _ in ways)
    raise InputError(
        f"{register.where}: none of its {len(rows)} rows finds a building of the area {tried}: "
        "check that both speak of the same place"
    )


def _match_places(buildings: gpd.GeoDataFrame, rows: gpd.GeoDataFrame, reach_m: float) -> pd.Series:
    points = shapely.centroid(np.array(rows.geometry.to_crs(buildings.crs).array, dtype=object))
    usable = ~(shapely.is_missing(points) | shapely.is_empty(points))
    at = np.full(len(rows), -1, dtype=np.int64)
    at[usable] = nearest_buildings(points[usable], buildings, reach_m)
    return pd.Series(at, index=rows.index).where(at >= 0)


def _first_by_address(buildings: gpd.GeoDataFrame) -> pd.Series:
    """Index the buildings by each of their addresses; the largest has it where several share one."""
    apart = buildings["address"].str.split(";").explode()
    keys = pd.DataFrame({"key": apart.map(same_address), "row": apart.index, "size": buildings.area.loc[apart.index]})
    keys = keys[keys["key"] != ""].sort_values("size", ascending=False, kind="stable").drop_duplicates("key")
    return keys.set_index("key")["row"]


def same_address(text: str) -> str:
    """Bring an address to the form in which two spellings of it agree.

    Examples
    --------
    >>> same_address("12-A  Beach Rd."), same_address("建设路１２号")
    ('12 a beach rd', '建设路12号')
    """
    return _NOT_SAID.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()
