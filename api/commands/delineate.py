"""The command `wangge delineate`."""

import os
from pathlib import Path
from typing import Annotated

import typer

from api.commands.common import Json, Seed, ValidFrom, say
from api.progress import Progress
from gis.errors import InputError
from gis.writing import require_place


def delineate(
    out: Annotated[Path, typer.Option(help="Plan file to write (*.gpkg).")],
    osm: Annotated[Path | None, typer.Option(help="OpenStreetMap extract: streets, buildings, addresses.")] = None,
    streets: Annotated[str | None, typer.Option(help="Street lines (file or file:layer).")] = None,
    buildings: Annotated[str | None, typer.Option(help="Buildings: footprints, points, or a CSV of points.")] = None,
    barriers: Annotated[str | None, typer.Option(help="Further lines that divide: rivers, railways, walls.")] = None,
    households: Annotated[str | None, typer.Option(help="Households by building, place or address.")] = None,
    household_column: Annotated[str | None, typer.Option(help="Column of households, if its name is unusual.")] = None,
    area: Annotated[str | None, typer.Option(help="A file, or a name found in --within or --osm.")] = None,
    within: Annotated[
        str | None, typer.Option(help="Communities that no grid crosses: a file, or an admin_level of --osm.")
    ] = None,
    rules: Annotated[
        str | None, typer.Option(help="What is demanded: polygons locked, exclusive, together, apart or exclave.")
    ] = None,
    max_walk: Annotated[
        float | None, typer.Option(help="Metres that no walk inside a cell of the lowest level should exceed.")
    ] = None,
    previous: Annotated[
        Path | None, typer.Option(help="A former plan: cells that are much the same keep its codes and names.")
    ] = None,
    levels: Annotated[str | None, typer.Option(help="Bands, top first; by default grid:400-600,micro:70-80.")] = None,
    preset: Annotated[str | None, typer.Option(help="Named levels instead: xiyuan, xinanlu or zhengzhou-2024.")] = None,
    valid_from: ValidFrom = None,
    seed: Seed = 0,
    workers: Annotated[int, typer.Option(help="Threads; by default as many as there are cores.", min=0)] = 0,
    as_json: Json = False,  # noqa: FBT002 (typer's way)
) -> None:
    """Draw a nested plan: every building and every square metre in exactly one cell."""
    from gis.delineation.delineate import delineate as draw  # noqa: PLC0415
    from gis.delineation.levels import parse_levels  # noqa: PLC0415
    from gis.generations import begun  # noqa: PLC0415
    from gis.plan import read_plan, write_plan  # noqa: PLC0415
    from gis.sources.read import read_town  # noqa: PLC0415

    wanted = parse_levels(_levels(levels, preset))
    require_place(out, ".gpkg", inputs=(osm, streets, buildings, barriers, households, area, within, rules, previous))
    with Progress() as progress:
        before = None if previous is None else read_plan(previous)
        town = read_town(
            osm=osm,
            streets=streets,
            buildings=buildings,
            barriers=barriers,
            households=households,
            area=area,
            within=int(within) if within and within.isdigit() else within,
            rules=rules,
            household_column=household_column,
            progress=progress.stage,
        )
        plan = draw(
            town,
            wanted,
            seed=seed,
            workers=workers or os.cpu_count() or 1,
            max_walk=max_walk,
            previous=before,
            progress=progress.stage,
        )
        progress.stage(f"writing {out.name}")
        write_plan(begun(plan, valid_from), out)
    from api.figures import plan_figures  # noqa: PLC0415

    say({"plan": str(out)} | plan_figures(plan), as_json=as_json)


def _levels(levels: str | None, preset: str | None) -> str:
    if levels and preset:
        raise InputError("give --levels or --preset, not both")
    if levels is not None:
        return levels
    from data.presets import preset as named  # noqa: PLC0415

    try:
        return named(preset or "xiyuan")
    except ValueError as error:
        raise InputError(f"--preset {preset}: {error}") from error
