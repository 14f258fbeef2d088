"""Vector tiles: shapes on the whole numbers of a tile, so that what neighbours share stays shared."""

from typing import Final

import mapbox_vector_tile
import numpy as np
import shapely

from api.ogc.collection import Shapes
from api.ogc.rounding import rounded
from gis.arrays import Bools, Floats, Geometries

EXTENT: Final = 4096
# Lines at the edge are drawn whole where the neighbouring tile draws the rest: 4 of 256 pixels.
BUFFER: Final = 64

Box = tuple[float, float, float, float]


def buffered(box: Box) -> Box:
    """Return a tile's box with the edge it has beside."""
    west, south, east, north = box
    edge = (east - west) * BUFFER / EXTENT
    return west - edge, south - edge, east + edge, north + edge


def tile(name: str, box: Box, shapes: Shapes) -> bytes:
    """Write a tile of one layer.

    Every vertex goes to the nearest point of the tile's grid of 4096, by itself: two cells that share a border
    share it afterwards. What is narrower than the grid goes away.

    Parameters
    ----------
    name
        Of the layer.
    box
        Of the tile, in metres.
    shapes
        What meets the tile and its edge.

    Returns
    -------
    bytes
        Mapbox Vector Tile 2.1; empty where nothing is left.
    """
    placed = _placed(shapes.geometries, box)
    features = [
        {"geometry": placed[row], "properties": shapes.properties[row]}
        for row in np.flatnonzero(_kept(placed, shapes.geometries)).tolist()
    ]
    if not features:
        return b""
    options = {"extents": EXTENT, "y_coord_down": True, "check_winding_order": False}
    return mapbox_vector_tile.encode({"name": name, "features": features}, default_options=options)


def _placed(geometries: Geometries, box: Box) -> Geometries:
    west, south, east, north = box

    def on_tile(xy: Floats) -> Floats:
        return (xy - (west, north)) * (EXTENT / (east - west), -EXTENT / (north - south))

    snapped = rounded(shapely.transform(geometries, on_tile), np.round, 1.0)
    clipped = shapely.clip_by_rect(snapped, -BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER)
    # With y downwards an outer ring that the format wants clockwise has a positive area.
    return shapely.orient_polygons(rounded(clipped, np.round, 1.0), exterior_cw=False)


def _kept(placed: Geometries, drawn: Geometries) -> Bools:
    """Tell what is still there, and has not shrunk to a line or a point that it was not."""
    whole = shapely.get_type_id(placed) != shapely.GeometryType.GEOMETRYCOLLECTION
    return whole & ~shapely.is_empty(placed) & (shapely.get_dimensions(placed) == shapely.get_dimensions(drawn))
