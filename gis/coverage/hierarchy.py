"""Levels of a coverage: which cells make one, which cell is whose parent, and codes that lead nowhere."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.arrays import Bools, Geometries, Ints
from gis.coverage.defects import Defect
from gis.errors import InputError


@dataclass(frozen=True)
class Layer:
    """The cells of one level, each ground once.

    Attributes
    ----------
    name
        Of the level.
    rows : (n,) int64
        Rows in the table that was given.
    codes
        Of the grounds, as text.
    shapes : (n,) array of geometries
        As given, in the metric CRS.
    exclave : (n,) bool or None
        Cells declared to be in parts; None where nothing is declared.
    parent_codes
        As given; None where there are none.
    ground_of
        Position of the ground of every code, those included that share the ground of another.
    """

    name: str
    rows: Ints
    codes: list[str]
    shapes: Geometries
    exclave: Bools | None
    parent_codes: list[str | None] | None
    ground_of: dict[str, int]


def layers_of(cells: gpd.GeoDataFrame, parents: gpd.GeoDataFrame | None) -> list[Layer]:
    """Split cells into levels, top first, each ground once.

    Parameters
    ----------
    cells
        In the metric CRS of the check. With columns `level` and `parent_code` a hierarchy.
    parents
        The level above, where it is in a table of its own.

    Raises
    ------
    InputError
        Where cells have no level.
    """
    layers = [] if parents is None else [_layer("parents", parents.reset_index(drop=True))]
    cells = cells.reset_index(drop=True)
    if "level" not in cells or "parent_code" not in cells:
        return [*layers, _layer("cells", cells)]
    if "code" not in cells:
        raise InputError("cells: they have levels and parents, but no column 'code': name it")
    if cells["level"].isna().any():
        raise InputError(f"{int(cells['level'].isna().sum())} cells have no level: fill the column")
    groups = [(str(name), group) for name, group in cells.groupby("level", sort=False)]
    return [*layers, *(_layer(name, group) for name, group in _top_first(groups))]


def _top_first(levels: list[tuple[str, gpd.GeoDataFrame]]) -> list[tuple[str, gpd.GeoDataFrame]]:
    """Order levels by whose parents lie in which, whatever the order of the rows."""
    ordered: list[tuple[str, gpd.GeoDataFrame]] = []
    waiting = list(levels)
    while waiting:
        above = [_share_above(level, [other for _, other in waiting if other is not level]) for _, level in waiting]
        name, level = waiting.pop(int(np.argmin(above)))
        ordered.append((name, level))
    return ordered


def _share_above(level: gpd.GeoDataFrame, others: list[gpd.GeoDataFrame]) -> float:
    """Share of the cells whose parent is in one of the other levels; a wrong code or two do not matter."""
    codes = pd.concat([other["code"] for other in others]) if others else pd.Series(dtype=object)
    return float(level["parent_code"].isin(codes.dropna()).mean())


def _layer(name: str, frame: gpd.GeoDataFrame) -> Layer:
    code = [text or "" for text in _text(frame["code"])] if "code" in frame else [str(row + 1) for row in frame.index]
    shapes = frame.geometry.to_numpy()
    kept = place = np.arange(len(frame))
    if "ground_code" in frame:
        ground = [given or own for own, given in zip(code, _text(frame["ground_code"]), strict=True)]
        drawn = pd.DataFrame({"ground": ground, "drawn": shapely.to_wkb(shapes)})
        place = drawn.groupby(["ground", "drawn"], sort=False, dropna=False).ngroup().to_numpy()
        kept = np.unique(place, return_index=True)[1]
    exclave = _declared(frame)[kept] if "exclave" in frame else None
    parents = _text(frame["parent_code"]) if "parent_code" in frame else None
    return Layer(
        name,
        frame.index.to_numpy(np.int64)[kept],
        [code[k] for k in kept],
        shapes[kept],
        exclave,
        None if parents is None else [parents[k] for k in kept],
        dict(zip(code, place.tolist(), strict=True)),
    )


def _declared(frame: gpd.GeoDataFrame) -> Bools:
    """Cells that are declared to be in parts."""
    given = pd.to_numeric(frame["exclave"].fillna(0), errors="coerce").to_numpy(np.float64)
    wrong = np.flatnonzero(np.isnan(given))
    if len(wrong):
        value = frame["exclave"].iloc[wrong[0]]
        raise InputError(f"cells: row {frame.index[wrong[0]] + 1}: exclave is '{value}': say 1 or 0")
    return np.asarray(given > 0, np.bool_)


def _text(column: "pd.Series[object]") -> list[str | None]:
    return [str(value) if known else None for value, known in zip(column.to_numpy(object), column.notna(), strict=True)]


def wrong_codes(layer: Layer, above: Layer | None) -> list[Defect]:
    """Cells without a code, with a code that others have too, or with a parent that is no cell of the level above."""
    found = []
    series = pd.Series(layer.codes)
    for code, rows in series.groupby(series).indices.items():
        if code and len(rows) == 1:
            continue
        note = f"{len(rows)} cells have the code '{code}'." if code else "It has no code."
        place = shapely.multipoints(shapely.point_on_surface(layer.shapes[rows]))
        found.append(Defect("code", tuple(rows.tolist()), place, note))
    if above is not None and layer.parent_codes is not None:
        known = set(above.codes)
        for row, parent in enumerate(layer.parent_codes):
            if parent not in known:
                note = f"Its parent '{parent}' is no cell of the level above." if parent else "It names no parent."
                found.append(Defect("code", (row,), shapely.point_on_surface(layer.shapes[row]), note))
    return found


def parents_of(layer: Layer, shapes: Geometries, above: Layer, wholes: Geometries) -> Ints:
    """Row of each cell's parent: by its code, or else by its inner point.

    Parameters
    ----------
    shapes, wholes
        The cells of both levels on the lattice, valid.
    """
    row = {code: k for k, code in enumerate(above.codes)}
    found = np.array([row.get(code or "", -1) for code in layer.parent_codes or [None] * len(shapes)], np.int64)
    lost = np.flatnonzero(found < 0)
    if len(lost):
        point = shapely.point_on_surface(shapes[lost])
        point[shapely.is_empty(point)] = None
        at, whole = shapely.STRtree(wholes).query_nearest(point, all_matches=False)
        found[lost] = 0
        found[lost[at]] = whole
    return found
