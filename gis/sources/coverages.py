"""Coverages to be checked: polygons as they are, faults included."""

from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from gis.errors import InputError
from gis.sources.columns import find_column, named_column, text_column
from gis.sources.files import Source, check_crs, read_layer, read_table
from gis.sources.left_out import LeftOut
from gis.writing import written_beside

# What plans have, and what is written of a coverage.
_COVERAGE_LAYERS: Final = {"cells", "area"}


def read_coverage(given: str | Path, layer: str) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame | None]:
    """Read polygons without judging them, since judging is what a check is for.

    Parameters
    ----------
    given
        A plan file or any vector file, as ``file`` or ``file:layer``.
    layer
        The layer to take from a plan file: ``"cells"`` or ``"area"``.

    Returns
    -------
    cells
        The polygons.
    area
        The plan's own area; None for any other file.

    Raises
    ------
    InputError
        Where the file cannot be read or holds no geometry.
    """
    source = Source.of(given)
    held = set(source.layers())
    area = None
    if source.layer is None and held >= _COVERAGE_LAYERS:
        area = pyogrio.read_dataframe(source.path, layer="area") if layer == "cells" else None
        source = Source(source.path, layer)
    elif source.layer is None and len(held) > 1:
        drawn = source.layers(drawn=True)
        if len(drawn) != 1:
            raise InputError(f"{source}: it has the layers {', '.join(drawn)}: name one, as {source}:{drawn[0]}")
        source = Source(source.path, drawn[0])
    table = read_table(source)
    if not isinstance(table, gpd.GeoDataFrame):
        raise InputError(f"{source}: no geometry in it: give a vector file of polygons")
    return table, area


def read_places(given: str | Path) -> gpd.GeoDataFrame:
    """Read points or polygons that mark places, such as holes that are meant.

    Raises
    ------
    InputError
        Where the file cannot be read, or has no CRS.
    """
    source = Source.of(given)
    places = read_layer(source, LeftOut(), "holes", "polygon point")
    check_crs(places, str(source))
    return places


def read_occupants(path: str | Path) -> tuple[gpd.GeoDataFrame | None, pd.DataFrame | None]:
    """Read buildings and dwellings of a plan file, as they are; None where there are none.

    Raises
    ------
    InputError
        Where there is but one of the two.
    """
    held = set(Source.of(path).layers())
    names = [name for name in ("buildings", "dwellings") if name in held]
    if len(names) == 1:
        raise InputError(f"{path}: a plan has buildings and dwellings, and there are only {names[0]}")
    tables = [pyogrio.read_dataframe(path, layer=name) for name in names]
    return (tables[0], tables[1]) if tables else (None, None)


def read_decisions(path: str | Path) -> dict[str, str]:
    """Read who gets the ground of which defect: a table with columns `defect` and `code`; rows without a code are open.

    Raises
    ------
    InputError
        Where the file cannot be read, or lacks a column.
    """
    table = read_table(Source.of(path))
    names = [named_column(table.columns, name, str(path)) for name in ("defect", "code")]
    defects, cells = (text_column(table, name) for name in names)
    return {defect: cell for defect, cell in zip(defects, cells, strict=True) if cell}


def name_cells(cells: gpd.GeoDataFrame, asked: str | None, where: str) -> gpd.GeoDataFrame:
    """Give cells a column `code`: that which is asked for, or one with a usual name whose values differ.

    Raises
    ------
    InputError
        Where there is no such column.
    """
    if asked is not None:
        return cells.assign(code=text_column(cells, named_column(cells.columns, asked, where)))
    codes = None if "code" in cells else _codes(cells, None, where)
    return cells if codes is None else cells.assign(code=codes)


