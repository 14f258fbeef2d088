"""The page itself: markup, styles and scripts from here, nothing from elsewhere."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import HTMLResponse

import maps.vendor
from api.errors import Problem
from maps.escape import as_html

router = APIRouter(include_in_schema=False)
_OURS = Path(__file__).resolve().parent / "assets"
_MAPS = Path(maps.vendor.__file__).resolve().parent / "assets"
_LEAFLET = maps.vendor.VENDOR / "leaflet"
#: Scripts of the maps that draw here too, in their order.
_SHARED = ("codec.js", "arcs.js", "sheet.js", "ground.js")
_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data: blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


@router.get("/planner", response_class=HTMLResponse)
def planner(request: Request) -> HTMLResponse:
    """Show the planner's page; who works with it says so there."""
    root = as_html(f"{request.scope.get('root_path', '')}/planner/assets")
    styles = "".join(f'<link rel="stylesheet" href="{root}/{name}">' for name in ("leaflet.css", "planner.css"))
    scripts = "".join(f'<script src="{root}/{name}"></script>' for name in ("leaflet.js", *_SHARED))
    body = (_OURS / "planner.html").read_text(encoding="utf-8")
    return HTMLResponse(
        f'<!DOCTYPE html><html lang="en" data-root="{as_html(request.scope.get("root_path", ""))}"><head>'
        f'<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>Wangge</title><link rel="icon" href="data:,">{styles}</head><body>{body}{scripts}'
        f'<script type="module" src="{root}/main.js"></script></body></html>',
        headers=_HEADERS,
    )


@router.get("/planner/assets/{name}")
def asset(name: str, if_none_match: Annotated[str, Header()] = "") -> Response:
    """Return a script or a style of the page."""
    found = _assets().get(name)
    if found is None:
        raise Problem(404, "no such part of the page")
    content = found.read_bytes()
    headers = _HEADERS | {"ETag": f'"{hashlib.sha256(content).hexdigest()[:32]}"'}
    if if_none_match == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type=_TYPES[found.suffix])


@cache
def _assets() -> dict[str, Path]:
    parts = [*_OURS.glob("*.js"), *_OURS.glob("*.css"), *(_MAPS / name for name in _SHARED)]
    return {path.name: path for path in (*parts, _LEAFLET / "leaflet.js", _LEAFLET / "leaflet.css")}
