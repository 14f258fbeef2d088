"""A small area that takes Open311 requests, and what its answers must look like."""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import doors
import jsonschema
import serving
import shapely
from pyproj import Transformer
from serving import Running

import gis

BASE = "/open311/v2"
_TO_DEGREES = Transformer.from_crs(4547, 4326, always_xy=True)
HOUSE = dict(zip(("long", "lat"), _TO_DEGREES.transform(50.25, 20.25), strict=True))
PARK = dict(zip(("long", "lat"), _TO_DEGREES.transform(150.25, 50.25), strict=True))


@contextmanager
def running(store_url: str, folder: Path, area: str = "A", **settings: object) -> Iterator[Running]:
    plan = doors.small_plan()
    # Neighbours share all corners only once each side of 100 m has one in its middle.
    layers = {name: getattr(plan, name) for name in ("area", "cells", "atoms")}
    layers["area"] = layers["area"].assign(code=area)
    split = {name: each.set_geometry(shapely.segmentize(each.geometry, 50)) for name, each in layers.items()}
    gis.write_plan(dataclasses.replace(plan, **split), folder / "plan.gpkg")
    with serving.running(store_url, folder, folder / "plan.gpkg", **settings) as town:
        yield town


def post(town: Running, headers: dict[str, str] | None = None, **said: object) -> dict[str, Any]:
    sent = {"service_code": "component-03", **HOUSE, **said}
    answer = town.client.post(f"{BASE}/requests.json", data=sent, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()[0]


def read(town: Running, path: str, headers: dict[str, str] | None = None, **query: object) -> Any:  # noqa: ANN401
    answer = town.client.get(f"{BASE}/{path}.json", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def ids(town: Running, headers: dict[str, str] | None = None, **query: object) -> list[str]:
    return [each["service_request_id"] for each in read(town, "requests", headers, **query)]


def do(town: Running, case_id: str, name: str, who: dict[str, str], **parts: object) -> None:
    version = town.client.get(f"/api/v1/cases/{case_id}", headers=who).headers["ETag"]
    path = f"/api/v1/cases/{case_id}/actions"
    done = town.client.post(path, json={"name": name, **parts}, headers=who | {"If-Match": version})
    assert done.status_code == 201, done.text


def _of(required: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": required, "required": list(required), "additionalProperties": False}


def _all(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _or_null(kind: str, **more: object) -> dict[str, Any]:
    return {"type": [kind, "null"], **more}


_TEXT, _FLAG, _NOTHING = {"type": "string", "minLength": 1}, {"type": "boolean"}, {"type": "null"}
_MOMENT = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"}
_STATUS = {"enum": ["open", "closed"]}
_ID = {"type": "string", "pattern": r"^\d{6}-[0-9A-Z]{10}$"}
_UPDATE = _of(
    {
        "update_id": {"type": "integer", "minimum": 1},
        "service_request_id": _ID,
        "status": _STATUS,
        "extended_status": _TEXT,
        "status_notes": _TEXT,
        "updated_datetime": _MOMENT,
        "action": _or_null("string"),
        "reason": _or_null("string"),
    }
)
_REQUEST = {
    "service_request_id": _ID,
    "status": _STATUS,
    "status_notes": _TEXT,
    "extended_status": _TEXT,
    "service_name": _TEXT,
    "service_code": _TEXT,
    "description": _or_null("string"),
    "agency_responsible": _or_null("string"),
    "service_notice": _or_null("string"),
    "requested_datetime": _MOMENT,
    "updated_datetime": _MOMENT,
    "expected_datetime": {"anyOf": [_MOMENT, _NOTHING]},
    "address": _or_null("string"),
    "address_id": _or_null("string"),
    "zipcode": _NOTHING,
    "lat": _or_null("number", minimum=-90, maximum=90),
    "long": _or_null("number", minimum=-180, maximum=180),
    "media_url": _or_null("string", pattern="^https?://"),
}
_ATTRIBUTE = _of(
    {
        "variable": _FLAG,
        "code": _TEXT,
        "datatype": {"enum": ["string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"]},
        "required": _FLAG,
        "datatype_description": _TEXT,
        "order": {"type": "integer", "minimum": 1},
        "description": _TEXT,
        "values": _all(_of({"key": _TEXT, "name": _TEXT})),
    }
)
_SERVICE = dict.fromkeys(("service_code", "service_name", "description", "keywords", "group"), _TEXT)
_ENDPOINT = dict.fromkeys(("specification", "url", "changeset"), _TEXT)
SCHEMAS = {
    "discovery": _of(
        {
            "changeset": _MOMENT,
            "contact": _TEXT,
            "key_service": _TEXT,
            "endpoints": _all(
                _of(_ENDPOINT | {"type": {"enum": ["production", "test"]}, "formats": {**_all(_TEXT), "minItems": 2}})
            ),
        }
    ),
    "services": _all(_of(_SERVICE | {"metadata": _FLAG, "type": {"enum": ["realtime", "batch", "blackbox"]}})),
    "service_definition": _of({"service_code": _TEXT, "attributes": _all(_ATTRIBUTE)}),
    "posted": _all(
        _of(
            {
                "service_request_id": _ID,
                "service_notice": _TEXT,
                "account_id": _NOTHING,
                "receipt": _TEXT,
                "token": _TEXT,
            }
        )
    ),
    "token": _all(_of({"service_request_id": _ID, "token": _TEXT})),
    "service_requests": _all(_of(_REQUEST)),
    "service_request": _all(_of(_REQUEST | {"updates": _all(_UPDATE)})),
    "service_request_updates": _all(_UPDATE),
    "errors": {
        **_all(_of({"code": {"type": "integer", "minimum": 400, "maximum": 599}, "description": _TEXT})),
        "minItems": 1,
    },
}
# Document → what it is called in XML, and what its entries are.
ROOTS = {
    "posted": "service_requests",
    "token": "service_requests",
    "service_request": "service_requests",
}
_ENTRY = {
    "services": "service",
    "service_requests": "request",
    "service_request_updates": "service_request_update",
    "errors": "error",
    "attributes": "attribute",
    "values": "value",
    "endpoints": "endpoint",
    "formats": "format",
    "updates": "update",
}


def parsed(xml: bytes) -> ET.Element:
    return ET.fromstring(xml)  # noqa: S314 (written by the service under test)


def around(lat: float, long: float) -> str:
    """Return a box of a decimetre."""
    return ",".join(str(each) for each in (long - 1e-6, lat - 1e-6, long + 1e-6, lat + 1e-6))


def shown_at(town: Running, number: str) -> dict[str, float]:
    """Return where everybody is told that a request is."""
    [shown] = read(town, f"requests/{number}")
    return {name: shown[name] for name in ("lat", "long")}


def assert_same(xml: bytes, told: Any, document: str) -> None:  # noqa: ANN401
    """Check field by field that XML says what JSON says, and that this is what the standard wants."""
    jsonschema.validate(told, SCHEMAS[document])
    _assert_same(parsed(xml), told, ROOTS.get(document, document))


def _assert_same(element: ET.Element, told: Any, name: str) -> None:  # noqa: ANN401
    assert element.tag == name
    if isinstance(told, dict):
        assert [child.tag for child in element] == list(told)
        for child in element:
            _assert_same(child, told[child.tag], child.tag)
    elif isinstance(told, list):
        assert len(element) == len(told)
        for child, each in zip(element, told, strict=True):
            _assert_same(child, each, _ENTRY[name])
    else:
        said = {True: "true", False: "false", None: None}[told] if told is None or isinstance(told, bool) else str(told)
        assert element.text == said
