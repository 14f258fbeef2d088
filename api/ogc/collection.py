"""What a collection of features offers, whatever it is kept in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from api.ogc.filters import Filter, Properties
from api.ogc.reference import Reference
from gis.arrays import Geometries

GEOMETRY = "geometry"
"""Name of the geometry in filters."""


@dataclass(frozen=True)
class Extent:
    """Where and when the features of a collection are.

    Attributes
    ----------
    box
        West, south, east, north in degrees (CRS84).
    begin, end
        Days; None where open. Both None: the features have no time.
    """

    box: tuple[float, float, float, float]
    begin: date | None = None
    end: date | None = None


@dataclass(frozen=True)
class Interval:
    """A time asked for, both ends included; None where open. Times have their offset."""

    begin: datetime | None
    end: datetime | None


@dataclass(frozen=True)
class Query:
    """What is asked of a collection.

    Attributes
    ----------
    reference
        CRS in which the geometries are wanted.
    limit
        Most features in the answer, at least 1.
    region
        A valid shapely geometry in CRS84 which the features must meet; those without geometry meet it too.
    interval
        A time that the features must meet; those without a time meet it too.
    where
        A condition on their properties and geometry.
    after
        Where the last page ended: the `after` of that `Page`, from the outside, so it may be any text.
    """

    reference: Reference
    limit: int = 1000
    region: Any = None
    interval: Interval | None = None
    where: Filter | None = None
    after: str | None = None


@dataclass(frozen=True)
class Feature:
    """A feature; its geometry as GeoJSON, written by `api.ogc.geojson.written` in the CRS asked for."""

    id: str
    geometry: bytes | None
    properties: Mapping[str, Any]


@dataclass(frozen=True)
class Page:
    """Features of one page, always in the same order.

    Attributes
    ----------
    matched
        How many features match the query on all pages.
    after
        From where the next page goes on: text that the collection understands; None on the last page.
    """

    features: Sequence[Feature]
    matched: int
    after: str | None


@dataclass(frozen=True)
class Shapes:
    """What is drawn on a tile: geometries in Web Mercator metres, and the properties of each."""

    geometries: Geometries
    properties: Sequence[Mapping[str, Any]]


class Collection(Protocol):
    """Features of one kind."""

    @property
    def id(self) -> str:
        """Its name in addresses: letters, digits and `-`."""

    @property
    def title(self) -> str:
        """Its name for people."""

    @property
    def description(self) -> str:
        """One sentence."""

    @property
    def version(self) -> str:
        """Changes whenever a tile could change."""

    @property
    def extent(self) -> Extent:
        """Where and when its features are."""

    @property
    def references(self) -> Sequence[Reference]:
        """Every CRS it can answer in: CRS84 first."""

    @property
    def storage(self) -> Reference:
        """The one of them in which it is kept ready; some clients work in this one unless told otherwise."""

    @property
    def properties(self) -> Properties:
        """Properties of its features, all of which can be asked for, without the geometry."""

    def page(self, query: Query) -> Page:
        """Return the features that match, from where the last page ended.

        Raises
        ------
        api.errors.Problem
            400 where `query.after` is no text of its own.
        """

    def feature(self, name: str, reference: Reference) -> Feature | None:
        """Return one feature by its id."""

    def shapes(self, box: tuple[float, float, float, float]) -> Shapes:
        """Return what meets a box of Web Mercator metres (EPSG:3857): west, south, east, north."""
