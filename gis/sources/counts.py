"""Counted households by place: all that a comparison of coverages needs of buildings."""

from pathlib import Path

import geopandas as gpd

from gis.errors import InputError
from gis.sources.buildings import given_households
from gis.sources.columns import find_column
from gis.sources.files import Source, read_layer
from gis.sources.left_out import LeftOut


def read_counts(given: str | Path, ledger: LeftOut) -> gpd.GeoDataFrame:
    """Read points or buildings with their households.

    Parameters
    ----------
    given
        A plan file, any vector file, or a table with lon and lat (WGS 84); as ``file`` or ``file:layer``.
    ledger
        Where rows without geometry are written down.

    Returns
    -------
    geopandas.GeoDataFrame
        `households` (int64), geometry, in the file's CRS and indexed by the row in the file, from 1.

    Raises
    ------
    InputError
        Where there is no column of households, or a row has none, a negative or a broken number.
    """
    source = Source.of(given)
    rows = read_layer(source, ledger, "buildings", "polygon point")
    column = find_column(rows.columns, "households")
    if column is None:
        held = ", ".join(str(name) for name in rows.columns[:8])
        raise InputError(f"{source}: no column of households (it has {held}): name one households")
    counts = given_households(rows, column, str(source)).astype("int64")
    return gpd.GeoDataFrame({"households": counts}, geometry=rows.geometry, crs=rows.crs)
