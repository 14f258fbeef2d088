"""Ways to mend what is wrong with a cell, the best first."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from gis.delineation.bands import Band
from gis.editing.edit import Edit, take
from gis.editing.giving import given
from gis.editing.problems import BLOCKING, Problem, atoms_of_cell, households_of, pieces_of, problems_of
from gis.editing.rebalancing import neighbours_of, off_in, rebalanced
from gis.editing.redrawing import Redrawing, RefusedError
from gis.editing.splitting import levelled, split_evenly
from gis.errors import GisError

# Its kind, the other cell, and what works it out.
_Way = tuple[str, str, Callable[[], Edit]]

# Pieces that are given away or taken, one after the other, at most.
_PIECES = 6
_NEIGHBOURS = 6


@dataclass(frozen=True)
class Mend:
    """One way to mend a cell.

    Attributes
    ----------
    kind
        ``give`` land to another cell, ``take`` it from one, ``merge`` with one, ``split`` in parts, ``rebalance``,
        ``floors`` shared out anew among the cells of a ground.
    other
        Code of the other cell; empty where there is none, or several.
    pieces, households
        That move.
    edit
        What is to be done; it can be taken as it is.
    broken, off
        Cells in pieces, and households off band, among the cells concerned afterwards.
    """

    kind: str
    other: str
    pieces: int
    households: int
    edit: Edit
    broken: int
    off: int

    @property
    def text(self) -> str:
        """Say it in one line."""
        moved = f"{self.pieces} piece{'s' * (self.pieces != 1)} ({self.households} households)"
        return {
            "give": f"give {moved} to {self.other}",
            "take": f"take {moved} from {self.other}",
            "merge": f"merge with {self.other}",
            "split": "split it evenly",
            "floors": "share its floors out anew",
            "rebalance": f"exchange {moved} with its neighbours",
        }[self.kind]


def mends_of(redrawing: Redrawing, problem: Problem, limit: int = 5) -> list[Mend]:
    """Find ways to mend a problem of a cell of the lowest level.

    Parameters
    ----------
    redrawing
        As it stands; it is not changed.
    problem
        As `problems_of` tells it.
    limit
        Ways returned at most.

    Returns
    -------
    list of Mend
        Those after which fewest cells are in pieces first, then those that leave fewest households off band, then
        those that move least; none that makes it worse.
    """
    state = redrawing.state
    here = state.sharing[state.cells[problem.cell].ground]
    before = _Judged.of(redrawing, [*sorted(here), *_around(redrawing, problem.cell)])
    found: dict[Edit, Mend] = {}
    for kind, other, propose in _proposals(redrawing, problem):
        try:
            edit = propose()
            judged = _tried(redrawing, edit, before)
        except GisError:
            continue
        if edit in found or (judged.broken, judged.off) >= (before.broken, before.off):
            continue
        land = redrawing.land
        households = sum(land.households[atom] for atom, *_ in edit.land)
        households += 0 if edit.land else sum(land.unit_households[unit] for unit, *_ in edit.floors)
        found[edit] = Mend(kind, other, len(edit.land), households, edit, judged.broken, judged.off)
    return sorted(found.values(), key=lambda mend: (mend.broken, mend.off, mend.pieces, mend.other))[:limit]


@dataclass(frozen=True)
class _Judged:
    codes: list[str]
    broken: int
    off: int

    @classmethod
    def of(cls, redrawing: Redrawing, codes: list[str]) -> "_Judged":
        here = [code for code in codes if code in redrawing.state.cells]
        above = {each for code in here for each in redrawing.state.above(code)}
        broken = sum(problem.kind in BLOCKING for problem in problems_of(redrawing, above))
        return cls(codes, broken, off_in(redrawing, here))


def _tried(redrawing: Redrawing, edit: Edit, before: _Judged) -> _Judged:
    """Judge what an edit would lead to, and go back."""
    refused = redrawing.refusal(edit)
    if refused:
        raise RefusedError(refused)
    take(redrawing.state, edit)
    try:
        founded = [code for code, old, _ in edit.cells if old is None]
        return _Judged.of(redrawing, [*before.codes, *founded])
    finally:
        take(redrawing.state, edit.inverse)


def _around(redrawing: Redrawing, code: str) -> list[str]:
    return neighbours_of(redrawing, redrawing.state.cells[code].ground)


def _proposals(redrawing: Redrawing, problem: Problem) -> Iterator[_Way]:
    ground = redrawing.state.cells[problem.cell].ground
    if problem.kind == "parts":
        yield from _for_parts(redrawing, problem)
    elif len(redrawing.state.sharing[ground]) > 1:
        yield from _for_floors(redrawing, problem.cell, ground)
    else:
        yield from _for_households(redrawing, problem.cell)


def _for_parts(redrawing: Redrawing, problem: Problem) -> Iterator[_Way]:
    """Loose pieces go to a cell beside them, each to its own, or all to one."""
    state, land, code = redrawing.state, redrawing.land, problem.cell
    for piece in pieces_of(land, atoms_of_cell(state, code))[1:]:
        beside = {state.land[int(other)] for other in land.graph[piece].indices} - {code}
        for other in sorted(beside):
            yield "give", other, partial(given, redrawing, dict.fromkeys(piece.tolist(), other))
    for other in _around(redrawing, code):
        yield "give", other, partial(given, redrawing, dict.fromkeys(problem.atoms, other))


def _for_floors(redrawing: Redrawing, code: str, ground: str) -> Iterator[_Way]:
    """Share the floors of a ground out anew, among as many cells or among as many as come out in band."""
    state, land = redrawing.state, redrawing.land
    total = sum(households_of(state, land, each) for each in state.sharing[ground])
    for count in sorted({len(state.sharing[ground]), *_band(redrawing).counts(total)} - {0}):
        yield "floors", "", partial(levelled, redrawing, code, count)


def _for_households(redrawing: Redrawing, code: str) -> Iterator[_Way]:
    """Pieces at the border change sides; a small cell joins another, a large one is split."""
    band, households = _band(redrawing), households_of(redrawing.state, redrawing.land, code)
    for other in _around(redrawing, code)[:_NEIGHBOURS]:
        kind, source, target = ("give", code, other) if households > band.upper else ("take", other, code)
        for pieces in range(1, _PIECES + 1):
            yield kind, other, partial(_nibbled, redrawing, source, target, pieces)
        if households < band.lower:
            every = sorted(redrawing.state.atoms_on[code])
            yield "merge", other, partial(given, redrawing, dict.fromkeys(every, other))
    if households >= 2 * band.lower:
        yield "split", "", partial(split_evenly, redrawing, code, band.nearest_count(households))
    yield "rebalance", "", partial(rebalanced, redrawing, code)


def _band(redrawing: Redrawing) -> Band:
    plan = redrawing.land.plan
    return Band(*plan.metadata["bands"][plan.leaf_level])


def _nibbled(redrawing: Redrawing, source: str, target: str, pieces: int) -> Edit:
    """Give some pieces from one cell to another, one after the other, each where the border then is and none missed."""
    state = redrawing.state
    left, there = {*state.atoms_on[source]}, {*state.atoms_on[target]}
    gone: list[int] = []
    for _ in range(pieces):
        best = max(
            (atom for atom in sorted(left) if _holds_without(redrawing, left, atom)),
            key=lambda atom: _border(redrawing, atom, there) - _border(redrawing, atom, left),
            default=None,
        )
        if best is None or len(left) < 2 or not _border(redrawing, best, there):  # noqa: PLR2004 (one stays)
            raise RefusedError("no piece can be given")
        left.remove(best)
        there.add(best)
        gone.append(best)
    return given(redrawing, dict.fromkeys(gone, target))


def _border(redrawing: Redrawing, atom: int, others: set[int]) -> float:
    graph = redrawing.land.graph
    row = slice(graph.indptr[atom], graph.indptr[atom + 1])
    return sum(c for b, c in zip(graph.indices[row].tolist(), graph.data[row].tolist(), strict=True) if b in others)


def _holds_without(redrawing: Redrawing, atoms: set[int], atom: int) -> bool:
    """Whether a cell hangs together without one of its atoms."""
    graph = redrawing.land.graph
    near = [b for b in graph.indices[graph.indptr[atom] : graph.indptr[atom + 1]].tolist() if b in atoms]
    if len(near) < 2:  # noqa: PLR2004 (a tip)
        return True
    rest = np.array(sorted(atoms - {atom}), np.int64)
    return len(pieces_of(redrawing.land, rest)) == 1
