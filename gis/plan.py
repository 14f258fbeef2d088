"""The plan: cells that tile an area, what lies in them, and the file that keeps both."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from gis.coverage.lattice import to_lattice
from gis.errors import InputError
from gis.writing import written_beside

# What reading bytes raises that were once a file.
DAMAGED = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    pyogrio.errors.FeatureError,
    shapely.errors.ShapelyError,
    LookupError,
    AttributeError,
    TypeError,
    ValueError,
)
LAYERS = ("area", "cells", "atoms", "buildings", "barriers", "land")
TABLES = ("dwellings", "exceptions")
# Read whole or not at all: an index of where its rows lie would serve nobody.
_UNSEARCHED = ("atoms",)
# Name of the level of communities, which are given and have no band.
COMMUNITY = "community"
# What a plan file must have to be read.
_COLUMNS = {
    "area": ("code", "name"),
    "cells": (
        *("code", "level", "parent_code", "name", "kind", "households"),
        *("ground_code", "floor_from", "floor_to", "exclave", "predecessors"),
    ),
    "atoms": ("cell_code", "households"),
    "buildings": ("building_id", "households", "household_basis", "floors", "address", "cell_code"),
    "dwellings": ("building_id", "entrance", "floor_from", "floor_to", "households", "cell_code"),
    "exceptions": ("cell_code", "rule", "reason"),
    "barriers": ("kind", "name"),
    "land": ("kind", "name"),
}
_METADATA = {"levels": list, "bands": dict, "certificate": dict, "quality": dict, "drawing": dict, "inputs": list}
# Atoms and area are drawn from the same vertices: their areas differ by rounding alone.
_SAME_LAND = 1e-6


@dataclass(frozen=True)
class Plan:
    """A nested division of an area. All layers share one projected CRS in metres.

    Attributes
    ----------
    area
        One row: `code`, `name`, geometry.
    cells
        `code` (unique), `level`, `parent_code` (None at the top), `name`, `kind`, `households`, `ground_code`,
        `floor_from`, `floor_to`, `exclave`, `predecessors`, geometry. The distinct ground polygons of a level
        tile the area exactly.
    atoms
        `atom_id`, `cell_code` (leaf; the ground code where floors divide it), `households`, geometry.
    buildings
        `building_id`, `households`, `household_basis`, `floors`, `address`, `cell_code` (None if
        several cells share it), geometry.
    dwellings
        `building_id`, `entrance`, `floor_from`, `floor_to`, `households`, `cell_code`: every household once.
    exceptions
        `cell_code`, `rule`, `reason`: one row for every cell out of its band, exclave or hole.
    barriers
        `kind`, `name`, geometry: the lines that cells follow.
    land
        `kind`, `name`, geometry: water, green and public places, as a background.
    metadata
        Parameters, seed, inputs, versions, timings, certificate. Level names, top first, under ``"levels"``.
    """

    area: gpd.GeoDataFrame
    cells: gpd.GeoDataFrame
    atoms: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    dwellings: pd.DataFrame
    exceptions: pd.DataFrame
    barriers: gpd.GeoDataFrame
    land: gpd.GeoDataFrame
    metadata: dict[str, Any] = field(default_factory=dict)

    @property
    def levels(self) -> list[str]:
        """Names of the levels, top first."""
        return list(self.metadata["levels"])

    @property
    def version(self) -> str:
        """Short name of what is drawn: boundaries, codes, parents and floors; not of the households counted in them."""
        digest = hashlib.sha256("".join(level["sha256"] for level in self.metadata["certificate"]["levels"]).encode())
        for name in ("code", "level", "parent_code", "ground_code", "floor_from", "floor_to"):
            if name in self.cells:
                # Floors are read from a file as they are in memory: as whole numbers or none.
                column = self.cells[name].astype("Int64") if name.startswith("floor") else self.cells[name]
                digest.update("\n".join(column.astype("object").fillna("").astype(str)).encode())
        # The lines of the certificate are the same where two cells change places; what each encloses is not.
        digest.update(to_lattice(self.cells.geometry.bounds.to_numpy()).astype("<i8").tobytes())
        return digest.hexdigest()[:12]

    @property
    def leaf_level(self) -> str:
        """Name of the lowest level."""
        return self.levels[-1]

    def at_level(self, level: str) -> gpd.GeoDataFrame:
        """Return the cells of one level, as they stand in the file: those of one ground together, bottom first."""
        return self.cells[self.cells["level"] == level]


def write_plan(plan: Plan, path: str | Path) -> None:
    """Write a plan as a GeoPackage: beside its place first, then renamed, so that no half of a plan is ever seen.

    Parameters
    ----------
    plan
        The plan to keep.
    path
        Where: `*.gpkg`; an existing file is replaced.
    """
    metadata = pd.DataFrame(
        {"key": list(plan.metadata), "value": [json.dumps(v, ensure_ascii=False) for v in plan.metadata.values()]}
    )
    with written_beside(path) as beside:
        for name in LAYERS:
            layer = getattr(plan, name)
            pyogrio.write_dataframe(
                layer,
                beside,
                layer=name,
                driver="GPKG",
                geometry_type=_geometry_type(layer),
                promote_to_multi=False,
                append=beside.exists(),
                use_arrow=True,
                layer_options={"SPATIAL_INDEX": "NO" if name in _UNSEARCHED else "YES"},
            )
        for name in TABLES:
            pyogrio.write_dataframe(getattr(plan, name), beside, layer=name, driver="GPKG", append=True, use_arrow=True)
        pyogrio.write_dataframe(metadata, beside, layer="metadata", driver="GPKG", append=True)


def read_plan(path: str | Path) -> Plan:
    """Read a plan file.

    Raises
    ------
    InputError
        Where the file is missing, unreadable, or lacks a layer of a plan.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path}: no such file: make a plan with 'wangge delineate'")
    try:
        held = {str(name) for name, _ in pyogrio.list_layers(path)}
    except (pyogrio.errors.DataSourceError, OSError) as error:
        raise InputError(f"{path}: not a plan file: {error}") from error
    missing = [name for name in (*LAYERS, *TABLES, "metadata") if name not in held]
    if missing:
        raise InputError(f"{path}: not a plan file: no layer {', '.join(missing)}")
    try:
        parts = {name: pyogrio.read_dataframe(path, layer=name, use_arrow=True) for name in (*LAYERS, *TABLES)}
        table = pyogrio.read_dataframe(path, layer="metadata")
        metadata = {key: json.loads(value) for key, value in zip(table["key"], table["value"], strict=True)}
    except DAMAGED as error:
        raise InputError(f"{path}: a damaged plan file: {' '.join(str(error).split())}") from error
    plan = Plan(**parts, metadata=metadata)
    _require_whole(plan, path)
    return plan


