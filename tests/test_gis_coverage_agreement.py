"""Two coverages against each other, on drawings small enough to count by hand, and against shapely's own overlay."""

from itertools import pairwise, product
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

import gis
from gis.coverage.agreement import Agreement, agree
from gis.coverage.overlay import overlay
from gis.errors import InputError

CRS = "EPSG:32649"
STEP_M = 1 / 1024
Box = tuple[float, float, float, float]


def coverage(cells: dict[str, Box | shapely.Geometry], crs: str | None = CRS) -> gpd.GeoDataFrame:
    shapes = [shape if isinstance(shape, shapely.Geometry) else shapely.box(*shape) for shape in cells.values()]
    return gpd.GeoDataFrame({"code": list(cells)}, geometry=placed(shapes), crs=crs)


def placed(shapes: list[shapely.Geometry]) -> list[shapely.Geometry]:
    """Move shapes to where metres cannot be taken for degrees."""
    return list(shapely.transform(shapes, lambda xy: xy + 1_000))


def columns(prefix: str, *edges: float, height: float = 100.0) -> dict[str, Box | shapely.Geometry]:
    return {f"{prefix}{k}": (west, 0.0, east, height) for k, (west, east) in enumerate(pairwise(edges), start=1)}


def areas(found: Agreement) -> dict[tuple[str | None, str | None], float]:
    codes = found.matrix[["first_code", "second_code"]].astype(object)
    pairs = codes.where(codes.notna(), None).itertuples(index=False, name=None)
    return dict(zip(pairs, found.matrix["area_m2"], strict=True))


def lengths(found: Agreement) -> dict[str, float]:
    return found.lines.groupby("which")["length_m"].sum().to_dict()


def each(found: Agreement, figure: str) -> list[float]:
    return [found.summary()["coverages"][side][figure] for side in ("first", "second")]


def test_identical_coverages_agree_everywhere() -> None:
    cells = columns("a", 0, 100, 200, 300)
    found = gis.agree(coverage(cells), coverage(cells))
    assert areas(found) == {(code, code): 10_000.0 for code in cells}
    assert found.matrix["agrees"].all()
    assert found.disagreements.empty
    said = found.summary()
    assert (said["agreeing_share"], said["border_both_share"]) == (1.0, 1.0)
    assert each(found, "identical") == [3, 3]
    assert each(found, "nested") == [0, 0]
    assert lengths(found) == {"both": 1_000.0}


def test_shifted_squares_disagree_where_they_were_shifted() -> None:
    found = agree(coverage(columns("a", 0, 100, 200)), coverage(columns("b", 30, 130, 230)))
    assert areas(found) == {
        ("a1", "b1"): 7_000.0,
        ("a1", None): 3_000.0,
        ("a2", "b1"): 3_000.0,
        ("a2", "b2"): 7_000.0,
        (None, "b2"): 3_000.0,
    }
    assert found.matrix["agrees"].tolist() == [True, False, False, True, False]
    assert found.matrix["share_of_first"].tolist()[:4] == [0.7, 0.3, 0.3, 0.7]
    assert np.isnan(found.matrix["share_of_first"].iloc[4])
    assert found.matrix["share_of_second"].iloc[4] == 0.3
    said = found.summary()
    assert said["land_m2"] == found.land_m2 == found.matrix["area_m2"].sum() == 23_000.0
    assert said["agreeing_share"] == round(14 / 23, 6)
    assert said["coverages"]["first"] == {
        "cells": 2,
        "land_m2": 20_000.0,
        "only_here_m2": 3_000.0,
        "overlapping_m2": 0.0,
        "identical": 0,
        "nested": 0,
        "with_best_partner_share": 0.7,
    }
    # Common are the long sides from 30 to 200; each has two uprights of its own there, one end, and 30 m of long sides.
    assert lengths(found) == {"both": 340.0, "first": 360.0, "second": 360.0}


