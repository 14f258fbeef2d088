"""What the interface can be asked, described for OpenAPI by the same table that routes it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel

from api.errors import MEDIA_TYPE, ProblemDocument
from api.ogc.links import HTML, JSON
from api.ogc.parameters import COMMON, FREE, ITEMS, described

_PROBLEM: Final = {MEDIA_TYPE: {"schema": ProblemDocument.model_json_schema()}}
_IN_PATHS: Final[Mapping[str, tuple[str, dict[str, Any]]]] = {
    "collectionId": ("Id of a collection.", {"type": "string"}),
    "featureId": ("Id of a feature.", {"type": "string"}),
    "tileMatrixSetId": ("Name of a tiling.", {"type": "string"}),
    "tileMatrix": ("Zoom.", {"type": "integer", "minimum": 0}),
    "tileRow": ("Row, from the north.", {"type": "integer", "minimum": 0}),
    "tileCol": ("Column, from the west.", {"type": "integer", "minimum": 0}),
}


@dataclass(frozen=True)
class Operation:
    """Something the interface can be asked.

    Attributes
    ----------
    path
        Below the landing page.
    name
        Of the route.
    answer
        Model of the document; None where it is no JSON.
    takes
        Names of its query parameters.
    page
        Whether it can be had as HTML.
    others
        Answers besides, by status.
    """

    path: str
    name: str
    summary: str
    endpoint: Callable[[Request], Response]
    answer: type[BaseModel] | None
    media_type: str = JSON
    takes: Sequence[str] = COMMON
    page: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    others: Mapping[int | str, dict[str, Any]] = field(default_factory=dict)

    def add_to(self, router: APIRouter) -> None:
        """Route it."""
        variables = re.findall(r"{(\w+)}", self.path)
        parameters = [_in_path(name) for name in variables]
        parameters += described(self.takes, ("json", "html") if self.page else ("json",))
        parameters += [FREE] if self.takes is ITEMS else []
        router.add_api_route(
            self.path,
            self.endpoint,
            name=self.name,
            operation_id=self.name,
            summary=self.summary,
            response_model=self.answer,
            response_class=type(
                "Answer", (JSONResponse if self.answer else Response,), {"media_type": self.media_type}
            ),
            responses=self._responses(found=bool(variables)),
            openapi_extra={"parameters": parameters},
        )

    def _responses(self, *, found: bool) -> dict[int | str, dict[str, Any]]:
        good: dict[str, Any] = {
            "description": "What was asked for.",
            "headers": {
                name: {"description": text, "schema": {"type": "string"}} for name, text in self.headers.items()
            },
        }
        if self.page:
            good["content"] = {HTML: {"schema": {"type": "string"}}}
        if self.answer is None:
            good["content"] = {self.media_type: {"schema": {"type": "string", "format": "binary"}}}
        refused: dict[int | str, dict[str, Any]] = {
            400: {"description": "A parameter is not known or not understood.", "content": _PROBLEM}
        }
        if found:
            refused[404] = {"description": "There is no such thing.", "content": _PROBLEM}
        return {200: good, **self.others, **refused}


def definition(router: APIRouter, address: str) -> dict[str, Any]:
    """Return the definition of the interface in OpenAPI 3.0, which the standard asks for.

    Parameters
    ----------
    router
        With every operation.
    address
        Of the landing page.
    """
    document = _as_30(
        get_openapi(
            title="Wangge: OGC API",
            version="1.0.0",
            openapi_version="3.0.3",
            description="Cells of the plan, and cases, as features and vector tiles.",
            routes=router.routes,
            servers=[{"url": address}],
        )
    )
    # QGIS looks here for how many features it may ask for at once.
    document["components"]["parameters"] = {each["name"]: each for each in described(("limit",), ())}
    return document


def _in_path(name: str) -> dict[str, Any]:
    text, schema = _IN_PATHS[name]
    return {"name": name, "in": "path", "required": True, "description": text, "schema": schema}


def _as_30(value: Any) -> Any:  # noqa: ANN401 (whatever JSON can hold)
    """Say what OpenAPI 3.0 has other words for: null, and a constant."""
    if isinstance(value, list):
        return [_as_30(part) for part in value]
    if not isinstance(value, dict):
        return value
    value = {name: _as_30(part) for name, part in value.items()}
    if "const" in value:
        value["enum"] = [value.pop("const")]
    kinds = value.get("anyOf")
    if isinstance(kinds, list) and {"type": "null"} in kinds:
        (kind,) = (each for each in kinds if each != {"type": "null"})
        del value["anyOf"]
        return value | ({"allOf": [kind]} if "$ref" in kind else kind) | {"nullable": True}
    return value
