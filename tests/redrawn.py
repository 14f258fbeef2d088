"""Moves that a planner may make, for tests: a piece of land goes next door, with the floors that stand on it."""

import random
from collections.abc import Callable, Iterator

from gis.editing.edit import Edit
from gis.editing.land import Land
from gis.editing.redrawing import Redrawing, RefusedError, Trial
from gis.editing.state import State


def moved(redrawing: Trial, atom: int, to: str) -> Edit:
    """Return the edit that moves an atom and all its floors to the ground of a cell."""
    state, land = redrawing.state, redrawing.land
    floors = [(unit, state.floors[unit], None) for unit in land.units_on.get(atom, ()) if unit in state.floors]
    return Edit(land=((atom, state.land[atom], to),), floors=tuple(floors))


def random_moves(redrawing: Trial, seed: int) -> Iterator[Edit]:
    """Yield moves of random atoms to a neighbouring ground, as the state is when each is asked for."""
    rng, graph = random.Random(seed), redrawing.land.graph  # noqa: S311 (a test's)
    while True:
        atom = rng.randrange(len(redrawing.land.atoms))
        near = graph.indices[graph.indptr[atom] : graph.indptr[atom + 1]]
        here = redrawing.state.land[atom]
        beside = sorted({redrawing.state.land[int(other)] for other in near} - {here})
        if beside:
            yield moved(redrawing, atom, rng.choice(beside))


def after_moves(land: Land, count: int, seed: int = 1) -> Redrawing:
    """Return a redrawing in which so many random moves were taken, drawn once."""
    trial = Trial(land, State.of(land))
    return Redrawing(land, _taken(trial, trial.take, count, seed))


def take_moves(redrawing: Redrawing, count: int, seed: int = 1) -> list[Edit]:
    """Take so many random moves that no rule refuses."""
    return _taken(redrawing, redrawing.apply, count, seed)


def _taken(trial: Trial, take: Callable[[Edit], object], count: int, seed: int) -> list[Edit]:
    taken: list[Edit] = []
    moves = random_moves(trial, seed)
    while len(taken) < count:
        edit = next(moves)
        try:
            take(edit)
        except RefusedError:
            continue
        taken.append(edit)
    return taken
