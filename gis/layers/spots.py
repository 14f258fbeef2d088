"""What a plan knows of a place at every level: its cell for sure, or the ground where cells are not told apart."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gis.arrays import Ints
from gis.location.tables import Objects
from gis.plan import Plan

NOWHERE = -1


@dataclass(frozen=True)
class Spots:
    """Places that differ in what is known of them: each cell, and each ground that cells share by floors.

    Attributes
    ----------
    levels
        Of the plan, top first.
    cell, shared : (spots, levels) object
        Code of the one cell that holds the spot at a level; or else the code of the ground (or, where only a level
        above is known, of the cell there) in which cells of the level are not told apart. One of the two is empty.
    ground : (spots,) object
        Code of the ground at the lowest level; empty where only a level above is known.
    of_cell, of_ground
        Spot of each cell of any level, and of each ground of the lowest one, by code.
    """

    levels: list[str]
    cell: Objects
    shared: Objects
    ground: Objects
    of_cell: pd.Series
    of_ground: pd.Series

    @classmethod
    def from_plan(cls, plan: Plan) -> "Spots":
        """Describe all cells and grounds of a plan."""
        tree = _Tree(plan)
        # A cell with one cell below it, or a ground with one cell on it, is the same spot as that.
        described = {leaves: tree.describe(leaves) for leaves in (*tree.leaves_of.values(), *tree.leaves_on.values())}
        number = {leaves: k for k, leaves in enumerate(described)}
        cells, shared, grounds = zip(*described.values(), strict=True)
        return cls(
            levels=plan.levels,
            cell=np.array(cells, dtype=object),
            shared=np.array(shared, dtype=object),
            ground=np.array(grounds, dtype=object),
            of_cell=pd.Series({code: number[leaves] for code, leaves in tree.leaves_of.items()}, dtype="int64"),
            of_ground=pd.Series({code: number[leaves] for code, leaves in tree.leaves_on.items()}, dtype="int64"),
        )


def taken(numbers: pd.Series, keys: Objects) -> Ints:
    """Look keys up in the index of a series of numbers; -1 where they are not there."""
    at = numbers.index.get_indexer(keys)
    return np.where(at < 0, NOWHERE, numbers.to_numpy(np.int64)[at])


class _Tree:
    """Cells with all that lie above and below them."""

    def __init__(self, plan: Plan) -> None:
        cells = plan.cells
        self.levels = plan.levels
        parent = dict(zip(cells["code"], cells["parent_code"], strict=True))
        level_of = dict(zip(cells["code"], cells["level"], strict=True))
        self.ground_of = dict(zip(cells["code"], cells["ground_code"], strict=True))
        self.lines: dict[str, tuple[str, ...]] = {}
        below: dict[str, list[str]] = {}
        on: dict[str, list[str]] = {}
        for code in plan.at_level(plan.leaf_level)["code"]:
            line = {level_of[code]: code}
            at = parent[code]
            while isinstance(at, str):
                line[level_of[at]] = at
                at = parent[at]
            self.lines[code] = tuple(line[level] for level in self.levels)
            for above in self.lines[code]:
                below.setdefault(above, []).append(code)
            on.setdefault(self.ground_of[code], []).append(code)
        self.leaves_of = {code: tuple(leaves) for code, leaves in below.items()}
        self.leaves_on = {code: tuple(leaves) for code, leaves in on.items()}

    def describe(self, leaves: Sequence[str]) -> tuple[list[str], list[str], str]:
        """Say what is known of a place that lies in one of these cells of the lowest level."""
        sure, shared = [], []
        known = ""
        for at in range(len(self.levels)):
            cells = {self.lines[leaf][at] for leaf in leaves}
            if len(cells) == 1:
                known = next(iter(cells))
                sure.append(known)
                shared.append("")
                continue
            grounds = {self.ground_of[cell] for cell in cells}
            sure.append("")
            shared.append(next(iter(grounds)) if len(grounds) == 1 else known)
        grounds = {self.ground_of[leaf] for leaf in leaves}
        return sure, shared, next(iter(grounds)) if len(grounds) == 1 else ""
