"""Cases: reported, read, led on."""

import re
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pyproj import Transformer

from api.access.roles import May
from api.boxes import read_box
from api.cases import Action, Case, Event, Sighting, candidates
from api.cases.states import Deed
from api.deps import Asker, LoopHere, ServiceHere
from api.errors import Problem
from api.posting import post_report
from api.reported import Said
from api.schemas import REFUSALS, Code, Moment, refusal
from api.store import audit, cases
from api.store.cases import Kept, Wanted

router = APIRouter(tags=["cases"], responses=REFUSALS)
CaseId = Annotated[str, Path(pattern=r"^[0-9A-Za-z-]{1,40}$", examples=["260304-7K3F9Q2MZA"])]
# PostgreSQL keeps no text with a NUL in it.
_NO_NUL = r"^[^\x00]*$"
Words = Annotated[str, StringConstraints(max_length=4000, pattern=_NO_NUL)]
Receipt = Annotated[str, Header(alias="Wangge-Receipt", max_length=100, description="What the reporter was given.")]
Repeatable = Annotated[
    str, Header(alias="Idempotency-Key", max_length=200, description="The same request again does nothing again.")
]
_MOST = 1000
_ETAG = re.compile(r'"([0-9]{1,9})"')


class ReportIn(BaseModel):
    """A report. Where it is, is said by coordinates, an address, a scanned sign, or several of these."""

    model_config = ConfigDict(extra="forbid")

    category: Code = Field(examples=["component-03"])
    text: Words = Field("", description="What is the matter.", examples=["Rubbish beside the bins."])
    grade: Code | None = Field(None, description="By default that of the category.", examples=["ordinary"])
    organisation: Code | None = Field(None, description="Code of the organisation that it is about.")
    lon: float | None = Field(None, ge=-180, le=180, allow_inf_nan=False, examples=[114.47])
    lat: float | None = Field(None, ge=-90, le=90, allow_inf_nan=False, examples=[38.06])
    datum: Literal["wgs84", "cgcs2000", "gcj02", "bd09"] = "wgs84"
    accuracy_m: float | None = Field(None, ge=0, le=100_000, allow_inf_nan=False)
    source: Literal["", "gps", "pin", "exif", "address", "qr"] = ""
    address: Annotated[str, StringConstraints(max_length=200, pattern=_NO_NUL)] = ""
    qr: Annotated[str, StringConstraints(max_length=500, pattern=_NO_NUL)] = Field(
        "", description="What the sign's code says."
    )
    contact: Annotated[str, StringConstraints(max_length=200, pattern=_NO_NUL)] = Field(
        "", description="How to reach who reports: kept sealed, apart, and deleted after a time."
    )


class CaseOut(BaseModel):
    """A case, without what people wrote."""

    case: Case
    lon: float | None
    lat: float | None
    routed: dict[str, Any] = Field(description="How it was routed: status, action, probability, candidates, reason ….")
    cells: list[str] = Field(description="Codes from its cell up to the area.")

    @classmethod
    def of(cls, kept: Kept) -> "CaseOut":
        """Show a case."""
        place = kept.place
        return cls(case=kept.case, lon=place.lon, lat=place.lat, routed=dict(place.routed), cells=list(kept.chain))


class Acknowledged(CaseOut):
    """A report that was taken."""

    receipt: str = Field(description="Shows who reported: with it the case is read and answered without a key.")


class CaseRead(CaseOut):
    """A case with what people wrote, by number of the event."""

    texts: dict[int, dict[str, str]]


class ActionIn(BaseModel):
    """What is to be done; which parts an action takes, `GET …/actions` tells."""

    model_config = ConfigDict(extra="forbid")

    name: Deed
    reason: Code | None = None
    text: Words | None = None
    category: Code | None = None
    grade: Code | None = None
    organisation: Code | None = None
    cell: Code | None = None
    holder: Code | None = None
    level: Code | None = None
    unit: Code | None = None
    units: list[Code] | None = Field(None, max_length=20)
    rating: Literal["good", "fair", "poor"] | None = None
    into: Code | None = None
    until: date | None = None


class Possible(BaseModel):
    """Something that may be done now."""

    action: Deed
    needs: list[str]
    takes: list[str]
    reasons: list[str]


class Near(BaseModel):
    """Another case that may be of the same matter."""

    case_id: str
    distance_m: float
    apart_hours: float


class Page(BaseModel):
    """Cases, by their numbers."""

    cases: list[CaseOut]
    matched: int
    after: str | None = Field(description="To be given as `after` for the next page; none: this is the last.")


@router.post("/cases", status_code=201, response_model=Acknowledged, summary="Report something")
def report(loop: LoopHere, who: Asker, given: ReportIn, request: Request, key: Repeatable = "") -> Response:
    """Locate a report and open its case. Nothing is dropped: what no cell holds waits at the desk of the area."""
    said = Said(**given.model_dump())
    return post_report(
        loop,
        who,
        said,
        request,
        key,
        lambda kept, receipt: Acknowledged.model_validate({**CaseOut.of(kept).__dict__, "receipt": receipt}),
    )


