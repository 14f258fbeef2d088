"""One cell made several: land taken out, shares of about as many households, or a cut along a street."""

import math
from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis.arrays import Ints
from gis.barriers import Barrier
from gis.delineation.bands import Band
from gis.delineation.graphs import contracted, grown
from gis.delineation.partition import divide
from gis.delineation.settle import symmetric
from gis.delineation.towers import runs_of
from gis.editing.edit import Edit
from gis.editing.land import Land
from gis.editing.lots import Lots, lots_of
from gis.editing.problems import households_of, pieces_of
from gis.editing.redrawing import RefusedError, Trial
from gis.editing.sketch import accepted, held_by, require_cells, sketch_of

# How far from the mean the parts of a cell may be: the search aims at the first, and falls back on the next.
_SHARES = (0.04, 0.12, 0.25)


def split_off(redrawing: Trial, code: str, atoms: Collection[int]) -> Edit:
    """Propose a new cell on some land of a cell, with all floors of the buildings there.

    Parameters
    ----------
    redrawing
        Stays as it is.
    code
        Of a cell of the lowest level.
    atoms
        Rows of atoms of its ground: not all of it.

    Raises
    ------
    RefusedError
        Where they are not of its ground, or all of it; where a cell would be left without floors; where it is locked.
    """
    ground = _ground(redrawing, code)
    here = redrawing.state.atoms_on[ground]
    if not atoms or not here.issuperset(atoms):
        raise RefusedError(f"choose pieces of land of cell {code}, and none of another cell")
    if len({*atoms}) == len(here):
        raise RefusedError(f"these are all pieces of cell {code}: leave some of them to it")
    return _parted_land(redrawing, code, [here - {*atoms}, {*atoms}])


def split_evenly(redrawing: Trial, code: str, parts: int) -> Edit:
    """Propose cells of about as many households each, all in one piece, along boundaries that cost little.

    A ground that floors divide, and one with a building that holds more than a part should, is divided by floors:
    each part has a run of dwellings in their order.

    Parameters
    ----------
    redrawing
        Stays as it is.
    code
        Of a cell of the lowest level; the part with most households keeps it.
    parts
        Number of parts, two or more.

    Raises
    ------
    RefusedError
        Where it has too few households or dwellings, lies in several pieces, or is locked.
    """
    ground = _ground(redrawing, code)
    state, land = redrawing.state, redrawing.land
    households = households_of(state, land, code)
    if not 1 < parts <= households:
        raise RefusedError(f"cell {code} has {households} households: give a number of parts from 2 to that")
    lots = lots_of(redrawing, state.atoms_on[ground])
    largest = (1 + _SHARES[-1]) * households / parts
    if len(state.sharing[ground]) > 1 or lots.households.max() > largest or len(lots.households) < parts:
        return _parted_floors(redrawing, code, parts)
    if len(pieces_of(land, lots.atoms)) > 1:
        raise RefusedError(f"cell {code} lies in several pieces: mend it first, or split one off")
    label = _even(lots, parts)
    if label is None:
        raise RefusedError(
            f"the land of cell {code} cannot be divided into {parts} parts in one piece each: split it by hand"
        )
    return _parted_land(redrawing, code, _by_households(redrawing.land, lots.atoms, label[lots.lot]))


def split_by_street(redrawing: Trial, code: str) -> Edit:
    """Propose a cut along the strongest line that runs through a cell: a street or more.

    What is cut off without households joins the neighbour with which it shares most border.

    Parameters
    ----------
    redrawing
        Stays as it is.
    code
        Of a cell of the lowest level; the part with most households keeps it.

    Raises
    ------
    RefusedError
        Where no such line parts households of the cell from each other, floors divide it, or it is locked.
    """
    ground = _ground(redrawing, code)
    if len(redrawing.state.sharing[ground]) > 1:
        raise RefusedError(f"floors divide the ground of cell {code}: split it evenly, or split land off")
    lots = lots_of(redrawing, redrawing.state.atoms_on[ground])
    for strength in range(Barrier.RIVER, Barrier.STREET - 1, -1):
        label = _cut_along(redrawing, lots, strength)
        if label.max() > 0:
            return _parted_land(redrawing, code, _by_households(redrawing.land, lots.atoms, label[lots.lot]))
    raise RefusedError(f"no street or stronger line parts the households of cell {code}: split it evenly")


