"""Routing: every report gets its cell, or the reason why it has none. No report is dropped."""

import json
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from pyproj import Transformer
from scipy.special import ndtr

from gis.arrays import Bools, Floats, Ints
from gis.datum import Datum, to_wgs84
from gis.errors import InputError
from gis.location.index import NOWHERE, CellIndex
from gis.location.reports import Reports
from gis.plan import Plan

Objects = npt.NDArray[np.object_]
Strings = npt.NDArray[np.str_]

# A stated accuracy is the radius of two thirds of the positions; for a round normal error that is 1.48 σ.
_RADIUS_PER_SIGMA = float(np.sqrt(-2 * np.log(1 / 3)))
_MOST_LON, _MOST_LAT = 180.0, 90.0
ANSWERS = ("cell_code", "grid_codes", "status", "probability", "distance_m", "reason", "plan_version")


@dataclass(frozen=True)
class RoutingRule:
    """How points beside the area are treated.

    Attributes
    ----------
    nearest_m
        A point outside goes to the nearest cell no farther than this, and is marked so.
    """

    nearest_m: float = 50.0


def route(plan: Plan, reports: Reports, rule: RoutingRule | None = None) -> pd.DataFrame:
    """Send reports to their cells.

    Parameters
    ----------
    plan
        The plan in force.
    reports
        Read by `gis.location.reports.read_reports`.
    rule
        How points beside the area are treated.

    Returns
    -------
    pandas.DataFrame
        The reports' columns unchanged, then `cell_code` (leaf; empty where floors or place leave it open),
        `grid_codes` (JSON, level → code), `status` (inside, nearest, outside, ask_address, rejected), `probability`
        (that the true place lies on this side of the cell's border, where an accuracy is stated), `distance_m` (to the
        border), `reason` and `plan_version`. Answers of an earlier routing are replaced.

    Raises
    ------
    InputError
        Where the reports have columns of their own under these names.
    """
    rule = rule or RoutingRule()
    _require_free_columns(reports.table)
    index = CellIndex.from_plan(plan)
    x, y = _to_plan(plan, reports)
    rejected = _rejections(plan, reports, x, y)
    usable = rejected == ""
    x, y = np.where(usable, x, np.nan), np.where(usable, y, np.nan)
    row = index.locate(x, y)
    inside = row != NOWHERE
    beside = np.flatnonzero(usable & ~inside)
    row[beside] = index.nearest(x[beside], y[beside], rule.nearest_m)
    stacked = np.append(index.grounds["cells"].to_numpy() > 1, False)[row]
    status = np.where(inside, "inside", np.where(row != NOWHERE, "nearest", "outside"))
    status = np.where(stacked, "ask_address", np.where(usable, status, "rejected"))
    distance = index.border_distance(x, y, row)
    sigma = reports.accuracy_m / _RADIUS_PER_SIGMA
    with np.errstate(divide="ignore", invalid="ignore"):
        probability = np.where(sigma > 0, ndtr(np.where(inside, distance, -distance) / sigma), np.nan)
    answers = {
        "cell_code": _at(index.grounds["code"], np.where(stacked, NOWHERE, row)),
        "grid_codes": _codes_above(plan, index, row, stacked),
        "status": status,
        "probability": np.round(probability, 4),
        "distance_m": np.round(distance, 2),
        "reason": _reasons(status, rejected, rule),
        "plan_version": plan.version,
    }
    return reports.table.drop(columns=list(answers), errors="ignore").assign(**answers)


def _require_free_columns(table: pd.DataFrame) -> None:
    """Refuse a table with columns of our names that are not our answers of an earlier time."""
    taken = [name for name in ANSWERS if name in table]
    if taken and "plan_version" not in table:
        raise InputError(f"the reports have columns of their own named {', '.join(taken)}: rename them first")


def summary(routed: pd.DataFrame) -> dict[str, int]:
    """Count reports by status, and rejected ones by reason."""
    counts = {str(k): int(v) for k, v in routed["status"].value_counts().items()}
    reasons = routed.loc[routed["status"] == "rejected", "reason"].value_counts()
    return counts | {f"rejected: {reason}": int(n) for reason, n in reasons.items()}


def _to_plan(plan: Plan, reports: Reports) -> tuple[Floats, Floats]:
    lon, lat = reports.lon.copy(), reports.lat.copy()
    for datum in Datum:
        rows = np.flatnonzero(reports.datum == datum)
        lon[rows], lat[rows] = to_wgs84(lon[rows], lat[rows], datum)
    return _project(plan, lon, lat)


def _project(plan: Plan, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    x, y = Transformer.from_crs(4326, plan.area.crs, always_xy=True).transform(lon, lat)
    return np.where(np.isfinite(x), x, np.nan), np.where(np.isfinite(y), y, np.nan)


def _rejections(plan: Plan, reports: Reports, x: Floats, y: Floats) -> Objects:
    """Why a row cannot be located at all; empty where it can."""
    lon, lat = (np.where(np.isfinite(v), v, np.nan) for v in (reports.lon, reports.lat))
    known = np.isfinite(lon) & np.isfinite(lat)
    on_earth = known & (np.abs(lon) <= _MOST_LON) & (np.abs(lat) <= _MOST_LAT)
    nought = known & (lon == 0) & (lat == 0)
    whole = on_earth & (lon % 1 == 0) & (lat % 1 == 0)
    swapped_x, swapped_y = _project(plan, lat, lon)
    swapped = _near(plan, swapped_x, swapped_y) & ~_near(plan, x, y)
    reason = np.full(len(lon), "", dtype=object)
    for rows, text in (
        (swapped, "longitude and latitude are swapped"),
        (~on_earth & ~swapped, "not degrees of longitude and latitude"),
        (whole, "placeholder: whole degrees"),
        (nought, "placeholder: 0, 0"),
        (~known, "no coordinates"),
        (np.array([d is None for d in reports.datum], np.bool_), "unknown datum"),
    ):
        reason[rows] = text
    return reason


def _near(plan: Plan, x: Floats, y: Floats) -> Bools:
    west, south, east, north = plan.area.total_bounds
    near: Bools = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    return near


def _at(codes: pd.Series, row: Ints) -> Objects:
    return np.append(codes.to_numpy(dtype=object), "")[row]


def _codes_above(plan: Plan, index: CellIndex, row: Ints, stacked: Bools) -> list[str]:
    """Codes of every level as JSON, one text a ground; without the lowest where floors leave it open."""
    parent_of = dict(zip(plan.cells["code"], plan.cells["parent_code"], strict=True))
    texts = []
    for code, parent in zip(index.grounds["code"], index.grounds["parent_code"], strict=True):
        chain = {plan.levels[-1]: code}
        above_it = parent
        for level in reversed(plan.levels[:-1]):
            chain[level] = above_it
            above_it = parent_of.get(above_it)
        ordered = {level: chain[level] for level in plan.levels}
        above = {level: chain[level] for level in plan.levels[:-1]}
        texts.append((json.dumps(ordered), json.dumps(above)))
    texts.append(("{}", "{}"))
    return [texts[r][int(s)] for r, s in zip(row, stacked, strict=True)]


def _reasons(status: Strings, rejected: Objects, rule: RoutingRule) -> list[str]:
    sentences = {
        "inside": "",
        "nearest": f"outside the area, within {rule.nearest_m:g} m of this cell",
        "outside": f"outside the area, more than {rule.nearest_m:g} m from any cell",
        "ask_address": "several cells share this building by floors: ask for entrance and floor",
    }
    return [sentences.get(s, r) for s, r in zip(status, rejected, strict=True)]
