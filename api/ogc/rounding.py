"""Coordinates on a grid: each vertex goes to its nearest point, so that what neighbours share stays shared."""

from collections.abc import Callable

import shapely

from gis.arrays import Floats, Geometries


def rounded(geometries: Geometries, to_grid: Callable[[Floats], Floats], step: float) -> Geometries:
    """Move every vertex to a grid by itself, and mend the few polygons that fold over themselves by that.

    Parameters
    ----------
    geometries
        Shapely geometries.
    to_grid
        Takes coordinates to points of the grid.
    step
        Width of the grid.
    """
    found = shapely.transform(geometries, to_grid)
    unsound = ~shapely.is_valid(found)
    if unsound.any():
        whole = shapely.make_valid(found[unsound], method="structure", keep_collapsed=False)
        # The grid again for the points in which borders cross, and its own numbers for all.
        found[unsound] = shapely.transform(shapely.set_precision(whole, step), to_grid)
    return found
