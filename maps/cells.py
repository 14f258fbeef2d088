"""The cells of every level as data for the page."""

from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from gis.plan import Plan
from maps.codec import Floats, Grid, Shapes
from maps.figures import Figures
from maps.palette import band_breaks, even_breaks, ramp
from maps.words import Words, named

# Metres by which a drawn border may differ from the plan's: below what a screen shows.
_BORDER_M = 0.7


def cell_levels(plan: Plan, figures: Figures, grid: Grid, says: Words) -> list[dict[str, Any]]:
    """Return the levels, top first: names, classes of colour, ground polygons and the cells on them."""
    grounds = drawn_grounds(plan, _BORDER_M)
    return [_level(level, grounds[level], figures, grid, says) for level in plan.levels]


def _level(level: str, ground: dict[str, Any], figures: Figures, grid: Grid, says: Words) -> dict[str, Any]:
    cells = figures.at_level(level)
    place = {code: at for at, code in enumerate(ground)}
    shapes: Shapes = np.array(list(ground.values()), dtype=object)
    band = figures.bands.get(level)
    households = [count for count in cells["households"] if count is not None]
    reports = [count for count in cells["reports"] if count is not None]
    return {
        "name": level,
        "label": named(says, "level", level),
        "band": band,
        "classes": {
            "households": _classes(band_breaks(*band) if band else even_breaks(households)),
            "reports": _classes(even_breaks(reports)),
        },
        "shapes": grid.lines(shapes),
        "middles": grid.points(_middles(shapes)),
        "code": cells["code"].tolist(),
        "short": [_short(*row) for row in zip(cells["code"], cells["parent"], cells["name"], strict=True)],
        "cell_name": cells["name"].tolist(),
        "kind": [named(says, "kind", kind) for kind in cells["kind"]],
        "ground": [place[code] for code in cells["ground"]],
        "floors": cells["floors"].tolist(),
        "households": cells["households"].tolist(),
        "in_band": cells["in_band"].tolist(),
        "reports": cells["reports"].tolist(),
        "reasons": cells["reasons"].tolist(),
    }


def _classes(breaks: list[int]) -> dict[str, Any]:
    return {"breaks": breaks, "colours": ramp(len(breaks))}


def _short(code: str, parent: str, name: str) -> str:
    """Return what a map has room for: the digits a cell adds to its parent's; at the top, its name."""
    if parent and code.startswith(parent) and code != parent:
        return code.removeprefix(parent)
    return name or code


def _middles(shapes: Shapes) -> Floats:
    """Return points well inside the polygons, where a label has most room."""
    # Lines from the centre of the circle to its rim; some metres are exact enough for a label.
    lines = shapely.maximum_inscribed_circle(shapes, tolerance=5.0)
    middles: Floats = shapely.get_coordinates(shapely.get_point(lines, 0))
    return middles


def drawn_grounds(plan: Plan, tolerance_m: float) -> dict[str, dict[str, Any]]:
    """Return the polygons to draw, by level and ground code.

    The lowest level is simplified as a coverage, so that neighbours keep one border; the others are put
    together from it, so that the borders of all levels run on each other.

    Parameters
    ----------
    plan
        The plan.
    tolerance_m
        Metres by which a drawn border may differ from the plan's.
    """
    leaf = plan.at_level(plan.leaf_level).drop_duplicates("ground_code")
    drawn = shapely.coverage_simplify(leaf.geometry.to_numpy(), tolerance_m)
    found = {plan.leaf_level: dict(zip(leaf["ground_code"].astype(str), drawn, strict=True))}
    below, above = leaf, drawn
    for level in reversed(plan.levels[:-1]):
        cells = plan.at_level(level)
        merged = gpd.GeoSeries(above).groupby(below["parent_code"].astype(str).to_numpy()).agg(_union)
        shapes = [merged.get(str(code), own) for code, own in zip(cells["code"], cells.geometry, strict=True)]
        found[level] = dict(zip(cells["code"].astype(str), shapes, strict=True))
        below, above = cells, np.array(shapes, dtype=object)
    return found


def _union(shapes: gpd.GeoSeries) -> Any:  # noqa: ANN401 (a geometry)
    return shapely.coverage_union_all(shapes.to_numpy())
