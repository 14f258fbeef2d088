"""Routed reports: read back, counted by cell, and placed on the map."""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from gis.arrays import Floats
from gis.errors import InputError
from gis.location.index import CellIndex
from gis.plan import Plan
from gis.sources.privacy import refuse_personal
from maps.codec import Grid
from maps.layers import Drawing, Layer
from maps.marks import Group, Marks
from maps.measures import Measure
from maps.palette import STATUSES
from maps.words import Words

_ROUTED = ("cell_code", "grid_codes", "status", "reason", "plan_version")
_PLACE = ("plan_x", "plan_y")
_TEXTS = {
    "category": ("category_name", "category", "类别名称", "类别"),
    "time": ("time", "created_at", "requested_datetime", "时间", "上报时间"),
    "description": ("description", "描述", "问题描述", "内容"),
}
"""The only columns whose text is shown, by their usual names."""
_MOMENT, _MINUTE = len("2024-04-08T05:05:01"), len("2024-04-08T05:05")


class ReportLayer(Layer):
    """Routed reports: as points, and counted by cell.

    Parameters
    ----------
    routed
        From `gis.location.routing.route` or `read_routed`.
    """

    def __init__(self, routed: pd.DataFrame) -> None:
        _require_routed(routed, "reports")
        self.routed = routed

    def measures(self, plan: Plan, says: Words) -> Sequence[Measure]:
        """Return the number of reports; those that wait for a floor count for the ground below it.

        Raises
        ------
        InputError
            Where they were routed with another plan, whose codes mean other cells.
        """
        counts = count_by_cell(plan, self.routed)
        return (Measure("reports", says["reports"], counts, self._shared(plan)),)

    def drawing(self, plan: Plan, grid: Grid, says: Words) -> Drawing:  # noqa: ARG002 (of any layer)
        """Return the points, by what became of each report."""
        routed, statuses = self.routed, list(STATUSES)
        texts = {what: _column(routed, names) for what, names in _TEXTS.items()}
        marks = Marks(
            name="reports",
            label=says["layer.reports"],
            xy=np.column_stack([_numbers(routed[name]) for name in _PLACE]),
            groups=[Group(says[f"status.{status}"], colour) for status, colour in STATUSES.items()],
            group=np.array([statuses.index(status) if status in STATUSES else 0 for status in routed["status"]]),
            texts={says[what]: text for what, text in texts.items()}
            | {says["time"]: texts["time"].map(minute_said)}
            | {says["cell"]: routed["cell_code"].replace("", says["no_cell"])},
            kinds=says["category"],
            times=moments(texts["time"]),
            heat=True,
        )
        return Drawing("marks", marks.written(grid))

    def _shared(self, plan: Plan) -> Mapping[str, int]:
        waiting = self.routed[self.routed["status"] == "ask_address"]
        index = CellIndex.from_plan(plan)
        rows = index.locate(*(_numbers(waiting[name]) for name in _PLACE))
        told = waiting["grid_codes"].map(lambda codes: plan.leaf_level in json.loads(str(codes))).to_numpy(np.bool_)
        rows = rows[(rows >= 0) & ~told]
        return Counter(index.grounds["code"].astype(str).to_numpy()[rows[index.grounds["cells"].to_numpy()[rows] > 1]])


class CountLayer(Layer):
    """Reports that are counted already, where none is to be shown.

    Parameters
    ----------
    counts
        By the codes of all levels.
    """

    def __init__(self, counts: Mapping[str, int]) -> None:
        self.counts = counts

    def measures(self, plan: Plan, says: Words) -> Sequence[Measure]:  # noqa: ARG002 (of any layer)
        """Return the number of reports."""
        return (Measure("reports", says["reports"], self.counts),)


def read_routed(path: str | Path) -> pd.DataFrame:
    """Read a table that `wangge route` wrote.

    Parameters
    ----------
    path
        `*.csv` (UTF-8) or `*.parquet`.

    Returns
    -------
    pandas.DataFrame
        All columns; those of a CSV as text.

    Raises
    ------
    InputError
        Where the file cannot be read, is not a routed table, or has columns about persons.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path}: no such file: make it with 'wangge route'")
    try:
        if path.suffix.casefold() == ".parquet":
            table = pd.read_parquet(path)
        else:
            table = pd.read_csv(path, dtype=str, keep_default_na=False, index_col=False, encoding="utf-8-sig")
    except (OSError, ValueError) as error:  # parsers' and decoders' errors are ValueErrors
        raise InputError(f"{path.name}: cannot be read as a table: {str(error).strip()}") from error
    _require_routed(table, path.name)
    return table


def count_by_cell(plan: Plan, routed: pd.DataFrame) -> dict[str, int]:
    """Count reports by the codes of all levels they were sent to.

    Raises
    ------
    InputError
        Where they were routed with another plan, whose codes mean other cells.
    """
    if others := set(routed["plan_version"].astype(str)) - {plan.version}:
        raise InputError(f"reports: routed with plan {min(others)}, this plan is {plan.version}: route them again")
    found: Counter[str] = Counter()
    for codes, times in routed["grid_codes"].value_counts().items():
        for code in json.loads(str(codes)).values():
            found[str(code)] += int(times)
    return dict(found)


def moments(texts: pd.Series) -> np.ndarray[tuple[int], np.dtype[np.datetime64]] | None:
    """Read local times, as ISO 8601 writes them, whatever zone they name; None where there is none."""
    local = texts.astype(object).where(texts.notna(), "").astype(str).str.slice(0, _MOMENT)
    found = pd.to_datetime(local, format="ISO8601", errors="coerce").to_numpy("datetime64[m]")
    return None if np.isnat(found).all() else found


def minute_said(time: object) -> str:
    """Say a moment as ISO 8601 writes it to the minute, for a reader; any other text as it is."""
    text = str(time)
    return text[:_MINUTE].replace("T", " ") if re.match(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d", text) else text


def _require_routed(table: pd.DataFrame, where: str) -> None:
    missing = [name for name in (*_ROUTED, *_PLACE) if name not in table]
    if missing:
        raise InputError(f"{where}: no column {', '.join(missing)}: route the reports with 'wangge route' first")
    refuse_personal(table.columns, where)


def _column(table: pd.DataFrame, names: tuple[str, ...]) -> pd.Series:
    held = next((name for name in names if name in table), None)
    return pd.Series([""] * len(table), index=table.index) if held is None else table[held]


def _numbers(column: pd.Series) -> Floats:
    numbers: Floats = pd.to_numeric(column, errors="coerce").to_numpy(np.float64)
    return numbers
