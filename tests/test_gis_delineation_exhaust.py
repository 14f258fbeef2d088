"""Small parents with towers, against every division there is."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from gis.delineation.bands import Band
from gis.delineation.exhaust import exhaust
from gis.delineation.nest import Nested
from gis.delineation.towers import slice_grounds

BAND = Band(60, 100)


def dwellings(floors: list[int], per_floor: list[int]) -> pd.DataFrame:
    """One building to an atom, its dwellings floor by floor; none where there are no floors."""
    rows = [(atom, floor + 1, per_floor[atom]) for atom, count in enumerate(floors) for floor in range(count)]
    units = pd.DataFrame(rows, columns=["atom", "floor_from", "households"])
    return units.assign(building=units["atom"], floor_to=units["floor_from"], entrance="")


def graph_of(pairs: list[tuple[int, int]], n: int) -> csr_array:
    a, b = np.array(pairs).T
    return csr_array((np.ones(2 * len(pairs)), (np.r_[a, b], np.r_[b, a])), shape=(n, n))


def out_of(label: np.ndarray, units: pd.DataFrame) -> int:
    cell, _ = slice_grounds(units, label[units["atom"].to_numpy()], int(label.max()) + 1, BAND)
    held = np.bincount(cell, units["households"])
    return int(((held > 0) & ((held < BAND.lower) | (held > BAND.upper))).sum())


def is_whole(label: np.ndarray, graph: csr_array) -> bool:
    """Whether every part hangs together."""
    inner = graph.tocoo()
    same = label[inner.row] == label[inner.col]
    pieces = csr_array((inner.data[same], (inner.row[same], inner.col[same])), shape=graph.shape)
    return bool(connected_components(pieces, directed=False)[0] == len(np.unique(label)))


def divisions(n: int) -> Iterator[np.ndarray]:
    """Every division of n atoms: growth strings."""

    def longer(label: list[int]) -> Iterator[list[int]]:
        if len(label) == n:
            yield label
        else:
            for part in range(max(label) + 2):
                yield from longer([*label, part])

    yield from (np.array(label) for label in longer([0]))


def exhausted(units: pd.DataFrame, graph: csr_array, label: np.ndarray, *, ruled: bool = False) -> Nested:
    households = np.bincount(units["atom"], units["households"], minlength=graph.shape[0]).astype(np.int64)
    nested = Nested(label, np.zeros(len(label), np.int64))
    return exhaust(nested, graph, households, units, BAND, np.full(len(label), ruled))


def test_a_tower_whose_floors_do_not_come_out_takes_its_neighbour() -> None:
    # 16 floors of 26 make 52, 78 or 104: five cells of it alone leave one with 104.
    units = dwellings([16, 12], [26, 11])
    label = exhausted(units, graph_of([(0, 1)], 2), np.array([0, 1])).of_atom
    assert out_of(np.array([0, 1]), units) == 1
    assert out_of(label, units) == 0
    assert label[0] == label[1]


@pytest.mark.parametrize("seed", range(25))
def test_no_division_leaves_fewer_cells_out(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(3, 7))
    pairs = [(i, i + 1) for i in range(n - 1)] + [(i, i + 2) for i in range(n - 2) if rng.random() < 0.5]
    graph = graph_of(pairs, n)
    units = dwellings(rng.integers(1, 14, n).tolist(), rng.integers(4, 28, n).tolist())
    before = np.arange(n)
    after = exhausted(units, graph, before).of_atom
    least = min(out_of(label, units) for label in divisions(n) if is_whole(label, graph))
    assert out_of(after, units) == least
    assert is_whole(after, graph)


def test_empty_land_goes_to_the_ground_beside_it() -> None:
    # 0 – 1 – 2 – 3, and nobody lives at 2: it can only lie with 1 or with 3.
    units = dwellings([16, 12, 0, 8], [26, 11, 0, 10])
    graph = graph_of([(0, 1), (1, 2), (2, 3), (1, 3)], 4)
    after = exhausted(units, graph, np.array([0, 1, 1, 2])).of_atom
    assert is_whole(after, graph)
    assert out_of(after, units) == 0


def test_what_planners_rule_stays() -> None:
    units = dwellings([16, 12], [26, 11])
    label = np.array([0, 1])
    assert (exhausted(units, graph_of([(0, 1)], 2), label, ruled=True).of_atom == label).all()
