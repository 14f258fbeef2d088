"""The command `wangge geocode`."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.commands.common import Json, PlanFile, say
from api.progress import Progress
from gis.errors import InputError
from gis.writing import require_place

if TYPE_CHECKING:
    from gis.location.address.answer import Answer


def geocode(
    plan: PlanFile,
    asked: Annotated[list[str] | None, typer.Argument(help="Addresses to find.", metavar="ADDRESS…")] = None,
    addresses: Annotated[Path | None, typer.Option(help="CSV or Parquet with a column of addresses.")] = None,
    column: Annotated[str | None, typer.Option(help="Name of that column, if unusual.")] = None,
    out: Annotated[Path | None, typer.Option(help="Table to write (*.csv or *.parquet).")] = None,
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """Find the building and the cell of an address, or say what is missing. No row of a table is dropped."""
    if bool(asked) == (addresses is not None):
        raise InputError("geocode: name addresses, or a table of them with --addresses")
    if asked:
        if out is not None or column is not None:
            raise InputError("geocode: --out and --column belong to --addresses")
        _find_some(plan, asked, as_json=as_json)
    elif addresses is not None and out is not None:
        _find_table(plan, addresses, column, out, as_json=as_json)
    else:
        raise InputError("geocode: say with --out where the table is to be written")


def _find_some(plan: Path, texts: list[str], *, as_json: bool) -> None:
    from gis.location.address.gazetteer import Gazetteer  # noqa: PLC0415
    from gis.plan import read_plan  # noqa: PLC0415

    gazetteer = Gazetteer.from_plan(read_plan(plan))
    answers = [_said(text, gazetteer.find(text)) for text in texts]
    if as_json:
        typer.echo(json.dumps(answers, ensure_ascii=False))
        return
    for k, answer in enumerate(answers):
        if k:
            typer.echo()
        say({name: value for name, value in answer.items() if value not in ("", None)}, as_json=False)


def _said(text: str, answer: "Answer") -> dict[str, Any]:
    """Return what is said of an answer; a coordinate that is not known as null, for NaN is no JSON."""
    fields = asdict(answer)
    return {"address": text} | {name: None if value != value else value for name, value in fields.items()}  # noqa: PLR0124


def _find_table(plan: Path, addresses: Path, column: str | None, out: Path, *, as_json: bool) -> None:
    from gis.location.address.gazetteer import Gazetteer  # noqa: PLC0415
    from gis.location.address.table import geocode_file  # noqa: PLC0415
    from gis.plan import read_plan  # noqa: PLC0415

    require_place(out, ".csv", ".parquet", inputs=(plan, addresses))
    with Progress() as progress:
        progress.stage(f"reading {plan.name}")
        gazetteer = Gazetteer.from_plan(read_plan(plan))
        progress.stage(f"finding the addresses of {addresses.name}")
        counts = geocode_file(gazetteer, addresses, out, column, progress.count)
    levels = {level: counts[level] for level in ("dwelling", "building", "street", "community", "none")}
    say({"out": str(out), "addresses": counts.total()} | levels, as_json=as_json)
