"""A town of fifty thousand pieces of land in two thousand cells: what the planner's page is measured with."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

import gis
from gis.plan import Plan

CRS, BLOCK, ACROSS = 4547, 100.0, 10
_LEVELS = "grid:900-1100,micro:90-110"


def large_plan(folder: Path, columns: int = 25, rows: int = 20, seed: int = 1) -> Plan:
    """Draw the plan of a town of street blocks with a hundred houses each, three to five households in each."""
    rng = np.random.default_rng(seed)
    width, height = columns * BLOCK, rows * BLOCK
    west, south = 540_000.0, 4_200_000.0
    lines = [
        shapely.LineString([(west + k * BLOCK, south), (west + k * BLOCK, south + height)]) for k in range(columns + 1)
    ]
    lines += [
        shapely.LineString([(west, south + k * BLOCK), (west + width, south + k * BLOCK)]) for k in range(rows + 1)
    ]
    streets = gpd.GeoDataFrame({"name": [f"S{k}" for k in range(len(lines))]}, geometry=lines, crs=CRS)
    step = BLOCK / ACROSS
    x, y = np.meshgrid(
        west + step * (np.arange(columns * ACROSS) + 0.5), south + step * (np.arange(rows * ACROSS) + 0.5)
    )
    x, y = (axis.ravel() + rng.uniform(-1.2, 1.2, axis.size) for axis in (x, y))
    half = rng.uniform(2.0, 3.2, len(x))
    houses = gpd.GeoDataFrame(
        {"building_id": [f"B{k}" for k in range(len(x))], "households": rng.integers(3, 6, len(x)), "floors": 2},
        geometry=shapely.box(x - half, y - half, x + half, y + half),
        crs=CRS,
    )
    area = gpd.GeoDataFrame(
        {"name": ["Large"]}, geometry=[shapely.box(west, south, west + width, south + height)], crs=CRS
    )
    path = folder / "large.gpkg"
    for name, layer in (("streets", streets), ("buildings", houses), ("area", area)):
        layer.to_file(path, layer=name, driver="GPKG")
    town = gis.read_town(**{name: f"{path}:{name}" for name in ("streets", "buildings", "area")})
    return gis.delineate(town, gis.parse_levels(_LEVELS), seed=seed, workers=2)
