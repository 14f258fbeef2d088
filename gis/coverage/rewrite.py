"""Polygons of the lattice back in the table they came from: on the coordinates given, wherever there are some."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from pyproj import Transformer

from gis.arrays import Bools, Floats, Geometries, Ints
from gis.coverage.boundaries import number_points
from gis.coverage.hierarchy import grounds_of
from gis.coverage.lattice import to_lattice


@dataclass(frozen=True)
class Redrawn:
    """A level of a table, drawn anew.

    Attributes
    ----------
    rows : (n,) int64
        Of the table.
    old, new : (n,) array of Polygons or MultiPolygons
        On the lattice, in the metric CRS.
    mended : (n,) bool
        Where `old` is not what the table holds.
    """

    rows: Ints
    old: Geometries
    new: Geometries
    mended: Bools

    @property
    def changed(self) -> Ints:
        """Positions of the cells whose polygon is not the same any more."""
        maybe = np.flatnonzero(self.mended | (self.new != self.old))
        same = shapely.equals_identical(shapely.normalize(self.new[maybe]), shapely.normalize(self.old[maybe]))
        return maybe[~(np.asarray(same, np.bool_) & ~self.mended[maybe])]


def rewritten(cells: gpd.GeoDataFrame, crs: Any, levels: Sequence[Redrawn]) -> Geometries:  # noqa: ANN401
    """Put new polygons into a table, and leave everything else as it is, bit for bit.

    Parameters
    ----------
    cells
        In any CRS.
    crs
        The metric CRS of the new polygons.
    levels
        What was drawn anew; cells that share a ground with a row listed here get its polygon too.

    Returns
    -------
    (n,) array of Polygons or MultiPolygons
        In the CRS of the table. A vertex that a cell had there already keeps its coordinates.
    """
    given = cells.geometry.to_numpy()
    found = given.copy()
    rows = np.concatenate([level.rows[level.changed] for level in levels])
    new = np.concatenate([level.new[level.changed] for level in levels])
    if not len(rows):
        return found
    placed = _on_given_vertices(new, given, cells.geometry.to_crs(crs).to_numpy(), rows, (crs, cells.crs))
    ground = grounds_of(cells)
    polygon_of = np.full(int(ground.max()) + 1, -1)
    polygon_of[ground[rows]] = np.arange(len(rows))
    alike = np.flatnonzero(polygon_of[ground] >= 0)
    found[alike] = placed[polygon_of[ground[alike]]]
    return found


def _on_given_vertices(
    new: Geometries, given: Geometries, metric: Geometries, changed: Ints, crs: tuple[Any, Any]
) -> Geometries:
    """Take the coordinates of the table: those of unchanged cells first, then of changed ones, then computed ones."""
    near = np.unique(shapely.STRtree(metric).query(new)[1])
    near = near[np.argsort(np.isin(near, changed), kind="stable")]
    xy, steps = shapely.get_coordinates(given[near]), to_lattice(shapely.get_coordinates(metric[near]))
    wanted = shapely.get_coordinates(new)
    number = number_points(np.concatenate([steps, to_lattice(wanted)]))
    known, first = np.unique(number[: len(steps)], return_index=True)
    place = np.minimum(np.searchsorted(known, number[len(steps) :]), max(len(known) - 1, 0))
    there = known[place] == number[len(steps) :] if len(known) else np.zeros(len(wanted), np.bool_)
    placed: Floats = np.stack(Transformer.from_crs(*crs, always_xy=True).transform(*wanted.T), axis=1)
    placed[there] = xy[first[place[there]]]
    return np.asarray(shapely.set_coordinates(new.copy(), placed))
