"""Cases in the OGC API: those in scope and no others, each once, by exact filters, and nothing that anybody wrote."""

import json
import operator
import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2 as httpx
import mapbox_vector_tile
import pytest
import serving
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from postgis import make_database
from serving import BEGINNING, Running
from test_api_loop import spot
from test_api_ogc_tiles import place

from api.access.roles import Role, Who
from api.collections import Offered
from api.ogc.case_points import PROPERTIES, CasePoints
from api.ogc.collection import Interval, Query
from api.ogc.filters import (
    Always,
    And,
    Between,
    Compare,
    Filter,
    Intersects,
    IsNull,
    Like,
    Not,
    OneOf,
    Or,
)  # fmt: skip
from api.ogc.reference import CRS84
from api.store import cases as kept_cases
from api.store.cases import Wanted
from api.store.tables import case_cells, cases
from gis.plan import Plan

NOW = BEGINNING + timedelta(days=30)
STATES, UNITS = ["reported", "Reported", "re_ported", "hand%led", "[a-z]*", "受理"], ["u-1", "U-1", None]
STEP = 1 / 1024
SECRETS = ["a cracked kerb", "ring at noon", "7 Elm Court"]


def made_rows(cells: list[str]) -> list[dict[str, Any]]:
    """Make cases with all there can be, nulls with it; places on a raster, so that they lie on borders too."""
    chance = random.Random(3)  # noqa: S311 (nothing secret)
    rows = []
    for number in range(60):
        at = BEGINNING + timedelta(hours=chance.randrange(200), microseconds=chance.choice([0, 500_000]))
        somewhere = number % 7 != 0
        rows.append(
            {
                "id": f"260304-{number * 7919 % 100_000:05d}XYZ{number % 10}A",
                "state": chance.choice(STATES),
                "category": chance.choice(["component-01", "event-04"]),
                "grade": "ordinary",
                "cell": chance.choice(cells),
                "unit": chance.choice(UNITS),
                "organisation": None,
                "received_at": at,
                "changed_at": at,
                "closed_at": chance.choice([None, at + timedelta(days=2)]),
                "due_at": chance.choice([None, NOW - timedelta(days=1), NOW + timedelta(days=1), NOW]),
                "merged_into": chance.choice([None, None, "260304-00000XYZ0A"]),
                "colour": chance.choice(["red", "orange", None]),
                "plan_version": "abc",
                "lon": 114.5 + chance.randrange(9) * STEP if somewhere else None,
                "lat": 38.0 + chance.randrange(9) * STEP if somewhere else None,
            }
        )
    for row in rows:
        row["overdue"] = row["closed_at"] is None and row["due_at"] is not None and row["due_at"] < NOW
    return sorted(rows, key=lambda row: row["id"])


def keep(town: Running, rows: list[dict[str, Any]]) -> None:
    told = set(cases.c.keys()) - {"record"}
    rest = {"version": 1, "activation_id": 1, "given": {"address": SECRETS[2]}, "routed": {}, "chain": []}
    territory = town.service.plans.current.territory
    with town.service.database.writing() as connection:
        for row in rows:
            record = {name: row[name] for name in ("colour", "plan_version")} | {"reporter": "somebody"}
            values = {name: value for name, value in row.items() if name in told}
            connection.execute(cases.insert().values(**values, **rest, record=record))
            held = [{"case_id": row["id"], "code": code} for code in territory.chain(row["cell"])]
            connection.execute(case_cells.insert(), held)


@pytest.fixture(scope="module", params=["sqlite", "postgis"])
def town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("cases")
    sqlite = request.param == "sqlite"
    url = f"sqlite:///{folder / 'wangge.db'}" if sqlite else make_database(request.getfixturevalue("cluster"))
    with serving.running(url, folder, request.getfixturevalue("town_file")) as running:
        keep(running, rows_of(request.getfixturevalue("town_plan")))
        running.clock.now = NOW
        yield running


def rows_of(plan: Plan) -> list[dict[str, Any]]:
    return made_rows(plan.at_level("micro")["code"].iloc[:6].tolist())


@pytest.fixture(scope="module")
def rows(town_plan: Plan) -> list[dict[str, Any]]:
    return rows_of(town_plan)


