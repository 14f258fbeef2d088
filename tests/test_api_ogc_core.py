"""OGC API – Features Part 1, requirement by requirement: its identifier, and the test that shows it."""

import html
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import shapely
from openapi_spec_validator import validate

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
Ask = Callable[..., httpx.Response]
SMALL = (114.465, 38.055, 114.468, 38.058)


@pytest.mark.parametrize("name", [*CORE.values(), *GEOJSON.values(), *OAS30.values()])
def test_each_requirement_has_its_test(name: str) -> None:
    assert callable(getattr(sys.modules[__name__], name))


@pytest.fixture
def ask(ogc: str) -> Iterator[Ask]:
    with httpx.Client() as client:

        def get(path: str = "", **parameters: Any) -> httpx.Response:  # noqa: ANN401
            told = {name.replace("_", "-"): value for name, value in parameters.items()}
            return client.get(path if path.startswith("http") else ogc + path, params=told or None)

        yield get


def links(document: dict[str, Any], rel: str) -> list[dict[str, Any]]:
    return [link for link in document["links"] if link["rel"] == rel]


def codes(answer: httpx.Response) -> list[str]:
    return [feature["id"] for feature in answer.json()["features"]]


def parameters(document: dict[str, Any], path: str) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in document["paths"][path]["get"]["parameters"]}


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


def test_degrees_unless_asked(ask: Ask) -> None:
    answer = ask("/collections/cells/items")
    assert answer.headers["content-crs"] == "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>"
    west, south, east, north = shapely.total_bounds(
        [shapely.geometry.shape(f["geometry"]) for f in answer.json()["features"]]
    )
    assert 114 < west < east < 115
    assert 38 < south < north < 39


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


def test_items(ask: Ask) -> None:
    for collection in ask("/collections").json()["collections"]:
        assert ask(f"/collections/{collection['id']}/items").status_code == 200
    answer = ask("/collections/cells/items", level="grid")
    assert {feature["properties"]["level"] for feature in answer.json()["features"]} == {"grid"}
    assert codes(answer) == codes(ask("/collections/cells-grid/items"))


def test_parameters_are_described(ask: Ask) -> None:
    told = parameters(ask("/api").json(), "/collections/{collectionId}/items")
    for name, schema in {
        "limit": {"type": "integer", "minimum": 1, "maximum": 10000, "default": 1000},
        "bbox": {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}},
        "datetime": {"type": "string"},
    }.items():
        assert told[name]["schema"] == schema
        assert (told[name]["in"], told[name]["required"], told[name]["style"]) == ("query", False, "form")
        assert told[name]["explode"] is False


def test_limit(ask: Ask) -> None:
    assert len(codes(ask("/collections/cells/items", limit=7))) == 7
    # More than the maximum is answered with the maximum, not refused.
    assert ask("/collections/cells/items", limit=10_001).status_code == 200
    assert ask("/collections/cells/items").json()["numberReturned"] == 315


def test_box(ask: Ask) -> None:
    every = {f["id"]: shapely.geometry.shape(f["geometry"]) for f in ask("/collections/cells/items").json()["features"]}
    meeting = [code for code, shape in every.items() if shape.intersects(shapely.box(*SMALL))]
    assert 0 < len(meeting) < len(every)
    assert codes(ask("/collections/cells/items", bbox=",".join(map(str, SMALL)))) == meeting
    west, south, east, north = SMALL
    assert codes(ask("/collections/cells/items", bbox=f"{west},{south},-5,{east},{north},900")) == meeting
    assert codes(ask("/collections/cells/items", bbox="10,10,11,11")) == []
    # Over the 180° meridian: from the east of the town around to its west, and from its middle.
    assert codes(ask("/collections/cells/items", bbox="115,38,114,39")) == []
    assert 0 < len(codes(ask("/collections/cells/items", bbox=f"{west},38,-170,39"))) < len(every)
    # A box may be a point.
    assert codes(ask("/collections/cells-grid/items", bbox=f"{west},{south},{west},{south}"))


