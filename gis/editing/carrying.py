"""A draft carried over to a later plan of the same land: what still fits is taken, the rest is told."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely

from gis.editing.edit import Edit, Step
from gis.editing.land import Land
from gis.editing.redrawing import Redrawing
from gis.editing.state import PARTS, State
from gis.errors import GisError, InputError

_UNIT = ["building", "entrance", "floor_from", "floor_to"]


def carried(edit: Edit, before: Land, onto: Redrawing) -> tuple[list[Edit], list[Edit]]:
    """Take the parts of an edit that still fit.

    Parameters
    ----------
    edit
        All that a draft changed.
    before
        The land it was drawn on.
    onto
        A redrawing of a later plan; what fits is taken in it.

    Returns
    -------
    taken, late
        Parts that were taken, and parts that no longer fit: somebody else changed what they begin with.

    Raises
    ------
    InputError
        Where the later plan has other pieces of land.
    """
    _require_same(before, onto.land)
    taken: list[Edit] = []
    late: list[Edit] = []
    for part in parts_of(_left_to_do(edit, onto.state), before):
        try:
            onto.apply(part)
        except GisError:
            late.append(part)
        else:
            taken.append(part)
    return taken, late


def _left_to_do(edit: Edit, state: State) -> Edit:
    """Leave out what is so already."""
    rows = {
        part: tuple(row for row in getattr(edit, part) if getattr(state, part).get(row[0]) != row[2]) for part in PARTS
    }
    return Edit(**rows)


def parts_of(edit: Edit, land: Land) -> Iterator[Edit]:
    """Part an edit into those that have no cell in common."""
    group: dict[str, str] = {}

    def root(code: str) -> str:
        while group.setdefault(code, code) != code:
            code = group[code]
        return code

    named = [_codes(step, land) for step in edit.steps]
    for codes in named:
        for code in codes[1:]:
            group[root(code)] = root(codes[0])
    rows: dict[str, dict[str, list[Any]]] = {}
    for (part, *row), codes in zip(edit.steps, named, strict=True):
        rows.setdefault(root(codes[0]), {name: [] for name in PARTS})[part].append(tuple(row))
    for found in rows.values():
        yield Edit(**{part: tuple(found[part]) for part in PARTS})


def _codes(step: Step, land: Land) -> list[str]:
    """Cells that a step names; a piece of land that only stays with others, by the cell it lies in."""
    part, key, *places = step
    if part == "cells":
        cells = [cell for cell in places if cell is not None]
        return [str(key), *(code for cell in cells for code in (cell.ground, cell.parent) if code)]
    if part == "together":
        return [str(land.plan.atoms["cell_code"].iloc[key])]
    own = land.plan.atoms["cell_code"].iloc[land.atom_of_unit[key]] if part == "floors" else None
    return [str(code) for code in (*places, own) if code is not None]


def _require_same(before: Land, after: Land) -> None:
    """Refuse to carry what has other numbers there."""
    if len(before.shapes) != len(after.shapes) or not shapely.equals(before.shapes, after.shapes).all():
        raise InputError("the plan in force has other pieces of land: the draft cannot be carried over to it")
    if len(before.units) != len(after.units) or not np.array_equal(before.units[_UNIT], after.units[_UNIT]):
        raise InputError("the plan in force counts other dwellings: the draft cannot be carried over to it")
