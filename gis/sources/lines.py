"""Lines that may become boundaries: cut to the area, each with its kind."""

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.barriers import Barrier
from gis.errors import InputError
from gis.sources.columns import find_column, text_column
from gis.sources.files import Source, read_layer
from gis.sources.left_out import LeftOut
from gis.sources.osm_tags import line_kind

RIM_M: Final = 50.0
"""How far lines reach beyond the area, so that those that cross its rim do so without doubt."""
_GROUND: Final = tuple(kind for kind in Barrier if Barrier.WALL <= kind <= Barrier.RIVER and kind != Barrier.DRAWN)
_KINDS: Final = tuple(kind.name.lower() for kind in _GROUND)
_WORDS: Final = {
    **dict.fromkeys(("main", "major", "highway", "快速路", "主干道", "次干道", "主干路", "次干路"), "arterial"),
    **dict.fromkeys(("road", "local", "minor", "支路", "街道", "道路"), "street"),
    **dict.fromkeys(("巷", "胡同", "小路"), "lane"),
    **dict.fromkeys(("铁路", "地铁"), "rail"),
    **dict.fromkeys(("河流", "河", "水系", "coastline"), "river"),
    **dict.fromkeys(("围墙", "墙"), "wall"),
}


def clip_lines(lines: gpd.GeoDataFrame, ground: shapely.Geometry, ledger: LeftOut, layer: str) -> gpd.GeoDataFrame:
    """Keep the lines that meet the area, cut a little beyond its rim.

    Parameters
    ----------
    lines
        `kind`, `name`, geometry; in the metric CRS of `ground`.
    ground
        The area.
    ledger, layer
        Where lines outside are written down, and under which layer.

    Returns
    -------
    geopandas.GeoDataFrame
        `kind`, `name`, geometry (LineString, each with a length and meeting the area).
    """
    shapely.prepare(ground)
    meeting = lines[shapely.intersects(ground, lines.geometry.array)]
    ledger.add(layer, "outside the area", len(lines) - len(meeting))
    shapes = np.array(meeting.geometry.array, dtype=object)
    beyond = ~shapely.contains(ground, shapes)
    shapes[beyond] = shapely.intersection(shapes[beyond], ground.buffer(RIM_M))
    parts, rows = shapely.get_parts(shapes, return_index=True)
    whole = (shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING) & (shapely.length(parts) > 0)
    whole &= shapely.intersects(ground, parts)  # a line may come back into the margin only
    kept = meeting.iloc[rows[whole]][["kind", "name"]].reset_index(drop=True)
    return gpd.GeoDataFrame(kept, geometry=parts[whole], crs=lines.crs)


def read_lines(source: Source, ledger: LeftOut, layer: str, usual: str) -> gpd.GeoDataFrame:
    """Read streets or other barriers from a file.

    Parameters
    ----------
    source
        Lines.
    ledger
        Where lines that are no boundary are written down.
    layer
        ``"streets"`` or ``"barriers"``.
    usual
        The kind of all lines where no column says it: of streets ``"street"``, of barriers ``"wall"``.

    Returns
    -------
    geopandas.GeoDataFrame
        `kind`, `name`, geometry; in the file's CRS.

    Raises
    ------
    InputError
        Where no line of the file has a kind that is known.
    """
    rows = read_layer(source, ledger, layer, "line")
    column = find_column(rows.columns, "kind")
    given = text_column(rows, column).str.casefold()
    kinds = given.map({text: word_kind(text) for text in given.unique()}) if column else given
    kinds = kinds.where(given != "", usual)
    unknown = kinds == ""
    if unknown.all():
        held = ", ".join(given.unique()[:5])
        raise InputError(f"{source}: no known kind of line in column '{column}' ({held}): use {', '.join(_KINDS)}")
    ledger.add(layer, "not a boundary, by its kind", int(unknown.sum()))
    name = text_column(rows, find_column(rows.columns, "name"))
    kept = pd.DataFrame({"kind": kinds, "name": name})[~unknown]
    return gpd.GeoDataFrame(kept, geometry=rows.geometry[~unknown], crs=rows.crs).reset_index(drop=True)


def word_kind(word: str) -> str:
    """Return the boundary kind that a word in a file means, its own or that of a map; empty where none.

    Examples
    --------
    >>> [word_kind(word) for word in ("river", "主干道", "residential", "footway", "canal")]
    ['river', 'arterial', 'street', '', 'river']
    """
    if word in _KINDS:
        return word
    if word in _WORDS:
        return _WORDS[word]
    kinds = (line_kind({key: word})[1] for key in ("highway", "railway", "waterway", "barrier", "natural"))
    return next(filter(None, kinds), "")
