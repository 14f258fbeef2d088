"""Points to cells against what people use for it, in the same run; and files that are longer than memory."""

import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from places import awkward_points, holds
from tilings import CRS, tiling

from gis.location.index import CellIndex
from gis.location.routing import Router
from gis.location.rule import RoutingRule
from gis.location.stream import route_file
from gis.plan import Plan

_FASTER, _BUILD_S, _SINGLE = 10.0, 5.0, 400_000
_POINTS = 1_000_000


def say(text: str) -> None:
    print(text)  # noqa: T201 (the figures are what a benchmark is read for)


@pytest.fixture(scope="module")
def cells() -> gpd.GeoDataFrame:
    """Draw 10,000 cells of 65 vertices; what is compiled is compiled."""
    warm = CellIndex.from_polygons(layer(tiling(5, 5)))
    warm.locate(np.zeros(3), np.zeros(3))
    return layer(tiling(100, 100, cuts=16, seed=1))


def layer(shapes: np.ndarray) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"code": [f"c{k}" for k in range(len(shapes))]}, geometry=shapes, crs=CRS)


@pytest.fixture(scope="module")
def points(cells: gpd.GeoDataFrame) -> np.ndarray:
    west, south, east, north = cells.total_bounds
    return np.random.default_rng(0).uniform((west, south), (east, north), (_POINTS, 2))


def seconds_of(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def sjoin(cells: gpd.GeoDataFrame, points: np.ndarray) -> Callable[[], object]:
    layer_of_points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*points.T), crs=CRS)
    return lambda: gpd.sjoin(layer_of_points, cells, predicate="within")


def strtree(cells: gpd.GeoDataFrame, points: np.ndarray) -> Callable[[], object]:
    tree, made = shapely.STRtree(cells.geometry.to_numpy()), shapely.points(points)
    return lambda: tree.query(made, predicate="intersects")


def prepared_boxes(cells: gpd.GeoDataFrame, points: np.ndarray) -> Callable[[], object]:
    """Boxes by the tree, then prepared polygons point by point: the fastest way known with shapely."""
    shapes = cells.geometry.to_numpy().copy()
    shapely.prepare(shapes)
    tree, made = shapely.STRtree(shapes), shapely.points(points)

    def search() -> np.ndarray:
        point, cell = tree.query(made)
        return shapely.contains_xy(shapes[cell], *points[point].T)

    return search


def duck(cells: gpd.GeoDataFrame, points: np.ndarray) -> Callable[[], object]:
    import duckdb  # noqa: PLC0415 (installed for benchmarks only)
    from duckdb_extensions import import_extension  # noqa: PLC0415

    database = duckdb.connect()
    import_extension("spatial", con=database)
    database.execute("LOAD spatial")
    database.execute("SET threads = 1")
    shapes = pa.table({"code": cells["code"], "wkb": shapely.to_wkb(cells.geometry.to_numpy())})
    pins = pa.table({"x": points[:, 0], "y": points[:, 1]})
    for name, table in (("shapes", shapes), ("pins", pins)):
        database.register(f"given_{name}", table)
    database.execute("CREATE TABLE shapes AS SELECT code, ST_GeomFromWKB(wkb) AS geom FROM given_shapes")
    database.execute("CREATE TABLE pins AS SELECT ST_Point(x, y) AS geom FROM given_pins")
    query = "SELECT code FROM pins JOIN shapes ON ST_Within(pins.geom, shapes.geom)"
    return lambda: database.execute(query).fetchnumpy()