def ask(town: Running, path: str, role: str = "desk", **parameters: str | int) -> httpx.Response:
    told = {name.replace("r_l", "r-l"): value for name, value in parameters.items()}
    headers = {} if role == "anybody" else town.to(role)
    return town.client.get(f"/ogc/collections{path}", params=told, headers=headers)


def found(town: Running, **parameters: str | int) -> list[str]:
    answer = ask(town, "/cases/items", **parameters)
    assert answer.status_code == 200, answer.text
    page = answer.json()
    assert page["numberMatched"] == len(page["features"])
    return [feature["id"] for feature in page["features"]]


def points(town: Running, who: Who | None = None) -> CasePoints:
    class Request:
        scope = {"who": who or Who("desk", Role.DESK)}  # noqa: RUF012

    offered = Offered(town.service)(Request())  # type: ignore[arg-type]
    (wanted,) = (each for each in offered if isinstance(each, CasePoints))
    return wanted


@pytest.mark.parametrize("role", ["anybody", "resident", "planner"])
def test_others_are_not_told_that_there_are_cases(town: Running, role: str) -> None:
    assert "cases" not in [each["id"] for each in ask(town, "", role).json()["collections"]]
    for path in ("", "/items", "/items/260304-00000XYZ0A", "/queryables", "/schema", "/tiles"):
        assert ask(town, f"/cases{path}", role).status_code == 404


def test_staff_see_their_scope_and_what_was_given_to_them(town: Running, rows: list[dict[str, Any]]) -> None:
    cell = rows[0]["cell"]
    headers = town.key("u-1", "staff", cell)
    page = town.client.get("/ogc/collections/cases/items", headers=headers).json()
    seen = [feature["id"] for feature in page["features"]]
    assert seen == [row["id"] for row in rows if row["cell"] == cell or row["unit"] == "u-1"]
    with town.service.database.reading() as connection:
        assert page["numberMatched"] == kept_cases.count(connection, Wanted(scope=cell, worker="u-1"))
        assert len(found(town)) == kept_cases.count(connection, Wanted()) == len(rows)
    for row in rows:
        one = town.client.get(f"/ogc/collections/cases/items/{row['id']}", headers=headers)
        assert one.status_code == (200 if row["id"] in seen else 404)


def test_pages_give_each_once(town: Running, rows: list[dict[str, Any]]) -> None:
    href: str | None = "http://testserver/ogc/collections/cases/items?limit=7&filter=unit IS NULL OR overdue"
    seen: list[str] = []
    while href:
        page = town.client.get(href, headers=town.to("desk")).json()
        assert page["numberMatched"] == sum(row["unit"] is None or row["overdue"] for row in rows)
        seen += [feature["id"] for feature in page["features"]]
        href = next((link["href"] for link in page["links"] if link["rel"] == "next"), None)
    assert seen == [row["id"] for row in rows if row["unit"] is None or row["overdue"]]


def test_properties_are_those_kept(town: Running, rows: list[dict[str, Any]]) -> None:
    features = ask(town, "/cases/items").json()["features"]
    for feature, row in zip(features, rows, strict=True):
        assert list(feature["properties"]) == list(PROPERTIES)
        for name, value in feature["properties"].items():
            assert (datetime.fromisoformat(value) if isinstance(row[name], datetime) else value) == row[name]
        there = None if row["lon"] is None else [round(row["lon"], 7), round(row["lat"], 7)]
        assert (feature["geometry"] and feature["geometry"]["coordinates"]) == there