@pytest.mark.parametrize(
    ("time", "there"),
    [
        ("2026-04-30T23:59:59Z", False),
        ("2026-05-01T00:00:00Z", True),
        ("2026-05-01T07:59:59+08:00", False),
        ("2026-05-01T08:00:00+08:00", True),
        ("2026-05-01", True),
        ("../2026-04-30T00:00:00Z", False),
        ("/2026-06-01T00:00:00.5Z", True),
        ("2020-01-01T00:00:00Z/..", True),
        ("2020-01-01T00:00:00Z/2021-01-01T00:00:00Z", False),
        ("2030-01-01t00:00:00z/", True),
    ],
)
def test_time(ask: Ask, time: str, *, there: bool) -> None:
    assert ask("/collections/cells/items", datetime=time).json()["numberMatched"] == (315 if there else 0)


def test_page_links(ask: Ask) -> None:
    answer = ask(
        "/collections/cells/items", limit=5, level="micro", bbox=",".join(map(str, SMALL)), key="k & y", f="json"
    )
    document = answer.json()
    assert all({"rel", "type", "href"} <= set(link) for link in document["links"])
    (same,) = links(document, "self")
    assert codes(ask(same["href"])) == codes(answer)
    asked = httpx.URL(links(document, "next")[0]["href"]).params
    assert {name: asked[name] for name in ("limit", "level", "bbox", "key", "f")} == {
        "limit": "5", "level": "micro", "bbox": ",".join(map(str, SMALL)), "key": "k & y", "f": "json",
    }  # fmt: skip


def test_time_stamp(ask: Ask) -> None:
    stamped = datetime.fromisoformat(ask("/collections/cells/items", limit=1).json()["timeStamp"])
    assert abs(datetime.now(UTC) - stamped) < timedelta(minutes=5)


@pytest.mark.parametrize("said", [{}, {"limit": "1"}, {"level": "grid"}, {"level": "grid", "limit": "10"}])
def test_numbers(ask: Ask, said: dict[str, str]) -> None:
    document = ask("/collections/cells/items", **said).json()
    assert document["numberReturned"] == len(document["features"])
    assert document["numberMatched"] == (41 if "level" in said else 315)


def test_every_feature(ask: Ask) -> None:
    for feature in ask("/collections/cells-grid/items").json()["features"]:
        answer = ask(f"/collections/cells-grid/items/{feature['id']}")
        assert answer.status_code == 200
        alone = answer.json()
        del alone["links"]
        assert alone == feature
    assert ask("/collections/cells-grid/items/130105005001").status_code == 404  # of another level
    assert ask("/collections/cells/items/%00%F0%9F%8F%A0").status_code == 404


def test_feature_links(ask: Ask) -> None:
    document = ask("/collections/cells/items/130105005001", key="mine").json()
    (same,), (whole,) = links(document, "self"), links(document, "collection")
    assert ask(same["href"]).json() == document
    assert ask(whole["href"]).json()["id"] == "cells"
    assert same["href"].endswith("?key=mine")


def test_geojson_is_described(ask: Ask) -> None:
    paths = ask("/api").json()["paths"]
    for path in ("/collections/{collectionId}/items", "/collections/{collectionId}/items/{featureId}"):
        assert "application/geo+json" in paths[path]["get"]["responses"]["200"]["content"]


def test_geojson(ask: Ask) -> None:
    for collection in ("cells-community", "cells-micro"):
        answer = ask(f"/collections/{collection}/items")
        assert answer.headers["content-type"] == "application/geo+json"
        for feature in answer.json()["features"]:
            assert isinstance(feature["id"], str)
            shape = shapely.geometry.shape(feature["geometry"])
            assert shape.exterior.is_ccw
            assert not any(ring.is_ccw for ring in shape.interiors)
            for number in shapely.get_coordinates(shape).ravel():
                assert number == round(number, 7)


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
