"""Area and communities from files."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.errors import InputError
from gis.sources.columns import find_column, text_column
from gis.sources.files import Source, read_layer
from gis.sources.left_out import LeftOut


def read_area(source: Source, ledger: LeftOut) -> gpd.GeoDataFrame:
    """Read the area from a file: the union of its polygons, in the file's CRS.

    Raises
    ------
    InputError
        Where a polygon is not valid: the area is law, so nobody but its owner mends it.
    """
    rows = read_layer(source, ledger, "area", "polygon")
    shapes = np.array(rows.geometry.array, dtype=object)
    broken = ~shapely.is_valid(shapes)
    if broken.any():
        row = int(np.argmax(broken))
        reason = shapely.is_valid_reason(shapes[row])
        raise InputError(f"{source}, row {rows.index[row]}: the area's polygon is not valid: {reason}: redraw it there")
    only = len(rows) == 1
    code = text_column(rows, find_column(rows.columns, "code")).iloc[0] if only else ""
    name = text_column(rows, find_column(rows.columns, "name")).iloc[0] if only else ""
    return one_area(shapely.union_all(shapes), code, name or source.path.stem, rows.crs)


def one_area(shape: Any, code: str, name: str, crs: Any) -> gpd.GeoDataFrame:  # noqa: ANN401 (geometry, CRS)
    """Return the one row of an area: `code`, `name`, geometry."""
    values = {"code": pd.Series([code], dtype="str"), "name": pd.Series([name], dtype="str")}
    return gpd.GeoDataFrame(values, geometry=[shape], crs=crs)


def read_communities(source: Source, ledger: LeftOut) -> gpd.GeoDataFrame:
    """Read communities from a file; polygons that are not valid are mended, and that is written down.

    Returns
    -------
    geopandas.GeoDataFrame
        `code`, `name`, geometry, and all text columns of the file, in its CRS.
    """
    rows = read_layer(source, ledger, "communities", "polygon").reset_index(drop=True)
    shapes = np.array(rows.geometry.array, dtype=object)
    broken = ~shapely.is_valid(shapes)
    ledger.add("communities", "mended: the polygon was not valid", int(broken.sum()))
    shapes[broken] = [polygons_of(shape) for shape in shapely.make_valid(shapes[broken])]
    code = text_column(rows, find_column(rows.columns, "code"))
    if not code.is_unique or (code == "").any():
        code = pd.Series([f"{row + 1:03d}" for row in range(len(rows))], dtype="str")
    name = text_column(rows, find_column(rows.columns, "name"))
    texts = rows.drop(columns=["geometry", "code", "name"], errors="ignore").select_dtypes(["object", "string"])
    return gpd.GeoDataFrame(texts.assign(code=code, name=name.where(name != "", code)), geometry=shapes, crs=rows.crs)


def polygons_of(shape: Any) -> Any:  # noqa: ANN401 (geometries)
    """Return the polygons of whatever mending or cutting left."""
    parts = [part for part in shapely.get_parts(shape).tolist() if part.geom_type.endswith("Polygon")]
    return shapely.union_all(parts) if parts else shapely.Polygon()


def rows_named(communities: gpd.GeoDataFrame, name: str) -> gpd.GeoDataFrame:
    """Return the rows in any text column of which the name stands, in any case."""
    wanted = name.strip().casefold()
    texts = communities.drop(columns="geometry")
    found = np.zeros(len(communities), dtype=bool)
    for column in texts.columns:
        found |= (texts[column].astype("str").str.strip().str.casefold() == wanted).to_numpy()
    return communities[found]
