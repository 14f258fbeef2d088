"""Filters in the Common Query Language, as text or as JSON, read into the tree that collections understand."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

import cql2

from api.errors import Problem
from api.ogc.collection import GEOMETRY
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
    Properties,
    Sign,
    Value,
)
from api.ogc.reference import Reference
from api.ogc.regions import drawn, region
from api.ogc.values import read_value

Language = Literal["cql2-text", "cql2-json"]

LONGEST: Final = 4000
DEEPEST: Final = 8
# A condition of JSON has two kinds of brackets, a geometry some more.
_DEEPEST_JSON: Final = 3 * DEEPEST
_QUOTED: Final[dict[Language, re.Pattern[str]]] = {
    # A backslash is a sign like others in the text, so that it ends no quotation early or late.
    "cql2-text": re.compile(r"'[^']*'|\"[^\"]*\""),
    "cql2-json": re.compile(r'"(?:[^"\\]|\\.)*"'),
}
_FLIPPED: Final[dict[str, Sign]] = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def read_filter(text: str, language: Language, properties: Properties, reference: Reference) -> Filter:
    """Read a filter.

    Parameters
    ----------
    text
        As it was sent.
    language
        What it is written in.
    properties
        What it may speak of, besides the geometry.
    reference
        CRS of the geometries in it.

    Raises
    ------
    Problem
        400 where it is too long or too deep, cannot be read, or speaks of what is not there.
    """
    if len(text) > LONGEST:
        raise Problem(400, f"filter: {len(text)} signs are too many: at most {LONGEST}")
    _require_shallow(_QUOTED[language].sub("", text))
    try:
        if language == "cql2-text":
            tree = cql2.parse_text(text).to_json()
        else:
            tree = cql2.parse_json(json.dumps(_strict_json(text))).to_json()
    except (cql2.ParseError, cql2.ValidationError, ValueError, RecursionError) as error:
        raise Problem(400, f"filter: not {language}: {_where(error)}") from error
    return _Reader(properties, reference).condition(tree)


def _require_shallow(unquoted: str) -> None:
    """Refuse brackets deep inside each other: with each, the parser takes twice as long for what it cannot read."""
    depth = 0
    for sign in unquoted:
        depth += (sign in "([{") - (sign in ")]}")
        if depth < 0 or depth > (DEEPEST if sign == "(" else _DEEPEST_JSON):
            break
    if depth:
        raise Problem(400, f"filter: brackets must close, and none may be deeper than {DEEPEST}")


def _strict_json(text: str) -> Any:  # noqa: ANN401
    """Read JSON, without the numbers that JSON has not."""

    def refuse(word: str) -> float:
        raise ValueError(f"{word} is no number of JSON")

    return json.loads(text, parse_constant=refuse)


def _where(error: Exception) -> str:
    found = re.search(r"--> 1:(\d+)", str(error))
    return f"sign {found[1]} is not understood" if found else "it does not follow the grammar"


@dataclass(frozen=True)
class _Reader:
    properties: Properties
    reference: Reference

    def condition(self, node: Any) -> Filter:  # noqa: ANN401
        if isinstance(node, bool):
            return Always(node)
        if isinstance(node, dict) and set(node) == {"property"}:
            return Compare(self._name(node, ("boolean",)), "=", value=True)
        if not (isinstance(node, dict) and isinstance(node.get("op"), str) and isinstance(node.get("args"), list)):
            raise Problem(400, "filter: a condition is expected, such as level = 'grid'")
        sign, arguments = node["op"], node["args"]
        if sign in ("and", "or") and arguments:
            parts = tuple(self.condition(part) for part in arguments)
            return And(parts) if sign == "and" else Or(parts)
        if sign in get_args(Sign) and len(arguments) == 2:  # noqa: PLR2004
            return self._compare(sign, *arguments)
        reader = self._readers().get(sign)
        if reader is None or len(arguments) != reader[0]:
            raise Problem(400, f"filter: {sign[:30]} is not understood here, or has other arguments")
        return reader[1](*arguments)

    def _readers(self) -> dict[str, tuple[int, Callable[..., Filter]]]:
        return {
            "not": (1, lambda part: Not(self.condition(part))),
            "isNull": (1, lambda node: IsNull(self._name(node))),
            "like": (2, self._like),
            "between": (3, self._between),
            "in": (2, self._one_of),
            "s_intersects": (2, self._intersects),
        }

    def _name(self, node: Any, kinds: Sequence[str] = ()) -> str:  # noqa: ANN401
        name = node.get("property") if isinstance(node, dict) else None
        if not isinstance(name, str):
            raise Problem(400, "filter: compare a property with a value")
        if name not in self.properties:
            raise Problem(400, f"filter: no property '{name[:60]}': see the queryables of the collection")
        if kinds and self.properties[name].kind not in kinds:
            raise Problem(400, f"filter: '{name}' is of type {self.properties[name].kind}, which does not go here")
        return name

    def _value(self, name: str, node: Any) -> Value:  # noqa: ANN401
        if isinstance(node, dict):
            (tag, literal), *more = node.items() or [("", None)]
            if more or tag not in ("date", "timestamp") or self.properties[name].kind not in ("date", "date-time"):
                raise Problem(400, f"filter: '{name}' is compared with what is no value of its type")
            node = literal
        return read_value(name, self.properties[name].kind, node)

    def _compare(self, sign: Sign, left: Any, right: Any) -> Filter:  # noqa: ANN401
        if isinstance(right, dict) and "property" in right:
            left, right, sign = right, left, _FLIPPED[sign]
        name = self._name(left)
        if self.properties[name].kind == "boolean" and sign not in ("=", "<>"):
            raise Problem(400, f"filter: '{name}' is true or false: neither is less")
        return Compare(name, sign, self._value(name, right))

    def _between(self, node: Any, low: Any, high: Any) -> Filter:  # noqa: ANN401
        name = self._name(node, ("integer", "number", "date", "date-time"))
        return Between(name, self._value(name, low), self._value(name, high))

    def _one_of(self, node: Any, values: Any) -> Filter:  # noqa: ANN401
        name = self._name(node)
        if not isinstance(values, list):
            raise Problem(400, f"filter: '{name}' is looked for in what is no list")
        return OneOf(name, tuple(self._value(name, value) for value in values))

    def _like(self, node: Any, pattern: Any) -> Filter:  # noqa: ANN401
        name = self._name(node, ("string",))
        if not isinstance(pattern, str):
            raise Problem(400, "filter: LIKE takes a text")
        return Like(name, pattern)

    def _intersects(self, left: Any, right: Any) -> Filter:  # noqa: ANN401
        if isinstance(right, dict) and "property" in right:
            left, right = right, left
        if not (isinstance(left, dict) and left.get("property") == GEOMETRY and isinstance(right, dict)):
            raise Problem(400, f"filter: S_INTERSECTS takes the property {GEOMETRY} and a geometry")
        if "bbox" in right:
            return Intersects(region("filter", right["bbox"], self.reference))
        return Intersects(drawn("filter", right, self.reference))
