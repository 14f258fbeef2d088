"""Routed reports: read back, counted by cell, and placed on the map."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gis.errors import InputError
from gis.plan import Plan
from gis.sources.privacy import refuse_personal
from maps.codec import Floats, Grid
from maps.palette import STATUSES

_ROUTED = ("cell_code", "grid_codes", "status", "reason", "plan_version")
_PLACE = ("plan_x", "plan_y")
_TEXTS = {
    "category": ("category_name", "category", "类别名称", "类别"),
    "time": ("time", "created_at", "requested_datetime", "时间", "上报时间"),
    "description": ("description", "描述", "问题描述", "内容"),
}
"""The only columns whose text is shown, by their usual names."""


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
        Where the table is not a routed one, or was routed with another plan, whose codes mean other cells.
    """
    _require_routed(routed, "reports")
    if others := set(routed["plan_version"].astype(str)) - {plan.version}:
        raise InputError(f"reports: routed with plan {min(others)}, this plan is {plan.version}: route them again")
    found: Counter[str] = Counter()
    for codes, times in routed["grid_codes"].value_counts().items():
        for code in json.loads(str(codes)).values():
            found[str(code)] += int(times)
    return dict(found)


def report_points(routed: pd.DataFrame, grid: Grid) -> dict[str, Any]:
    """Return points and texts of reports as data for an internal page; only those with a place are drawn."""
    places = np.column_stack([_numbers(routed[name]) for name in _PLACE])
    drawn = np.flatnonzero(np.isfinite(places).all(axis=1))
    # In order of place: steps from point to point are short, and so is the page.
    whole = grid.whole(grid.degrees(places[drawn]))
    along = np.lexsort((whole[:, 0], whole[:, 1] // 1000))
    drawn, whole = drawn[along], whole[along]
    shown = routed.iloc[drawn]
    statuses = list(STATUSES)
    return {
        "statuses": statuses,
        "colours": list(STATUSES.values()),
        "totals": [int((routed["status"] == status).sum()) for status in statuses],
        "points": np.diff(whole, axis=0, prepend=0).ravel().tolist(),
        "status": [statuses.index(status) if status in STATUSES else 0 for status in shown["status"]],
        "cell_code": _listed(shown["cell_code"]),
        **{what: _listed(_column(shown, names)) for what, names in _TEXTS.items()},
    }


def _require_routed(table: pd.DataFrame, where: str) -> None:
    missing = [name for name in (*_ROUTED, *_PLACE) if name not in table]
    if missing:
        raise InputError(f"{where}: no column {', '.join(missing)}: route the reports with 'wangge route' first")
    refuse_personal(table.columns, where)


def _column(table: pd.DataFrame, names: tuple[str, ...]) -> pd.Series:
    held = next((name for name in names if name in table), None)
    return pd.Series([""] * len(table), index=table.index) if held is None else table[held]


def _listed(texts: pd.Series) -> dict[str, Any]:
    """Write each different text once."""
    at, different = pd.factorize(texts.astype(object).where(texts.notna(), "").astype(str))
    return {"texts": [str(text) for text in different], "at": at.tolist()}


def _numbers(column: pd.Series) -> Floats:
    numbers: Floats = pd.to_numeric(column, errors="coerce").to_numpy(np.float64)
    return numbers
