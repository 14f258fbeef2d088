"""A cell and its neighbours brought nearer to their bands, by the search that draws plans."""

import numpy as np

from gis.arrays import Ints
from gis.delineation.bands import Band
from gis.delineation.graphs import contracted
from gis.delineation.partition import amend
from gis.editing.edit import Edit
from gis.editing.giving import given, leaf_cell
from gis.editing.problems import households_of
from gis.editing.redrawing import Redrawing, RefusedError


def rebalanced(redrawing: Redrawing, code: str) -> Edit:
    """Return an exchange of land between a cell and its neighbours that leaves fewer households off band.

    Locked cells, and grounds that floors divide, stay as they are; as little moves as can be.

    Raises
    ------
    RefusedError
        Where the cell is locked or shares its ground, or nothing helps.
    """
    cell = leaf_cell(redrawing, code)
    state, land = redrawing.state, redrawing.land
    if len(state.sharing[cell.ground]) > 1:
        raise RefusedError(f"cell {code} shares its ground with others by floors: give floors from one to the other")
    codes = [code, *neighbours_of(redrawing, code)]
    atoms = np.array(sorted(atom for each in codes for atom in state.atoms_on[each]), np.int64)
    names = [f"g{state.together[a]}" if a in state.together else f"a{a}" for a in atoms.tolist()]
    block = np.unique(names, return_inverse=True)[1].astype(np.int64)
    count = int(block.max()) + 1
    home = np.zeros(count, np.int64)
    home[block] = [codes.index(state.land[a]) for a in atoms.tolist()]
    weights = np.bincount(block, land.atoms.households[atoms], minlength=count).astype(np.int64)
    band = Band(*land.plan.metadata["bands"][cell.level])
    graph = contracted(land.graph[atoms][:, atoms], block, count)
    label = amend(graph, weights, np.zeros((count, 2), np.int64), home, band=band)
    before, after = (_off(band, part, weights, len(codes)) for part in (home, label))
    if after >= before or int(label.max()) >= len(codes) or len(np.unique(label)) < len(codes):
        raise RefusedError(f"no exchange of cell {code} with its neighbours leaves fewer households off band")
    places = {int(a): codes[int(label[b])] for a, b in zip(atoms, block, strict=True) if label[b] != home[b]}
    return given(redrawing, places)


def neighbours_of(redrawing: Redrawing, code: str) -> list[str]:
    """Cells of the same community beside one, the longest common border first; neither locked nor stacked."""
    state, land = redrawing.state, redrawing.land
    home, atoms = state.community_of(code), np.array(sorted(state.atoms_on[code]), np.int64)
    shared: dict[str, float] = {}
    rows = land.graph[atoms]
    for other, cost in zip(rows.indices.tolist(), rows.data.tolist(), strict=True):
        beside = state.land[other]
        if beside != code:
            shared[beside] = shared.get(beside, 0.0) + cost
    ranked = sorted(shared, key=lambda each: (-shared[each], each))
    return [each for each in ranked if _may_change(redrawing, each) and state.community_of(each) == home]


def _may_change(redrawing: Redrawing, code: str) -> bool:
    state = redrawing.state
    return len(state.sharing[code]) == 1 and not any(state.cells[each].locked for each in state.above(code))


def _off(band: Band, part: Ints, weights: Ints, count: int) -> int:
    return sum(off(band, households) for households in np.bincount(part, weights, minlength=count).astype(int).tolist())


def off(band: Band, households: int) -> int:
    """Households by which a cell misses its band."""
    return max(band.lower - households, households - band.upper, 0)


def off_in(redrawing: Redrawing, codes: list[str]) -> int:
    """Households by which cells of the lowest level miss their band, in all."""
    state, land = redrawing.state, redrawing.land
    band = Band(*land.plan.metadata["bands"][land.plan.leaf_level])
    return sum(off(band, households_of(state, land, code)) for code in codes if code in state.cells)
