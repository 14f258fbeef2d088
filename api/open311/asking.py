"""What every request of GeoReport v2 may say: format, jurisdiction, key, token."""

from typing import Annotated

from fastapi import Depends, Path, Query, Request

from api.access.roles import ANYBODY, Who
from api.deps import Asker, ServiceHere
from api.errors import Problem
from api.open311.writing import MEDIA_TYPES, Format
from api.service import Service

RequestId = Annotated[str, Path(max_length=40, examples=["260304-7K3F9Q2MZA"])]
Token = Annotated[str, Query(max_length=150, description="What the reporter was given; the receipt does as well.")]


async def _form(form: Annotated[str, Path(max_length=10, json_schema_extra={"enum": list(MEDIA_TYPES)})]) -> Format:
    for each in MEDIA_TYPES:
        if each == form:
            return each
    raise Problem(404, "formats are xml and json")


def check_area(service: Service, jurisdiction_id: str) -> None:
    """Refuse a jurisdiction that is not this one; most requests name none.

    Raises
    ------
    Problem
        404 where it is another.
    """
    if jurisdiction_id and jurisdiction_id != str(service.plans.current.plan.area["code"].iloc[0]):
        raise Problem(404, "no such jurisdiction_id")


async def in_area(
    service: ServiceHere,
    jurisdiction_id: Annotated[str, Query(max_length=64, description="Code of the area; need not be given.")] = "",
) -> None:
    """Refuse requests that are for another jurisdiction."""
    check_area(service, jurisdiction_id)


def _reader(
    service: ServiceHere,
    who: Asker,
    api_key: Annotated[str, Query(max_length=8000, description="A key, as `Authorization: Bearer` takes it.")] = "",
) -> Who:
    """Return who asks: clients of the standard name their key as an argument."""
    return service.identify(api_key) if api_key and who == ANYBODY else who


def address(request: Request) -> str:
    """Return the address of the service, as the request came to it."""
    return str(request.base_url).rstrip("/")


Formatted = Annotated[Format, Depends(_form)]
Reader = Annotated[Who, Depends(_reader)]
