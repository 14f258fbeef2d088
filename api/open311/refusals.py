"""How answers are described in the OpenAPI document: in both formats, refusals as well."""

from typing import Any

from api.open311.documents import Refusal

_XML: dict[str, Any] = {"text/xml": {"schema": {"type": "string"}}}
SHOWN: dict[str, Any] = {"content": _XML}


def _refusal(text: str) -> dict[str, Any]:
    listed = {"type": "array", "items": Refusal.model_json_schema()}
    return {"description": text, "content": {"application/json": {"schema": listed}, **_XML}}


REFUSALS: dict[int | str, dict[str, Any]] = {
    400: _refusal("An argument is missing, wrong, or names no service."),
    403: _refusal("A key is missing, or not valid, or not for this."),
    404: _refusal("No such service, request, token, format or jurisdiction."),
    409: _refusal("The Idempotency-Key was used for another request."),
    413: _refusal("Too large."),
    415: _refusal("No form."),
    429: _refusal("Too many requests: wait as long as Retry-After says."),
    503: _refusal("Not ready."),
    "4XX": _refusal("Refused for another reason."),
}
