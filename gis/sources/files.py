"""Vector files and tables as planners have them, read or refused with one sentence."""

import hashlib
import warnings
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import shapely
from pyproj import CRS

from gis.errors import CrsError, InputError
from gis.sources.columns import find_column
from gis.sources.left_out import LeftOut
from gis.sources.privacy import refuse_personal

TABLES: Final = frozenset({".csv", ".txt"})
PARQUETS: Final = frozenset({".parquet", ".geoparquet"})
KNOWN: Final = TABLES | PARQUETS | {".gpkg", ".geojson", ".json", ".shp", ".zip", ".fgb", ".gml", ".kml"}
_OLD_DATUMS: Final = ("beijing 1954", "beijing_1954", "new beijing", "xian 1980", "xian_1980")
_DEGREES: Final = (180.0, 90.0)
_READABLE: Final = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    pa.ArrowException,
    OSError,
    ValueError,
)


@dataclass(frozen=True)
class Source:
    """A file, and the layer in it where it has several.

    Attributes
    ----------
    path
        The file.
    layer
        Name of the layer; None for the only one.
    """

    path: Path
    layer: str | None = None

    @classmethod
    def of(cls, given: "str | Path | Source") -> "Source":
        """Read ``file.gpkg`` or ``file.gpkg:layer``.

        Raises
        ------
        InputError
            Where there is no such file.
        """
        if isinstance(given, Source):
            return given
        if Path(given).is_file():
            return cls(Path(given))
        name, colon, layer = str(given).rpartition(":")
        if colon and Path(name).is_file():
            return cls(Path(name), layer)
        raise InputError(f"{given}: no such file: check the path")

    def __str__(self) -> str:
        return f"{self.path.name}, layer {self.layer}" if self.layer else self.path.name

    def hashes(self) -> list[tuple[str, str]]:
        """Name and SHA-256 of the file; of a Shapefile, of its table too."""
        files = [self.path]
        if self.path.suffix.casefold() == ".shp":
            files += [beside for ending in (".dbf", ".DBF") if (beside := self.path.with_suffix(ending)).is_file()][:1]
        return [(file.name, _sha256(file)) for file in files]

    def layers(self, *, drawn: bool = False) -> list[str]:
        """Names of all layers and tables of the file, or only of those with geometry."""
        if self.path.suffix.casefold() in TABLES | PARQUETS:
            return [self.path.stem]
        try:
            held = pyogrio.list_layers(self.path)
        except _READABLE as error:
            raise InputError(f"{self}: cannot be read as a vector file: {_one_line(error)}") from error
        return [str(name) for name, shape in held if shape is not None or not drawn]


def looks_like_file(given: str | Path) -> bool:
    """Say whether text means a file rather than a name: it is there, or has the ending of one."""
    if isinstance(given, Path) or Path(given).is_file():
        return True
    return any(Path(text).suffix.casefold() in KNOWN for text in (given, given.rpartition(":")[0]))


def read_table(source: Source, *, offices: Collection[str] = ()) -> pd.DataFrame:
    """Read a table with or without geometry; points of a CSV file are made from its columns.

    Parameters
    ----------
    source
        File and layer.
    offices
        Columns about offices, which are not judged by their names: who asks for them judges what is in them. Those of
        CSV files are kept as text: a code may begin with zeros.

    Returns
    -------
    pandas.DataFrame or geopandas.GeoDataFrame
        All columns as stored; a GeoDataFrame where the source has geometry, not yet judged.

    Raises
    ------
    InputError
        Where the file cannot be read, has no rows, or has columns about persons.
    """
    ending = source.path.suffix.casefold()
    try:
        if ending in TABLES:
            with warnings.catch_warnings(action="error", category=pd.errors.ParserWarning):
                table = _read_csv(source.path, str if offices else None)
        elif ending in PARQUETS:
            table = _read_parquet(source.path)
        else:
            table = pyogrio.read_dataframe(source.path, layer=source.layer)
    except pd.errors.ParserWarning as error:
        raise InputError(f"{source}: rows have more fields than the header: remove the commas at their ends") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{source}: is neither UTF-8 nor GB 18030 text: save it as UTF-8") from error
    except _READABLE as error:
        raise InputError(f"{source}: cannot be read: {_one_line(error)}") from error
    refuse_personal((name for name in table.columns if str(name).strip().casefold() not in offices), str(source))
    if table.empty:
        raise InputError(f"{source}: no rows in it: check that the right file and layer are given")
    return table


