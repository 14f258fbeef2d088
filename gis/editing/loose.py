"""Loose pieces of a cell: to whom they can be given, and by what corridor they can be joined to it again."""

from collections.abc import Iterator

from gis.editing.giving import lot_of
from gis.editing.problems import atoms_of_cell, pieces_of
from gis.editing.redrawing import Trial
from gis.editing.state import State

# Longest corridor, in atoms.
_MOST_CORRIDOR = 3


def loose_pieces(redrawing: Trial, code: str) -> tuple[set[int], list[set[int]]]:
    """Return the main piece of a cell of any level, and the others: rows of atoms."""
    main, *others = pieces_of(redrawing.land, atoms_of_cell(redrawing.state, code))
    return {*main.tolist()}, [{*piece.tolist()} for piece in others]


def bordering(redrawing: Trial, atoms: set[int], level: str) -> dict[str, float]:
    """Measure the border that land shares with each ground or cell of a level in its community but its own: metres.

    Returns
    -------
    dict
        Metres by code, the longest border first.
    """
    state, land = redrawing.state, redrawing.land
    found: dict[str, float] = {}
    own = {at_level(state, state.land[atom], level) for atom in atoms}
    for atom in sorted(atoms):
        for other, metres in land.borders[atom].items():
            if other not in atoms and land.communities[other] == land.communities[atom]:
                code = at_level(state, state.land[other], level)
                if code not in own:
                    found[code] = found.get(code, 0.0) + metres
    return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))


def at_level(state: State, code: str, level: str) -> str:
    """Return the cell of a level in which a cell lies."""
    return next(each for each in state.above(code) if state.cells[each].level == level)


def handed_over(redrawing: Trial, pieces: list[set[int]]) -> Iterator[dict[str, set[int]]]:
    """Yield ways to give loose pieces away: code of the ground that takes them → rows of atoms.

    For each ground beside one of them: it takes what it touches, and each other piece goes where its border is longest.
    """
    level = redrawing.land.plan.leaf_level
    near = [bordering(redrawing, piece, level) for piece in pieces]
    if not all(near):
        return
    for code in dict.fromkeys(code for each in near for code in each):
        found: dict[str, set[int]] = {}
        for piece, beside in zip(pieces, near, strict=True):
            found.setdefault(code if code in beside else next(iter(beside)), set()).update(piece)
        yield found


def corridor(redrawing: Trial, main: set[int], piece: set[int]) -> set[int] | None:
    """Find the least land of other cells that joins a loose piece to the main one, with what moves along.

    Returns
    -------
    set of int
        Rows of atoms; None where more than three are needed, or they lie in another community.
    """
    state, land = redrawing.state, redrawing.land
    home = land.communities[min(piece)]
    came: dict[int, int | None] = dict.fromkeys(sorted(piece))
    ring = list(came)
    for _ in range(_MOST_CORRIDOR + 1):
        outer: list[int] = []
        for atom in ring:
            for other in land.near[atom]:
                if other in main:
                    return _complete(state, came, atom, piece)
                if other not in came and land.communities[other] == home:
                    came[other] = atom
                    outer.append(other)
        ring = outer
    return None


def _complete(state: State, came: dict[int, int | None], atom: int | None, piece: set[int]) -> set[int] | None:
    """Walk back to the piece."""
    found: set[int] = set()
    while atom is not None and atom not in piece:
        found |= lot_of(state, atom)
        atom = came[atom]
    return found if 0 < len(found) <= _MOST_CORRIDOR else None


def cells_in(state: State, code: str, atoms: set[int]) -> list[str]:
    """Return the cells right below a cell that lie in some land: wholly, with all their ground."""
    return [each for each in sorted(state.below.get(code, ())) if atoms.issuperset(atoms_of_cell(state, each).tolist())]