MOMENTS = st.builds(lambda hours: BEGINNING + timedelta(hours=hours), st.integers(-10, 800)) | st.sampled_from(
    [NOW, datetime.min.replace(tzinfo=UTC), datetime(1, 1, 1, tzinfo=UTC).astimezone(UTC)]
)
WORDS = st.sampled_from([*STATES, "red", "u-1", "", "'", "x' OR 1=1 --", "é", "\ue000", "\U0001f600"])
TEXTS = st.sampled_from(["id", "state", "category", "unit", "organisation", "merged_into", "colour", "plan_version"])
TIMES = st.sampled_from(["received_at", "changed_at", "closed_at", "due_at"])
COMPARED = {
    "=": operator.eq, "<>": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
SIGNS = st.sampled_from(list(COMPARED))
RASTER = st.builds(lambda i: i * STEP / 2, st.integers(-1, 17))
SHAPES = st.one_of(
    st.builds(lambda x, y: shapely.Point(114.5 + x, 38 + y), RASTER, RASTER),
    st.builds(lambda x, y, w: shapely.box(114.5 + x, 38 + y, 114.5 + x + w + STEP / 2, 38.005), RASTER, RASTER, RASTER),
    st.builds(
        lambda x, y: shapely.Polygon([(114.5, 38), (114.509, 38), (114.5 + x, 38.009 + y)]), RASTER, RASTER
    ),
    st.builds(lambda x: shapely.LineString([(114.5 + x, 37), (114.5 + x, 39)]), RASTER),
    st.builds(
        lambda x: shapely.MultiPolygon([shapely.box(114.5 + x, 30, 180, 38.002), shapely.box(-180, 30, -1, 39)]), RASTER
    ),
)  # fmt: skip
LEAVES: st.SearchStrategy[Filter] = st.one_of(
    st.builds(Always, st.booleans()),
    st.builds(Compare, TEXTS, SIGNS, WORDS),
    st.builds(Compare, TIMES, SIGNS, MOMENTS),
    st.builds(Compare, st.just("overdue"), st.sampled_from(["=", "<>"]), st.booleans()),
    st.builds(Between, TIMES, MOMENTS, MOMENTS),
    st.builds(OneOf, TEXTS, st.lists(WORDS, max_size=3).map(tuple)),
    st.builds(OneOf, TIMES, st.lists(MOMENTS, max_size=3).map(tuple)),
    st.builds(Like, TEXTS, st.text("reRd_%\\[a-z]*?u1受XYZ", max_size=7)),
    st.builds(IsNull, st.one_of(TEXTS, TIMES, st.just("overdue"))),
    st.builds(Intersects, SHAPES),
)
FILTERS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(And, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(Or, st.lists(inner, min_size=1, max_size=3).map(tuple)),
    ),
    max_leaves=6,
)


def plainly(of: Filter, row: dict[str, Any]) -> bool | None:
    """Read a filter for one row; None is unknown."""
    if isinstance(of, Not):
        return None if (held := plainly(of.part, row)) is None else not held
    if isinstance(of, And | Or):
        parts, decisive = [plainly(part, row) for part in of.parts], isinstance(of, Or)
        return decisive if decisive in parts else None if None in parts else not decisive
    if isinstance(of, Always):
        return of.holds
    if isinstance(of, Intersects):
        return row["lon"] is not None and bool(of.shape.intersects(shapely.Point(row["lon"], row["lat"])))
    value = row[of.property]
    if isinstance(of, IsNull):
        return value is None
    return None if value is None else compared(of, value)


def compared(of: Compare | Between | OneOf | Like, value: Any) -> bool:  # noqa: ANN401
    match of:
        case Compare(_, sign, other):
            return bool(COMPARED[sign](value, other))
        case Between(_, low, high):
            return low <= value <= high
        case OneOf(_, values):
            return value in values
        case Like():
            pieces = ({"%": ".*", "_": "."}[sign] if wild else re.escape(sign) for sign, wild in of.signs())
            return re.fullmatch("".join(pieces), value, re.DOTALL) is not None


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(where=FILTERS, region=st.none() | SHAPES, begin=st.none() | MOMENTS)
def test_filters_choose_what_a_plain_reading_chooses(
    town: Running, rows: list[dict[str, Any]], where: Filter, region: object, begin: datetime | None
) -> None:
    expected = [
        row["id"]
        for row in rows
        if plainly(where, row) is True
        and (region is None or row["lon"] is None or plainly(Intersects(region), row))
        and (begin is None or row["received_at"] >= begin)
    ]
    interval = None if begin is None else Interval(begin, None)
    page = points(town).page(Query(CRS84, 9, region, interval, where))
    assert page.matched == len(expected)
    assert [feature.id for feature in page.features] == expected[:9]


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("state = 'reported' AND unit = 'u-1'", lambda row: row["state"] == "reported" and row["unit"] == "u-1"),
        ("state LIKE 're\\_%'", lambda row: row["state"] == "re_ported"),
        ("state LIKE '%\\'", lambda _: False),
        ("NOT (unit IN ('u-1'))", lambda row: row["unit"] == "U-1"),
        ("closed_at IS NULL AND colour > 'o'", lambda row: row["closed_at"] is None and row["colour"] is not None),
        ("overdue", lambda row: row["overdue"]),
        ("due_at = TIMESTAMP('2026-04-03T10:00:00+08:00')", lambda row: row["due_at"] == NOW),
        ("S_INTERSECTS(geometry, BBOX(114.5, 38, 114.5, 38.1))", lambda row: row["lon"] == 114.5),
        ("state = '''; DROP TABLE cases; --'", lambda _: False),
        ("state = '%(param)s :wkb ? {0}'", lambda _: False),
    ],
)
def test_filters_as_they_are_sent(town: Running, rows: list[dict[str, Any]], text: str, fits: Any) -> None:  # noqa: ANN401
    assert found(town, filter=text) == [row["id"] for row in rows if fits(row)]


