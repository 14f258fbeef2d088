"""Photos of cases."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, StringConstraints
from starlette.concurrency import run_in_threadpool

from api.access.roles import Who
from api.deps import Asker, LoopHere
from api.errors import Problem
from api.loop import Loop
from api.photos import MEDIA_TYPE, draw_anew
from api.routes.cases import CaseId, Receipt
from api.schemas import REFUSALS
from api.store import photos

router = APIRouter(tags=["cases"], responses=REFUSALS)
_MOST = 10
_BINARY = {"schema": {"type": "string", "format": "binary"}}
PhotoId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]


class PhotoOut(BaseModel):
    """A photo that was kept, and where its file said that the camera was."""

    id: str
    lon: float | None
    lat: float | None


@router.post(
    "/cases/{case_id}/photos",
    status_code=201,
    summary="Add a photo to a case",
    openapi_extra={"requestBody": {"required": True, "content": {"image/*": _BINARY}}},
)
async def add_photo(loop: LoopHere, who: Asker, case_id: CaseId, request: Request, receipt: Receipt = "") -> PhotoOut:
    """Keep a photo, drawn anew without what its file said of camera, time and place."""
    # First: nobody else's pictures are worth the work.
    await run_in_threadpool(_require, loop, who, case_id, receipt)
    content = await request.body()
    drawn = await run_in_threadpool(draw_anew, content, loop.service.settings.photo_mb)

    def keep() -> str:
        with loop.service.database.writing() as connection:
            if loop.visible(connection, case_id, who, receipt, to_change=True).erased_at is not None:
                raise Problem(409, "the case was closed long ago, and takes no photos")
            if len(photos.of_case(connection, case_id)) >= _MOST:
                raise Problem(409, f"the case has {_MOST} photos already")
            return photos.add(connection, case_id, drawn.content, loop.service.clock())

    return PhotoOut(id=await run_in_threadpool(keep), lon=drawn.lon, lat=drawn.lat)


def _require(loop: Loop, who: Who, case_id: str, receipt: str) -> None:
    with loop.service.database.reading() as connection:
        loop.visible(connection, case_id, who, receipt)


@router.get("/cases/{case_id}/photos", summary="Photos of a case")
def list_photos(loop: LoopHere, who: Asker, case_id: CaseId, receipt: Receipt = "") -> list[str]:
    """Return the numbers of a case's photos."""
    with loop.service.database.reading() as connection:
        loop.visible(connection, case_id, who, receipt)
        return photos.of_case(connection, case_id)


@router.get(
    "/cases/{case_id}/photos/{photo_id}",
    response_class=Response,
    responses={200: {"content": {MEDIA_TYPE: _BINARY}}},
    summary="A photo",
)
def photo(loop: LoopHere, who: Asker, case_id: CaseId, photo_id: PhotoId, receipt: Receipt = "") -> Response:
    """Return a photo of a case."""
    with loop.service.database.reading() as connection:
        loop.visible(connection, case_id, who, receipt)
        found = photos.content_of(connection, case_id, photo_id)
    if found is None:
        raise Problem(404, "no such photo")
    headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private"}
    return Response(found, headers=headers, media_type=MEDIA_TYPE)
