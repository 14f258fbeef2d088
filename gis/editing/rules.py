"""What an edit must leave true, besides the cover: cells in their communities, locks, groups that stay together."""

import re
from collections import ChainMap
from collections.abc import Container, Iterator, Mapping
from dataclasses import replace

from gis.delineation.codes import is_code
from gis.editing.edit import Edit
from gis.editing.land import Land
from gis.editing.state import KINDS, Cell, State
from gis.plan import COMMUNITY

_NAME = re.compile(r"[^\x00-\x1f\x7f]{0,120}")
_GROUP = re.compile(r"[^\W_][^\x00-\x1f\x7f]{0,63}")


def lock_faults(state: State, land: Land, edit: Edit) -> Iterator[str]:
    """Say which locks an edit would break, in the state before it."""
    switched = [code for code, before, after in edit.cells if before and after and before.locked != after.locked]
    if switched and len(edit.steps) > len(switched):
        yield f"cell {switched[0]} is locked or unlocked by an edit of its own"
    cells = ChainMap({code: after for code, _, after in edit.cells if after}, state.cells)
    concerned = {code for code, before, after in edit.cells if before and not _only_locks(before, after)}
    for before, after in {(before, after) for _, before, after in edit.land}:
        # The outline of what holds both stays.
        concerned |= {*_upwards(cells, before)} ^ {*_upwards(cells, after)}
        concerned |= state.sharing.get(before, set()) | state.sharing.get(after, set())
    for unit, *codes in edit.floors:
        concerned |= {code or state.land[land.atom_of_unit[unit]] for code in codes}
    for code in concerned:
        if code in state.cells and state.cells[code].locked:
            yield f"cell {code} is locked"


def _only_locks(before: Cell, after: Cell | None) -> bool:
    return after is not None and replace(before, locked=after.locked) == after


def _upwards(cells: Mapping[str, Cell], code: str | None) -> Iterator[str]:
    # An edit may say that cells lie in each other in a circle: that is refused later, with its reason.
    seen: set[str] = set()
    while code is not None and code not in seen:
        yield code
        seen.add(code)
        code = cells[code].parent if code in cells else None


def record_faults(state: State, land: Land, edit: Edit, used: Container[str]) -> Iterator[str]:
    """Say what is wrong with what an edit says of cells, in the state after it."""
    levels = land.plan.levels
    for code, before, after in edit.cells:
        if COMMUNITY in ((before and before.level), (after and after.level)):
            if before is None or after is None or replace(before, locked=after.locked) != after:
                yield f"cell {code}: communities are given, not drawn"
            continue
        if after is None:
            continue
        if after.level not in levels or (before and (before.level, before.parent) != (after.level, after.parent)):
            yield f"cell {code}: a cell keeps its level and what is above it; found a new one there instead"
            continue
        depth = levels.index(after.level)
        above = state.cells.get(after.parent) if after.parent is not None else None
        if (depth and (above is None or above.level != levels[depth - 1])) or (not depth and after.parent is not None):
            yield f"cell {code}: above a cell of level {after.level} there is one of level {levels[depth - 1]}"
        if before is None:
            yield from _code_faults(code, after, depth - (COMMUNITY in levels), used)
        renamed = before is None or after.name != before.name
        if after.kind not in KINDS or (renamed and not _NAME.fullmatch(after.name)):
            yield f"cell {code}: a name has up to 120 characters in one line, its kind is one of {', '.join(KINDS)}"


def _code_faults(code: str, cell: Cell, depth: int, used: Container[str]) -> Iterator[str]:
    if code in used:
        yield f"code {code} has been used: codes are never given again"
    if not is_code(code, cell.parent, depth):
        yield f"code {code}: a code is that of the cell above, and as many digits as others there have"


def place_faults(state: State, land: Land, touched: set[str]) -> Iterator[str]:
    """Say what does not fit in the cells that were touched, in the state after the edit."""
    leaf = land.plan.leaf_level
    for code in touched:
        cell = state.cells.get(code)
        atoms, units, below = (index.get(code) for index in (state.atoms_on, state.units_of, state.below))
        if cell is None:
            if atoms or units or below or state.sharing.get(code):
                yield f"cell {code} is given up, but something still lies in it"
            continue
        if cell.level != leaf:
            if atoms or units or cell.ground != code:
                yield f"cell {code} is of level {cell.level}: land and floors lie in cells of level {leaf}"
            if not below:
                yield f"cell {code} holds no cell: give it up with the last one"
            continue
        yield from _leaf_faults(state, land, code, cell)


def _leaf_faults(state: State, land: Land, code: str, cell: Cell) -> Iterator[str]:
    ground = state.cells.get(cell.ground)
    if ground is None or ground.ground != cell.ground or (ground.level, ground.parent) != (cell.level, cell.parent):
        yield f"cell {code} stands on ground {cell.ground}, which is not there, or belongs elsewhere"
        return
    atoms, units = state.atoms_on.get(code, set()), state.units_of.get(code, set())
    if cell.ground != code:
        if atoms:
            yield f"cell {code} shares the ground {cell.ground}: land goes to that"
        if not units:
            yield f"cell {code} holds no floor: give it up with the last one"
        if any(state.land[land.atom_of_unit[unit]] != cell.ground for unit in units):
            yield f"cell {code} holds floors of buildings that do not stand on its ground"
        return
    if units:
        yield f"cell {code} has ground of its own: its floors are those that no other cell has"
    if not atoms:
        yield f"cell {code} holds no land: give it up with the last piece"
        return
    if len(state.sharing[code]) > 1 and not any(
        unit not in state.floors for atom in atoms for unit in land.units_on.get(atom, ())
    ):
        yield f"cell {code} holds no floor of its own: give it up with the last one"
    home = state.community_of(code)
    if any(land.communities[atom] != home for atom in atoms):
        yield f"cell {code} would cross the line of its community"


def group_faults(state: State, edit: Edit) -> Iterator[str]:
    """Say which groups an edit would tear apart, in the state after it."""
    names = {state.together[key] for part in (edit.land, edit.together) for key, *_ in part if key in state.together}
    for name in names:
        if not _GROUP.fullmatch(name):
            yield "a group's name begins with a letter or digit and has up to 64 characters"
        if len({state.land[atom] for atom in state.grouped[name]}) > 1:
            yield f"group {name} stays together: move all of it, or let it go first"
