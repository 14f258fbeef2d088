"""How collections describe themselves: documents with their links."""

from collections.abc import Sequence

from api.ogc.collection import GEOMETRY, Collection, Extent
from api.ogc.documents import (
    CollectionDocument,
    ExtentDocument,
    Link,
    PropertySchema,
    SchemaDocument,
    SpatialExtent,
    TemporalExtent,
)
from api.ogc.filters import Property
from api.ogc.links import GEOJSON, HTML, JSON, SCHEMA_JSON, Links
from api.ogc.reference import CRS84

_OGC = "http://www.opengis.net/def/rel/ogc/1.0/"
QUERYABLES = _OGC + "queryables"
TILESETS = _OGC + "tilesets-vector"


def forms(links: Links, page: Sequence[str], type: str = JSON) -> list[Link]:  # noqa: A002
    """Link a document to itself and to its page."""
    return [links.to("self", *page, type=type), links.to("alternate", *page, type=HTML, f="html")]


def collection_document(collection: Collection, links: Links) -> CollectionDocument:
    """Describe a collection."""
    at = ("collections", collection.id)
    return CollectionDocument(
        id=collection.id,
        title=collection.title,
        description=collection.description,
        extent=_extent(collection.extent),
        crs=[reference.uri for reference in collection.references],
        storageCrs=collection.storage.uri,
        links=[
            *forms(links, at),
            links.to("items", *at, "items", type=GEOJSON, title="Features"),
            links.to(QUERYABLES, *at, "queryables", type=SCHEMA_JSON, title="What can be asked for"),
            links.to("describedby", *at, "schema", type=SCHEMA_JSON, title="What a feature holds"),
            links.to(TILESETS, *at, "tiles", title="Vector tiles"),
        ],
    )


def schema_document(collection: Collection, address: str, words: str) -> SchemaDocument:
    """Describe the properties of a collection, its geometry with them."""
    geometry = PropertySchema(
        title="Geometry",
        description="Where the feature is.",
        format="geometry-any",
        role="primary-geometry",
    )
    properties = {name: _property(of) for name, of in collection.properties.items()}
    return SchemaDocument(
        address=address, title=collection.title, description=words, properties={GEOMETRY: geometry} | properties
    )


def _property(of: Property) -> PropertySchema:
    if of.kind == "date" or of.kind == "date-time":  # noqa: PLR1714 (mypy reads this, and not a tuple)
        return PropertySchema(title=of.title, description=of.description, type="string", format=of.kind)
    return PropertySchema(
        title=of.title, description=of.description, type=of.kind, enum=list(of.values) if of.values else None
    )


def _extent(extent: Extent) -> ExtentDocument:
    times = None
    if extent.begin or extent.end:
        begin = f"{extent.begin}T00:00:00Z" if extent.begin else None
        end = f"{extent.end}T23:59:59Z" if extent.end else None
        times = TemporalExtent(interval=[[begin, end]])
    return ExtentDocument(spatial=SpatialExtent(bbox=[list(extent.box)], crs=CRS84.uri), temporal=times)
