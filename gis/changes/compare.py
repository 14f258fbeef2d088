"""Two plans of one area, level by level: cells, households and land."""

import json
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.arrays import Ints
from gis.changes.land import land_of
from gis.changes.lineage import Lineage, lineage_of
from gis.changes.moves import cells_differing, codes_above, matched_households
from gis.errors import InputError
from gis.plan import Plan

STATUSES = ("kept", "redrawn", "split", "merged", "new", "retired")


@dataclass(frozen=True)
class Changes:
    """The way from one plan to another.

    A code is what a cell is known by: a cell that was only renumbered is retired under one code and new under another.

    Attributes
    ----------
    before, after
        Versions of the plans.
    levels
        One row for each level that both plans have, top first: `level`; `cells_before`, `cells_after`; the number of
        cells of each of the `STATUSES`; `households_before`, `households_after`; `households_moved` (in both plans,
        in cells of different codes); `households_new`, `households_vanished` (in one plan only); `land_changed_m2`
        (of the later area: what belongs to another code than before, or did not belong to the area).
    cells
        One row for each code of either plan, by level and code: `level`, `code`, `name`, `status`,
        `households_before`, `households_after` (missing where the plan has no such cell), `moved_in`, `moved_out`
        (households that came from or went to another code), `land_gained_m2`, `land_lost_m2` (of the ground), and
        `predecessors`, `successors` (lists of codes, the largest part first).
        Status: ``kept`` (same polygon, floors and buildings); ``redrawn`` (same code, but not these); of codes that
        are gone ``split`` (several successors), ``merged`` (one successor, which has other predecessors too) and
        ``retired``; and ``new``.
    layer
        The cells of both plans as a map layer: `plan` (before, after), `level`, `code`, `name`, `status`,
        `households`, geometry in the plans' CRS.
    """

    before: str
    after: str
    levels: pd.DataFrame
    cells: pd.DataFrame
    layer: gpd.GeoDataFrame

    @property
    def changed(self) -> pd.DataFrame:
        """Rows of `cells` that are not kept."""
        return self.cells[self.cells["status"] != "kept"]

    def table(self) -> pd.DataFrame:
        """Return `cells` as a table file can hold them: lists as JSON."""
        as_text = {name: [json.dumps(codes) for codes in self.cells[name]] for name in ("predecessors", "successors")}
        return self.cells.assign(**as_text)

    def summary(self) -> dict[str, Any]:
        """Return the versions and the figures of each level, as JSON can hold them."""
        rows = self.levels.to_dict("records")
        return {"before": self.before, "after": self.after, "levels": {row.pop("level"): row for row in rows}}


def compare(before: Plan, after: Plan) -> Changes:
    """Compare two plans of one area, cell by cell and household by household.

    Parameters
    ----------
    before, after
        Plans in one CRS whose areas overlap. Where the later one says what a cell came from (column `predecessors`)
        or what became of one (``metadata["retired"]``), that is taken; otherwise it is found from the households
        they share, and where they share none, from the land.

    Returns
    -------
    Changes

    Raises
    ------
    InputError
        Where the plans lie in different coordinate systems, their areas do not overlap, or no level has the same
        name in both.
    """
    _require_same_area(before, after)
    levels = [level for level in after.levels if level in before.levels]
    if not levels:
        raise InputError(f"no level in common: {', '.join(before.levels)} before and {', '.join(after.levels)} after")
    moves = matched_households(before, after)
    tables, figures = [], []
    for level in levels:
        cells, row = _compare_level(before, after, level, moves)
        tables.append(cells)
        figures.append(row)
    cells = pd.concat(tables, ignore_index=True)
    return Changes(before.version, after.version, pd.DataFrame(figures), cells, _layer(before, after, cells))


def _require_same_area(before: Plan, after: Plan) -> None:
    if before.area.crs != after.area.crs:
        names = " and ".join(plan.area.crs.to_string() for plan in (before, after))
        raise InputError(f"the plans lie in different coordinate systems ({names}): they are not of one area")
    shared = shapely.intersection(before.area.union_all(), after.area.union_all())
    if not shapely.area(shared) > 0:
        raise InputError("the areas of the plans do not overlap: they are not of one area")


