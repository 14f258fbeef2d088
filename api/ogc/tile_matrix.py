"""The tiling that web maps share: a square world in Web Mercator, halved at every zoom."""

from math import pi
from typing import Final

from api.errors import Problem
from api.ogc.documents import Link, TileMatrix, TileMatrixSetDocument
from api.ogc.reference import WEB_MERCATOR

TILE_MATRIX_SET: Final = "WebMercatorQuad"
URI: Final = f"http://www.opengis.net/def/tilematrixset/OGC/1.0/{TILE_MATRIX_SET}"
DEEPEST_ZOOM: Final = 22

_HALF: Final = pi * 6_378_137.0
_PIXELS: Final = 256
# A pixel of the standard is 0.28 mm wide.
_PIXEL_M: Final = 0.00028


def box_of(zoom: int, row: int, column: int) -> tuple[float, float, float, float]:
    """Return the box of a tile in metres: west, south, east, north.

    Raises
    ------
    Problem
        404 where there is no such tile.
    """
    if not (0 <= zoom <= DEEPEST_ZOOM and 0 <= row < 2**zoom and 0 <= column < 2**zoom):
        raise Problem(404, f"no such tile: zooms go from 0 to {DEEPEST_ZOOM}, rows and columns from 0 to 2^zoom - 1")
    side = 2 * _HALF / 2**zoom
    west, north = column * side - _HALF, _HALF - row * side
    return west, north - side, west + side, north


def tile_matrix_set(links: list[Link]) -> TileMatrixSetDocument:
    """Describe the tiling."""
    return TileMatrixSetDocument(
        id=TILE_MATRIX_SET,
        title="Google Maps compatible for the world",
        uri=URI,
        crs=WEB_MERCATOR.uri,
        orderedAxes=["X", "Y"],
        wellKnownScaleSet="http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
        tileMatrices=[_matrix(zoom) for zoom in range(DEEPEST_ZOOM + 1)],
        links=links,
    )


def _matrix(zoom: int) -> TileMatrix:
    size = 2 * _HALF / _PIXELS / 2**zoom
    return TileMatrix(
        id=str(zoom),
        scaleDenominator=size / _PIXEL_M,
        cellSize=size,
        cornerOfOrigin="topLeft",
        pointOfOrigin=[-_HALF, _HALF],
        tileWidth=_PIXELS,
        tileHeight=_PIXELS,
        matrixWidth=2**zoom,
        matrixHeight=2**zoom,
    )
