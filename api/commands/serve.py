"""The command `wangge serve`."""

import os
import socket
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from gis.errors import InputError


def serve(
    plan: Annotated[
        Path | None, typer.Option(help="Plan file to import and put in force first, if it is not yet.")
    ] = None,
    demo: Annotated[  # noqa: FBT002
        bool, typer.Option("--demo", help="Put the plan of the demo town in force, where none is.")
    ] = False,
    database: Annotated[
        str | None, typer.Option(help="sqlite:///FILE or postgresql+psycopg://…; by default WANGGE_DATABASE.")
    ] = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65535)] = 8000,
    workers: Annotated[int, typer.Option(help="Processes that answer.", min=1, max=64)] = 1,
    proxies: Annotated[
        str, typer.Option(help="Addresses of reverse proxies whose word on the client's address is taken.")
    ] = "127.0.0.1",
) -> None:
    """Serve a plan: reports come in, are routed and worked on; others read. Settings: docs/deploy.md."""
    import uvicorn  # noqa: PLC0415

    from api.begin import begin  # noqa: PLC0415
    from api.metrics import SHARED  # noqa: PLC0415
    from api.settings import read_settings  # noqa: PLC0415

    _require_free(host, port)
    if database is not None:
        os.environ["WANGGE_DATABASE"] = database
    begin(plan, demo=demo, said=_say)
    _say(f"starting: http://{host}:{port} answers in a moment, the first time after half a minute")
    _say(f"planners redraw its cells at http://{host}:{port}/planner")
    with tempfile.TemporaryDirectory(prefix="wangge-metrics-") as folder:
        if workers > 1:
            os.environ[SHARED] = folder
        uvicorn.run(
            "api.app:from_environment",
            factory=True,
            host=host,
            root_path=read_settings().root_path,
            port=port,
            workers=workers,
            log_config=None,
            access_log=False,
            server_header=False,
            forwarded_allow_ips=proxies,
            timeout_graceful_shutdown=10,
        )


def _require_free(host: str, port: int) -> None:
    """Refuse an address that is taken before anything is made."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((host, port))
        except OSError as error:
            raise InputError(f"port {port} of {host} cannot be had: {error.strerror}") from error


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