def _compare_level(before: Plan, after: Plan, level: str, moves: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, Any]]:
    old, new = (plan.at_level(level).set_index("code", drop=False) for plan in (before, after))
    above = [codes_above(plan, level) for plan in (before, after)]
    flow = moves.assign(before=moves["before"].map(above[0]), after=moves["after"].map(above[1]))
    flow = flow.groupby(["before", "after"], dropna=False, as_index=False)["households"].sum()
    land = land_of(old, new)
    lineage = lineage_of(old, new, flow, after.metadata.get("retired", {}))
    kept = (
        land["same"]
        & _same_floors(old, new).reindex(land.index, fill_value=False)
        & ~land.index.isin(cells_differing(before, after, above))
    )
    crossing = flow[flow["before"].notna() & flow["after"].notna() & (flow["before"] != flow["after"])]
    both = old.index.intersection(new.index)
    codes = land.index
    cells = pd.DataFrame(
        {
            "level": level,
            "code": codes,
            "name": new["name"].reindex(codes).fillna(old["name"].reindex(codes)).to_numpy(),
            "status": [_status(code, code in both, kept[code], lineage) for code in codes],
            "households_before": old["households"].reindex(codes).astype("Int64").array,
            "households_after": new["households"].reindex(codes).astype("Int64").array,
            "moved_in": _by_code(crossing, "after", codes),
            "moved_out": _by_code(crossing, "before", codes),
            "land_gained_m2": (land["after_m2"] - land["shared_m2"]).round(1).to_numpy(),
            "land_lost_m2": (land["before_m2"] - land["shared_m2"]).round(1).to_numpy(),
            "predecessors": [lineage.predecessors.get(code, []) for code in codes],
            "successors": [lineage.successors.get(code, []) for code in codes],
        }
    )
    return cells, _figures(level, cells, flow, crossing, land)


def _status(code: str, in_both: bool, kept: bool, lineage: Lineage) -> str:  # noqa: FBT001 (two facts of a cell)
    if not in_both:
        return lineage.status(code)
    return "kept" if kept else "redrawn"


def _same_floors(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> pd.Series:
    """Whether cells of both plans have the same floors, or the whole ground."""
    both = old.index.intersection(new.index)
    spans = [cells.loc[both, ["floor_from", "floor_to"]].astype("Float64").fillna(0) for cells in (old, new)]
    return (spans[0] == spans[1]).all(axis=1)


def _by_code(flow: pd.DataFrame, side: str, codes: pd.Index) -> Ints:
    """Sum the households of a flow by the codes of one side."""
    total: Ints = flow.groupby(side)["households"].sum().reindex(codes, fill_value=0).to_numpy(np.int64)
    return total


def _figures(
    level: str, cells: pd.DataFrame, flow: pd.DataFrame, crossing: pd.DataFrame, land: pd.DataFrame
) -> dict[str, Any]:
    return {
        "level": level,
        "cells_before": int(cells["households_before"].notna().sum()),
        "cells_after": int(cells["households_after"].notna().sum()),
        **{status: int((cells["status"] == status).sum()) for status in STATUSES},
        "households_before": int(flow["households"][flow["before"].notna()].sum()),
        "households_after": int(flow["households"][flow["after"].notna()].sum()),
        "households_moved": int(crossing["households"].sum()),
        "households_new": int(flow["households"][flow["before"].isna()].sum()),
        "households_vanished": int(flow["households"][flow["after"].isna()].sum()),
        "land_changed_m2": round(float(land["changed_m2"].sum()), 1),
    }


def _layer(before: Plan, after: Plan, cells: pd.DataFrame) -> gpd.GeoDataFrame:
    columns = ["plan", "level", "code", "name", "status", "households", "geometry"]
    status = cells[["level", "code", "status"]]
    sides = [
        plan.cells.merge(status, on=["level", "code"]).assign(plan=name)[columns]
        for name, plan in (("before", before), ("after", after))
    ]
    return pd.concat(sides, ignore_index=True)
