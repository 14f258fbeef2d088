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
from api.store import acknowledged, cases
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
    body = repr(said)
    # Nobody can tell apart who comes without a key: another's report under the same key is another report.
    name = f"{who.code or body} {key}"
    for _ in range(_TRIES):
        found = loop.locate(said)
        try:
            with loop.service.database.writing() as connection:
                before = acknowledged.recall(connection, name, body) if key else None
                kept = None if before is None else cases.find(connection, before)
                if kept is None:
                    kept = loop.report(connection, said, who, found)
                    if key:
                        acknowledged.keep(connection, name, body, kept.case.id, loop.service.clock())
            answer = shown(kept, loop.service.seals.receipt(kept.case.id))
            return Response(answer.model_dump_json(), _CREATED, media_type=_JSON)
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
