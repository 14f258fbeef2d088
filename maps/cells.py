"""The cells of every level as data for the page."""

from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from gis.arrays import Floats, Ints
from gis.plan import Plan
from maps.arcs import arcs_of
from maps.codec import Grid, Shapes
from maps.figures import Figures
from maps.measures import HOUSEHOLDS
from maps.palette import band_breaks, even_breaks
from maps.words import Words, named

_NOT_TOLD = -1
_ABOVE = ("ground_code", "parent_code")
_IN_BAND = {None: 0, True: 1, False: 2}


def borders(plan: Plan, grid: Grid) -> dict[str, Any]:
    """Return the borders of the lowest level as arcs, of which the page draws the cells of every level."""
    arcs = arcs_of(_grounds(plan, plan.leaf_level).geometry.to_numpy(), grid.origin[1])
    return {
        "steps": grid.points(arcs.xy),
        "sizes": arcs.sizes,
        "zoom": arcs.zoom,
        "left": np.diff(arcs.left, prepend=0),
        "right": arcs.right - arcs.left,
    }


def cell_levels(plan: Plan, figures: Figures, grid: Grid, says: Words) -> list[dict[str, Any]]:
    """Return the levels, top first: names, figures with their classes, and the ground of each cell."""
    rows = _rows_above(plan)
    return [_level(plan, level, rows[level], figures, grid, says) for level in plan.levels]


def _grounds(plan: Plan, level: str) -> gpd.GeoDataFrame:
    return plan.at_level(level).drop_duplicates("ground_code")


def _rows_above(plan: Plan) -> dict[str, Ints]:
    """Return, for each ground of the lowest level, the row of the ground above it at every level."""
    ground_of, parent_of = (dict(zip(plan.cells["code"], plan.cells[name], strict=True)) for name in _ABOVE)
    codes = _grounds(plan, plan.leaf_level)["code"].tolist()
    found = {}
    for level in reversed(plan.levels):
        place = {code: row for row, code in enumerate(_grounds(plan, level)["ground_code"])}
        found[level] = np.array([place[ground_of[code]] for code in codes], np.int64)
        codes = [parent_of[code] for code in codes]
    return found


def _level(plan: Plan, level: str, above: Ints, figures: Figures, grid: Grid, says: Words) -> dict[str, Any]:
    cells, ground = figures.at_level(level), _grounds(plan, level)
    place = {code: at for at, code in enumerate(ground["ground_code"].astype(str))}
    band = figures.bands.get(level)
    kinds = sorted(set(cells["kind"]))
    area = str(plan.area["name"].astype("object").fillna("").iloc[0])
    return {
        "name": level,
        "label": named(says, "level", level),
        "band": band,
        "above": np.diff(above, prepend=0),
        "middles": grid.points(_middles(ground.geometry.to_numpy())),
        "code": cells["code"].tolist(),
        "short": [_short(*row, area) for row in zip(cells["code"], cells["parent"], cells["name"], strict=True)],
        "cell_name": cells["name"].tolist(),
        "kinds": [named(says, "kind", kind) for kind in kinds],
        "kind": np.array([kinds.index(kind) for kind in cells["kind"]], np.int64),
        "ground": np.diff(np.array([place[code] for code in cells["ground"]], np.int64), prepend=0),
        "floors": cells["floors"].tolist(),
        "in_band": np.array([_IN_BAND[told] for told in cells["in_band"]], np.int64),
        "reasons": {str(row): told for row, told in enumerate(cells["reasons"]) if told},
        "figures": [_figures(measure.name, cells[measure.name].tolist(), band) for measure in figures.measures],
        "shared": [_shared(plan, level, measure.shared, place) for measure in figures.measures],
    }


def _figures(name: str, told: list[int | None], band: list[int] | None) -> dict[str, Any]:
    known = [figure for figure in told if figure is not None]
    return {
        "told": np.array([_NOT_TOLD if figure is None else figure for figure in told], np.int64),
        "breaks": band_breaks(*band) if band and name == HOUSEHOLDS else even_breaks(known),
        "band": band if name == HOUSEHOLDS else None,
    }


def _shared(plan: Plan, level: str, counts: Any, place: dict[str, int]) -> dict[str, int]:  # noqa: ANN401 (a mapping)
    """Return what lies on grounds that cells share by floors, by the row of the ground; of the lowest level alone.

    What is known to a level above alone has the code of the cell there, and is told there.
    """
    if level != plan.leaf_level:
        return {}
    return {str(place[code]): count for code, count in counts.items() if count and code in place}


def _short(code: str, parent: str, name: str, area: str) -> str:
    """Return what a map has room for: the digits a cell adds to its parent's; at the top, its name in the area."""
    if parent and code.startswith(parent) and code != parent:
        return code.removeprefix(parent)
    return name.removeprefix(area).strip() or code


def _middles(shapes: Shapes) -> Floats:
    """Return points well inside the polygons, where a label has most room."""
    # Lines from the centre of the circle to its rim; some metres are exact enough for a label.
    lines = shapely.maximum_inscribed_circle(shapes, tolerance=5.0)
    middles: Floats = shapely.get_coordinates(shapely.get_point(lines, 0))
    return middles
