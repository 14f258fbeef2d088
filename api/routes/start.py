"""The first page: what is served here, and where."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.deps import ServiceHere
from api.errors import Problem
from maps.escape import as_html

router = APIRouter(include_in_schema=False)
_HEADERS = {"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff"}
_DOORS = (
    ("api/v1/exports/map?lang=en", "The map", "the plan in force and what was reported, as everybody may see it"),
    ("docs", "The interface", "every request, with examples to try"),
    ("ogc", "OGC API", "the cells for QGIS and other programs for maps"),
    ("open311/v2/services.json", "Open311", "categories and requests by GeoReport v2"),
    ("healthz", "Health", "whether the service lives"),
    ("metrics", "Metrics", "what it counts, for Prometheus"),
)


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
    head = '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Wangge</title>'
    return HTMLResponse(f"{head}<h1>Wangge 网格</h1><p>{as_html(said)}</p><ul>{doors}</ul></html>", headers=_HEADERS)
