"""Land given from one ground to another beside it, piece by piece, as long as the giver hangs together."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gis.delineation.bands import Band
from gis.editing.land import Land
from gis.editing.problems import households_of
from gis.editing.redrawing import Trial
from gis.editing.state import State

# Most lots that one ground gives to another.
_MOST = 6


@dataclass(frozen=True)
class Given:
    """Land to be given away: rows of its atoms, and the households off band, before and after."""

    atoms: frozenset[int]
    off_before: int
    off_after: int


def given(redrawing: Trial, giver: str, taker: str) -> Given | None:
    """Find the land at the border of two grounds that brings cells nearest to their bands if it is given away.

    What counts are the cells on both grounds, and those above that one of them lies in and not the other.

    It grows from the border, each time by what helps most, and then by what shares most border with the taker.

    Parameters
    ----------
    redrawing
        Stays as it is.
    giver, taker
        Codes of two grounds.

    Returns
    -------
    Given
        A few pieces, the fewest that come so near; None where nothing helps.
    """
    state, land = redrawing.state, redrawing.land
    losing, gaining = (_only_above(state, *pair) for pair in ((giver, taker), (taker, giver)))
    bands = _bands(redrawing, {*losing, *gaining, *state.sharing[giver], *state.sharing[taker]})
    held = Counter({code: households_of(state, land, code) for code in bands})
    left, gone = set(state.atoms_on[giver]), set[int]()
    theirs = state.atoms_on[taker]
    pieces = _pieces(land, left)
    before = least = _off(held, bands)
    best = None
    for _ in range(_MOST):
        choices = []
        for lot in _at_border(state, land, left, theirs | gone):
            rest = left - lot
            if rest and _pieces(land, rest) <= pieces:
                after = held.copy()
                for atom in lot:
                    after.subtract(households_on(state, land, atom))
                    after.subtract(dict.fromkeys(losing, land.households[atom]))
                    after.update(dict.fromkeys((taker, *gaining), land.households[atom]))
                choices.append((_off(after, bands), -_shared(land, lot, theirs | gone), min(lot), lot, after))
        if not choices:
            break
        off, _, _, lot, held = min(choices, key=lambda choice: choice[:3])
        left, gone = left - lot, gone | lot
        if off < least:
            best, least = Given(frozenset(gone), before, off), off
    return best


def _only_above(state: State, code: str, other: str) -> list[str]:
    """Cells above the one in which the other does not lie."""
    return [each for each in state.above(code) if each != code and each not in {*state.above(other)}]


def _bands(redrawing: Trial, codes: Iterable[str]) -> dict[str, Band]:
    """Bands of those cells whose level has one."""
    bands, cells = redrawing.land.bands, redrawing.state.cells
    return {code: bands[cells[code].level] for code in codes if cells[code].level in bands}


def _off(held: Mapping[str, int], bands: Mapping[str, Band]) -> int:
    return sum(band.off(held[code]) for code, band in bands.items())


def households_on(state: State, land: Land, atom: int) -> Counter[str]:
    """Count the households on an atom by their cell."""
    ground = state.land[atom]
    if len(state.sharing[ground]) == 1:
        return Counter({ground: land.households[atom]})
    found: Counter[str] = Counter()
    for unit in land.units_on.get(atom, ()):
        found[state.floors.get(unit, ground)] += land.unit_households[unit]
    return found


def lot_of(state: State, atom: int) -> frozenset[int]:
    """Return the land that moves with an atom."""
    name = state.together.get(atom)
    return frozenset([atom] if name is None else state.grouped[name])


def _at_border(state: State, land: Land, atoms: set[int], beyond: set[int]) -> set[frozenset[int]]:
    """Lots among some atoms that touch others."""
    return {lot_of(state, atom) for atom in atoms if not beyond.isdisjoint(land.near[atom])}


def _shared(land: Land, lot: Iterable[int], beyond: set[int]) -> float:
    """Metres of border between a lot and other land."""
    return sum(metres for atom in lot for other, metres in land.borders[atom].items() if other in beyond)


def _pieces(land: Land, atoms: set[int]) -> int:
    """Count the pieces in which land lies."""
    left, count = set(atoms), 0
    while left:
        count += 1
        waiting = [left.pop()]
        while waiting:
            found = left.intersection(land.near[waiting.pop()])
            left -= found
            waiting += found
    return count
