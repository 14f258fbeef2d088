"""Features as GeoJSON (RFC 7946), and as the extension of it to other CRS that Part 2 defines."""

from collections.abc import Sequence
from typing import Any

import orjson
import shapely

from api.ogc.collection import Feature
from api.ogc.documents import Link
from api.ogc.reference import Reference, published, turned
from gis.arrays import Geometries


def written(geometries: Geometries, source: str, reference: Reference) -> list[bytes]:
    """Write geometries as GeoJSON.

    Parameters
    ----------
    geometries
        Shapely geometries, x (east) first.
    source
        Their CRS, as pyproj knows it.
    reference
        CRS to write them in, axes in its own order.
    """
    ready = turned(published(geometries, source, reference), reference)
    # GEOS would write 17 digits of numbers that have seven decimals.
    return [orjson.dumps(shapely.geometry.mapping(each)) for each in ready]


def as_feature(feature: Feature, links: Sequence[Link] = ()) -> dict[str, Any]:
    """Return a feature as orjson writes it."""
    document: dict[str, Any] = {
        "type": "Feature",
        "id": feature.id,
        "geometry": None if feature.geometry is None else orjson.Fragment(feature.geometry),
        "properties": feature.properties,
    }
    if links:
        document["links"] = [link.plain() for link in links]
    return document
