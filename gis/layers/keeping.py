"""The file of layers: one GeoPackage with a table a layer, their counts, their sums and where they come from."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import shapely
from pyproj import CRS

from gis.errors import ConservationError, InputError
from gis.layers.layer import Layer, count_items, require_conserved, sums
from gis.plan import DAMAGED, Plan
from gis.writing import written_beside

TABLES: Final = ("counts", "sums", "metadata")
_NUMBERS: Final = ("count", "plan_x", "plan_y")


def write_layers(layers: Sequence[Layer], path: str | Path) -> None:
    """Write layers as one GeoPackage: beside its place first, then renamed.

    Parameters
    ----------
    layers
        Of one plan, each with a name of its own.
    path
        Where: `*.gpkg`. A table a layer under its name (points in the plan's CRS, none where only a cell is known), and
        the tables `counts` (layer, kind, level, code, shared, category, count), `sums` (layer, kind, level, category,
        given, in_cells, on_shared_grounds, not_placed) and `metadata`.

    Raises
    ------
    InputError
        Where there are none, two have one name or one that is taken, or they were joined to different plans.
    """
    _require_writable(layers)
    tables = {
        "counts": pd.concat([_signed(layer, count_items(layer).astype({"shared": "int64"})) for layer in layers]),
        "sums": pd.concat([_signed(layer, sums(layer)) for layer in layers]),
        "metadata": _metadata(layers),
    }
    with written_beside(path) as beside:
        for layer in layers:
            pyogrio.write_dataframe(
                _drawn(layer),
                beside,
                layer=layer.name,
                driver="GPKG",
                geometry_type="Point",
                append=beside.exists(),
                use_arrow=True,
            )
        for name, table in tables.items():
            pyogrio.write_dataframe(table, beside, layer=name, driver="GPKG", append=True, use_arrow=True)


def read_layers(path: str | Path, plan: Plan) -> list[Layer]:
    """Read a file of layers.

    Parameters
    ----------
    path
        Written by `write_layers`.
    plan
        The plan that they were joined to.

    Raises
    ------
    InputError
        Where the file is missing or no file of layers, or they were joined to another plan.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path}: no such file: make it with 'wangge layers'")
    try:
        held = {str(name) for name, _ in pyogrio.list_layers(path)}
        if not held.issuperset(TABLES):
            raise InputError(f"{path.name}: not a file of layers: make it with 'wangge layers'")
        table = pyogrio.read_dataframe(path, layer="metadata")
        metadata = {key: json.loads(value) for key, value in zip(table["key"], table["value"], strict=True)}
        layers = [_read(path, about, metadata) for about in metadata["layers"]]
    except (*DAMAGED, pa.ArrowException) as error:
        raise InputError(f"{path.name}: a damaged file of layers: {' '.join(str(error).split())}") from error
    for layer in layers:
        layer.require(plan)
        try:
            require_conserved(layer)
        except ConservationError as error:
            raise InputError(
                f"{path.name}, layer {layer.name}: does not hold what it was made of: it was edited or damaged: "
                "make it again with 'wangge layers'"
            ) from error
    return layers


def _require_writable(layers: Sequence[Layer]) -> None:
    if not layers:
        raise InputError("layers: none are given: name at least one file")
    # Tables of a GeoPackage are told apart without case.
    names = [layer.name.casefold() for layer in layers]
    wrong = [name for name in names if names.count(name) > 1 or name in TABLES or not name.strip()]
    if wrong:
        raise InputError(f"layers: the name '{wrong[0]}' is taken: give every layer a name of its own")
    if len({(layer.plan_version, layer.levels) for layer in layers}) > 1:
        raise InputError("layers: joined to different plans: join them to one")


def _signed(layer: Layer, table: pd.DataFrame) -> pd.DataFrame:
    table.insert(0, "layer", layer.name)
    table.insert(1, "kind", layer.kind)
    return table


def _drawn(layer: Layer) -> gpd.GeoDataFrame:
    items = layer.items
    x, y = (items[name].to_numpy(np.float64) for name in ("plan_x", "plan_y"))
    points = np.full(len(items), None, dtype=object)
    known = np.isfinite(x) & np.isfinite(y)
    points[known] = shapely.points(x[known], y[known])
    return gpd.GeoDataFrame(items, geometry=points, crs=layer.crs)


def _metadata(layers: Sequence[Layer]) -> pd.DataFrame:
    first = layers[0]
    about: dict[str, Any] = {
        "plan_version": first.plan_version,
        "levels": list(first.levels),
        "layers": [
            {
                "name": layer.name,
                "kind": layer.kind,
                "inputs": [{"name": name, "sha256": digest} for name, digest in layer.inputs],
                "total": layer.total,
                "totals": dict(layer.totals),
                "columns_not_read": layer.unread,
                "left_out": dict(layer.left_out),
                "remarks": dict(layer.remarks),
            }
            for layer in layers
        ],
    }
    return pd.DataFrame({"key": list(about), "value": [json.dumps(v, ensure_ascii=False) for v in about.values()]})


def _read(path: Path, about: dict[str, Any], metadata: dict[str, Any]) -> Layer:
    items = pyogrio.read_dataframe(path, layer=about["name"], use_arrow=True)
    crs = CRS.from_user_input(items.crs)
    items = pd.DataFrame(items.drop(columns=items.geometry.name))
    for name in items.columns.difference(_NUMBERS):
        items[name] = items[name].astype("object").where(items[name].notna(), "")
    return Layer(
        kind=about["kind"],
        name=about["name"],
        items=items.astype({"count": "int64", "plan_x": "float64", "plan_y": "float64"}),
        levels=tuple(metadata["levels"]),
        plan_version=metadata["plan_version"],
        crs=crs,
        totals={category: int(count) for category, count in about["totals"].items()},
        inputs=[(each["name"], each["sha256"]) for each in about["inputs"]],
        unread=about["columns_not_read"],
        left_out=about["left_out"],
        remarks=about["remarks"],
    )
