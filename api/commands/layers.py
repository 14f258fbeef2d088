"""The command `wangge layers`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.commands.common import Json, PlanFile, require_outputs, say, write_text
from api.progress import Progress
from gis.errors import InputError

if TYPE_CHECKING:
    from gis.layers.layer import Layer

_Files = list[str] | None


def layers(
    plan: PlanFile,
    out: Annotated[Path, typer.Option(help="Layers to write (*.gpkg).")],
    people: Annotated[_Files, typer.Option(help="Counts by building, cell or point and service category.")] = None,
    places: Annotated[_Files, typer.Option(help="Places: name, category.")] = None,
    things: Annotated[_Files, typer.Option(help="Facilities and components: category code, type.")] = None,
    events: Annotated[
        _Files, typer.Option(help="Cases: category, time, state, due; exports and routed reports.")
    ] = None,
    sentiment: Annotated[_Files, typer.Option(help="Ratings of closed cases: good, fair, poor or 1 to 5.")] = None,
    organisations: Annotated[_Files, typer.Option(help="Organisations with their functional or trade grid.")] = None,
    osm: Annotated[_Files, typer.Option(help="OpenStreetMap file: places and things by their tags.")] = None,
    datum: Annotated[
        str | None, typer.Option(help="Of columns lon, lat or x, y that name none: wgs84, gcj02, EPSG:4547, …")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="Moment at which open events are overdue; by default the last named.")
    ] = None,
    report: Annotated[Path | None, typer.Option(help="What was read, placed and left out (*.json).")] = None,
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """Join people, places, things, events, sentiment and organisations to the cells of every level: counts only."""
    from gis.layers import named_apart, place, read_layer, read_osm, write_layers  # noqa: PLC0415
    from gis.plan import read_plan  # noqa: PLC0415

    asked = {
        "people": people, "places": places, "things": things, "events": events, "sentiment": sentiment,
        "organisations": organisations,
    }  # fmt: skip
    inputs = [(kind, file) for kind, files in asked.items() for file in files or []]
    if not inputs and not osm:
        raise InputError("layers: nothing to join: name a file with --people, --places, … or --osm")
    every = [plan, *(file for _, file in inputs), *(osm or [])]
    require_outputs((out, (".gpkg",)), (report, (".json",)), inputs=every)
    with Progress() as progress:
        progress.stage("reading the plan")
        drawn = read_plan(plan)
        given = []
        for kind, file in inputs:
            progress.stage(f"reading {kind} of {Path(file).name}")
            given.append(read_layer(file, kind, datum=datum, as_of=as_of))
        for file in osm or []:
            progress.stage(f"reading places and things of {Path(file).name}")
            given += read_osm(file)
        progress.stage(f"joining {sum(len(each.items) for each in given):,} items to cells")
        joined = place(drawn, *named_apart(given))
        progress.stage(f"writing {out.name}")
        write_layers(joined, out)
    answer = {"out": str(out), "plan_version": drawn.version, "layers": {each.name: _figures(each) for each in joined}}
    if report is not None:
        write_text(report, json.dumps(answer, ensure_ascii=False, indent=1))
    if as_json:
        say(answer, as_json=True)
        return
    _say(joined, answer)


def _figures(layer: "Layer") -> dict[str, Any]:
    from gis.layers.layer import PLACED, sums  # noqa: PLC0415

    lost = layer.items[~layer.items["status"].isin(PLACED)]
    by_level = sums(layer).groupby("level", sort=False)[["given", "in_cells", "on_shared_grounds", "not_placed"]].sum()
    return {
        "kind": layer.kind,
        "given": layer.total,
        "by_level": by_level.astype(int).to_dict("index"),
        "not_placed": {str(why): int(n) for why, n in lost.groupby("reason")["count"].sum().items()},
        "left_out": dict(layer.left_out),
        "columns_not_read": layer.unread,
        **({"remarks": dict(layer.remarks)} if layer.remarks else {}),
    }


def _say(joined: "list[Layer]", answer: dict[str, Any]) -> None:
    """Print the sums of each level, and what has no place or was not read."""
    say({key: value for key, value in answer.items() if key != "layers"}, as_json=False)
    for layer in joined:
        figures = answer["layers"][layer.name]
        say({layer.name: figures["by_level"]}, as_json=False)
        for what in ("not_placed", "left_out"):
            for why, count in figures[what].items():
                typer.echo(f"  {what.replace('_', ' ')}: {why}  {count:,}")
        if layer.unread:
            typer.echo(f"  columns not read: {', '.join(layer.unread)}")
