"""One layer over a plan: items joined to the cells of every level, their counts, and the equation that they satisfy.

At every level, what lies in cells, on shared grounds and nowhere is what was given.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd
from pyproj import CRS

from gis.errors import ConservationError, InputError
from gis.plan import Plan

PLACED = ("cell", "shared")
"""What became of items that lie in one cell of every level, or on a ground where cells of some level are not told
apart; others are ``outside`` the area, or ``unplaced``, without a place that could be used."""


@dataclass(frozen=True)
class Layer:
    """One of the six layers: people, places, things, events, sentiment or organisations.

    Attributes
    ----------
    kind, name
        What it is, and what it is called.
    items
        One row an item, or for people one count: the columns of its kind (see `Given`), `category`, `count`
        (int64); `plan_x`, `plan_y` (metres of the plan; NaN where only a cell is known); `cell_code` (of the lowest
        level; empty unless for sure), `ground_code` (of the lowest level; empty where only a level above is known);
        for each level `level_<name>`, the code of its cell, or else `shared_<name>`, the code of the ground in which
        cells of that level are not told apart; `status` (see `PLACED`), `reason`.
    levels
        Of the plan, top first.
    plan_version
        Of the plan.
    crs
        Of `plan_x`, `plan_y`.
    totals
        The input's sum of counts by category, taken before anything was placed.
    inputs
        Names of the files and their SHA-256.
    unread
        Names of columns that were not read.
    left_out
        Rows of the input that are no items, by reason.
    remarks
        What was assumed.
    """

    kind: str
    name: str
    items: pd.DataFrame
    levels: tuple[str, ...]
    plan_version: str
    crs: CRS
    totals: Mapping[str, int]
    inputs: list[tuple[str, str]] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    left_out: Mapping[str, int] = field(default_factory=dict)
    remarks: Mapping[str, str] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """The input's sum of counts."""
        return sum(self.totals.values())

    def counts(self, plan: Plan, by: str = "category") -> pd.DataFrame:
        """Count what lies in each cell, and on each ground where cells are not told apart.

        Parameters
        ----------
        plan
            The plan that the layer was joined to.
        by
            Column of items to count by: `category`, or such as `state`, `standing`, `rating`, `grid`.

        Returns
        -------
        pandas.DataFrame
            `level`, `code`, `shared` (bool: the code is that of a ground, not of a cell), the column `by`, `count`
            (int64): what occurs, in the order of the plan's levels and of the codes.

        Raises
        ------
        InputError
            Where it was joined to another plan, or has no such column.
        """
        self.require(plan)
        if by not in self.items:
            raise InputError(f"layer {self.name}: no column '{by}': it has {', '.join(self.items.columns)}")
        return count_items(self, by)

    def require(self, plan: Plan) -> None:
        """Refuse another plan than that which the layer was joined to.

        Raises
        ------
        InputError
            Naming both versions.
        """
        if plan.version != self.plan_version:
            raise InputError(
                f"layer {self.name}: joined to plan {self.plan_version}, this plan is {plan.version}: "
                "make it again with 'wangge layers'"
            )


def count_items(layer: Layer, by: str = "category") -> pd.DataFrame:
    """Count the items of a layer by level, code and a column; see `Layer.counts`."""
    parts = []
    for level in layer.levels:
        for shared in (False, True):
            code = layer.items[f"{'shared' if shared else 'level'}_{level}"]
            held = layer.items.loc[code != "", ["count"]].groupby([code[code != ""], layer.items[by]], sort=True).sum()
            part = held.reset_index().set_axis(["code", by, "count"], axis=1)
            parts.append(part.assign(level=level, shared=shared))
    table = pd.concat(parts, ignore_index=True)[["level", "code", "shared", by, "count"]]
    return table.astype({"level": "str", "code": "str", "shared": "bool", "count": "int64"})


def sums(layer: Layer) -> pd.DataFrame:
    """Return, by level and category, what was given and where it is.

    Returns
    -------
    pandas.DataFrame
        `level`, `category`, `given`, `in_cells`, `on_shared_grounds`, `not_placed` (all int64).
    """
    counted = count_items(layer)
    lost = layer.items[~layer.items["status"].isin(PLACED)].groupby("category")["count"].sum()
    rows = []
    for level in layer.levels:
        here = counted[counted["level"] == level]
        cells, shared = (here[here["shared"] == side].groupby("category")["count"].sum() for side in (False, True))
        rows += [
            (level, category, given, *(int(part.get(category, 0)) for part in (cells, shared, lost)))
            for category, given in layer.totals.items()
        ]
    return pd.DataFrame(rows, columns=["level", "category", "given", "in_cells", "on_shared_grounds", "not_placed"])


def require_conserved(layer: Layer) -> None:
    """Check the equation, in whole numbers, at every level and for every category.

    Raises
    ------
    ConservationError
        Naming the first level and category where it does not hold.
    """
    table = sums(layer)
    held = table["in_cells"] + table["on_shared_grounds"] + table["not_placed"]
    wrong = table[held != table["given"]]
    strange = set(layer.items["category"].unique()) - set(layer.totals)
    if strange:
        raise ConservationError(f"layer {layer.name}: items of a category that was not given")
    if len(wrong):
        row = wrong.iloc[0]
        raise ConservationError(
            f"layer {layer.name}, level {row['level']}, {row['category'] or 'no category'}: {row['given']} given, "
            f"{held[wrong.index[0]]} held: this is a fault of wangge, please report it"
        )
