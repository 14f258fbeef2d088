"""Land as a background for maps, and as a hint at what the buildings on it serve."""

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from gis.sources.columns import find_column, text_column
from gis.sources.files import Source, read_layer
from gis.sources.left_out import LeftOut

LAYER: Final = "land"
# On such land a building that does not say what it is serves the place, and nobody lives there.
_SERVING: Final = frozenset({"school", "hospital", "market", "industry", "railway"})
_UNSAID: Final = frozenset({"", "yes"})


def read_land(source: Source, ledger: LeftOut) -> gpd.GeoDataFrame | None:
    """Read the layer `land` of a file of buildings: `kind`, `name`, geometry; None where nothing is there."""
    if source.path.suffix.casefold() != ".gpkg" or LAYER not in source.layers():
        return None
    if not pyogrio.read_info(source.path, layer=LAYER)["features"]:
        return None
    rows = read_layer(Source(source.path, LAYER), ledger, LAYER, "polygon")
    kind, name = (text_column(rows, find_column(rows.columns, meaning)) for meaning in ("kind", "name"))
    return gpd.GeoDataFrame({"kind": kind, "name": name}, geometry=rows.geometry, crs=rows.crs)


def kinds_by_land(buildings: gpd.GeoDataFrame, land: gpd.GeoDataFrame) -> pd.Series:
    """Return the kind of each building, taken from the land where neither tags nor an address say anything.

    Parameters
    ----------
    buildings
        `kind`, `addresses`, geometry.
    land
        `kind`, geometry; same CRS.
    """
    kinds = buildings["kind"].copy()
    unsaid = np.flatnonzero(kinds.isin(_UNSAID).to_numpy() & (buildings["addresses"] == 0).to_numpy())
    serving = land[land["kind"].isin(_SERVING)]
    if serving.empty or not len(unsaid):
        return kinds
    points = shapely.point_on_surface(np.array(buildings.geometry.array, dtype=object)[unsaid])
    grounds = shapely.make_valid(np.array(serving.geometry.array, dtype=object))
    which, where = shapely.STRtree(grounds).query(points, predicate="within")
    kinds.iloc[unsaid[which]] = serving["kind"].to_numpy()[where]
    return kinds
