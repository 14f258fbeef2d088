"""Make a street office to try things on: in the manner of Xiyuan, Shijiazhuang, and nobody's home.

2.51 km², 19,900 households, seven communities, drawn from a seed. The town and every name in it are
made up; what it holds about people are counts.
"""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from shapely import Polygon

from data.town_addresses import addresses
from data.town_blocks import fill
from data.town_homes import dwellings, settle
from data.town_joints import with_joints
from data.town_layers import make_layers
from data.town_names import OFFICE, OFFICE_CODE, RIVER, Names
from data.town_parts import Building, Ground, Line, largest
from data.town_plan import Plan, communities, corridors, make_plan
from data.town_reports import Scene, make_reports

CRS = "EPSG:4547"
HOUSEHOLDS = 19_900
#: How far a building keeps off a centre line, and off a wall (metres).
ROAD_APART, WALL_APART = 1.5, 0.2
ROADS = {"arterial", "street", "lane"}
LAYERS = ("area", "communities", "streets", "barriers", "buildings", "land")


@dataclass(frozen=True)
class DemoTown:
    """The files of a made town.

    Attributes
    ----------
    town
        `town.gpkg`: layers area, communities, streets, barriers, buildings, land and the table dwellings;
        EPSG:4547.
    reports
        `reports.csv`: 2,000 citizen reports.
    layers
        By name: `people.csv`, `places.csv`, `things.csv`, `events.csv`, `sentiment.csv`, `organisations.csv`.
    """

    town: Path
    reports: Path
    layers: Mapping[str, Path]


def make_demo_town(folder: Path, *, seed: int = 1) -> DemoTown:
    """Write the town, the reports and the six layers of a seed into a folder; the same seed gives the same town.

    Parameters
    ----------
    folder
        Where the files go; made where it does not exist. Files of the same name are replaced.
    seed
        Which town.

    Returns
    -------
    DemoTown
        The paths written.
    """
    layers = draw_town(seed)
    scene = Scene(layers["area"].geometry.iloc[0], layers["streets"], layers["buildings"])
    reports = make_reports(scene, np.random.default_rng([seed, 2]))
    tables = {"reports": reports} | make_layers(layers, scene, seed)
    folder.mkdir(parents=True, exist_ok=True)
    paths = {name: folder / f"{name}.csv" for name in tables}
    made = DemoTown(folder / "town.gpkg", paths.pop("reports"), paths)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".town-") as beside:
        town = Path(beside) / made.town.name
        for name in LAYERS:
            layers[name].to_file(town, layer=name, driver="GPKG", engine="pyogrio")
        pyogrio.write_dataframe(layers["dwellings"], town, layer="dwellings", driver="GPKG")
        for name, table in tables.items():
            table.to_csv(Path(beside) / f"{name}.csv", index=False, encoding="utf-8")
        for path in sorted(Path(beside).iterdir()):
            os.replace(path, folder / path.name)  # noqa: PTH105
    return made


def draw_town(seed: int) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers of the town of a seed, `dwellings` among them as a plain table.

    Parameters
    ----------
    seed
        Which town.
    """
    rng = np.random.default_rng([seed, 1])
    names = Names(rng)
    plan = make_plan(rng, names)
    town = fill(plan, HOUSEHOLDS, names, rng)
    lines = _joined([*plan.lines, *town.lines])
    parts = communities(plan, lines)
    area = shapely.normalize(shapely.coverage_union_all(parts))
    buildings = settle(_standing(town.buildings, lines, plan.water()), HOUSEHOLDS, rng)
    ids = [f"B{number:05d}" for number in range(1, len(buildings) + 1)]
    grounds = [*_river_land(plan, area), *town.grounds]
    return {
        "area": _frame({"code": [OFFICE_CODE], "name": [OFFICE]}, [area]),
        "communities": _frame(
            {
                "code": [f"{OFFICE_CODE}{i:03d}" for i in range(1, 8)],
                "name": [names.community() for _ in parts],
            },
            parts,
        ),
        "streets": _line_frame([line for line in lines if line.kind in ROADS]),
        "barriers": _line_frame([line for line in lines if line.kind not in ROADS]),
        "buildings": _building_frame(ids, buildings, addresses(buildings, town.doors, lines)),
        "land": _frame(
            {"kind": [g.kind for g in grounds], "name": [g.name for g in grounds]},
            [g.geometry for g in grounds],
        ),
        "dwellings": dwellings(ids, buildings),
    }


def _joined(lines: list[Line]) -> list[Line]:
    """Return the lines with a common vertex wherever roads, river and railway meet."""
    shapes = with_joints([line.geometry for line in lines])
    return [replace(line, geometry=shape) for line, shape in zip(lines, shapes, strict=True)]


def _standing(buildings: list[Building], lines: list[Line], water: Polygon) -> list[Building]:
    """Return the buildings that keep off every line and the water and on no building drawn before."""
    shapes = [building.footprint for building in buildings]
    tree = shapely.STRtree(shapes)
    apart = [WALL_APART if line.kind == "wall" else ROAD_APART for line in lines]
    near = tree.query([line.geometry for line in lines], predicate="dwithin", distance=apart)
    fallen = set(near[1].tolist())
    fallen |= set(tree.query(water, predicate="intersects").tolist())
    for one, other in tree.query(shapes, predicate="intersects").T.tolist():
        if one < other and one not in fallen and shapely.relate_pattern(shapes[one], shapes[other], "T********"):
            fallen.add(other)
    return [building for i, building in enumerate(buildings) if i not in fallen]


def _river_land(plan: Plan, area: Polygon) -> list[Ground]:
    """Return the river's surface and the green of its banks."""
    water = shapely.intersection(plan.water(), area)
    roads = corridors([line for line in plan.lines if line.kind in {"arterial", "street"}])
    banks = shapely.difference(shapely.difference(plan.between_banks(), roads), water)
    green = [Ground("green", f"{RIVER}滨河绿地", part) for part in shapely.get_parts(banks) if part.area > 50]  # noqa: PLR2004
    return [Ground("water", RIVER, largest(water)), *green]


def _frame(columns: dict[str, list[str]], shapes: list[Polygon]) -> gpd.GeoDataFrame:
    """Return a layer of the town."""
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS)


def _line_frame(lines: list[Line]) -> gpd.GeoDataFrame:
    """Return lines as a layer."""
    columns = {"kind": [line.kind for line in lines], "name": [line.name for line in lines]}
    return _frame(columns, [line.geometry for line in lines])


def _building_frame(ids: list[str], buildings: list[Building], places: list[str]) -> gpd.GeoDataFrame:
    """Return buildings as a layer."""
    table = pd.DataFrame(
        {
            "building_id": ids,
            "households": [building.households for building in buildings],
            "floors": [building.floors for building in buildings],
            "use": [building.use for building in buildings],
            "address": places,
            "name": [building.site + building.label for building in buildings],
        }
    )
    return gpd.GeoDataFrame(table, geometry=[building.footprint for building in buildings], crs=CRS)
