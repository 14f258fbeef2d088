"""A cell in two or more: evenly, by street, or floor by floor."""

from dataclasses import replace

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from gis.arrays import Ints
from gis.barriers import Barrier
from gis.delineation.bands import Band
from gis.delineation.graphs import contracted, grown
from gis.delineation.partition import divide
from gis.delineation.settle import sides_of
from gis.editing.edit import Edit
from gis.editing.giving import given, leaf_cell, new_cells
from gis.editing.land import Land
from gis.editing.redrawing import Redrawing, RefusedError

# Households by which a part may miss its even share before the search calls it wrong.
_PLAY_SHARE = 0.05
_EFFORT = 0.05


def split_evenly(redrawing: Redrawing, code: str, parts: int) -> Edit:
    """Divide a cell into connected parts with as many households each as can be; the first keeps the code.

    A ground that several cells share, or whose one building is too large, is divided by floors.

    Raises
    ------
    RefusedError
        Where the cell is locked, or has too little to divide.
    """
    cell = leaf_cell(redrawing, code)
    state, land = redrawing.state, redrawing.land
    atoms = np.array(sorted(state.atoms_on[cell.ground]), np.int64)
    blocks, of_atom = _blocks(redrawing, atoms)
    total = int(land.atoms.households[atoms].sum())
    heaviest = int(np.bincount(of_atom, land.atoms.households[atoms]).max())
    if len(state.sharing[cell.ground]) > 1 or (heaviest > 1.5 * total / parts and land.units_on):
        return _by_floors(redrawing, code, parts)
    if blocks < parts:
        raise RefusedError(f"cell {code} has {blocks} pieces of land: too few for {parts} parts")
    graph = contracted(land.graph[atoms][:, atoms], of_atom, blocks)
    if connected_components(graph, directed=False)[0] > 1:
        raise RefusedError(f"cell {code} is in several parts: give them away first")
    weights = np.bincount(of_atom, land.atoms.households[atoms], minlength=blocks).astype(np.int64)
    # Land without households counts a little: parts of it are parts too.
    weights = weights if total else np.ones(blocks, np.int64)
    share = max(1.0, weights.sum() / parts)
    play = max(1, round(share * _PLAY_SHARE))
    band = Band(max(1, int(share) - play), int(np.ceil(share)) + play)
    nothing = np.zeros((blocks, 2), np.int64)
    label = divide(graph, weights, nothing, band=band, parts=parts, effort=_EFFORT)[of_atom]
    return _parted(redrawing, code, atoms, label)


def split_by_street(redrawing: Redrawing, code: str) -> Edit:
    """Divide a cell along the strongest lines that run through it: streets at least.

    Raises
    ------
    RefusedError
        Where the cell is locked or shares its ground, or no street runs through it.
    """
    cell = leaf_cell(redrawing, code)
    state, land = redrawing.state, redrawing.land
    if len(state.sharing[cell.ground]) > 1:
        raise RefusedError(f"cell {code} shares its ground with others by floors: split those")
    atoms = np.array(sorted(state.atoms_on[cell.ground]), np.int64)
    blocks, of_atom = _blocks(redrawing, atoms)
    strength = _strength(land)[atoms][:, atoms]
    for least in sorted({int(s) for s in strength.data - 1 if s >= Barrier.STREET}, reverse=True):
        label = _crossed_by_none(strength, least, of_atom, blocks)
        count = int(label.max()) + 1
        if count > 1:
            held = np.bincount(label, land.atoms.households[atoms], minlength=count)
            # What nobody lives in joins a neighbour: a strip between two carriageways is no cell.
            kept = np.where(held[label] > 0, label, -1)
            if len(np.unique(kept[kept >= 0])) > 1:
                return _parted(redrawing, code, atoms, grown(land.graph[atoms][:, atoms], kept))
    raise RefusedError(f"no street runs through cell {code}")


def split_off(redrawing: Redrawing, code: str, atoms: list[int]) -> Edit:
    """Found a cell on some of the land of another."""
    leaf_cell(redrawing, code)
    [new] = new_cells(redrawing, code, 1).items()
    return given(redrawing, dict.fromkeys(atoms, new[0]), dict([new]))


def _blocks(redrawing: Redrawing, atoms: Ints) -> tuple[int, Ints]:
    """Count and number what moves as one: atoms, or groups that stay together."""
    state = redrawing.state
    names = [f"g{state.together[a]}" if a in state.together else f"a{a}" for a in atoms.tolist()]
    different, number = np.unique(names, return_inverse=True)
    return len(different), number.astype(np.int64)


