"""A sketch of what shall lie where, put down in any order: the one edit that leads there follows."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from gis.delineation.codes import next_code, sequence
from gis.editing.edit import Edit
from gis.editing.land import Land
from gis.editing.redrawing import RefusedError, Trial
from gis.editing.state import Cell, State
from gis.errors import InputError
from gis.plan import COMMUNITY


@dataclass
class Sketch:
    """What shall be otherwise than it is; where things are does not change.

    Attributes
    ----------
    land, state
        What is divided, and where things are.
    atoms
        Row of an atom → code of its ground.
    units
        Row of a unit → code of its cell, whether it has the ground's code or not.
    cells
        Code → what is known of the cell; None where it is given up.
    """

    land: Land
    state: State
    atoms: dict[int, str] = field(default_factory=dict)
    units: dict[int, str] = field(default_factory=dict)
    cells: dict[str, Cell | None] = field(default_factory=dict)

    def cell(self, code: str) -> Cell:
        """Return what shall be known of a cell."""
        return self.cells.get(code) or self.state.cells[code]

    def move(self, atoms: Iterable[int], to: str) -> None:
        """Put land to the ground of a cell, and all floors on it to the cell itself."""
        for atom in atoms:
            self.atoms[atom] = to
            self.units.update(dict.fromkeys(self.land.units_on.get(atom, ()), to))

    def reground(self, ground: str, to: str) -> None:
        """Give the land of a ground, and all cells that stay on it, another code of a ground; floors stay."""
        here = self.state.atoms_on.get(ground, set()) | {atom for atom, code in self.atoms.items() if code == ground}
        self.atoms.update(dict.fromkeys(here, to))
        for code in self.state.sharing.get(ground, set()) | {*self.cells}:
            cell = self.cells.get(code, self.state.cells.get(code))
            if cell is not None and cell.ground == ground:
                self.cells[code] = replace(cell, ground=to)

    def found(self, like: Cell, parent: str | None, ground: str | None = None, name: str = "") -> str:
        """Found a cell of the level and kind of another, and return its code: one that nobody has had.

        Parameters
        ----------
        ground
            Code of the ground it shares; None for one of its own.
        name
            As planners gave it; by default after the cell above.
        """
        levels = self.land.plan.levels
        depth = levels.index(like.level) - (COMMUNITY in levels)
        try:
            code = next_code(parent, depth, {*self.land.codes, *self.state.cells, *self.cells})
        except InputError as error:
            raise RefusedError(str(error)) from error
        cell = replace(like, parent=parent, name=name, ground=ground or code, locked=False)
        self.cells[code] = cell if name else replace(cell, name=self.usual_name(code, parent, depth))
        return code

    def usual_name(self, code: str, parent: str | None, depth: int) -> str:
        """Return the name of a cell that planners gave none: that of what is above, and its number there."""
        above = str(self.land.town.area["name"].iloc[0]) if parent is None else self.cell(parent).name
        return f"{above} {sequence(code, depth)}"

    def given_name(self, code: str) -> str:
        """Return the name of a cell, if planners gave it one."""
        levels, cell = self.land.plan.levels, self.state.cells[code]
        depth = levels.index(cell.level) - (COMMUNITY in levels)
        usual = Sketch(self.land, self.state).usual_name(code, cell.parent, depth)
        return "" if cell.name == usual else cell.name

    def give_up(self, code: str) -> None:
        """Give up a cell, and those above it in which nothing is left; communities stay."""
        parent = self.cell(code).parent
        self.cells[code] = None
        if parent is not None and not self.below(parent) and self.cell(parent).level != COMMUNITY:
            self.give_up(parent)

    def below(self, code: str) -> set[str]:
        """Return the cells that shall be in a cell."""
        kept = {each for each in self.state.below.get(code, ()) if self.cells.get(each, True) is not None}
        return kept | {each for each, cell in self.cells.items() if cell is not None and cell.parent == code}

    def edit(self) -> Edit:
        """Return the edit that leads there; it may break rules."""
        state, land = self.state, self.land
        moved = {atom: code for atom, code in self.atoms.items() if state.land[atom] != code}
        concerned = self.units.keys() | {unit for atom in moved for unit in land.units_on.get(atom, ())}
        return Edit(
            land=tuple((atom, state.land[atom], code) for atom, code in sorted(moved.items())),
            floors=tuple(step for step in map(self._floor, sorted(concerned)) if step[1] != step[2]),
            cells=tuple(
                (code, state.cells.get(code), cell)
                for code, cell in sorted(self.cells.items())
                if state.cells.get(code) != cell
            ),
        )

    def _floor(self, unit: int) -> tuple[int, str | None, str | None]:
        before, atom = self.state.floors.get(unit), self.land.atom_of_unit[unit]
        holder = self.units.get(unit, before or self.state.land[atom])
        ground = self.atoms.get(atom, self.state.land[atom])
        return unit, before, None if holder == ground else holder


def sketch_of(redrawing: Trial) -> Sketch:
    """Return a sketch that changes nothing yet."""
    return Sketch(redrawing.land, redrawing.state)


def accepted(redrawing: Trial, edit: Edit) -> Edit:
    """Return an edit that the rules allow; the redrawing stays as it is.

    Raises
    ------
    RefusedError
        Where it would break a rule.
    """
    if not edit.steps:
        raise RefusedError("nothing would change")
    redrawing.trial().take(edit)
    return edit


def held_by(state: State, land: Land, code: str) -> list[int]:
    """Rows of the units of a cell of the lowest level, in their order."""
    if state.cells[code].ground != code:
        return sorted(state.units_of.get(code, ()))
    found = (unit for atom in state.atoms_on.get(code, ()) for unit in land.units_on.get(atom, ()))
    return sorted(unit for unit in found if unit not in state.floors)


def beside(state: State, land: Land, atoms: Iterable[int]) -> Iterator[str]:
    """Yield the ground of each neighbour of some atoms that is none of them, as often as they touch."""
    inside = {*atoms}
    return (state.land[other] for atom in sorted(inside) for other in land.near[atom] if other not in inside)


def require_cells(state: State, codes: Iterable[str]) -> None:
    """Refuse codes that no cell has.

    Raises
    ------
    RefusedError
        Where there is no such cell.
    """
    for code in codes:
        if code not in state.cells:
            raise RefusedError(f"there is no cell {code}: it was given up, or never drawn")