def _require_whole(plan: Plan, path: Path) -> None:
    """Refuse a plan file in which something is gone, or does not fit the rest: it would be carried on unseen."""
    for faults_of in (_missing_columns, _metadata_faults, _cell_faults, _code_faults, _sum_faults):
        fault = next(faults_of(plan), None)
        if fault is not None:
            raise InputError(f"{path}: a damaged plan file: {fault}")


def _missing_columns(plan: Plan) -> Iterator[str]:
    for layer, columns in _COLUMNS.items():
        missing = [name for name in columns if name not in getattr(plan, layer)]
        if missing:
            yield f"layer {layer} has no column {', '.join(missing)}"
    if len(plan.area) != 1:
        yield f"layer area has {len(plan.area)} rows, not one"


def _metadata_faults(plan: Plan) -> Iterator[str]:
    metadata = plan.metadata
    for key, kind in _METADATA.items():
        if not isinstance(metadata.get(key), kind):
            yield f"its metadata has no {key}"
    for level in metadata["levels"]:
        band = metadata["bands"].get(level, [1, 1] if level == COMMUNITY else None)
        if not (isinstance(band, list) and [type(end) for end in band] == [int, int] and 0 < band[0] <= band[1]):
            yield f"its metadata has no band of level {level}"
    retired = metadata.get("retired", {})
    if not isinstance(retired, dict) or not all(isinstance(codes, list) for codes in retired.values()):
        yield "its metadata has retired codes without a list of successors"


def _cell_faults(plan: Plan) -> Iterator[str]:
    cells = plan.cells
    if cells["code"].isna().any() or cells["code"].duplicated().any() or cells.geometry.isna().any():
        yield "a cell without code or geometry, or two with one code"
    above: set[str] = set()
    for level in plan.levels:
        there = plan.at_level(level)
        if there.empty:
            yield f"no cell of level {level}"
        if above and not there["parent_code"].isin(above).all():
            yield f"cells of level {level} whose parent is not there"
        if not there["ground_code"].isin(there["code"]).all():
            yield f"cells of level {level} whose ground is not there"
        above = set(there["code"])
    if not cells["level"].isin(plan.levels).all():
        yield "cells of a level that its metadata does not name"


def _code_faults(plan: Plan) -> Iterator[str]:
    leaves = set(plan.at_level(plan.leaf_level)["code"])
    for name in ("atoms", "buildings", "dwellings"):
        # A building whose floors are in several cells has none itself.
        codes = getattr(plan, name)["cell_code"]
        if not set((codes.dropna() if name == "buildings" else codes).unique()) <= leaves:
            yield f"layer {name} names cells that are not there"
    if plan.buildings["building_id"].duplicated().any():
        yield "two buildings with one building_id"
    elif (pd.Index(plan.buildings["building_id"]).get_indexer(plan.dwellings["building_id"].unique()) < 0).any():
        yield "dwellings of buildings that are not there"


def _sum_faults(plan: Plan) -> Iterator[str]:
    leaves = plan.at_level(plan.leaf_level).set_index("code")["households"]
    held = plan.dwellings.groupby("cell_code")["households"].sum().reindex(leaves.index, fill_value=0)
    if not (held == leaves).all():
        yield "cells have other households than their dwellings"
    for name in ("atoms", "buildings"):
        total = getattr(plan, name)["households"].sum()
        if total != leaves.sum():
            yield f"layer {name} has {total} households, the cells {leaves.sum()}"
    for level in plan.levels[:-1]:
        if plan.at_level(level)["households"].sum() != leaves.sum():
            yield f"level {level} has other households than level {plan.leaf_level}"
    ground, atoms = float(plan.area.area.sum()), float(plan.atoms.area.sum())
    if not abs(ground - atoms) <= _SAME_LAND * ground:
        yield f"its atoms cover {atoms:.0f} of {ground:.0f} m²"


def _geometry_type(layer: gpd.GeoDataFrame) -> str:
    """Name one geometry type for a layer, since a GeoPackage layer has exactly one."""
    kinds = set(shapely.get_type_id(layer.geometry.array).tolist())
    return str(layer.geometry.geom_type.iloc[0]) if len(kinds) == 1 else "Unknown"
