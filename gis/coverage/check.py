"""Checking any coverage: the certificate where it holds, the list of defects where it does not."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.arrays import Geometries
from gis.coverage.boundaries import Boundaries, boundaries_of, on_lattice
from gis.coverage.certificate import Statement, Tiling, certificate_of, statement_of, sum_over
from gis.coverage.defects import Defect
from gis.coverage.hierarchy import Layer, layers_of, parents_of, wrong_codes
from gis.coverage.kinds import Naming, defects_of, inlets
from gis.coverage.lattice import to_metres
from gis.coverage.leftover import leftover_of
from gis.coverage.misfits import Meant, Reading, read
from gis.coverage.occupants import wrong_buildings, wrong_dwellings
from gis.coverage.report import CoverageReport, table_of
from gis.coverage.shapes import Shapes, are_valid, mend, place
from gis.coverage.sums import Lines
from gis.crs import goes_around, metric_crs
from gis.errors import InputError

SLIVER_M = 0.5


@dataclass(frozen=True)
class Level:
    """A level that was looked at: what it consists of and what is wrong with it."""

    layer: Layer
    shapes: Shapes
    defects: list[Defect]
    statement: Statement
    clean: bool


@dataclass(frozen=True)
class Intent:
    """What the cells are meant to be: what they fill, where they leave holes, how narrow a strip is never meant."""

    area: gpd.GeoDataFrame | None = None
    holes: gpd.GeoDataFrame | None = None
    holes_above_m2: float = inf
    sliver_m: float = SLIVER_M


@dataclass(frozen=True)
class Wanted:
    """The same on the lattice: the area (none or one polygon), gaps that are meant, width of slivers in metres."""

    whole: Geometries
    meant: Meant
    sliver_m: float


@dataclass(frozen=True)
class Examination:
    """Levels of a coverage, top first, with the metric CRS and what was wanted in it."""

    crs: Any
    wanted: Wanted
    levels: list[Level]


def check(
    cells: gpd.GeoDataFrame,
    *,
    area: gpd.GeoDataFrame | None = None,
    parents: gpd.GeoDataFrame | None = None,
    holes: gpd.GeoDataFrame | None = None,
    holes_above_m2: float = inf,
    sliver_m: float = SLIVER_M,
    buildings: gpd.GeoDataFrame | None = None,
    dwellings: pd.DataFrame | None = None,
) -> CoverageReport:
    """Check that cells tile an area and, level by level, their parents.

    Parameters
    ----------
    cells
        Polygons in any CRS. With columns `level`, `code` and `parent_code` they are checked as a hierarchy; cells with
        the same `ground_code` count once; cells with `exclave` set may be in parts.
    area
        What they should fill; by default their own outline, in which holes are gaps.
    parents
        Polygons of the level above, where it is in a file of its own; a child belongs to the one that holds its inner
        point, unless its `parent_code` says otherwise.
    holes
        Gaps that are meant: a point in each, or a polygon over it.
    holes_above_m2
        Enclosed gaps at least as large are meant as well.
    sliver_m
        Gaps and overlaps narrower than this everywhere are called slivers, in metres.
    buildings, dwellings
        The tables of a plan (`gis.plan.Plan`): whether every building and every household belongs to one cell.

    Returns
    -------
    CoverageReport

    Raises
    ------
    InputError
        Where there is no polygon, or no CRS.
    """
    seen = examine(cells, Intent(area, holes, holes_above_m2, sliver_m), parents)
    if buildings is not None:
        leaf = seen.levels[-1]
        leaf.defects.extend(wrong_buildings(buildings.to_crs(seen.crs), leaf.layer, leaf.shapes.polygons))
        if dwellings is not None:
            leaf.defects.extend(wrong_dwellings(dwellings, buildings.to_crs(seen.crs), leaf.layer))
    return report_of(seen, len(cells))


def examine(cells: gpd.GeoDataFrame, intent: Intent, parents: gpd.GeoDataFrame | None = None) -> Examination:
    """Do what `check` does, and keep the cells as they were looked at."""
    area, holes = intent.area, intent.holes
    for frame, what in ((cells, "cells"), (area, "area"), (parents, "parents")):
        if frame is not None:
            _require_polygons(frame, what)
    if holes is not None and holes.crs is None:
        raise InputError("holes: no coordinate reference system: store one in the file")
    bounds = tuple(cells.total_bounds)
    crs = metric_crs(cells.crs, bounds)
    whole = np.empty(0, dtype=object) if area is None else _whole(area.to_crs(crs))
    places = np.empty(0, dtype=object) if holes is None else holes.to_crs(crs).geometry.dropna().to_numpy()
    wanted = Wanted(whole, Meant(places, intent.holes_above_m2), intent.sliver_m)
    levels: list[Level] = []
    placed = cells.to_crs(crs)
    if goes_around(cells.crs, bounds):
        placed = placed.set_geometry(shapely.union_all(placed.geometry.to_numpy()[:, None], axis=1), crs=crs)
    for layer in layers_of(placed, None if parents is None else parents.to_crs(crs)):
        levels.append(look_at(layer, levels[-1] if levels else None, wanted))
    return Examination(crs, wanted, levels)


def report_of(seen: Examination, count: int) -> CoverageReport:
    """Put what was seen into a report; `count` is the number of rows given."""
    found = [(level.layer.name, level.layer.codes, defect) for level in seen.levels for defect in level.defects]
    certificate = certificate_of([level.statement for level in seen.levels])
    return CoverageReport(certificate, [level.layer.name for level in seen.levels], count, *table_of(found, seen.crs))


def _require_polygons(frame: gpd.GeoDataFrame, what: str) -> None:
    if not len(frame):
        raise InputError(f"{what}: no row to check")
    if frame.crs is None:
        raise InputError(f"{what}: no coordinate reference system: store one in the file")
    kinds = frame.geom_type.reset_index(drop=True).dropna()
    other = kinds[~kinds.isin(["Polygon", "MultiPolygon"])]
    if len(other):
        raise InputError(f"{what}: row {other.index[0] + 1} is a {other.iloc[0]}: only polygons make a coverage")
    shapes = frame.geometry.to_numpy()
    for row in np.flatnonzero(~shapely.is_valid(shapes) | shapely.is_empty(shapes)) if what == "area" else ():
        reason = "nothing is drawn" if shapely.is_missing(shapes[row]) else shapely.is_valid_reason(shapes[row])
        raise InputError(f"area: row {row + 1}: {reason}: redraw it")


def _whole(area: gpd.GeoDataFrame) -> Geometries:
    """Return the area as one polygon on the lattice, on its own vertices."""
    shapes = on_lattice(area.geometry.dropna().to_numpy())
    return shapes if len(shapes) == 1 and shapes[0].is_valid else on_lattice(np.array([shapely.union_all(shapes)]))


def look_at(layer: Layer, above: Level | None, wanted: Wanted) -> Level:
    """Look at one level: its shapes, whether it tiles the area, and whether it tiles the level above."""
    whole, meant = wanted.whole, wanted.meant
    upper = np.empty(0, dtype=object) if above is None else above.shapes.polygons
    shapes, boundaries, invalid = _drawn(layer, np.concatenate([whole, upper]))
    cells = shapes.polygons
    defects = [*shapes.defects, *wrong_codes(layer, None if above is None else above.layer)]
    flat = Tiling(layer.name, cells, np.zeros(len(cells), np.int64), whole)
    naming = Naming(wanted.sliver_m, shapes.rounded)
    if above is None:
        lines = sum_over(flat, boundaries, len(cells))
        readings = _read(flat, boundaries, lines, len(cells), meant)
        defects += _flat_defects(readings, flat, naming)
        residue = int(lines.left_over.sum()) - sum(reading.plain for reading in readings)
        if residue and not any(reading.regions or reading.lacking for reading in readings):
            defects.append(_too_close(flat, boundaries, lines))
        statement = statement_of(flat, boundaries, lines, residue=residue, invalid=invalid)
        return Level(layer, shapes, defects, statement, residue == 0)
    nested = Tiling(layer.name, cells, parents_of(layer, cells, above.layer, upper), upper)
    lines = sum_over(nested, boundaries, len(cells) + len(whole))
    residue = int(lines.left_over.sum())
    statement = statement_of(nested, boundaries, lines, residue=residue, invalid=invalid)
    if residue or not above.clean:
        flat_lines = sum_over(flat, boundaries, len(cells))
        own = _flat_defects(_read(flat, boundaries, flat_lines, len(cells), meant), flat, naming)
        defects += own
        readings = _read(nested, boundaries, lines, len(cells) + len(whole), meant)
        defects += _nested_defects(readings, [*own, *above.defects], above.layer)
    return Level(layer, shapes, defects, statement, residue == 0 and above.clean)


def _drawn(layer: Layer, wholes: Geometries) -> tuple[Shapes, Boundaries, int]:
    """Shapes that can be summed, their boundaries, and the number of those that had to be mended for it."""
    placed = place(layer.shapes)
    valid = are_valid(placed.polygons)
    shapes = mend(placed, valid, layer.exclave)
    boundaries = boundaries_of(np.concatenate([shapes.polygons, wholes]))
    return shapes, boundaries, int((~valid | placed.mended).sum())


def _read(tiling: Tiling, boundaries: Boundaries, lines: Lines, first: int, meant: Meant) -> list[Reading]:
    if not lines.left_over.any():
        return []
    wholes = first, first + len(tiling.wholes)
    left = leftover_of(boundaries, (0, len(tiling.cells)), wholes, lines, tiling.parent)
    tree = shapely.STRtree(tiling.cells)
    return [read(heap, tree, meant, bounded=len(tiling.wholes) > 0) for heap in left.heaps()]


def _too_close(tiling: Tiling, boundaries: Boundaries, lines: Lines) -> Defect:
    """Say that lines are left over although no face between them is as wide as a step."""
    ends = boundaries.vertices[lines.ends(lines.left_over)]
    left = leftover_of(boundaries, (0, len(tiling.cells)), (0, 0), lines, tiling.parent)
    cells = tuple(sorted({int(row) for row in left.owner if row >= 0}))
    return Defect(
        "sliver",
        cells,
        shapely.multilinestrings(shapely.linestrings(to_metres(ends))),
        "Borders less than a step apart.",
    )


def _flat_defects(readings: Sequence[Reading], tiling: Tiling, naming: Naming) -> list[Defect]:
    found = [defect for reading in readings for defect in defects_of(reading, tiling.cells, naming)]
    if not len(tiling.wholes):
        outline = [shape for reading in readings for shape in reading.outline]
        found += inlets(np.array(outline, dtype=object), naming.sliver_m)
    return found


def _nested_defects(readings: Sequence[Reading], told: Sequence[Defect], above: Layer) -> list[Defect]:
    """Parents that their children do not tile, apart from what is wrong with either level as a whole."""
    places = shapely.STRtree(np.array([defect.geometry for defect in told], dtype=object))
    found = []
    for reading in readings:
        parent = above.codes[reading.whole]
        for region in reading.regions:
            if not len(places.query(shapely.point_on_surface(region.polygon), predicate="intersects")):
                verb = "reaches beyond" if region.cover else "leaves this part uncovered of"
                who = region.cover or tuple(sorted(cell for cell in region.beside if cell >= 0))
                found.append(Defect("parent_child", who, region.polygon, f"What should tile '{parent}' {verb} it."))
        for rows, xy in reading.lacking:
            lost = shapely.points(xy)
            lost = np.delete(lost, places.query(lost, predicate="intersects")[0])
            if len(lost):
                who = tuple(row for row in rows if row >= 0)
                note = f"The border of '{parent}' and those of its children do not have the same vertices."
                found.append(Defect("parent_child", who, shapely.multipoints(lost), note))
    return found
