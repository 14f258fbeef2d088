"""A small plan in China, reports about it, and a way to find cells that shares nothing with the index."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.coverage.lattice import to_lattice
from gis.plan import Plan

CRS = "EPSG:32649"
_CHUNK = 50_000


def plan_in_china(west: float = 500_000, south: float = 4_200_000) -> Plan:
    """Two grids of 200 m beside each other near 111° E, the eastern one with two cells on one ground."""
    one, other = (
        shapely.box(west, south, west + 200, south + 200),
        shapely.box(west + 200, south, west + 400, south + 200),
    )
    cells = gpd.GeoDataFrame(
        {
            "code": ["g1", "g2", "g101", "g201", "g202"],
            "level": ["grid", "grid", "micro", "micro", "micro"],
            "parent_code": [None, None, "g1", "g2", "g2"],
            "name": ["一", "二", "一 1", "二 1", "二 2"],
            "ground_code": ["g1", "g2", "g101", "g201", "g201"],
        },
        geometry=[one, other, one, other, other],
        crs=CRS,
    )
    area = gpd.GeoDataFrame({"code": ["a"], "name": ["a"]}, geometry=[one.union(other)], crs=CRS)
    buildings = gpd.GeoDataFrame(
        {
            "building_id": ["b1", "b2"],
            "households": [3, 30],
            "floors": [1, 10],
            "address": ["建设路1号", "建设路2号"],
            "cell_code": ["g101", None],
        },
        geometry=[shapely.box(west + 90, south + 90, west + 110, south + 110), other.centroid.buffer(15)],
        crs=CRS,
    )
    lines = gpd.GeoDataFrame({"kind": ["street"], "name": [""]}, geometry=[one.intersection(other)], crs=CRS)
    dwellings = pd.DataFrame(
        {
            "building_id": ["b1", "b2", "b2"],
            "entrance": ["正门", "1单元", "1单元"],
            "floor_from": [1, 1, 6],
            "floor_to": [1, 5, 10],
            "households": [3, 15, 15],
            "cell_code": ["g101", "g201", "g202"],
        }
    )
    nothing = dict.fromkeys(("atoms", "exceptions", "land"), cells.iloc[:0])
    levels = {"levels": [{"sha256": "0123456789abcdef"}]}
    metadata = {"levels": ["grid", "micro"], "certificate": levels}
    return Plan(
        area=area, cells=cells, buildings=buildings, dwellings=dwellings, barriers=lines, metadata=metadata, **nothing
    )


def lon_lat(x: float, y: float) -> tuple[float, float]:
    point = gpd.GeoSeries([shapely.Point(x, y)], crs=CRS).to_crs(4326)[0]
    return point.x, point.y


def write_reports(path: Path, rows: list[dict]) -> Path:
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


def holds(shapes: np.ndarray, row: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Whether polygon `row[k]` holds point k: edges to the west of it counted in whole numbers, odd is inside."""
    xy, ring = shapely.get_coordinates(shapes), None
    count = shapely.get_num_coordinates(shapes)
    steps, ring = to_lattice(xy), np.repeat(np.arange(len(shapes)), count)
    same = ring[1:] == ring[:-1]
    edges = np.zeros((len(shapes), int(count.max()), 4), np.int64)
    at = np.arange(len(ring)) - np.repeat(np.cumsum(count) - count, count)
    edges[ring[:-1][same], at[:-1][same]] = np.hstack([steps[:-1], steps[1:]])[same]
    px, py = to_lattice(x)[:, None], to_lattice(y)[:, None]
    inside = np.empty(len(row), np.bool_)
    for first in range(0, len(row), _CHUNK):
        k = slice(first, first + _CHUNK)
        x0, y0, x1, y1 = np.moveaxis(edges[row[k]], 2, 0)
        turn = (x1 - x0) * (py[k] - y0) - (y1 - y0) * (px[k] - x0)
        west = ((y0 <= py[k]) != (y1 <= py[k])) & (np.where(y1 > y0, turn, -turn) <= 0)
        inside[k] = west.sum(axis=1) % 2 == 1
    return inside


def awkward_points(shapes: np.ndarray, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Points anywhere, on vertices, on edges as near as the lattice allows, and a step beside both."""
    rng = np.random.default_rng(seed)
    xy = shapely.get_coordinates(shapes)
    low, high = xy.min(axis=0), xy.max(axis=0)
    at = rng.integers(0, len(xy) - 1, count)
    share = np.where(rng.random(count) < 1 / 2, 0.0, rng.random(count))[:, None]
    beside = rng.integers(-1, 2, (count, 2)) / 1024
    near = np.rint((xy[at] * (1 - share) + xy[at + 1] * share) * 1024) / 1024 + beside
    anywhere = rng.uniform(low - 5, high + 5, (count, 2))
    points = np.where((rng.random(count) < 1 / 4)[:, None], anywhere, near)
    return points[:, 0].copy(), points[:, 1].copy()
