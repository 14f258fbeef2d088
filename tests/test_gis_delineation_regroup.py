"""Parents whose buildings do not add up to cells in band, divided anew with a neighbour."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from gis.delineation.bands import Band
from gis.delineation.levels import Level
from gis.delineation.nest import Nested, nest
from gis.delineation.regroup import Regrouping

LEVELS = (Level("grid", Band(300, 500)), Level("micro", Band(70, 80)))
# Pairs of 45 and 30 make cells of 75; those of 45 alone make none: six cells' worth of households all the same.
HEAVY, LIGHT, COLUMNS = 45, 30, 10


def ladder() -> csr_array:
    """Two rows of atoms, each beside the next in its row and the one across."""
    number = np.arange(2 * COLUMNS).reshape(2, COLUMNS)
    links = [(number[:, :-1].ravel(), number[:, 1:].ravel()), (number[0], number[1])]
    a, b = (np.concatenate(ends) for ends in zip(*links, strict=True))
    return csr_array((np.ones(2 * len(a)), (np.r_[a, b], np.r_[b, a])), shape=(2 * COLUMNS, 2 * COLUMNS))


def stuck(households: np.ndarray) -> list[Nested]:
    """A parent to each row, divided as well as it can be."""
    parent = np.repeat([0, 1], COLUMNS)
    whole = np.zeros((len(households), 2), np.int64)
    leaf = nest(ladder(), households, whole, parent, LEVELS[1:])
    return [Nested(parent, np.zeros(len(parent), np.int64)), *leaf]


def regrouped(
    nested: list[Nested], households: np.ndarray, *, ruled: int | None = None, workers: int = 1
) -> list[Nested]:
    n = len(households)
    rows = {"atom": np.arange(n), "building": np.arange(n), "entrance": "", "floor_from": 1, "floor_to": 1}
    held = np.zeros(n, np.bool_)
    held[[] if ruled is None else [ruled]] = True
    units = pd.DataFrame(rows | {"households": households})
    land = Regrouping(ladder(), households, np.zeros((n, 2), np.int64), units, LEVELS, held, 0, workers)
    return land.regrouped(nested)


def out(level: Nested, households: np.ndarray, band: Band) -> int:
    return sum(not band.holds(int(total)) for total in np.bincount(level.of_atom, households))


@pytest.mark.parametrize("workers", [1, 2])
def test_a_neighbour_makes_up_for_buildings_that_do_not_add_up(workers: int) -> None:
    households = np.repeat([HEAVY, LIGHT], COLUMNS).astype(np.int64)
    before = stuck(households)
    assert out(before[1], households, LEVELS[1].band) > 0
    upper, leaf = regrouped(before, households, workers=workers)
    for level, drawn in zip(LEVELS, (upper, leaf), strict=True):
        assert out(drawn, households, level.band) == 0
        graph = ladder().tocoo()
        same = drawn.of_atom[graph.row] == drawn.of_atom[graph.col]
        inner = csr_array((graph.data[same], (graph.row[same], graph.col[same])), shape=graph.shape)
        assert connected_components(inner, directed=False)[0] == drawn.of_atom.max() + 1
    # Every cell lies in one parent, which is the ground that it does not leave.
    assert len(set(zip(leaf.of_atom, upper.of_atom, strict=True))) == leaf.of_atom.max() + 1
    assert len(set(zip(leaf.ground, upper.of_atom, strict=True))) == upper.of_atom.max() + 1


@pytest.mark.parametrize("ruled", [0, COLUMNS])
def test_what_planners_rule_is_left_alone(ruled: int) -> None:
    """Neither the parent that needs a neighbour nor the neighbour may be drawn anew then."""
    households = np.repeat([HEAVY, LIGHT], COLUMNS).astype(np.int64)
    before = stuck(households)
    for was, now in zip(before, regrouped(before, households, ruled=ruled), strict=True):
        assert (was.of_atom == now.of_atom).all()


def test_parents_of_other_land_are_no_neighbours() -> None:
    households = np.repeat([HEAVY, LIGHT], COLUMNS).astype(np.int64)
    upper, leaf = stuck(households)
    apart = [Nested(upper.of_atom, upper.of_atom), leaf]
    assert (regrouped(apart, households)[1].of_atom == leaf.of_atom).all()


def test_what_comes_out_stays() -> None:
    households = np.full(2 * COLUMNS, 75, np.int64)
    households[COLUMNS:] = 38
    before = stuck(households)
    assert out(before[1], households, LEVELS[1].band) == 0
    for was, now in zip(before, regrouped(before, households), strict=True):
        assert (was.of_atom == now.of_atom).all()
