"""Which households of two plans are the same, and in which cell each plan has them."""

import numpy as np
import pandas as pd

from gis.arrays import Ints
from gis.plan import Plan


def matched_households(before: Plan, after: Plan) -> pd.DataFrame:
    """Match the households of two plans by building, entrance and floor.

    Plans count households and know none of them, so those of an entrance are taken in the order of their floors: the
    lowest before is the lowest after. Where their number has changed, the topmost are the new or the vanished ones;
    this is exact where the counts are those of the same data, and otherwise an estimate within one entrance.

    Returns
    -------
    pandas.DataFrame
        `before`, `after` (code of the cell of the lowest level in each plan; None where the plan does not have the
        household), `households` (≥ 1): one row for each pair.
    """
    rows = pd.concat([_by_floor(before), _by_floor(after)], ignore_index=True)
    is_after = np.arange(len(rows)) >= len(before.dwellings)
    rows["entry"] = rows.groupby(["building_id", "entrance"], sort=False).ngroup()
    held = (rows["households"] > 0).to_numpy()
    sides = [rows[held & ~is_after], rows[held & is_after]]
    size = int(rows["entry"].max()) + 1 if len(rows) else 0
    totals = [np.bincount(side["entry"], side["households"], minlength=size).astype(np.int64) for side in sides]
    width = np.maximum(*totals)
    origin = np.cumsum(width) - width
    runs = [_Runs(side, origin) for side in sides]
    cuts = np.unique(np.concatenate([end for run in runs for end in (run.first, run.end)]))
    pieces = cuts[:-1]
    pairs = pd.DataFrame(
        {"before": runs[0].code_at(pieces), "after": runs[1].code_at(pieces), "households": np.diff(cuts)}
    )
    pairs = pairs[pairs["before"].notna() | pairs["after"].notna()]
    return pairs.groupby(["before", "after"], dropna=False, as_index=False)["households"].sum()


class _Runs:
    """The dwellings of a plan along one axis on which every household of both plans has a place.

    Parameters
    ----------
    rows
        `entry` (number of the entrance), `households`, `cell_code`.
    origin
        Where each entrance begins on the axis.
    """

    def __init__(self, rows: pd.DataFrame, origin: Ints) -> None:
        rows = rows.sort_values("entry", kind="stable")
        entry, households = rows["entry"].to_numpy(), rows["households"].to_numpy(np.int64)
        before = np.cumsum(households) - households
        new = np.append(True, np.diff(entry) > 0)[: len(rows)]
        self.first: Ints = origin[entry] + before - before[new][np.cumsum(new) - 1]
        self.end: Ints = self.first + households
        self._codes = rows["cell_code"].to_numpy(object)

    def code_at(self, places: Ints) -> pd.Series:
        """Return the cell of the household at each place, None where this plan has none."""
        row = np.searchsorted(self.first, places, side="right") - 1
        there = row >= 0
        there[there] = places[there] < self.end[row[there]]
        codes = np.full(len(places), None, dtype=object)
        codes[there] = self._codes[row[there]]
        return pd.Series(codes, dtype=object)


def _by_floor(plan: Plan) -> pd.DataFrame:
    table = plan.dwellings[["building_id", "entrance", "floor_from", "floor_to", "households", "cell_code"]]
    table = table.assign(entrance=table["entrance"].fillna("").astype(str))
    return table.sort_values(["floor_from", "floor_to"], kind="stable")


def codes_above(plan: Plan, level: str) -> dict[str, str]:
    """Code at a level of each cell of the lowest one, itself at the lowest."""
    parent = dict(zip(plan.cells["code"], plan.cells["parent_code"], strict=True))
    rank = plan.levels.index(plan.leaf_level) - plan.levels.index(level)
    found = {}
    for leaf in plan.at_level(plan.leaf_level)["code"]:
        code = leaf
        for _ in range(rank):
            code = parent[code]
        found[str(leaf)] = str(code)
    return found


def cells_differing(before: Plan, after: Plan, above: list[dict[str, str]]) -> set[str]:
    """Find the cells whose buildings, or whose floors of a building shared with others, two plans do not agree on.

    Parameters
    ----------
    before, after
        The plans.
    above
        Code of the cell at some level by that of the lowest level, for either plan (`codes_above`).

    Returns
    -------
    set of str
        Codes in either plan.
    """
    (whole_before, shared_before), (whole_after, shared_after) = map(_members, (before, after), above)
    whole = pd.concat([whole_before, whole_after], axis=1, keys=["before", "after"])
    moved = whole[whole["before"].fillna("") != whole["after"].fillna("")]
    in_whole = {*moved["before"].dropna(), *moved["after"].dropna()}
    return in_whole | {code for code, *_ in shared_before ^ shared_after}


def _members(plan: Plan, code_of: dict[str, str]) -> tuple[pd.Series, set[tuple[str, str, str, int, int]]]:
    """Cell of each building that is whole, by its id; cell, building, entrance and floors where several share one."""
    code = plan.buildings.set_index("building_id")["cell_code"]
    shared = plan.dwellings[plan.dwellings["building_id"].isin(code.index[code.isna()])]
    shared = shared.assign(code=shared["cell_code"].map(code_of), entrance=shared["entrance"].fillna(""))
    single = shared.groupby("building_id")["code"].transform("nunique") == 1
    together = shared[single].groupby("building_id")["code"].first()
    span = shared[~single].groupby(["code", "building_id", "entrance"], as_index=False)
    spans = span.agg({"floor_from": "min", "floor_to": "max"}).itertuples(index=False, name=None)
    return pd.concat([code.dropna().map(code_of), together]), set(spans)
