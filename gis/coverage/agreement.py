"""Where two coverages of one city disagree, and by how much: the grids of two departments, for instance."""

import math
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from gis.arrays import Bools, Geometries, Ints
from gis.coverage.lattice import STEPS_PER_METRE, to_metres
from gis.coverage.overlay import BOTH, FIRST, NOBODY, SECOND, Overlay, overlay
from gis.coverage.pairs import Pairs, pairs_of, square_metres
from gis.crs import metric_crs
from gis.errors import InputError
from gis.sources.buildings import given_households
from gis.sources.columns import text_column
from gis.sources.coverages import require_polygons
from gis.sources.files import check_crs

SIDES: Final = ("first", "second")
_LINES: Final = {"first": FIRST, "second": SECOND, "both": BOTH}
# Coordinates farther apart cannot be noded (`gis.coverage.noding`).
_WIDEST_M: Final = 2**30 / STEPS_PER_METRE


@dataclass(frozen=True)
class Agreement:
    """Two coverages against each other.

    A cell's best partner is the cell of the other coverage with which it shares most land, the first by code where
    several share as much. A pair agrees where either cell is the best partner of the other: so cells that nest in
    larger ones agree with them, whichever coverage is the finer one.

    Attributes
    ----------
    matrix
        One row for each pair of cells that share land, by code, and for each cell with land that the other coverage
        gives to nobody (that code is missing): `first_code`, `second_code`; `area_m2`; `households`, only where
        buildings were given; `share_of_first`, `share_of_second` (of the cell's land, 0 to 1; NaN for nobody);
        `agrees`; `sliver` (nowhere wider than the tolerance).
        Land on which cells of one coverage overlap counts for each pair.
    pieces
        The rows of `matrix` as polygons in a metric CRS; neighbours share their vertices bit for bit.
    lines
        The borders: `which` (first, second, both), `length_m`, geometry.
    land_m2
        Area of the union. Exact on the lattice, as all areas here are: ``matrix["area_m2"].sum()`` is
        ``land_m2 + counted_again_m2``.
    counted_again_m2
        What `matrix` counts more than once, since cells of one coverage overlap; 0 where none do.
    figures
        What else `summary` says.
    """

    matrix: pd.DataFrame
    pieces: gpd.GeoDataFrame
    lines: gpd.GeoDataFrame
    land_m2: float
    counted_again_m2: float
    figures: dict[str, Any]

    @property
    def disagreements(self) -> pd.DataFrame:
        """Rows of `matrix` that do not agree, the largest first; slivers left out."""
        rows = self.matrix[~self.matrix["agrees"] & ~self.matrix["sliver"]]
        return rows.sort_values("area_m2", ascending=False, kind="stable")

    def summary(self) -> dict[str, Any]:
        """Return the figures of the whole, and under `coverages` those of each, as JSON can hold them."""
        land = {"land_m2": round(self.land_m2, 3), "counted_again_m2": round(self.counted_again_m2, 6)}
        return {"crs": self.pieces.crs.to_string(), **land, **self.figures}


