"""The first pages: what is served here, where, and every request in one list; nothing is fetched from elsewhere."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.deps import ServiceHere
from api.errors import Problem
from maps.escape import as_html

router = APIRouter(include_in_schema=False)
_DOORS = (
    ("planner", "The planner's page", "redraw the plan by hand, with the proof always on"),
    ("api/v1/exports/map?lang=en", "The map", "the plan in force and what was reported, as everybody may see it"),
    ("docs", "The interface", "every request; openapi.json describes them to programs"),
    ("ogc", "OGC API", "the cells for QGIS and other programs for maps"),
    ("open311/v2/services.json", "Open311", "categories and requests by GeoReport v2"),
    ("healthz", "Health", "whether the service lives"),
    ("metrics", "Metrics", "what it counts, for Prometheus"),
)
_HEADERS = {"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff"}


@router.get("/", response_class=HTMLResponse)
async def start(service: ServiceHere, request: Request) -> HTMLResponse:
    """Show the doors."""
    root = request.scope.get("root_path", "")
    try:
        served = service.plans.current
        said = f"Plan {served.version}: {len(served.plan.cells)} cells"
    except Problem as none_yet:
        said = none_yet.detail
    doors = "".join(
        f'<li><a href="{as_html(f"{root}/{path}")}">{as_html(name)}</a>: {as_html(what)}</li>'
        for path, name, what in _DOORS
    )
    return _page(f"<p>{as_html(said)}</p><ul>{doors}</ul>")


@router.get("/docs", response_class=HTMLResponse)
async def interface(request: Request) -> HTMLResponse:
    """List every request, from the OpenAPI document."""
    rows = [
        f"<tr><td>{as_html(method.upper())}</td><td><code>{as_html(path)}</code></td>"
        f"<td><b>{as_html(told.get('summary', ''))}</b> {as_html(told.get('description', ''))}</td></tr>"
        for path, methods in request.app.openapi()["paths"].items()
        for method, told in methods.items()
    ]
    root = as_html(f"{request.scope.get('root_path', '')}/openapi.json")
    return _page(f'<p>For programs: <a href="{root}">openapi.json</a></p><table>{"".join(rows)}</table>')


def _page(body: str) -> HTMLResponse:
    head = '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Wangge</title><h1>Wangge 网格</h1>'
    return HTMLResponse(f"{head}{body}</html>", headers=_HEADERS)
