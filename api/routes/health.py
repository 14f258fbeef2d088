"""Whether the service lives, and what it counts."""

import secrets
from typing import Literal

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel
from sqlalchemy import literal, select
from starlette.concurrency import run_in_threadpool

from api.deps import ServiceHere
from api.errors import Problem
from api.metrics import written
from api.schemas import refusal
from api.service import Service

router = APIRouter(tags=["running"])


class Health(BaseModel):
    """The service lives."""

    status: Literal["ok"] = "ok"
    plan_version: str


@router.get("/healthz", responses={503: refusal("No plan is in force, or the database does not answer.")})
async def health(service: ServiceHere) -> Health:
    """Say whether the database answers and a plan is in force."""
    await run_in_threadpool(_ask, service)
    return Health(plan_version=service.plans.current.version)


@router.get("/metrics", response_class=Response, responses={401: refusal("Say who you are.")})
async def metrics(service: ServiceHere, request: Request) -> Response:
    """Return what is counted, in the text format of Prometheus."""
    token = service.settings.metrics_token
    given = request.headers.get("authorization", "")
    if token and not secrets.compare_digest(given.encode(), f"Bearer {token.get_secret_value()}".encode()):
        raise Problem(401, "the metrics need their token", {"WWW-Authenticate": "Bearer"})
    return Response(await run_in_threadpool(written, service.database), media_type=CONTENT_TYPE_LATEST)


def _ask(service: Service) -> None:
    with service.database.reading() as connection:
        connection.execute(select(literal(1)))