@pytest.mark.parametrize("swapped", [False, True])
def test_small_cells_in_large_ones_agree_with_them(swapped: bool) -> None:  # noqa: FBT001 (both ways)
    fine, coarse = coverage(columns("f", 0, 50, 100, 150, 200)), coverage(columns("c", 0, 100, 200))
    found = agree(coarse, fine) if swapped else agree(fine, coarse)
    assert found.summary()["agreeing_share"] == 1.0
    assert each(found, "identical") == [0, 0]
    assert each(found, "nested") == ([0, 4] if swapped else [4, 0])
    assert each(found, "with_best_partner_share") == ([0.5, 1.0] if swapped else [1.0, 0.5])


def test_a_cell_inside_a_hole_of_nobody() -> None:
    ring = shapely.box(0, 0, 90, 90) - shapely.box(30, 30, 60, 60)
    found = agree(coverage({"ring": ring}), coverage({"whole": (0, 0, 90, 90)}))
    assert areas(found) == {("ring", "whole"): 7_200.0, (None, "whole"): 900.0}
    assert lengths(found) == {"both": 360.0, "first": 120.0}


def test_the_same_share_twice_goes_to_the_first_code() -> None:
    # Neither half is the best partner's only cell: each half has another cell that it shares more with.
    first = coverage({"x": (0, 0, 100, 100), "u": (-300, 0, 0, 100), "v": (100, 0, 400, 100)})
    second = coverage({"q": (50, 0, 400, 100), "p": (-300, 0, 50, 100)})
    pieces = agree(first, second).matrix.set_index(["first_code", "second_code"])["agrees"]
    assert pieces["x", "p"]
    assert not pieces["x", "q"]


def test_land_claimed_twice_counts_for_each_pair_and_is_told() -> None:
    first = coverage({"a": (0, 0, 100, 100), "b": (80, 0, 200, 100)})
    second = coverage({"s": (0, 0, 90, 100), "t": (90, 0, 200, 100)})
    found = agree(first, second)
    assert areas(found) == {("a", "s"): 9_000.0, ("a", "t"): 1_000.0, ("b", "s"): 1_000.0, ("b", "t"): 11_000.0}
    assert (found.land_m2, found.counted_again_m2) == (20_000.0, 2_000.0)
    assert found.matrix["area_m2"].sum() == found.land_m2 + found.counted_again_m2
    assert found.matrix.groupby("first_code")["share_of_first"].sum().tolist() == [1.0, 1.0]
    assert each(found, "overlapping_m2") == [2_000.0, 0.0]
    assert shapely.equals(found.pieces.geometry.iloc[0], placed([shapely.box(0, 0, 90, 100)])[0])


def test_a_cell_drawn_twice_is_identical_to_its_like() -> None:
    found = agree(coverage({"a": (0, 0, 10, 10)}), coverage({"x": (0, 0, 10, 10), "y": (0, 0, 10, 10)}))
    assert areas(found) == {("a", "x"): 100.0, ("a", "y"): 100.0}
    assert each(found, "identical") == [1, 2]
    assert found.summary()["agreeing_share"] == 1.0


def test_slivers_are_marked_and_not_dropped() -> None:
    first, second = coverage(columns("a", 0, 100, 200)), coverage(columns("b", 0, 103, 200))
    exact, loose = agree(first, second), agree(first, second, tolerance_m=4.0)
    assert areas(exact) == areas(loose)
    assert not exact.matrix["sliver"].any()
    assert loose.matrix.loc[loose.matrix["sliver"], ["first_code", "second_code"]].to_numpy().tolist() == [["a2", "b1"]]
    assert (each(exact, "identical"), each(loose, "identical")) == ([0, 0], [2, 2])
    assert (each(exact, "nested"), each(loose, "nested")) == ([1, 1], [0, 0])
    assert loose.disagreements.empty
    assert (loose.summary()["disagreeing_slivers"], loose.summary()["disagreeing_slivers_m2"]) == (1, 300.0)
    assert not agree(first, second, tolerance_m=2.0).matrix["sliver"].any()


