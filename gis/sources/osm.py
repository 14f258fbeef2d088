"""OpenStreetMap files (PBF or XML) as layers."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.crs import metric_crs
from gis.errors import InputError
from gis.sources.left_out import LeftOut
from gis.sources.lines import clip_lines
from gis.sources.osm_scan import Rows, Scan

WGS84: Final = "EPSG:4326"
_LINE: Final = ("kind", "name")
_BUILDING: Final = ("building_id", "kind", "number", "street", "unit", "flats", "levels", "height")
_ADDRESS: Final = ("number", "street", "unit")
_PLACE: Final = ("name", "names", "code", "admin_level")
# A pond smaller than this is walked around: it is background, not a boundary.
_SMALLEST_WATER_M2: Final = 5_000.0
_METRES_PER_DEGREE: Final = 111_320.0


@dataclass(frozen=True)
class OsmLayers:
    """What one OpenStreetMap file holds.

    Attributes
    ----------
    streets, barriers
        `kind` (a lower-case name of `gis.barriers.Barrier`), `name`, geometry (LineString).
    buildings
        `building_id` (``w…`` from a way, ``r…`` from a relation), `kind` (value of `building`, or of
        `amenity` and the like where that is only ``yes``), `number`, `street`, `unit` (numbers of the
        flats), `flats` (how many), `levels`, `height` (text as given, empty where absent), geometry
        (Polygon or MultiPolygon).
    addresses
        `number`, `street`, `unit`, geometry (Point).
    land
        `kind`, `name`, geometry.
    places
        `name`, `names` (all names and codes, lower case, one a line), `code`, `admin_level` (0 for a
        place that is no administrative area), geometry.
    cut_off
        Names of administrative areas of which the file holds only a part.
    extent
        Box of the file's header, else of its streets and buildings; EPSG:4326.
    left_out
        Everything read and not used.
    """

    streets: gpd.GeoDataFrame
    barriers: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    addresses: gpd.GeoDataFrame
    land: gpd.GeoDataFrame
    places: gpd.GeoDataFrame
    cut_off: frozenset[str]
    extent: shapely.Polygon
    left_out: LeftOut


def read_osm(path: str | Path, area: gpd.GeoDataFrame | None = None) -> OsmLayers:
    """Read the layers of an OpenStreetMap file.

    Parameters
    ----------
    path
        ``*.osm.pbf``, ``*.osm`` or any other format osmium knows.
    area
        Where given, the layers are those that meet the area, in its metric CRS, and lines end 50 m beyond it.
        Otherwise they are everything in the file, in EPSG:4326.

    Raises
    ------
    InputError
        Where the file is missing, cannot be read as OpenStreetMap data, or holds neither streets nor
        buildings.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path}: no such file: give an OpenStreetMap extract (*.osm.pbf or *.osm)")
    try:
        scan = Scan(path)
    except RuntimeError as error:
        raise InputError(f"{path.name}: cannot be read as an OpenStreetMap file: {error}") from error
    layers = _layers(scan, path.name)
    return layers if area is None else within_area(layers, area)


def within_area(layers: OsmLayers, area: gpd.GeoDataFrame) -> OsmLayers:
    """Return the part of the layers that meets `area` (in any CRS), in the area's metric CRS."""
    crs = metric_crs(area.crs, tuple(area.total_bounds))
    ground = area.to_crs(crs).union_all()
    shapely.prepare(ground)
    ledger = LeftOut()
    ledger.add_all(layers.left_out)

    def meeting(name: str) -> gpd.GeoDataFrame:
        layer = getattr(layers, name).to_crs(crs)
        there = layer[shapely.intersects(ground, layer.geometry.array)]
        ledger.add(name, "outside the area", len(layer) - len(there))
        return there.reset_index(drop=True)

    return replace(
        layers,
        streets=clip_lines(layers.streets.to_crs(crs), ground, ledger, "streets"),
        barriers=clip_lines(layers.barriers.to_crs(crs), ground, ledger, "barriers"),
        **{name: meeting(name) for name in ("buildings", "addresses", "land")},
        left_out=ledger,
    )


