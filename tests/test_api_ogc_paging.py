"""Filters and pages over the wire: what matches comes once, whatever the size of a page."""

import json
from urllib.parse import quote

import httpx2 as httpx
import pytest


def test_filters_over_the_wire(ogc: str) -> None:
    def count(query: str) -> int:
        answer = httpx.get(f"{ogc}/collections/cells/items?limit=1&{query}")
        assert answer.status_code == 200, answer.text
        return answer.json()["numberMatched"]

    assert count("filter=" + quote("level = 'grid'")) == count("level=grid") == 41
    assert count("filter-lang=cql2-text&filter=" + quote("parent_code IS NULL")) == 7
    tree = {
        "op": "and",
        "args": [
            {"op": "=", "args": [{"property": "level"}, "grid"]},
            {"op": "isNull", "args": [{"property": "parent_code"}]},
        ],
    }
    assert count("filter-lang=cql2-json&filter=" + quote(json.dumps(tree))) == 0
    assert count("filter=" + quote("exclave = FALSE AND valid_from = DATE('2026-05-01')")) == 315
    assert count("exclave=false&valid_from=2026-05-01&households=72") > 0
    assert count("level=grid&filter=" + quote("level = 'micro'")) == 0


@pytest.mark.parametrize(
    "said", ["filter=none%20=%201", "filter=TRUE&filter-lang=cql-text", "filter-lang=sql", "filter="]
)
def test_bad_filters_over_the_wire(ogc: str, said: str) -> None:
    answer = httpx.get(f"{ogc}/collections/cells/items?{said}")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


def test_queryables_are_what_filters_know(ogc: str) -> None:
    answer = httpx.get(f"{ogc}/collections/cells/queryables")
    assert answer.headers["content-type"] == "application/schema+json"
    document = answer.json()
    assert document["$id"] == f"{ogc}/collections/cells/queryables"
    assert document["additionalProperties"] is False
    for name, told in document["properties"].items():
        assert told["title"]
        if name != "geometry":
            assert httpx.get(f"{ogc}/collections/cells/items", params={"filter": f"{name} IS NULL"}).status_code == 200
    feature = httpx.get(f"{ogc}/collections/cells/items?limit=1").json()["features"][0]
    assert {"geometry", *feature["properties"]} == set(document["properties"])


PATHS = [
    ({"limit": "1", "level": "community"}, 7),
    ({"limit": "13"}, 315),
    ({"limit": "10", "filter": "level = 'grid' AND NOT code LIKE '%1'"}, None),
    ({"limit": "3", "bbox": "114.465,38.055,114.468,38.058"}, None),
    ({"limit": "40", "crs": "http://www.opengis.net/def/crs/EPSG/0/4490", "datetime": "2026-06-01T00:00:00Z/.."}, 315),
    ({"limit": "41", "level": "grid"}, 41),
]


@pytest.mark.parametrize(("told", "expected"), PATHS)
def test_all_pages_give_every_feature_once(ogc: str, told: dict[str, str], expected: int | None) -> None:
    every = httpx.get(f"{ogc}/collections/cells/items", params=told | {"limit": "10000"}).json()
    found, address = [], str(httpx.URL(f"{ogc}/collections/cells/items", params=told))
    while address:
        page = httpx.get(address).json()
        assert page["numberMatched"] == every["numberMatched"]
        assert 0 < page["numberReturned"] <= int(told["limit"])
        found += page["features"]
        address = next((link["href"] for link in page["links"] if link["rel"] == "next"), None)
    assert found == every["features"]
    assert len(found) == every["numberMatched"]
    assert expected in (None, len(found))