@router.get("/cases", summary="Cases")
def list_cases(
    service: ServiceHere,
    who: Asker,
    cell: Annotated[Code | None, Query(description="In this cell or functional grid, and all below.")] = None,
    state: Annotated[list[Code] | None, Query()] = None,
    category: Annotated[list[Code] | None, Query()] = None,
    open: Annotated[bool | None, Query(description="Whether they are not over.")] = None,  # noqa: A002 (the query's name)
    overdue: Annotated[bool, Query(description="Only those with a clock that has ended.")] = False,  # noqa: FBT002
    due_before: Moment | None = None,
    received_from: Moment | None = None,
    received_to: Moment | None = None,
    bbox: Annotated[str | None, Query(description="West, south, east, north.", pattern=r"^[-+0-9.,eE]{7,200}$")] = None,
    after: Annotated[str, Query(pattern=r"^[0-9A-Za-z-]{0,40}$")] = "",
    limit: Annotated[int, Query(ge=1, le=_MOST)] = 100,
) -> Page:
    """Return the cases in the asker's scope that fit, in the order of their numbers."""
    who.require(May.READ_CASES)
    wanted = Wanted(
        scope=who.scope,
        worker=who.code,
        within=cell,
        states=state,
        categories=category,
        is_open=True if overdue else open,
        due_before=service.clock() if overdue else due_before,
        received=(received_from, received_to),
        box=None if bbox is None else read_box(bbox),
    )
    with service.database.reading() as connection:
        found = cases.search(connection, wanted, after=after, limit=limit)
        matched = cases.count(connection, wanted)
    last = found[-1].case.id if len(found) == limit else None
    return Page(cases=[CaseOut.of(kept) for kept in found], matched=matched, after=last)


@router.get("/cases/{case_id}", summary="A case")
def read_case(loop: LoopHere, who: Asker, case_id: CaseId, response: Response, receipt: Receipt = "") -> CaseRead:
    """Return a case to those who work on it, and to who reported it. The header `ETag` holds its version."""
    with loop.service.database.reading() as connection:
        kept = loop.visible(connection, case_id, who, receipt)
        said = cases.texts(connection, [case_id])[case_id]
    response.headers["ETag"] = f'"{kept.case.version}"'
    return CaseRead(**CaseOut.of(kept).__dict__, texts=said)


@router.get("/cases/{case_id}/history", summary="All that was done to a case")
def read_history(loop: LoopHere, who: Asker, case_id: CaseId, receipt: Receipt = "") -> list[Event]:
    """Return the events of a case, the first first."""
    with loop.service.database.reading() as connection:
        loop.visible(connection, case_id, who, receipt)
        return cases.history(connection, case_id)


@router.get("/cases/{case_id}/actions", summary="What may be done to a case now")
def possible(loop: LoopHere, who: Asker, case_id: CaseId, receipt: Receipt = "") -> list[Possible]:
    """Return what the asker may do to a case as it is: the buttons of a page."""
    with loop.service.database.reading() as connection:
        kept = loop.visible(connection, case_id, who, receipt)
    ways = loop.rules.states.allowed(kept.case.state, loop.acting(kept, who).role.value)
    return [Possible(action=w.action, needs=list(w.needs), takes=list(w.takes), reasons=list(w.reasons)) for w in ways]


@router.post(
    "/cases/{case_id}/actions",
    status_code=201,
    responses={412: refusal("Somebody else has acted."), 428: refusal("Say which version it was decided on.")},
    summary="Do something to a case",
)
def act(
    loop: LoopHere,
    who: Asker,
    case_id: CaseId,
    given: ActionIn,
    response: Response,
    if_match: Annotated[str, Header(max_length=40, description="The `ETag` of the case it was decided on.")] = "",
    receipt: Receipt = "",
) -> CaseOut:
    """Lead a case on. It is refused where somebody else has acted since the case was read."""
    parts = given.model_dump()
    action = Action(
        **parts | {"units": None if given.units is None else tuple(given.units)}, expected_version=_version(if_match)
    )
    with loop.service.database.writing() as connection:
        kept = loop.act(connection, case_id, action, who, receipt)
    response.headers["ETag"] = f'"{kept.case.version}"'
    return CaseOut.of(kept)


@router.get("/cases/{case_id}/duplicates", summary="Cases that may be of the same matter")
def duplicates(loop: LoopHere, who: Asker, case_id: CaseId) -> list[Near]:
    """Return other open cases of the same category within its radius and time, the nearest first."""
    who.require(May.READ_CASES)
    with loop.service.database.reading() as connection:
        kept = loop.visible(connection, case_id, who)
        category = loop.rules.categories.get(kept.case.category)
        near = cases.near(connection, kept, category.duplicate_m, category.duplicate_hours)
    if not near:
        return []
    # All in metres of one plan, whichever routed them.
    metres = loop.service.plans.current.to_plan
    report, *others = (_sighting(each, metres) for each in (kept, *near) if each is kept or who.covers(each.codes))
    found = candidates(report, others, loop.rules.categories)
    return [Near(case_id=f.case_id, distance_m=f.distance_m, apart_hours=f.apart.total_seconds() / 3600) for f in found]


@router.post("/cases/{case_id}/contact", summary="How to reach who reported a case")
def contact(loop: LoopHere, who: Asker, case_id: CaseId) -> dict[Literal["contact"], str | None]:
    """Open the sealed contact, which is written down in the audit log. Nothing else ever shows it."""
    who.require(May.READ_CONTACTS)
    with loop.service.database.writing() as connection:
        loop.visible(connection, case_id, who)
        sealed = cases.contact(connection, case_id)
        audit.note(connection, who, "open contact", case_id, loop.service.clock())
    return {"contact": None if sealed is None else loop.service.seals.open(sealed, case_id)}


def _version(if_match: str) -> int:
    if not if_match:
        raise Problem(428, "say which version this was decided on: the ETag of the case, as If-Match")
    number = _ETAG.fullmatch(if_match.strip())
    if number is None:
        raise Problem(412, "If-Match is no ETag of a case")
    return int(number[1])


def _sighting(kept: Kept, metres: Transformer) -> Sighting:
    case = kept.case
    return Sighting(case.id, case.category, case.received_at, *metres.transform(kept.place.lon, kept.place.lat))