def test_boxes_and_times(town: Running, rows: list[dict[str, Any]]) -> None:
    inside = {row["id"] for row in rows if row["lon"] is None or 114.5 <= row["lon"] <= 114.5 + STEP}
    assert set(found(town, bbox=f"114.5,37,{114.5 + STEP},39")) == inside
    cut = BEGINNING + timedelta(hours=100)
    until = [row["id"] for row in rows if row["received_at"] <= cut]
    assert found(town, datetime=f"../{cut:%Y-%m-%dT%H:%M:%SZ}") == until
    assert found(town, datetime="0001-01-01T00:00:00+08:00/9999-12-31T23:59:59-08:00") == [row["id"] for row in rows]
    assert found(town, received_at="9999-12-31T23:59:59-08:00") == []


@pytest.mark.parametrize(
    "told",
    [
        {"filter": json.dumps({"op": "=", "args": [{"property": "state"}, "\0"]}), "filter_lang": "cql2-json"},
        {"filter": json.dumps({"op": "like", "args": [{"property": "state"}, "\0"]}), "filter_lang": "cql2-json"},
        {"filter": json.dumps({"op": "=", "args": [{"property": "state"}, "\ud800"]}), "filter_lang": "cql2-json"},
        {"state": "a\0b"},
        {"cursor": "\0"},
        {"cursor": "x' OR 1=1"},
        {"filter": "lon = 114.5"},
        {"filter": "record LIKE '%'"},
    ],
)
def test_hostile_texts_are_refused(town: Running, told: dict[str, str]) -> None:
    answer = ask(town, "/cases/items", **told)
    assert answer.status_code == 400, answer.text
    assert ask(town, "/cases/items/%00").status_code == 404


def test_tiles_hold_the_points_of_their_box(town: Running, rows: list[dict[str, Any]]) -> None:
    placed = {row["id"] for row in rows if row["lon"] is not None}
    for zoom in (0, 5, 12):
        path = "/".join(map(str, place(zoom, 114.501, 38.001)))
        answer = ask(town, f"/cases/tiles/WebMercatorQuad/{path}")
        layer = mapbox_vector_tile.decode(answer.content)["cases"]
        assert {feature["properties"]["id"] for feature in layer["features"]} == placed
        assert {feature["geometry"]["type"] for feature in layer["features"]} == {"Point"}
    assert ask(town, "/cases/tiles/WebMercatorQuad/12/0/0").status_code == 204


def test_other_coordinates_and_the_extent(town: Running, rows: list[dict[str, Any]]) -> None:
    one = next(row for row in rows if row["lon"] is not None)
    answer = ask(town, f"/cases/items/{one['id']}", crs="http://www.opengis.net/def/crs/EPSG/0/4326").json()
    assert answer["geometry"]["coordinates"] == [round(one["lat"], 7), round(one["lon"], 7)]
    extent = ask(town, "/cases").json()["extent"]
    box = [114.5, 38.0, 114.5 + 8 * STEP, 38.0 + 8 * STEP]
    assert extent["spatial"]["bbox"] == [pytest.approx(box)]


def test_no_words_of_people_in_any_answer(store_url: str, tmp_path: Any, town_file: Any, town_plan: Plan) -> None:  # noqa: ANN401
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