def read_layer(source: Source, ledger: LeftOut, layer: str, shapes: str) -> gpd.GeoDataFrame:
    """Read a layer of geometry and judge it.

    Parameters
    ----------
    source
        File and layer. Of a file with several layers, the one called like `layer` is taken.
    ledger
        Where empty geometries are written down.
    layer
        What it is for: ``"streets"``, ``"buildings"``, ``"area"``, …
    shapes
        Which geometries it may hold: some of ``"point line polygon"``.

    Returns
    -------
    geopandas.GeoDataFrame
        All columns, finite 2D geometries, a CRS that fits the values, and the rows' numbers in the file
        (from 1) as index.

    Raises
    ------
    InputError, CrsError
        Where that cannot be had; the message says what to do.
    """
    source = choose_layer(source, layer)
    with np.errstate(invalid="ignore"):  # NaN coordinates are judged here, not warned of
        table = read_table(source)
    if not isinstance(table, gpd.GeoDataFrame):
        raise InputError(f"{source}: no geometry in it: give points in columns lon and lat (WGS 84), or a vector file")
    table.index = pd.RangeIndex(1, len(table) + 1, name="row")
    if table.geometry.name != "geometry":
        table = table.rename_geometry("geometry")
    geometries = shapely.force_2d(np.array(table.geometry.array, dtype=object))
    table = table.set_geometry(gpd.GeoSeries(geometries, index=table.index, crs=table.crs))
    usable = ~(shapely.is_missing(geometries) | shapely.is_empty(geometries)) & are_finite(geometries)
    if not usable.any():
        raise InputError(f"{source}: all {len(table)} rows have empty or NaN geometry: export the {layer} again")
    ledger.add(layer, "empty or NaN geometry", int((~usable).sum()))
    table = table[usable]
    _check_shapes(table, source, layer, shapes)
    check_crs(table, str(source))
    return table


def check_crs(table: gpd.GeoDataFrame, where: str) -> None:
    """Refuse a layer whose reference system is missing, outdated or contradicted by its values.

    Raises
    ------
    CrsError
        Naming the file, the system and the values.
    """
    if table.crs is None:
        raise CrsError(
            f"{where}: no coordinate reference system: store one in the file (for a Shapefile its .prj; for others "
            "'ogr2ogr -a_srs EPSG:CODE NEW OLD')"
        )
    crs = CRS.from_user_input(table.crs)
    datum = (crs.datum.name if crs.datum else crs.name).casefold()
    if any(old in f"{datum} {crs.name.casefold()}" for old in _OLD_DATUMS):
        raise CrsError(
            f"{where}: '{crs.name}' is not read, since only the survey office has its parameters: "
            "have the file converted to CGCS2000"
        )
    west, south, east, north = table.total_bounds
    as_degrees = max(-west, east) <= _DEGREES[0] and max(-south, north) <= _DEGREES[1]
    if crs.is_geographic and not as_degrees:
        raise CrsError(
            f"{where}: coordinates such as {east:.0f}, {north:.0f} are metres, but its reference system is "
            f"'{crs.name}', in degrees: correct it"
        )
    if crs.is_projected and as_degrees:
        raise CrsError(
            f"{where}: coordinates such as {east:.4f}, {north:.4f} are degrees, but its reference system is "
            f"'{crs.name}', projected: correct it"
        )


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read_csv(path: Path, kept_as: type[str] | None) -> pd.DataFrame:
    try:
        table = pd.read_csv(path, dtype=kept_as, encoding="utf-8-sig", index_col=False)
    except UnicodeDecodeError:
        table = pd.read_csv(path, dtype=kept_as, encoding="gb18030", index_col=False)
    except pd.errors.EmptyDataError:
        return pd.DataFrame()
    lon, lat = find_column(table.columns, "lon"), find_column(table.columns, "lat")
    if lon is None or lat is None:
        return table
    east, north = (pd.to_numeric(table[column], errors="coerce").to_numpy("float64") for column in (lon, lat))
    known = np.isfinite(east) & np.isfinite(north)
    points = np.full(len(table), None, dtype=object)
    points[known] = shapely.points(east[known], north[known])
    return gpd.GeoDataFrame(table, geometry=points, crs="EPSG:4326")


def _read_parquet(path: Path) -> pd.DataFrame:
    from pyarrow import parquet  # noqa: PLC0415 (half a second, for those who need it)

    is_geo = b"geo" in (parquet.read_schema(path).metadata or {})
    return gpd.read_parquet(path) if is_geo else pd.read_parquet(path)


def choose_layer(source: Source, layer: str) -> Source:
    """Return the source with its layer named where the file has several."""
    held = source.layers()
    if source.layer is not None:
        if source.layer not in held:
            raise InputError(f"{source.path.name}: no layer '{source.layer}': it has {', '.join(held)}")
        return source
    if len(held) == 1:
        return source
    drawn = source.layers(drawn=True)
    if layer in drawn or len(drawn) == 1:
        return Source(source.path, layer if layer in drawn else drawn[0])
    raise InputError(
        f"{source.path.name}: it has the layers {', '.join(held)}: "
        f"say which one holds the {layer}, as {source.path.name}:{held[0]}"
    )


def _check_shapes(table: gpd.GeoDataFrame, source: Source, layer: str, shapes: str) -> None:
    kinds = table.geometry.geom_type.str.casefold().str.removeprefix("multi")
    kinds = kinds.str.replace("linestring", "line").str.replace("linearring", "line")
    wrong = ~kinds.isin(shapes.split())
    if wrong.any():
        row, found = wrong.idxmax(), table.geometry.geom_type[wrong.idxmax()]
        wanted = " or ".join(f"{shape}s" for shape in shapes.split())
        count = int(wrong.sum())
        raise InputError(f"{source}, row {row}: a {found} among the {layer} ({count} rows): give {wanted}")


def are_finite(geometries: Any) -> Any:  # noqa: ANN401 (arrays)
    """Say of each geometry whether all its coordinates are numbers."""
    points, rows = shapely.get_coordinates(geometries, return_index=True)
    finite = np.ones(len(geometries), dtype=bool)
    finite[rows[~np.isfinite(points).all(axis=1)]] = False
    return finite
