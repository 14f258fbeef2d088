"""What every source delivers: the clean layers of one area, in its metric CRS."""

from dataclasses import dataclass, field

import geopandas as gpd
import pandas as pd

from gis.sources.rules import no_rules


@dataclass(frozen=True)
class Town:
    """Clean layers of one area; every layer in the same projected CRS in metres.

    Attributes
    ----------
    area
        One row: `code`, `name`, geometry (valid Polygon or MultiPolygon).
    communities
        `code`, `name`, geometry; empty where the area is the one parent.
    barriers
        `kind` (a lower-case name of `gis.barriers.Barrier` from wall to river), `name`, geometry (LineString).
    buildings
        `building_id` (unique text), `households` (int64, ≥ 0), `household_basis` (text: column, addresses, units,
        floors, height, assumed_floors, house, none), `floors` (int64, 0 where unknown; what an estimate assumed where
        the basis says so), `address` (text), geometry (Polygon, MultiPolygon or Point); only those whose representative
        point lies in the area.
    dwellings
        `building_id`, `entrance` (text), `floor_from`, `floor_to`, `households`: given detail, possibly empty.
    land
        `kind` (water, green, school, market, …), `name`, geometry: background for maps, never a rule.
    rules
        `row` (in the file, from 1), `rule` (locked, exclusive, together, apart, exclave), `name`, `level`, `code`,
        `group` (texts, empty where not given), geometry (Polygons, or Points of buildings): what is demanded of a
        drawing; possibly empty.
    left_out
        `layer`, `reason`, `count`: everything read and not used.
    inputs
        `name`, `sha256` of each file read.
    """

    area: gpd.GeoDataFrame
    communities: gpd.GeoDataFrame
    barriers: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    dwellings: pd.DataFrame
    land: gpd.GeoDataFrame
    left_out: pd.DataFrame
    inputs: list[dict[str, str]] = field(default_factory=list)
    rules: gpd.GeoDataFrame = field(default_factory=no_rules)
