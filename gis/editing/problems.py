"""What is wrong with cells as they stand: in pieces, out of band, with another cell in their midst."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from scipy.sparse.csgraph import connected_components

from gis.arrays import Ints
from gis.delineation.bands import Band
from gis.editing.land import Land
from gis.editing.redrawing import Trial
from gis.editing.state import State

#: Kinds of problems with which no plan can be made.
BLOCKING = ("parts",)


@dataclass(frozen=True)
class Problem:
    """Something wrong with a cell.

    Attributes
    ----------
    cell
        Its code.
    kind
        ``parts``: in several pieces that are not declared; ``households``: out of its band; ``hole``: around another.
    text
        A sentence.
    atoms
        Pieces of land concerned: of `parts`, all but the heaviest piece.
    """

    cell: str
    kind: str
    text: str
    atoms: tuple[int, ...] = ()


def problems_of(redrawing: Trial, codes: Iterable[str] | None = None) -> Iterator[Problem]:
    """Yield what is wrong with some cells of any level, or with all."""
    state, land = redrawing.state, redrawing.land
    for code in sorted(state.cells) if codes is None else sorted(codes):
        cell = state.cells[code]
        if cell.ground == code:
            yield from _shape_problems(state, land, code)
        if cell.level in land.bands:
            yield from _band_problems(code, households_of(state, land, code), land.bands[cell.level])


def blocking(problems: Iterable[Problem]) -> Iterator[Problem]:
    """Yield those with which no plan can be made."""
    return (problem for problem in problems if problem.kind in BLOCKING)


def households_of(state: State, land: Land, code: str) -> int:
    """Count the households of a cell of any level."""
    cell = state.cells[code]
    below = state.below.get(code)
    if below:
        return sum(households_of(state, land, each) for each in below)
    if cell.ground != code:
        return sum(land.unit_households[unit] for unit in state.units_of.get(code, ()))
    total = sum(land.households[atom] for atom in state.atoms_on[code])
    others = state.sharing[code] - {code}
    return total - sum(land.unit_households[unit] for each in others for unit in state.units_of[each])


def pieces_of(land: Land, atoms: Ints) -> list[Ints]:
    """Part atoms into those that hang together by borders, the piece with most households first, then the largest."""
    count, label = connected_components(land.graph[atoms][:, atoms], directed=False)
    pieces = [atoms[label == k] for k in range(count)]
    held = [int(land.atoms.households[piece].sum()) for piece in pieces]
    size = [float(shapely.area(land.shapes[piece]).sum()) for piece in pieces]
    return [pieces[k] for k in sorted(range(count), key=lambda k: (held[k], size[k]), reverse=True)]


def atoms_of_cell(state: State, code: str) -> Ints:
    """Rows of the atoms of a cell of any level."""
    found = [atom for leaf in state.leaves_below(code) for atom in state.atoms_on.get(state.cells[leaf].ground, ())]
    return np.unique(np.array(found, np.int64))


def _shape_problems(state: State, land: Land, code: str) -> Iterator[Problem]:
    pieces = pieces_of(land, atoms_of_cell(state, code))
    if len(pieces) > 1 and not state.cells[code].exclave:
        loose = tuple(sorted(int(atom) for piece in pieces[1:] for atom in piece))
        yield Problem(code, "parts", f"Cell {code} is in {len(pieces)} parts that do not touch.", loose)


def _band_problems(code: str, households: int, band: Band) -> Iterator[Problem]:
    if not band.holds(households):
        yield Problem(code, "households", f"Cell {code} has {households} households, {band.missed(households)}.")
