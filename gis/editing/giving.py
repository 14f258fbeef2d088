"""What planners do most, as edits: land goes to another cell, or to one that is founded for it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from gis.delineation.codes import next_code, sequence
from gis.editing.edit import Edit
from gis.editing.land import Land
from gis.editing.redrawing import Redrawing, RefusedError
from gis.editing.state import KINDS, Cell, State

Given = tuple[str, Cell | None, Cell | None]


def given(redrawing: Redrawing, places: Mapping[int, str], founded: Mapping[str, Cell] | None = None) -> Edit:
    """Return the edit that brings pieces of land, with all that stands on them, to cells of the lowest level.

    Parameters
    ----------
    redrawing
        As it stands; it is not changed.
    places
        Code of the cell for each atom. What stays together with an atom (`State.together`) goes with it.
    founded
        Cells that are not there yet.

    Returns
    -------
    Edit
        In which cells that keep nothing are given up.
    """
    state, land = redrawing.state, redrawing.land
    cells = {**state.cells, **(founded or {})}
    goes: dict[int, str] = {}
    for atom, code in places.items():
        group = state.together.get(atom)
        for each in state.grouped[group] if group is not None else (atom,):
            goes[each] = code
    land_rows = [
        (a, state.land[a], cells[c].ground) for a, c in sorted(goes.items()) if state.land[a] != cells[c].ground
    ]
    floors = [
        (unit, state.floors.get(unit), None if goes[atom] == cells[goes[atom]].ground else goes[atom])
        for atom, *_ in land_rows
        for unit in land.units_on.get(atom, ())
    ]
    rows = [(unit, before, after) for unit, before, after in floors if before != after]
    gone = _emptied(state, land, land_rows, founded or {})
    new: list[Given] = [(code, None, cell) for code, cell in (founded or {}).items()]
    return Edit(tuple(land_rows), tuple(rows), (*new, *((code, state.cells[code], None) for code in gone)))


def new_cells(redrawing: Redrawing, beside: str, count: int) -> dict[str, Cell]:
    """Return new cells of the lowest level, each with ground of its own, under the parent of another cell."""
    state, land = redrawing.state, redrawing.land
    home = state.cells[beside]
    divided = [level for level in land.plan.levels if level in land.plan.metadata["bands"]]
    depth = divided.index(home.level)
    used = {*state.cells, *land.plan.cells["code"], *land.plan.metadata.get("retired", {})}
    above = state.cells[home.parent].name if home.parent else str(land.plan.area["name"].iloc[0] or "")
    found: dict[str, Cell] = {}
    for _ in range(count):
        code = next_code(home.parent, depth, used)
        used.add(code)
        name = f"{above} {sequence(code, depth)}"
        found[code] = replace(home, name=name, kind=KINDS[0], ground=code, exclave=False, locked=False)
    return found


def leaf_cell(redrawing: Redrawing, code: str) -> Cell:
    """Return a cell of the lowest level that may be changed.

    Raises
    ------
    RefusedError
        Where it is none, or is locked.
    """
    cell = redrawing.state.cells.get(code)
    if cell is None or cell.level != redrawing.land.plan.leaf_level:
        raise RefusedError(f"there is no cell {code} at the lowest level")
    if any(redrawing.state.cells[each].locked for each in redrawing.state.sharing[cell.ground]):
        raise RefusedError(f"cell {code} is locked")
    return cell


def _emptied(state: State, land: Land, rows: Iterable[tuple[int, str, str]], founded: Mapping[str, Cell]) -> list[str]:
    """Cells that keep no land or no floor, and those above them that hold no other."""
    rows = list(rows)
    gone_from: dict[str, set[int]] = {}
    coming = {after for _, _, after in rows}
    for atom, before, _ in rows:
        gone_from.setdefault(before, set()).add(atom)
    gone: list[str] = []
    for ground, atoms in sorted(gone_from.items()):
        whole = len(atoms) == len(state.atoms_on[ground]) and ground not in coming
        for code in sorted(state.sharing[ground]):
            units = state.units_of.get(code, set())
            if whole or (code != ground and all(land.atom_of_unit[unit] in atoms for unit in units)):
                gone.append(code)
    homes = {cell.parent for cell in founded.values()}
    for code in gone:
        above = state.cells[code].parent
        if above is not None and above not in gone and above not in homes and state.below[above] <= {*gone}:
            gone.append(above)
    return gone
