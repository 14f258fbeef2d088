"""The gate that every request passes: who asks, how often, how much; and what is told of it afterwards.

Plain ASGI: it runs for every point that is located, and Starlette's own base class would cost as much as the answer.
"""

import logging
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from api import metrics
from api.access.rates import network
from api.access.roles import ANYBODY, Who
from api.errors import Problem, problem
from api.service import Service

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_LOG = logging.getLogger("wangge.requests")
_READING = {"GET", "HEAD", "OPTIONS"}
_METHODS = _READING | {"POST", "PUT", "PATCH", "DELETE"}
_TOO_LARGE, _TOO_MANY, _WRONG, _FAULT = 413, 429, 400, 500
# A route of an included router knows only its own part of the path.
_PREFIXES = ("/api/v1", "/ogc")
# Asked by what watches the service, which has no key: metrics look at their token themselves.
_OPEN_PATHS = ("/healthz", "/metrics")
_DIGITS = 18


class Gate:
    """Wraps the app.

    Parameters
    ----------
    app
        What answers.
    service
        Of the worker.
    """

    def __init__(self, app: App, service: Service) -> None:
        self._app, self._service = app, service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status = _FAULT

        async def noting(message: MutableMapping[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            try:
                credential, length = _read(scope)
                scope["who"] = await self._who(scope, credential, began)
                self._limit(scope, length, began)
            except Problem as refused:
                await problem(refused.status, refused.detail, refused.headers)(scope, receive, noting)
            else:
                reading = scope["method"] in _READING
                bounded = receive if reading else _bounded(receive, self._most(scope["who"]))
                await self._app(scope, bounded, noting)
        finally:
            _tell(scope, status, time.perf_counter() - began)

    async def _who(self, scope: Scope, credential: str, began: float) -> Who:
        if not credential or _path(scope) in _OPEN_PATHS:
            return ANYBODY
        known = self._service.recall(credential)
        if known is not None:
            return known
        try:
            return await run_in_threadpool(self._service.identify, credential)
        except Problem:
            # Whoever tries keys is held up like anybody without one.
            self._count(_address(scope), began)
            raise

    def _limit(self, scope: Scope, length: str, began: float) -> None:
        who: Who = scope["who"]
        most = self._most(who)
        if length and not (length.isascii() and length.isdigit()):
            raise Problem(_WRONG, "the request's Content-Length is no number")
        # Python reads no number of thousands of digits.
        if length and (len(length) > _DIGITS or int(length) > most):
            raise Problem(_TOO_LARGE, _too_large(most))
        if _path(scope) in _OPEN_PATHS:
            return
        self._count(who.code or _address(scope), began)

    def _count(self, name: str, began: float) -> None:
        wait = self._service.rates.wait(name, began)
        if wait:
            raise Problem(_TOO_MANY, f"too many requests: wait {wait} s", {"Retry-After": str(wait)})

    def _most(self, who: Who) -> int:
        """Bytes of a body: nobody without a key has more to send than a photo, or a million points."""
        settings = self._service.settings
        return (settings.upload_mb if who.code else min(settings.photo_mb, settings.upload_mb)) << 20


def _bounded(receive: Receive, most: int) -> Receive:
    """Stop reading a body that is larger than it may be, whatever its length was said to be."""
    left = most

    async def bounded() -> MutableMapping[str, Any]:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise HTTPException(_TOO_LARGE, _too_large(most))
        return message

    return bounded


def _path(scope: Scope) -> str:
    """Return the path as the app knows it: servers put before it where a proxy shows the service."""
    return str(scope["path"]).removeprefix(scope.get("root_path", ""))


def _address(scope: Scope) -> str:
    return network((scope["client"] or ("",))[0])


def _too_large(most: int) -> str:
    return f"the body is larger than {most >> 20} MB"


def _read(scope: Scope) -> tuple[str, str]:
    """Return the credential and the length that a request states."""
    credential = length = b""
    for name, value in scope["headers"]:
        if name == b"authorization":
            kind, _, said = value.partition(b" ")
            if kind.lower() != b"bearer":
                raise Problem(401, "say who you are as 'Authorization: Bearer KEY'", {"WWW-Authenticate": "Bearer"})
            credential = said.strip()
        elif name == b"x-api-key":
            credential = value
        elif name == b"content-length":
            length = value
    # Programs for maps can often send no header: they may put their key into the address, to read.
    if not credential and b"key=" in scope["query_string"] and scope["method"] in _READING:
        # As text: bytes are read as ASCII, and refused by an error where a query says anything else.
        credential = parse_qs(scope["query_string"].decode("latin-1")).get("key", [""])[0].encode()
    return credential.decode("latin-1"), length.decode("latin-1")


def _pattern(scope: Scope) -> str:
    """Return the pattern of the route that answered: never a path that somebody made up."""
    pattern = str(getattr(scope.get("route"), "path", ""))
    if not pattern:
        return "(none)"
    prefix = next((each for each in _PREFIXES if _path(scope).startswith(each)), "")
    return pattern if pattern.startswith(prefix) else prefix + pattern


def _tell(scope: Scope, status: int, seconds: float) -> None:
    """Count every answer; log what changed something or went wrong, without its query: it may hold a key."""
    route = _pattern(scope)
    method = scope["method"] if scope["method"] in _METHODS else "(other)"
    metrics.count(method, route, status, seconds)
    if method not in _READING or status >= _FAULT:
        who: Who = scope.get("who", ANYBODY)
        about = {"method": method, "route": route, "status": status, "ms": round(seconds * 1e3, 1), "by": who.code}
        _LOG.info("request", extra={"about": about})
