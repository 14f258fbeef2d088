"""The list of what changed hands when a coverage was mended, in square metres and households."""

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.arrays import Floats
from gis.coverage.nesting import LevelDrawn
from gis.coverage.redraw import Move
from gis.coverage.report import CoverageReport
from gis.coverage.rewrite import Redrawn

COLUMNS = ["defect", "kind", "level", "before", "after", "area_m2", "households", "counted", "geometry"]


def ledger_of(
    moves: Sequence[Move],
    levels: Sequence[LevelDrawn],
    before: CoverageReport,
    households: Floats | None,
    buildings: gpd.GeoDataFrame | None,
) -> gpd.GeoDataFrame:
    """List what changed hands.

    Parameters
    ----------
    moves
        In the lowest level.
    levels
        Top first.
    before
        What was wrong, for the ids of the defects.
    households : (n,) float64, optional
        Of the cells of the lowest level: shared out by land where there are no buildings.
    buildings
        With a column `households`, in the metric CRS: counted where they stand.

    Returns
    -------
    GeoDataFrame
        `defect`, `kind` (gap, overlap, outside, part; deleted; redrawn along the level below), `level`, `before`,
        `after`, `area_m2`, `households`, `counted` (buildings, or land, or empty), geometry, in the metric CRS.
    """
    name, codes, leaf = levels[-1].name, levels[-1].codes, levels[-1].redrawn
    ground = np.array([move.polygon for move in moves], dtype=object)
    ids = before.ids_at(shapely.point_on_surface(ground)) if len(ground) else []
    people, counted = _households(moves, ground, leaf, households, buildings)
    rows: list[tuple[Any, ...]] = [
        (
            ids[k],
            move.kind,
            name,
            ",".join(sorted(codes[c] for c in move.before)),
            codes[move.after] if move.after >= 0 else "",
            round(float(shapely.area(move.polygon)), 6),
            people[k],
            counted,
            move.polygon,
        )
        for k, move in enumerate(moves)
    ]
    for level in levels:
        old, new = level.redrawn.old, level.redrawn.new
        for k in level.redrawn.changed.tolist():
            code = level.codes[k]
            if shapely.is_empty(new[k]):
                rows.append(("", "deleted", level.name, code, "", 0.0, None, "", old[k]))
            elif level.name != name:
                moved = shapely.symmetric_difference(old[k], new[k])
                rows.append(("", "redrawn", level.name, code, code, round(float(moved.area), 6), None, "", moved))
    return gpd.GeoDataFrame(rows, columns=COLUMNS, geometry="geometry", crs=before.defects.crs)


def _households(
    moves: Sequence[Move],
    ground: Any,  # noqa: ANN401 (shapely has no types)
    leaf: Redrawn,
    households: Floats | None,
    buildings: gpd.GeoDataFrame | None,
) -> tuple[list[float | None], str]:
    """Households on each piece of ground, and how they were counted."""
    if buildings is not None and len(ground):
        points = shapely.point_on_surface(buildings.geometry.to_numpy())
        at, piece = shapely.STRtree(ground).query(points, predicate="intersects")
        at, once = np.unique(at, return_index=True)  # a building on the border of two pieces counts once
        piece = piece[once]
        counts = pd.to_numeric(buildings["households"], errors="coerce").fillna(0).to_numpy()[at]
        return np.bincount(piece, counts, minlength=len(ground)).tolist(), "buildings"
    if households is None:
        return [None] * len(moves), ""
    density = households / np.maximum(shapely.area(leaf.old), 1e-9)
    return [
        round(float(sum(density[c] for c in move.before) * shapely.area(move.polygon)), 1) for move in moves
    ], "land"
