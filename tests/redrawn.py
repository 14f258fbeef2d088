"""Moves that a planner may make, for tests: a piece of land goes next door, with the floors that stand on it."""

import random
from collections.abc import Iterator

from gis.editing.edit import Edit
from gis.editing.redrawing import Redrawing, RefusedError


def moved(redrawing: Redrawing, atom: int, to: str) -> Edit:
    """Return the edit that moves an atom and all its floors to the ground of a cell."""
    state, land = redrawing.state, redrawing.land
    floors = [(unit, state.floors[unit], None) for unit in land.units_on.get(atom, ()) if unit in state.floors]
    return Edit(land=((atom, state.land[atom], to),), floors=tuple(floors))


def random_moves(redrawing: Redrawing, seed: int) -> Iterator[Edit]:
    """Yield moves of random atoms to a neighbouring ground, as the state is when each is asked for."""
    rng, graph = random.Random(seed), redrawing.land.graph  # noqa: S311 (a test's)
    while True:
        atom = rng.randrange(len(redrawing.land.atoms))
        near = graph.indices[graph.indptr[atom] : graph.indptr[atom + 1]]
        here = redrawing.state.land[atom]
        beside = sorted({redrawing.state.land[int(other)] for other in near} - {here})
        if beside:
            yield moved(redrawing, atom, rng.choice(beside))


def take_moves(redrawing: Redrawing, count: int, seed: int = 1) -> list[Edit]:
    """Take so many random moves that no rule refuses."""
    taken: list[Edit] = []
    moves = random_moves(redrawing, seed)
    while len(taken) < count:
        edit = next(moves)
        try:
            redrawing.apply(edit)
        except RefusedError:
            continue
        taken.append(edit)
    return taken
