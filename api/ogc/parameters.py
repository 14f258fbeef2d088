"""Query parameters: which there are, how they are described, and how they are read."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, get_args

from fastapi import Request

from api.errors import Problem
from api.ogc.collection import Collection, Query
from api.ogc.cql import LONGEST, Language, read_filter
from api.ogc.filters import And, Compare, Filter
from api.ogc.links import KEY
from api.ogc.reference import CRS84, Reference
from api.ogc.regions import region
from api.ogc.values import read_interval, read_number, read_text

DEFAULT_LIMIT: Final = 1000
MOST: Final = 10_000

COMMON: Final = ("f", KEY)
FEATURE: Final = (*COMMON, "crs")
ITEMS: Final = (
    *FEATURE, "limit", "bbox", "bbox-crs", "datetime", "filter", "filter-lang", "filter-crs", "cursor",
)  # fmt: skip

_URI: Final = {"type": "string", "format": "uri", "default": CRS84.uri}
_DESCRIBED: Final[Mapping[str, tuple[str, dict[str, Any]]]] = {
    "f": ("Form of the answer, whatever `Accept` says.", {"type": "string"}),
    KEY: ("API key, for clients that cannot send headers.", {"type": "string"}),
    "crs": ("CRS of the answer: one of those the collection lists.", _URI),
    "limit": (
        f"Most features on a page; more than {MOST} are never given.",
        {"type": "integer", "minimum": 1, "maximum": MOST, "default": DEFAULT_LIMIT},
    ),
    "bbox": (
        "Features that meet this box: west, south, east, north, or as `bbox-crs` orders them; six with heights.",
        {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}},
    ),
    "bbox-crs": ("CRS of `bbox`.", _URI),
    "datetime": (
        "Features of this time: `2026-05-01T00:00:00Z`, or two with `/` between, of which one may be `..`.",
        {"type": "string"},
    ),
    "filter": ("Condition in CQL2 over the queryables.", {"type": "string", "maxLength": LONGEST}),
    "filter-lang": (
        "What the filter is written in.",
        {"type": "string", "enum": list(get_args(Language)), "default": "cql2-text"},
    ),
    "filter-crs": ("CRS of the geometries in the filter.", _URI),
    "cursor": ("From where to go on: taken from a link `next`.", {"type": "string"}),
}


def described(names: Sequence[str], forms: Sequence[str]) -> list[dict[str, Any]]:
    """Describe query parameters for OpenAPI, and the forms in which there is an answer."""
    return [
        {
            "name": name,
            "in": "query",
            "required": False,
            "description": text,
            "schema": schema | ({"enum": list(forms)} if name == "f" else {}),
            "style": "form",
            "explode": False,
        }
        for name, (text, schema) in ((name, _DESCRIBED[name]) for name in names)
    ]


FREE: Final = {
    "name": "queryables",
    "in": "query",
    "required": False,
    "description": "Any queryable of the collection with the value it must have, as `level=grid`.",
    "schema": {"type": "object", "additionalProperties": {"type": "string"}},
    "style": "form",
    "explode": True,
}


def sent(request: Request, known: Sequence[str]) -> dict[str, str]:
    """Return the query parameters.

    Raises
    ------
    Problem
        400 where one is not known, or comes twice.
    """
    pairs = request.query_params.multi_items()
    found = dict(pairs)
    for name in found:
        if name not in known:
            raise Problem(400, f"no parameter '{name[:60]}' here: there are {', '.join(sorted(known))}")
    if len(found) < len(pairs):
        raise Problem(400, "a parameter is given twice")
    return found


def read_reference(told: Mapping[str, str], name: str, collection: Collection) -> Reference:
    """Read a parameter that names a CRS.

    Raises
    ------
    Problem
        400 where the collection does not have it.
    """
    uri = told.get(name, CRS84.uri)
    for reference in collection.references:
        if reference.uri == uri:
            return reference
    raise Problem(
        400, f"{name}: not among the CRS of the collection: {', '.join(r.uri for r in collection.references)}"
    )


def read_query(request: Request, collection: Collection) -> Query:
    """Read what is asked of a collection.

    Raises
    ------
    Problem
        400 where a parameter is not known or not understood.
    """
    told = sent(request, (*ITEMS, *collection.properties))
    box_reference = read_reference(told, "bbox-crs", collection)
    box = None
    if "bbox" in told:
        numbers = [read_number("bbox", text) for text in told["bbox"].split(",")]
        box = region("bbox", numbers, box_reference)
    return Query(
        read_reference(told, "crs", collection),
        _limit(told.get("limit")),
        box,
        read_interval(told["datetime"]) if "datetime" in told else None,
        _where(told, collection),
        told.get("cursor"),
    )


def _limit(text: str | None) -> int:
    if text is None:
        return DEFAULT_LIMIT
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text)):  # noqa: PLR2004 (digits)
        raise Problem(400, f"limit: give a whole number from 1 to {MOST}")
    return min(int(text), MOST)


def _where(told: Mapping[str, str], collection: Collection) -> Filter | None:
    properties = collection.properties
    parts: list[Filter] = [
        Compare(name, "=", read_text(name, properties[name].kind, text))
        for name, text in told.items()
        if name in properties and name not in ITEMS
    ]
    reference = read_reference(told, "filter-crs", collection)
    language = next((each for each in get_args(Language) if each == told.get("filter-lang", "cql2-text")), None)
    if language is None:
        raise Problem(400, f"filter-lang: there are {' and '.join(get_args(Language))}")
    if "filter" in told:
        parts.append(read_filter(told["filter"], language, properties, reference))
    if len(parts) > 1:
        return And(tuple(parts))
    return parts[0] if parts else None
