"""What is met of which standard."""

from typing import Final

_FEATURES = "http://www.opengis.net/spec/ogcapi-features-"
_CQL2 = "http://www.opengis.net/spec/cql2/1.0/conf/"
_TILES = "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/"
_MATRICES = "http://www.opengis.net/spec/tms/2.0/conf/"

CLASSES: Final = (
    *(f"{_FEATURES}1/1.0/conf/{name}" for name in ("core", "oas30", "geojson")),
    f"{_FEATURES}2/1.0/conf/crs",
    *(
        f"{_FEATURES}3/1.0/conf/{name}"
        for name in ("queryables", "queryables-query-parameters", "filter", "features-filter")
    ),
    *(
        _CQL2 + name
        for name in (
            "cql2-text",
            "cql2-json",
            "basic-cql2",
            "advanced-comparison-operators",
            "basic-spatial-functions",
            "basic-spatial-functions-plus",
        )
    ),
    *(_TILES + name for name in ("core", "tileset", "tilesets-list", "geodata-tilesets", "mvt", "oas30")),
    *(_MATRICES + name for name in ("tilematrixset", "json-tilematrixset", "tilesetmetadata", "json-tilesetmetadata")),
)
