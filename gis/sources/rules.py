"""Rules: what a planner demands of a drawing, as polygons or points with the word that says what they mean."""

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.errors import InputError
from gis.sources.area import polygons_of
from gis.sources.columns import text_column
from gis.sources.files import Source, read_layer
from gis.sources.left_out import LeftOut

RULES: Final = ("locked", "exclusive", "together", "apart", "exclave")
OF_POINTS: Final = frozenset({"together", "apart"})
"""Rules that may also be said of the buildings at points."""
LINE_M: Final = 0.5
"""What is narrower than this is a line drawn twice, not land."""
_TEXTS: Final = ("rule", "name", "level", "code", "group")


def no_rules() -> gpd.GeoDataFrame:
    """Return the layer of a planner who demands nothing."""
    columns = {"row": pd.Series(dtype="int64")} | {name: pd.Series(dtype="str") for name in _TEXTS}
    return gpd.GeoDataFrame(columns, geometry=np.array([], dtype=object))


def title_of(row: int, name: str) -> str:
    """Name a rule as messages do: by its row in the file, and its name if it has one."""
    return f"rule in row {row} ('{name}')" if name else f"rule in row {row}"


def has_width(shapes: np.ndarray) -> np.ndarray:
    """Say of each geometry whether it is land, and not only a seam between two lines drawn for one."""
    return ~shapely.is_empty(shapely.buffer(shapes, -LINE_M / 2))


def read_rules(source: Source, ledger: LeftOut) -> gpd.GeoDataFrame:
    """Read rules from a file, in its CRS: `row`, `rule`, `name`, `level`, `code`, `group`, geometry."""
    rows = read_layer(source, ledger, "rules", "polygon point")
    return as_rules(rows.assign(row=rows.index))


def as_rules(rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Make the layer `gis.sources.town.Town.rules` of polygons and points that have at least a column `rule`.

    Parameters
    ----------
    rows
        `rule`; `row`, `name`, `level`, `code` and `group` where there are any.

    Returns
    -------
    geopandas.GeoDataFrame
        All of these columns, `row` counted from 1 where it was missing, in the CRS of `rows`.

    Raises
    ------
    InputError
        Where a rule is unknown, says something of points that holds for land only, lacks its group, or its polygon is
        not valid: what is demanded is nobody's to mend but the planner's.
    """
    held = {str(column).strip().casefold(): str(column) for column in rows.columns}
    if "rule" not in held:
        raise InputError(f"rules: no column 'rule': it says for each polygon {', '.join(RULES)}")
    table = {name: text_column(rows, held.get(name)) for name in _TEXTS}
    number = rows[held["row"]].to_numpy() if "row" in held else np.arange(1, len(rows) + 1)
    rules = gpd.GeoDataFrame({"row": number} | table, geometry=rows.geometry, crs=rows.crs).reset_index(drop=True)
    rules["rule"] = rules["rule"].str.casefold()
    for rule in rules.itertuples():
        _require_sense(rule.rule, title_of(rule.row, rule.name), rule.group, rule.geometry)
    return rules


def _require_sense(rule: str, title: str, group: str, shape: shapely.Geometry) -> None:
    if rule not in RULES:
        raise InputError(f"{title}: '{rule}' is no rule: write {', '.join(RULES)}")
    if shapely.get_dimensions(shape) == 0 and rule not in OF_POINTS:
        raise InputError(f"{title}: '{rule}' needs land, not a point: draw its polygon")
    if not shapely.is_valid(shape):
        raise InputError(f"{title}: its polygon is not valid: {shapely.is_valid_reason(shape)}: redraw it there")
    if rule == "apart" and not group:
        raise InputError(f"{title}: 'apart' needs a group: give what must be kept apart the same one")


def settle_rules(rules: gpd.GeoDataFrame, area: gpd.GeoDataFrame, ledger: LeftOut) -> gpd.GeoDataFrame:
    """Bring rules into the area's CRS and cut off what lies beyond it.

    Raises
    ------
    InputError
        Where a rule lies wholly outside the area.
    """
    there = rules.to_crs(area.crs)
    ground = area.geometry.iloc[0]
    shapes = np.array(there.geometry.array, dtype=object)
    is_land = shapely.get_dimensions(shapes) > 0
    inside = shapely.intersection(shapes, ground)
    gone = np.where(is_land, ~has_width(inside), shapely.is_empty(inside))
    if gone.any():
        first = there[gone].iloc[0]
        raise InputError(
            f"{title_of(first['row'], first['name'])}: it lies outside the area: "
            "check its place and the file's coordinate reference system"
        )
    # A polygon that ends at the rim, or a line's breadth beyond it, keeps the vertices it was drawn with.
    over = np.where(is_land, has_width(shapely.difference(shapes, ground)), ~shapely.equals(inside, shapes))
    ledger.add("rules", "cut: partly outside the area", int(over.sum()))
    shapes[over] = [polygons_of(shape) if shapely.get_dimensions(shape) > 1 else shape for shape in inside[over]]
    return there.set_geometry(shapes, crs=area.crs)
