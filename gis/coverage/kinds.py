"""Which kind of defect a region is: by what covers it, what lies around it, and how wide it is."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from gis.arrays import Bools, Floats, Geometries
from gis.coverage.defects import Defect
from gis.coverage.lattice import UNIT_M
from gis.coverage.misfits import Reading, Region

# Rounding moves each of two borders by up to 0.71 steps: what is narrower lay on each other before.
_ROUNDING_M = 1.5 * UNIT_M
_PAIR = 2
_WIDER = 1.25
# An inlet is this many times as long as slivers are wide.
_INLET_SHAPE = 10


@dataclass(frozen=True)
class Naming:
    """How defects are named.

    Attributes
    ----------
    sliver_m
        What is narrower than this everywhere is a sliver.
    rounded
        Whether coordinates were rounded to the lattice: what is as narrow as that only lacks a vertex.
    """

    sliver_m: float = 0.5
    rounded: bool = False


def defects_of(reading: Reading, cells: Geometries, naming: Naming) -> list[Defect]:
    """Name what was read.

    Parameters
    ----------
    reading
        `gis.coverage.misfits.read`.
    cells : (n,) array of Polygons or MultiPolygons
        On the lattice and valid.
    naming
        Thresholds.
    """
    regions = [region for region in reading.regions if not region.declared]
    shapes = np.array([region.polygon for region in regions], dtype=object)
    width = widths_of(shapes)
    twins, within = _kinship(regions, cells)
    found = [Defect("duplicate", rows, shapely.normalize(cells[rows[0]])) for rows in sorted(set(twins.values()))]
    narrow = {limit: _within(shapes, width, limit) for limit in (naming.sliver_m, _ROUNDING_M)}
    for k, (region, wide) in enumerate(zip(regions, width.tolist(), strict=True)):
        cover = tuple(sorted({twins.get(cell, (cell,))[0] for cell in region.cover}))
        if region.inside and len(region.cover) >= _PAIR and len(cover) < _PAIR:
            continue  # told as a duplicate
        noise = naming.rounded and bool(narrow[_ROUNDING_M][k])
        kind = "unmatched_vertex" if noise else _kind(region, cover, within, narrow=bool(narrow[naming.sliver_m][k]))
        cells_concerned = region.cover or tuple(sorted(cell for cell in region.beside if cell >= 0))
        note = ("Several cells have it." if region.cover else "Nobody has it.") if kind == "sliver" else ""
        found.append(Defect(kind, cells_concerned, region.polygon, note, wide))
    for rows, xy in reading.lacking:
        who = tuple(row for row in rows if row >= 0)
        note = "" if len(who) == len(rows) else "The area and its cells."
        found.append(Defect("unmatched_vertex", who, shapely.multipoints(xy), note))
    return found


def widths_of(shapes: Geometries) -> Floats:
    """Diameter of the largest circle within each polygon in metres, from below, to a quarter.

    Parameters
    ----------
    shapes : (n,) array of Polygons
    """
    # No polygon is narrower than that; long strips and triangles are up to twice as wide.
    width = np.asarray(2 * shapely.area(shapes) / shapely.length(shapes), np.float64)
    rows = np.arange(len(shapes))
    while len(rows):
        rows = rows[~_narrower(shapes[rows], width[rows] * _WIDER)]
        width[rows] *= _WIDER
    return width


def _within(shapes: Geometries, width: Floats, limit: float) -> Bools:
    """Whether each polygon is narrower than a limit everywhere; `width` is known from below, to a quarter."""
    found = width < limit
    rows = np.flatnonzero(found & (width * _WIDER >= limit))
    found[rows] = _narrower(shapes[rows], np.full(len(rows), limit))
    return found


def _narrower(shapes: Geometries, width: Floats) -> Bools:
    """Whether no circle of that diameter fits."""
    return np.asarray(shapely.is_empty(shapely.buffer(shapes, -width / 2)), np.bool_)


def _kind(region: Region, cover: tuple[int, ...], within: set[tuple[int, int]], *, narrow: bool) -> str:
    if region.cover and not region.inside:
        return "outside"
    if any((a, b) in within for a in cover for b in cover):
        return "contained"
    if narrow:
        return "sliver"
    if cover:
        return "overlap"
    if -1 in region.beside:
        return "uncovered"
    return "hole" if len(region.beside) == 1 else "gap"


def _kinship(regions: Sequence[Region], cells: Geometries) -> tuple[dict[int, tuple[int, ...]], set[tuple[int, int]]]:
    """Cells that are the same polygon, and pairs of which the first lies within the second."""
    shared: dict[tuple[int, int], float] = defaultdict(float)
    for region in regions:
        if len(region.cover) >= _PAIR:
            area = float(shapely.area(region.polygon))
            for k, a in enumerate(region.cover):
                for b in region.cover[k + 1 :]:
                    shared[a, b] += area
    within: set[tuple[int, int]] = set()
    twins: dict[int, set[int]] = {}
    for (a, b), area in shared.items():
        # Borders that cross are bent by less than a step.
        inside = [area >= float(shapely.area(cells[k]) - UNIT_M * shapely.length(cells[k])) for k in (a, b)]
        if all(inside):
            group = twins.get(a, {a}) | twins.get(b, {b})
            twins.update(dict.fromkeys(group, group))
        elif any(inside):
            within.add((a, b) if inside[0] else (b, a))
    return {cell: tuple(sorted(group)) for cell, group in twins.items()}, within


def inlets(outline: Geometries, sliver_m: float) -> list[Defect]:
    """Narrow inlets from the rim, where no area says what belongs to the coverage.

    Parameters
    ----------
    outline : (n,) array of Polygons
        What is covered, all holes filled.
    sliver_m
        Inlets at most this wide.
    """
    union = shapely.union_all(outline)
    reach = sliver_m / 2
    closed = union.buffer(reach, join_style="mitre").buffer(-reach, join_style="mitre")
    found = shapely.get_parts(shapely.difference(closed, union))
    along = shapely.length(found) / 2
    # Shorter ones are the tips of sharp bays, thinner ones the noise of the buffers.
    found = found[(along > _INLET_SHAPE * sliver_m) & (shapely.area(found) > along * UNIT_M / 2)]
    return [Defect("inlet", (), shape, width_m=wide) for shape, wide in zip(found, widths_of(found), strict=True)]
