"""What routes ask for."""

from typing import Annotated

from fastapi import Depends, Request

from api.access.roles import Who
from api.exporting import PublicMap
from api.loop import Loop
from api.served import Served
from api.service import Service

# Asynchronous though nothing waits in them: others would be run in a thread, which costs more than they do.


async def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


async def _who(request: Request) -> Who:
    who: Who = request.scope["who"]
    return who


async def _plan(request: Request) -> Served:
    return (await _service(request)).plans.current


async def _loop(request: Request) -> Loop:
    loop: Loop = request.app.state.loop
    return loop


async def _public_map(request: Request) -> PublicMap:
    public_map: PublicMap = request.app.state.public_map
    return public_map


ServiceHere = Annotated[Service, Depends(_service)]
Asker = Annotated[Who, Depends(_who)]
LoopHere = Annotated[Loop, Depends(_loop)]
PublicMapHere = Annotated[PublicMap, Depends(_public_map)]
PlanInForce = Annotated[Served, Depends(_plan)]
