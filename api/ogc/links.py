"""Addresses of other documents, as the client sees the server."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from fastapi import Request

from api.ogc.documents import Link

JSON = "application/json"
HTML = "text/html"
GEOJSON = "application/geo+json"
SCHEMA_JSON = "application/schema+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
TILE = "application/vnd.mapbox-vector-tile"
KEY = "key"
ROOT_NAME = "ogc_landing"


@dataclass(frozen=True)
class Links:
    """Addresses for the answer to one request; a key that came with it goes along with all.

    Attributes
    ----------
    base
        Address of the landing page, without `/` at its end.
    path
        Of this request, below the base.
    sent
        Its query parameters.
    """

    base: str
    path: str
    sent: Sequence[tuple[str, str]]

    def to(self, rel: str, *path: str, type: str = JSON, title: str | None = None, f: str | None = None) -> Link:  # noqa: A002
        """Link to a document by the parts of its path."""
        told = [(name, value) for name, value in self.sent if name == KEY]
        return Link(href=self._address(_joined(path), told, f), rel=rel, type=type, title=title)

    def template(self, rel: str, *path: str, variables: str, type: str, title: str | None = None) -> Link:  # noqa: A002
        """Link to documents by a path and variables in braces after it."""
        told = [(name, value) for name, value in self.sent if name == KEY]
        href = self._address(_joined(path) + variables, told, None)
        return Link(href=href, rel=rel, type=type, title=title, templated=True)

    def here(self, rel: str, type: str = JSON, **changed: str) -> Link:  # noqa: A002
        """Link to this document with all that was asked, but for what is changed."""
        told = [(name, value) for name, value in self.sent if name not in changed]
        return Link(href=self._address(self.path, [*told, *changed.items()], None), rel=rel, type=type)

    def _address(self, path: str, told: Sequence[tuple[str, str]], f: str | None) -> str:
        query = urlencode([*told, *([("f", f)] if f else [])])
        return f"{self.base}{path}{'?' if query else ''}{query}"


def links_of(request: Request) -> Links:
    """Take the addresses from a request: as its proxy says, where the server is told to believe it."""
    base = str(request.url_for(ROOT_NAME)).rstrip("/")
    below = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    root = request.app.url_path_for(ROOT_NAME).rstrip("/")
    path = quote(below.removeprefix(root), safe="/")
    return Links(base, "" if path == "/" else path, request.query_params.multi_items())


def _joined(parts: Sequence[str]) -> str:
    return "".join("/" + quote(part, safe="") for part in parts)
