"""CQL2: filters choose what a plain reading of them chooses, nulls with it, and bad ones are refused in a line."""

import json
import re
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st

from api.errors import Problem
from api.ogc.cql import DEEPEST, LONGEST, Language, read_filter
from api.ogc.evaluation import Column, chosen
from api.ogc.filters import Property
from api.ogc.reference import CRS84

PROPERTIES = {
    "name": Property("string", "Name", "A text."),
    "count": Property("integer", "Count", "A number."),
    "open": Property("boolean", "Open", "True or false."),
    "day": Property("date", "Day", "A day."),
    "time": Property("date-time", "Time", "A time."),
}
ROWS: list[dict[str, Any]] = [
    {"name": "north", "count": 3, "open": True, "day": "2026-05-01", "time": "2026-05-01T08:00"},
    {"name": "North", "count": None, "open": None, "day": None},
    {"name": None, "count": 0, "open": False, "day": "2025-12-31"},
    {"name": "a%b_c", "count": -7, "open": None, "day": "2026-05-01"},
    {"name": "", "count": 3, "open": False, "day": None},
    {"name": "南北", "count": 12, "open": True, "day": "2027-01-01"},
]
SHAPES = np.array([shapely.box(x, 0, x + 1, 1) for x in range(len(ROWS))])


def columns() -> dict[str, Column]:
    fill = {"name": "", "count": 0.0, "open": False, "day": None, "time": None}
    dtype = {"name": object, "count": float, "open": bool, "day": "datetime64[D]", "time": "datetime64[us]"}
    return {
        name: Column(
            np.array([fill[name] if row.get(name) is None else row[name] for row in ROWS], dtype=dtype[name]),
            np.array([row.get(name) is None for row in ROWS]),
        )
        for name in PROPERTIES
    }


