"""Writing a coverage: what was written is read again and certified, or there is no file."""

from pathlib import Path
from typing import Final

import geopandas as gpd
import pyogrio

from gis.coverage.check import Intent, examine, report_of
from gis.coverage.report import CoverageReport
from gis.errors import CoverageError, InputError
from gis.writing import written_beside

ENDINGS: Final = (".gpkg", ".geojson", ".fgb")


def require_coverage(cells: gpd.GeoDataFrame, intent: Intent, where: str) -> None:
    """Refuse cells that are no coverage to begin with.

    Raises
    ------
    InputError
        Naming `where`, with the counts of what is wrong.
    """
    report = report_of(examine(cells, intent), len(cells))
    if not report.certificate.valid:
        raise InputError(f"{where}: no coverage ({_counts(report)}): mend it, or declare the holes that are meant")


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
        try:
            pyogrio.write_dataframe(cells, beside, layer="cells", geometry_type="Unknown", promote_to_multi=False)
        except (RuntimeError, ValueError, TypeError, OverflowError) as error:
            raise InputError(f"{path}: a column of the cells cannot be written: {error}") from error
        if intent.area is not None and path.suffix == ENDINGS[0]:
            pyogrio.write_dataframe(
                intent.area, beside, layer="area", geometry_type="Unknown", append=True, promote_to_multi=False
            )
        again = report_of(examine(pyogrio.read_dataframe(beside, layer="cells"), intent), len(cells))
        if not again.certificate.valid:
            raise CoverageError(f"{path}: written and read again it is no coverage ({_counts(again)}): write a .gpkg")


def _counts(report: CoverageReport) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in report.defects["kind"].value_counts().items())
