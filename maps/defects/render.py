"""The defects of a coverage as a page that jumps from one to the next, close enough to see a strip of a millimetre."""

from collections import defaultdict
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from gis.arrays import Ints
from gis.coverage.report import CoverageReport
from maps.codec import BILLIONTHS, Grid, Lines, Shapes
from maps.defects.panel import defect_panel
from maps.defects.words import advice, defect_words
from maps.lengths import area_said, length_said
from maps.page import Facts, Markup, Page, PlanMap
from maps.palette import DEFECT_FAMILIES, DEFECT_SIGNS, OTHER_DEFECT
from maps.words import Words, named

_PARTS = (
    "page.css",
    "defects.css",
    "codec.js",
    "sheet.js",
    "panel.js",
    "controls.js",
    "defect_sheet.js",
    "defect_list.js",
    "defect_locator.js",
    "defects.js",
)
# A millimetre is thirty pixels wide there.
_MAX_ZOOM = 32
_LINE, _FACE = 1, 2


def render_defects(
    report: CoverageReport,
    cells: gpd.GeoDataFrame,
    *,
    area: gpd.GeoDataFrame | None = None,
    least_m2: float = 0.0,
    lang: str = "zh",
) -> str:
    """Draw what a check found as one HTML page that needs nothing from anywhere.

    The id of a defect after `#` in the address opens the page at it.

    Parameters
    ----------
    report
        From `gis.coverage.check.check`.
    cells
        What was checked, in any CRS.
    area
        What they should fill, where it was given.
    least_m2
        Defects of a smaller area are counted, not shown.
    lang
        ``"zh"`` or ``"en"``.

    Returns
    -------
    str
        The page. The same input gives the same text.

    Raises
    ------
    InputError
        Where the language is unknown.
    GisError
        Where the parts that a page is drawn with were not built.
    """
    says = defect_words(lang)
    crs = report.defects.crs
    listed = report.at_least(least_m2)
    drawn = _drawable(cells.to_crs(crs))
    outline = np.empty(0, dtype=object) if area is None else _drawable(area.to_crs(crs))
    places = listed.geometry.to_numpy()
    everything = np.concatenate([drawn, outline, places])
    if not shapely.get_num_coordinates(everything).any():
        everything = np.array([shapely.Point(0, 0)])  # cells without a shape, all of them: any place will do
    grid = Grid(gpd.GeoDataFrame(geometry=everything, crs=crs), BILLIONTHS)
    kinds = _kinds(listed, says)
    data = {
        "origin": grid.origin,
        "per_degree": grid.per_degree,
        "words": says,
        "kinds": kinds,
        "outline": grid.lines(outline),
        "cells": _cells(cells, drawn, grid, says),
        "defects": _defects(listed, cells, grid, [kind["kind"] for kind in kinds], says),
    }
    page = Page(says["check"], says["lang"], _PARTS)
    page.add_child(Markup(defect_panel(report, kinds, says)))
    shown = PlanMap(grid.bounds, says["map"], _MAX_ZOOM)
    page.add_child(shown)
    shown.add_child(Facts(data))
    return page.render()


def _drawable(frame: gpd.GeoDataFrame) -> Shapes:
    """Return the shapes, those without one or with a coordinate that is nowhere empty."""
    shapes: Shapes = frame.geometry.to_numpy().copy()
    xy, owner = shapely.get_coordinates(frame.geometry.to_crs(4326).to_numpy(), return_index=True)
    shapes[shapely.is_missing(shapes)] = shapely.Polygon()
    shapes[np.unique(owner[~np.isfinite(xy).all(axis=1)])] = shapely.Polygon()
    return shapes


def _kinds(found: gpd.GeoDataFrame, says: Words) -> list[dict[str, Any]]:
    """Return the kinds that were found, each with its word, colour, sign and number, family by family."""
    counts = found["kind"].value_counts()
    known = [(kind, family, hue) for family, hues in DEFECT_FAMILIES.items() for kind, hue in hues.items()]
    named_kinds = {kind for kind, _, _ in known}
    known += [(kind, "table", OTHER_DEFECT) for kind in sorted(set(counts.index) - named_kinds)]
    return [
        {
            "kind": kind,
            "word": named(says, "defect", kind),
            "colour": hue,
            "sign": DEFECT_SIGNS[family],
            "count": int(counts[kind]),
        }
        for kind, family, hue in known
        if kind in counts
    ]


