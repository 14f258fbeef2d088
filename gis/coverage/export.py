"""Writing a coverage: what was written is read again and certified, or there is no file."""

from pathlib import Path
from typing import Final

import geopandas as gpd
import pyogrio

from gis.coverage.check import Intent, examine, report_of
from gis.errors import CoverageError
from gis.writing import written_beside

ENDINGS: Final = (".gpkg", ".geojson", ".fgb")


def write_certified(cells: gpd.GeoDataFrame, path: str | Path, intent: Intent) -> None:
    """Write cells, and in a GeoPackage their area as well.

    Parameters
    ----------
    cells
        A coverage.
    path
        Where: one of `ENDINGS`; an existing file is replaced.
    intent
        What the cells are meant to be.

    Raises
    ------
    CoverageError
        Where what was written is no coverage any more, for instance because a format keeps fewer digits.
    """
    path = Path(path)
    with written_beside(path) as beside:
        pyogrio.write_dataframe(cells, beside, layer="cells", geometry_type="Unknown")
        if intent.area is not None and path.suffix == ENDINGS[0]:
            pyogrio.write_dataframe(intent.area, beside, layer="area", geometry_type="Unknown", append=True)
        again = report_of(examine(pyogrio.read_dataframe(beside, layer="cells"), intent), len(cells))
        if not again.certificate.valid:
            counts = ", ".join(f"{count} {kind}" for kind, count in again.defects["kind"].value_counts().items())
            raise CoverageError(f"{path}: written and read again it is no coverage ({counts}): write a .gpkg")
