"""The former plan, read back: the town it was drawn for, and the cell in which it had each piece of land."""

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.arrays import Bools, Geometries, Ints
from gis.barriers import Barrier
from gis.coverage.faces import OUTSIDE, plane_of
from gis.coverage.lattice import segments_of, to_metres
from gis.coverage.rings import polygons_of
from gis.delineation.atoms import Atoms, atoms_of, gathered
from gis.delineation.bands import Band
from gis.delineation.levels import Level
from gis.delineation.streets import communities_of, line_segments, row_at
from gis.plan import COMMUNITY, Plan
from gis.sources.town import Town

# Atoms with more than so many times what a street face may hold are divided anew, if several buildings stand there: at
# eight parts to the smallest cell, more than half of one.
_CROWDED = 5


def levels_of(plan: Plan) -> list[Level]:
    """Return the levels that were divided, top first."""
    return [Level(name, Band(*plan.metadata["bands"][name])) for name in plan.levels if name != COMMUNITY]


def town_of(plan: Plan) -> Town:
    """Return the town of a plan."""
    return Town(
        area=plan.area,
        communities=plan.at_level(COMMUNITY)[["code", "name", "geometry"]].reset_index(drop=True),
        barriers=plan.barriers,
        buildings=plan.buildings.drop(columns="cell_code"),
        dwellings=_by_floor(plan),
        land=plan.land,
        left_out=pd.DataFrame({"layer": [], "reason": [], "count": []}),
        inputs=list(plan.metadata["inputs"]),
    )


def _by_floor(plan: Plan) -> pd.DataFrame:
    """Lay runs of floors out floor by floor; where they only spread a building evenly, they follow from it."""
    runs = plan.dwellings.drop(columns="cell_code")
    buildings = plan.buildings.set_index("building_id")[["households", "floors"]].reindex(runs["building_id"])
    held, storeys = buildings["households"].to_numpy(np.int64), np.maximum(buildings["floors"].to_numpy(np.int64), 1)
    even = runs["floor_to"].to_numpy() * held // storeys - (runs["floor_from"].to_numpy() - 1) * held // storeys
    follows = (runs["entrance"].fillna("") == "") & (runs["households"] == even)
    runs = runs[~follows.groupby(runs["building_id"]).transform("all")]
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
    fixed : (g,) bool
        Grounds that planners drew outside the band, or in several pieces: they stay.
    """

    codes: list[list[str]]
    names: dict[str, str]
    parents: list[str | None]
    of_atom: Ints
    fixed: Bools


def former_levels(plan: Plan) -> list[Former]:
    """Return the grounds of every level that was divided, top first."""
    parent_of = dict(zip(plan.cells["code"], plan.cells["parent_code"], strict=True))
    code = plan.atoms["cell_code"].to_numpy(object)
    found: list[Former] = []
    for level in reversed(levels_of(plan)):
        cells = plan.at_level(level.name)
        # Cells of one ground stand in the file as it is cut: building by building, each from below.
        codes = {str(ground): list(rows) for ground, rows in cells.groupby("ground_code", sort=True)["code"]}
        index = pd.Index(list(codes))
        parents = [None if pd.isna(parent_of[ground]) else str(parent_of[ground]) for ground in codes]
        names = dict(zip(cells["code"], cells["name"], strict=True))
        fixed = ((cells["kind"] == "exclusive") | (cells["exclave"] > 0)).groupby(cells["ground_code"]).any()
        of_atom = index.get_indexer(code).astype(np.int64)
        found.append(Former(list(codes.values()), names, parents, of_atom, fixed.reindex(index).to_numpy(bool)))
        code = np.array(parents, object)[found[-1].of_atom]
    return found[::-1]


def atoms_again(plan: Plan, town: Town, *, divide_above: int, workers: int) -> tuple[Atoms, Ints]:
    """Lay the land of a former plan again, under the buildings of today.

    Atoms stay as they are, but where a new footprint crosses their outlines: it overrules them. Where new buildings
    make atoms too heavy for any cell, street faces are divided anew within the old outlines.

    Returns
    -------
    atoms
        The atoms of today.
    former : (n,) int64
        Row of the former atom where each of them lies.
    """
    old = plan.atoms.geometry.to_numpy()
    seams = segments_of(old)[0]
    new = ~pd.Series(town.buildings.geometry.to_wkb()).isin(plan.buildings.geometry.to_wkb()).to_numpy()
    atoms = _kept(town, old, seams, new)
    standing = np.bincount(atoms.of_building, minlength=len(atoms))
    built = np.bincount(atoms.of_building, new, minlength=len(atoms)) > 0
    if (built & (standing > 1) & (atoms.households > _CROWDED * divide_above)).any():
        lines = shapely.linestrings(to_metres(seams).reshape(-1, 2, 2))
        gaps = gpd.GeoDataFrame({"kind": ["gap"] * len(lines), "name": [""] * len(lines)}, geometry=lines)
        barriers = gpd.GeoDataFrame(pd.concat([town.barriers, gaps.set_crs(town.area.crs)], ignore_index=True))
        atoms = atoms_of(replace(town, barriers=barriers), divide_above=divide_above, workers=workers)
    places = shapely.point_on_surface(atoms.polygons(np.arange(len(atoms)), len(atoms)))
    return atoms, row_at(old, places)


def _kept(town: Town, old: Geometries, seams: Ints, new: Bools) -> Atoms:
    """Label each face with the former atom it lies in; new footprints belong to that of their building."""
    buildings = town.buildings.geometry.to_numpy()
    drawn = np.flatnonzero(new)
    if len(drawn):
        lines = shapely.linestrings(to_metres(seams).reshape(-1, 2, 2))
        drawn = drawn[np.unique(shapely.STRtree(lines).query(buildings[drawn], predicate="intersects")[0])]
    segments, strength = line_segments(town)
    weak = np.concatenate([seams, segments_of(buildings[drawn])[0]])
    plane = plane_of(
        np.concatenate([segments, weak]), np.concatenate([strength, np.full(len(weak), Barrier.GAP, np.int64)])
    )
    pieces = polygons_of(plane, np.arange(plane.face_count), plane.face_count)
    inner = shapely.point_on_surface(pieces)
    inside = shapely.contains_xy(shapely.union_all(town.area.geometry.to_numpy()), *shapely.get_coordinates(inner).T)
    within = np.flatnonzero(inside)
    at = shapely.point_on_surface(buildings)
    standing_in = within[row_at(pieces[within], at)]
    label = row_at(old, inner)
    on, footprint = shapely.STRtree(buildings[drawn]).query(inner, predicate="within")[:, ::-1]
    label[on] = label[standing_in[drawn[footprint]]]
    label[~inside] = OUTSIDE
    home, community = np.arange(len(old)), communities_of(town, old)
    households = town.buildings["households"].to_numpy().astype(np.int64)
    return gathered(plane, label, home, community, buildings, standing_in, pieces, within, households)