def agree(
    first: gpd.GeoDataFrame,
    second: gpd.GeoDataFrame,
    *,
    buildings: gpd.GeoDataFrame | None = None,
    tolerance_m: float = 0.0,
) -> Agreement:
    """Lay two coverages over each other and say where they disagree.

    Parameters
    ----------
    first, second
        Polygons in any CRS with a column `code`, or else known by their row, from 1. They may reach differently far
        and have gaps and overlaps. A row whose `ground_code` is not its own code stands on another's ground and is
        left out.
    buildings
        Points or polygons in any CRS with a column `households`; a building lies where its inner point does, and on
        a border it counts once.
    tolerance_m
        Pieces that are nowhere wider than this are slivers: they are marked, not dropped, and do not keep cells from
        being identical or nested. Widths are known to about 1 %.

    Returns
    -------
    Agreement
        In the metric CRS of the first (`gis.crs.metric_crs`).

    Raises
    ------
    InputError
        Where a coverage has no rows or no CRS, a row is no valid polygon, codes repeat, the two share no land, counts
        of households are none, or the tolerance is negative.
    """
    if not (math.isfinite(tolerance_m) and tolerance_m >= 0):
        raise InputError(f"tolerance: {tolerance_m} m: give 0 or more")
    require_polygons(first, "first")
    require_polygons(second, "second")
    crs = metric_crs(first.crs, tuple(first.total_bounds))
    placed = _cells(first, "first", crs), _cells(second, "second", crs)
    codes = [names for names, _ in placed]
    laid = overlay(*_near(*(shapes for _, shapes in placed)))
    pairs = pairs_of(laid)
    if not pairs.mutual.any():
        raise InputError("the two share no land: check that they are of one place, and their coordinate systems")
    zones = laid.polygons()
    drawn = _pieces(pairs, zones)
    sliver = _narrow(drawn, tolerance_m)
    agrees = pairs.best(0) | pairs.best(1)
    matrix = pd.DataFrame(
        {
            "first_code": _named(codes[0], pairs.cells[:, 0]),
            "second_code": _named(codes[1], pairs.cells[:, 1]),
            "area_m2": square_metres(pairs.double_area),
            "share_of_first": pairs.share(0),
            "share_of_second": pairs.share(1),
            "agrees": agrees,
            "sliver": sliver,
        }
    )
    figures = _land_figures(pairs, agrees, sliver)
    if buildings is not None:
        counts, outside = _households(buildings, zones, crs)
        matrix.insert(3, "households", pairs.sums(counts))
        figures |= _household_figures(pairs, counts, outside, agrees)
    lines = _lines(laid, crs)
    figures |= _line_figures(lines)
    figures["coverages"] = {side: _side_figures(pairs, k, len(codes[k]), sliver) for k, side in enumerate(SIDES)}
    land = int(laid.double_area.sum())
    again = int(pairs.double_area.sum()) - land
    areas = square_metres(np.array([land, again]))
    pieces = gpd.GeoDataFrame(matrix, geometry=drawn, crs=crs)
    return Agreement(matrix, pieces, lines, float(areas[0]), float(areas[1]), figures)


def _cells(frame: gpd.GeoDataFrame, side: str, crs: CRS) -> tuple[list[str], Geometries]:
    """Codes and polygons in the order of the codes, each ground once."""
    if "code" in frame:
        codes = text_column(frame, "code")
        for wrong, what in ((codes == "", "no code"), (codes.duplicated(), "a code that another row has too")):
            if wrong.any():
                raise InputError(f"{side}, row {wrong.idxmax()}: {what}: give every cell its own")
    else:
        width = len(str(len(frame)))
        codes = pd.Series([f"{row:0{width}d}" for row in range(1, len(frame) + 1)], index=frame.index, dtype="str")
    ground = text_column(frame, "ground_code" if "ground_code" in frame else None)
    own = ((ground == "") | (ground == codes)).to_numpy()
    placed = frame.geometry[own].to_crs(crs).to_numpy()
    order = np.argsort(codes[own].to_numpy(), kind="stable")
    return codes[own].iloc[order].tolist(), placed[order]


def _near(first: Geometries, second: Geometries) -> tuple[Geometries, Geometries]:
    """Return both, unless they lie too far apart for the lattice."""
    west, south, east, north = shapely.total_bounds(np.concatenate([first, second]))
    if not max(east - west, north - south) < _WIDEST_M:  # infinite where the second has no place in the CRS
        raise InputError(f"the two reach over more than {_WIDEST_M / 1000:,.0f} km: check that they are of one place")
    return first, second


def _pieces(pairs: Pairs, zones: Geometries) -> Geometries:
    """Draw the land of each pair; zones are put together only where cells of one coverage overlap."""
    order = np.argsort(pairs.pair, kind="stable")
    first = np.searchsorted(pairs.pair[order], np.arange(len(pairs.cells)))
    drawn: Geometries = zones[pairs.zone[order[first]]]
    for pair in np.flatnonzero(np.bincount(pairs.pair) > 1):
        drawn[pair] = shapely.coverage_union_all(zones[pairs.zone[pairs.pair == pair]])
    return drawn


