"""Where everything is: each piece of land and each dwelling in its cell, and what is known of the cells."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import orjson
import pandas as pd

from gis.editing.land import Land
from gis.plan import COMMUNITY

#: Kinds that a planner gives; a general cell without households is called unpopulated where a plan is written.
KINDS = ("general", "exclusive", "rural")


@dataclass(frozen=True)
class Cell:
    """What is known of a cell beside its land.

    Attributes
    ----------
    level, parent
        Name of its level, and code of the cell above; None at the top.
    name, kind
        As planners give them.
    ground
        Code of the cell whose land it shares by floors; its own, if it shares none or the land is its own.
    exclave
        Whether it is declared to lie in several parts.
    locked
        Whether its outline, its floors and what is known of it must stay.
    """

    level: str
    parent: str | None
    name: str
    kind: str
    ground: str
    exclave: bool = False
    locked: bool = False


@dataclass
class State:
    """The cells of a plan while it is edited.

    Attributes
    ----------
    land
        Code of the ground of each atom, at the lowest level.
    floors
        Row of a unit → code of its cell, where that is not the one whose code its ground has.
    cells
        Code → cell, of all levels.
    together
        Row of an atom → name of the group that stays in one ground.
    """

    land: dict[int, str]
    floors: dict[int, str]
    cells: dict[str, Cell]
    together: dict[int, str] = field(default_factory=dict)

    # What follows from the four, kept as they change.
    atoms_on: dict[str, set[int]] = field(init=False, default_factory=dict)
    units_of: dict[str, set[int]] = field(init=False, default_factory=dict)
    below: dict[str, set[str]] = field(init=False, default_factory=dict)
    sharing: dict[str, set[str]] = field(init=False, default_factory=dict)
    grouped: dict[str, set[int]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        given = {part: dict(getattr(self, part)) for part in PARTS}
        for part, rows in given.items():
            getattr(self, part).clear()
            for key, value in rows.items():
                self.put(part, key, value)

    @classmethod
    def of(cls, land: Land) -> "State":
        """Return the state of a plan as it is."""
        leaf, cells = land.plan.leaf_level, land.plan.cells
        known = {
            str(row.code): Cell(
                level=str(row.level),
                parent=None if pd.isna(row.parent_code) else str(row.parent_code),
                name="" if pd.isna(row.name_) else str(row.name_),
                kind=str(row.kind) if row.kind in KINDS else KINDS[0],
                ground=str(row.ground_code) if row.level == leaf else str(row.code),
                exclave=bool(row.exclave),
            )
            for row in cells.rename(columns={"name": "name_"}).itertuples()
        }
        ground = land.plan.atoms["cell_code"].astype(str).tolist()
        held = land.units["cell"].tolist()
        floors = {k: code for k, code in enumerate(held) if code != ground[land.atom_of_unit[k]]}
        return cls(dict(enumerate(ground)), floors, known)

    def copy(self) -> "State":
        """Return a state that changes by itself."""
        other = object.__new__(State)
        for part in PARTS:
            setattr(other, part, dict(getattr(self, part)))
        for index in ("atoms_on", "units_of", "below", "sharing", "grouped"):
            setattr(other, index, {key: set(held) for key, held in getattr(self, index).items()})
        return other

    def put(self, part: str, key: Any, value: Any) -> None:  # noqa: ANN401 (of four kinds)
        """Put one thing somewhere else, or (None) away."""
        held = getattr(self, part)
        before = held.pop(key, None)
        if value is not None:
            held[key] = value
        if part == "cells":
            _reindex(self.below, key, before and before.parent, value and value.parent)
            _reindex(self.sharing, key, before and before.ground, value and value.ground)
        else:
            _reindex(
                {"land": self.atoms_on, "floors": self.units_of, "together": self.grouped}[part], key, before, value
            )

    def above(self, code: str | None) -> Iterator[str]:
        """Yield a cell and all above it, the lowest first."""
        while code is not None:
            yield code
            code = self.cells[code].parent

    def community_of(self, code: str) -> str | None:
        """Code of the community of a cell; None where the plan has none."""
        *_, top = self.above(code)
        return top if self.cells[top].level == COMMUNITY else None

    def leaves_below(self, code: str) -> Iterator[str]:
        """Yield the cells of the lowest level in a cell: itself, where it is one."""
        below = self.below.get(code)
        if not below:
            yield code
        else:
            for each in below:
                yield from self.leaves_below(each)

    def text(self) -> bytes:
        """Write the whole state, always in the same order: equal states have equal texts."""
        return orjson.dumps(
            {
                "land": [self.land[k] for k in range(len(self.land))],
                "floors": sorted(self.floors.items()),
                "cells": {code: asdict(cell) for code, cell in self.cells.items()},
                "together": sorted(self.together.items()),
            },
            option=orjson.OPT_SORT_KEYS,
        )


PARTS = ("land", "floors", "cells", "together")


def _reindex(index: dict[str, set[Any]], key: Any, before: str | None, after: str | None) -> None:  # noqa: ANN401
    if before == after:
        return
    if before is not None:
        index[before].discard(key)
        if not index[before]:
            del index[before]
    if after is not None:
        index.setdefault(after, set()).add(key)
