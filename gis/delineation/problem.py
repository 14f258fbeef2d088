"""What a partition is judged by: the bands of its parts, and the cost of their boundaries."""

from typing import NamedTuple

import numpy as np

from gis.arrays import Bools, Floats, Ints
from gis.compiled import compiled

# A part out of band weighs far more than any length of boundary.
_MISS_WEIGHT = 1e6
# Price of a missed household in a search that may leave the band, in mean costs of cutting off a household.
_FIRST_PRICE = 0.7
# Cells that share a ground are worth boundaries to avoid: so many for a second one, the more the more there are.
_STACK_WEIGHT = 0.3
_FURTHER = 0.02
# What floors take at either end of a band at most.
PLAY_SHARE = 0.4
# A part that the level below cannot divide in band costs one cell there, not one here.
_BELOW_WEIGHT = 0.3


class Rule(NamedTuple):
    """What a part may weigh, and what leaving that costs.

    A part may weigh `lower` to `upper`; with towers, as many times that as they need; with other divisible buildings
    more, at a price. `below` has, by weight, what the level below lacks to divide it and how far it leans there
    (`Band.misses`; empty at the lowest level); `boundary` is a typical cost of a part's boundary, `side` of the
    border of two parts, `lean_weight` what leaning to the edge of its band costs a part.
    """

    lower: float
    upper: float
    below: Floats
    boundary: float
    side: float
    lean_weight: float


class Problem(NamedTuple):
    """A graph to be divided (compressed rows), and the rule for its parts.

    `load` has four columns: the weight of each node; what of it the level below must divide (all but what stays whole
    there), and at the lowest level what cutting its tower between floors takes from either end of the band; what of it
    is in towers; and what of it is in buildings that entrances or floors divide. Where a division exists already,
    `home` is the part of each node in it and `stay` what it costs to leave that (both empty otherwise).
    """

    indptr: Ints
    indices: Ints
    cost: Floats
    load: Ints
    rule: Rule
    home: Ints
    stay: Floats


@compiled
def _storeys(rule: Rule, weight: float, towers: float, divisible: float) -> float:
    """Cells that stand on one ground: what its towers need, and what further divisible buildings there call for."""
    if divisible == 0:
        return 1.0
    needed = max(1.0, np.ceil(towers / rule.upper))
    return max(needed, min(np.ceil(weight / rule.upper), needed + np.floor((divisible - towers) / rule.lower)))


@compiled
def storeys_of(rule: Rule, load: Ints) -> float:
    """Cells that stand on the ground of a part."""
    return _storeys(rule, load[0], load[2], load[3])


@compiled
def off_band(rule: Rule, load: Ints) -> tuple[float, float]:
    """Households by which a part misses its band, and what the level below can divide."""
    return _off_band(rule, _storeys(rule, load[0], load[2], load[3]), load[0], load[1])


@compiled
def _off_band(rule: Rule, storeys: float, weight: float, divided: float) -> tuple[float, float]:
    if len(rule.below):
        return max(storeys * rule.lower - weight, weight - storeys * rule.upper, 0.0), _below(rule, divided, 0)
    play = min(divided, storeys * (rule.upper - rule.lower) * PLAY_SHARE)
    return max(storeys * rule.lower + play - weight, weight + play - storeys * rule.upper, 0.0), 0.0


@compiled
def _below(rule: Rule, divided: float, column: int) -> float:
    """Look up what the level below makes of a weight; beyond the table everything is as far too much."""
    most = len(rule.below) - 1
    return rule.below[int(min(divided, most)), column] + max(divided - most, 0.0)


@compiled
def charge(off: float) -> float:
    """Price a part out of band: one for being so, a little for how far; what cannot be mended then stays in few."""
    return 1.0 + _FURTHER * off if off > 0 else 0.0


