"""Partition of plain graphs: connected parts in band."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from gis.delineation.attempts import Task
from gis.delineation.bands import Band
from gis.delineation.partition import amend, partition_graph
from gis.delineation.reach import reach
from gis.errors import InputError


def grid_graph(columns: int, rows: int) -> csr_array:
    number = np.arange(columns * rows).reshape(rows, columns)
    a = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()])
    b = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()])
    n = columns * rows
    return csr_array((np.ones(2 * len(a)), (np.r_[a, b], np.r_[b, a])), shape=(n, n))


def divide(graph: csr_array, weights: np.ndarray, lower: int, upper: int, seed: int = 0) -> np.ndarray:
    return partition_graph(graph.indptr, graph.indices, graph.data, weights, lower=lower, upper=upper, seed=seed)


def pieces(graph: csr_array, label: np.ndarray) -> int:
    """Connected pieces of all parts together: as many as parts, if none is broken."""
    rows = np.repeat(np.arange(len(label)), np.diff(graph.indptr))
    same = label[rows] == label[graph.indices]
    inner = csr_array((np.ones(same.sum()), (rows[same], graph.indices[same])), shape=graph.shape)
    return connected_components(inner, directed=False)[0]


@given(st.integers(2, 12), st.integers(2, 12), st.integers(0, 2**31), st.data())
@settings(max_examples=60, deadline=None)
def test_parts_are_connected_and_hold_everything(columns: int, rows: int, seed: int, data: st.DataObject) -> None:
    graph = grid_graph(columns, rows)
    weights = np.random.default_rng(seed).integers(0, 9, columns * rows)
    lower = data.draw(st.integers(1, 40))
    upper = data.draw(st.integers(lower, 60))
    label = divide(graph, weights, lower, upper, seed % 1000)
    assert sorted(set(label)) == list(range(label.max() + 1))
    assert pieces(graph, label) == label.max() + 1


@pytest.mark.parametrize("seed", range(5))
def test_even_weights_come_out_in_band(seed: int) -> None:
    graph, weights = grid_graph(30, 30), np.random.default_rng(seed).integers(1, 6, 900)
    totals = np.bincount(divide(graph, weights, 70, 80, seed), weights)
    assert ((totals >= 70) & (totals <= 80)).mean() == 1.0


def test_a_street_is_cheaper_to_cut_than_a_row_of_houses() -> None:
    graph = grid_graph(8, 4)
    rows = np.repeat(np.arange(32), np.diff(graph.indptr))
    across = (np.minimum(rows % 8, graph.indices % 8) == 3) & (np.abs(rows % 8 - graph.indices % 8) == 1)
    cost = np.where(across, 0.1, 5.0)
    label = partition_graph(graph.indptr, graph.indices, cost, np.ones(32, np.int64), lower=14, upper=18)
    assert len({*label[np.arange(32) % 8 <= 3]}) == 1
    assert label.max() == 1


def test_a_disconnected_graph_is_divided_piece_by_piece() -> None:
    one = grid_graph(6, 6)
    both = csr_array(np.block([[one.toarray(), np.zeros((36, 36))], [np.zeros((36, 36)), one.toarray()]]))
    label = divide(both, np.ones(72, np.int64), 17, 19)
    assert not set(label[:36]) & set(label[36:])
    assert np.bincount(label).tolist() == [18, 18, 18, 18]


def test_a_node_heavier_than_the_band_gets_a_part_of_its_own() -> None:
    weights = np.ones(36, np.int64)
    weights[0] = 50
    label = divide(grid_graph(6, 6), weights, 10, 13)
    assert (label == label[0]).sum() == 1


def test_islands_without_weight_are_parts_of_their_own() -> None:
    one = grid_graph(6, 6)
    apart = csr_array(np.block([[one.toarray(), np.zeros((36, 4))], [np.zeros((4, 36)), np.zeros((4, 4))]]))
    label = divide(apart, np.r_[np.ones(36, np.int64), np.zeros(4, np.int64)], 8, 10)
    assert pieces(apart, label) == label.max() + 1
    assert set(label[36:]).isdisjoint(label[:36])
    assert np.bincount(label[:36]).tolist() == [9, 9, 9, 9]


def test_what_no_division_brings_into_band_is_divided_all_the_same() -> None:
    label = divide(grid_graph(5, 1), np.array([9, 9, 9, 9, 9]), 10, 12)
    assert pieces(grid_graph(5, 1), label) == label.max() + 1


def test_heavy_neighbours_are_parted_across_several_others() -> None:
    # Two nodes of 43 and 38 make 81 of at most 80: one of them must leave, and others come in turn.
    weights = np.random.default_rng(4).integers(3, 16, 100)
    weights[[44, 45]] = 43, 38
    totals = np.bincount(divide(grid_graph(10, 10), weights, 70, 80), weights)
    assert ((totals >= 70) & (totals <= 80)).all()


def reached(graph: csr_array, weights: np.ndarray, label: np.ndarray, part: int) -> np.ndarray:
    """Labels after a part has reached across empty ground, everything being allowed to change."""
    problem = Task(graph, weights, np.zeros((len(weights), 2), np.int64), Band(1, 9), None, 0).problem()
    now, place = label.copy(), np.full(len(label), -1, np.int64)
    reach(problem, now, np.arange(len(label)), part, place)
    assert (place == -1).all()
    return now


def test_a_part_reaches_across_empty_ground() -> None:
    weights, label = np.array([3, 0, 0, 0, 4, 4]), np.array([0, 1, 1, 1, 1, 1])
    assert reached(grid_graph(6, 1), weights, label, 0).tolist() == [0, 0, 0, 0, 0, 1]
    assert reached(grid_graph(6, 1), weights, label, 1).tolist() == label.tolist()


@given(st.integers(2, 9), st.integers(2, 9), st.integers(0, 2**31))
@settings(max_examples=60, deadline=None)
def test_a_way_across_empty_ground_breaks_no_part(columns: int, rows: int, seed: int) -> None:
    graph, rng = grid_graph(columns, rows), np.random.default_rng(seed)
    weights = rng.integers(0, 5, columns * rows) * rng.integers(0, 2, columns * rows)
    label = divide(graph, weights, 5, 9)
    part = int(rng.integers(label.max() + 1))
    now = reached(graph, weights, label, part)
    assert pieces(graph, now) == len(set(now))
    assert (now[now != label] == part).all()
    assert (now == part).sum() >= (label == part).sum()


def test_progress_rises_to_one_and_can_end_the_work() -> None:
    graph, weights, said = grid_graph(20, 20), np.ones(400, np.int64), []
    arrays = (graph.indptr, graph.indices, graph.data, weights)
    partition_graph(*arrays, lower=18, upper=22, effort=0.1, progress=said.append)
    assert said == sorted(said)
    assert said[-1] == pytest.approx(1)

    def cancel(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        partition_graph(*arrays, lower=18, upper=22, progress=cancel)


def test_amending_moves_no_more_than_is_needed() -> None:
    graph = grid_graph(12, 12)
    home = (np.arange(144) // 12 // 3) * 4 + np.arange(144) % 12 // 3
    weights = np.ones(144, np.int64)
    nobody = np.zeros((144, 2), np.int64)
    assert (amend(graph, weights, nobody, home, band=Band(8, 10)) == home).all()
    weights[0] = 3
    label = amend(graph, weights, nobody, home, band=Band(8, 10))
    totals = np.bincount(label, weights)
    assert ((totals >= 8) & (totals <= 10)).all()
    assert (label != home).sum() <= 2


def test_a_part_that_grew_beyond_its_neighbours_room_is_split() -> None:
    graph = grid_graph(12, 4)
    home = np.arange(48) % 12 // 4
    weights = np.ones(48, np.int64)
    weights[home == 1] = 2
    label = amend(graph, weights, np.zeros((48, 2), np.int64), home, band=Band(13, 18))
    totals = np.bincount(label, weights)
    assert ((totals >= 13) & (totals <= 18)).all()
    assert len(totals) == 4


def test_the_same_seed_gives_the_same_labels() -> None:
    graph, weights = grid_graph(20, 20), np.random.default_rng(0).integers(1, 6, 400)
    assert (divide(graph, weights, 70, 80, 3) == divide(graph, weights, 70, 80, 3)).all()


def test_arrays_that_are_no_graph_are_refused() -> None:
    with pytest.raises(InputError, match="indptr"):
        partition_graph(
            np.zeros(3, np.int64), np.zeros(0, np.int64), np.zeros(0), np.ones(5, np.int64), lower=1, upper=2
        )


@given(st.integers(1, 100), st.integers(0, 100), st.integers(1, 2000))
def test_a_band_divides_what_some_number_of_cells_adds_up_to(lower: int, width: int, total: int) -> None:
    band = Band(lower, lower + width)
    assert band.divides(total) == any(k * band.lower <= total <= k * band.upper for k in range(1, total + 1))


@pytest.mark.parametrize("span", [(0, 5), (7, 3), (-1, 4)])
def test_a_band_needs_two_numbers_in_order(span: tuple[int, int]) -> None:
    with pytest.raises(InputError, match="give two numbers"):
        Band(*span)


@pytest.mark.parametrize(
    ("indptr", "indices", "cost", "weights"),
    [
        ([0, 1, 1], [7], [1.0], [1, 1]),
        ([0, 1, 1], [1], [1.0], [1, 1]),
        ([0, 2, 1], [1, 0], [1.0, 1.0], [1, 1]),
        ([0, 1, 2], [1, 0], [-1.0, -1.0], [1, 1]),
        ([0, 1, 2], [1, 0], [1.0, 1.0], [1, -1]),
        ([0, 1, 2], [1, 0], [np.inf, np.inf], [1, 1]),
        ([0, 1, 2], [1, 0], [np.nan, np.nan], [1, 1]),
        ([0, 1, 1], [1], [0.0], [1, 1]),
        ([0, 1, 2], [0, 1], [1.0, 1.0], [1, 1]),
        ([0, 1, 2], [1, 0], [1.0, 1.0], [1.5, 1.5]),
        ([0, 1, 2], [1, 0], [1.0, 1.0], [[1], [1]]),
    ],
)
def test_graphs_that_compiled_code_would_stumble_over_are_refused(
    indptr: list[int], indices: list[int], cost: list[float], weights: list[int]
) -> None:
    arrays = (np.array(a) for a in (indptr, indices, cost, weights))
    with pytest.raises(InputError, match="a graph needs"):
        partition_graph(*arrays, lower=1, upper=2)


def test_weights_that_would_overflow_are_refused() -> None:
    with pytest.raises(InputError, match="common unit"):
        divide(grid_graph(2, 2), np.full(4, 2**30), 2**29, 2**31)


@pytest.mark.parametrize(
    "option",
    [{"parts": 0}, {"parts": 2.5}, {"seed": -1}, {"seed": 2**32}, {"seed": 0.5}, {"effort": -1.0}, {"effort": np.nan}],
)
def test_options_out_of_range_are_refused(option: dict) -> None:
    graph = grid_graph(4, 4)
    arrays = (graph.indptr, graph.indices, graph.data, np.ones(16, np.int64))
    with pytest.raises(InputError, match=f"{next(iter(option))} .*: give a"):
        partition_graph(*arrays, lower=3, upper=5, **option)


def test_a_graph_without_nodes_has_no_parts() -> None:
    assert not len(divide(csr_array((0, 0)), np.zeros(0, np.int64), 1, 2))


def test_edges_that_cost_nothing_hold_parts_together() -> None:
    graph = grid_graph(10, 10)
    graph.data[:] = 0.0
    label = divide(graph, np.full(100, 10), 70, 80)
    assert pieces(graph, label) == label.max() + 1
    assert set(np.bincount(label) * 10) <= {70, 80}
