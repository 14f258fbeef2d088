"""What routes ask for."""

from typing import Annotated

from fastapi import Depends, Request

from api.access.roles import Who
from api.service import Service
from api.serving import Served

# Asynchronous though nothing waits in them: others would be run in a thread, which costs more than they do.


async def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


async def _who(request: Request) -> Who:
    who: Who = request.scope["who"]
    return who


async def _plan(request: Request) -> Served:
    return (await _service(request)).plans.current


ServiceHere = Annotated[Service, Depends(_service)]
Asker = Annotated[Who, Depends(_who)]
PlanInForce = Annotated[Served, Depends(_plan)]