def _ground(redrawing: Trial, code: str) -> str:
    """Return the ground of a cell of the lowest level."""
    require_cells(redrawing.state, [code])
    cell = redrawing.state.cells[code]
    if cell.level != redrawing.land.plan.leaf_level:
        raise RefusedError(f"cell {code} is of level {cell.level}: split the cells of the lowest level in it")
    return cell.ground


def _parted_land(redrawing: Trial, code: str, parts: Sequence[Collection[int]]) -> Edit:
    """Found a cell on each part but the first."""
    cell, sketch = replace(redrawing.state.cells[code], exclave=False), sketch_of(redrawing)
    for atoms in parts[1:]:
        sketch.move(atoms, sketch.found(cell, cell.parent))
    return accepted(redrawing, sketch.edit())


def _parted_floors(redrawing: Trial, code: str, parts: int) -> Edit:
    """Found a cell for each run of dwellings but the one with most households, which comes first."""
    land, cell, sketch = redrawing.land, redrawing.state.cells[code], sketch_of(redrawing)
    units = np.array(held_by(redrawing.state, land, code), np.int64)
    if len(units) < parts:
        raise RefusedError(
            f"the buildings of cell {code} have {len(units)} dwellings or floors that can part, fewer than {parts}"
        )
    run = runs_of(land.units.iloc[units], parts)
    held = np.bincount(run, land.units["households"].to_numpy()[units], minlength=parts)
    kept = int(held.argmax())
    for k in range(parts):
        if k != kept:
            new = sketch.found(cell, cell.parent, cell.ground)
            sketch.units.update(dict.fromkeys(units[run == k].tolist(), new))
    return accepted(redrawing, sketch.edit())


def _even(lots: Lots, parts: int) -> Ints | None:
    """Divide land into so many connected parts, as even as the search finds them."""
    mean = lots.households.sum() / parts
    best, least = None, math.inf
    for share in _SHARES:
        band = Band(max(1, math.floor(mean * (1 - share))), math.ceil(mean * (1 + share)))
        label = divide(
            lots.graph, lots.households, np.zeros((len(lots.households), 2), np.int64), band=band, parts=parts
        )
        held = np.bincount(label, lots.households)
        if len(held) == parts and np.abs(held - mean).max() < least:
            best, least = label, float(np.abs(held - mean).max())
        if best is not None and least <= share * mean + 1:
            break
    return best


def _cut_along(redrawing: Trial, lots: Lots, strength: int) -> Ints:
    """Part lots where all border between them is of lines so strong, or stronger."""
    edges, count = redrawing.land.edges, len(lots.households)
    number = np.full(len(redrawing.land.atoms), -1, np.int64)
    number[lots.atoms] = lots.lot
    left, right = number[edges.left], number[edges.right]
    inner = (left >= 0) & (right >= 0) & (left != right)
    weak = inner & (edges.strength < strength)
    pairs = coo_array((np.ones(weak.sum(), np.int8), (left[weak], right[weak])), shape=(count, count))
    pieces, piece = connected_components(pairs, directed=False)
    held = np.bincount(piece, lots.households, minlength=pieces)
    metres = symmetric(left[inner], right[inner], edges.metres[inner], count)
    kept = np.where(held > 0, np.arange(pieces), -1)
    if not held.any():
        return np.zeros(count, np.int64)
    joined = grown(contracted(metres, piece.astype(np.int64), pieces), kept)
    # What hangs together with nothing stays with the main part.
    joined[joined < 0] = held.argmax()
    return np.unique(joined[piece], return_inverse=True)[1].astype(np.int64)


def _by_households(land: Land, atoms: Ints, label: Ints) -> list[list[int]]:
    """Part atoms by label, the part with most households first, then the largest."""
    count = int(label.max()) + 1
    held = np.bincount(label, land.atoms.households[atoms], minlength=count)
    area = np.bincount(label, shapely.area(land.shapes[atoms]), minlength=count)
    return [atoms[label == k].tolist() for k in np.lexsort((-area, -held))]
