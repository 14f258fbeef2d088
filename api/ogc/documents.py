"""The documents that are answered, but for features themselves: built and described by the same models."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Document(BaseModel):
    """Written without what it does not say."""

    model_config = ConfigDict(frozen=True)

    def plain(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return self.model_dump(by_alias=True, exclude_none=True, mode="json")


class Link(Document):
    """Where something else is."""

    href: str = Field(description="Address.")
    rel: str = Field(description="What it is to this document.")
    type: str | None = Field(default=None, description="Media type.")
    title: str | None = Field(default=None, description="For people.")
    templated: bool | None = Field(default=None, description="True where the address holds variables in braces.")


class Landing(Document):
    """The way in."""

    title: str
    description: str
    links: list[Link]


class Conformance(Document):
    """What is met of which standard."""

    conformsTo: list[str]  # noqa: N815 (names of the standards)


class SpatialExtent(Document):
    """Where features are, in degrees."""

    bbox: list[list[float]]
    crs: str


class TemporalExtent(Document):
    """When features are; null where open."""

    interval: list[list[str | None]]


class ExtentDocument(Document):
    """Where and when features are."""

    spatial: SpatialExtent
    temporal: TemporalExtent | None = None


class CollectionDocument(Document):
    """A collection of features."""

    id: str
    title: str
    description: str
    extent: ExtentDocument
    itemType: Literal["feature"] = "feature"  # noqa: N815
    crs: list[str]
    storageCrs: str  # noqa: N815
    links: list[Link]


class CollectionsDocument(Document):
    """All collections."""

    links: list[Link]
    collections: list[CollectionDocument]


class PropertySchema(Document):
    """What a property can be."""

    title: str
    description: str
    type: Literal["string", "integer", "number", "boolean"] | None = None
    format: str | None = None
    enum: list[str] | None = None
    role: str | None = Field(default=None, serialization_alias="x-ogc-role")


class SchemaDocument(Document):
    """A JSON Schema of properties."""

    dialect: str = Field(default="https://json-schema.org/draft/2020-12/schema", serialization_alias="$schema")
    address: str = Field(serialization_alias="$id")
    type: Literal["object"] = "object"
    title: str
    description: str
    properties: dict[str, PropertySchema]
    additional: bool = Field(default=False, serialization_alias="additionalProperties")


class FeatureDocument(BaseModel):
    """A feature of GeoJSON."""

    type: Literal["Feature"]
    id: str
    geometry: dict[str, Any] | None = Field(description="A geometry of GeoJSON, in the CRS of the answer.")
    properties: dict[str, Any]
    links: list[Link] | None = None


class FeaturesDocument(BaseModel):
    """A page of features."""

    type: Literal["FeatureCollection"]
    features: list[FeatureDocument]
    links: list[Link]
    timeStamp: str = Field(description="When this was answered.")  # noqa: N815
    numberMatched: int = Field(ge=0, description="Features on all pages.")  # noqa: N815
    numberReturned: int = Field(ge=0, description="Features on this page.")  # noqa: N815


class TileMatrix(Document):
    """One zoom of a tiling."""

    id: str
    scaleDenominator: float  # noqa: N815
    cellSize: float  # noqa: N815
    cornerOfOrigin: Literal["topLeft"]  # noqa: N815
    pointOfOrigin: list[float]  # noqa: N815
    tileWidth: int  # noqa: N815
    tileHeight: int  # noqa: N815
    matrixWidth: int  # noqa: N815
    matrixHeight: int  # noqa: N815


class TileMatrixSetItem(Document):
    """A tiling, by name."""

    id: str
    title: str
    uri: str
    links: list[Link]


class TileMatrixSetsDocument(Document):
    """All tilings."""

    tileMatrixSets: list[TileMatrixSetItem]  # noqa: N815
    links: list[Link]


class TileMatrixSetDocument(Document):
    """A tiling."""

    id: str
    title: str
    uri: str
    crs: str
    orderedAxes: list[str]  # noqa: N815
    wellKnownScaleSet: str  # noqa: N815
    tileMatrices: list[TileMatrix]  # noqa: N815
    links: list[Link]


class BoundingBox(Document):
    """A box in degrees."""

    lowerLeft: list[float]  # noqa: N815
    upperRight: list[float]  # noqa: N815
    crs: str


class TileLayer(Document):
    """A layer in the tiles."""

    id: str
    title: str
    description: str
    dataType: Literal["vector"] = "vector"  # noqa: N815


class TilesetDocument(Document):
    """Tiles of a collection in one tiling."""

    title: str
    dataType: Literal["vector"] = "vector"  # noqa: N815
    crs: str
    tileMatrixSetURI: str  # noqa: N815
    boundingBox: BoundingBox  # noqa: N815
    layers: list[TileLayer] | None = None
    links: list[Link]


class TilesetsDocument(Document):
    """Tiles of a collection in every tiling there is."""

    tilesets: list[TilesetDocument]
    links: list[Link]
