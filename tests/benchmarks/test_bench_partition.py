"""Made towns of Voronoi atoms, divided by us and by METIS in the same run."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pymetis
import pytest
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from gis.delineation.partition import partition_graph

TOWNS = {2_000: 19_900, 20_000: 199_000, 100_000: 1_000_000}
WIDE, NARROW = (450, 550), (70, 80)
# METIS balances parts by a share above the mean, in thousandths: the sharpest that leaves none of its parts empty.
_UNBALANCE = 60
# More than METIS may take where it seeks contiguous parts and nobody checks a lower bound.
_TIMES_METIS = 5.0


@dataclass(frozen=True)
class Drawn:
    """What a partition is worth, and the processor's seconds for it.

    Both run in one thread: on an idle machine these are the seconds of the clock, on a busy one they stay so.
    """

    seconds: float
    cut: float
    out: int
    broken: int
    parts: int

    def __str__(self) -> str:
        return (
            f"{self.seconds:7.2f} s  cut {self.cut:9.0f}  {self.parts:6d} parts, {self.out} out of band, "
            f"{self.broken} broken"
        )


@dataclass(frozen=True)
class Town:
    """Rook graph of atoms, each edge at a cost of one, and their households."""

    graph: csr_array
    households: np.ndarray

    def judge(self, label: np.ndarray, band: tuple[int, int], seconds: float) -> Drawn:
        rows = np.repeat(np.arange(len(label)), np.diff(self.graph.indptr))
        same = label[rows] == label[self.graph.indices]
        inner = csr_array((np.ones(same.sum()), (rows[same], self.graph.indices[same])), shape=self.graph.shape)
        pieces, piece = connected_components(inner, directed=False)
        pieces_of = np.bincount(label[np.unique(piece, return_index=True)[1]], minlength=label.max() + 1)
        total = np.bincount(label, self.households)
        # An empty part is a cell missing: it counts as out of band, as it should.
        out = int(((total < band[0]) | (total > band[1])).sum())
        assert pieces_of.sum() == pieces
        return Drawn(seconds, float((~same).sum() / 2), out, int((pieces_of > 1).sum()), len(total))

    def heavier_than(self, most: int) -> int:
        return int((self.households > most).sum())


@pytest.fixture(scope="module")
def town(voronoi_town: Callable[..., Any]) -> Callable[[int], Town]:
    @cache
    def make(atoms: int) -> Town:
        cells = voronoi_town(atoms, TOWNS[atoms])
        # Neighbours in a Voronoi diagram share the very same edges: two cells with both ends of one are rooks.
        points, cell = shapely.get_coordinates(cells.geometry, return_index=True)
        _, node = np.unique(np.round(points, 6), axis=0, return_inverse=True)
        along = cell[1:] == cell[:-1]
        ends = np.sort(np.column_stack([node[:-1], node[1:]])[along], axis=1)
        owner = cell[1:][along]
        order = np.lexsort((owner, ends[:, 1], ends[:, 0]))
        ends, owner = ends[order], owner[order]
        twice = (ends[1:] == ends[:-1]).all(axis=1) & (owner[1:] != owner[:-1])
        a, b = owner[:-1][twice], owner[1:][twice]
        n = len(cells)
        graph = csr_array((np.ones(2 * len(a)), (np.r_[a, b], np.r_[b, a])), shape=(n, n))
        graph.sum_duplicates()
        graph.data[:] = 1.0
        assert connected_components(graph, directed=False)[0] == 1
        return Town(graph, cells["h"].to_numpy(np.int64))

    return make


def by_metis(town: Town, band: tuple[int, int]) -> Drawn:
    csr = pymetis.CSRAdjacency(town.graph.indptr.astype(np.int32), town.graph.indices.astype(np.int32))
    parts = round(town.households.sum() / (sum(band) / 2))
    options = pymetis.Options(seed=0, ufactor=_UNBALANCE, contig=1)
    began = time.process_time()
    _, label = pymetis.part_graph(parts, csr, vweights=town.households.astype(np.int32), options=options)
    seconds = time.process_time() - began
    return town.judge(np.asarray(label, np.int64), band, seconds)


def by_us(town: Town, band: tuple[int, int], timed: Any) -> Drawn:  # noqa: ANN401 (pytest-benchmark has no types)
    small = csr_array(np.diag(np.ones(3), 1) + np.diag(np.ones(3), -1))
    partition_graph(small.indptr, small.indices, small.data, np.full(4, 10), lower=15, upper=25)  # compiles
    graph = town.graph
    arguments = (graph.indptr, graph.indices, graph.data, town.households)
    began = time.process_time()
    label = timed.pedantic(partition_graph, arguments, {"lower": band[0], "upper": band[1]}, rounds=1)
    return town.judge(label, band, time.process_time() - began)


@pytest.mark.parametrize("band", [WIDE, NARROW], ids=["450-550", "70-80"])
@pytest.mark.parametrize("atoms", TOWNS)
def test_against_metis(
    timed: Any,  # noqa: ANN401 (pytest-benchmark has no types)
    town: Callable[[int], Town],
    atoms: int,
    band: tuple[int, int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    made = town(atoms)
    rival, ours = by_metis(made, band), by_us(made, band, timed)
    too_heavy = made.heavier_than(band[1])
    with capsys.disabled():
        print(  # noqa: T201 (the figures are what a benchmark is read for)
            f"\n{atoms} atoms, {band[0]}–{band[1]}, {too_heavy} atoms heavier than the band"
            f"\n  METIS  {rival}\n  ours   {ours}\n  ours takes {ours.seconds / rival.seconds:.1f} × METIS"
        )
    timed.extra_info.update(metis=str(rival), ours=str(ours))
    assert ours.broken == 0
    assert ours.out <= too_heavy
    assert ours.cut <= rival.cut
    if (atoms, band) == (max(TOWNS), NARROW):
        assert ours.seconds <= _TIMES_METIS * rival.seconds
