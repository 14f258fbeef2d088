"""OGC API – Features Part 1, requirement by requirement: its identifier, and the test that shows it."""

import html
import sys
from typing import Any

import httpx2 as httpx
import pytest
import shapely
import test_api_ogc_items
from openapi_spec_validator import validate
from served import Ask

CORE = {
    "root-op": "test_landing",
    "root-success": "test_landing",
    "api-definition-op": "test_definition",
    "api-definition-success": "test_definition",
    "conformance-op": "test_conformance",
    "conformance-success": "test_conformance",
    "http": "test_http",
    "query-param-unknown": "test_unknown_parameters",
    "query-param-invalid": "test_bad_parameters",
    "crs84": "test_degrees_unless_asked",
    "fc-md-op": "test_collections",
    "fc-md-success": "test_collections",
    "fc-md-links": "test_collections_links",
    "fc-md-items": "test_every_level_is_there",
    "fc-md-items-links": "test_items_links",
    "fc-md-extent": "test_extent",
    "sfc-md-op": "test_one_collection",
    "sfc-md-success": "test_one_collection",
    "fc-op": "test_items",
    "fc-limit-definition": "test_parameters_are_described",
    "fc-limit-response-1": "test_limit",
    "fc-bbox-definition": "test_parameters_are_described",
    "fc-bbox-response": "test_box",
    "fc-time-definition": "test_parameters_are_described",
    "fc-time-response": "test_time",
    "fc-response": "test_items",
    "fc-links": "test_page_links",
    "fc-rel-type": "test_page_links",
    "fc-timeStamp": "test_time_stamp",
    "fc-numberMatched": "test_numbers",
    "fc-numberReturned": "test_numbers",
    "f-op": "test_every_feature",
    "f-success": "test_every_feature",
    "f-links": "test_feature_links",
}
GEOJSON = {"definition": "test_geojson_is_described", "content": "test_geojson"}
OAS30 = {
    "oas-definition-1": "test_definition",
    "oas-definition-2": "test_definition",
    "oas-impl": "test_what_is_described_is_there",
    "completeness": "test_what_is_described_is_there",
    "exceptions-codes": "test_refusals_are_described",
    "security": "test_no_security_of_its_own",
}


@pytest.mark.parametrize("name", [*CORE.values(), *GEOJSON.values(), *OAS30.values()])
def test_each_requirement_has_its_test(name: str) -> None:
    shown = {*vars(sys.modules[__name__]), *vars(test_api_ogc_items)}
    assert name in shown


def links(document: dict[str, Any], rel: str) -> list[dict[str, Any]]:
    return [link for link in document["links"] if link["rel"] == rel]


def test_landing(ask: Ask) -> None:
    for path in ("", "/"):
        answer = ask(path)
        assert answer.status_code == 200
        rels = {link["rel"] for link in answer.json()["links"]}
        assert rels >= {"self", "service-desc", "service-doc", "conformance", "data"}
        assert all(ask(link["href"]).status_code == 200 for link in answer.json()["links"])


def test_definition(ask: Ask) -> None:
    (machines,), (people,) = (links(ask().json(), rel) for rel in ("service-desc", "service-doc"))
    for link in (machines, people):
        answer = httpx.get(link["href"], headers={"Accept": link["type"]})
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(link["type"])
    validate(ask(machines["href"]).json())
    assert ask(machines["href"]).json()["openapi"].startswith("3.0.")
    assert "/collections/{collectionId}/items" in html.unescape(ask(people["href"]).text)


def test_conformance(ask: Ask) -> None:
    answer = ask("/conformance")
    assert answer.status_code == 200
    met = answer.json()["conformsTo"]
    assert {f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{n}" for n in ("core", "geojson", "oas30")} <= set(
        met
    )
    assert len(met) == len(set(met))


def test_http(ogc: str, ask: Ask) -> None:
    assert ask("/conformance").http_version == "HTTP/1.1"
    assert httpx.post(f"{ogc}/collections").status_code == 405
    assert ask("/nowhere").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "", "/conformance", "/api", "/collections", "/collections/cells", "/collections/cells/items",
        "/collections/cells/items/130105005001", "/collections/cells/queryables", "/collections/cells/schema",
        "/collections/cells/tiles", "/collections/cells/tiles/WebMercatorQuad", "/tileMatrixSets",
        "/tileMatrixSets/WebMercatorQuad", "/collections/cells/tiles/WebMercatorQuad/14/6316/13401",
    ],
)  # fmt: skip
def test_unknown_parameters(ask: Ask, path: str) -> None:
    answer = ask(path, nonsense="1")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert "nonsense" in answer.json()["detail"]
    assert ask(path, key="a key").status_code == 200


