"""Features as they are answered: what `test_api_ogc_core` lists of OGC API – Features Part 1 for items."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2 as httpx
import numpy as np
import pytest
import shapely
from served import Ask

SMALL = (114.465, 38.055, 114.468, 38.058)


def links(document: dict[str, Any], rel: str) -> list[dict[str, Any]]:
    return [link for link in document["links"] if link["rel"] == rel]


def codes(answer: httpx.Response) -> list[str]:
    return [feature["id"] for feature in answer.json()["features"]]


def parameters(document: dict[str, Any], path: str) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in document["paths"][path]["get"]["parameters"]}


def test_degrees_unless_asked(ask: Ask) -> None:
    answer = ask("/collections/cells/items")
    assert answer.headers["content-crs"] == "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>"
    west, south, east, north = shapely.total_bounds(
        [shapely.geometry.shape(f["geometry"]) for f in answer.json()["features"]]
    )
    assert 114 < west < east < 115
    assert 38 < south < north < 39


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


def test_degrees_have_seven_decimals_and_no_vertex_stands_twice(ask: Ask) -> None:
    answer = ask("/collections/cells/items", limit=1000)
    told = re.search(r'"coordinates":[\[\]0-9.,-]+', answer.text)
    assert told is not None
    assert max(len(number) for number in re.findall(r"\.(\d+)", told[0])) == 7
    for feature in answer.json()["features"]:
        vertices = shapely.get_coordinates(shapely.geometry.shape(feature["geometry"]).exterior)
        assert (np.abs(np.diff(vertices, axis=0)).max(axis=1) > 0).all()
