"""The command `wangge repair`."""

import json
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

from api.commands.common import Area, CodeColumn, Coverage, Holes, HolesAbove, Json, require_outputs, say, write_text
from api.progress import Progress
from gis.coverage.claims import Policy

if TYPE_CHECKING:
    from gis.coverage.repair import Repair

_OPEN = 1
_SHOWN = 20
_LARGE_M2 = 10_000
_POLICIES = ", ".join(get_args(Policy))


def repair(
    file: Coverage,
    out: Annotated[Path | None, typer.Option(help="Write the mended cells (*.gpkg, *.geojson, *.fgb).")] = None,
    area: Area = None,
    policy: Annotated[str, typer.Option(help=f"Who gets ground that nobody or several have: {_POLICIES}.")] = "longest",
    owner: Annotated[list[str] | None, typer.Option(help="With 'owner': code of who goes first; repeat it.")] = None,
    decisions: Annotated[Path | None, typer.Option(help="A table with columns defect and code: they go first.")] = None,
    questions: Annotated[Path | None, typer.Option(help="With 'ask': write a table of what to decide (*.csv).")] = None,
    holes: Holes = None,
    holes_above: HolesAbove = inf,
    buildings: Annotated[str | None, typer.Option(help="Buildings with households, to count who moves.")] = None,
    code: CodeColumn = None,
    changes: Annotated[Path | None, typer.Option(help="Write what changes hands as a map layer (*.gpkg).")] = None,
    report: Annotated[
        Path | None, typer.Option(help="Write changes, and the checks before and after, as JSON.")
    ] = None,
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """Mend a coverage, changing only what a defect concerns. Without --out nothing is written but what would change."""
    from gis.coverage.check import Intent  # noqa: PLC0415
    from gis.coverage.export import ENDINGS, write_certified  # noqa: PLC0415
    from gis.coverage.repair import repair as mend  # noqa: PLC0415
    from gis.location.tables import write_table  # noqa: PLC0415
    from gis.sources.counts import read_counts  # noqa: PLC0415
    from gis.sources.coverages import name_cells, read_coverage, read_decisions, read_places, write_layer  # noqa: PLC0415
    from gis.sources.left_out import LeftOut  # noqa: PLC0415

    if policy not in get_args(Policy):
        raise typer.BadParameter(f"'{policy}' is none of {_POLICIES}", param_hint="--policy")
    inputs = (file, area, decisions, holes, buildings)
    outputs = ((out, ENDINGS), (questions, (".csv",)), (changes, (".gpkg",)), (report, (".json",)))
    require_outputs(*outputs, inputs=inputs)
    with Progress() as progress:
        progress.stage(f"reading {Path(file).name}")
        given, own_area = read_coverage(file, "cells")
        cells = name_cells(given, code, file)
        rim = own_area if area is None else read_coverage(area, "area")[0]
        meant = None if holes is None else read_places(holes)
        progress.stage(f"mending {len(cells):,} cells")
        done = mend(
            cells,
            area=rim,
            holes=meant,
            holes_above_m2=holes_above,
            policy=cast("Policy", policy),
            owners=owner or [],
            decided=None if decisions is None else read_decisions(decisions),
            buildings=None if buildings is None else read_counts(buildings, LeftOut()),
        )
        if out is not None and not len(done.questions):
            progress.stage(f"writing {out.name} and reading it again")
            write_certified(done.cells[given.columns], out, Intent(done.area, meant, holes_above))
        if changes is not None:
            write_layer(done.changes, changes, "changes")
        if questions is not None:
            write_table(done.questions.assign(code=""), questions)
    answer = _answer(done, written=out is not None and not len(done.questions))
    if report is not None:
        write_text(report, json.dumps(_whole(done), ensure_ascii=False, indent=2))
    say(answer, as_json=as_json)
    if not as_json:
        _say_changes(done)
    if len(done.questions):
        raise typer.Exit(_OPEN)


def _answer(done: "Repair", *, written: bool) -> dict[str, object]:
    moved = done.changes.groupby("kind")["area_m2"].agg(["count", "sum"])
    return {
        "written": written,
        "certified": done.after.certificate.valid,
        "cells": len(done.cells),
        "found": done.before.to_dict()["counts"],
        "left": done.after.to_dict()["counts"],
        "questions": len(done.questions),
        "changes": {
            kind: {"pieces": int(row["count"]), "m2": round(float(row["sum"]), 3)} for kind, row in moved.iterrows()
        },
    }


def _whole(done: "Repair") -> dict[str, object]:
    return {
        "changes": json.loads(done.changes.drop(columns="geometry").to_json(orient="records", double_precision=6)),
        "questions": done.questions.to_dict("records"),
        "before": done.before.to_dict(),
        "after": done.after.to_dict(),
    }


def _say_changes(done: "Repair") -> None:
    from maps.lengths import area_said  # noqa: PLC0415

    changes = done.changes.sort_values("area_m2", ascending=False)
    for row in changes.head(_SHOWN).itertuples():
        homes = "" if row.households is None or row.households != row.households else f"  {row.households:,} households"
        who = f"{row.before or '-'} → {row.after or '-'}"
        typer.echo(f"  {row.kind}  {who}  {area_said(row.area_m2)}{homes}  {row.defect}")
    if len(changes) > _SHOWN:
        typer.echo(f"  … and {len(changes) - _SHOWN:,} more: --changes draws them, --report lists them")
    for row in done.questions.head(_SHOWN).itertuples():
        typer.echo(f"  who gets {row.defect}, {area_said(row.area_m2)}: {row.cells}?")
    large = changes[(changes["kind"] == "gap") & (changes["area_m2"] >= _LARGE_M2)]
    if len(large):
        total = area_said(large["area_m2"].sum())
        typer.echo(
            f"{len(large)} gaps of 1 ha or more, {total}, are given away: if they are meant, --holes-above 10000"
        )
