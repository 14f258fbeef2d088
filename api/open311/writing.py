"""Documents of GeoReport v2 as XML or JSON. XML is only ever written here: none is read, so none can attack."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal
from xml.etree import ElementTree as ET

import orjson
from fastapi import Response
from pydantic import BaseModel

Format = Literal["xml", "json"]
MEDIA_TYPES: dict[Format, str] = {"xml": "text/xml", "json": "application/json"}
# What one entry of a list is called.
_ONE = {
    "attributes": "attribute",
    "endpoints": "endpoint",
    "errors": "error",
    "formats": "format",
    "service_request_updates": "service_request_update",
    "service_requests": "request",
    "services": "service",
    "updates": "update",
    "values": "value",
}
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(
    document: BaseModel | Sequence[BaseModel],
    root: str,
    form: Format,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Write an answer.

    Parameters
    ----------
    document
        One value, or several.
    root
        What it is called in XML; JSON has no name for it.
    form
        In which format.
    status, headers
        Of the answer.
    """
    plain = (
        document.model_dump(mode="json")
        if isinstance(document, BaseModel)
        else [each.model_dump(mode="json") for each in document]
    )
    content = orjson.dumps(plain) if form == "json" else ET.tostring(_element(root, plain), "utf-8")
    if form == "xml":
        content = b'<?xml version="1.0" encoding="utf-8"?>\n' + content
    return Response(content, status, headers, f"{MEDIA_TYPES[form]}; charset=utf-8")


def printable(said: str) -> str:
    """Drop the characters that XML 1.0 has no way to write; no store likes them either."""
    return _NO_XML.sub("", said)


def _element(name: str, value: Any) -> ET.Element:  # noqa: ANN401 (what JSON can hold)
    element = ET.Element(name)
    if isinstance(value, dict):
        element.extend(_element(key, each) for key, each in value.items())
    elif isinstance(value, list):
        element.extend(_element(_ONE[name], each) for each in value)
    elif isinstance(value, bool):
        element.text = str(value).lower()
    elif value is not None:
        element.text = printable(str(value))
    return element