def _narrow(shapes: Geometries, tolerance_m: float) -> Bools:
    """Whether shapes are nowhere wider than the tolerance: taking half of it off all around leaves nothing."""
    if tolerance_m == 0:
        return np.zeros(len(shapes), np.bool_)
    nothing: Bools = shapely.is_empty(shapely.buffer(shapes, -tolerance_m / 2))
    return nothing


def _named(codes: list[str], cell: Ints) -> pd.Series:
    return pd.Series(np.array([*codes, None], dtype=object)[cell], dtype="str")  # -1 finds the last entry


def _lines(laid: Overlay, crs: CRS) -> gpd.GeoDataFrame:
    """Draw the borders, joined to lines between the points where three or more meet."""
    ends = to_metres(laid.plane.vertices[laid.plane.edges])
    tables = []
    for which, border in _LINES.items():
        edges = shapely.linestrings(ends[laid.border == border])
        joined = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(edges)))
        tables.append(gpd.GeoDataFrame({"which": which, "length_m": shapely.length(joined)}, geometry=joined, crs=crs))
    return pd.concat([table for table in tables if len(table)], ignore_index=True)


def _households(buildings: gpd.GeoDataFrame, zones: Geometries, crs: CRS) -> tuple[Ints, int]:
    """Households of each zone, and those in none."""
    if "households" not in buildings:
        raise InputError("buildings: no column households: give the number of households of each")
    check_crs(buildings, "buildings")
    counts = given_households(buildings, "households", "buildings").astype(np.int64)
    inner = shapely.point_on_surface(buildings.geometry.to_crs(crs).to_numpy())
    point, zone = shapely.STRtree(zones).query(inner, predicate="intersects")
    order = np.lexsort((zone, point))
    point, zone = point[order], zone[order]
    once = np.append(True, point[1:] != point[:-1])[: len(point)]
    total = np.zeros(len(zones), np.int64)
    np.add.at(total, zone[once], counts[point[once]])
    return total, int(counts.sum() - total.sum())


def _land_figures(pairs: Pairs, agrees: Bools, sliver: Bools) -> dict[str, Any]:
    land = int(pairs.zone_area.sum())
    return {
        "agreeing_share": round(pairs.covered(agrees) / land, 6),
        "disagreeing_pieces": int((~agrees & ~sliver).sum()),
        "disagreeing_slivers": int((~agrees & sliver).sum()),
        "disagreeing_slivers_m2": round(float(square_metres(pairs.double_area[~agrees & sliver]).sum()), 3),
    }


def _household_figures(pairs: Pairs, counts: Ints, outside: int, agrees: Bools) -> dict[str, Any]:
    total = int(counts.sum())
    agreeing = int(counts[np.unique(pairs.zone[agrees[pairs.pair]])].sum())
    return {
        "households": total,
        "households_outside": outside,
        "households_agreeing_share": round(agreeing / total, 6) if total else None,
    }


def _line_figures(lines: gpd.GeoDataFrame) -> dict[str, Any]:
    length = lines.groupby("which")["length_m"].sum().reindex(list(_LINES), fill_value=0.0)
    figures = {f"border_{which}_m": round(float(length[which]), 3) for which in _LINES}
    return figures | {"border_both_share": round(float(length["both"] / length.sum()), 6)}


def _side_figures(pairs: Pairs, side: int, cells: int, sliver: Bools) -> dict[str, Any]:
    """Figures of one coverage."""
    own = int(pairs.land(side).sum())
    alone = (pairs.cells[:, side] != NOBODY) & ~pairs.mutual
    inside, filled = (pairs.within(k, ~sliver) for k in (side, 1 - side))
    identical = np.unique(pairs.cells[inside & filled, side])
    land = {
        "land_m2": pairs.covered(pairs.cells[:, side] != NOBODY),
        "only_here_m2": pairs.covered(alone),
        "overlapping_m2": pairs.overlapping(side),
    }
    return {
        "cells": cells,
        **{name: round(float(square_metres(np.array(area))), 3) for name, area in land.items()},
        "identical": len(identical),
        "nested": len(np.setdiff1d(pairs.cells[inside, side], identical)),
        "with_best_partner_share": round(int(pairs.double_area[pairs.best(side)].sum()) / own, 6),
    }
