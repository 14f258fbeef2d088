"""A real server for tests that ask over the wire: uvicorn on a free port of this machine.

In a process of its own, since GDAL keeps Python waiting as long as it reads.
"""

import multiprocessing
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx2 as httpx
import uvicorn
from fastapi import FastAPI

from api.errors import answer_problems
from api.ogc import cell_collections, ogc_router
from gis.plan import Plan

Ask = Callable[..., httpx.Response]


def ogc_app(plan: Plan, root_path: str = "") -> FastAPI:
    """Return an app with nothing but the OGC API over the cells of a plan."""
    collections = cell_collections(plan)
    app = FastAPI(root_path=root_path)
    answer_problems(app)
    app.include_router(ogc_router(lambda _: collections), prefix="/ogc")
    return app


@contextmanager
def served(plan: Plan, root_path: str = "") -> Iterator[str]:
    """Serve the cells of a plan as long as the block runs; gives the address of the server."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        # A client that comes too early waits in the queue of the socket.
        process = multiprocessing.get_context("spawn").Process(
            target=_serve, args=(listening, plan, root_path), daemon=True
        )
        process.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            process.terminate()
            process.join()


def _serve(listening: socket.socket, plan: Plan, root_path: str) -> None:
    config = uvicorn.Config(ogc_app(plan, root_path), log_level="warning", ws="none")
    uvicorn.Server(config).run(sockets=[listening])
