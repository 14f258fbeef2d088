"""The service, put together."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any

from anyio import to_thread
from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from api import open311, planner
from api.cases import CaseError, Rules
from api.collections import Offered
from api.errors import Problem, answer_problems
from api.exporting import PublicMap
from api.gate import Gate
from api.housekeeping import Housekeeping
from api.jobs.runner import Runner
from api.logs import start_logs
from api.loop import Loop
from api.ogc import ogc_router
from api.routes import access, cases, cells, exports, figures, health, jobs, locate, photos, plans, start
from api.schemas import REFUSALS
from api.service import Service, wall_clock
from api.settings import Settings, read_settings
from api.store.engine import Database
from api.store.migrate import migrate
from gis.errors import InputError

_LOOK_EVERY_S = 1.0
# More would only wait for each other: for the interpreter, and for their turn to write.
_THREADS = 8
_LOG = logging.getLogger("wangge")


def create_app(settings: Settings, clock: Callable[[], datetime] = wall_clock) -> FastAPI:
    """Make the service of one worker.

    Parameters
    ----------
    settings
        Where everything is kept, and how much is taken.
    clock
        Tells the moment; tests move it.

    Raises
    ------
    InputError
        Where the database cannot be used.
    """
    database = Database(settings.database)
    migrate(database)
    service = Service(settings, database, clock)
    app = FastAPI(
        title="Wangge",
        summary="The small service areas a city runs on: found, proved, and used.",
        version="1",
        # The pages that FastAPI would show fetch their scripts from elsewhere: ours is in `routes.start`.
        docs_url=None,
        redoc_url=None,
        lifespan=_living,
    )
    app.state.service = service
    app.state.loop = Loop(service, read_rules(settings))
    app.state.public_map = PublicMap(service)
    app.state.desk = planner.Desk(service)
    answer_problems(app)
    for each in (locate, cells, plans, cases, photos, figures, exports, jobs, access):
        app.include_router(each.router, prefix="/api/v1")
    for router in planner.ROUTERS:
        app.include_router(router, prefix="/api/v1")
    gate: dict[int | str, dict[str, Any]] = {status: REFUSALS[status] for status in (401, 413, 429, 503)}
    app.include_router(ogc_router(Offered(service)), prefix="/ogc", responses=gate)
    app.include_router(open311.router)
    app.include_router(health.router)
    app.include_router(start.router)
    app.include_router(planner.page.router)
    app.add_middleware(Gate, service=service)
    app.add_middleware(open311.Dialect)
    return app


def read_rules(settings: Settings) -> Rules:
    """Read the tables that cases live by.

    Raises
    ------
    InputError
        With one line that names file and row.
    """
    try:
        return Rules.load(settings.rules, settings.profile)
    except CaseError as error:
        raise InputError(str(error)) from error


def from_environment() -> FastAPI:
    """Make the service as the environment sets it: what each worker process runs."""
    settings = read_settings()
    start_logs(settings.log_level)
    return create_app(settings)


@asynccontextmanager
async def _living(app: FastAPI) -> AsyncIterator[None]:
    service: Service = app.state.service
    to_thread.current_default_thread_limiter().total_tokens = _THREADS
    await _look(service)
    # What is open now stays: looking through it for unused cycles would hold up requests for tenths of a second.
    gc.collect()
    gc.freeze()
    runner = Runner(service.database, service.clock, service.settings.job_memory_mb)
    house = Housekeeping(app.state.loop)
    for each in (runner, house):
        each.start()
    looking = asyncio.create_task(_keep_looking(service))
    try:
        yield
    finally:
        looking.cancel()
        # A look that has begun ends first: it would leave a connection behind.
        with suppress(asyncio.CancelledError):
            await looking
        for each in (runner, house):
            await run_in_threadpool(each.stop)
        service.database.close()


async def _keep_looking(service: Service) -> None:
    """Notice within a second what another worker put in force."""
    while True:
        await asyncio.sleep(_LOOK_EVERY_S)
        try:
            await _look(service)
        except Exception:  # noqa: BLE001 (whatever it is: the next look may go well)
            _LOG.exception("the database does not answer: the plan stays as it was")


async def _look(service: Service) -> None:
    try:
        await run_in_threadpool(service.plans.refresh)
    except Problem as none_yet:
        _LOG.info(none_yet.detail)
