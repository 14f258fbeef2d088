"""Refusals in the words of GeoReport v2.

All doors refuse with problem documents, the gate before any of them. Below `/open311` each is translated on its way
out: so nothing is refused there in another form, whoever refuses it.
"""

from collections.abc import MutableMapping
from typing import Any

import orjson
from fastapi import Response
from starlette.datastructures import Headers

from api.errors import MEDIA_TYPE
from api.gate import App, Receive, Scope, Send
from api.open311.documents import Refusal
from api.open311.writing import Format, write

PREFIX = "/open311"
# The standard knows one status for what cannot be used, and one for keys.
_STATUS = {422: 400, 401: 403}
_FAULT = 500
_KEPT = ("allow", "retry-after")


class Dialect:
    """Wraps the app and its gate.

    Parameters
    ----------
    app
        What answers.
    """

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let an answer through, or say in other words why there is none."""
        path = str(scope.get("path", "")).removeprefix(str(scope.get("root_path", "")))
        if scope["type"] != "http" or not path.startswith(f"{PREFIX}/"):
            await self._app(scope, receive, send)
            return
        form: Format = "json" if path.endswith(".json") else "xml"
        headers: Headers | None = None
        refused = b""

        async def translating(message: MutableMapping[str, Any]) -> None:
            nonlocal headers, refused
            if message["type"] == "http.response.start":
                headers = Headers(raw=message["headers"])
            if headers is None or headers.get("content-type") != MEDIA_TYPE:
                await send(message)
            elif message["type"] == "http.response.body":
                refused += message.get("body", b"")
                if not message.get("more_body", False):
                    await _translated(refused, headers, form)(scope, receive, send)

        try:
            await self._app(scope, receive, translating)
        except Exception:
            if headers is None:  # else it is too late to say anything
                fault = Refusal(code=_FAULT, description="a fault of the service; it is in its log")
                await write([fault], "errors", form, _FAULT)(scope, receive, send)
            raise


def _translated(body: bytes, headers: Headers, form: Format) -> Response:
    said = orjson.loads(body)
    status = _STATUS.get(said["status"], said["status"])
    fields = [f"{error['where'][-1]}: {error['what']}" for error in said.get("errors", ())]
    refusals = [Refusal(code=status, description=text) for text in fields or [said["detail"] or said["title"]]]
    kept = {name: headers[name] for name in _KEPT if name in headers}
    return write(refusals, "errors", form, status, kept)
