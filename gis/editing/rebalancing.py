"""A cell and its neighbours brought nearer to their band, by exchanges of land that move as little as can be."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from scipy.sparse.csgraph import connected_components

from gis.arrays import Ints
from gis.delineation.bands import Band
from gis.delineation.partition import amend
from gis.delineation.towers import runs_of
from gis.editing.edit import Edit
from gis.editing.giving import given
from gis.editing.judging import Judge
from gis.editing.lots import Lots, lots_of
from gis.editing.redrawing import RefusedError, Trial
from gis.editing.sketch import beside, held_by, require_cells, sketch_of
from gis.editing.state import State

# Where the search may begin: what one of them makes of a cell too many or too few, another may not.
_SEEDS = 2


def rebalanced(redrawing: Trial, code: str) -> Edit:
    """Propose exchanges of land among a cell and its neighbours that bring them nearer to their band.

    Locked cells and declared exclaves stay as they are. On a ground that floors divide, the cells exchange floors.
    Where that does not help, one neighbour gives land or takes some, be it on a ground that floors divide.

    Parameters
    ----------
    redrawing
        Stays as it is.
    code
        Of a cell of the lowest level.

    Raises
    ------
    RefusedError
        Where no exchange helps, or the level has no band.
    """
    state, land = redrawing.state, redrawing.land
    require_cells(state, [code])
    level = state.cells[code].level
    if level != land.plan.leaf_level:
        raise RefusedError(f"cell {code} is of level {level}: rebalance the cells of the lowest level in it")
    if level not in land.bands:
        raise RefusedError(f"level {level} has no band: there is nothing to be nearer to")
    if state.cells[code].locked:
        raise RefusedError(f"cell {code} is locked: unlock it first")
    if state.cells[code].exclave:
        raise RefusedError(f"cell {code} is declared to lie in several parts: move its land by hand")
    judge, band = Judge(redrawing, level), land.bands[level]
    for edit in _exchanges(redrawing, code, band):
        found = judge.judged(edit)
        if found is not None and not found.breaks and found.off_after < found.off_before:
            return edit
    raise RefusedError(f"no exchange between cell {code} and its neighbours helps: merge it, split it, or move land")


def _exchanges(redrawing: Trial, code: str, band: Band) -> Iterator[Edit]:
    """Yield what may help, what is rather to be done first."""
    state, land = redrawing.state, redrawing.land
    ground = state.cells[code].ground
    near = _partners(state, ground, beside(state, land, state.atoms_on[ground]))
    if len(state.sharing[ground]) > 1:
        yield _floors_exchanged(redrawing, code)
    else:
        plain = [each for each in near if len(state.sharing[each]) == 1]
        yield from _land_exchanged(redrawing, [ground, *plain], band)
        # An exchange with others may break what is above.
        siblings = [each for each in plain if state.cells[each].parent == state.cells[ground].parent]
        if len(siblings) < len(plain):
            yield from _land_exchanged(redrawing, [ground, *siblings], band)
    yield from _given(redrawing, ground, near)


def _land_exchanged(redrawing: Trial, codes: Sequence[str], band: Band) -> Iterator[Edit]:
    """Amend the division of some land that no floors divide."""
    state = redrawing.state
    lots = lots_of(redrawing, (atom for each in codes for atom in state.atoms_on[each]))
    row = {each: k for k, each in enumerate(codes)}
    of_atom = np.array([row[state.land[atom]] for atom in lots.atoms.tolist()], np.int64)
    home = np.zeros(len(lots.households), np.int64)
    home[lots.lot] = of_atom
    if not _off(home, lots, band) or connected_components(lots.graph, directed=False)[0] > 1:
        return
    for seed in range(_SEEDS):
        label = amend(lots.graph, lots.households, np.zeros((len(home), 2), np.int64), home, band=band, seed=seed)
        # The search may found cells and give some up: that is for a planner to say.
        if np.array_equal(np.unique(label), np.arange(len(codes))) and _off(label, lots, band) < _off(home, lots, band):
            sketch = sketch_of(redrawing)
            for k, each in enumerate(codes):
                sketch.move(lots.atoms[(label[lots.lot] == k) & (of_atom != k)].tolist(), each)
            yield sketch.edit()


def _off(label: Ints, lots: Lots, band: Band) -> int:
    """Count the households by which parts miss their band, all together."""
    return sum(map(band.off, np.bincount(label, lots.households).astype(np.int64).tolist()))


def _partners(state: State, ground: str, near: Iterable[str]) -> list[str]:
    """Grounds with which one may exchange land: those of its community that neither lock nor exclave holds."""
    return [
        each
        for each in sorted({*near} - {ground})
        if state.community_of(each) == state.community_of(ground)
        and not state.cells[each].exclave
        and not _fixed(state, ground, each)
    ]


def _fixed(state: State, code: str, other: str) -> bool:
    """Whether a locked cell would change, at any level, if land went from one ground to the other."""
    changed = {*state.above(code)} ^ {*state.above(other)} | state.sharing[code] | state.sharing[other]
    return any(state.cells[each].locked for each in changed)


def _floors_exchanged(redrawing: Trial, code: str) -> Edit:
    """Cut all dwellings on a ground into runs anew; the cells keep the order in which they begin."""
    state, land = redrawing.state, redrawing.land
    held = {each: held_by(state, land, each) for each in state.sharing[state.cells[code].ground]}
    units = np.array(sorted(unit for each in held.values() for unit in each), np.int64)
    run = runs_of(land.units.iloc[units], len(held))
    sketch = sketch_of(redrawing)
    for k, each in enumerate(sorted(held, key=lambda each: held[each][0])):
        sketch.units.update(dict.fromkeys(units[run == k].tolist(), each))
    return sketch.edit()


def _given(redrawing: Trial, ground: str, near: Sequence[str]) -> Iterator[Edit]:
    """Let the ground and one neighbour, whatever divides them, give land to each other: first what helps most."""
    pairs = [pair for other in near for pair in ((ground, other), (other, ground))]
    found = [(given(redrawing, *pair), pair[1]) for pair in pairs]
    helping = [(each.off_after - each.off_before, k, each) for k, (each, _) in enumerate(found) if each is not None]
    for _, k, each in sorted(helping, key=lambda row: row[:2]):
        sketch = sketch_of(redrawing)
        sketch.move(sorted(each.atoms), found[k][1])
        yield sketch.edit()
