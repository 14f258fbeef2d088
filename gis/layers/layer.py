"""One layer over a plan: items joined to the cells of every level, and their counts."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd
from pyproj import CRS

from gis.errors import InputError
from gis.plan import Plan

#: What became of items: in one cell of every level; on a ground where the cells of some level are not told apart;
#: outside the area; without a place that could be used.
STATUSES = ("cell", "shared", "outside", "unplaced")
PLACED = ("cell", "shared")


@dataclass(frozen=True)
class Layer:
    """One of the six layers: people, places, things, events, sentiment or organisations.

    Attributes
    ----------
    kind, name
        What it is, and what it is called.
    items
        One row an item, or for people one count: the columns of its kind (`gis.layers.schema.OWN`), `category`, `count`
        (int64); `plan_x`, `plan_y` (metres of the plan; NaN where only a cell is known); `cell_code` (of the lowest
        level; empty unless for sure), `ground_code` (of the lowest level; empty where only a level above is known);
        for each level `level_<name>`, the code of its cell, or else `shared_<name>`, the code of the ground in which
        cells of that level are not told apart; `status` (`STATUSES`), `reason`.
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
