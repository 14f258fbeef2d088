"""Figures of cells, who answers for them, visits."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.access.roles import May
from api.cases import Duty, Figures, Visit, duties, kept
from api.deps import Asker, LoopHere
from api.errors import Problem
from api.loop import Loop
from api.schemas import REFUSALS, Code
from api.served import Served
from api.store import audit, tallies, units, visits

router = APIRouter(tags=["figures"], responses=REFUSALS)
_LONGEST_DAYS = 92


class FiguresOut(BaseModel):
    """Of a cell with all below it, or of a functional or trade grid."""

    code: str
    found: int = Field(description="Reports, without those rejected or merged.")
    closed: int
    on_time: int
    handed_up: int
    warned: int
    overdue: int
    good: int
    fair: int
    poor: int
    satisfaction: float | None = Field(description="Share of good and fair ratings.")
    median_hours: float | None = Field(description="From report to closing, without waiting for the reporter.")
    returned: dict[str, int] = Field(description="How often reports were returned, by reason.")

    @classmethod
    def of(cls, code: str, figures: Figures) -> "FiguresOut":
        """Show figures."""
        shares = {"satisfaction": figures.satisfaction, "median_hours": figures.median_hours}
        return cls.model_validate({**figures.__dict__, **shares, "code": code})


class UnitsIn(BaseModel):
    """Who answers for a cell, and who does where nobody is named."""

    unit: Code | None = None
    fallback: Code | None = None


class VisitIn(BaseModel):
    """A visit or patrol that was made."""

    plan: Code
    cell: Code
    day: date


class Standing(BaseModel):
    """A visit or patrol that is due, and what became of it."""

    plan: str
    cell: str
    first: date
    last: date
    times: int
    made: int
    standing: str = Field(description="done, open or missed.")


@router.get("/statistics", summary="Figures of cells, as they are now")
def statistics(
    loop: LoopHere,
    who: Asker,
    cell: Annotated[list[Code] | None, Query(max_length=1000, description="Cells or functional grids.")] = None,
    level: Annotated[Code | None, Query(description="All cells of a level, within the scope.")] = None,
) -> list[FiguresOut]:
    """Return what was found, closed, on time, handed up and how it was rated: counted as things happen."""
    who.require(May.READ_STATISTICS)
    served = loop.service.plans.current
    territory = served.territory
    grids = {grid.code for grid in loop.rules.functional.grids}
    wanted = cell or [each.code for each in territory.cells.values() if level in (None, each.level)]
    if who.scope is not None:
        wanted = [code for code in wanted if who.covers(territory.chain(code))]
    for code in wanted:
        if code not in territory.cells and code not in grids:
            raise Problem(404, f"no cell or functional grid '{code}'")
    with loop.service.database.reading() as connection:
        counted = tallies.figures(connection, wanted)
    return [FiguresOut.of(code, figures) for code, figures in counted.items()]


@router.get("/points/{code}", summary="Points of a reporter")
def points(loop: LoopHere, who: Asker, code: Code) -> dict[str, int]:
    """Return the points of a reporter, by code: to the reporter, and to the desk."""
    if who.code != code:
        who.require_all(May.READ_CONTACTS)
    with loop.service.database.reading() as connection:
        return {code: tallies.points(connection, [code]).get(code, 0)}


@router.put("/cells/{code}/unit", summary="Say who answers for a cell")
def name_units(loop: LoopHere, who: Asker, code: Code, given: UnitsIn) -> UnitsIn:
    """Say which unit answers for a cell: reports verified there are dispatched to it."""
    who.require_all(May.NAME_UNITS)
    _existing(loop.service.plans.current, code)
    with loop.service.database.writing() as connection:
        units.name(connection, code, given.unit, given.fallback)
        audit.note(connection, who, "name unit", code, loop.service.clock())
    return given


@router.post("/visits", status_code=201, summary="Record a visit or patrol")
def record_visit(loop: LoopHere, who: Asker, given: VisitIn) -> VisitIn:
    """Record that a visit or patrol was made in a cell."""
    who.require(May.VISIT)
    served = loop.service.plans.current
    _existing(served, given.cell)
    if not who.covers(served.territory.chain(given.cell)):
        raise Problem(403, f"{given.cell} is not in your scope")
    if given.plan not in {plan.code for plan in loop.rules.visits.plans}:
        raise Problem(422, f"no plan of visits '{given.plan}'")
    if given.day > _today(loop):
        raise Problem(422, "a visit cannot have been made on a day to come")
    with loop.service.database.writing() as connection:
        visits.add(connection, Visit(given.plan, given.cell, given.day), by=who.code, now=loop.service.clock())
    return given


@router.get("/duties", summary="Visits and patrols that are due")
def list_duties(loop: LoopHere, who: Asker, first: date, last: date, cell: Code | None = None) -> list[Standing]:
    """Return the visits and patrols whose last day lies in a period, in the scope: done, open or missed."""
    who.require(May.VISIT)
    if not 0 <= (last - first).days < _LONGEST_DAYS:
        raise Problem(422, f"first and last: a period of at most {_LONGEST_DAYS} days")
    territory = loop.service.plans.current.territory
    within = [
        each
        for code, each in territory.cells.items()
        if who.covers(chain := territory.chain(code)) and (cell is None or cell in chain)
    ]
    due = duties(loop.rules.visits, within, first, last, loop.rules.calendar)
    with loop.service.database.reading() as connection:
        made = visits.between(connection, min((duty.first for duty in due), default=first), last)
    return [_standing(each.duty, each.made, each.standing) for each in kept(due, made, _today(loop))]


def _standing(duty: Duty, made: int, standing: str) -> Standing:
    return Standing.model_validate({**duty.__dict__, "made": made, "standing": standing})


def _today(loop: Loop) -> date:
    return loop.rules.calendar.day(loop.service.clock())


def _existing(served: Served, code: str) -> None:
    if code not in served.territory.cells:
        raise Problem(404, f"no cell '{code}' in the plan in force")
