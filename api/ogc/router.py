"""Where each question of the interface is answered."""

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel

from api.ogc.answers import page, wants_page
from api.ogc.documents import (
    CollectionDocument,
    CollectionsDocument,
    Conformance,
    FeatureDocument,
    FeaturesDocument,
    Landing,
    SchemaDocument,
    TileMatrixSetDocument,
    TileMatrixSetsDocument,
    TilesetDocument,
    TilesetsDocument,
)
from api.ogc.features import Collections, FeatureAnswers
from api.ogc.links import GEOJSON, OPENAPI, ROOT_NAME, SCHEMA_JSON, TILE, links_of
from api.ogc.operations import Operation, definition
from api.ogc.parameters import COMMON, FEATURE, ITEMS, sent
from api.ogc.tiles import TileAnswers

_ONE = "/collections/{collectionId}"
_TILED = _ONE + "/tiles/{tileMatrixSetId}"
_CRS_SAID = {"Content-Crs": "CRS of the coordinates, in angle brackets."}
_TAGGED = {"ETag": "Changes with what is on the tile."}


class _Definition(BaseModel):
    """A document of OpenAPI 3.0."""

    openapi: str


def ogc_router(collections: Collections) -> APIRouter:
    """Return OGC API Features (Parts 1, 2 and 3) and Tiles over some collections; include it with a prefix.

    Parameters
    ----------
    collections
        Gives the collections to a request: as many as whoever asks may see.
    """
    router = APIRouter(tags=["OGC API"])

    def api(request: Request) -> Response:
        sent(request, COMMON)
        document = definition(router, links_of(request).base)
        if wants_page(request):
            return page("OGC API", _for_people(document))
        return Response(orjson.dumps(document), media_type=OPENAPI)

    for operation in (*_features(FeatureAnswers(collections)), *_tiles(TileAnswers(collections))):
        operation.add_to(router)
    Operation("/api", "ogc_api", "Definition of this interface", api, _Definition, OPENAPI, page=True).add_to(router)
    # Clients cut the `/` off the address they are given.
    router.add_api_route("", FeatureAnswers(collections).landing, include_in_schema=False)
    return router


def _features(answers: FeatureAnswers) -> tuple[Operation, ...]:
    return (
        Operation("/", ROOT_NAME, "Where everything is", answers.landing, Landing, page=True),
        Operation(
            "/conformance", "ogc_conformance", "What is met", answers.conformance, Conformance, page=True
        ),
        Operation(
            "/collections", "ogc_collections", "All collections", answers.all_collections, CollectionsDocument,
            page=True,
        ),
        Operation(_ONE, "ogc_collection", "One collection", answers.one_collection, CollectionDocument, page=True),
        Operation(
            f"{_ONE}/queryables", "ogc_queryables", "What can be asked for", answers.queryables, SchemaDocument,
            SCHEMA_JSON, page=True,
        ),
        Operation(
            f"{_ONE}/schema", "ogc_schema", "What a feature holds", answers.schema, SchemaDocument,
            SCHEMA_JSON, page=True,
        ),
        Operation(
            f"{_ONE}/items", "ogc_items", "Features of a collection", answers.items, FeaturesDocument,
            GEOJSON, ITEMS, headers=_CRS_SAID,
        ),
        Operation(
            f"{_ONE}/items/{{featureId}}", "ogc_item", "One feature", answers.item, FeatureDocument,
            GEOJSON, FEATURE, headers=_CRS_SAID,
        ),
    )  # fmt: skip


def _tiles(answers: TileAnswers) -> tuple[Operation, ...]:
    return (
        Operation(
            "/tileMatrixSets", "ogc_tilings", "All tilings", answers.matrix_sets, TileMatrixSetsDocument, page=True,
        ),
        Operation(
            "/tileMatrixSets/{tileMatrixSetId}", "ogc_tiling", "One tiling", answers.matrix_set,
            TileMatrixSetDocument, page=True,
        ),
        Operation(
            f"{_ONE}/tiles", "ogc_tilesets", "Tiles of a collection", answers.tilesets, TilesetsDocument, page=True
        ),
        Operation(_TILED, "ogc_tileset", "Tiles in one tiling", answers.tileset, TilesetDocument, page=True),
        Operation(
            f"{_TILED}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}", "ogc_tile", "A vector tile", answers.tile, None, TILE,
            headers=_TAGGED,
            others={204: {"description": "Nothing is there."}, 304: {"description": "The client has it already."}},
        ),
    )  # fmt: skip


def _for_people(document: dict[str, object]) -> dict[str, object]:
    """List what can be asked, by path."""
    paths = document["paths"]
    assert isinstance(paths, dict)  # noqa: S101 (so it is in OpenAPI)
    return {
        path: {
            "what": operation["get"]["summary"],
            "parameters": [f"{each['name']}: {each['description']}" for each in operation["get"].get("parameters", [])],
        }
        for path, operation in paths.items()
    }
