"""What the routes of drafts ask for, and what they make."""

import tempfile
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request

from api.access.roles import May, Who
from api.deps import Asker
from api.planner.desk import Desk
from api.store import plans
from gis.editing.drawn import plan_of
from gis.editing.redrawing import Redrawing
from gis.plan import Plan, write_plan


async def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


async def _planner(who: Asker) -> Who:
    who.require_all(May.REDRAW)
    return who


DeskHere = Annotated[Desk, Depends(_desk)]
Planner = Annotated[Who, Depends(_planner)]


def plan_file(redrawing: Redrawing) -> tuple[bytes, Plan]:
    """Make the plan of a draft and prove it as one that came from outside."""
    with tempfile.TemporaryDirectory(prefix="wangge-") as folder:
        path = Path(folder) / "plan.gpkg"
        write_plan(plan_of(redrawing), path)
        return path.read_bytes(), plans.prove(path)
