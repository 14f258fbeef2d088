"""What the OGC API says of itself holds, whatever is asked, wherever it is served."""

import html
import re
from dataclasses import replace

import httpx2 as httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from served import served

from api.ogc import Collection, Query, cell_collections
from api.ogc.filters import Compare, IsNull
from api.ogc.operations import definition
from api.ogc.reference import CRS84
from api.ogc.router import ogc_router
from gis.plan import Plan
from maps.audience import Audience

# Not among them that all valid data is accepted: no schema can say what a filter or a box is.
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
)
PATHS = sorted(definition(ogc_router(lambda _: ()), "")["paths"])


KNOWN = {
    "collectionId": "cells", "featureId": "130105005001", "tileMatrixSetId": "WebMercatorQuad",
    "tileMatrix": 14, "tileRow": 6316, "tileCol": 13401,
}  # fmt: skip


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize(
    ("path", "there"), [(p, there) for p in PATHS for there in ((True, False) if "{" in p else (False,))]
)
def test_answers_are_as_described(ogc: str, path: str, mode: GenerationMode, *, there: bool) -> None:
    described = schemathesis.openapi.from_url(f"{ogc}/api")
    known = {name: KNOWN[name] for name in re.findall(r"{(\w+)}", path)} if there else {}

    @settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(described[path]["GET"].as_strategy(generation_mode=mode, **({"path_parameters": known} if known else {})))
    def ask(case: schemathesis.Case) -> None:
        case.call_and_validate(base_url=ogc, checks=list(CHECKS))

    ask()


def test_links_are_right_behind_a_proxy(ogc: str, town_plan: Plan) -> None:
    seen = {"Host": "grids.example.org", "X-Forwarded-Proto": "https"}
    collections = httpx.get(f"{ogc}/collections?key=mine", headers=seen).json()
    every = [link["href"] for each in (collections, *collections["collections"]) for link in each["links"]]
    assert all(href.startswith("https://grids.example.org/ogc/collections") for href in every)
    assert all("key=mine" in href for href in every)
    with served(town_plan, root_path="/city") as address:
        page = httpx.get(f"{address}/ogc/collections/cells/items?limit=1&key=mine", timeout=60).json()
        for link in page["links"]:
            assert link["href"].startswith(f"{address}/city/ogc/collections/cells")
            # The proxy cuts off its own part of the path.
            assert httpx.get(link["href"].replace("/city", "")).status_code == 200
        assert httpx.get(f"{address}/ogc").json()["links"][0]["href"] == f"{address}/city/ogc"


def test_pages_for_people_hold_no_script(ogc: str) -> None:
    attack = '"><script>alert(1)</script>'
    for path in ("", "/conformance", "/collections", "/collections/cells", "/tileMatrixSets", "/api"):
        answer = httpx.get(ogc + path, params={"f": "html", "key": attack})
        assert answer.headers["content-type"].startswith("text/html")
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "<script" not in answer.text
    assert httpx.get(ogc, headers={"Accept": "text/html,*/*;q=0.8"}).text.startswith("<!DOCTYPE html>")
    assert "alert" not in html.unescape(httpx.get(ogc, params={"f": attack}).json()["title"])


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("application/json, text/html", "application/json"),
        ("text/html;q=0.5, application/json", "application/json"),
        ("application/json;q=0.1,text/html", "text/html"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html"),
        ("*/*", "application/json"),
        ("image/png;q=x, ;;,", "application/json"),
    ],
)
def test_the_form_is_the_one_wanted_most(ogc: str, accept: str, kind: str) -> None:
    assert httpx.get(ogc, headers={"Accept": accept}).headers["content-type"].split(";")[0] == kind


def test_a_plan_that_does_not_say_from_when(town_plan: Plan) -> None:
    with served(town_plan) as address:
        items = f"{address}/ogc/collections/cells/items"
        for said, expected in {
            "datetime=1990-01-01T00:00:00Z": 315,
            "filter=valid_from < DATE('2026-01-01')": 0,
            "filter=valid_from IS NULL": 315,
            "valid_from=2026-01-01": 0,
        }.items():
            answer = httpx.get(f"{items}?limit=1&{said}", timeout=60)
            assert answer.json()["numberMatched"] == expected
        assert "temporal" not in httpx.get(f"{address}/ogc/collections/cells").json()["extent"]


def test_the_version_follows_what_is_told(town_plan: Plan) -> None:
    cells = town_plan.cells.copy()
    cells.loc[cells.index[-1], "name"] = "another name"
    first, same, other = (cell_collections(plan)[0] for plan in (town_plan, town_plan, replace(town_plan, cells=cells)))
    assert first.version == same.version
    assert first.version != other.version


def test_levels_of_any_name_have_addresses(town_plan: Plan) -> None:
    names = {"community": "社区", "grid": "网格 / 1", "micro": "a..b"}
    cells = town_plan.cells.assign(level=town_plan.cells["level"].map(names))
    plan = replace(town_plan, cells=cells, metadata=town_plan.metadata | {"levels": list(names.values())})
    found = cell_collections(plan)
    assert [collection.id for collection in found] == ["cells", "cells-level", "cells-1", "cells-a-b"]
    assert [collection.page(Query(CRS84)).matched for collection in found] == [315, 7, 41, 267]


def test_cells_are_a_collection(town_plan: Plan) -> None:
    collection: Collection = cell_collections(town_plan)[0]
    assert collection.feature("none", CRS84) is None
    page = collection.page(Query(CRS84, limit=2, after="\x00"))
    assert (len(page.features), page.matched) == (2, 315)
    assert collection.page(Query(CRS84, after="~")).after is None


def test_the_public_is_not_told_small_counts(town_plan: Plan) -> None:
    few = town_plan.at_level("micro").index[0]
    cells = town_plan.cells.copy()
    cells.loc[few, "households"] = 3
    plan = replace(town_plan, cells=cells)
    inside, public = (cell_collections(plan, audience)[0] for audience in Audience)
    code = cells.loc[few, "code"]
    assert inside.feature(code, CRS84).properties["households"] == 3
    assert public.feature(code, CRS84).properties["households"] is None
    asked = Query(CRS84, where=Compare("households", "<", 11.0))
    assert (inside.page(asked).matched, public.page(asked).matched) == (1, 0)
    # A sibling goes with it, or the sum above would give it away.
    assert public.page(Query(CRS84, where=IsNull("households"))).matched > 1
