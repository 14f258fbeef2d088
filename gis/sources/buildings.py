"""Buildings from a file or from OpenStreetMap, under one set of columns."""

from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.arrays import MOST_COUNT
from gis.errors import InputError
from gis.sources.addresses import full_address
from gis.sources.columns import find_column, named_column, text_column
from gis.sources.files import Source, read_layer
from gis.sources.left_out import LeftOut

_FIGURE: Final = r"^\s*(\d+(?:[.,]\d+)?)\s*(m|metres|ft|'|层|F)?"
_FOOT_M: Final = 0.3048
# No building has more: such a figure is a slip, or a year in the wrong column.
_MOST_FLOORS: Final = 200


def read_buildings(
    source: Source, household_column: str | None, ledger: LeftOut, *, column_required: bool = True
) -> gpd.GeoDataFrame:
    """Read buildings from a file.

    Parameters
    ----------
    source
        Polygons or points.
    household_column
        Name of the column of households; None to look for the usual names.
    ledger
        Where rows without geometry are written down.
    column_required
        Whether `household_column` must be in this file; it may be meant for a list of households.

    Returns
    -------
    geopandas.GeoDataFrame
        `building_id`, `given` (households, NaN where not given), `given_basis`, `floors` (0 where
        unknown), `height_m`, `kind`, `number`, `street`, `unit`, `flats`, `address`, geometry; in the
        file's CRS.

    Raises
    ------
    InputError
        Where ids repeat, or households are missing, negative or no whole numbers.
    """
    rows = read_layer(source, ledger, "buildings", "polygon point")
    column = find_column(rows.columns, "households")
    if household_column is not None and (column_required or household_column in rows.columns):
        column = named_column(rows.columns, household_column, str(source))
    texts = {name: text_column(rows, find_column(rows.columns, name)) for name in ("number", "street", "unit")}
    written = text_column(rows, find_column(rows.columns, "address"))
    joined = [full_address(n, s) for n, s in zip(texts["number"], texts["street"], strict=True)]
    kept = {
        "building_id": _ids(rows, source),
        "given": given_households(rows, column, str(source)),
        "floors": floors_of(text_column(rows, find_column(rows.columns, "floors"))),
        "height_m": heights_of(text_column(rows, find_column(rows.columns, "height"))),
        "given_basis": "column",
        "kind": text_column(rows, find_column(rows.columns, "building_kind")),
        **texts,
        "flats": text_column(rows, "building:flats" if "building:flats" in rows.columns else None),
        "address": written.where(written != "", pd.Series(joined, index=rows.index, dtype="str")),
    }
    return gpd.GeoDataFrame(kept, geometry=rows.geometry, crs=rows.crs).reset_index(drop=True)


