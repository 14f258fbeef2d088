"""From points to cells: exactly one cell for a point inside, by the half-open rule on the lattice."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.arrays import Floats, Geometries, Ints
from gis.compiled import compiled
from gis.coverage.buckets import buckets_of
from gis.coverage.lattice import segments_of, to_lattice
from gis.plan import Plan

NOWHERE = -1


@dataclass(frozen=True)
class CellIndex:
    """Grounds of a plan's lowest level, ready to be asked for points.

    Attributes
    ----------
    grounds
        `code` (ground code), `cells` (number of cells that share it), `parent_code`: one row a ground polygon.
    shapes : (g,) array of Polygons
    """

    grounds: pd.DataFrame
    shapes: Geometries
    _origin: Ints
    _segments: Ints
    _eastern: Ints
    _buckets: tuple[Ints, Ints, int, int]

    @classmethod
    def from_plan(cls, plan: Plan) -> "CellIndex":
        """Build the index of a plan's lowest level."""
        leaves = plan.at_level(plan.leaf_level)
        first = leaves.drop_duplicates("ground_code")
        stacked = leaves.groupby("ground_code").size()
        grounds = pd.DataFrame(
            {
                "code": first["ground_code"].to_numpy(),
                "cells": stacked.reindex(first["ground_code"]).to_numpy(),
                "parent_code": first["parent_code"].to_numpy(),
            }
        )
        return cls.from_polygons(first, grounds)

    @classmethod
    def from_polygons(cls, cells: gpd.GeoDataFrame, grounds: pd.DataFrame) -> "CellIndex":
        """Build the index of any coverage in metres, one row of `grounds` a polygon."""
        shapes = cells.geometry.to_numpy()
        segments, owner = segments_of(shapely.orient_polygons(shapes))
        origin = segments.reshape(-1, 2).min(axis=0)
        segments = segments - np.tile(origin, 2)
        sloped = segments[:, 1] != segments[:, 3]
        segments, owner = segments[sloped], owner[sloped]
        # Rings run counter-clockwise: east of an edge that falls lies its own cell, east of one that rises another.
        falls = segments[:, 3] < segments[:, 1]
        upward = np.where(falls[:, None], segments[:, [2, 3, 0, 1]], segments)
        order = np.lexsort((~falls, *upward.T))
        upward, eastern = upward[order], np.where(falls, owner, NOWHERE)[order]
        first = np.ones(len(upward), np.bool_)
        first[1:] = (upward[1:] != upward[:-1]).any(axis=1)
        upward, eastern = np.ascontiguousarray(upward[first]), eastern[first]
        rightward = np.where((upward[:, 0] > upward[:, 2])[:, None], upward[:, [2, 3, 0, 1]], upward)
        return cls(grounds, shapes, origin, upward, eastern, buckets_of(np.ascontiguousarray(rightward)))

    def locate(self, x: Floats, y: Floats) -> Ints:
        """Find the ground that holds each point.

        Parameters
        ----------
        x, y : (n,) float64
            Metres in the plan's CRS; rounded to the lattice. NaN lies nowhere.

        Returns
        -------
        (n,) int64
            Row of `grounds`, or -1 outside all. A point on a border belongs to the cell east of it, on a level border
            to the one north of it: to exactly one in any coverage.
        """
        xy = np.column_stack([x, y]).astype(np.float64)
        known = np.isfinite(xy).all(axis=1)
        found = np.full(len(xy), NOWHERE, np.int64)
        local = to_lattice(xy[known]) - self._origin
        found[known] = _east_of_nearest(self._segments, self._eastern, local, *self._buckets)
        return found

    def border_distance(self, x: Floats, y: Floats, row: Ints) -> Floats:
        """Metres from each point to the border of the ground in `row` (NaN where that is -1)."""
        distance = np.full(len(row), np.nan)
        some = row >= 0
        borders = shapely.boundary(self.shapes)
        distance[some] = shapely.distance(borders[row[some]], shapely.points(x[some], y[some]))
        return distance

    def nearest(self, x: Floats, y: Floats, within_m: float) -> Ints:
        """Row of the nearest ground no farther than `within_m`, or -1."""
        found = np.full(len(x), NOWHERE, np.int64)
        if within_m <= 0:
            return found
        point, ground = shapely.STRtree(self.shapes).query_nearest(
            shapely.points(x, y), max_distance=within_m, all_matches=False
        )
        found[point] = ground
        return found


@compiled
def _east_of_nearest(
    segments: Ints, eastern: Ints, points: Ints, first: Ints, member: Ints, size: int, rows: int
) -> Ints:
    """Owner of the land east of the first edge met going west from each point, the point itself included.

    Edges run upward and hold their lower end but not their upper one. Where several start at the point's own height
    in one vertex, the one that leans most to the east is met first.
    """
    found = np.full(len(points), NOWHERE, np.int64)
    last = (len(first) - 1) // rows - 2
    for k in range(len(points)):
        x, y = points[k]
        if x < 0 or y < 0 or y // size + 2 >= rows:
            continue
        best, run, rise = -1.0, 0, 1
        for column in range(min(x // size, last), -1, -1):
            bucket = (column + 1) * rows + y // size + 1
            for at in range(first[bucket], first[bucket + 1]):
                ax, ay, bx, by = segments[member[at]]
                if y < ay or y >= by:
                    continue
                if (bx - ax) * (y - ay) > (by - ay) * (x - ax):
                    continue
                crossing = ax + (bx - ax) * ((y - ay) / (by - ay))
                if crossing > best or (crossing == best and (bx - ax) * rise > run * (by - ay)):
                    best, run, rise = crossing, bx - ax, by - ay
                    found[k] = eastern[member[at]]
            if best >= column * size:
                break
    return found
