"""Levels drawn along the lowest: parents are the unions of their children, on the children's vertices."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from gis.arrays import Geometries
from gis.coverage.check import Level
from gis.coverage.hierarchy import parents_of
from gis.coverage.rewrite import Redrawn


@dataclass(frozen=True)
class LevelDrawn:
    """A level of a coverage, drawn anew: its name, the codes of its cells, their old and new polygons."""

    name: str
    codes: Sequence[str]
    redrawn: Redrawn


def levels_along(levels: Sequence[Level], leaf: Geometries) -> list[LevelDrawn]:
    """Draw every level along the lowest.

    Parameters
    ----------
    levels
        As they were looked at, top first.
    leaf : (n,) array of Polygons or MultiPolygons
        New cells of the lowest level, a coverage on the lattice; empty ones are given up.

    Returns
    -------
    list of LevelDrawn
        Top first. A parent without children stays as it is.
    """
    below, drawn = levels[-1], leaf
    found = [_drawn(below, drawn)]
    for level in levels[-2::-1]:
        parent = parents_of(below.layer, drawn, level.layer, level.shapes.polygons)
        real = np.flatnonzero(~shapely.is_empty(drawn))
        order = real[np.argsort(parent[real], kind="stable")]
        new = level.shapes.polygons.copy()
        for rows in np.split(order, np.flatnonzero(np.diff(parent[order])) + 1):
            new[parent[rows[0]]] = shapely.coverage_union_all(drawn[rows])
        found.insert(0, _drawn(level, new))
        # A parent without children stays as it is, which the levels above cannot be drawn along.
        below, drawn = level, np.where(np.isin(np.arange(len(new)), parent[real]), new, shapely.Polygon())
    return found


def _drawn(level: Level, polygons: Geometries) -> LevelDrawn:
    shapes = level.shapes
    redrawn = Redrawn(level.layer.rows, shapes.polygons, polygons, shapes.mended)
    return LevelDrawn(level.layer.name, level.layer.codes, redrawn)