def rows(text: str | dict[str, Any], language: Language | None = None) -> list[int]:
    if isinstance(text, dict):
        text, language = json.dumps(text), "cql2-json"
    read = read_filter(text, language or "cql2-text", PROPERTIES, CRS84)
    return np.flatnonzero(chosen(read, columns(), SHAPES)).tolist()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("count = 3", [0, 4]),
        ("count <> 3", [2, 3, 5]),
        ("NOT count = 3", [2, 3, 5]),
        ("3 < count", [5]),
        ("count >= -7 AND count < 3", [2, 3]),
        ("count IS NULL", [1]),
        ("count IS NOT NULL", [0, 2, 3, 4, 5]),
        ("NOT (count IS NULL OR name IS NULL)", [0, 3, 4, 5]),
        # Unknown or true is true; unknown and false is false, so that its opposite holds.
        ("count = 3 OR name = 'North'", [0, 1, 4]),
        ("NOT (count = 3 AND name = 'north')", [1, 2, 3, 4, 5]),
        ("NOT (count = 3 OR name = 'north')", [3, 5]),
        ("count BETWEEN 0 AND 3", [0, 2, 4]),
        ("count NOT BETWEEN 0 AND 3", [3, 5]),
        ("name IN ('north', '南北')", [0, 5]),
        ("name NOT IN ('north', '南北')", [1, 3, 4]),
        ("count IN (3, 12)", [0, 4, 5]),
        ("name LIKE 'n%'", [0]),
        ("name LIKE '%ort%'", [0, 1]),
        ("name LIKE '_orth'", [0, 1]),
        ("name LIKE '%'", [0, 1, 3, 4, 5]),
        ("name LIKE ''", [4]),
        ("name LIKE '南_'", [5]),
        ("name LIKE 'a\\%b\\_c'", [3]),
        ("name LIKE '%.%'", []),
        ("name NOT LIKE 'n%'", [1, 3, 4, 5]),
        ("open", [0, 5]),
        ("NOT open", [2, 4]),
        ("open = FALSE", [2, 4]),
        ("open <> TRUE", [2, 4]),
        ("TRUE", [0, 1, 2, 3, 4, 5]),
        ("FALSE OR count = 0", [2]),
        ("day = DATE('2026-05-01')", [0, 3]),
        ("day < DATE('2026-05-01')", [2]),
        ("day IN (DATE('2027-01-01'), DATE('2025-12-31'))", [2, 5]),
        ("time = TIMESTAMP('2026-05-01T16:00:00+08:00')", [0]),
        ("time < TIMESTAMP('2026-05-01T08:00:00.5Z')", [0]),
        ("name = '(' OR name = ')))' OR count = 12", [5]),
        ("name <> '\\' AND count = 3", [0, 4]),
        ("time IS NULL", [1, 2, 3, 4, 5]),
        ("name > 'north'", [5]),
        ("S_INTERSECTS(geometry, GEOMETRYCOLLECTION(POINT(0.5 0.5), LINESTRING(4.5 -1, 4.5 2)))", [0, 4]),
        ("name = 'it''s'", []),
        ("S_INTERSECTS(geometry, BBOX(1.5, 0.5, 2.5, 0.6))", [1, 2]),
        ("S_INTERSECTS(geometry, POINT(1 0.5))", [0, 1]),
        ("NOT S_INTERSECTS(geometry, POLYGON((0.5 0.1, 3.5 0.1, 3.5 0.2, 0.5 0.1)))", [4, 5]),
        ("S_INTERSECTS(geometry, LINESTRING(4.5 -1, 4.5 2)) AND count = 3", [4]),
        ("S_INTERSECTS(geometry, MULTIPOINT((0.5 0.5), (5.5 0.5)))", [0, 5]),
    ],
)
def test_filters(text: str, expected: list[int]) -> None:
    assert rows(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "", "(", ")", "count", "count =", "= 3", "nothing = 3", "count = 'three'", "count = TRUE", "name = 3",
        "count = NULL", "open > TRUE", "open = 'true'", "day = 'soon'", "day = DATE('2026-13-01')", "name LIKE 3",
        "count LIKE '3'", "count = count", "1 = 1", "count + 1 = 2", "count = 1 + 2", "CASEI(name) = 'n'",
        "my_function(name) = 3", "name = DATE('2026-05-01')", "geometry = 3", "geometry IS NULL",
        "S_INTERSECTS(name, POINT(1 2))", "S_INTERSECTS(geometry, name)", "S_INTERSECTS(geometry, geometry)",
        "S_INTERSECTS(geometry, BBOX(1, 9, 3, 4))", "S_INTERSECTS(geometry, POLYGON((0 0, 1 1, 0 1, 1 0, 0 0)))",
        "S_INTERSECTS(geometry, POLYGON((0 0, 1 1)))", "S_WITHIN(geometry, POINT(1 2))",
        "T_AFTER(day, DATE('2026-05-01'))", "A_CONTAINS(name, ('a'))", "count = 1e999", "count IN (1, 'a')",
        "name = 'open", "count = 3; DROP TABLE cells", "count BETWEEN 'a' AND 'b'", "name BETWEEN 'a' AND 'b'",
        "NOT (" * 48 + "a", "(" * 3000, "(" * 9 + "count = 1" + ")" * 9, "count = " + "9" * LONGEST,
        "S_INTERSECTS(geometry, " * 40, "(((count = 1))", ")(",
        # What only seems to be quoted, and would take the parser for ever.
        "name = '\\' AND " + "NOT (" * 48 + "a'", '"name\\" = 1 AND ' + "NOT (" * 48 + '"',
        "time = TIMESTAMP('0001-01-01T00:00:00+08:00')",
    ],
)  # fmt: skip
def test_bad_filters_are_refused_in_a_line(text: str) -> None:
    with pytest.raises(Problem) as refused:
        rows(text)
    assert refused.value.status == 400
    assert "\n" not in refused.value.detail
    assert len(refused.value.detail) < 300


@pytest.mark.parametrize(
    "text",
    [
        "", "1", "[]", "null", '"count = 3"', "{", '{"op": "="}', '{"op": "=", "args": []}', "NaN",
        '{"op": "=", "args": [{"property": "count"}, NaN]}', '{"op": "=", "args": [{"property": "none"}, 1]}',
        '{"op": "=", "args": [{"property": "count"}, 1, 2]}', '{"op": "or", "args": []}',
        '{"op": "in", "args": [{"property": "count"}, 3]}', '{"op": ["="], "args": [1, 2]}',
        '{"op": "s_intersects", "args": [{"property": "geometry"}, {"type": "Point", "coordinates": ["a", 2]}]}',
        '{"op": "s_intersects", "args": [{"property": "geometry"}, {"type": "Polygon", "coordinates": [[]]}]}',
        '{"op": "not", "args": [' * 100 + "true" + "]}" * 100, "[" * 3000,
    ],
)  # fmt: skip
def test_bad_json_is_refused_in_a_line(text: str) -> None:
    with pytest.raises(Problem) as refused:
        rows(text, "cql2-json")
    assert refused.value.status == 400
    assert "\n" not in refused.value.detail


