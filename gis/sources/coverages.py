"""Coverages to be checked: polygons as they are, faults included."""

from pathlib import Path
from typing import Final

import geopandas as gpd
import pyogrio

from gis.errors import InputError
from gis.sources.files import Source, read_table
from gis.writing import written_beside

_PLAN_LAYERS: Final = {"cells", "area", "metadata"}


def read_coverage(given: str | Path, layer: str) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame | None]:
    """Read polygons without judging them, since judging is what a check is for.

    Parameters
    ----------
    given
        A plan file or any vector file, as ``file`` or ``file:layer``.
    layer
        The layer to take from a plan file: ``"cells"`` or ``"area"``.

    Returns
    -------
    cells
        The polygons.
    area
        The plan's own area; None for any other file.

    Raises
    ------
    InputError
        Where the file cannot be read or holds no geometry.
    """
    source = Source.of(given)
    held = set(source.layers())
    area = None
    if source.layer is None and held >= _PLAN_LAYERS:
        area = pyogrio.read_dataframe(source.path, layer="area") if layer == "cells" else None
        source = Source(source.path, layer)
    elif source.layer is None and len(held) > 1:
        drawn = source.layers(drawn=True)
        if len(drawn) != 1:
            raise InputError(f"{source}: it has the layers {', '.join(drawn)}: name one, as {source}:{drawn[0]}")
        source = Source(source.path, drawn[0])
    table = read_table(source)
    if not isinstance(table, gpd.GeoDataFrame):
        raise InputError(f"{source}: no geometry in it: give a vector file of polygons")
    return table, area


def write_layer(layer: gpd.GeoDataFrame, path: Path, name: str) -> None:
    """Write one layer as a GeoPackage: beside its place first, then renamed."""
    with written_beside(path) as beside:
        pyogrio.write_dataframe(layer, beside, layer=name, driver="GPKG", geometry_type="Unknown")
