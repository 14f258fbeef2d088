"""Buildings that stand in two cells or in none, and households that are counted twice or not at all."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.arrays import Geometries
from gis.coverage.defects import Defect
from gis.coverage.hierarchy import Layer
from gis.coverage.lattice import UNIT_M
from gis.errors import InputError
from gis.sources.columns import text_column


def wrong_buildings(buildings: gpd.GeoDataFrame, layer: Layer, polygons: Geometries) -> list[Defect]:
    """Find buildings that are cut by a border, stand in no cell, or are listed under another cell than theirs.

    Parameters
    ----------
    buildings
        `building_id`, `cell_code` (empty where floors divide it), footprints or points, in the metric CRS.
    layer, polygons
        The lowest level, and its cells on the lattice.
    """
    _require(buildings, "buildings", "building_id", "households")
    shapes = buildings.geometry.to_numpy()
    usable = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    row, cell = shapely.STRtree(polygons).query(shapes[usable], predicate="intersects")
    row = usable[row]
    several = np.bincount(row, minlength=len(shapes))[row] > 1
    # Along a border footprints reach over it by what rounding moves the border.
    reach = np.full(len(row), np.inf)
    share = shapely.intersection(shapes[row[several]], polygons[cell[several]])
    reach[several] = shapely.area(share) - UNIT_M * shapely.length(share)
    stands = pd.DataFrame({"row": row, "cell": cell, "reach": reach}).query("reach > 0")
    cells = stands.groupby("row")["cell"].agg(lambda found: tuple(sorted(found)))
    names = _names(buildings)
    found = [
        Defect("building", (), shapely.Point(), f"Building {names[k]} has no geometry.")
        for k in np.setdiff1d(np.arange(len(shapes)), usable).tolist()
    ]
    series = pd.Series(names)
    found += [
        Defect(
            "building", (), shapes[k], f"Building {names[k]} is there twice." if names[k] else "It has no building_id."
        )
        for k in np.flatnonzero(series.duplicated() | (series == "")).tolist()
        if k in set(usable.tolist())
    ]
    found += [
        Defect("building", held, shapes[k], f"Building {names[k]} stands in {len(held)} cells.")
        for k, held in cells.items()
        if len(held) > 1
    ]
    lost = np.setdiff1d(usable, row)
    found += [Defect("building", (), shapes[k], f"Building {names[k]} stands in no cell.") for k in lost.tolist()]
    if "cell_code" not in buildings:
        return found
    for k, code in enumerate(text_column(buildings, "cell_code")):
        held = cells.get(k, ())
        if code and held and layer.ground_of.get(code, -1) not in held:
            note = f"Building {names[k]} is listed under '{code}', where it does not stand."
            found.append(Defect("building", held, shapes[k], note))
    return found


def wrong_dwellings(dwellings: pd.DataFrame, buildings: gpd.GeoDataFrame, layer: Layer) -> list[Defect]:
    """Find households in no cell, floors in two cells, and buildings whose households are not all listed once.

    Parameters
    ----------
    dwellings
        `building_id`, `entrance`, `floor_from`, `floor_to`, `households`, `cell_code`.
    buildings
        `building_id`, `households`, geometry in the metric CRS.
    layer
        The lowest level.
    """
    _require(dwellings, "dwellings", "building_id", "entrance", "floor_from", "floor_to", "households", "cell_code")
    place = dict(zip(_names(buildings), buildings.geometry, strict=True))
    names = text_column(dwellings, "building_id")
    ground = text_column(dwellings, "cell_code").map(lambda code: layer.ground_of.get(code, -1)).astype(int)
    nowhere = shapely.Point()
    found = [
        Defect("dwelling", (), place.get(names[row], nowhere), f"Households of building {names[row]} are in no cell.")
        for row in dwellings.index[ground < 0]
    ]
    found += [
        Defect("dwelling", (), nowhere, f"Households are listed for building {name}, which is not there.")
        for name in sorted(set(names) - set(place))
    ]
    for name, rows in _twice(dwellings.assign(building_id=names)):
        cells = tuple(sorted({int(ground[row]) for row in rows if ground[row] >= 0}))
        note = f"Floors of building {name} are listed twice."
        found.append(Defect("dwelling", cells, place.get(name, nowhere), note))
    listed = dwellings["households"].groupby(names).sum()
    for name, households in zip(_names(buildings), buildings["households"].fillna(0), strict=True):
        if listed.get(name, 0) != households:
            note = f"Building {name} has {households:.0f} households, and {listed.get(name, 0):.0f} are listed."
            found.append(Defect("dwelling", (), place[name], note))
    return found


def _names(buildings: gpd.GeoDataFrame) -> list[str]:
    return text_column(buildings, "building_id").tolist()


def _require(table: pd.DataFrame, what: str, *columns: str) -> None:
    lacking = [name for name in columns if name not in table]
    if lacking:
        raise InputError(f"{what}: no column '{lacking[0]}': a plan has one")


def _twice(dwellings: pd.DataFrame) -> list[tuple[str, list[int]]]:
    """List buildings with pairs of rows of one entrance whose floors overlap."""
    known = dwellings.dropna(subset=["floor_from", "floor_to"])
    ordered = known.assign(entrance=known["entrance"].astype("object").fillna("").astype(str)).sort_values(
        ["building_id", "entrance", "floor_from"], kind="stable"
    )
    before = ordered.shift(1)
    same = (ordered["building_id"] == before["building_id"]) & (ordered["entrance"] == before["entrance"])
    rows = np.flatnonzero(same & (ordered["floor_from"] <= before["floor_to"]))
    return [(ordered["building_id"].iloc[k], ordered.index[[k - 1, k]].tolist()) for k in rows]
