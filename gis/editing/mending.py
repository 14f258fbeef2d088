"""Mends: edits that would mend what is wrong with a cell, the best first."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from gis.editing.edit import Edit
from gis.editing.giving import given
from gis.editing.judging import Judge, Judgement
from gis.editing.loose import at_level, bordering, cells_in, corridor, handed_over, loose_pieces
from gis.editing.merging import merged, moved_under
from gis.editing.problems import Problem, atoms_of_cell, households_of
from gis.editing.rebalancing import rebalanced
from gis.editing.redrawing import RefusedError, Trial
from gis.editing.sketch import beside, require_cells, sketch_of
from gis.editing.splitting import split_evenly

#: Kind of a mend → what it says, with the figures that it is given.
TEXTS: Mapping[str, str] = {
    "give": "give {pieces} pieces ({households} households) to {cell}",
    "take": "take {pieces} pieces ({households} households) from {cell}",
    "corridor": "join the loose part by {pieces} pieces ({households} households) of {cell}",
    "merge": "merge it with {cell}: {households} households",
    "split": "split it into {parts} cells",
    "rebalance": "exchange {pieces} pieces among it and its neighbours",
    "rebalance_floors": "exchange {floors} floors or dwellings with {cell} on its ground",
    "give_cells": "put {cells} under {cell} ({households} households)",
    "take_cells": "take {cells} from {cell} ({households} households)",
}


@dataclass(frozen=True)
class Mend:
    """An edit that would mend a cell, or bring it nearer to its band.

    Attributes
    ----------
    kind
        Key in `TEXTS`.
    figures
        What the text says of it: `pieces` (atoms), `floors`, `households`, `parts`, `cell` and `cells` (codes).
    edit
        Accepted by the redrawing as it was.
    off_before, off_after
        Households by which the cells concerned miss their band, before and after: of the level of the problem.
    """

    kind: str
    figures: dict[str, int | str]
    edit: Edit
    off_before: int
    off_after: int

    @property
    def text(self) -> str:
        """What is to be done, in a few words."""
        return mend_text(self.kind, self.figures)


def mend_text(kind: str, figures: Mapping[str, int | str]) -> str:
    """Say what a mend does."""
    if figures.get("pieces") == 1:
        return TEXTS[kind].replace("{pieces} pieces", "1 piece").format(**figures)
    return TEXTS[kind].format(**figures)


def mends_of(redrawing: Trial, problem: Problem, limit: int = 5) -> list[Mend]:
    """Propose mends of a problem, best first: none that breaks a cell.

    Parameters
    ----------
    redrawing
        Stays as it is.
    problem
        Of it, as things are.
    limit
        Most mends.

    Returns
    -------
    list of Mend
        Those that bring no new problem first, then those with fewest households off band, then in the order of the
        border that is shared. Of a cell out of band, only what brings households nearer to their bands.

    Raises
    ------
    RefusedError
        Where the cell is no longer there.
    """
    require_cells(redrawing.state, [problem.cell])
    judge = Judge(redrawing, redrawing.state.cells[problem.cell].level)
    ranked: list[tuple[tuple[int, int, int], Mend]] = []
    for number, offer in enumerate(_OFFERS.get(problem.kind, _for_nothing)(redrawing, problem)):
        found = judge.judged(offer.edit)
        if found is not None and _helps(problem, found):
            mend = Mend(offer.kind, offer.figures, offer.edit, found.off_before, found.off_after)
            ranked.append(((found.new_problems, found.off_after - found.off_before, number), mend))
    chosen: dict[Edit, Mend] = {}
    for _, mend in sorted(ranked, key=lambda pair: pair[0]):
        chosen.setdefault(mend.edit, mend)
    return list(chosen.values())[:limit]


def _helps(problem: Problem, found: Judgement) -> bool:
    """Whether an edit breaks nothing, and leaves less of the problem."""
    if problem.kind == "parts":
        return not found.breaks and (problem.cell, problem.kind) not in found.problems
    return not found.breaks and found.off_after < found.off_before


@dataclass(frozen=True)
class _Offer:
    kind: str
    figures: dict[str, int | str]
    edit: Edit


def _for_nothing(_redrawing: Trial, _problem: Problem) -> Iterator[_Offer]:
    """Offer nothing: there is no mend of this kind of problem."""
    return iter(())


def _for_parts(redrawing: Trial, problem: Problem) -> Iterator[_Offer]:
    state, land, code = redrawing.state, redrawing.land, problem.cell
    main, loose = loose_pieces(redrawing, code)
    if not loose:
        return
    if state.cells[code].level != land.plan.leaf_level:
        yield from _loose_cells(redrawing, code, loose)
    # What came by mistake may be the larger part.
    for given_away in (loose, [main, *loose[1:]]):
        for takers in handed_over(redrawing, given_away):
            yield _moved(redrawing, "give", takers)
    if len(loose) == 1:
        path = corridor(redrawing, main, loose[0])
        if path is not None and state.cells[code].level == land.plan.leaf_level:
            yield _moved(redrawing, "corridor", {state.cells[code].ground: path})


def _loose_cells(redrawing: Trial, code: str, loose: list[set[int]]) -> Iterator[_Offer]:
    """Put the cells of all loose pieces under a neighbour of the level."""
    atoms = set[int]().union(*loose)
    cells = cells_in(redrawing.state, code, atoms)
    for other in bordering(redrawing, atoms, redrawing.state.cells[code].level):
        yield from _put_under(redrawing, "give_cells", cells, other, other)


def _for_households(redrawing: Trial, problem: Problem) -> Iterator[_Offer]:
    state, land, code = redrawing.state, redrawing.land, problem.cell
    level = state.cells[code].level
    band = land.bands[level]
    households = households_of(state, land, code)
    near = bordering(redrawing, {*atoms_of_cell(state, code).tolist()}, level)
    many = households > band.upper
    if level == land.plan.leaf_level:
        yield from _given_and_taken(redrawing, {state.cells[code].ground}, near, many=many)
        yield from _tried("rebalance", partial(rebalanced, redrawing, code), redrawing, code)
        parts = max(2, band.nearest_count(households))
        if households >= 2 * band.lower:
            yield from _tried("split", partial(split_evenly, redrawing, code, parts), redrawing, code, parts=parts)
    else:
        for other in near:
            yield from _cells_exchanged(redrawing, code, *((code, other) if many else (other, code)))
        grounds = {state.cells[leaf].ground for leaf in state.leaves_below(code)}
        yield from _given_and_taken(redrawing, grounds, near, many=many)
    for other in (*near, *sorted(state.sharing[state.cells[code].ground] - {code, *near})):
        total = households + households_of(state, land, other)
        if band.holds(total):
            pair = (code, other) if households >= total - households else (other, code)
            yield from _tried("merge", partial(merged, redrawing, pair), redrawing, code, cell=other, households=total)


def _given_and_taken(
    redrawing: Trial, grounds: Collection[str], near: Iterable[str], *, many: bool
) -> Iterator[_Offer]:
    """Let each ground of a cell give land to those of its neighbours that it touches, or take some from them."""
    state, land = redrawing.state, redrawing.land
    touching = [{*beside(state, land, state.atoms_on[ground])} - {*grounds} for ground in sorted(grounds)]
    for neighbour in near:
        for ground, others in zip(sorted(grounds), touching, strict=True):
            for other in sorted(each for each in others if neighbour in state.above(each)):
                giver, taker = (ground, other) if many else (other, ground)
                found = given(redrawing, giver, taker)
                if found is not None:
                    yield _moved(redrawing, "give" if many else "take", {taker: found.atoms})


def _cells_exchanged(redrawing: Trial, code: str, giver: str, taker: str) -> Iterator[_Offer]:
    """Put one cell at their border from one cell above the lowest level under another."""
    state, land = redrawing.state, redrawing.land
    theirs = {*atoms_of_cell(state, taker).tolist()}
    around = {other for atom in theirs for other in land.near[atom]} - theirs
    level = state.cells[next(iter(state.below[giver]))].level
    grounds = {at_level(state, state.land[atom], level) for atom in around}
    for ground in sorted(grounds & state.below[giver]):
        kind, other = ("give_cells", taker) if code == giver else ("take_cells", giver)
        yield from _put_under(redrawing, kind, sorted(state.sharing[ground]), taker, other)


def _put_under(redrawing: Trial, kind: str, cells: list[str], parent: str, other: str) -> Iterator[_Offer]:
    if cells:
        total = sum(households_of(redrawing.state, redrawing.land, each) for each in cells)
        yield from _tried(
            kind,
            partial(moved_under, redrawing, cells, parent),
            redrawing,
            parent,
            cells=", ".join(cells),
            cell=other,
            households=total,
        )


def _moved(redrawing: Trial, kind: str, takers: Mapping[str, Collection[int]]) -> _Offer:
    """Move land, with all floors on it; the figures name who gives or who takes it, whichever is not the cell."""
    state, land, sketch = redrawing.state, redrawing.land, sketch_of(redrawing)
    atoms = {atom for each in takers.values() for atom in each}
    others = takers if kind == "give" else {state.land[atom] for atom in atoms}
    for code, each in takers.items():
        sketch.move(sorted(each), code)
    figures: dict[str, int | str] = {
        "pieces": len(atoms),
        "households": sum(land.households[atom] for atom in atoms),
        "cell": ", ".join(sorted(others)),
    }
    return _Offer(kind, figures, sketch.edit())


def _tried(
    kind: str, proposal: Callable[[], Edit], redrawing: Trial, code: str, **figures: int | str
) -> Iterator[_Offer]:
    """Offer what another proposal finds, if it finds anything."""
    try:
        edit = proposal()
    except RefusedError:
        return
    if kind == "rebalance" and edit.floors and not edit.land:
        others = sorted(redrawing.state.sharing[redrawing.state.cells[code].ground] - {code})
        yield _Offer("rebalance_floors", {"floors": len(edit.floors), "cell": ", ".join(others)}, edit)
        return
    yield _Offer(kind, {"pieces": len(edit.land), **figures} if kind == "rebalance" else figures, edit)


_OFFERS: Mapping[str, Callable[[Trial, Problem], Iterator[_Offer]]] = {
    "parts": _for_parts,
    "households": _for_households,
}
