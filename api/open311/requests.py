"""Requests: posted, found, read."""

from collections.abc import Collection
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Path, Query, Response
from fastapi import Request as HttpRequest
from sqlalchemy import Connection

from api.access.roles import ANYBODY, Who
from api.deps import LoopHere, ServiceHere
from api.errors import Problem
from api.loop import Loop
from api.open311 import documents, finding, showing
from api.open311.asking import Formatted, Reader, RequestId, Token, address, check_area
from api.open311.filters import Filters
from api.open311.form import Form, described, read_form
from api.open311.refusals import SHOWN
from api.open311.services import is_service
from api.open311.writing import write
from api.posting import post_report
from api.routes.cases import Receipt, Repeatable
from api.store import cases, photos
from api.store.cases import Kept

router = APIRouter()
_NOTICE = "Taken. Keep the receipt or the token: whoever shows it reads this request in full."


@router.post(
    "/v2/requests.{form}",
    status_code=201,
    response_model=list[documents.Taken],
    responses={201: SHOWN},
    summary="Report something",
    openapi_extra=described(),
)
def post_request(
    loop: LoopHere,
    who: Reader,
    form: Formatted,
    given: Annotated[Form, Depends(read_form)],
    request: HttpRequest,
    key: Repeatable = "",
) -> Response:
    """Take a request; it has its number at once."""
    check_area(loop.service, given.jurisdiction_id)
    if given.api_key and who == ANYBODY:
        who = loop.service.identify(given.api_key)
    if not is_service(loop.rules, given.service_code):
        raise Problem(400, f"service_code: no service '{given.service_code}'")
    # A line break is in no header: so the keys of both interfaces are told apart.
    answer = post_report(loop, who, given.said(), request, key and f"open311\n{key}", _taken)
    return write(
        [documents.Taken.model_validate_json(bytes(answer.body))], "service_requests", form, answer.status_code
    )


@router.get(
    "/v2/tokens/{token}.{form}",
    response_model=list[documents.Resolved],
    responses={200: SHOWN},
    summary="The number of a request, by its token",
)
def read_token(service: ServiceHere, token: Annotated[str, Path(max_length=150)], form: Formatted) -> Response:
    """Return the number of a request: it is in the token, once that is found to be ours."""
    case_id, receipt = _parted(token)
    if not service.seals.is_receipt(receipt, case_id):
        raise Problem(404, "no such token")
    return write([documents.Resolved(service_request_id=case_id, token=token)], "service_requests", form)


@router.get("/v2/requests.{form}", response_model=list[documents.Request], responses={200: SHOWN}, summary="Requests")
def list_requests(
    loop: LoopHere, who: Reader, form: Formatted, filters: Annotated[Filters, Query()], request: HttpRequest
) -> Response:
    """Return requests in the order of their numbers; the header `Link` leads to the next page."""
    wanted = finding.wanted_by(who, filters, loop)
    served = loop.service.plans.current
    with loop.service.database.reading() as connection:
        found = finding.find(connection, who, wanted, served, filters.after, filters.page_size)
        seen = [kept.case.id for kept in found if loop.sees(kept, who)]
        texts = cases.texts(connection, seen)
        pictures = _pictures(connection, seen, address(request))
    shown = [
        showing.in_detail(kept, texts[kept.case.id], pictures.get(kept.case.id), loop.rules)
        if kept.case.id in texts
        else showing.in_public(kept, served, loop.rules)
        for kept in found
    ]
    more = {}
    if len(found) == filters.page_size:
        query = urlencode({**dict(request.query_params), "after": found[-1].case.id})
        more = {"Link": f'<{address(request)}/open311/v2/requests.{form}?{query}>; rel="next"'}
    return write(shown, "service_requests", form, headers=more)


@router.get(
    "/v2/requests/{service_request_id}/updates.{form}",
    response_model=list[documents.Update],
    responses={200: SHOWN},
    summary="What was done to a request",
)
def list_updates(
    loop: LoopHere,
    who: Reader,
    service_request_id: RequestId,
    form: Formatted,
    receipt: Receipt = "",
    token: Token = "",
) -> Response:
    """Return the states it went through; to those who see all of it, everything done, by codes."""
    kept, in_full = _found(loop, who, service_request_id, receipt, token)
    with loop.service.database.reading() as connection:
        history = cases.history(connection, kept.case.id)
    return write(showing.updates(history, loop.rules, in_full=in_full), "service_request_updates", form)


@router.get(
    "/v2/requests/{service_request_id}.{form}",
    response_model=list[documents.RequestInFull],
    responses={200: SHOWN},
    summary="A request",
)
def read_request(
    loop: LoopHere,
    who: Reader,
    service_request_id: RequestId,
    form: Formatted,
    request: HttpRequest,
    receipt: Receipt = "",
    token: Token = "",
) -> Response:
    """Return a request with its updates: to who works on it or reported it in full, to others without texts."""
    kept, in_full = _found(loop, who, service_request_id, receipt, token)
    with loop.service.database.reading() as connection:
        history = cases.history(connection, kept.case.id)
        texts = cases.texts(connection, [kept.case.id])[kept.case.id]
        pictures = _pictures(connection, [kept.case.id], address(request))
    shown = (
        showing.in_detail(kept, texts, pictures.get(kept.case.id), loop.rules)
        if in_full
        else showing.in_public(kept, loop.service.plans.current, loop.rules)
    )
    return write([showing.with_updates(shown, history, loop.rules, in_full=in_full)], "service_requests", form)


def _found(loop: Loop, who: Who, case_id: str, receipt: str, token: str) -> tuple[Kept, bool]:
    """Return a case, and whether all of it is shown."""
    with loop.service.database.reading() as connection:
        # A number that could not be one is not asked for: not every store takes every text.
        kept = cases.find(connection, case_id) if case_id.isprintable() else None
    if kept is None:
        raise Problem(404, "no such service_request_id")
    return kept, loop.sees(kept, who, receipt or _parted(token)[1])


def _pictures(connection: Connection, case_ids: Collection[str], base: str) -> dict[str, str]:
    """Return where the first photo of each case is: our own interface asks for the same key or receipt."""
    first = photos.first_of(connection, case_ids)
    return {case_id: f"{base}/api/v1/cases/{case_id}/photos/{photo_id}" for case_id, photo_id in first.items()}


def _taken(kept: Kept, receipt: str) -> documents.Taken:
    number = kept.case.id
    return documents.Taken(
        service_request_id=number, service_notice=_NOTICE, receipt=receipt, token=f"{number}.{receipt}"
    )


def _parted(token: str) -> tuple[str, str]:
    case_id, _, receipt = token.partition(".")
    return case_id, receipt
