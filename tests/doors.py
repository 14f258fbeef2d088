"""A plan of two grids with doors, for tests of links and of the signs that carry them."""

import geopandas as gpd
import pandas as pd
import shapely

from gis.plan import Plan

COMMUNITY = "130105005001"
GRIDS = [f"{COMMUNITY}001", f"{COMMUNITY}002"]
HOUSES, LOW, HIGH, PARK = f"{GRIDS[0]}01", f"{GRIDS[0]}02", f"{GRIDS[0]}03", f"{GRIDS[1]}01"
RETIRED = {
    "R-ONE": [HOUSES],
    "R-FLOORS": [LOW, HIGH],
    "R-GRIDS": [HOUSES, PARK],
    "R-OLDER": ["R-ONE"],
    "R-NONE": [],
}
SIDE = 100.0


def small_plan(text: str = "柳岸") -> Plan:
    """Return a plan that a file can hold: houses with two entrances, and a tower that two cells share by floors."""
    west, east, whole = shapely.box(0, 0, SIDE, SIDE), shapely.box(SIDE, 0, 2 * SIDE, SIDE), shapely.box(0, 0, 200, 100)
    south, north = shapely.box(0, 0, SIDE, SIDE / 2), shapely.box(0, SIDE / 2, SIDE, SIDE)
    cells = [
        (COMMUNITY, "community", None, COMMUNITY, None, None, 40, whole),
        (GRIDS[0], "grid", COMMUNITY, GRIDS[0], None, None, 30, west),
        (GRIDS[1], "grid", COMMUNITY, GRIDS[1], None, None, 10, east),
        (HOUSES, "micro", GRIDS[0], HOUSES, None, None, 10, south),
        (LOW, "micro", GRIDS[0], LOW, 1, 8, 8, north),
        (HIGH, "micro", GRIDS[0], LOW, 9, 20, 12, north),
        (PARK, "micro", GRIDS[1], PARK, None, None, 10, east),
    ]
    columns = ["code", "level", "parent_code", "ground_code", "floor_from", "floor_to", "households", "geometry"]
    frame = layer(cells, columns).assign(kind="general", exclave=0, predecessors="")
    buildings = [
        ("HOUSE", 10, f"{text}路1号", HOUSES, south.centroid),
        ("TOWER", 20, "", None, north.centroid),
        ("LODGE", 10, f"{text}路3号", PARK, east.centroid),
        ("SHED", 0, "", PARK, shapely.Point(180, 20)),
    ]
    dwellings = [
        ("HOUSE", f"{text}1单元", 1, 2, 4, HOUSES),
        ("HOUSE", f"{text}2单元", 1, 2, 6, HOUSES),
        ("TOWER", "正门", 1, 8, 8, LOW),
        ("TOWER", "正门", 9, 20, 12, HIGH),
        ("LODGE", None, 1, 1, 10, PARK),
    ]
    empty = gpd.GeoDataFrame({"kind": ["water"], "name": [""]}, geometry=[south], crs=4547)
    names = ["building_id", "entrance", "floor_from", "floor_to", "households", "cell_code"]
    return Plan(
        area=layer([("A", f"{text}街道", whole)], ["code", "name", "geometry"]),
        cells=frame.assign(name=[f"{text}{k}" for k in range(len(frame))]),
        atoms=layer([(0, HOUSES, 10, south), (1, LOW, 20, north), (2, PARK, 10, east)],
                    ["atom_id", "cell_code", "households", "geometry"]),
        buildings=layer(buildings, ["building_id", "households", "address", "cell_code", "geometry"]).assign(
            household_basis="column", floors=20
        ),
        dwellings=pd.DataFrame(dwellings, columns=names),
        exceptions=pd.DataFrame({"cell_code": [LOW], "rule": ["households"], "reason": ["few"]}),
        barriers=empty,
        land=empty,
        metadata={
            "levels": ["community", "grid", "micro"],
            "bands": {"grid": [10, 30], "micro": [8, 12]},
            "certificate": {"valid": True, "levels": [{"name": "micro", "sha256": "00"}]},
            "quality": {},
            "drawing": {},
            "inputs": [],
            "retired": RETIRED,
        },
    )  # fmt: skip


def layer(rows: list[tuple[object, ...]], columns: list[str]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(rows, columns=columns, geometry="geometry", crs=4547)
