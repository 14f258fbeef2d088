"""Refusals in the words of GeoReport v2.

All doors refuse with problem documents, the gate before any of them. Below `/open311` each is translated on its way
out: so nothing is refused there in another form, whoever refuses it.
"""

from typing import Any

import orjson
from starlette.datastructures import MutableHeaders

from api.errors import MEDIA_TYPE
from api.gate import App, Receive, Scope, Send
from api.open311.documents import Refusal
from api.open311.writing import Format, write

PREFIX = "/open311"
# The standard knows one status for what cannot be used, and one for keys.
_STATUS = {422: 400, 401: 403}
_FAULT = 500


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
        begun: Any = None
        refused: Any = None

        async def translating(message: Any) -> None:  # noqa: ANN401 (a message of ASGI)
            nonlocal begun, refused
            if message["type"] == "http.response.start":
                begun = message
                refused = b"" if MutableHeaders(raw=message["headers"]).get("content-type") == MEDIA_TYPE else None
            if refused is None:
                await send(message)
            elif message["type"] == "http.response.body":
                refused += message.get("body", b"")
                if not message.get("more_body", False):
                    await _refusal(begun, refused, form)(scope, receive, send)

        try:
            await self._app(scope, receive, translating)
        except Exception:
            if begun is None:  # else it is too late to say anything
                await _written([Refusal(code=_FAULT, description="a fault of the service; it is in its log")], form)(
                    scope, receive, send
                )
            raise


def _refusal(begun: Any, body: bytes, form: Format) -> Any:  # noqa: ANN401 (messages of ASGI)
    said = orjson.loads(body)
    status = _STATUS.get(said["status"], said["status"])
    each = [f"{error['where'][-1]}: {error['what']}" for error in said.get("errors", ())] or [
        said["detail"] or said["title"]
    ]
    answer = _written([Refusal(code=status, description=text) for text in each], form)
    for name in ("allow", "retry-after"):
        if (value := MutableHeaders(raw=begun["headers"]).get(name)) is not None:
            answer.headers[name] = value
    return answer


def _written(refusals: list[Refusal], form: Format) -> Any:  # noqa: ANN401 (a response is an ASGI app)
    return write(refusals, "errors", form, refusals[0].code)
