"""How sure a pin is: the share of what may have been meant by it that lies in each cell."""

from dataclasses import dataclass

import numpy as np

from gis.arrays import Floats, Indices, Ints
from gis.compiled import compiled
from gis.location.index import CellIndex, Compiled, find
from gis.location.pixels import NOWHERE
from gis.location.prior import Density

#: Cells that are named for one pin, the likeliest first.
NAMED = 5
# Places that are looked at for one pin: a per cent of probability each way, which calibration does not notice.
_PLACES = 128
# A border farther away than this many standard deviations leaves less than one in ten thousand beyond it.
_SURE = 4.5

Squares = tuple[float, float, float, Floats, float]


@dataclass(frozen=True)
class Certainty:
    """What is known of pins.

    Attributes
    ----------
    cells : (n, NAMED) int64
        Rows of the index's grounds, the likeliest first; -1 stands for outside the area or, with nought, for no more.
    shares : (n, NAMED) float64
        Their probabilities.
    at_level : (n, levels) float64
        Probability of the cell of `row` at each level, the lowest last.
    """

    cells: Ints
    shares: Floats
    at_level: Floats


def weigh(
    index: CellIndex, above: Indices, density: Density, x: Floats, y: Floats, sigma: Floats, row: Ints, border_m: Floats
) -> Certainty:
    """Weigh the cells around pins with a normal error.

    The probability of a cell is that of the error which leads there from the pin, times the density of reports there
    (Bayes' rule), summed over places spread around the pin so that each stands for an equal share of the error.

    Parameters
    ----------
    index
        Of the cells.
    above : (levels, grounds) int32
        Number of the cell at each level in which a ground lies, the lowest last.
    density
        Where reports come from.
    x, y : (n,) float64
        Metres in the plan's CRS.
    sigma : (n,) float64
        Standard deviation of the error in each direction, metres; nought where the pin is exact.
    row : (n,) int64
        The ground that each pin is in, or is counted to.
    border_m : (n,) float64
        Metres from the pin to the border of its ground, if it lies inside; otherwise nought.
    """
    n = len(x)
    found = Certainty(np.full((n, NAMED), NOWHERE), np.zeros((n, NAMED)), np.zeros((n, len(above))))
    squares = density.west, density.south, density.pixel_m, density.per_m2, density.beyond
    _weigh(
        np.column_stack([x, y, sigma, border_m]), row, _spread(), above, squares, index.compiled,
        found.cells, found.shares, found.at_level,
    )  # fmt: skip
    return found


def _spread() -> Floats:
    """Places that stand for equal shares of a round normal error of one: a sunflower's seeds (Vogel's spiral)."""
    k = np.arange(_PLACES)
    radius = np.sqrt(-2 * np.log1p(-(k + 0.5) / _PLACES))
    angle = k * np.pi * (3 - np.sqrt(5))
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])


@compiled
def _weigh(
    pins: Floats,
    row: Ints,
    spread: Floats,
    above: Indices,
    squares: Squares,
    index: Compiled,
    cells: Ints,
    shares: Floats,
    at_level: Floats,
) -> None:
    """Fill `cells`, `shares` and `at_level`."""
    held = np.empty(len(spread), np.int64)
    weight = np.empty(len(spread))
    for k in range(len(pins)):
        x, y, sigma, border = pins[k]
        if not (np.isfinite(x) and np.isfinite(y)):
            continue
        if border > _SURE * sigma or sigma == 0:
            cells[k, 0], shares[k, 0] = find(x, y, index), 1.0
            at_level[k] = row[k] >= 0 and cells[k, 0] == row[k]
            continue
        some, total = 0, 0.0
        for place in range(len(spread)):
            east, north = x + sigma * spread[place, 0], y + sigma * spread[place, 1]
            w = _expected(east, north, squares)
            cell = find(east, north, index)
            at = 0
            while at < some and held[at] != cell:
                at += 1
            if at == some:
                some += 1
                held[at], weight[at] = cell, 0.0
            weight[at] += w
            total += w
        _rank(held[:some], weight[:some] / total, row[k], above, cells[k], shares[k], at_level[k])


@compiled
def _expected(x: float, y: float, squares: Squares) -> float:
    west, south, pixel, values, beyond = squares
    row, column = int((y - south) // pixel), int((x - west) // pixel)
    inside = row >= 0 and column >= 0 and row < values.shape[0] and column < values.shape[1]
    return values[row, column] if inside else beyond


@compiled
def _rank(held: Ints, share: Floats, row: int, above: Indices, cells: Ints, shares: Floats, at_level: Floats) -> None:
    """Write down the likeliest cells, and at every level the sum of those in one cell with `row`."""
    for named, at in enumerate(np.argsort(-share)[: len(cells)]):
        cells[named], shares[named] = held[at], share[at]
    if row < 0:
        return
    for level in range(len(above)):
        for at in range(len(held)):
            if held[at] >= 0 and above[level, held[at]] == above[level, row]:
                at_level[level] += share[at]