def read_cells(given: str | Path, level: str | None = None, code: str | None = None) -> gpd.GeoDataFrame:
    """Read the polygons of one coverage to be compared with another.

    Parameters
    ----------
    given
        A plan file or any vector file, as ``file`` or ``file:layer``.
    level
        Which level of a plan; by default its lowest cells.
    code
        The column that names the cells; by default one of the usual names whose values are there and differ,
        otherwise cells are known by their row, from 1.

    Returns
    -------
    geopandas.GeoDataFrame
        Geometry, `code` where there is such a column, `ground_code` where cells share ground by floors; in the file's
        CRS and indexed by the row in the file, from 1.

    Raises
    ------
    InputError
        Where the file cannot be read, or a row is no valid polygon; with the number of the row.
    """
    source, ledger = Source.of(given), LeftOut()
    rows = read_layer(source, ledger, "cells", "polygon")
    if ledger.counts:
        raise InputError(f"{source}: {ledger.counts.total()} rows have no geometry: draw them or delete these rows")
    cells = _at_level(rows, level, str(source))
    require_polygons(cells, str(source))
    kept = cells[["geometry"]]
    codes = _codes(cells, code, str(source))
    if codes is not None:
        kept = kept.assign(code=codes)
    return kept.assign(ground_code=text_column(cells, "ground_code")) if "ground_code" in cells else kept


def require_polygons(cells: gpd.GeoDataFrame, where: str) -> None:
    """Refuse what is no coverage: anything but valid polygons with a CRS that fits their coordinates.

    Raises
    ------
    InputError
        Naming `where` and the first row.
    """
    if cells.empty:
        raise InputError(f"{where}: no rows in it")
    shapes = cells.geometry.to_numpy()
    missing = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    polygons = np.isin(shapely.get_type_id(shapes), (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON))
    for wrong, what, advice in (
        (missing, "no geometry", "draw it or delete the row"),
        (~polygons, "no polygon", "give polygons"),
        (~shapely.is_valid(shapes), "not valid", "redraw it there"),
    ):
        if wrong.any():
            row = int(np.argmax(wrong))
            reason = f": {shapely.is_valid_reason(shapes[row])}" if what == "not valid" else ""
            raise InputError(f"{where}, row {cells.index[row]}: {what}{reason}: {advice}")
    check_crs(cells, where)


def _at_level(rows: gpd.GeoDataFrame, level: str | None, where: str) -> gpd.GeoDataFrame:
    if not {"code", "level", "parent_code"} <= set(rows.columns):
        if level is not None:
            raise InputError(f"{where}: level '{level}': its cells have no levels: leave it out")
        return rows
    if level is None:
        return rows[~text_column(rows, "code").isin(set(text_column(rows, "parent_code")))]
    levels = text_column(rows, "level")
    if not (levels == level).any():
        raise InputError(f"{where}: no level '{level}': it has {', '.join(levels.unique())}")
    return rows[levels == level]


def _codes(cells: gpd.GeoDataFrame, asked: str | None, where: str) -> pd.Series | None:
    if asked is None:
        codes = text_column(cells, find_column(cells.columns, "code"))
        return codes if codes.is_unique and (codes != "").all() else None
    column = named_column(cells.columns, asked, where)
    codes = text_column(cells, column)
    for wrong, what in ((codes == "", "empty"), (codes.duplicated(), "that of another row")):
        if wrong.any():
            raise InputError(f"{where}, row {wrong.idxmax()}: {column} is {what}: give every cell its own")
    return codes


def write_layer(layer: gpd.GeoDataFrame, path: Path, name: str) -> None:
    """Write one layer as a GeoPackage: beside its place first, then renamed."""
    write_layers({name: layer}, path)


def write_layers(layers: dict[str, gpd.GeoDataFrame], path: Path) -> None:
    """Write layers by name as one GeoPackage: beside its place first, then renamed."""
    with written_beside(path) as beside:
        for name, layer in layers.items():
            pyogrio.write_dataframe(
                layer, beside, layer=name, driver="GPKG", geometry_type="Unknown", append=beside.exists()
            )
