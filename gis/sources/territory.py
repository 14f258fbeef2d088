"""Where cells are drawn: the area, and the communities they may not cross."""

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.crs import metric_crs
from gis.errors import InputError
from gis.sources.area import one_area, polygons_of, read_area, read_communities, rows_named
from gis.sources.files import Source, looks_like_file
from gis.sources.given import Given, Spec
from gis.sources.left_out import LeftOut
from gis.sources.osm import WGS84, OsmLayers

# A community counts where this share of it lies in the area, or this share of the area in it: less is a
# neighbour's edge drawn a little differently.
_SHARE_INSIDE: Final = 0.01
# Districts of one level are the parents of the cells only if they leave no more of the area than this share.
_SHARE_UNCOVERED: Final = 0.01
# Holes narrower than this lie between communities drawn apart: a seam, not land.
_SEAM_M: Final = 1.0
_MARGIN_M: Final = 50.0
_COLUMNS: Final = ["code", "name", "geometry"]


@dataclass(frozen=True)
class Territory:
    """Where cells are drawn.

    Attributes
    ----------
    area
        One row: `code`, `name`, geometry; in a projected CRS in metres.
    communities
        `code`, `name`, geometry; same CRS, possibly empty.
    """

    area: gpd.GeoDataFrame
    communities: gpd.GeoDataFrame


def settle_territory(area: Spec | None, within: Spec | int | None, given: Given) -> Territory:
    """Find the area and its communities.

    Parameters
    ----------
    area
        A file, or a name: of rows of the `within` file, or of an administrative area or place in the OSM
        file.
    within
        A file of communities, or an administrative level of the OSM file; None for the finest level that
        covers the area, if there is one.
    given
        The layers read so far: the area is around them where nothing else says where it is.

    Raises
    ------
    InputError
        Where the name is unknown, or the level is not in the file.
    """
    level = _level(within)
    communities = None
    if within is not None and level is None:
        communities = read_communities(Source.of(str(within)), given.ledger)
    found, rows = _find_area(area, communities, given)
    metric = found.to_crs(metric_crs(found.crs, tuple(found.total_bounds)))
    if rows is not None:
        return Territory(_without_seams(metric, given.ledger), rows.to_crs(metric.crs)[_COLUMNS])
    if communities is not None:
        cut = _inside(communities, metric)
        given.ledger.add("communities", "outside the area", len(communities) - len(cut))
        if cut.empty:
            raise InputError(f"{within}: no community in the area: check that the files show the same place")
        return Territory(metric, cut[_COLUMNS])
    if given.osm is None and level is not None:
        raise InputError(f"within {level}: administrative levels come from an OpenStreetMap file: give one")
    return Territory(metric, _districts(given, metric, level))


def _level(within: Spec | int | None) -> int | None:
    """Return the administrative level that is meant, None where a file is."""
    text = str(within)
    return int(text) if text.isdecimal() and not Path(text).exists() else None


def _find_area(
    area: Spec | None, communities: gpd.GeoDataFrame | None, given: Given
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame | None]:
    """Return the area, and the communities it was put together from."""
    if area is not None and looks_like_file(area):
        return read_area(Source.of(area), given.ledger), None
    if area is not None:
        return _named_area(str(area).strip(), communities, given)
    if communities is not None:
        return one_area(communities.union_all(), "", given.name, communities.crs), communities
    if given.osm is not None:
        return one_area(given.osm.extent, "", given.name, WGS84), None
    return _around([given.streets, given.buildings], given.name), None


def _named_area(
    name: str, communities: gpd.GeoDataFrame | None, given: Given
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame | None]:
    known: list[str] = []
    if communities is not None:
        rows = rows_named(communities, name)
        if len(rows):
            given.say(f"area '{name}': {len(rows)} communities")
            return one_area(rows.union_all(), "", name, rows.crs), rows.reset_index(drop=True)
        texts = communities.drop(columns="geometry")
        known += [text for column in texts for text in texts[column].dropna().astype("str").unique()]
    if given.osm is not None:
        place = find_place(given.osm, name)
        if place is not None:
            given.say(f"area '{name}': administrative level {place['admin_level'].iloc[0]} of {given.osm_name}")
            return place[_COLUMNS], None
        if name.casefold() in {cut.casefold() for cut in given.osm.cut_off}:
            raise InputError(f"area '{name}': {given.osm_name} holds only a part of it: give the area as a file")
        known += given.osm.places["name"].tolist()
    by_folded = {text.casefold(): text for text in known}
    close = [by_folded[text] for text in difflib.get_close_matches(name.casefold(), by_folded)]
    hint = f"did you mean {' or '.join(close)}?" if close else "give a file of its polygon, or no area to take all"
    raise InputError(f"area '{name}': neither a file nor a name in the given layers: {hint}")