def _parted(redrawing: Redrawing, code: str, atoms: Ints, label: Ints) -> Edit:
    """Give every part but the one with most households a cell of its own."""
    land, ground = redrawing.land, redrawing.state.cells[code].ground
    label = np.unique(label, return_inverse=True)[1]
    count = int(label.max()) + 1
    if count < 2:  # noqa: PLR2004 (parts)
        raise RefusedError(f"cell {code} cannot be divided so: what it holds does not come apart")
    held = np.bincount(label, land.atoms.households[atoms], minlength=count)
    order = np.argsort(-held, kind="stable")
    founded = new_cells(redrawing, ground, count - 1)
    code_of = dict(zip(order[1:].tolist(), founded, strict=True))
    places = {int(a): code_of[int(part)] for a, part in zip(atoms, label, strict=True) if int(part) in code_of}
    return given(redrawing, places, founded)


def _strength(land: Land) -> csr_array:
    """Strongest kind of line on most of the border between neighbours (`Barrier`), (n, n)."""
    plane, n = land.atoms.plane, len(land.atoms)
    left, right = sides_of(plane, land.atoms.of_face)
    inner = (left != right) & (left >= 0) & (right >= 0)
    key = np.minimum(left, right)[inner] * n + np.maximum(left, right)[inner]
    keys, place = np.unique(key, return_inverse=True)
    kinds = len(Barrier)
    lengths = np.bincount(place * kinds + plane.strength[inner], plane.lengths[inner], minlength=len(keys) * kinds)
    most = lengths.reshape(-1, kinds).argmax(axis=1)
    one, other = keys // n, keys % n
    pairs = np.concatenate([one, other]), np.concatenate([other, one])
    # One more, so that the weakest kind is an entry too.
    return csr_array((np.concatenate([most, most]) + 1, pairs), shape=(n, n))


def _crossed_by_none(strength: csr_array, least: int, of_atom: Ints, blocks: int) -> Ints:
    """Parts that hang together without crossing a line of this strength, groups as one."""
    weak = csr_array((np.where(strength.data - 1 < least, 1.0, 0.0), strength.indices, strength.indptr), strength.shape)
    weak.eliminate_zeros()
    part = connected_components(contracted(weak, of_atom, blocks), directed=False)[1]
    return np.asarray(part[of_atom], np.int64)


def levelled(redrawing: Redrawing, code: str, count: int) -> Edit:
    """Share the dwellings of a ground out evenly among so many cells, in the order of buildings, entrances and floors.

    Cells that are there stay, as far as they are wanted; new ones are founded, the last ones given up.

    Raises
    ------
    RefusedError
        Where a cell of the ground is locked, or too few floors are known.
    """
    ground = leaf_cell(redrawing, code).ground
    state, land = redrawing.state, redrawing.land
    units = sorted(unit for atom in state.atoms_on[ground] for unit in land.units_on.get(atom, ()))
    first: dict[str, int] = {}
    for unit in units:
        first.setdefault(state.floors.get(unit, ground), unit)
    there = sorted(state.sharing[ground], key=lambda each: (each != ground, first.get(each, 0)))
    edit = _shared_out(redrawing, ground, units, there[:count], count)
    gone = tuple((each, state.cells[each], None) for each in there[count:])
    return replace(edit, cells=(*edit.cells, *gone))


def _by_floors(redrawing: Redrawing, code: str, parts: int) -> Edit:
    """Divide the dwellings of one cell, on the ground that it has."""
    state, land = redrawing.state, redrawing.land
    ground = state.cells[code].ground
    units = sorted(unit for atom in state.atoms_on[ground] for unit in land.units_on.get(atom, ()))
    return _shared_out(redrawing, ground, [u for u in units if state.floors.get(u, ground) == code], [code], parts)


def _shared_out(redrawing: Redrawing, ground: str, units: list[int], codes: list[str], count: int) -> Edit:
    """Give runs of dwellings, as even as can be, to cells: first to those that are there, then to new ones."""
    if len(units) < count:
        raise RefusedError(f"{len(units)} floors are known on the ground of cell {ground}: too few for {count} parts")
    state, held = redrawing.state, np.cumsum([redrawing.land.unit_households[unit] for unit in units])
    # A dwelling belongs to the part in which the middle of it lies.
    middle = held - np.diff(held, prepend=0) / 2
    label = np.minimum((middle * count / held[-1]).astype(np.int64), count - 1)
    if len(np.unique(label)) < count:
        raise RefusedError(f"cell {ground} cannot be divided by floors: one of them holds too much")
    made = new_cells(redrawing, ground, count - len(codes))
    founded = {new: replace(cell, ground=ground) for new, cell in made.items()}
    every = [*codes, *founded]
    ways = ((unit, state.floors.get(unit), every[k]) for unit, k in zip(units, label.tolist(), strict=True))
    rows = [(unit, before, None if after == ground else after) for unit, before, after in ways]
    return Edit(
        floors=tuple(row for row in rows if row[1] != row[2]),
        cells=tuple((new, None, cell) for new, cell in founded.items()),
    )