def test_households_count_once_even_on_a_border() -> None:
    first, second = coverage(columns("a", 0, 100, 200)), coverage(columns("b", 0, 130, 200))
    places = [shapely.Point(50, 50), shapely.Point(100, 50), shapely.box(110, 10, 120, 20), shapely.Point(500, 0)]
    houses = gpd.GeoDataFrame({"households": [1, 2, 4, 8]}, geometry=placed(places), crs=CRS)
    found = agree(first, second, buildings=houses)
    counts = found.matrix.set_index(["first_code", "second_code"])["households"]
    assert counts["a2", "b1"] in (4, 6)
    assert counts.sum() == 7
    assert (found.summary()["households"], found.summary()["households_outside"]) == (7, 8)
    assert found.summary()["households_agreeing_share"] == round((7 - counts["a2", "b1"]) / 7, 6)


def test_the_second_comes_to_the_crs_of_the_first() -> None:
    first = coverage(columns("a", 500_000, 500_100, 500_200))
    second = first.to_crs("EPSG:4326")
    found = agree(first, second, tolerance_m=0.1)
    assert found.pieces.crs == found.lines.crs == first.crs
    assert each(found, "identical") == [2, 2]
    assert agree(second, first).pieces.crs.to_epsg() == 32649


def test_cells_that_share_ground_by_floors_are_one() -> None:
    towers = coverage({"a": (0, 0, 10, 10), "b": (0, 0, 10, 10), "c": (10, 0, 20, 10)})
    found = agree(towers.assign(ground_code=["a", "a", "c"]), coverage({"x": (0, 0, 20, 10)}))
    assert areas(found) == {("a", "x"): 100.0, ("c", "x"): 100.0}
    assert found.counted_again_m2 == 0


def test_cells_without_codes_are_known_by_their_row() -> None:
    cells = coverage(columns("a", *range(0, 120, 10))).drop(columns="code")
    found = agree(cells, coverage({"x": (0, 0, 110, 100)}))
    assert found.matrix["first_code"].tolist() == [f"{row:02d}" for row in range(1, 12)]


SQUARE = coverage({"a": (0, 0, 10, 10)})


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (SQUARE.iloc[:0], "second: no rows"),
        (coverage({"a": (0, 0, 10, 10)}, None), "second: no coordinate reference system"),
        (coverage({"a": (0, 0, 10, 10), "b": shapely.LineString([(0, 0), (1, 1)])}), "second, row 1: no polygon"),
        (coverage({"a": shapely.Polygon()}), "second, row 0: no geometry"),
        (coverage({"a": shapely.Polygon([(0, 0), (9, 9), (9, 0), (0, 9)])}), "second, row 0: not valid: Self-inters"),
        (pd.concat([SQUARE, SQUARE], ignore_index=True), "second, row 1: a code that another row has"),
        (SQUARE.assign(code=""), "second, row 0: no code"),
        (coverage({"a": (500, 0, 510, 10)}), "share no land"),
        (coverage({"a": (2e6, 0, 2e6 + 10, 10)}), "reach over more than 1,049 km"),
    ],
)
def test_what_is_no_coverage_is_refused(wrong: gpd.GeoDataFrame, message: str) -> None:
    with pytest.raises(InputError, match=message):
        agree(coverage({"a": (0, 0, 200, 200)}), wrong)


def test_wrong_counts_and_tolerances_are_refused() -> None:
    point = gpd.GeoDataFrame({"households": [-1]}, geometry=placed([shapely.Point(5, 5)]), crs=CRS)
    with pytest.raises(InputError, match="households is -1, negative"):
        agree(SQUARE, SQUARE, buildings=point)
    with pytest.raises(InputError, match="no column households"):
        agree(SQUARE, SQUARE, buildings=point.drop(columns="households"))
    for tolerance in (-1.0, float("nan")):
        with pytest.raises(InputError, match="give 0 or more"):
            agree(SQUARE, SQUARE, tolerance_m=tolerance)


