"""The tables of a report: figures, exceptions, cells, changes and how it all was made."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

import pandas as pd

from gis.plan import Plan
from maps.escape import as_html
from maps.figures import Figures
from maps.words import Words, named

_NAMED = 3
"""Cells that are named of those a cell came from or went to, the largest first; the others are counted."""


def table(heads: Sequence[str], rows: Iterable[Sequence[object]], kind: str = "") -> str:
    """Write a table; a row of one value is a heading over those that follow.

    Parameters
    ----------
    heads
        Of the columns; the first column holds what a row is about.
    rows
        Values as they are: they are escaped here.
    kind
        Class of the table.
    """
    head = "".join(f"<th scope=col>{as_html(text)}</th>" for text in heads)
    body = "".join(_row(row, len(heads)) for row in rows)
    return f'<table class="{as_html(kind)}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def _row(row: Sequence[object], columns: int) -> str:
    first, *rest = row
    if not rest:
        return f'<tr class="over"><th scope=rowgroup colspan="{columns}">{as_html(first)}</th></tr>'
    return f"<tr><th scope=row>{as_html(first)}</th>{''.join(f'<td>{as_html(value)}</td>' for value in rest)}</tr>"


def quality_table(plan: Plan, says: Words) -> str:
    """Lay the figures of the levels side by side (`gis.delineation.quality.Quality`)."""
    quality = [plan.metadata["quality"][level] for level in plan.levels]
    kinds = [kind for kind in quality[0]["along"] if kind != "gap" and any(found["along"][kind] for found in quality)]

    def row(key: str, *names: str, form: str = "{:,}") -> list[str]:
        values = [[found[name] for name in names] for found in quality]
        return [says[key], *(" / ".join("–" if v is None else form.format(v) for v in pair) for pair in values)]

    in_band = [says["q.in_band"]]
    for found in quality:
        share = found["in_band_share"]
        in_band.append("–" if share is None else f"{found['in_band']:,} ({share:.1%})")
    rows = [
        row("q.cells", "cells"),
        in_band,
        row("q.deviation", "deviation_mean_percent", "deviation_worst_percent", form="{:.1f} %"),
        [says["q.inner"], *(f"{found['inner_boundary_m'] / 1000:,.1f}" for found in quality)],
        row("q.lines", "along_lines_share", form="{:.1%}"),
        *(_along(kind, says["q.along"].format(kind=says[f"barrier.{kind}"]), quality) for kind in kinds),
        _along("gap", says["q.gap"], quality),
        [says["q.arterial"], *(f"{found['arterial_inside_m'] / 1000:,.1f}" for found in quality)],
        row("q.across", "cells_across_arterials"),
        row("q.round", "polsby_popper_mean", "polsby_popper_least", form="{:.2f}"),
        row("q.walk", "walk_mean_m", "walk_worst_m", form="{:,.0f}"),
        row("q.stacked", "cells_sharing_ground"),
    ]
    return table([says["measure"], *(named(says, "level", level) for level in plan.levels)], rows, "figures")


def _along(kind: str, said: str, quality: list[dict[str, Any]]) -> list[str]:
    return [f"· {said}", *(f"{found['along'][kind]:.1%}" for found in quality)]


def exception_table(figures: Figures, says: Words) -> str:
    """List the cells that break a rule, with the sentence that says why."""
    cells = figures.cells[figures.cells["reasons"].map(len) > 0]
    rows = [
        (row.code, named(says, "level", row.level), f"{row.households:,}", named(says, "rule", rule), reason)
        for row in cells.itertuples()
        for rule, reason in row.reasons
    ]
    if not rows:
        return f"<p>{as_html(says['exceptions.none'])}</p>"
    heads = [says[key] for key in ("code", "level", "households", "rule", "reason")]
    return table(heads, rows, "reasons")


def cell_table(plan: Plan, figures: Figures, level: str, below: str | None, says: Words) -> str:
    """List the cells of a level with those below them, under headings of the level above."""
    cells = figures.at_level(level)
    hectares = dict(zip(plan.cells["code"].astype(str), plan.cells.area / 1e4, strict=True))
    names = dict(zip(figures.cells["code"], figures.cells["name"], strict=True))
    heads = [says["code"], says["name"], says["households"], says["area_ha"]]
    inner: dict[str, list[str]] = {}
    if below is not None:
        word = named(says, "level", below)
        heads += [says["below"].format(level=word), says["below.households"].format(level=word)]
        for row in figures.at_level(below).itertuples():
            inner.setdefault(row.parent, []).append(_marked(row.households, row.in_band))
    rows: list[list[object]] = []
    for above, group in groupby(cells.sort_values(["parent", "code"]).itertuples(), key=lambda row: row.parent):
        if above in names:
            rows.append([f"{names[above]} {above}"])
        for row in group:
            counts = inner.get(row.code, [])
            tail = [] if below is None else [len(counts), " · ".join(counts)]
            size = f"{hectares[row.code]:,.1f}"
            rows.append([row.code, row.name, _marked(row.households, row.in_band), size, *tail])
    return table(heads, rows, "cells")


def _marked(households: int, in_band: bool | None) -> str:  # noqa: FBT001 (None where there is no band)
    return f"{households:,}{'*' if in_band is False else ''}"


def change_summary(levels: pd.DataFrame, statuses: Sequence[str], says: Words) -> str:
    """Count the cells of each level by what became of them (`gis.changes.compare.Changes.levels`)."""
    heads = [says["level"], f"{says['cells']}: {says['before']}", f"{says['cells']}: {says['after']}"]
    rows = [
        [named(says, "level", row["level"]), *(f"{row[key]:,}" for key in ("cells_before", "cells_after", *statuses))]
        for row in levels.to_dict("records")
    ]
    return table([*heads, *(says[f"change.{status}"] for status in statuses)], rows, "figures")


def change_table(changed: pd.DataFrame, says: Words) -> str:
    """List cells that have changed (`gis.changes.compare.Changes.cells`)."""
    households = f"{says['households']}: {says['before']} → {says['after']}"
    heads = [says["code"], says["level"], says["change.status"], households, says["change.in_out"]]
    rows = []
    for row in changed.to_dict("records"):
        counts = [row["households_before"], row["households_after"]]
        rows.append(
            [
                row["code"],
                named(says, "level", row["level"]),
                says[f"change.{row['status']}"],
                " → ".join("–" if pd.isna(count) else f"{count:,}" for count in counts),
                f"+{row['moved_in']:,} / −{row['moved_out']:,}",
                _others(row["predecessors"], row["code"]),
                _others(row["successors"], row["code"]),
            ]
        )
    return table([*heads, says["change.from"], says["change.to"]], rows, "changes")


def _others(codes: Sequence[str], own: str) -> str:
    others = [code for code in codes if code != own]
    more = f" +{len(others) - _NAMED}" if len(others) > _NAMED else ""
    return ", ".join(others[:_NAMED]) + more or "–"


def made_table(plan: Plan, says: Words) -> str:
    """Tell parameters, sources and the counting of households in plain words."""
    held = plan.metadata
    bands = [
        says["made.level"].format(level=named(says, "level", level), lower=lower, upper=upper)
        for level, (lower, upper) in held["bands"].items()
    ]
    basis = [
        says["made.basis.row"].format(words=named(says, "basis", kind), count=f"{count:,}")
        for kind, count in held.get("household_basis", {}).items()
    ]
    drawing = [
        f"{says['q.gap'] if kind == 'gap' else named(says, 'barrier', kind)} {cost:g}"
        for kind, cost in held.get("drawing", {}).items()
    ]
    rows = [
        (says["made.levels"], "; ".join(bands)),
        (says["made.basis"], "; ".join(basis)),
        (says["made.drawing"], "; ".join(drawing)),
        (says["made.seed"], f"{held.get('seed', '–')} — {says['made.repeat']}"),
        (says["made.crs"], plan.area.crs.to_string()),
        (says["report.software"], held.get("software", "–")),
    ]
    return "".join(['<table class="made"><tbody>', *(_row(row, 2) for row in rows if row[1]), "</tbody></table>"])


def input_table(plan: Plan, says: Words) -> str:
    """List the files that were read, each with its SHA-256."""
    rows = [(source["name"], source["sha256"]) for source in plan.metadata.get("inputs", [])]
    return table([says["made.file"], "SHA-256"], rows, "inputs")


def left_out_table(plan: Plan, says: Words) -> str:
    """List what was read and not used."""
    rows = [(row["layer"], row["reason"], f"{row['count']:,}") for row in plan.metadata.get("left_out", [])]
    heads = [says[f"made.left_out.{key}"] for key in ("layer", "reason", "count")]
    return table(heads, rows, "left-out") if rows else ""
