"""The former plan, read back: the town it was drawn for, and the cell in which it had each piece of land."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.arrays import Geometries, Ints
from gis.delineation.bands import Band
from gis.delineation.levels import Level
from gis.plan import Plan
from gis.sources.town import Town

COMMUNITY = "community"


def levels_of(plan: Plan) -> list[Level]:
    """Return the levels that were divided, top first."""
    return [Level(name, Band(*plan.metadata["bands"][name])) for name in plan.levels if name != COMMUNITY]


def town_of(plan: Plan) -> Town:
    """Return the town of a plan. The outlines of its atoms are lines too, so that no land is laid out anew."""
    communities = plan.at_level(COMMUNITY)[["code", "name", "geometry"]].reset_index(drop=True)
    outlines = plan.atoms.geometry.boundary.to_numpy()
    seams = gpd.GeoDataFrame(
        {"kind": ["gap"] * len(outlines), "name": [""] * len(outlines)}, geometry=outlines, crs=plan.atoms.crs
    )
    barriers = gpd.GeoDataFrame(pd.concat([plan.barriers, seams], ignore_index=True), crs=plan.atoms.crs)
    return Town(
        area=plan.area,
        communities=communities,
        barriers=barriers,
        buildings=plan.buildings.drop(columns="cell_code"),
        dwellings=_by_floor(plan.dwellings),
        land=plan.land,
        left_out=pd.DataFrame({"layer": [], "reason": [], "count": []}),
        inputs=list(plan.metadata["inputs"]),
    )


def _by_floor(dwellings: pd.DataFrame) -> pd.DataFrame:
    """Lay runs of floors out floor by floor; those of buildings without entrances follow from the building."""
    runs = dwellings[dwellings["entrance"].fillna("") != ""].drop(columns="cell_code")
    floors = (runs["floor_to"] - runs["floor_from"] + 1).to_numpy(np.int64)
    each = runs.loc[runs.index.repeat(floors)].reset_index(drop=True)
    step = np.arange(len(each)) - np.repeat(np.cumsum(floors) - floors, floors)
    total, of = each["households"].to_numpy(np.int64), np.repeat(floors, floors)
    low = each["floor_from"] + step
    share = (step + 1) * total // np.maximum(of, 1) - step * total // np.maximum(of, 1)
    return each.assign(floor_from=low, floor_to=low, households=share)


@dataclass(frozen=True)
class Former:
    """The grounds of one level of a former plan.

    Attributes
    ----------
    codes
        Codes of the cells on each ground, bottom first.
    names
        Name of each cell, by code.
    parents
        Code of the cell above each ground; None at the top.
    of_atom : (n,) int64
        Ground of each atom of the former plan.
    """

    codes: list[list[str]]
    names: dict[str, str]
    parents: list[str | None]
    of_atom: Ints


def former_levels(plan: Plan) -> list[Former]:
    """Return the grounds of every level that was divided, top first."""
    parent_of = dict(zip(plan.cells["code"], plan.cells["parent_code"], strict=True))
    code = plan.atoms["cell_code"].to_numpy(object)
    found: list[Former] = []
    for level in reversed(levels_of(plan)):
        cells = plan.at_level(level.name)
        grounds = cells.groupby("ground_code", sort=True)
        codes = {
            str(ground): rows.sort_values("floor_from", kind="stable")["code"].tolist() for ground, rows in grounds
        }
        index = pd.Index(list(codes))
        parents = [None if pd.isna(parent_of[ground]) else str(parent_of[ground]) for ground in codes]
        names = dict(zip(cells["code"], cells["name"], strict=True))
        found.append(Former(list(codes.values()), names, parents, index.get_indexer(code).astype(np.int64)))
        code = np.array(parents, object)[found[-1].of_atom]
    return found[::-1]


def atom_at(plan: Plan, places: Geometries) -> Ints:
    """Row of the former atom at each of some points inside its area."""
    atoms = plan.atoms.geometry.to_numpy()
    tree = shapely.STRtree(atoms)
    point, atom = tree.query(places, predicate="intersects")
    row = np.full(len(places), -1, np.int64)
    row[point[::-1]] = atom[::-1]
    if (row < 0).any():
        row[row < 0] = tree.nearest(places[row < 0])
    return row
