"""Reports that arrive: located, kept and acknowledged, once each however often they are sent."""

from collections.abc import Callable

from fastapi import Request, Response
from pydantic import BaseModel
from sqlalchemy.exc import IntegrityError

from api.access.rates import network
from api.access.roles import May, Who
from api.cases import StaleVersion
from api.errors import Problem
from api.loop import Loop
from api.reported import Said
from api.store import acknowledged
from api.store.cases import Kept

_TRIES = 5
_CREATED = 201
_JSON = "application/json"


def post_report(
    loop: Loop, who: Who, said: Said, request: Request, key: str, shown: Callable[[Kept, str], BaseModel]
) -> Response:
    """Take a report.

    Parameters
    ----------
    loop, who, said
        Who reports what.
    request
        As it came.
    key
        Its Idempotency-Key; empty where it has none.
    shown
        Writes the answer from the case and its receipt.

    Raises
    ------
    Problem
        401 where reports need a key, 409 where the Idempotency-Key was used for something else, 429 for too many.
    """
    _admit(loop, who, request)
    name, body = f"{who.code} {key}", repr(said).encode()
    for _ in range(_TRIES):
        found = loop.locate(said)
        try:
            with loop.service.database.writing() as connection:
                before = acknowledged.recall(connection, name, body) if key else None
                if before is not None:
                    return Response(before[1], before[0], media_type=_JSON)
                kept = loop.report(connection, said, who, found)
                answer = shown(kept, loop.service.seals.receipt(kept.case.id)).model_dump_json().encode()
                if key:
                    acknowledged.keep(connection, name, body, status=_CREATED, answer=answer, now=loop.service.clock())
            return Response(answer, _CREATED, media_type=_JSON)
        except StaleVersion:  # another plan came into force meanwhile: by that one, then
            continue
        except IntegrityError:  # the same request came twice at once: the other one was kept
            if not key:
                raise
        except acknowledged.Reused as used:
            raise Problem(409, str(used)) from used
    raise Problem(503, "plans change too quickly: send the report again", {"Retry-After": "1"})


def _admit(loop: Loop, who: Who, request: Request) -> None:
    """Let those without a key report where that is open, and not too often."""
    if who.code:
        return
    if not loop.service.settings.open_reports:
        who.require(May.WORK)
    wait = loop.service.report_rates.wait(
        network(request.client.host if request.client else ""), loop.service.seconds()
    )
    if wait:
        raise Problem(429, f"too many reports from here: wait {wait} s", {"Retry-After": str(wait)})
