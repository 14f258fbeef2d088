"""What all commands share: options, and how results are said."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from gis.errors import InputError
from gis.writing import require_place, written_beside

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON, for machines.")]
# METIS counts seeds in 32 bits, and each attempt takes the next.
Seed = Annotated[int, typer.Option(help="The same seed draws the same plan.", min=0, max=10**9)]
Coverage = Annotated[str, typer.Argument(help="Polygons: a plan, or any vector file (file:layer).")]
Area = Annotated[str | None, typer.Option("--area", help="What they should fill.")]
Holes = Annotated[str | None, typer.Option("--holes", help="Points in, or polygons over, gaps that are meant.")]
HolesAbove = Annotated[float, typer.Option("--holes-above", help="Gaps of this many m² or more are meant.", min=0)]
CodeColumn = Annotated[str | None, typer.Option("--code", help="Column that names the cells, if unusual.")]
ValidFrom = Annotated[
    str | None, typer.Option("--valid-from", help="First day on which the plan is in force, as 2026-05-01.")
]
PlanFile = Annotated[Path, typer.Option("--plan", help="Plan file made by 'wangge delineate'.")]


def require_outputs(*outputs: tuple[Path | None, tuple[str, ...]], inputs: Iterable[object]) -> None:
    """Refuse impossible places before any work: of outputs, each with the endings it may have, that are asked for.

    Raises
    ------
    InputError
        As `gis.writing.require_place`, and where two outputs are one file.
    """
    places: list[Path] = []
    for place, endings in outputs:
        if place is None:
            continue
        require_place(place, *endings, inputs=inputs)
        if place.resolve() in places:
            raise InputError(f"{place}: is asked for twice: give each output a file of its own")
        places.append(place.resolve())


def write_text(path: Path, text: str) -> None:
    """Write a text file: beside its place first, then renamed."""
    with written_beside(path) as beside:
        beside.write_text(text, encoding="utf-8")


def say(figures: dict[str, Any], *, as_json: bool) -> None:
    """Print figures: as one line of JSON, or a line each; what has the same figures for several things as a table."""
    if as_json:
        typer.echo(json.dumps(figures, ensure_ascii=False))
        return
    tables = {key: value for key, value in figures.items() if _is_table(value)}
    lines = {key: value for key, value in figures.items() if key not in tables}
    width = max(map(len, lines), default=0)
    for key, value in lines.items():
        text = json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else value
        typer.echo(f"{key:<{width}}  {text}")
    for key, value in tables.items():
        _say_table(key, {name: _flat(column) for name, column in value.items()})


def _is_table(value: object) -> bool:
    return isinstance(value, dict) and bool(value) and all(isinstance(inner, dict) for inner in value.values())


def _flat(column: dict[str, Any]) -> dict[str, Any]:
    """Lay `{"along": {"river": 0.1}}` flat as `{"along river": 0.1}`."""
    flat: dict[str, Any] = {}
    for key, value in column.items():
        inner = value.items() if isinstance(value, dict) else [("", value)]
        flat |= {f"{key} {name}".strip(): number for name, number in inner}
    return flat


def _say_table(title: str, columns: dict[str, dict[str, Any]]) -> None:
    rows = list(dict.fromkeys(key for column in columns.values() for key in column))
    cells = [[title, *columns]]
    for row in rows:
        values = [column.get(row) for column in columns.values()]
        cells.append([f"  {row}", *("–" if value is None else f"{value:,}" for value in values)])
    first = max(len(line[0]) for line in cells)
    widths = [max(len(line[k]) for line in cells) for k in range(1, len(cells[0]))]
    for line in cells:
        numbers = "  ".join(text.rjust(width) for text, width in zip(line[1:], widths, strict=True))
        typer.echo(f"{line[0]:<{first}}  {numbers}")
