"""A plan file that was edited in another program: what it changes, as an edit along the pieces of land."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from pandas.api.types import is_numeric_dtype

from gis.arrays import Floats, Geometries, Ints
from gis.coverage.check import check
from gis.editing.edit import Edit
from gis.editing.land import Land, cells_of_units
from gis.editing.redrawing import Redrawing
from gis.editing.state import KINDS, Cell, State
from gis.errors import InputError
from gis.plan import DAMAGED

# Square metres of a piece of land that may lie in another cell: what redrawing a vertex by hand leaves.
_SLACK_M2 = 0.5
_COLUMNS = ("code", "level", "parent_code", "name", "kind", "ground_code", "exclave")


@dataclass(frozen=True)
class Brought:
    """What an edited file changes.

    Attributes
    ----------
    edit
        From where the redrawing stands to what the file says, along pieces of land.
    crossed
        Pieces of land that a border of the file crosses; they go where most of each lies.
    defects
        What is wrong with the file's own polygons, kind by kind: none of it comes along.
    """

    edit: Edit
    crossed: list[int]
    defects: dict[str, int]


def brought(redrawing: Redrawing, path: Path) -> Brought:
    """Read an edited plan file.

    Cells are taken from the layer `atoms`, where its `cell_code` was changed; otherwise from the polygons of the layer
    `cells`: each piece of land goes to the cell in which most of it lies. Floors are taken from `dwellings`, where the
    file has it.

    Raises
    ------
    InputError
        Where it is no plan file of this land.
    """
    land, state = redrawing.land, redrawing.state
    cells = _layer(path, "cells", _COLUMNS)
    if cells.crs != land.plan.area.crs:
        raise InputError("the file's cells lie in another coordinate system: save them in that of the plan")
    defects = {
        str(kind): int(n) for kind, n in check(cells, area=land.plan.area).defects["kind"].value_counts().items()
    }
    leaves = cells[cells["level"] == land.plan.leaf_level]
    ground, crossed = _grounds(land, state, path, leaves)
    told = _cells(state, cells)
    _require_parents(land.plan.levels, told)
    target = State(dict(enumerate(ground)), {}, told, dict(state.together))
    for unit, code in _floors(land, path, target):
        target.put("floors", unit, code)
    for code in _held_by_nothing(target):
        target.put("cells", code, None)
    return Brought(Edit.between(state, target), crossed, defects)


def _layer(path: Path, name: str, columns: tuple[str, ...]) -> gpd.GeoDataFrame:
    try:
        layer = pyogrio.read_dataframe(path, layer=name)
    except DAMAGED as error:
        raise InputError(f"the file has no layer '{name}': send an edited plan file") from error
    missing = [column for column in columns if column not in layer]
    if missing:
        raise InputError(f"the file's layer '{name}' has no column {', '.join(missing)}: send an edited plan file")
    return layer


def _grounds(land: Land, state: State, path: Path, leaves: gpd.GeoDataFrame) -> tuple[list[str], list[int]]:
    """Ground of each piece of land, and the pieces that a border of the file crosses."""
    own = _layer(path, "atoms", ("atom_id", "cell_code"))
    if not own["atom_id"].is_unique:
        raise InputError("the file's layer 'atoms' has pieces of land with the same atom_id: send an edited plan file")
    rows = pd.Index(own["atom_id"]).get_indexer(land.plan.atoms["atom_id"])
    if (rows >= 0).all() and own["cell_code"].notna().all():
        codes = own["cell_code"].astype(str).to_numpy(object)[rows].tolist()
        if codes != land.plan.atoms["cell_code"].astype(str).tolist() and codes != list(state.land.values()):
            return codes, []
    polygons = leaves.drop_duplicates("ground_code")
    row, share = _most_covered(land.shapes, shapely.make_valid(polygons.geometry.to_numpy()))
    lost = np.flatnonzero(row < 0)
    if len(lost):
        raise InputError(f"{len(lost)} pieces of land lie in none of the file's cells: draw them in")
    crossed = np.flatnonzero(share < shapely.area(land.shapes) - _SLACK_M2).tolist()
    return polygons["ground_code"].astype(str).to_numpy(object)[row].tolist(), crossed


def _most_covered(shapes: Geometries, polygons: Geometries) -> tuple[Ints, Floats]:
    """Row of the polygon that covers most of each shape, -1 for none, and how much of it, in square metres."""
    shape, polygon = shapely.STRtree(polygons).query(shapes, predicate="intersects")
    area = shapely.area(shapely.intersection(shapes[shape], polygons[polygon]))
    best, share = np.full(len(shapes), -1, np.int64), np.zeros(len(shapes))
    order = np.argsort(area, kind="stable")
    order = order[area[order] > 0]
    best[shape[order]], share[shape[order]] = polygon[order], area[order]
    return best, share


def _cells(state: State, cells: gpd.GeoDataFrame) -> dict[str, Cell]:
    """Read what the file says of its cells; locks are not its affair."""
    found: dict[str, Cell] = {}
    leaf = {code for code, cell in state.cells.items() if code not in state.below}
    for code, level, parent, name, kind, ground, exclave in cells[list(_COLUMNS)].itertuples(index=False):
        known = state.cells.get(str(code))
        if known is None or str(code) in leaf:
            known = known or Cell(str(level), None if pd.isna(parent) else str(parent), "", KINDS[0], str(code))
            known = replace(known, ground=str(ground))
        found[str(code)] = replace(
            known,
            name="" if pd.isna(name) else str(name),
            kind=str(kind) if kind in KINDS else known.kind,
            exclave=not pd.isna(exclave) and bool(exclave),
        )
    return found


def _require_parents(levels: Sequence[str], cells: Mapping[str, Cell]) -> None:
    """Refuse cells that do not lie right under one of the level above."""
    level_above = dict(zip(levels, (None, *levels), strict=False))
    for code, cell in cells.items():
        parent = cells.get(cell.parent or "")
        known = cell.level in levels and (cell.parent is None) == (parent is None)
        if not known or (parent and parent.level) != level_above[cell.level]:
            raise InputError(f"cell {code} of the file, of level '{cell.level}', lies under '{cell.parent or ''}'")


def _floors(land: Land, path: Path, target: State) -> Iterator[tuple[int, str]]:
    """Yield dwellings that the file counts to another cell of their ground; what came with the land needs no word."""
    columns = ("building_id", "entrance", "floor_from", "floor_to", "households", "cell_code")
    runs = _layer(path, "dwellings", columns)
    for column in ("floor_from", "households"):
        if not is_numeric_dtype(runs[column]) or runs[column].isna().any():
            raise InputError(f"the file's layer 'dwellings' has rows without a number as {column}")
    held = cells_of_units(land.units, land.town, runs)
    for unit, code in enumerate(held):
        ground = target.land[land.atom_of_unit[unit]]
        if code != ground and code in target.sharing.get(ground, ()):
            yield unit, str(code)


def _held_by_nothing(state: State) -> list[str]:
    """Cells of the file that hold neither land nor floors: given up, with those above that hold nothing else."""
    gone: list[str] = []
    levels = sorted(state.cells, key=lambda code: -len(list(state.above(code))))
    for code in levels:
        below = state.below.get(code, set()) - {*gone}
        if not below and code not in state.atoms_on and code not in state.units_of:
            gone.append(code)
    return gone
