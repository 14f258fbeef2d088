"""Levels of a coverage: which cells make one, which cell is whose parent, and codes that lead nowhere."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.arrays import Bools, Geometries, Ints
from gis.coverage.defects import Defect
from gis.errors import InputError
from gis.sources.columns import text_column


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
        As text, empty where none is named; None where there is no such column.
    ground_of
        Position of the ground of every code, those included that share the ground of another.
    """

    name: str
    rows: Ints
    codes: list[str]
    shapes: Geometries
    exclave: Bools | None
    parent_codes: list[str] | None
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
    cut = sorted({"parent_cod", "ground_cod"} & set(cells.columns))
    if cut and "level" in cells:
        raise InputError(f"cells: the column '{cut[0]}' was cut by its file's format: give a GeoPackage")
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
    codes = {code for other in others for code in text_column(other, "code")} - {""}
    return float(text_column(level, "parent_code").isin(codes).mean())


def _layer(name: str, frame: gpd.GeoDataFrame) -> Layer:
    code = text_column(frame, "code").tolist() if "code" in frame else [str(row + 1) for row in frame.index]
    shapes = frame.geometry.to_numpy()
    place = grounds_of(frame)
    kept = np.unique(place, return_index=True)[1]
    parents = text_column(frame, "parent_code").to_numpy()[kept].tolist() if "parent_code" in frame else None
    return Layer(
        name,
        frame.index.to_numpy(np.int64)[kept],
        [code[k] for k in kept],
        shapes[kept],
        _declared(frame)[kept] if "exclave" in frame else None,
        parents,
        dict(zip(code, place.tolist(), strict=True)),
    )


def grounds_of(frame: gpd.GeoDataFrame) -> Ints:
    """Give cells the numbers of their grounds: one each, unless they share a code and a polygon."""
    if "ground_code" not in frame:
        return np.arange(len(frame))
    ground = text_column(frame, "ground_code")
    if "code" in frame:
        ground = ground.where(ground != "", text_column(frame, "code"))
    drawn = {"ground": ground.to_numpy(), "drawn": shapely.to_wkb(frame.geometry.to_numpy())}
    if "level" in frame:
        drawn["level"] = frame["level"].to_numpy()
    keys = pd.DataFrame(drawn)
    return np.asarray(keys.groupby([*keys], sort=False, dropna=False).ngroup(), np.int64)


def _declared(frame: gpd.GeoDataFrame) -> Bools:
    """Cells that are declared to be in parts."""
    given = pd.to_numeric(frame["exclave"].fillna(0), errors="coerce").to_numpy(np.float64)
    wrong = np.flatnonzero(np.isnan(given))
    if len(wrong):
        value = frame["exclave"].iloc[wrong[0]]
        raise InputError(f"cells: row {frame.index[wrong[0]] + 1}: exclave is '{value}': say 1 or 0")
    return np.asarray(given > 0, np.bool_)


def wrong_codes(layer: Layer, above: Layer | None) -> list[Defect]:
    """Cells without a code, with a code that others have too, or with a parent that is no cell of the level above."""
    found = []
    series = pd.Series(layer.codes)
    wrong = np.flatnonzero((series == "") | series.duplicated(keep=False))
    for code, at in series.iloc[wrong].groupby(series.iloc[wrong]).indices.items():
        rows = wrong[at]
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
    found = np.array([row.get(code, -1) for code in layer.parent_codes or [""] * len(shapes)], np.int64)
    lost = np.flatnonzero(found < 0)
    if len(lost):
        point = shapely.point_on_surface(shapes[lost])
        point[shapely.is_empty(point)] = None
        at, whole = shapely.STRtree(wholes).query_nearest(point, all_matches=False)
        found[lost] = 0
        found[lost[at]] = whole
    return found
