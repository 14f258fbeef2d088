"""Cases in the OGC API: those in scope and no others, each once, and nothing that anybody wrote."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import mapbox_vector_tile
import pytest
import serving
from case_rows import STEP, Rows, ask, rows_of, with_cases
from postgis import make_database
from serving import Running
from test_api_loop import spot
from test_api_ogc_tiles import place

from api.ogc.case_points import PROPERTIES
from api.store import cases as kept_cases
from api.store.cases import Wanted
from gis.plan import Plan

SECRETS = ["a cracked kerb", "ring at noon", "7 Elm Court"]


@pytest.fixture(scope="module")
def rows(town_plan: Plan) -> Rows:
    return rows_of(town_plan)


@pytest.fixture(scope="module", params=["sqlite", "postgis"])
def town(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    town_file: Path,
    rows: Rows,
) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("cases")
    sqlite = request.param == "sqlite"
    url = f"sqlite:///{folder / 'wangge.db'}" if sqlite else make_database(request.getfixturevalue("cluster"))
    with with_cases(url, folder, town_file, rows) as running:
        yield running


@pytest.mark.parametrize("role", ["anybody", "resident", "planner"])
def test_others_are_not_told_that_there_are_cases(town: Running, role: str) -> None:
    assert "cases" not in [each["id"] for each in ask(town, "", role).json()["collections"]]
    for path in ("", "/items", "/items/260304-00000XYZ0A", "/queryables", "/schema", "/tiles"):
        assert ask(town, f"/cases{path}", role).status_code == 404


def test_staff_see_their_scope_and_what_was_given_to_them(town: Running, rows: Rows) -> None:
    cell = rows[0]["cell"]
    headers = town.key("u-1", "staff", cell)
    page = town.client.get("/ogc/collections/cases/items", headers=headers).json()
    seen = [feature["id"] for feature in page["features"]]
    assert seen == [row["id"] for row in rows if row["cell"] == cell or row["unit"] == "u-1"]
    with town.service.database.reading() as connection:
        assert page["numberMatched"] == kept_cases.count(connection, Wanted(scope=cell, worker="u-1"))
        assert ask(town, "/cases/items").json()["numberMatched"] == kept_cases.count(connection, Wanted()) == len(rows)
    for row in rows:
        one = town.client.get(f"/ogc/collections/cases/items/{row['id']}", headers=headers)
        assert one.status_code == (200 if row["id"] in seen else 404)


def test_pages_give_each_once(town: Running, rows: Rows) -> None:
    href: str | None = "http://testserver/ogc/collections/cases/items?limit=7&filter=unit IS NULL OR overdue"
    seen: list[str] = []
    while href:
        page = town.client.get(href, headers=town.to("desk")).json()
        assert page["numberMatched"] == sum(row["unit"] is None or row["overdue"] for row in rows)
        seen += [feature["id"] for feature in page["features"]]
        href = next((link["href"] for link in page["links"] if link["rel"] == "next"), None)
    assert seen == [row["id"] for row in rows if row["unit"] is None or row["overdue"]]


def test_properties_are_those_kept(town: Running, rows: Rows) -> None:
    features = ask(town, "/cases/items").json()["features"]
    for feature, row in zip(features, rows, strict=True):
        assert list(feature["properties"]) == list(PROPERTIES)
        for name, value in feature["properties"].items():
            assert (datetime.fromisoformat(value) if isinstance(row[name], datetime) else value) == row[name]
        there = None if row["lon"] is None else [round(row["lon"], 7), round(row["lat"], 7)]
        assert (feature["geometry"] and feature["geometry"]["coordinates"]) == there


def test_tiles_hold_the_points_of_their_box(town: Running, rows: Rows) -> None:
    placed = {row["id"] for row in rows if row["lon"] is not None}
    for zoom in (0, 5, 12):
        path = "/".join(map(str, place(zoom, 114.501, 38.001)))
        answer = ask(town, f"/cases/tiles/WebMercatorQuad/{path}")
        layer = mapbox_vector_tile.decode(answer.content)["cases"]
        assert {feature["properties"]["id"] for feature in layer["features"]} == placed
        assert {feature["geometry"]["type"] for feature in layer["features"]} == {"Point"}
    assert ask(town, "/cases/tiles/WebMercatorQuad/12/0/0").status_code == 204


def test_other_coordinates_and_the_extent(town: Running, rows: Rows) -> None:
    one = next(row for row in rows if row["lon"] is not None)
    answer = ask(town, f"/cases/items/{one['id']}", crs="http://www.opengis.net/def/crs/EPSG/0/4326").json()
    assert answer["geometry"]["coordinates"] == [round(one["lat"], 7), round(one["lon"], 7)]
    extent = ask(town, "/cases").json()["extent"]
    box = [114.5, 38.0, 114.5 + 8 * STEP, 38.0 + 8 * STEP]
    assert extent["spatial"]["bbox"] == [pytest.approx(box)]


def test_a_place_beyond_the_zone_has_no_coordinates_in_it(tmp_path: Path, town_file: Path, rows: Rows) -> None:
    far = rows[0] | {"lon": 24.0, "lat": 0.0}
    with with_cases(f"sqlite:///{tmp_path / 'wangge.db'}", tmp_path, town_file, [far]) as fresh:
        path = f"/cases/items/{far['id']}"
        assert ask(fresh, path).json()["geometry"]["coordinates"] == [24.0, 0.0]
        *_, zone = ask(fresh, "/cases").json()["crs"]
        assert ask(fresh, path, crs=zone).json()["geometry"] is None


def test_no_words_of_people_in_any_answer(store_url: str, tmp_path: Path, town_file: Path, town_plan: Plan) -> None:
    with serving.running(store_url, tmp_path, town_file) as fresh:
        assert ask(fresh, "/cases/items").json()["numberMatched"] == 0
        assert ask(fresh, "/cases").json()["extent"]["spatial"]["bbox"]
        tag = ask(fresh, "/cases/tiles/WebMercatorQuad/0/0/0").headers["etag"]
        report = {"category": "component-03", "text": SECRETS[0], "contact": SECRETS[1], "address": SECRETS[2]}
        case = fresh.client.post("/api/v1/cases", json=report | spot(town_plan)).json()["case"]
        paths = [
            *("", "/cases", "/cases/items", f"/cases/items/{case['id']}", "/cases/queryables", "/cases/schema"),
            *("/case-counts/items", "/cases/tiles/WebMercatorQuad/0/0/0"),
        ]
        answers = [ask(fresh, path) for path in paths]
        assert all(answer.status_code == 200 for answer in answers)
        assert answers[2].json()["features"][0]["geometry"] is not None
        assert answers[-1].headers["etag"] != tag
        for answer in answers:
            for secret in (*SECRETS, "of-", "distance_m"):
                assert secret.encode() not in answer.content
