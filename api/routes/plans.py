"""Plans: imported, put in force, looked at by generation."""

import tempfile
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Self

from fastapi import APIRouter, Body, Response
from pydantic import BaseModel, Field

from api.access.roles import May, Who
from api.deps import Asker, ServiceHere
from api.errors import Problem
from api.schemas import REFUSALS, Moment, Number
from api.service import Service
from api.store import plans
from api.store.plans import PlanRecord
from api.uploads import keep_upload
from gis.errors import GisError, InputError

router = APIRouter(tags=["plans"], responses=REFUSALS)
_FILE = "application/geopackage+sqlite3"


class PlanOut(BaseModel):
    """A plan that is kept."""

    id: int
    version: str = Field(description="Of what is drawn.", examples=["a1a4ebe2fe31"])
    name: str
    levels: list[str] = Field(description="Top first.")
    cells: int
    households: int
    imported_at: datetime

    @classmethod
    def of(cls, record: PlanRecord) -> Self:
        """Say what is known of a plan."""
        return cls.model_validate(record, from_attributes=True)


class ImportedOut(PlanOut):
    """A plan that is kept, for those who may import plans."""

    certificate: dict[str, Any] = Field(
        description="Proof that cells tile the area: as the file says it. It was proved anew before it was kept."
    )
    imported_by: str = Field(description="Code of whose key; `wangge` where a command did it.")


class Generation(BaseModel):
    """A plan in force for a time."""

    id: int
    plan_id: int
    version: str
    begins: datetime
    ends: datetime | None = Field(description="When the next takes over; none: not known yet.")


class Beginning(BaseModel):
    """When a plan takes over."""

    begins: Moment | None = Field(None, description="At once, if not said.")


@router.get("/plans", summary="All plans")
def list_plans(service: ServiceHere) -> list[PlanOut]:
    """Return all plans that were imported, the latest first."""
    with service.database.reading() as connection:
        return [PlanOut.of(record) for record in plans.all_plans(connection)]


@router.post("/plans", status_code=201, summary="Import a plan")
def import_plan(service: ServiceHere, who: Asker, content: Annotated[bytes, Body(media_type=_FILE)]) -> PlanOut:
    """Read a plan file, prove its coverage anew, and keep it. It is not in force until it is activated."""
    who.require_all(May.IMPORT_PLANS)
    return keep_proved(service, who, content)


def keep_proved(service: Service, who: Who, content: bytes) -> PlanOut:
    """Prove a plan file and keep it."""
    with tempfile.TemporaryDirectory(prefix="wangge-") as folder:
        path = keep_upload(content, "plan.gpkg", "plan", (".gpkg",), Path(folder), len(content))
        try:
            proved = plans.prove(path)
        except GisError as error:
            # What is said of the file names no path of ours.
            raise InputError(str(error).replace(str(path), path.name)) from error
    with service.database.writing() as connection:
        return PlanOut.of(plans.keep(connection, proved, content, by=who, now=service.clock()))


@router.get("/plans/{plan_id}", summary="A plan, its certificate and who imported it")
def imported_plan(service: ServiceHere, who: Asker, plan_id: Number) -> ImportedOut:
    """Return what is known of a plan."""
    who.require_all(May.IMPORT_PLANS)
    with service.database.reading() as connection:
        return ImportedOut.of(_existing(plans.find(connection, plan_id)))


@router.get("/plans/{plan_id}/file", response_class=Response, summary="A plan's file")
def plan_file(service: ServiceHere, who: Asker, plan_id: Number) -> Response:
    """Return the plan file as it was imported. It counts households by building, so it is not for everybody."""
    who.require_all(May.IMPORT_PLANS)
    with service.database.reading() as connection:
        return Response(plans.file_of(connection, _existing(plans.find(connection, plan_id)).id), media_type=_FILE)


@router.post("/plans/{plan_id}/activation", status_code=201, summary="Put a plan in force")
def activate_plan(service: ServiceHere, who: Asker, plan_id: Number, beginning: Beginning) -> Generation:
    """Put a plan in force, at once or later: reports are routed by one plan or the next, never by parts of both."""
    who.require_all(May.ACTIVATE_PLANS)
    with service.database.reading() as connection:
        record = _existing(plans.find(connection, plan_id))
        # Opened before it begins: nobody waits for it, and what cannot be opened never begins.
        service.plans.open(connection, plan_id)
    with service.database.writing() as connection:
        plans.wait_for_reports(connection)
        now = service.clock()
        made = plans.activate(connection, plan_id, by=who, now=now, begins=beginning.begins)
    return Generation(id=made, plan_id=plan_id, version=record.version, begins=beginning.begins or now, ends=None)


@router.get("/generations", summary="Which plan was in force when")
def list_generations(service: ServiceHere) -> list[Generation]:
    """Return the plans that were, are and will be in force, the earliest first."""
    with service.database.reading() as connection:
        return [Generation.model_validate(each, from_attributes=True) for each in plans.generations(connection)]


def _existing(record: PlanRecord | None) -> PlanRecord:
    if record is None:
        raise Problem(404, "no such plan")
    return record
