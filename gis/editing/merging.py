"""Cells made one, and cells put under another parent: codes of cells that move between parents are founded anew."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from gis.editing.edit import Edit
from gis.editing.problems import atoms_of_cell
from gis.editing.redrawing import RefusedError, Trial
from gis.editing.sketch import Sketch, accepted, held_by, require_cells, sketch_of
from gis.editing.state import State
from gis.plan import COMMUNITY


def merged(redrawing: Trial, codes: Sequence[str]) -> Edit:
    """Propose to make one cell of several of one level.

    Where one of them shares its ground by floors with cells that are not merged, these share the larger ground.

    Parameters
    ----------
    redrawing
        Stays as it is.
    codes
        The first lives on, the others are given up, and so is what is above them if nothing is left there. Of a level
        above the lowest, what is in the others is founded anew under the first.

    Raises
    ------
    RefusedError
        Where they cannot be merged: not of one level and community, not side by side, locked.
    """
    state = redrawing.state
    first, *others = dict.fromkeys(codes) or [""]
    require_cells(state, (first, *others))
    if not others:
        raise RefusedError("give two cells or more to merge")
    _require_alike(state, (first, *others))
    _require_touching(redrawing, (first, *others))
    sketch = sketch_of(redrawing)
    if state.cells[first].level == redrawing.land.plan.leaf_level:
        _merge_leaves(sketch, first, others)
    else:
        for code in others:
            _found_anew(sketch, sorted(state.below[code]), first)
    if any(state.cells[code].exclave for code in others):
        sketch.cells[first] = replace(sketch.cell(first), exclave=True)
    return accepted(redrawing, sketch.edit())


def moved_under(redrawing: Trial, codes: Collection[str], parent: str) -> Edit:
    """Propose to put cells under another parent: founded anew there, for a code begins with that of its parent.

    Parameters
    ----------
    redrawing
        Stays as it is.
    codes
        Of cells of the level below that of the parent; of those that share a ground, all.
    parent
        Of the same community; what is above the cells is given up if nothing is left there.

    Raises
    ------
    RefusedError
        Where they cannot lie there: another community, another level, not side by side, locked.
    """
    state, levels = redrawing.state, redrawing.land.plan.levels
    require_cells(state, (parent, *codes))
    if not codes:
        raise RefusedError("give at least one cell to move")
    for code in codes:
        cell = state.cells[code]
        if levels.index(cell.level) != levels.index(state.cells[parent].level) + 1:
            raise RefusedError(f"cell {code} is of level {cell.level}: it cannot lie right under {parent}")
        if cell.parent == parent:
            raise RefusedError(f"cell {code} lies under {parent} already")
        if state.community_of(code) != state.community_of(parent):
            raise RefusedError(f"cell {code} would leave its community: communities are given, not drawn")
        for other in state.sharing.get(cell.ground, set()) - {*codes}:
            raise RefusedError(f"cell {code} shares its ground by floors with {other}: move both")
    _require_touching(redrawing, (parent, *codes))
    sketch = sketch_of(redrawing)
    _found_anew(sketch, sorted({*codes}), parent)
    return accepted(redrawing, sketch.edit())


def _require_alike(state: State, codes: Sequence[str]) -> None:
    first = codes[0]
    for code in codes:
        if state.cells[code].level != state.cells[first].level:
            raise RefusedError(f"cells {first} and {code} are of different levels: merge cells of one level")
        if state.cells[code].level == COMMUNITY or state.community_of(code) != state.community_of(first):
            raise RefusedError(f"cells {first} and {code}: communities are given, no cell crosses their line")


def _require_touching(redrawing: Trial, codes: Sequence[str]) -> None:
    """Refuse cells that no chain of neighbours among them joins to the first; any piece of a cell in pieces counts."""
    state, land = redrawing.state, redrawing.land
    atoms = {code: {*atoms_of_cell(state, code).tolist()} for code in codes}
    reached, waiting = {codes[0]}, [codes[0]]
    while waiting:
        around = {other for atom in atoms[waiting.pop()] for other in (atom, *land.near[atom])}
        found = [code for code in codes if code not in reached and around & atoms[code]]
        reached.update(found)
        waiting += found
    for code in codes:
        if code not in reached:
            raise RefusedError(f"cells {codes[0]} and {code} do not touch: choose cells side by side")


def _merge_leaves(sketch: Sketch, first: str, others: Sequence[str]) -> None:
    state, home = sketch.state, sketch.state.cells[first].ground
    for ground in dict.fromkeys(state.cells[code].ground for code in others):
        for code in sorted(state.sharing[ground] - {*others}):
            if state.cells[code].parent != state.cells[first].parent:
                raise RefusedError(f"cell {code} shares ground {ground}, but not the parent of {first}: merge it too")
        if ground != home:
            sketch.reground(ground, home)
    for code in others:
        sketch.units.update(dict.fromkeys(held_by(state, sketch.land, code), first))
    for code in others:
        sketch.give_up(code)
    if home in others:
        sketch.reground(home, first)


def _found_anew(sketch: Sketch, codes: Sequence[str], parent: str) -> None:
    """Put cells, with all that is in them, under another parent, by codes that are new there."""
    state = sketch.state
    grounds: dict[str, str] = {}
    # The code of a ground comes first: the others share it.
    for code in sorted(codes, key=lambda code: (state.cells[code].ground != code, code)):
        cell = state.cells[code]
        ground = None if cell.ground == code else grounds[cell.ground]
        new = sketch.found(cell, parent, ground, sketch.given_name(code))
        grounds[code] = new
        below = sorted(state.below.get(code, ()))
        if below:
            _found_anew(sketch, below, new)
            continue
        if cell.ground == code:
            sketch.atoms.update(dict.fromkeys(state.atoms_on[code], new))
        sketch.units.update(dict.fromkeys(held_by(state, sketch.land, code), new))
        sketch.give_up(code)
