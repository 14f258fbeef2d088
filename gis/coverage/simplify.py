"""Simpler borders for every level at once: arcs between three cells are shared, so levels cannot drift apart."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import shapely

from gis.coverage.check import Intent, examine, report_of
from gis.coverage.nesting import levels_along
from gis.coverage.rewrite import rewritten
from gis.errors import CoverageError, InputError


def simplify(
    cells: gpd.GeoDataFrame, tolerance_m: float, intent: Intent | None = None
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame | None]:
    """Leave out vertices of a certified coverage, of all levels alike.

    The arcs of the lowest level are simplified (M. Visvalingam and J. D. Whyatt, "Line generalisation by repeated
    elimination of points", 1993, as GEOS keeps it within coverages); the levels above, and the area, are drawn along.

    Parameters
    ----------
    cells
        As `gis.coverage.check.check` takes them, certified.
    tolerance_m
        Corners whose triangle is smaller than the square of this are cut, in metres.
    intent
        What they fill, and which holes are meant.

    Returns
    -------
    cells, area
        Certified, in the CRS given; no area where none was given.

    Raises
    ------
    InputError
        Where the cells are no coverage.
    CoverageError
        Where simpler cells are none any more.
    """
    intent = intent or Intent()
    seen = examine(cells, intent)
    if not report_of(seen, len(cells)).certificate.valid:
        raise InputError("cells: they are no coverage: mend them first, or declare the holes that are meant")
    leaf = seen.levels[-1]
    simple = np.asarray(shapely.coverage_simplify(leaf.shapes.polygons, tolerance_m))
    levels = levels_along(seen.levels, simple)
    found = cells.set_geometry(rewritten(cells, seen.crs, [level.redrawn for level in levels]), crs=cells.crs)
    area = intent.area
    if area is not None:
        area = gpd.GeoDataFrame(geometry=[shapely.coverage_union_all(simple)], crs=seen.crs).to_crs(area.crs)
    after = report_of(examine(found, replace(intent, area=area)), len(found))
    if not after.certificate.valid:
        raise CoverageError(f"simplified by {tolerance_m} m the cells are no coverage any more: choose less")
    return found, area
