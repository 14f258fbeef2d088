"""Addresses drawn as points: which building they belong to, and how many homes they stand for."""

import re
from collections import defaultdict
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.sources.left_out import LeftOut

_RANGE: Final = re.compile(r"\s*(\d{1,4})\s*[-–~]\s*(\d{1,4})\s*")
_MOST_UNITS: Final = 2_000
_CJK: Final = re.compile("[\u3400-\u9fff]")


def nearest_buildings(points: Any, buildings: gpd.GeoDataFrame, reach_m: float) -> Any:  # noqa: ANN401 (arrays)
    """Return for each point the row of the building it lies in, or the nearest within reach; -1: none."""
    found = np.full(len(points), -1, dtype=np.int64)
    if len(points) and len(buildings):
        tree = shapely.STRtree(np.array(buildings.geometry.array, dtype=object))
        asked, rows = tree.query_nearest(points, max_distance=max(reach_m, 1e-9), all_matches=False)
        found[asked] = rows
    return found


def count_units(text: str) -> int:
    """Count the units in a list or range: ``"1-12"`` is 12, ``"A;B;C"`` is 3, ``"12"`` is one, empty is none.

    Examples
    --------
    >>> [count_units(text) for text in ("", "12", "1-12", "1-3;5;7")]
    [0, 1, 12, 5]
    """
    total = 0
    for part in filter(None, (piece.strip() for piece in re.split("[;,、，；]", text))):
        pair = _RANGE.fullmatch(part)
        span = int(pair[2]) - int(pair[1]) + 1 if pair else 1
        total += span if 1 <= span <= _MOST_UNITS else 1
    return total


def full_address(number: str, street: str) -> str:
    """Join street and number the way they are written: ``94-12 215th Street``, ``建设路12号``; several numbers each.

    Examples
    --------
    >>> full_address("94-12", "215th Street"), full_address("12号", "建设路"), full_address("7", "")
    ('94-12 215th Street', '建设路12号', '7')
    >>> full_address("148;150", "中山北路")
    '中山北路148;中山北路150'
    """
    if not (number and street):
        return number or street
    if ";" in number:
        return ";".join(full_address(each.strip(), street) for each in number.split(";") if each.strip())
    return f"{street}{number}" if _CJK.search(street) else f"{number} {street}"


def settle_addresses(
    buildings: gpd.GeoDataFrame, points: gpd.GeoDataFrame | None, reach_m: float, ledger: LeftOut
) -> pd.DataFrame:
    """Give addresses to buildings, those drawn on the buildings and those drawn as points.

    Parameters
    ----------
    buildings
        `number`, `street`, `unit`, `flats` (all text), geometry; in metres.
    points
        `number`, `street`, `unit`, geometry (Point); same CRS; None where there are none.
    reach_m
        How far a point may lie from its building.
    ledger
        Where points without a building are written down.

    Returns
    -------
    pandas.DataFrame
        `address` (all distinct ones, joined with semicolons), `addresses`, `units` (counts), in the order of
        `buildings`.
    """
    own = buildings[["number", "street", "unit"]].assign(at=np.arange(len(buildings)))
    own = own[(own["number"] != "") | (own["unit"] != "")]
    rows = own
    if points is not None and len(points):
        at = nearest_buildings(np.array(points.geometry.array, dtype=object), buildings, reach_m)
        ledger.add("addresses", f"no building of the area within {reach_m:g} m", int((at < 0).sum()))
        rows = pd.concat([own, points[["number", "street", "unit"]].assign(at=at)[at >= 0]], ignore_index=True)
    rows = rows.drop_duplicates(["at", "number", "street", "unit"])
    rows["units"] = rows["unit"].map({text: count_units(text) for text in rows["unit"].unique()})
    counted = _by_building(rows, len(buildings))
    flats = pd.to_numeric(buildings["flats"].reset_index(drop=True), errors="coerce").fillna(0).clip(0, _MOST_UNITS)
    counted["units"] = np.maximum(counted["units"], flats.astype("int64"))
    return counted


def _by_building(rows: pd.DataFrame, count: int) -> pd.DataFrame:
    """Sum up the addresses of each building; beside numbers with units, one without counts as a unit."""
    counted = pd.DataFrame({"address": pd.Series([""] * count, dtype="str"), "addresses": 0, "units": 0})
    if rows.empty:
        return counted
    rows["address"] = [
        full_address(n, s) for n, s in zip(rows["number"].tolist(), rows["street"].tolist(), strict=True)
    ]
    rows["door"] = rows["number"].str.casefold().str.removesuffix("号").str.removesuffix("號")
    doors = rows.groupby(["at", "door", "street"], sort=False, as_index=False)
    doors = doors.agg(units=("units", "sum"), address=("address", "first"))
    doors["homes"] = doors["units"].clip(lower=1)
    doors["numbered"] = (doors["door"] != "").astype("int64")
    by = doors.groupby("at")[["numbered", "units", "homes"]].sum()
    counted.loc[by.index, "addresses"] = by["numbered"]
    counted.loc[by.index, "units"] = by["homes"].where(by["units"] > 0, 0)
    written: dict[int, list[str]] = defaultdict(list)
    for at, address in zip(doors["at"].tolist(), doors["address"].tolist(), strict=True):
        if address:
            written[at].append(address)
    counted.loc[list(written), "address"] = [";".join(texts) for texts in written.values()]
    return counted