def test_points_are_located_faster_than_by_any_other(
    cells: gpd.GeoDataFrame,
    points: np.ndarray,
    timed: Any,  # noqa: ANN401
) -> None:
    began = time.perf_counter()
    index = CellIndex.from_polygons(cells)
    build = time.perf_counter() - began
    timed.pedantic(index.locate, tuple(points.T.copy()), rounds=7, warmup_rounds=1)
    ours = statistics.median(timed.stats.stats.data)
    rivals = {}
    for way in (sjoin, strtree, prepared_boxes, duck):
        ready = way(cells, points)
        rivals[way.__name__] = min(seconds_of(ready) for _ in range(2))
    best = min(rivals.values())
    told = ", ".join(f"{name} {_POINTS / took / 1e6:.2f}" for name, took in rivals.items())
    say(f"\n1M points in 10,000 cells of 65: {_POINTS / ours / 1e6:.1f} M/s, one thread; {told}: {best / ours:.1f} ×")
    say(f"built in {build:.2f} s")
    assert best >= _FASTER * ours
    assert build <= _BUILD_S


def test_single_points_are_located_in_microseconds(
    cells: gpd.GeoDataFrame,
    points: np.ndarray,
    timed: Any,  # noqa: ANN401
) -> None:
    index = CellIndex.from_polygons(cells)
    some = points[:200_000].tolist()

    def one_by_one() -> None:
        find = index.locate_one
        for x, y in some:
            find(x, y)

    timed.pedantic(one_by_one, rounds=3, warmup_rounds=1)
    rate = len(some) / statistics.median(timed.stats.stats.data)
    say(f"\none by one: {rate / 1e3:.0f}k/s")
    assert rate >= _SINGLE


@pytest.mark.large
def test_ten_million_awkward_points_are_located_exactly(cells: gpd.GeoDataFrame, timed: Any) -> None:  # noqa: ANN401
    shapes = cells.geometry.to_numpy()
    x, y = awkward_points(shapes, 10_000_000, seed=4)
    index = CellIndex.from_polygons(cells)
    found = timed.pedantic(index.locate, (x, y), rounds=1)
    inside = found >= 0
    wrong = int((~holds(shapes, found[inside], x[inside], y[inside])).sum())
    point, cell = shapely.STRtree(shapes).query(shapely.points(x[~inside], y[~inside]), predicate="dwithin", distance=1)
    missed = int(holds(shapes, cell, x[~inside][point], y[~inside][point]).sum())
    say(f"\n10M points on vertices, on edges, a step beside them, and anywhere: {wrong} wrong, {missed} missed")
    assert wrong == missed == 0


@pytest.mark.large
@pytest.mark.parametrize(("rows", "accuracy"), [(100_000_000, 0.0), (5_000_000, 15.0)])
def test_a_hundred_million_points_stream_through(
    town_plan: Plan,
    tmp_path: Path,
    rows: int,
    accuracy: float,
    timed: Any,  # noqa: ANN401
) -> None:
    west, south, east, north = town_plan.area.to_crs(4326).total_bounds
    rng = np.random.default_rng(0)
    schema = pa.schema([("id", pa.int64()), ("lon", pa.float64()), ("lat", pa.float64())])
    with pq.ParquetWriter(tmp_path / "pins.parquet", schema) as writer:
        for first in range(0, rows, _POINTS):
            lon, lat = rng.uniform((west, south), (east, north), (_POINTS, 2)).T
            writer.write_table(pa.table([np.arange(first, first + _POINTS), lon, lat], schema=schema))
    router = Router(town_plan, RoutingRule(gps_m=accuracy))
    memory = []

    def told(_: int, __: int | None) -> None:
        memory.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6)

    done = timed.pedantic(
        route_file, (router, tmp_path / "pins.parquet", tmp_path / "routed.parquet"), {"told": told}, rounds=1
    )
    took = timed.stats.stats.data[0]
    tenth = memory[len(memory) // 10]
    say(
        f"\n{rows:,} points, accuracy {accuracy:g} m: {rows / took / 1e3:.0f}k/s; "
        f"{tenth:.2f} GB after a tenth, {memory[-1]:.2f} GB at the end"
    )
    assert done.rows == rows
    assert pq.read_metadata(tmp_path / "routed.parquet").num_rows == rows
    assert memory[-1] <= 1.1 * tenth
