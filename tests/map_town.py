"""A town of many cells with reports, made of a tiling: what maps are measured with."""

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from tilings import CRS, tiling

from gis.location.index import CellIndex
from gis.plan import Plan

_IN_A_GRID = 10
_CATEGORIES = ("路灯", "井盖", "垃圾", "占道", "噪声", "积水", "绿化", "停车", "施工", "其他")


def made_plan(columns: int, rows: int, cuts: int = 16, seed: int = 1) -> Plan:
    """Make a plan of so many micro-grids of four times `cuts` vertices, a hundred of them to a grid."""
    shapes, rng = tiling(columns, rows, cuts=cuts, seed=seed), np.random.default_rng(seed)
    number = np.arange(len(shapes))
    column, row = number % columns, number // columns
    grid = row // _IN_A_GRID * (columns // _IN_A_GRID + 1) + column // _IN_A_GRID
    leaf = _cells(
        [f"1301050010{g:05d}{k:06d}" for g, k in zip(grid, number, strict=True)],
        "micro",
        [f"1301050010{g:05d}" for g in grid],
        rng.integers(40, 110, len(shapes)),
        shapes,
    )
    above = leaf.dissolve("parent_code", aggfunc={"households": "sum"}, method="coverage").reset_index()
    grids = _cells(
        above["parent_code"].tolist(), "grid", [None] * len(above), above["households"], above.geometry.to_numpy()
    )
    area = gpd.GeoDataFrame(
        {"code": ["130105001"], "name": ["大街道"]}, geometry=[shapely.coverage_union_all(grids.geometry)], crs=CRS
    )
    houses = gpd.GeoDataFrame({"building_id": [], "address": []}, geometry=[], crs=CRS)
    nothing = gpd.GeoDataFrame({"kind": [], "name": []}, geometry=[], crs=CRS)
    names = ["grid", "micro"]
    return Plan(
        area=area,
        cells=gpd.GeoDataFrame(pd.concat([grids, leaf], ignore_index=True), crs=CRS),
        atoms=nothing,
        buildings=houses,
        dwellings=pd.DataFrame(),
        exceptions=pd.DataFrame({"cell_code": [], "rule": [], "reason": []}),
        barriers=nothing,
        land=nothing,
        metadata={
            "levels": names,
            "bands": {"micro": [70, 80]},
            "inputs": [],
            "certificate": {"valid": True, "levels": [{"name": name, "sha256": "0" * 64} for name in names]},
        },
    )


def _cells(
    codes: list[str], level: str, parents: list[str | None], households: object, shapes: object
) -> gpd.GeoDataFrame:
    columns = {
        "code": codes, "level": level, "parent_code": parents, "name": "", "kind": "general", "households": households,
        "ground_code": codes, "floor_from": None, "floor_to": None, "exclave": 0, "predecessors": "",
    }  # fmt: skip
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS)


def made_reports(plan: Plan, count: int, seed: int = 0) -> pd.DataFrame:
    """Make routed reports of two years, all over the town, each with words of its own."""
    rng = np.random.default_rng(seed)
    west, south, east, north = plan.area.total_bounds
    points = rng.uniform((west, south), (east, north), (2 * count, 2))
    index = CellIndex.from_plan(plan)
    row = index.locate(*points.T.copy())
    points, row = points[row >= 0][:count], row[row >= 0][:count]
    codes, grids = (index.grounds[name].to_numpy()[row] for name in ("code", "grid"))
    kind = rng.integers(0, len(_CATEGORIES), count)
    moments = np.datetime64("2024-01-01") + rng.integers(0, 730 * 24 * 60, count).astype("timedelta64[m]")
    return pd.DataFrame(
        {
            "category": [_CATEGORIES[k] for k in kind],
            "description": [
                f"{_CATEGORIES[k]}：{n % 9973} 号附近" for k, n in zip(kind, rng.permutation(count), strict=True)
            ],
            "time": moments.astype(str),
            "plan_x": points[:, 0],
            "plan_y": points[:, 1],
            "cell_code": codes,
            "grid_codes": [json.dumps({"grid": g, "micro": c}) for g, c in zip(grids, codes, strict=True)],
            "status": "inside",
            "reason": "",
            "plan_version": plan.version,
        }
    )
