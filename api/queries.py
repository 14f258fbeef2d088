"""Queries read by a model of their own, where a request is asked so often that FastAPI's way would cost as much again.

FastAPI resolves each parameter by itself, in Python; a pydantic model reads all of them at once, compiled. The OpenAPI
document is written from the same model, so both say the same.
"""

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError

Model = TypeVar("Model", bound=BaseModel)


class Direct(APIRoute):
    """A route whose endpoint takes the request alone: there is nothing to resolve for it."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the endpoint itself."""
        return self.endpoint


def read_query(request: Request, model: type[Model]) -> Model:
    """Read a request's query.

    Raises
    ------
    RequestValidationError
        Where it does not fit the model.
    """
    try:
        return model.model_validate(dict(parse_qsl(request.scope["query_string"].decode("latin-1"))))
    except ValidationError as error:
        found = [{**each, "loc": ("query", *each["loc"])} for each in error.errors()]
        raise RequestValidationError(found) from error


def described(model: type[BaseModel]) -> dict[str, Any]:
    """Describe a query's parameters for the OpenAPI document."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    parts = schema.get("$defs", {})
    needed = schema.get("required", [])
    return {
        "parameters": [
            {
                "name": name,
                "in": "query",
                "required": name in needed,
                "description": each.pop("description", ""),
                "schema": parts[each["$ref"].rsplit("/", 1)[1]] | {"default": each["default"]}
                if "$ref" in each
                else each,
            }
            for name, each in schema["properties"].items()
        ]
    }