@st.composite
def boxes(draw: st.DrawFn) -> gpd.GeoDataFrame:
    """Rectangles anywhere: with gaps, overlaps, duplicates, common borders and corners."""
    at, size = st.integers(0, 12), st.integers(1, 8)
    drawn = draw(st.lists(st.tuples(at, at, size, size), min_size=1, max_size=6))
    return coverage({f"c{k}": (x, y, x + w, y + h) for k, (x, y, w, h) in enumerate(drawn)})


@st.composite
def triangles(draw: st.DrawFn) -> gpd.GeoDataFrame:
    """A triangulation, some of its triangles missing; together they tile some land."""
    point = st.tuples(st.integers(0, 1_000), st.integers(0, 1_000))
    points = draw(st.lists(point, min_size=5, max_size=12, unique=True))
    found = shapely.get_parts(shapely.delaunay_triangles(shapely.multipoints([*points, (450, 450), (550, 480)])))
    found = found[shapely.area(found) > 1]
    kept = draw(st.lists(st.booleans(), min_size=len(found), max_size=len(found)))
    rows = [triangle for triangle, keep in zip(found, kept, strict=True) if keep] or list(found)
    return coverage({f"t{k:02d}": triangle for k, triangle in enumerate(rows)})


def brute_force(first: gpd.GeoDataFrame, second: gpd.GeoDataFrame) -> dict[tuple[str | None, str | None], float]:
    expected: dict[tuple[str | None, str | None], float] = {}
    for (i, a), (j, b) in product(first.set_index("code").geometry.items(), second.set_index("code").geometry.items()):
        expected[i, j] = shapely.area(shapely.intersection(a, b))
    for i, a in first.set_index("code").geometry.items():
        expected[i, None] = shapely.area(a - shapely.union_all(second.geometry))
    for j, b in second.set_index("code").geometry.items():
        expected[None, j] = shapely.area(b - shapely.union_all(first.geometry))
    return expected


@given(boxes(), boxes())
@settings(max_examples=60)
def test_rectangles_are_measured_as_shapely_does(first: gpd.GeoDataFrame, second: gpd.GeoDataFrame) -> None:
    expected = brute_force(first, second)
    if not any(area for pair, area in expected.items() if None not in pair):
        with pytest.raises(InputError, match="share no land"):
            agree(first, second)
        return
    found = agree(first, second)
    assert areas(found) == {pair: area for pair, area in expected.items() if area > 1e-6}
    assert found.land_m2 == shapely.union_all([*first.geometry, *second.geometry]).area
    assert found.matrix["area_m2"].sum() == found.land_m2 + found.counted_again_m2
    assert found.pieces.area.tolist() == pytest.approx(found.matrix["area_m2"].tolist(), abs=1e-6)
    outlines = [shapely.union_all(shapely.boundary(cells.geometry.to_numpy())) for cells in (first, second)]
    for which, line in (("first", outlines[0] - outlines[1]), ("second", outlines[1] - outlines[0])):
        # Where cells of one coverage lie on each other, borders may part the same cells, which is none.
        assert lengths(found).get(which, 0.0) <= line.length + 1e-6


@given(triangles(), triangles())
@settings(max_examples=40)
def test_triangles_are_measured_as_shapely_does(first: gpd.GeoDataFrame, second: gpd.GeoDataFrame) -> None:
    expected = brute_force(first, second)
    if not sum(area for pair, area in expected.items() if None not in pair) > 1:
        return
    found = agree(first, second)
    measured = areas(found)
    around = max(first.length.max(), second.length.max())
    for pair in expected.keys() | measured.keys():
        assert measured.get(pair, 0.0) == pytest.approx(expected.get(pair, 0.0), abs=around * STEP_M)
    assert found.counted_again_m2 == 0
    assert found.matrix["area_m2"].sum() == found.land_m2
    assert shapely.coverage_is_valid(found.pieces.geometry.to_numpy())