def _layers(scan: Scan, where: str) -> OsmLayers:
    streets, buildings = _frame(scan.streets, _LINE), _frame(scan.buildings, _BUILDING)
    if streets.empty and buildings.empty:
        raise InputError(f"{where}: neither streets nor buildings in it: take a larger extract")
    land, places = _frame(scan.land, _LINE), _frame(scan.places, _PLACE)
    # The assembler passes rings that touch themselves; cutting needs them apart.
    places = places.set_geometry(shapely.make_valid(np.array(places.geometry.array, dtype=object)), crs=WGS84)
    compound = land["kind"] == "compound"
    named = land["name"] != ""
    large = _ground_m2(land) >= _SMALLEST_WATER_M2
    water = land["kind"] == "water"
    scan.left_out.add("barriers", "water too small to divide", int((water & ~large).sum()))
    lines = [
        _frame(scan.barriers, _LINE),
        _outlines(land[water & large], "river"),
        _outlines(land[compound & named], "wall"),
    ]
    return OsmLayers(
        streets=streets,
        barriers=gpd.GeoDataFrame(pd.concat(lines, ignore_index=True), crs=WGS84),
        buildings=buildings,
        addresses=_frame(scan.addresses, _ADDRESS),
        land=land[named | ~compound].reset_index(drop=True),
        places=places,
        cut_off=frozenset(scan.named - set(places["name"])),
        extent=scan.box or shapely.box(*_bounds(streets, buildings)),
        left_out=scan.left_out,
    )


def _frame(rows: Rows, columns: tuple[str, ...]) -> gpd.GeoDataFrame:
    # Bytes are read three times as fast as hexadecimal text.
    shapes = shapely.from_wkb(np.array([bytes.fromhex(shape) for shape in rows.shapes], dtype=object))
    single = (shapely.get_type_id(shapes) == shapely.GeometryType.MULTIPOLYGON) & (
        shapely.get_num_geometries(shapes) == 1
    )
    shapes[single] = shapely.get_geometry(shapes[single], 0)
    turned: list[Any] = list(zip(*rows.rows, strict=True)) or [()] * len(columns)
    values = {
        name: pd.Series(list(column), dtype="int64" if name == "admin_level" else "str")
        for name, column in zip(columns, turned, strict=True)
    }
    return gpd.GeoDataFrame(values, geometry=shapes, crs=WGS84)


def _outlines(land: gpd.GeoDataFrame, kind: str) -> gpd.GeoDataFrame:
    """Turn the rims of polygons, inner ones too, into lines of one kind."""
    polygons, rows = shapely.get_parts(np.array(land.geometry.array, dtype=object), return_index=True)
    rings, of = shapely.get_rings(polygons, return_index=True)
    names = land["name"].to_numpy()[rows[of]] if len(rings) else []
    values = {"kind": pd.Series([kind] * len(rings), dtype="str"), "name": pd.Series(names, dtype="str")}
    return gpd.GeoDataFrame(values, geometry=_as_lines(rings), crs=WGS84)


def _as_lines(rings: Any) -> Any:  # noqa: ANN401 (arrays of geometries)
    points, of = shapely.get_coordinates(rings, return_index=True)
    return shapely.linestrings(points, indices=of) if len(points) else rings


def _ground_m2(layer: gpd.GeoDataFrame) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Areas on the ground of polygons in degrees, good to a percent: enough to tell a pond from a lake."""
    shapes = np.array(layer.geometry.array, dtype=object)
    latitude = np.radians(shapely.bounds(shapes)[:, 1])
    measured: np.ndarray[Any, np.dtype[np.float64]] = shapely.area(shapes) * _METRES_PER_DEGREE**2 * np.cos(latitude)
    return measured


def _bounds(*layers: gpd.GeoDataFrame) -> tuple[float, float, float, float]:
    boxes = np.array([layer.total_bounds for layer in layers if len(layer)])
    west, south = boxes[:, :2].min(axis=0)
    east, north = boxes[:, 2:].max(axis=0)
    return float(west), float(south), float(east), float(north)