@compiled
def energy_of(rule: Rule, weight: float, divided: float, towers: float, divisible: float) -> float:
    """Weigh what is wrong with a part, apart from its boundary: its load column by column, arrays are dear in loops."""
    storeys = _storeys(rule, weight, towers, divisible)
    off, off_below = _off_band(rule, storeys, weight, divided)
    wrong = charge(off) + _BELOW_WEIGHT * charge(off_below)
    return _MISS_WEIGHT * wrong + _mild(rule, storeys, weight, divided)


@compiled
def search_energy(rule: Rule, price: float, weight: float, divided: float, towers: float, divisible: float) -> float:
    """Weigh as `energy_of`, with a price for each missed household instead of a charge for missing the band."""
    storeys = _storeys(rule, weight, towers, divisible)
    off, off_below = _off_band(rule, storeys, weight, divided)
    return price * (off + _BELOW_WEIGHT * off_below) + _mild(rule, storeys, weight, divided)


@compiled
def _mild(rule: Rule, storeys: float, weight: float, divided: float) -> float:
    """Weigh what is allowed but not wanted: sharing a ground, leaning to the edge of the band."""
    value = _STACK_WEIGHT * rule.boundary * (storeys - 1) * (storeys - 1)
    if rule.lean_weight > 0:
        if len(rule.below):
            leaning = _below(rule, divided, 1)
        else:
            middle, half = (rule.lower + rule.upper) / 2, max((rule.upper - rule.lower) / 2, 1.0)
            leaning = (weight / storeys - middle) / half
        value += rule.lean_weight * leaning * leaning
    return value


@compiled
def price_of(problem: Problem) -> float:
    """Price of a missed household at which a search starts: what a household costs to cut off and move, on average."""
    return (_FIRST_PRICE * problem.cost.sum() + problem.stay.sum()) / max(problem.load[:, 0].sum(), 1)


@compiled
def is_out(energy: float) -> bool:
    """Whether an energy is that of a part out of band."""
    return energy > _MISS_WEIGHT * _BELOW_WEIGHT / 2


@compiled
def totals(problem: Problem, label: Ints, parts: int) -> Ints:
    """Sum the loads of each part."""
    total = np.zeros((parts, problem.load.shape[1]), np.int64)
    for u in range(len(label)):
        total[label[u]] += problem.load[u]
    return total


@compiled
def misses(problem: Problem, label: Ints) -> Floats:
    """By part, the households by which it misses its band, and those the level below lacks to divide it, (k, 2)."""
    total = totals(problem, label, label.max() + 1)
    off = np.zeros((len(total), 2))
    for p in np.unique(label):
        off[p, 0], off[p, 1] = off_band(problem.rule, total[p])
    return off


def out_of_band(problem: Problem, label: Ints) -> Bools:
    """Whether each part is out of band, or cannot be divided by the level below."""
    return misses(problem, label).sum(axis=1) > 0


@compiled
def missed(problem: Problem, label: Ints) -> float:
    """Charges of all parts out of band."""
    price = 0.0
    for off, off_below in misses(problem, label):
        price += charge(off) + _BELOW_WEIGHT * charge(off_below)
    return price


@compiled
def worth(problem: Problem, label: Ints) -> float:
    """Weigh a whole partition: the cost of what it cuts, and what is wrong with its parts."""
    total = totals(problem, label, label.max() + 1)
    value = 0.0
    for p in np.unique(label):
        value += energy_of(problem.rule, total[p, 0], total[p, 1], total[p, 2], total[p, 3])
    for u in range(len(label)):
        value += leaving(problem, label, u)
        for e in range(problem.indptr[u], problem.indptr[u + 1]):
            if label[problem.indices[e]] != label[u]:
                value += problem.cost[e] / 2
    return value


@compiled
def leaving(problem: Problem, label: Ints, u: int) -> float:
    """Cost of a node's not being where it was before."""
    return problem.stay[u] if len(problem.home) and problem.home[u] != label[u] else 0.0