def _cells(cells: gpd.GeoDataFrame, drawn: Shapes, grid: Grid, says: Words) -> dict[str, Any]:
    levels = _levels(cells)
    names = list(dict.fromkeys(levels))
    return {
        "shapes": grid.lines(drawn),
        "code": _codes(cells),
        "levels": [named(says, "level", name) if name else "" for name in names],
        "level": [names.index(name) for name in levels],
    }


def _codes(cells: gpd.GeoDataFrame) -> list[str]:
    """Return the codes as the check names cells: by their row, where they have none."""
    if "code" not in cells:
        return [str(row + 1) for row in range(len(cells))]
    return [str(code) if known else "" for code, known in zip(cells["code"], cells["code"].notna(), strict=True)]


def _levels(cells: gpd.GeoDataFrame) -> list[str]:
    hierarchy = "level" in cells and "parent_code" in cells
    return [str(level) for level in cells["level"]] if hierarchy else [""] * len(cells)


def _defects(
    found: gpd.GeoDataFrame, cells: gpd.GeoDataFrame, grid: Grid, kinds: list[str], says: Words
) -> dict[str, Any]:
    shapes: Shapes = found.geometry.to_numpy()
    inner = shapely.point_on_surface(shapes)
    placed = ~shapely.is_empty(inner)
    told = [advice(kind, text, says) for kind, text in zip(found["kind"], found["suggestion"], strict=True)]
    texts = list(dict.fromkeys(told))
    at = {text: k for k, text in enumerate(texts)}
    parts, owner = _parts(shapes)
    return {
        "id": found["id"].tolist(),
        "kind": [kinds.index(kind) for kind in found["kind"]],
        "level": [named(says, "level", level) for level in found["level"]]
        if (found["level"] != "cells").any()
        else None,
        "codes": found["cells"].tolist(),
        "rows": _rows(found, cells),
        "area": [area_said(value) if value else "" for value in found["area_m2"]],
        "length": [length_said(value) if value else "" for value in found["length_m"]],
        "width": [length_said(value, digits=2) if value else "" for value in found["width_m"]],
        "width_m": found["width_m"].tolist(),
        "advice": [at[text] for text in told],
        "texts": texts,
        "faces": grid.lines(_of_dimension(parts, owner, _FACE, len(shapes))),
        "lines": grid.lines(_of_dimension(parts, owner, _LINE, len(shapes))),
        "points": _vertices(parts, owner, len(shapes), grid),
        "placed": placed.astype(int).tolist(),
        "inner": grid.points(shapely.get_coordinates(inner)),
    }


def _rows(found: gpd.GeoDataFrame, cells: gpd.GeoDataFrame) -> list[list[int]]:
    """Return the rows of the cells that each defect names."""
    hierarchy = any(_levels(cells))
    rows = defaultdict(list)
    for row, key in enumerate(zip(_levels(cells), _codes(cells), strict=True)):
        rows[key].append(row)
    known = ["" if not hierarchy else str(level) for level in found["level"]]
    own = found["level"] != "parents"
    return [
        [row for code in codes.split(",") for row in rows.get((level, code), [])] if mine and codes else []
        for level, codes, mine in zip(known, found["cells"], own, strict=True)
    ]


def _parts(shapes: Shapes) -> tuple[Shapes, Ints]:
    """Return the single points, lines and polygons of any shapes, and whose they are."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    inner, of_part = shapely.get_parts(parts, return_index=True)
    return inner, owner[of_part]


def _of_dimension(parts: Shapes, owner: Ints, dimension: int, count: int) -> Shapes:
    """Return a shape for each owner, of its parts that are lines, or those that are faces."""
    mine = shapely.get_dimensions(parts) == dimension
    found = np.full(count, shapely.GeometryCollection(), dtype=object)
    if mine.any():  # of nothing shapely makes no rows at all
        shapely.geometrycollections(parts[mine], indices=owner[mine], out=found)
    return found


def _vertices(parts: Shapes, owner: Ints, count: int, grid: Grid) -> Lines:
    points = (shapely.get_dimensions(parts) == 0) & ~shapely.is_empty(parts)
    return grid.vertices(shapely.get_coordinates(parts[points]), owner[points], count)
