"""Where everything is, and what can be reported."""

from typing import Annotated

from fastapi import APIRouter, Path, Response
from fastapi import Request as HttpRequest

from api.deps import LoopHere, ServiceHere
from api.open311 import documents
from api.open311.asking import Formatted, address
from api.open311.refusals import SHOWN
from api.open311.services import definition, services
from api.open311.writing import MEDIA_TYPES, write

router = APIRouter()
# When these routes last changed.
_CHANGESET = "2026-03-04T00:00:00Z"
_SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"


@router.get(
    "/discovery.{form}", response_model=documents.Discovery, responses={200: SHOWN}, summary="Where everything is"
)
@router.get("/v2/discovery.{form}", response_model=documents.Discovery, responses={200: SHOWN}, include_in_schema=False)
def discover(service: ServiceHere, form: Formatted, request: HttpRequest) -> Response:
    """Return endpoint, formats, and how to get a key."""
    endpoint = documents.Endpoint(
        specification=_SPECIFICATION,
        url=f"{address(request)}/open311/v2",
        changeset=_CHANGESET,
        type="production",
        formats=[MEDIA_TYPES["xml"], MEDIA_TYPES["json"]],
    )
    found = documents.Discovery(
        changeset=_CHANGESET,
        contact=service.settings.contact,
        key_service=f"Most can be done without a key; for one, ask: {service.settings.contact}",
        endpoints=[endpoint],
    )
    return write(found, "discovery", form)


@router.get("/v2/services.{form}", response_model=list[documents.Service], responses={200: SHOWN}, summary="Services")
def list_services(loop: LoopHere, form: Formatted) -> Response:
    """Return what can be reported."""
    return write(services(loop.rules), "services", form)


@router.get(
    "/v2/services/{service_code}.{form}",
    response_model=documents.Definition,
    responses={200: SHOWN},
    summary="Attributes of a service",
)
def read_service(loop: LoopHere, service_code: Annotated[str, Path(max_length=64)], form: Formatted) -> Response:
    """Return what else can be said of a request."""
    return write(definition(loop.rules, service_code), "service_definition", form)
