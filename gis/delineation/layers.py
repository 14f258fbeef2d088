"""The layers of a plan, from what was laid and drawn."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.arrays import Ints
from gis.delineation.atoms import Atoms
from gis.delineation.tiers import Tier, cell_table
from gis.sources.town import Town


def floors(units: pd.DataFrame, slices: Ints) -> pd.DataFrame:
    """Floors of each cell that shares its ground with others, by cell."""
    cell = np.repeat(slices > 1, slices)
    span = units.groupby("cell").agg(floor_from=("floor_from", "min"), floor_to=("floor_to", "max"))
    return span.reindex(np.arange(len(cell))).where(np.column_stack([cell, cell]))


def cell_layer(tiers: Sequence[Tier], floors: pd.DataFrame, town: Town) -> gpd.GeoDataFrame:
    """Lay the cells of all levels under each other, each with the polygon of its ground."""
    polygons = np.concatenate([tier.polygons[tier.ground] for tier in tiers])
    table = cell_table(tiers, floors)
    table["exclave"] = (shapely.get_num_geometries(polygons) > 1).astype(np.int64)
    table["predecessors"] = ""
    return gpd.GeoDataFrame(table, geometry=polygons, crs=town.area.crs)


def atom_layer(atoms: Atoms, leaf: Tier, town: Town) -> gpd.GeoDataFrame:
    """Draw the atoms, with the code of the ground on which each lies."""
    codes = np.array(leaf.ground_codes, dtype=object)
    number = np.arange(len(atoms))
    table = {"atom_id": number, "cell_code": codes[leaf.of_atom], "households": atoms.households}
    return gpd.GeoDataFrame(table, geometry=atoms.polygons(number, len(atoms)), crs=town.area.crs)


def building_layer(town: Town, units: pd.DataFrame, atoms: Atoms, leaf: Tier) -> gpd.GeoDataFrame:
    """Add the code of their cell to buildings; none for a building that several cells share."""
    codes = np.array(leaf.ground_codes, dtype=object)[leaf.of_atom[atoms.of_building]]
    span = units.groupby("building")["cell"].agg(["min", "max"])
    whole = span["min"].to_numpy() == span["max"].to_numpy()
    cell_codes = np.array(leaf.codes, dtype=object)
    codes[span.index.to_numpy()] = np.where(whole, cell_codes[span["min"].to_numpy()], None)
    return town.buildings.assign(cell_code=pd.array(codes, dtype="str"))


def dwelling_table(town: Town, units: pd.DataFrame, leaf: Tier) -> pd.DataFrame:
    """Dwellings by building, entrance and run of floors in one cell."""
    ordered = units.sort_values(["building", "entrance", "floor_from"], kind="stable")
    key = ordered[["building", "entrance", "cell"]]
    run = (key != key.shift()).any(axis=1).cumsum()
    table = ordered.groupby(run.to_numpy(), sort=False).agg(
        building=("building", "first"),
        entrance=("entrance", "first"),
        floor_from=("floor_from", "min"),
        floor_to=("floor_to", "max"),
        households=("households", "sum"),
        cell=("cell", "first"),
    )
    ids = town.buildings["building_id"].to_numpy()
    table.insert(0, "building_id", ids[table.pop("building").to_numpy()])
    table["cell_code"] = np.array(leaf.codes, dtype=object)[table.pop("cell").to_numpy()]
    return table.reset_index(drop=True)
