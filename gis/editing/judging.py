"""Edits judged before they are taken: the households off band, and what is wrong, before and after."""

from dataclasses import dataclass

from gis.editing.edit import Edit, take
from gis.editing.problems import BLOCKING, households_of, problems_of
from gis.editing.redrawing import ConflictError, RefusedError, Trial
from gis.plan import COMMUNITY


@dataclass(frozen=True)
class Judgement:
    """What an edit would lead to.

    Attributes
    ----------
    off_before, off_after
        Households by which the cells of one level that are concerned miss their band.
    problems
        Codes of cells concerned and kinds of what would be wrong with them.
    breaks
        Whether a cell would have a problem with which no plan can be made, and has none now.
    new_problems
        Problems of cells that have none of the kind now.
    """

    off_before: int
    off_after: int
    problems: frozenset[tuple[str, str]]
    breaks: bool
    new_problems: int


class Judge:
    """Judges edits of one redrawing, which stays as it is.

    Parameters
    ----------
    redrawing
        Where things are.
    level
        Of the cells whose households are held against their band.
    """

    def __init__(self, redrawing: Trial, level: str) -> None:
        self._trial = redrawing.trial()
        self._before: dict[str, set[str]] = {}
        self._level = level
        self._band = redrawing.land.bands.get(level)

    def judged(self, edit: Edit) -> Judgement | None:
        """Judge an edit; None where a rule refuses it."""
        trial = self._trial
        before = self._concerned(edit)
        off_before = self._off(before)
        for code in before - self._before.keys():
            self._before[code] = {problem.kind for problem in problems_of(trial, [code])}
        try:
            trial.take(edit)
        except (RefusedError, ConflictError):
            return None
        try:
            after = self._concerned(edit)
            found = [problem for code in after for problem in problems_of(trial, [code])]
            off_after = self._off(after)
        finally:
            take(trial.state, edit.inverse)
        new = [problem for problem in found if problem.kind not in self._before.get(problem.cell, ())]
        return Judgement(
            off_before=off_before,
            off_after=off_after,
            problems=frozenset((problem.cell, problem.kind) for problem in found),
            breaks=any(problem.kind in BLOCKING for problem in new),
            new_problems=len(new),
        )

    def _concerned(self, edit: Edit) -> set[str]:
        """Cells on which an edit bears, with those above them, as things are now; communities never change."""
        state, land = self._trial.state, self._trial.land
        named = {code for code, *_ in edit.cells} | {code for _, *codes in edit.land for code in codes}
        named |= {cell.parent for _, *cells in edit.cells for cell in cells if cell and cell.parent}
        named |= {code or state.land[land.atom_of_unit[unit]] for unit, *codes in edit.floors for code in codes}
        named |= {each for code in named for each in state.sharing.get(code, ())}
        found = {each for code in named if code in state.cells for each in state.above(code)}
        return {code for code in found if state.cells[code].level != COMMUNITY}

    def _off(self, codes: set[str]) -> int:
        """Count households off band in some cells, those of one level."""
        if self._band is None:
            return 0
        state, land = self._trial.state, self._trial.land
        here = (code for code in codes if state.cells[code].level == self._level)
        return sum(self._band.off(households_of(state, land, code)) for code in here)
