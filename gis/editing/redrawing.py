"""A plan that is being redrawn: each edit is taken exactly, or refused with the state as it was."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import shapely

from gis.coverage.draft import Draft
from gis.editing.edit import Edit, Step, missed, take
from gis.editing.land import Land
from gis.editing.rules import group_faults, lock_faults, place_faults, record_faults
from gis.editing.state import State
from gis.errors import CoverageError, GisError


class ConflictError(GisError):
    """Steps that do not begin where things are now.

    Attributes
    ----------
    steps
        Part, key and place before and after, as the edit has them.
    """

    def __init__(self, steps: list[Step]) -> None:
        super().__init__(f"{len(steps)} steps begin where things no longer are: somebody else was there before")
        self.steps = steps


class RefusedError(GisError):
    """An edit that would break a rule: the first of them in one sentence."""


@dataclass(frozen=True)
class Touched:
    """What an edit has changed: cells of the lowest level, grounds, and all cells above them."""

    cells: frozenset[str]
    grounds: frozenset[str]
    above: frozenset[str]


class Trial:
    """Where things would be: edits are taken as the rules allow, and nothing is drawn.

    Parameters
    ----------
    land
        Of the plan.
    state
        Where things are; edits change it.
    """

    def __init__(self, land: Land, state: State) -> None:
        self.land, self.state = land, state
        # Codes of the plan itself may come back: their cells were given up in this redrawing only.
        self._used = {*land.plan.metadata.get("retired", {})}

    def trial(self) -> "Trial":
        """Return one that begins where things are here, and changes nothing here."""
        return Trial(self.land, self.state.copy())

    def take(self, edit: Edit) -> frozenset[str]:
        """Take an edit and look whether the rules hold; otherwise go back.

        Returns
        -------
        frozenset of str
            Codes of the grounds concerned.

        Raises
        ------
        ConflictError
            Where a step does not begin where things are.
        RefusedError
            Where the edit would break a rule.
        """
        state = self.state
        self._require_keys(edit)
        late = missed(state, edit)
        if late:
            raise ConflictError(late)
        for fault in lock_faults(state, self.land, edit):
            raise RefusedError(fault)
        touched = self._codes(edit)
        grounds = self._grounds(edit)
        take(state, edit)
        touched |= self._codes(edit)
        grounds |= self._grounds(edit)
        for faults in (
            record_faults(state, self.land, edit, self._used),
            place_faults(state, self.land, touched | grounds),
            group_faults(state, edit),
        ):
            for fault in faults:
                take(state, edit.inverse)
                raise RefusedError(fault)
        return frozenset(grounds)

    def refusal(self, edit: Edit) -> str:
        """Say why an edit could not be taken; nothing, if it could."""
        try:
            self.take(edit)
        except GisError as error:
            return str(error)
        take(self.state, edit.inverse)
        return ""

    def _require_keys(self, edit: Edit) -> None:
        atoms, units = len(self.land.atoms), len(self.land.units)
        for part, most in (("land", atoms), ("floors", units), ("together", atoms)):
            keys = [key for key, *_ in getattr(edit, part)]
            if len(set(keys)) < len(keys):
                raise RefusedError(f"{part}: something is moved twice in one edit")
            if not all(0 <= key < most for key in keys):
                raise RefusedError(f"{part}: no such number; there are {most}, from 0")
        codes = [code for code, *_ in edit.cells]
        if len(set(codes)) < len(codes):
            raise RefusedError("cells: one is changed twice in one edit")
        if any(before == after for _, _, before, after in edit.steps):
            raise RefusedError("a step leads nowhere")

    def _codes(self, edit: Edit) -> set[str]:
        """Cells that an edit names, and those above and below them on whose place it bears."""
        found = {code for code, *_ in edit.cells}
        found |= {cell.parent for _, *cells in edit.cells for cell in cells if cell and cell.parent}
        found |= {cell.ground for _, *cells in edit.cells for cell in cells if cell}
        found |= {code for _, *codes in (*edit.land, *edit.floors) for code in codes if code}
        return found

    def _grounds(self, edit: Edit) -> set[str]:
        """Grounds whose land, or whose sharing among cells, an edit bears on."""
        state, found = self.state, {code for _, *codes in edit.land for code in codes}
        found |= {state.land[self.land.atom_of_unit[unit]] for unit, *_ in edit.floors}
        leaf = self.land.plan.leaf_level
        found |= {cell.ground for _, *cells in edit.cells for cell in cells if cell and cell.level == leaf}
        return {*found, *(each for code in found for each in state.sharing.get(code, ()))}


class Redrawing(Trial):
    """A plan's cells while they are redrawn.

    Parameters
    ----------
    land
        Of the plan.
    edits
        Taken before, in their order: not looked at again.
    """

    def __init__(self, land: Land, edits: Iterable[Edit] = ()) -> None:
        super().__init__(land, State.of(land))
        grounds = land.plan.at_level(land.plan.leaf_level).drop_duplicates("ground_code")
        self.draft = Draft(grounds["ground_code"].astype(str), grounds.geometry.to_numpy(), in_parts=True)
        self.follow(edits)

    def follow(self, edits: Iterable[Edit]) -> None:
        """Take edits that were taken elsewhere: only the cover that they lead to is looked at.

        Raises
        ------
        CoverageError
            Where it does not hold.
        """
        touched: set[str] = set()
        for edit in edits:
            touched |= self._grounds(edit)
            take(self.state, edit)
            touched |= self._grounds(edit)
        if touched:
            self._cover(touched)

    def apply(self, edit: Edit) -> Touched:
        """Take an edit, if the cells go on being a coverage and no rule is broken.

        Raises
        ------
        ConflictError
            Where a step does not begin where things are.
        RefusedError
            Where the edit would break a rule.
        CoverageError
            Where the cells would not cover what they did: a fault of this program.
        """
        grounds = self.take(edit)
        try:
            self._cover(grounds)
        except CoverageError:
            take(self.state, edit.inverse)
            raise
        return self._touched(edit, grounds)

    def _cover(self, grounds: Iterable[str]) -> None:
        """Draw the grounds from their atoms, and let the kernel take them instead of the old ones."""
        rows = {code: sorted(self.state.atoms_on.get(code, ())) for code in sorted(grounds)}
        drawn = {
            code: shapely.coverage_union_all(self.land.shapes[np.array(atoms)]) if atoms else None
            for code, atoms in rows.items()
            if atoms or code in self.draft
        }
        self.draft.apply(drawn)

    def _touched(self, edit: Edit, grounds: Iterable[str]) -> Touched:
        state = self.state
        here = {code for code in grounds if state.atoms_on.get(code)}
        cells = {each for code in here for each in state.sharing[code]}
        cells |= {code for code, *_ in edit.cells if code in state.cells}
        above = {each for code in cells for each in state.above(code)}
        return Touched(frozenset(cells), frozenset(here), frozenset(above - cells))
