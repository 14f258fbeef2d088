"""Answers about tiles, and the tiles themselves."""

import hashlib
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response

from api.errors import Problem
from api.ogc.answers import answered, require_json
from api.ogc.collection import Collection
from api.ogc.describing import forms
from api.ogc.documents import (
    BoundingBox,
    Link,
    TileLayer,
    TileMatrixSetItem,
    TileMatrixSetsDocument,
    TilesetDocument,
    TilesetsDocument,
)
from api.ogc.features import Collections, asked_for
from api.ogc.links import TILE, Links, links_of
from api.ogc.parameters import COMMON, sent
from api.ogc.reference import CRS84, WEB_MERCATOR
from api.ogc.tile_matrix import TILE_MATRIX_SET, URI, box_of, tile_matrix_set
from api.ogc.vector_tile import buffered, tile

_SCHEME = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme"
_MOST_DIGITS = 9


@dataclass(frozen=True)
class TileAnswers:
    """Answers of OGC API Tiles over the collections there are."""

    collections: Collections

    def matrix_sets(self, request: Request) -> Response:
        """Answer which tilings there are."""
        sent(request, COMMON)
        links = links_of(request)
        item = TileMatrixSetItem(
            id=TILE_MATRIX_SET,
            title="Web Mercator, square",
            uri=URI,
            links=[links.to("self", "tileMatrixSets", TILE_MATRIX_SET)],
        )
        told = TileMatrixSetsDocument(tileMatrixSets=[item], links=forms(links, ("tileMatrixSets",)))
        return answered(request, told, "Tilings")

    def matrix_set(self, request: Request) -> Response:
        """Answer what a tiling is."""
        sent(request, COMMON)
        _require_known(request)
        told = tile_matrix_set(forms(links_of(request), ("tileMatrixSets", TILE_MATRIX_SET)))
        return answered(request, told, told.title)

    def tilesets(self, request: Request) -> Response:
        """Answer in which tilings there are tiles of a collection."""
        sent(request, COMMON)
        collection = asked_for(self.collections, request)
        links = links_of(request)
        at = ("collections", collection.id, "tiles")
        link = links.to("self", *at, TILE_MATRIX_SET)
        told = TilesetsDocument(tilesets=[_tileset(collection, [link, *_of(links)])], links=forms(links, at))
        return answered(request, told, f"Tiles: {collection.title}")

    def tileset(self, request: Request) -> Response:
        """Answer what the tiles of a collection are, and where."""
        sent(request, COMMON)
        collection = asked_for(self.collections, request)
        _require_known(request)
        links = links_of(request)
        at = ("collections", collection.id, "tiles", TILE_MATRIX_SET)
        variables = "/{tileMatrix}/{tileRow}/{tileCol}"
        item = links.template("item", *at, variables=variables, type=TILE, title="A tile")
        layer = TileLayer(id=collection.id, title=collection.title, description=collection.description)
        told = _tileset(collection, [*forms(links, at), item, *_of(links)]).model_copy(update={"layers": [layer]})
        return answered(request, told, f"Tiles: {collection.title}")

    def tile(self, request: Request) -> Response:
        """Answer a tile."""
        require_json(request)
        sent(request, COMMON)
        collection = asked_for(self.collections, request)
        _require_known(request)
        box = box_of(*(_whole(request, name) for name in ("tileMatrix", "tileRow", "tileCol")))
        tag = hashlib.sha256(f"{collection.id} {collection.version} {request.path_params}".encode()).hexdigest()[:16]
        headers = {"ETag": f'"{tag}"', "Cache-Control": "no-cache"}
        if _known(request.headers.get("if-none-match", ""), tag):
            return Response(status_code=304, headers=headers)
        content = tile(collection.id, box, collection.shapes(buffered(box)))
        if not content:
            return Response(status_code=204, headers=headers)
        return Response(content, media_type=TILE, headers=headers)


def _tileset(collection: Collection, links: list[Link]) -> TilesetDocument:
    west, south, east, north = collection.extent.box
    return TilesetDocument(
        title=collection.title,
        crs=WEB_MERCATOR.uri,
        tileMatrixSetURI=URI,
        boundingBox=BoundingBox(lowerLeft=[west, south], upperRight=[east, north], crs=CRS84.uri),
        links=links,
    )


def _of(links: Links) -> list[Link]:
    return [links.to(_SCHEME, "tileMatrixSets", TILE_MATRIX_SET)]


def _require_known(request: Request) -> None:
    if request.path_params["tileMatrixSetId"] != TILE_MATRIX_SET:
        raise Problem(404, f"no such tiling: there is {TILE_MATRIX_SET}")


def _whole(request: Request, name: str) -> int:
    text = request.path_params[name]
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        raise Problem(404, f"no such tile: {name} is no whole number")
    return int(text)


def _known(header: str, tag: str) -> bool:
    """Whether the client has the tile already."""
    told = {each.strip().removeprefix("W/").strip('"') for each in header.split(",")}
    return bool(told & {tag, "*"})
