"""The usual names of columns in planners' files."""

from collections.abc import Iterable
from typing import Final

import pandas as pd

from gis.errors import InputError

USUAL: Final = {
    "building_id": (
        "building_id", "bldg_id", "buildingid", "building_code", "楼栋编号", "建筑编号", "楼栋id",
        "osm_id", "osmid", "uid", "id",
    ),
    "households": (
        "households", "household", "hh", "total_dwelling_units", "dwelling_units", "dwellings", "units",
        "housing_units", "户数", "总户数", "住户数", "家庭户数",
    ),
    "floors": (
        "floors", "max_floor_lvl", "building:levels", "building_levels", "levels", "storeys", "stories",
        "num_floors", "层数", "楼层数", "总层数", "地上层数",
    ),
    "height": (
        "height", "height_m", "building_height", "高度", "楼高",
    ),
    "address": (
        "address", "full_address", "addr:full", "blk_no_street", "地址", "门牌地址", "详细地址",
    ),
    "number": (
        "addr:housenumber", "addr_housenumber", "housenumber", "house_number", "blk_no", "number",
        "门牌号",
    ),
    "street": (
        "addr:street", "addr_street", "street", "street_name", "road", "街路巷", "道路",
    ),
    "unit": (
        "addr:unit", "addr_unit", "unit_no", "unit_number", "flat", "室号",
    ),
    "building_kind": (
        "building", "building_type", "kind", "type", "use", "fclass", "class", "建筑类型", "用途", "类型",
    ),
    "building_ref": (
        "building_id", "bldg_id", "buildingid", "building_code", "楼栋编号", "建筑编号", "楼栋id", "osm_id",
        "osmid",
    ),
    "kind": (
        "kind", "class", "highway", "fclass", "building", "type", "use", "landuse", "类型", "用途",
    ),
    "name": (
        "name", "名称", "社区名称", "社区", "subzone_n", "community", "namelsad",
    ),
    "code": (
        "code", "编码", "代码", "区划代码", "社区编码", "subzone_c", "division_c", "adcode", "geoid",
        "ref", "gid",
    ),
    "lon": (
        "lon", "lng", "long", "longitude", "lon_wgs84", "wgs84_lon", "经度", "x",
    ),
    "lat": (
        "lat", "latitude", "lat_wgs84", "wgs84_lat", "纬度", "y",
    ),
    "accuracy": (
        "accuracy_m", "accuracy", "gps_accuracy", "horizontal_accuracy", "hdop_m", "定位精度", "精度",
    ),
    "source": (
        "source", "location_source", "定位方式", "来源",
    ),
    "datum": (
        "datum", "crs", "坐标系",
    ),
    "qr": (
        "qr", "qr_code", "qr_link", "scanned", "二维码",
    ),
    "entrance": (
        "entrance", "单元",
    ),
    "floor_from": (
        "floor_from", "起始层",
    ),
    "floor_to": (
        "floor_to", "终止层",
    ),
}  # fmt: skip
"""For each meaning, names of columns in the order in which they are tried; in any case."""


def find_column(columns: Iterable[object], meaning: str) -> str | None:
    """Return the first column that usually has this meaning; None where there is none.

    Examples
    --------
    >>> find_column(["LAT", "LONG", "X", "Y"], "lon")
    'LONG'
    """
    held = {str(column).strip().casefold(): str(column) for column in columns}
    return next((held[name] for name in USUAL[meaning] if name in held), None)


def named_column(columns: Iterable[object], asked: str, where: str) -> str:
    """Return the column that the user asked for, in any case.

    Raises
    ------
    InputError
        Where the table has no such column.
    """
    held = {str(column).strip().casefold(): str(column) for column in columns}
    if (column := held.get(asked.strip().casefold())) is None:
        raise InputError(f"{where}: no column '{asked}': it has {', '.join(held.values())}")
    return column


def text_column(table: pd.DataFrame, column: str | None) -> pd.Series:
    """Return a column as text, trimmed, empty where nothing is given (everywhere, where there is no column).

    Whole numbers that a file keeps as floats lose their ".0": a code 410102.0 is 410102.
    """
    if column is None:
        return pd.Series([""] * len(table), index=table.index, dtype="str")
    values = table[column]
    if pd.api.types.is_float_dtype(values):
        known = values.notna()
        whole = known & (values % 1 == 0)
        texts = values.astype("object")
        texts[whole] = values[whole].astype("int64").astype("str")
        values = texts
    return values.astype("object").where(values.notna(), "").astype("str").str.strip()