def osm_buildings(buildings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Bring the buildings of an OpenStreetMap file under the columns of `read_buildings`."""
    return buildings.drop(columns=["levels", "height"]).assign(
        given=np.nan,
        given_basis="column",
        floors=floors_of(buildings["levels"]),
        height_m=heights_of(buildings["height"]),
        address="",
    )


def given_households(rows: pd.DataFrame, column: str | None, where: str) -> Any:  # noqa: ANN401 (an array)
    """Return a column of households as floats, NaN everywhere where there is no column.

    Raises
    ------
    InputError
        Naming the first row whose value is missing, negative or not a whole number.
    """
    if column is None:
        return np.full(len(rows), np.nan)
    return whole_numbers(rows, column, where, "give counts of households, 0 where nobody lives")


def whole_numbers(rows: pd.DataFrame, column: str, where: str, advice: str, least: int = 0) -> Any:  # noqa: ANN401
    """Return a column of whole numbers, `least` or more, as floats: exact, as none may be larger than 32 bits hold.

    Raises
    ------
    InputError
        Naming the first row whose value is none.
    """
    numbers = pd.to_numeric(rows[column], errors="coerce").to_numpy("float64")
    for wrong, what in (
        (~np.isfinite(numbers), "missing or not a number"),
        (numbers < least, "negative" if least == 0 else f"below {least}"),
        (numbers > MOST_COUNT, f"above {MOST_COUNT}"),
        (np.nan_to_num(numbers) % 1 != 0, "not a whole number"),
    ):
        if wrong.any():
            row = int(np.argmax(wrong))
            value, count = rows[column].iloc[row], int(wrong.sum())
            more = f" ({count} rows are)" if count > 1 else ""
            raise InputError(f"{where}, row {rows.index[row]}: {column} is {value}, {what}{more}: {advice}")
    return numbers


def floors_of(texts: pd.Series) -> pd.Series:
    """Return floors as int64, 0 where unknown: ``5`` and ``5.5`` are 5, ``6层`` is 6, ``many`` is 0."""
    floors = _figures(texts)["figure"].fillna(0)
    return floors.where(floors <= _MOST_FLOORS, 0).astype("int64")


def heights_of(texts: pd.Series) -> pd.Series:
    """Return heights in metres as float64, NaN where unknown: ``"7.4"``, ``"7.4 m"``, ``"24'"``."""
    parts = _figures(texts)
    return parts["figure"] * np.where(parts["unit"].isin(["ft", "'"]), _FOOT_M, 1.0)


def _figures(texts: pd.Series) -> pd.DataFrame:
    """Read the `figure` (float64, NaN where there is none) and the `unit` of each text: of each different one once."""
    row, different = pd.factorize(texts, use_na_sentinel=False)
    parts = pd.Series(different, dtype="str").str.extract(_FIGURE)
    figure = pd.to_numeric(parts[0].str.replace(",", "."), errors="coerce").astype("float64")
    read = pd.DataFrame({"figure": figure, "unit": parts[1]})
    return read.iloc[row].set_index(texts.index)


def buildings_inside(buildings: gpd.GeoDataFrame, ground: shapely.Geometry, ledger: LeftOut) -> gpd.GeoDataFrame:
    """Keep each building once, and only if its representative point is in the area; mend broken outlines."""
    shapes = np.array(buildings.geometry.array, dtype=object)
    broken = ~shapely.is_valid(shapes)
    ledger.add("buildings", "mended: the outline crossed itself", int(broken.sum()))
    shapes[broken] = [_solid(shape) for shape in shapely.make_valid(shapes[broken])]
    shapely.prepare(ground)
    inside = shapely.contains_properly(ground, shapes)
    inside[~inside] = shapely.intersects(ground, shapely.point_on_surface(shapes[~inside]))
    ledger.add("buildings", "outside the area", int((~inside).sum()))
    kept = buildings.set_geometry(shapes, crs=buildings.crs)[inside]
    same = pd.DataFrame({"shape": shapely.to_wkb(shapely.normalize(shapes[inside]))}, index=kept.index)
    # Two blocks may share one located address, but not one footprint.
    same["address"] = kept["address"].where(kept.geometry.geom_type == "Point", "")
    twice = same.duplicated()
    ledger.add("buildings", "drawn twice: the same footprint", int(twice.sum()))
    return kept[~twice].reset_index(drop=True)


def _ids(rows: pd.DataFrame, source: Source) -> pd.Series:
    """Return the ids of buildings as text, row numbers where the file has none."""
    column = find_column(rows.columns, "building_id")
    if column is None:
        return pd.Series([f"b{row}" for row in rows.index], index=rows.index, dtype="str")
    ids = text_column(rows, column)
    if (ids == "").any():
        raise InputError(f"{source}, row {(ids == '').idxmax()}: {column} is empty: give every building its own")
    twice = ids[ids.duplicated(keep=False)]
    if len(twice):
        first = twice[twice == twice.iloc[0]]
        at = ", ".join(str(row) for row in first.index[:5])
        raise InputError(
            f"{source}: {column} '{first.iloc[0]}' stands in rows {at} ({twice.nunique()} ids repeat): "
            "give every building its own"
        )
    return ids


def _solid(shape: Any) -> Any:  # noqa: ANN401 (geometries)
    parts = [part for part in shapely.get_parts(shape).tolist() if part.geom_type.endswith("Polygon")]
    return shapely.union_all(parts) if parts else shapely.point_on_surface(shape)
