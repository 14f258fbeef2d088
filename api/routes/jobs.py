"""Long work: asked for, watched, cancelled, fetched."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.responses import EventSourceResponse
from fastapi.sse import ServerSentEvent
from pydantic import BaseModel, Field, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from api.access.roles import May, Who
from api.deps import Asker, ServiceHere
from api.errors import Problem
from api.jobs.kinds import KINDS, Kind
from api.routes.plans import PlanOut, keep_proved
from api.schemas import REFUSALS, Number
from api.service import Service
from api.store import audit, jobs
from api.store.jobs import Job, State

router = APIRouter(tags=["jobs"], responses=REFUSALS)
_LOOK_S = 0.5
_MEDIA = {
    ".gpkg": "application/geopackage+sqlite3",
    ".json": "application/json",
    ".html": "text/html; charset=utf-8",
}


class JobOut(BaseModel):
    """A piece of long work."""

    id: int
    kind: str
    options: dict[str, Any]
    state: State
    by: str
    made_at: datetime
    begun_at: datetime | None
    ended_at: datetime | None
    outcome: dict[str, Any] | None = Field(description="The figures, or `error`.")
    stages: list[str] = Field(default_factory=list, description="Steps that were begun.")


def _body(kind: Kind) -> dict[str, Any]:
    properties: dict[str, Any] = {
        name: {"type": "string", "format": "binary", "description": f"A file: {', '.join(endings)}."}
        for name, endings in kind.files.items()
    }
    schema = kind.options.model_json_schema()
    content = {"multipart/form-data": {"schema": {"type": "object", "properties": properties | {"options": schema}}}}
    return {"requestBody": {"content": content}}


def _door(kind: Kind) -> None:
    async def ask(service: ServiceHere, who: Asker, request: Request) -> JobOut:
        who.require_all(May.RUN_JOBS)
        said, files, called = await _read(request, kind)
        return await run_in_threadpool(_add, service, who, kind, {"said": said, "files": called}, files)

    summary = (kind.command.__doc__ or "").split(".")[0]
    router.add_api_route(
        f"/jobs/{kind.name}",
        ask,
        methods=["POST"],
        status_code=202,
        name=f"ask_to_{kind.name}",
        summary=summary,
        description=f"Takes the options of `wangge {kind.name}` as JSON in the field `options`, and its files.",
        openapi_extra=_body(kind),
    )


for _kind in KINDS.values():
    _door(_kind)


@router.get("/jobs", summary="The latest jobs")
def list_jobs(service: ServiceHere, who: Asker) -> list[JobOut]:
    """Return the latest hundred jobs, the last first."""
    who.require_all(May.RUN_JOBS)
    with service.database.reading() as connection:
        return [_out(job) for job in jobs.latest(connection)]


@router.get("/jobs/{number}", summary="A job")
def job(service: ServiceHere, who: Asker, number: Number) -> JobOut:
    """Return where a job stands."""
    who.require_all(May.RUN_JOBS)
    with service.database.reading() as connection:
        found = _existing(jobs.find(connection, number))
        return _out(found, [stage.text for stage in jobs.stages(connection, number)])


def _watched(service: ServiceHere, who: Asker, number: Number) -> int:
    # Before the answer begins: afterwards nothing can be refused.
    who.require_all(May.RUN_JOBS)
    return _look(service, number, 0)[0].id


@router.get("/jobs/{number}/progress", response_class=EventSourceResponse, summary="A job's progress, as it happens")
async def progress(
    service: ServiceHere, number: Annotated[int, Depends(_watched)], last_event_id: Annotated[Number, Header()] = 0
) -> AsyncIterator[ServerSentEvent]:
    """Send each step as it begins (event `stage`), and the job when it is over (event `end`)."""
    after = last_event_id
    while True:
        found, begun = await run_in_threadpool(_look, service, number, after)
        for stage in begun:
            after = stage.id
            yield ServerSentEvent(
                event="stage", id=str(stage.id), data={"text": stage.text, "at": stage.at.isoformat()}
            )
        if found.state.over:
            yield ServerSentEvent(event="end", data=_out(found).model_dump(mode="json"))
            return
        await asyncio.sleep(_LOOK_S)


@router.delete("/jobs/{number}", status_code=202, summary="Cancel a job")
def cancel(service: ServiceHere, who: Asker, number: Number) -> JobOut:
    """Cancel a job: at once where it waits, within a second where it runs; one that is over stays as it is."""
    who.require_all(May.RUN_JOBS)
    with service.database.writing() as connection:
        _existing(jobs.find(connection, number))
        jobs.cancel(connection, number, service.clock())
        audit.note(connection, who, "cancel job", str(number), service.clock())
        return _out(_existing(jobs.find(connection, number)))


@router.get("/jobs/{number}/files/{name}", response_class=Response, summary="What a job made")
def result(service: ServiceHere, who: Asker, number: Number, name: str) -> Response:
    """Return a file that a job made: `plan.gpkg`, `report.json`, `defects.gpkg` or `defects.html`."""
    who.require_all(May.RUN_JOBS)
    with service.database.reading() as connection:
        found = _existing(jobs.find(connection, number))
        # What it was given is not given out.
        made = jobs.file_of(connection, number, name) if name in KINDS[found.kind].results.values() else None
    if made is None:
        raise Problem(404, "no such file: the job did not make it, or made it too long ago")
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return Response(made, headers=headers, media_type=_MEDIA[name[name.rindex(".") :]])


@router.post("/jobs/{number}/plan", status_code=201, summary="Import the plan that a job drew")
def import_drawn(service: ServiceHere, who: Asker, number: Number) -> PlanOut:
    """Prove and keep the plan that a job drew, as if its file were sent."""
    who.require_all(May.IMPORT_PLANS)
    with service.database.reading() as connection:
        _existing(jobs.find(connection, number))
        made = jobs.file_of(connection, number, "plan.gpkg")
    if made is None:
        raise Problem(404, "the job has drawn no plan")
    return keep_proved(service, who, made)


async def _read(request: Request, kind: Kind) -> tuple[dict[str, Any], dict[str, bytes], dict[str, str]]:
    """Read options and files of a job, and what the files are called."""
    files: dict[str, bytes] = {}
    called: dict[str, str] = {}
    async with request.form(max_files=len(kind.files), max_fields=1) as form:
        given = form.get("options", "{}")
        for name, part in form.multi_items():
            if isinstance(part, UploadFile) and name in kind.files and name not in files:
                files[name], called[name] = await part.read(), part.filename or ""
            elif name != "options":
                raise Problem(422, f"unknown or repeated part '{name[:40]}': send {', '.join(kind.files)} and options")
    try:
        said = kind.options.model_validate(orjson.loads(given if isinstance(given, str) else b"!"))
    except (orjson.JSONDecodeError, ValidationError) as error:
        lines = (
            [": ".join(map(str, (*each["loc"][:1], each["msg"]))) for each in error.errors()]
            if isinstance(error, ValidationError)
            else []
        )
        raise Problem(422, f"options: {'; '.join(lines) or 'send them as JSON'}") from error
    options = said.model_dump(exclude_unset=True)
    kind.require(options, files)
    return options, files, called


def _add(service: Service, who: Who, kind: Kind, options: dict[str, Any], files: dict[str, bytes]) -> JobOut:
    with service.database.writing() as connection:
        if jobs.waiting(connection) >= service.settings.queue_length:
            raise Problem(503, "too many jobs wait: try again later", {"Retry-After": "60"})
        number = jobs.add(connection, kind.name, options, files, by=who.code, now=service.clock())
        audit.note(connection, who, f"ask to {kind.name}", str(number), service.clock())
        return _out(_existing(jobs.find(connection, number)))


def _look(service: Service, number: Number, after: int) -> tuple[Job, list[jobs.Stage]]:
    with service.database.reading() as connection:
        return _existing(jobs.find(connection, number)), jobs.stages(connection, number, after)


def _existing(found: Job | None) -> Job:
    if found is None:
        raise Problem(404, "no such job")
    return found


def _out(found: Job, stages: list[str] | None = None) -> JobOut:
    return JobOut.model_validate({**found.__dict__, "stages": stages or []})
