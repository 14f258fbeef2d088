"""The plan: cells that tile an area, what lies in them, and the file that keeps both."""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio

from gis.errors import InputError
from gis.writing import written_beside

LAYERS = ("area", "cells", "atoms", "buildings", "barriers", "land")
TABLES = ("dwellings", "exceptions")
# Read whole or not at all: an index of where its rows lie would serve nobody.
_UNSEARCHED = ("atoms",)
_CELL_COLUMNS = ("code", "level", "parent_code", "households", "ground_code")


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
        """Short name of exactly this plan: its boundaries, codes, parents and floors."""
        digest = hashlib.sha256("".join(level["sha256"] for level in self.metadata["certificate"]["levels"]).encode())
        for name in ("code", "level", "parent_code", "ground_code", "floor_from", "floor_to"):
            if name in self.cells:
                digest.update("\n".join(self.cells[name].astype("object").fillna("").astype(str)).encode())
        return digest.hexdigest()[:12]

    @property
    def leaf_level(self) -> str:
        """Name of the lowest level."""
        return self.levels[-1]

    def at_level(self, level: str) -> gpd.GeoDataFrame:
        """Return the cells of one level, in the order of their codes."""
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
    except (pyogrio.errors.FeatureError, pyogrio.errors.DataSourceError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path}: a damaged plan file: {' '.join(str(error).split())}") from error
    plan = Plan(**parts, metadata=metadata)
    _require_whole(plan, path)
    return plan


def _require_whole(plan: Plan, path: Path) -> None:
    """Refuse a plan whose cells do not have what everything later relies on."""
    columns = [name for name in _CELL_COLUMNS if name not in plan.cells]
    if columns:
        raise InputError(f"{path}: a damaged plan file: its cells have no column {', '.join(columns)}")
    levels = plan.metadata.get("levels")
    if not isinstance(levels, list) or not isinstance(plan.metadata.get("certificate"), dict):
        raise InputError(f"{path}: a damaged plan file: its metadata names no levels, or no certificate")
    empty = [name for name in levels if not (plan.cells["level"] == name).any()]
    if empty or plan.cells["code"].duplicated().any() or plan.cells.geometry.isna().any():
        raise InputError(
            f"{path}: a damaged plan file: cells without geometry, two with one code, or none of {', '.join(empty)}"
        )


def _geometry_type(layer: gpd.GeoDataFrame) -> str:
    """Name one geometry type for a layer, since a GeoPackage layer has exactly one."""
    kinds = set(layer.geometry.geom_type)
    return kinds.pop() if len(kinds) == 1 else "Unknown"