def find_place(layers: OsmLayers, name: str) -> gpd.GeoDataFrame | None:
    """Find an administrative area or a place by name or code, in any case.

    Of several with one name (a city and the county called after it) the smallest is meant.

    Returns
    -------
    geopandas.GeoDataFrame or None
        One row of `layers.places`.
    """
    wanted = name.strip().casefold()
    hits = layers.places[[wanted in names.split("\n") for names in layers.places["names"]]]
    if hits.empty:
        return None
    smallest = int(np.argmin(shapely.area(np.array(hits.geometry.array, dtype=object))))
    return hits.iloc[[smallest]].reset_index(drop=True)


def _districts(given: Given, area: gpd.GeoDataFrame, level: int | None) -> gpd.GeoDataFrame:
    """Return the administrative areas of one level: that asked for, else the finest that covers the area."""
    if given.osm is None:
        return gpd.GeoDataFrame({name: pd.Series(dtype="str") for name in ("code", "name")}, geometry=[], crs=area.crs)
    places = given.osm.places
    inside = _inside(places[places["admin_level"] > 0], area)
    if level is not None and level not in set(inside["admin_level"]):
        held = ", ".join(str(held) for held in sorted(set(inside["admin_level"]))) or "none"
        raise InputError(
            f"{given.osm_name}: no areas of administrative level {level} in the area: it has levels {held}"
        )
    finest = _finest_level(inside, float(area.area.iloc[0])) if level is None else level
    chosen = inside[inside["admin_level"] == finest].sort_values(["code", "name"], ignore_index=True)
    if len(chosen):
        given.say(f"communities: {len(chosen)} areas of administrative level {finest}")
    if not chosen["code"].is_unique or (chosen["code"] == "").any():
        chosen["code"] = pd.Series([f"{row + 1:03d}" for row in range(len(chosen))], dtype="str")
    return chosen[_COLUMNS]


def _finest_level(districts: gpd.GeoDataFrame, whole_m2: float) -> int | None:
    """Return the finest level with several areas that together cover the whole; None where there is none."""
    levels = [
        int(level)
        for level, rows in districts.groupby("admin_level")
        if len(rows) > 1 and float(rows.union_all().area) >= (1 - _SHARE_UNCOVERED) * whole_m2
    ]
    return max(levels, default=None)


def _inside(rows: gpd.GeoDataFrame, area: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the polygons that have a true share in the area, cut to it."""
    ground = area.geometry.iloc[0]
    there = rows.to_crs(area.crs)
    shapes = np.array(there.geometry.array, dtype=object)
    cut = shapely.intersection(shapes, ground)
    share = shapely.area(cut) / np.maximum(np.minimum(shapely.area(shapes), ground.area), 1e-9)
    counts = share >= _SHARE_INSIDE
    kept = there[counts]
    return kept.set_geometry([polygons_of(shape) for shape in cut[counts]], crs=area.crs).reset_index(drop=True)


def _without_seams(area: gpd.GeoDataFrame, ledger: LeftOut) -> gpd.GeoDataFrame:
    """Close the slits inside an area put together from communities that do not quite meet."""
    polygons = []
    for polygon in shapely.get_parts(area.geometry.iloc[0]):
        holes = [hole for hole in polygon.interiors if not _is_seam(shapely.Polygon(hole))]
        ledger.add("communities", "mended: seam between communities", len(polygon.interiors) - len(holes))
        polygons.append(shapely.Polygon(polygon.exterior, holes))
    return area.set_geometry([polygons_of(shapely.union_all(polygons))], crs=area.crs)


def _is_seam(hole: shapely.Polygon) -> bool:
    return bool(2 * hole.area / hole.length < _SEAM_M)


def _around(layers: list[gpd.GeoDataFrame | None], name: str) -> gpd.GeoDataFrame:
    """Return the convex extent of the layers with a small margin."""
    held = [layer for layer in layers if layer is not None and len(layer)]
    crs = metric_crs(held[0].crs, tuple(held[0].total_bounds))
    hulls: list[Any] = [layer.to_crs(crs).union_all().convex_hull for layer in held]
    return one_area(shapely.union_all(hulls).convex_hull.buffer(_MARGIN_M), "", name, crs)
