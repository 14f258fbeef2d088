"""Dividing one connected graph: begun from scratch again and again, each attempt improved, the best of them more.

METIS gives the starts (`gis.delineation.start`); parts are then cut anew in pairs (`gis.delineation.recombine`),
searched window by window (`gis.delineation.windows`), and shaken where they miss their band
(`gis.delineation.shake`).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from gis.arrays import Bools, Ints
from gis.delineation.bands import Band
from gis.delineation.problem import PLAY_SHARE, Problem, Rule, charge, missed, out_of_band, worth
from gis.delineation.recombine import recombine
from gis.delineation.shake import shake
from gis.delineation.start import connected, metis
from gis.delineation.windows import sweep

# Households drawn in at each end of a multiple of the band below, per cell: room to divide it.
_MARGIN = 2
# Nodes of all attempts together, and most attempts, for an effort of one.
_ATTEMPT_NODES, _MOST_ATTEMPTS = 25_000, 50
# Parts more than seem right, in further attempts while a part misses its band.
_FURTHER_PARTS = (1, -1, 0) * 4
# The best division is taken for the best there is once it was met so often, and once for so many nodes.
_MET, _MET_NODES = 3, 20
_SAME = 1e-6
# How often each part is recombined with a neighbour after a start.
_RECOMBINED = 60
# Sweeps in each attempt, moves in a window for each of its nodes, parts in a window.
_SWEEPS, _STEPS, WINDOW = 3, 0.7, 6
# Moves where what misses its band is mended.
LONG_STEPS = 2.0
# How often a part that misses its band is shaken, in windows of how many parts; how often the best division is shaken
# everywhere.
_TRIES, _WIDER, _LAST_TRIES = 10, (8, 12, 16), 3


@dataclass(frozen=True)
class Task:
    """A connected graph to divide, as in `gis.delineation.partition.divide`; parts lean by `lean_weight`."""

    graph: csr_array
    weights: Ints
    divisible: Ints
    band: Band
    below: Band | None
    seed: int
    parts: int | None = None
    effort: float = 1.0
    lean_weight: float = 0.0

    @property
    def heavy(self) -> Bools:
        """Nodes that no part of this level can hold."""
        return self.weights > self.band.upper

    @property
    def inevitable(self) -> float:
        """Charge for what stays whole though it is too heavy: every division misses the band there."""
        whole = self.weights[self.heavy & ((self.divisible[:, 0] == 0) | (self.below is not None))]
        return sum(charge(float(w)) for w in whole - self.band.upper)

    @property
    def is_stacked(self) -> bool:
        """Whether parts of this level may share a ground."""
        return self.below is None and bool(self.divisible.any())

    def problem(self, margin: int = _MARGIN) -> Problem:
        """Put the task as the compiled searches take it, and keep `margin` from the ends of the band below."""
        graph, weights, band, below = self.graph, self.weights, self.band, self.below
        heavy = weights > (band if below is None else below).upper
        if below is None:
            flexible, floor = self.divisible.T
            towers = flexible * heavy
            second = (-(-towers // band.upper) - 1) * (floor - 1) * (towers > 0)
        else:
            flexible = towers = np.zeros_like(weights)
            second = np.where(heavy & (self.divisible[:, 0] == 0), 0, weights)
        # Costs are taken in means, so that what is negligible is so in every unit.
        mean = float(graph.data.mean()) if graph.nnz else 0.0
        cost = graph.data / mean if mean > 0 else np.ones_like(graph.data)
        around = float(cost.sum()) / len(weights)
        nodes_per_part = len(weights) / max(weights.sum() / band.middle, 1.0)
        side = around / np.sqrt(nodes_per_part)
        return Problem(
            graph.indptr.astype(np.int64),
            graph.indices.astype(np.int64),
            cost.astype(np.float64),
            np.column_stack([weights, second, towers, flexible]).astype(np.int64),
            Rule(
                float(band.lower),
                float(band.upper),
                np.empty((0, 2)) if below is None else below.misses(band.upper, margin),
                around * np.sqrt(nodes_per_part),
                side,
                self.lean_weight * side,
            ),
            np.empty(0, np.int64),
            np.empty(0),
        )

    def start(self, parts: int, seed: int) -> Ints:
        """Give every heavy node a part of its own and let METIS divide what is left."""
        label = np.empty(len(self.weights), np.int64)
        alone = int(self.heavy.sum())
        label[self.heavy] = np.arange(alone)
        light = np.flatnonzero(~self.heavy)
        if len(light):
            inner = self.graph[light][:, light]
            label[light] = alone + metis(inner, self.weights[light], max(parts - alone, 1), seed)
        return connected(self.graph, self.weights, label)


def divided(task: Task, progress: Callable[[float], None]) -> Ints:
    """Divide a connected graph into parts, numbered from 0 without gaps."""
    problem = task.problem()
    wanted = min(task.parts or task.heavy.sum() + _light_parts(problem, task.heavy, task.band), len(task.weights))
    if wanted <= 1:
        progress(1.0)
        return np.zeros(len(task.weights), np.int64)
    # Two cells on one ground are the last resort, but for towers.
    strict = problem._replace(load=np.ascontiguousarray(problem.load[:, [0, 1, 2, 2]]))
    best = _attempted(task, strict, wanted, progress)
    if task.is_stacked and _mendable(task, strict, best):
        best = _sharing(task, problem, strict, best, wanted)
    progress(1.0)
    return np.unique(best, return_inverse=True)[1]


def _sharing(task: Task, problem: Problem, strict: Problem, label: Ints, wanted: int) -> Ints:
    """Let cells share a ground where that brings them into band; begin once more where it does not."""
    _share(task, problem, label, wanted)
    if not _mendable(task, problem, label):
        return label
    again = _improved(task, strict, wanted + 1, task.seed + _MOST_ATTEMPTS + 1, wanted)
    _share(task, problem, again, wanted)
    return min(label, again, key=lambda one: worth(problem, one))


def _share(task: Task, problem: Problem, label: Ints, wanted: int) -> None:
    for most in _windows(wanted):
        sweep(problem, label, out_of_band(problem, label), 2, LONG_STEPS, most, task.seed)
        shake(problem, label, _TRIES, LONG_STEPS, most, task.seed, False)  # noqa: FBT003 (compiled)


def _mendable(task: Task, problem: Problem, label: Ints) -> bool:
    """Whether a part misses its band that need not: charges are summed in another order here and there."""
    return missed(problem, label) > task.inevitable + _SAME


def _windows(parts: int) -> list[int]:
    """Return numbers of parts in a window, each wider than the last, until it holds all."""
    return [most for k, most in enumerate(_WIDER) if k == 0 or _WIDER[k - 1] < parts]


def shaken(problem: Problem, label: Ints, parts: int, seed: int, tries: int = _TRIES) -> None:
    """Shake what misses its band, in wider and wider windows."""
    for most in _windows(parts):
        shake(problem, label, tries, _STEPS, most, seed, False)  # noqa: FBT003 (compiled)


def _attempted(task: Task, problem: Problem, wanted: int, progress: Callable[[float], None]) -> Ints:
    """Begin from scratch as often as it pays, and shake the best division more."""
    nodes = len(task.weights)
    usual = int(np.clip(task.effort * _ATTEMPT_NODES / nodes, 1, _MOST_ATTEMPTS))
    # Where cells may share a ground, that does more than another attempt.
    further = () if task.is_stacked or nodes > _ATTEMPT_NODES else _FURTHER_PARTS
    labels: list[Ints] = []
    worths: list[float] = []
    for attempt, more in enumerate((0,) * usual + further):
        met = sum(one <= min(worths) + _SAME for one in worths)
        if met >= max(_MET, nodes // _MET_NODES):
            break
        if attempt >= usual and not all(_mendable(task, problem, label) for label in labels):
            break
        labels.append(_improved(task, problem, max(wanted + more, 1), task.seed + attempt, wanted))
        worths.append(worth(problem, labels[-1]))
        progress((attempt + 1) / (usual + len(further) + 1))
    k = int(np.argmin(worths))
    best = labels[k]
    if usual > 1:
        shake(problem, best, _LAST_TRIES, _STEPS, WINDOW, task.seed + k, True)  # noqa: FBT003 (compiled)
    return best


def _improved(task: Task, problem: Problem, parts: int, seed: int, wanted: int) -> Ints:
    """Start with so many parts, and improve the start."""
    label = task.start(parts, seed)
    recombine(problem, label, _RECOMBINED, seed)
    for k in range(_SWEEPS):
        due = np.ones(int(label.max()) + 1, np.bool_)
        sweep(problem, label, due, 1, _STEPS * wanted if wanted <= WINDOW else _STEPS, WINDOW, seed + k)
    shaken(problem, label, wanted, seed)
    return label


def _light_parts(problem: Problem, heavy: Bools, band: Band) -> int:
    """Count the parts besides those of heavy nodes.

    At the lowest level a tower short of its multiple takes something from its neighbours; above it, the mean of what
    is to be divided again should lie deep in what can be.
    """
    weight, divided, *_ = problem.load[~heavy].sum(axis=0).tolist()
    if not len(problem.rule.below):
        towers, play = problem.load[heavy & (problem.load[:, 2] > 0), :2].T
        needed = -(-towers // band.upper)
        play = np.minimum(play, needed * (band.upper - band.lower) * PLAY_SHARE)
        short = int(np.maximum(needed * band.lower + play - towers, 0).sum())
        return round(max(weight - short, 0) / band.middle)
    fewest, most = band.counts(weight)
    if max(fewest, 1) > most:
        return band.nearest_count(weight)
    half = max(band.upper - band.lower, 1) / 2
    worth = [
        problem.rule.below[min(round(divided / k), band.upper), 1] + abs(weight / k - band.middle) / half
        for k in range(max(fewest, 1), most + 1)
    ]
    return max(fewest, 1) + int(np.argmin(worth))
