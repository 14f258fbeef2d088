"""Cells: one, those inside it, those beside it, at any date."""

from datetime import datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.access.roles import Who
from api.deps import Asker, ServiceHere
from api.errors import Problem
from api.ogc.reference import CRS84
from api.schemas import REFUSALS, Moment
from api.served import Served
from api.service import Service
from api.store import plans
from maps.audience import Audience

router = APIRouter(tags=["cells"], responses=REFUSALS)
At = Annotated[Moment | None, Query(description="By the plan in force at that moment; now, if not said.")]


class CellOut(BaseModel):
    """A cell."""

    code: str = Field(examples=["130105005006002"])
    level: str
    parent_code: str | None
    name: str | None
    kind: str
    households: int | None = Field(description="None where so few are not told to everybody.")
    ground_code: str = Field(description="Cells that share one footprint by floors share this code.")
    floor_from: int | None
    floor_to: int | None
    exclave: bool
    grid_codes: dict[str, str] = Field(description="Level → code, of the cell and of all above it.")
    plan_version: str


class CellWithShape(CellOut):
    """A cell and where it lies."""

    geometry: dict[str, Any] = Field(description="GeoJSON, degrees of WGS 84.")


@router.get("/cells/{code}", summary="A cell")
def cell(service: ServiceHere, who: Asker, code: str, at: At = None) -> CellWithShape:
    """Return a cell and its boundary."""
    served = _plan(service, at)
    _require(served, code)
    shape = served.collections(who.audience)[0].feature(code, CRS84)
    drawn = None if shape is None or shape.geometry is None else orjson.loads(shape.geometry)
    return CellWithShape(**_said(served, who, code), geometry=drawn or {})


@router.get("/cells", summary="Cells of a level")
def cells(
    service: ServiceHere, who: Asker, level: Annotated[str | None, Query(max_length=40)] = None, at: At = None
) -> list[CellOut]:
    """Return the cells of one level, or of the top one; without their boundaries, which `/ogc` has."""
    served = _plan(service, at)
    wanted = served.plan.levels[0] if level is None else level
    if wanted not in served.plan.levels:
        raise Problem(404, f"no level '{wanted[:40]}': choose one of {', '.join(served.plan.levels)}")
    return [CellOut(**_said(served, who, code)) for code in served.plan.at_level(wanted)["code"]]


@router.get("/cells/{code}/children", summary="The cells inside a cell")
def children(service: ServiceHere, who: Asker, code: str, at: At = None) -> list[CellOut]:
    """Return the cells of the next level inside a cell."""
    served = _plan(service, at)
    _require(served, code)
    return [CellOut(**_said(served, who, each)) for each in served.children.get(code, [])]


@router.get("/cells/{code}/neighbours", summary="The cells beside a cell")
def neighbours(service: ServiceHere, who: Asker, code: str, at: At = None) -> list[CellOut]:
    """Return the cells of the same level that share a stretch of border, or the ground where floors part it."""
    served = _plan(service, at)
    _require(served, code)
    return [CellOut(**_said(served, who, each)) for each in served.beside(code)]


def _plan(service: Service, at: datetime | None) -> Served:
    if at is None:
        return service.plans.current
    with service.database.reading() as connection:
        activation = plans.in_force(connection, at)
        if activation is None:
            raise Problem(404, "no plan was in force then")
        return service.plans.look_back(connection, activation.plan_id)


def _require(served: Served, code: str) -> None:
    if code not in served.facts(Audience.PUBLIC):
        successors = served.plan.metadata.get("retired", {}).get(code)
        told = f": it is retired, ask for {', '.join(successors)}" if successors else ""
        raise Problem(404, f"no cell '{code[:40]}' in this plan{told}")


def _said(served: Served, who: Who, code: str) -> dict[str, Any]:
    return served.facts(who.audience)[code] | {"grid_codes": served.chains[code]}
