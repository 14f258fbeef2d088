"""The one door: whatever a planner has, as the clean layers of one area."""

from collections.abc import Callable
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.errors import InputError
from gis.sources.addresses import settle_addresses
from gis.sources.buildings import buildings_inside
from gis.sources.dwellings import no_dwellings, settle_dwellings
from gis.sources.given import Given, Spec
from gis.sources.households import HouseholdRule, count_households
from gis.sources.land import kinds_by_land
from gis.sources.lines import RIM_M, clip_lines
from gis.sources.register import join_register
from gis.sources.rules import no_rules, settle_rules
from gis.sources.territory import settle_territory
from gis.sources.town import Town

_BUILDING: Final = ["building_id", "households", "household_basis", "floors", "address", "geometry"]
_LINE: Final = ["kind", "name", "geometry"]
_USUAL_RULE: Final = HouseholdRule()


def read_town(
    *,
    osm: Spec | None = None,
    streets: Spec | None = None,
    buildings: Spec | None = None,
    barriers: Spec | None = None,
    households: Spec | None = None,
    area: Spec | None = None,
    within: Spec | int | None = None,
    rules: Spec | None = None,
    household_column: str | None = None,
    rule: HouseholdRule = _USUAL_RULE,
    progress: Callable[[str], None] | None = None,
) -> Town:
    """Read the clean layers of one area from whatever there is.

    Files may be GeoPackage, GeoJSON, Shapefile (zipped too), GeoParquet, or CSV with points (WGS 84); a
    layer is named as ``file.gpkg:layer``. What a file of its own gives takes the place of that layer in
    `osm`; barriers add up.

    Parameters
    ----------
    osm
        OpenStreetMap extract (``*.osm.pbf``, ``*.osm``).
    streets
        Lines; their kind from a column `kind`, `class`, `highway` or `fclass`, otherwise all streets.
    buildings
        Polygons or points, with households in a column if known. A GeoPackage may also hold a table
        `dwellings` and a layer `land`.
    barriers
        Further lines that divide: rivers, railways, walls.
    households
        A list of households, joined to the buildings by `building_id`, by place, or by address.
    area
        A file of polygons, or the name of an area in `within` or `osm`. Without it: all communities, else
        the box of `osm`, else the convex extent of streets and buildings.
    within
        A file of communities, which cells do not cross; or an administrative level of `osm`; without it,
        the finest level of `osm` that covers the area.
    rules
        What is demanded of a drawing: polygons or points with a column `rule` (`gis.sources.rules`).
    household_column
        The column of households in `households` or `buildings`, where its name is unusual.
    rule
        How households are estimated where they are neither given nor addressed.
    progress
        Called with a few words at each stage.

    Returns
    -------
    Town
        All layers in one metric CRS.

    Raises
    ------
    InputError
        Where something given cannot be used, or nobody lives in the area: one sentence that says where
        and what to do.
    """
    given = Given(progress or _silent)
    if osm is not None:
        given.read_osm(osm)
    given.read_lines(streets, barriers)
    given.read_buildings(buildings, households, household_column)
    if given.buildings is None:
        raise InputError("no buildings given: give an OpenStreetMap file, or a file of buildings")
    given.read_rules(rules)
    given.note_territory(area, within)
    given.say("settling the area")
    territory = settle_territory(area, within, given)
    ground = territory.area.geometry.iloc[0]
    given.say("cutting streets and barriers")
    lines = _lines(given, ground, territory.area)
    land = _land(given, ground, territory.area)
    demanded = no_rules() if given.rules is None else settle_rules(given.rules, territory.area, given.ledger)
    given.say("settling buildings and households")
    housed, dwellings = housed_buildings(given, ground, territory.area, land, rule, bare=lines.empty)
    if not housed["households"].sum():
        raise InputError(
            f"no households in the area '{territory.area['name'].iloc[0]}', but {len(housed)} buildings: "
            "name their column, or give a list of households"
        )
    return Town(
        area=territory.area,
        communities=territory.communities,
        barriers=lines,
        buildings=housed[_BUILDING],
        dwellings=dwellings,
        land=land,
        left_out=given.ledger.table(),
        inputs=given.inputs,
        rules=demanded,
    )


def _lines(given: Given, ground: shapely.Geometry, area: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Cut streets and barriers to the area."""
    layers = [("streets", given.streets), *(("barriers", layer) for layer in given.barriers)]
    cut = [
        clip_lines(layer[_LINE].to_crs(area.crs), ground, given.ledger, name)
        for name, layer in layers
        if layer is not None and len(layer)
    ]
    held = [layer for layer in cut if len(layer)]
    if not held:
        return _nothing(area)
    return gpd.GeoDataFrame(pd.concat(held, ignore_index=True), crs=area.crs)


def _land(given: Given, ground: shapely.Geometry, area: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Keep the land that meets the area."""
    land = given.land
    if land is None or len(land) == 0:
        return _nothing(area)
    there = land[_LINE].to_crs(area.crs)
    meets = shapely.intersects(ground, there.geometry.array)
    given.ledger.add("land", "outside the area", int((~meets).sum()))
    return there[meets].reset_index(drop=True)


def housed_buildings(
    given: Given,
    ground: shapely.Geometry,
    area: gpd.GeoDataFrame,
    land: gpd.GeoDataFrame,
    rule: HouseholdRule,
    *,
    bare: bool,
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Settle the buildings of the area, their addresses, households and dwellings."""
    read = gpd.GeoDataFrame(given.buildings)
    inside = buildings_inside(read.to_crs(area.crs), ground, given.ledger)
    if inside.empty:
        what = "neither buildings nor streets" if bare else "no buildings"
        raise InputError(
            f"{what} in the area '{area['name'].iloc[0]}', but {len(read)} buildings outside it: "
            "check that the files show the same place and the coordinates are right"
        )
    points = None if given.addresses is None else given.addresses.to_crs(area.crs)
    if points is not None:
        # A building over the rim may have its door outside.
        near = shapely.intersects(ground.buffer(RIM_M), points.geometry.array)
        given.ledger.add("addresses", "outside the area", int((~near).sum()))
        points = points[near]
    settled = settle_addresses(inside, points, rule.address_m, given.ledger)
    written = inside["address"].where(inside["address"] != "", settled["address"])
    inside = inside.assign(address=written, addresses=settled["addresses"], units=settled["units"])
    inside["kind"] = kinds_by_land(inside, land)
    if given.register is not None:
        inside = join_register(inside, given.register, rule.list_m, given.ledger)
    dwellings = no_dwellings()
    if given.dwellings is not None:
        inside, dwellings = settle_dwellings(inside, given.dwellings)
    return inside.assign(**count_households(inside, rule)), dwellings


def _nothing(area: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a layer of `kind` and `name` without rows."""
    columns = {name: pd.Series(dtype="str") for name in ("kind", "name")}
    return gpd.GeoDataFrame(columns, geometry=np.array([], dtype=object), crs=area.crs)


def _silent(_: str) -> None:
    """Tell nobody."""