@given(boxes() | triangles(), boxes() | triangles())
@settings(max_examples=40)
def test_swapping_the_two_transposes_the_matrix(first: gpd.GeoDataFrame, second: gpd.GeoDataFrame) -> None:
    if not any(area > 1 for pair, area in brute_force(first, second).items() if None not in pair):
        return
    there, back = agree(first, second, tolerance_m=1.0), agree(second, first, tolerance_m=1.0)
    turned = {"first_code": "second_code", "second_code": "first_code"}
    turned |= {"share_of_first": "share_of_second", "share_of_second": "share_of_first"}
    mirrored = back.matrix.rename(columns=turned)[there.matrix.columns]
    mirrored = mirrored.sort_values(["first_code", "second_code"], ignore_index=True)
    pd.testing.assert_frame_equal(there.matrix, mirrored)
    assert there.figures["coverages"]["first"] == back.figures["coverages"]["second"]
    swapped = {"first": "second", "second": "first", "both": "both"}
    assert {swapped[which]: length for which, length in lengths(back).items()} == pytest.approx(lengths(there))


def test_zones_are_faces_put_together() -> None:
    laid = overlay(shapely.box([0, 10], 0, [10, 20], 10), shapely.box([0, 5], 0, [5, 20], 10))
    assert laid.members.tolist() == [[0, 0, 0], [1, 0, 1], [2, 1, 1]]
    assert shapely.area(laid.polygons()).tolist() == [50.0, 50.0, 100.0]


def test_denver_blocks_against_precincts(datasets: Path) -> None:
    blocks = gpd.read_file(datasets / "coverage_us_blocks" / "DenverCo_blocks.zip")
    folder = datasets / "coverage_precincts_defects"
    precincts = gpd.read_file(folder / "DenverCo_precincts2020_repaired.zip")
    counted = blocks.set_geometry(blocks.representative_point()).rename(columns={"TOTPOP20": "households"})
    found = agree(
        blocks.rename(columns={"GEOID20": "code"}),
        precincts.rename(columns={"PRECID": "code"}),
        buildings=counted,
        tolerance_m=5.0,
    )
    assert found.matrix["area_m2"].sum() == found.land_m2
    assert found.counted_again_m2 == 0
    assert found.matrix["households"].sum() == counted["households"].sum() == 715_522
    for frame, code in ((blocks, "first_code"), (precincts, "second_code")):
        own = frame.to_crs(found.pieces.crs)
        measured = found.matrix.groupby(code)["area_m2"].sum().to_numpy()
        column = "GEOID20" if code == "first_code" else "PRECID"
        expected = own.assign(code=own[column], area=own.area, length=own.length).sort_values("code")
        assert (np.abs(measured - expected["area"]) <= expected["length"] * STEP_M).all()
    assert 0.99 < found.figures["agreeing_share"] < 1
    assert shapely.is_valid(found.pieces.geometry.to_numpy()).all()


def test_precincts_that_overlap_are_told(datasets: Path) -> None:
    folder = datasets / "coverage_precincts_defects"
    drawn = [gpd.read_file(folder / f"DenverCo_precincts2020_{name}.zip") for name in ("orig", "repaired")]
    found = agree(*drawn)
    claimed = each(found, "overlapping_m2")
    assert claimed[0] > 0
    assert claimed[1] == 0
    assert found.matrix["area_m2"].sum() == found.land_m2 + found.counted_again_m2


def test_plots_and_a_tessellation_of_bubenec(datasets: Path) -> None:
    plots, tessellation = (
        gpd.read_file(datasets / "coverage_basic" / "bubenec.gpkg", layer=layer) for layer in ("plots", "tessellation")
    )
    found = agree(plots[plots.is_valid], tessellation)
    crs = found.pieces.crs
    assert crs.to_epsg() == 32633
    shared = gpd.overlay(plots[plots.is_valid][["geometry"]].to_crs(crs), tessellation[["geometry"]].to_crs(crs))
    mutual = found.matrix["first_code"].notna() & found.matrix["second_code"].notna()
    assert found.matrix.loc[mutual, "area_m2"].sum() == pytest.approx(shared.area.sum(), rel=1e-5)