NUMBERS = st.integers(-8, 13)
TEXTS = st.sampled_from(["north", "North", "", "南北", "a%b_c", "x"])
SIGNS = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])
NAME, COUNT, OPEN = ({"property": name} for name in ("name", "count", "open"))
LEAVES = st.one_of(
    st.builds(lambda sign, value: {"op": sign, "args": [COUNT, value]}, SIGNS, NUMBERS),
    st.builds(lambda sign, value: {"op": sign, "args": [value, COUNT]}, SIGNS, NUMBERS),
    st.builds(lambda sign, value: {"op": sign, "args": [NAME, value]}, SIGNS, TEXTS),
    st.builds(lambda value: {"op": "=", "args": [OPEN, value]}, st.booleans()),
    st.builds(lambda name: {"op": "isNull", "args": [{"property": name}]}, st.sampled_from(["name", "count", "open"])),
    st.builds(lambda low, high: {"op": "between", "args": [COUNT, low, high]}, NUMBERS, NUMBERS),
    st.builds(lambda values: {"op": "in", "args": [NAME, values]}, st.lists(TEXTS, min_size=1, max_size=3)),
    st.builds(lambda pattern: {"op": "like", "args": [NAME, pattern]}, st.text("nNorth%_a", max_size=6)),
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(lambda part: {"op": "not", "args": [part]}, inner),
        st.builds(
            lambda sign, parts: {"op": sign, "args": parts},
            st.sampled_from(["and", "or"]),
            st.lists(inner, min_size=2, max_size=3),
        ),
    ),
    max_leaves=8,
)


def plainly(node: dict[str, Any], row: dict[str, Any]) -> bool | None:
    """Read a filter for one row, in the logic of three values; None is unknown."""
    sign, arguments = node["op"], node["args"]
    if sign in ("and", "or", "not"):
        parts = [plainly(part, row) for part in arguments]
        if sign == "not":
            return None if parts[0] is None else not parts[0]
        decisive = sign == "or"
        return decisive if decisive in parts else None if None in parts else not decisive
    values = [row[each["property"]] if isinstance(each, dict) else each for each in arguments]
    if sign == "isNull":
        return values[0] is None
    if None in values:
        return None
    first, *rest = values
    if sign == "like":
        pattern = "".join({"%": ".*", "_": "."}.get(letter, re.escape(letter)) for letter in rest[0])
        return re.fullmatch(pattern, first, re.DOTALL) is not None
    return {
        "=": lambda: first == rest[0],
        "<>": lambda: first != rest[0],
        "<": lambda: first < rest[0],
        "<=": lambda: first <= rest[0],
        ">": lambda: first > rest[0],
        ">=": lambda: first >= rest[0],
        "between": lambda: rest[0] <= first <= rest[1],
        "in": lambda: first in rest[0],
    }[sign]()


@given(TREES)
def test_filters_choose_what_a_plain_reading_chooses(tree: dict[str, Any]) -> None:
    assume(_depth(tree) <= DEEPEST)
    assert rows(tree) == [at for at, row in enumerate(ROWS) if plainly(tree, row) is True]


def _depth(node: object) -> int:
    return 1 + max((_depth(part) for part in node["args"]), default=0) if isinstance(node, dict) and "op" in node else 0


def test_a_pattern_does_not_take_for_ever() -> None:
    long = Column(np.array(["a" * 5000] * 20, dtype=object), np.zeros(20, dtype=bool))
    read = read_filter(f"name LIKE '{'%a' * 1500}b'", "cql2-text", PROPERTIES, CRS84)
    assert not chosen(read, {"name": long}, SHAPES).any()
