"""Answers about collections and their features."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson
from fastapi import Request
from fastapi.responses import Response

from api.errors import Problem
from api.ogc.answers import answered, require_json
from api.ogc.collection import Collection
from api.ogc.conformance import CLASSES
from api.ogc.describing import collection_document, forms, schema_document
from api.ogc.documents import CollectionsDocument, Conformance, Landing, Link
from api.ogc.geojson import as_feature
from api.ogc.links import GEOJSON, HTML, OPENAPI, SCHEMA_JSON, Links, links_of
from api.ogc.parameters import COMMON, FEATURE, read_query, read_reference, sent
from api.ogc.reference import Reference

Collections = Callable[[Request], Sequence[Collection]]
"""Gives what there is now to those who ask: the plan may be another at the next request."""


def asked_for(collections: Collections, request: Request) -> Collection:
    """Return the collection that a path names.

    Raises
    ------
    Problem
        404 where there is none.
    """
    name = request.path_params["collectionId"]
    for collection in collections(request):
        if collection.id == name:
            return collection
    raise Problem(404, f"no collection '{name[:60]}': see /collections")


@dataclass(frozen=True)
class FeatureAnswers:
    """Answers of Features Parts 1 to 3 over the collections there are."""

    collections: Collections

    def landing(self, request: Request) -> Response:
        """Answer where everything is."""
        sent(request, COMMON)
        links = links_of(request)
        told = Landing(
            title="Wangge",
            description="The small service areas of a city: cells and cases as features and vector tiles.",
            links=[
                *forms(links, ()),
                links.to("service-desc", "api", type=OPENAPI, title="Definition of this interface"),
                links.to("service-doc", "api", type=HTML, f="html", title="The same for people"),
                links.to("conformance", "conformance", title="What is met of which standard"),
                links.to("data", "collections", title="Collections of features"),
                links.to(
                    "http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes",
                    "tileMatrixSets",
                    title="Tilings",
                ),
            ],
        )
        return answered(request, told, told.title)

    def conformance(self, request: Request) -> Response:
        """Answer what is met."""
        sent(request, COMMON)
        return answered(request, Conformance(conformsTo=list(CLASSES)), "Conformance")

    def all_collections(self, request: Request) -> Response:
        """Answer which collections there are."""
        sent(request, COMMON)
        links = links_of(request)
        each = [collection_document(collection, links) for collection in self.collections(request)]
        return answered(
            request, CollectionsDocument(links=forms(links, ("collections",)), collections=each), "Collections"
        )

    def one_collection(self, request: Request) -> Response:
        """Answer what one collection is."""
        sent(request, COMMON)
        collection = asked_for(self.collections, request)
        return answered(request, collection_document(collection, links_of(request)), collection.title)

    def queryables(self, request: Request) -> Response:
        """Answer what can be asked of the features of a collection."""
        return self._schema(request, "queryables", "What can be asked for: as parameters, and in filters.")

    def schema(self, request: Request) -> Response:
        """Answer what the features of a collection hold."""
        return self._schema(request, "schema", "What a feature holds.")

    def items(self, request: Request) -> Response:
        """Answer a page of features."""
        require_json(request)
        collection = asked_for(self.collections, request)
        query = read_query(request, collection)
        page = collection.page(query)
        links = links_of(request)
        told = [links.here("self", GEOJSON), _of(collection, links)]
        if page.after is not None:
            told.append(links.here("next", GEOJSON, cursor=page.after))
        document = {
            "type": "FeatureCollection",
            "features": [as_feature(feature) for feature in page.features],
            "links": [link.plain() for link in told],
            "timeStamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "numberMatched": page.matched,
            "numberReturned": len(page.features),
        }
        return _geojson(document, query.reference)

    def item(self, request: Request) -> Response:
        """Answer one feature."""
        require_json(request)
        collection = asked_for(self.collections, request)
        reference = read_reference(sent(request, FEATURE), "crs", collection)
        name = request.path_params["featureId"]
        feature = collection.feature(name, reference)
        if feature is None:
            raise Problem(404, f"no feature '{name[:60]}' in collection {collection.id}")
        links = links_of(request)
        return _geojson(as_feature(feature, [links.here("self", GEOJSON), _of(collection, links)]), reference)

    def _schema(self, request: Request, place: str, words: str) -> Response:
        sent(request, COMMON)
        collection = asked_for(self.collections, request)
        address = links_of(request).to("self", "collections", collection.id, place).href
        return answered(request, schema_document(collection, address, words), collection.title, SCHEMA_JSON)


def _of(collection: Collection, links: Links) -> Link:
    return links.to("collection", "collections", collection.id, title=collection.title)


def _geojson(document: dict[str, object], reference: Reference) -> Response:
    return Response(orjson.dumps(document), media_type=GEOJSON, headers={"Content-Crs": f"<{reference.uri}>"})
