"""Tables of any kind of file as columns of text, with the places of their rows: nothing about persons is let in."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely
from pyproj import CRS

from gis.arrays import Geometries
from gis.errors import InputError
from gis.layers.given import points_of
from gis.layers.schema import EXPECTED
from gis.layers.vocabulary import plain
from gis.location.reports import Reports, read_datum, reports_reader
from gis.location.tables import Objects, TableFile, text_of
from gis.sources.columns import find_column, text_column
from gis.sources.files import Source, are_finite, check_crs, choose_layer, read_table
from gis.sources.personal_values import refuse_persons

_TEXT_FILES: Final = frozenset({".csv", ".txt", ".tsv"})


@dataclass(frozen=True)
class Table:
    """A table as it was read.

    Attributes
    ----------
    source
        File and layer.
    texts
        Columns by name, as text without blanks at their ends; empty where nothing is given.
    points
        Where the rows are by coordinates or geometry.
    drawn
        Whether they have geometry.
    """

    source: Source
    texts: Mapping[str, Objects]
    points: Reports
    drawn: bool = False

    def __len__(self) -> int:
        return len(self.points)

    def column(self, name: str) -> Objects:
        """Return a column; empty texts where the name is empty."""
        return self.texts[name] if name else np.full(len(self), "", dtype=object)


def read_texts(given: str | Path | Source, kind: str, datum: str | None = None) -> Table:
    """Read a table and refuse it where it is about persons, by the names of its columns or by what stands in them.

    Parameters
    ----------
    given
        CSV, Parquet, GeoPackage, GeoJSON, …: as ``file`` or ``file:layer``.
    kind
        Of the layer: that layer of a file with several is taken.
    datum
        Of coordinates in columns, where no column `datum` says it: see `gis.location.reports.read_datum`.

    Raises
    ------
    InputError
        Where the file cannot be read, or is about persons.
    """
    source = Source.of(given)
    ending = source.path.suffix.casefold()
    table = _read_text(source, datum) if ending in _TEXT_FILES else _read_vector(source, kind, datum)
    refuse_persons(table.texts, str(source), expected=[name for name in table.texts if plain(name) in EXPECTED])
    return table


def _read_text(source: Source, datum: str | None) -> Table:
    file = TableFile(source.path)
    parts = list(file.parts())
    whole = pa.concat_tables([part for part, _ in parts])
    faults = np.concatenate([faults for _, faults in parts])
    texts = {name: text_of(whole, name) for name in file.names}
    return Table(source, texts, _coordinates(whole, faults, datum, str(source)))


def _read_vector(source: Source, kind: str, datum: str | None) -> Table:
    source = choose_layer(source, kind)
    with np.errstate(invalid="ignore"):  # NaN coordinates are judged when they are placed
        table = read_table(source)
    if not isinstance(table, gpd.GeoDataFrame):
        texts = {str(name): _texts(table, str(name), str(source)) for name in table.columns}
        columns = pa.table({name: pa.array(column, pa.string()) for name, column in texts.items()})
        return Table(source, texts, _coordinates(columns, np.full(len(table), "", dtype=object), datum, str(source)))
    shapes = shapely.force_2d(np.array(table.geometry.array, dtype=object))
    drawn = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes)) & are_finite(shapes)
    if drawn.any():
        check_crs(table[drawn], str(source))
    x, y = (np.full(len(table), np.nan) for _ in "xy")
    inner = _inner_points(shapes[drawn])
    x[drawn], y[drawn] = shapely.get_x(inner), shapely.get_y(inner)
    crs = CRS.from_user_input(table.crs or "EPSG:4326")
    rest = table.drop(columns=table.geometry.name)
    texts = {str(name): _texts(rest, str(name), str(source)) for name in rest.columns}
    return Table(source, texts, points_of(x, y, crs), drawn=True)


def _inner_points(shapes: Geometries) -> Geometries:
    """Return a point of each shape: inside it, if it has an inside."""
    broken = ~shapely.is_valid(shapes)
    shapes[broken] = shapely.make_valid(shapes[broken])
    return shapely.point_on_surface(shapes)


def _texts(table: pd.DataFrame, name: str, where: str) -> Objects:
    try:
        return text_column(table, name).to_numpy(dtype=object)
    except pa.ArrowException as error:
        raise InputError(f"{where}, column {name}: holds bytes that are no text: write the file again") from error


def _coordinates(table: pa.Table, faults: Objects, datum: str | None, where: str) -> Reports:
    """Read the coordinates in columns of a table; none where it has no such columns."""
    used = [name for meaning in ("lon", "lat", "datum") if (name := find_column(table.column_names, meaning))]
    if find_column(used, "lon") is None or find_column(used, "lat") is None:
        read_datum(datum or "wgs84")
        nowhere = np.full(len(table), np.nan)
        return points_of(nowhere, nowhere, read_datum("wgs84"), faults)
    return reports_reader(used, datum, where)(table.select(used), faults)
