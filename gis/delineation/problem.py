"""What a partition is judged by: the bands of its parts, and the cost of their boundaries."""

from typing import NamedTuple

import numpy as np

from gis.arrays import Floats, Ints
from gis.compiled import compiled
from gis.delineation.bands import lean, miss

# A missed household weighs far more than any length of boundary; leaning to the edge of a band weighs little.
_MISS_WEIGHT = 1e6
_LEAN_WEIGHT = 0.05
# Cells that share a ground are worth boundaries to avoid: so many for a second one, the more the more there are.
_STACK_WEIGHT = 0.3
_FURTHER = 0.02
# A part that the level below cannot divide in band costs one cell there, not one here.
_BELOW_WEIGHT = 0.3
# While hot, parts are drawn to the middle of their band, so that what one part has too much can travel through others
# to where it is missing.
_HOT_LEAN = 0.5


class Problem(NamedTuple):
    """A graph to be divided (compressed rows), and what its parts may weigh.

    `load` has four columns: the weight of each node, what of it the level below must divide (all but what stays whole
    there), what of it is in towers, and what of it is in buildings that entrances or floors divide. A part may weigh
    `lower` to `upper`; with towers, as many times that as they need; with other divisible buildings more, at a price.
    `below` are the weights that the level below can divide (none at the lowest level); `scale` is a typical cost of a
    part's boundary.
    """

    indptr: Ints
    indices: Ints
    cost: Floats
    load: Ints
    lower: float
    upper: float
    below: Floats
    scale: float
    boundary: float


@compiled
def _storeys(problem: Problem, weight: float, towers: float, divisible: float) -> tuple[float, float]:
    """Cells that stand on one ground: what its towers need, and how many more divisible buildings there call for."""
    needed = max(1.0, np.ceil(towers / problem.upper))
    further = min(np.ceil(weight / problem.upper) - needed, np.floor((divisible - towers) / problem.lower))
    return needed, max(further, 0.0)


@compiled
def storeys_of(problem: Problem, load: Ints) -> float:
    """Cells that stand on the ground of a part."""
    needed, further = _storeys(problem, load[0], load[2], load[3])
    return needed + further


@compiled
def off_band(problem: Problem, load: Ints) -> tuple[float, float]:
    """Households by which a part misses its band, and what the level below can divide."""
    return _off_band(problem, load[0], load[1], load[2], load[3])


@compiled
def _off_band(problem: Problem, weight: float, divided: float, towers: float, divisible: float) -> tuple[float, float]:
    needed, further = _storeys(problem, weight, towers, divisible)
    storeys = needed + further
    off = max(storeys * problem.lower - weight, weight - storeys * problem.upper, 0.0)
    return off, miss(divided, problem.below) if len(problem.below) else 0.0


@compiled
def charge(off: float) -> float:
    """Price a part out of band: one for being so, a little for how far; what cannot be mended then stays in few."""
    return 1.0 + _FURTHER * off if off > 0 else 0.0


@compiled
def energy(problem: Problem, heat: float, load: Ints) -> float:
    """Weigh what is wrong with a part, apart from its boundary."""
    return energy_of(problem, heat, load[0], load[1], load[2], load[3])


@compiled
def energy_of(problem: Problem, heat: float, weight: float, divided: float, towers: float, divisible: float) -> float:
    """Weigh as `energy`, with the columns of a load one by one: arrays are dear in the innermost loops."""
    off, off_below = _off_band(problem, weight, divided, towers, divisible)
    needed, further = _storeys(problem, weight, towers, divisible)
    if len(problem.below):
        leaning = lean(divided, problem.below)
    else:
        middle, half = (problem.lower + problem.upper) / 2, max((problem.upper - problem.lower) / 2, 1.0)
        leaning = (weight / (needed + further) - middle) / half
    pull = (_LEAN_WEIGHT + heat * _HOT_LEAN) * problem.scale
    if heat > 0:
        wrong = off * off + _BELOW_WEIGHT * off_below * off_below
    else:
        wrong = charge(off) + _BELOW_WEIGHT * charge(off_below)
    stacked = _STACK_WEIGHT * problem.boundary * (needed + further - 1) ** 2
    return _MISS_WEIGHT * wrong + pull * leaning * leaning + stacked


@compiled
def totals(problem: Problem, label: Ints, parts: int) -> Ints:
    """Sum the loads of each part."""
    total = np.zeros((parts, problem.load.shape[1]), np.int64)
    for u in range(len(label)):
        total[label[u]] += problem.load[u]
    return total


@compiled
def missed(problem: Problem, label: Ints) -> float:
    """Charges of all parts out of band."""
    total = totals(problem, label, label.max() + 1)
    price = 0.0
    for p in range(len(total)):
        off, off_below = off_band(problem, total[p])
        price += charge(off) + _BELOW_WEIGHT * charge(off_below)
    return price
