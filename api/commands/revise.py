"""The command `wangge revise`."""

import os
from pathlib import Path
from typing import Annotated

import typer

from api.commands.common import Json, Seed, ValidFrom, say
from api.progress import Progress
from gis.writing import require_place


def revise(
    previous: Annotated[Path, typer.Option(help="The plan to bring up to date.")],
    out: Annotated[Path, typer.Option(help="Plan file to write (*.gpkg).")],
    buildings: Annotated[str | None, typer.Option(help="All buildings as they are now.")] = None,
    households: Annotated[str | None, typer.Option(help="Households by building, place or address.")] = None,
    household_column: Annotated[str | None, typer.Option(help="Column of households, if its name is unusual.")] = None,
    valid_from: ValidFrom = None,
    seed: Seed = 0,
    workers: Annotated[int, typer.Option(help="Threads; by default as many as there are cores.", min=0)] = 0,
    as_json: Json = False,  # noqa: FBT002 (typer's way)
) -> None:
    """Bring a plan up to date: only cells out of band and what they need are redrawn, and codes live on."""
    from gis.changes.compare import compare  # noqa: PLC0415
    from gis.delineation.revise import revise as bring_up_to_date  # noqa: PLC0415
    from gis.generations import begun  # noqa: PLC0415
    from gis.plan import read_plan, write_plan  # noqa: PLC0415

    require_place(out, ".gpkg", inputs=(previous, buildings, households))
    with Progress() as progress:
        progress.stage(f"reading {previous.name}")
        before = read_plan(previous)
        after = bring_up_to_date(
            before,
            buildings=buildings,
            households=households,
            household_column=household_column,
            seed=seed,
            workers=workers or os.cpu_count() or 1,
            progress=progress.stage,
        )
        progress.stage("comparing")
        changes = compare(before, after).summary()
        progress.stage(f"writing {out.name}")
        write_plan(begun(after, valid_from), out)
    from api.figures import plan_figures  # noqa: PLC0415

    say({"plan": str(out)} | plan_figures(after) | {"changes": changes["levels"]}, as_json=as_json)
