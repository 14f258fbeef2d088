"""Coverages of up to a million cells: proved, searched, mended and edited, against rivals in the same run."""

import resource
import statistics
import time
from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from tilings import CRS, damaged, layer, tiling

from gis.coverage.certificate import Tiling, certify
from gis.coverage.check import check
from gis.coverage.draft import Draft
from gis.coverage.repair import repair

# Ratios asked for, and the seconds and gigabytes allowed on a machine of two cores.
_FASTER_THAN_GEOS, _FASTER_THAN_PAIRS, _FASTER_THAN_MENDERS = 2.5, 6.0, 10.0
_PROVE_S, _LOCATE_S, _MILLION_S, _MILLION_GB, _EDIT_S = 1.0, 2.5, 15.0, 6.0, 0.0005
# Damage that every rival claims to mend.
_COMMON = ("missing", "moved", "corner", "vertex_less", "shrunk")


@pytest.fixture(scope="module")
def cells() -> np.ndarray:
    """Draw 100,000 cells of 24 vertices; what is compiled is compiled."""
    check(layer(list(damaged(tiling(20, 20), 0.2, 0))))
    return tiling(400, 250, cuts=6)


def say(text: str) -> None:
    print(text)  # noqa: T201 (the figures are what a benchmark is read for)


def seconds_of(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result


def test_the_certificate_is_faster_than_the_weaker_check(cells: np.ndarray, timed: Any) -> None:  # noqa: ANN401
    area = np.array([shapely.coverage_union_all(cells)])
    whole = Tiling("cells", cells, np.zeros(len(cells), np.int64), area)
    certificate = timed.pedantic(certify, ([whole],), rounds=3)
    ours = statistics.median(timed.stats.stats.data)
    geos, _ = seconds_of(lambda: shapely.coverage_invalid_edges(cells))
    say(
        f"\n100,000 cells, {certificate.levels[0]['edges']:,} edges: {ours:.2f} s, "
        f"GEOS {geos:.2f} s: {geos / ours:.1f} ×"
    )
    assert certificate.valid
    assert ours <= _PROVE_S
    assert geos >= _FASTER_THAN_GEOS * ours


def test_defects_are_located_faster_than_pairs_are_overlaid(cells: np.ndarray, timed: Any) -> None:  # noqa: ANN401
    frame = layer(list(damaged(cells, 0.01, 1)))
    area = gpd.GeoDataFrame(geometry=[shapely.coverage_union_all(cells)], crs=CRS)
    report = timed.pedantic(check, (frame,), {"area": area}, rounds=3)
    ours = statistics.median(timed.stats.stats.data)
    joined, pairs = seconds_of(lambda: gpd.sjoin(frame, frame, predicate="overlaps"))
    say(f"\n1 % damaged: {ours:.2f} s, sjoin {joined:.2f} s: {joined / ours:.1f} ×; {report.to_dict()['counts']}")
    several = report.defects["kind"].isin(["overlap", "sliver", "outside", "contained", "duplicate"])
    found = {
        tuple(sorted((a, b)))
        for codes in report.defects[several]["cells"]
        for a in codes.split(",")
        for b in codes.split(",")
    }
    theirs = {tuple(sorted(pair)) for pair in zip(pairs["code_left"], pairs["code_right"], strict=True)}
    # Pairs that only sjoin has overlap by less than rounding can tell; of rings that cross themselves it knows nothing.
    shapes = frame.set_index("code").geometry
    for a, b in theirs - found:
        shared = shapely.intersection(shapely.make_valid(shapes[a]), shapely.make_valid(shapes[b]))
        assert shared.area < 1e-3 * shared.length + 1e-6
    assert ours <= _LOCATE_S
    assert joined >= _FASTER_THAN_PAIRS * ours


@pytest.mark.large
def test_one_overlap_among_a_million_cells(timed: Any) -> None:  # noqa: ANN401
    million = tiling(1100, 1000, cuts=6)
    xy = shapely.get_coordinates(million[555_555])[:-1]
    xy[3, 1] -= 20.0
    million[555_555] = shapely.Polygon(xy)
    frame = layer([])
    frame = gpd.GeoDataFrame({"code": np.arange(len(million)).astype(str)}, geometry=million, crs=CRS)
    report = timed.pedantic(check, (frame,), rounds=1)
    ours = timed.stats.stats.data[0]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    say(f"\n1.1 million cells: {ours:.1f} s, {peak:.1f} GB; {report.to_dict()['counts']}")
    assert report.defects["kind"].tolist() == ["overlap"]
    assert "555555" in report.defects["cells"].iloc[0].split(",")
    assert ours <= _MILLION_S
    assert peak <= _MILLION_GB


def by_us(side: int, timed: Any) -> tuple[gpd.GeoDataFrame, float]:  # noqa: ANN401
    """Damage side² cells and mend them; the damaged cells, and the seconds."""
    frame = layer(list(damaged(tiling(side, side, seed=1), 0.05, 1, _COMMON)))
    repair(layer(list(damaged(tiling(5, 5, seed=1), 0.3, 1, _COMMON))))  # compiles
    done = timed.pedantic(repair, (frame,), rounds=3)
    assert done.after.certificate.valid
    assert len(done.cells) == len(frame)
    say(f"\nmoved: {done.changes.groupby('kind')['area_m2'].sum().round(1).to_dict()} m²")
    return frame, statistics.median(timed.stats.stats.data)


def by_rival(name: str, mend: Callable[..., Any], frame: gpd.GeoDataFrame, ours: float) -> float:
    seconds, mended = seconds_of(lambda: mend(frame))
    polygons = [shape for shape in mended.geometry if shape.geom_type in {"Polygon", "MultiPolygon"}]
    left = check(layer(polygons)).to_dict()["counts"]
    say(f"\n{len(frame):,} cells, {name}: {seconds:.2f} s, ours {ours:.2f} s: {seconds / ours:.1f} ×")
    say(f"of {len(frame):,} cells it leaves {len(polygons):,}, and the defects {left}")
    return seconds


def test_mending_is_faster_than_geoplanar(timed: Any) -> None:  # noqa: ANN401
    geoplanar = pytest.importorskip("geoplanar")
    frame, ours = by_us(100, timed)
    by_rival("overlaps and gaps only", lambda f: geoplanar.fill_gaps(geoplanar.trim_overlaps(f)), frame, ours)
    whole = by_rival("geoplanar", lambda f: geoplanar.fill_gaps(geoplanar.planar_enforce(f)), frame, ours)
    assert whole >= _FASTER_THAN_MENDERS * ours


@pytest.mark.parametrize("side", [50, pytest.param(100, marks=pytest.mark.large)])
def test_mending_is_faster_than_maup(side: int, timed: Any) -> None:  # noqa: ANN401
    maup = pytest.importorskip("maup")
    frame, ours = by_us(side, timed)
    assert by_rival("maup", maup.smart_repair, frame, ours) >= _FASTER_THAN_MENDERS * ours


def test_an_edit_takes_half_a_millisecond_at_most(cells: np.ndarray, timed: Any) -> None:  # noqa: ANN401
    draft = Draft([f"c{k}" for k in range(len(cells))], cells)
    edits = [{f"c{k}": shapely.coverage_union_all(cells[[k, k + 1]]), f"c{k + 1}": None} for k in range(800, 1200, 2)]
    rounds = iter(edits)
    timed.pedantic(lambda: draft.apply(next(rounds)), rounds=len(edits))
    median = statistics.median(timed.stats.stats.data)
    say(f"\nan edit among 100,000 cells: {median * 1e6:.0f} µs")
    assert median <= _EDIT_S