@pytest.mark.parametrize(
    "said",
    [
        "limit=0", "limit=-1", "limit=ten", "limit=1.5", "limit=", "limit=1&limit=2", "limit=%D9%A1",
        "bbox=1,2,3", "bbox=1,2,3,4,5", "bbox=1,2,3,x", "bbox=", "bbox=1,9,3,2", "bbox=1,2,nan,4", "bbox=1,2,inf,4",
        "bbox=1,2,9,3,4,5", "bbox=1,2,3,4,5,6,7", "bbox=1;2;3;4",
        "datetime=yesterday", "datetime=", "datetime=/", "datetime=../..", "datetime=2026-13-01T00:00:00Z",
        "datetime=2026-05-01T00:00:00", "datetime=2026-05-02T00:00:00Z/2026-05-01T00:00:00Z",
        "datetime=2026-05-01T00:00:00Z/2026-05-02T00:00:00Z/..", "datetime=2026",
        "households=many", "exclave=1", "valid_from=soon", "f=xml", "f=html", "level=grid&level=micro",
    ],
)  # fmt: skip
def test_bad_parameters(ask: Ask, said: str) -> None:
    answer = ask(f"/collections/cells/items?{said}")
    assert answer.status_code == 400, answer.text[:200]
    assert "\n" not in answer.json()["detail"]


def test_collections(ask: Ask) -> None:
    answer = ask("/collections")
    assert answer.status_code == 200
    assert {"id", "title", "description", "extent", "links", "crs", "itemType"} <= set(answer.json()["collections"][0])


def test_collections_links(ask: Ask) -> None:
    document = ask("/collections").json()
    assert links(document, "self")[0]["type"] == "application/json"
    page = ask(links(document, "alternate")[0]["href"])
    assert page.headers["content-type"].startswith("text/html")
    assert all({"rel", "type", "href"} <= set(link) for link in document["links"])


def test_every_level_is_there(ask: Ask) -> None:
    found = [collection["id"] for collection in ask("/collections").json()["collections"]]
    assert found == ["cells", "cells-community", "cells-grid", "cells-micro"]


def test_items_links(ask: Ask) -> None:
    for collection in ask("/collections").json()["collections"]:
        (link,) = links(collection, "items")
        assert link["type"] == "application/geo+json"
        assert ask(link["href"]).headers["content-type"] == "application/geo+json"


def test_extent(ask: Ask) -> None:
    for collection in ask("/collections").json()["collections"]:
        extent = collection["extent"]
        drawn = [
            shapely.geometry.shape(f["geometry"]) for f in ask(links(collection, "items")[0]["href"]).json()["features"]
        ]
        box = shapely.box(*extent["spatial"]["bbox"][0])
        assert shapely.covers(box, drawn).all()
        assert extent["temporal"]["interval"] == [["2026-05-01T00:00:00Z", None]]


def test_one_collection(ask: Ask) -> None:
    for collection in ask("/collections").json()["collections"]:
        answer = ask(f"/collections/{collection['id']}")
        assert answer.status_code == 200
        assert answer.json() == collection
    assert ask("/collections/none").status_code == 404
    assert ask("/collections/none/items").status_code == 404


def test_what_is_described_is_there(ask: Ask) -> None:
    document = ask("/api").json()
    variables = {
        "collectionId": "cells", "featureId": "130105005001", "tileMatrixSetId": "WebMercatorQuad",
        "tileMatrix": "14", "tileRow": "6316", "tileCol": "13401",
    }  # fmt: skip
    for path, operations in document["paths"].items():
        assert list(operations) == ["get"]
        answer = ask(path.format(**variables))
        assert answer.status_code == 200
        kinds = operations["get"]["responses"]["200"]["content"]
        assert answer.headers["content-type"].split("; ")[0] in kinds


def test_refusals_are_described(ask: Ask) -> None:
    for path, operations in ask("/api").json()["paths"].items():
        told = operations["get"]["responses"]
        assert "application/problem+json" in told["400"]["content"]
        assert ("404" in told) == ("{" in path)


def test_no_security_of_its_own(ask: Ask) -> None:
    assert "securitySchemes" not in ask("/api").json()["components"]
