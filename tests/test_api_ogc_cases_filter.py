"""Filters of cases, which a database answers: on both kinds they choose what a plain reading chooses, exactly."""

import json
import operator
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import shapely
from case_rows import NOW, STATES, STEP, Rows, ask, rows_of, with_cases
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from postgis import make_database
from serving import BEGINNING, Running

from api.ogc.case_points import CasePoints
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
from api.store.cases import Wanted
from gis.plan import Plan


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


def found(town: Running, **parameters: str | int) -> list[str]:
    answer = ask(town, "/cases/items", **parameters)
    assert answer.status_code == 200, answer.text
    page = answer.json()
    assert page["numberMatched"] == len(page["features"])
    return [feature["id"] for feature in page["features"]]


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
    town: Running, rows: Rows, where: Filter, region: object, begin: datetime | None
) -> None:
    expected = [
        row["id"]
        for row in rows
        if plainly(where, row) is True
        and (region is None or row["lon"] is None or plainly(Intersects(region), row))
        and (begin is None or row["received_at"] >= begin)
    ]
    interval = None if begin is None else Interval(begin, None)
    collection = CasePoints(town.service.database, Wanted(), NOW, (0, 0, 1, 1), (CRS84,))
    page = collection.page(Query(CRS84, 9, region, interval, where))
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
def test_filters_as_they_are_sent(town: Running, rows: Rows, text: str, fits: Any) -> None:  # noqa: ANN401
    assert found(town, filter=text) == [row["id"] for row in rows if fits(row)]


def test_boxes_and_times(town: Running, rows: Rows) -> None:
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
