"""What is refused, and how it is told: problem documents of RFC 9457."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, Field
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException

from api.cases.errors import CaseError, NotAllowed, StaleVersion, WrongState
from api.uploads import TooLargeError
from gis.errors import GisError

# The first that fits.
_CASE_STATUS = {NotAllowed: 403, WrongState: 409, StaleVersion: 412, CaseError: 422}
# Names of fields are as long, and as many, as who sent them liked.
_MOST_TOLD, _LONGEST = 20, 80
_LOG = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"


class ProblemDocument(BaseModel):
    """Body of every answer from 400 on (RFC 9457)."""

    type: str = Field("about:blank", description="Kind of problem; `about:blank` where the status says all.")
    title: str = Field(description="The status in words.")
    status: int = Field(description="The status of the answer.")
    detail: str = Field("", description="What is wrong here, and what to do.")
    errors: list[dict[str, Any]] = Field(default_factory=list, description="Of a refused body: field by field.")


class Problem(Exception):  # noqa: N818 (its name in the standard)
    """A request that is refused.

    Parameters
    ----------
    status
        Of the answer, from 400 on.
    detail
        One line: what is wrong and what to do.
    headers
        Further headers of the answer.
    """

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers = status, detail, headers


def problem(
    status: int, detail: str, headers: Mapping[str, str] | None = None, errors: list[dict[str, Any]] | None = None
) -> Response:
    """Write a problem document."""
    document = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    if errors:
        document["errors"] = errors
    return Response(orjson.dumps(document), status, headers, MEDIA_TYPE)


def answer_problems(app: FastAPI) -> None:
    """Let an app answer all that goes wrong with a problem document; a fault of ours, without its text."""
    app.add_exception_handler(Problem, _refused)
    app.add_exception_handler(GisError, _bad_input)
    app.add_exception_handler(CaseError, _case)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(OperationalError, _no_database)
    app.add_exception_handler(Exception, _fault)


def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101 (the handler is registered for it alone)
    return problem(error.status, error.detail, error.headers)


def _bad_input(_: Request, error: Exception) -> Response:
    return problem(413 if isinstance(error, TooLargeError) else 422, " ".join(str(error).split()))


def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    # What was sent is not sent back: it may hold what nobody else should read.
    told = error.errors()[:_MOST_TOLD]
    found = [{"where": [str(part)[:_LONGEST] for part in each["loc"]], "what": each["msg"]} for each in told]
    said = "; ".join(f"{'.'.join(each['where'])}: {each['what']}" for each in found)
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, said, errors=found)


def _case(_: Request, error: Exception) -> Response:
    status = next(status for kind, status in _CASE_STATUS.items() if isinstance(error, kind))
    return problem(status, str(error))


def _http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    return problem(error.status_code, error.detail, error.headers)


def _no_database(_: Request, error: Exception) -> Response:
    _LOG.error("the database does not answer", exc_info=error)
    text = "the database does not answer, or has no room: try again in a moment"
    return problem(HTTPStatus.SERVICE_UNAVAILABLE, text, {"Retry-After": "5"})


def _fault(_: Request, __: Exception) -> Response:
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "a fault of the service; it is in its log")
