"""Adversarial coverages, each named after what makes it hard: found, rightly called, and at its place."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from tilings import CRS, area_of, layer, squares

from gis.coverage.check import check
from gis.coverage.lattice import UNIT_M
from gis.coverage.repair import LEFT_ALONE, repair
from gis.coverage.report import CoverageReport
from gis.errors import CoverageError, InputError

box = shapely.box


def polygon(*xy: tuple[float, float]) -> shapely.Polygon:
    return shapely.Polygon(xy)


def found(cells: gpd.GeoDataFrame, **options: gpd.GeoDataFrame) -> CoverageReport:
    """Check, with the rows in another order as well: the same defects, the same certificate."""
    report = check(cells, **options)
    turned = check(cells.iloc[::-1], **options)
    assert set(turned.defects["id"]) == set(report.defects["id"])
    assert turned.certificate == report.certificate
    mended(cells, report, **options)
    return report


def mended(cells: gpd.GeoDataFrame, report: CoverageReport, **options: gpd.GeoDataFrame) -> None:
    """Mend: certified, what was right is the same bit for bit, and mending again changes nothing."""
    done = repair(cells, **options)
    assert done.after.certificate.valid
    assert set(done.after.defects["kind"]) <= LEFT_ALONE
    places = report.defects.geometry.union_all().buffer(2 * UNIT_M)
    gone = cells.index.difference(done.cells.index)
    assert set(done.changes.query("kind == 'deleted'")["before"]) == set(cells["code"][gone])
    for row in done.cells.index:
        if not shapely.intersects(cells.to_crs(report.defects.crs).geometry[row], places):
            assert shapely.equals_identical(cells.geometry[row], done.cells.geometry[row])
    again = repair(done.cells, **options | ({} if done.area is None else {"area": done.area}))
    assert not len(again.changes)
    assert shapely.equals_identical(again.cells.geometry.to_numpy(), done.cells.geometry.to_numpy()).all()
    pd.testing.assert_frame_equal(
        done.cells.drop(columns="geometry"), cells.loc[done.cells.index].drop(columns="geometry")
    )


def kinds(report: CoverageReport) -> dict[str, int]:
    assert report.valid == (not len(report.defects))
    return dict(Counter(report.defects["kind"]))


def only(report: CoverageReport, kind: str) -> tuple:
    """The one defect that there is."""
    assert kinds(report) == {kind: 1}
    return next(report.defects.itertuples())


def t_junction(offset: float) -> gpd.GeoDataFrame:
    """Two cells below one whose lower border runs aslant; their common corner lies beside it by `offset` steps."""
    corner = (128.0, 64.0 + offset * UNIT_M)
    return layer(
        [
            polygon((0, 0), (256, 128), (256, 300), (0, 300)),
            polygon((0, -100), (128, -100), corner, (0, 0)),
            polygon((128, -100), (256, -100), (256, 128), corner),
        ]
    )


def test_gap_side_t() -> None:
    defect = only(found(t_junction(-1)), "sliver")
    assert defect.cells == "c0,c1,c2"
    assert defect.area_m2 == 256 * UNIT_M / 2
    rounded = found(t_junction(-0.6).set_geometry(t_junction(-0.6).translate(1 / 3, 1 / 3)))
    assert kinds(rounded) == {"unmatched_vertex": 1}


def test_overlap_side_t() -> None:
    report = found(t_junction(1))
    assert kinds(report) == {"sliver": 2}
    assert set(report.defects["cells"]) == {"c0,c1", "c0,c2"}
    assert report.defects["area_m2"].sum() == 256 * UNIT_M / 2


def test_collinear_t() -> None:
    defect = only(found(t_junction(0)), "unmatched_vertex")
    assert defect.cells == "c0,c1,c2"
    assert defect.geometry.equals(shapely.Point(128, 64))


def test_gap_of_one_lattice_unit() -> None:
    cells = squares()
    cells[4] = box(100 + UNIT_M, 100, 200, 200)
    defect = only(found(layer(cells)), "sliver")
    assert defect.area_m2 == 100 * UNIT_M
    assert defect.cells == "c1,c3,c4,c7"


def test_overlap_of_one_lattice_unit() -> None:
    cells = squares()
    cells[4] = box(100 - UNIT_M, 100, 200, 200)
    defect = only(found(layer(cells)), "sliver")
    assert defect.cells == "c3,c4"
    assert defect.area_m2 == 100 * UNIT_M


def test_sliver_longer_than_the_gap_width() -> None:
    cells = [box(0, 0, 5000, 100), polygon((0, 100), (2500, 100.25), (5000, 100), (5000, 300), (0, 300))]
    defect = only(found(layer(cells)), "sliver")
    assert defect.area_m2 == 5000 * 0.25 / 2
    assert 0.2 < defect.width_m <= 0.25


def test_lens_gap_touching_the_rim() -> None:
    # Two borders that bulge apart between the rim, which they touch in a point, and an inner vertex.
    left = polygon((0, 0), (100, 0), (96, 50), (100, 100), (0, 100))
    right = polygon((100, 0), (200, 0), (200, 100), (100, 100), (104, 50))
    defect = only(found(layer([left, right])), "gap")
    assert defect.area_m2 == 400.0
    assert kinds(found(layer([left, right]), area=area_of([box(0, 0, 100, 100), box(100, 0, 200, 100)]))) == {"gap": 1}


def test_open_inlet() -> None:
    left, right = box(0, 0, 100, 100), polygon((100.25, 0), (200, 0), (200, 100), (100, 100), (100, 90), (100.25, 90))
    assert kinds(found(layer([left, right]))) == {"inlet": 1, "unmatched_vertex": 1}
    cells = [box(0, 0, 100, 100), polygon((110, 0), (200, 0), (200, 100), (100, 100), (110, 90))]
    rim = area_of([box(0, 0, 200, 100)])
    assert "uncovered" in kinds(found(layer(cells), area=rim))


def test_intended_hole() -> None:
    cells = [*squares()[:4], *squares()[5:]]
    defect = only(found(layer(cells)), "gap")
    assert defect.area_m2 == 10_000.0
    for hole in (shapely.Point(150, 150), box(90, 90, 210, 210)):
        report = found(layer(cells), holes=gpd.GeoDataFrame(geometry=[hole], crs=CRS))
        assert report.valid
        assert report.certificate.levels[0]["residue"] == 0
    elsewhere = gpd.GeoDataFrame(geometry=[shapely.Point(50, 50)], crs=CRS)
    assert not check(layer(cells), holes=elsewhere).valid


def test_intended_hole_at_the_rim_of_the_area() -> None:
    hole = gpd.GeoDataFrame(geometry=[shapely.Point(50, 50)], crs=CRS)
    assert found(layer(squares()[1:]), area=area_of(squares()), holes=hole).valid


def test_intended_hole_with_a_corner_on_a_longer_border() -> None:
    # The cell below the hole runs past its corner without a vertex there.
    cells = [box(0, 0, 300, 100), box(0, 100, 100, 200), box(200, 100, 300, 200), box(0, 200, 300, 300)]
    hole = gpd.GeoDataFrame(geometry=[box(110, 110, 190, 190)], crs=CRS)
    report = found(layer(cells), holes=hole)
    assert set(report.defects["kind"]) == {"unmatched_vertex"}
    assert {tuple(p) for shape in report.defects.geometry for p in shapely.get_coordinates(shape)} == {
        (100, 100), (200, 100), (100, 200), (200, 200),
    }  # fmt: skip


def test_nested_islands() -> None:
    # A lake with an island with a lake: two gaps, one within the other.
    rings = [box(k, k, 100 - k, 100 - k) for k in (0, 10, 20, 30)]
    cells = [shapely.difference(rings[0], rings[1]), shapely.difference(rings[2], rings[3])]
    report = found(layer(cells))
    assert kinds(report) == {"gap": 1, "hole": 1}
    assert report.defects.set_index("kind")["area_m2"].to_dict() == {"gap": 6400.0 - 3600.0, "hole": 1600.0}


def test_duplicate() -> None:
    defect = only(found(layer([*squares(), squares()[4]])), "duplicate")
    assert defect.cells == "c4,c9"


def test_rotated_and_reversed_duplicate() -> None:
    ring = [*squares()[4].exterior.coords[:-1]]
    for again in (polygon(*ring[2:], *ring[:2]), polygon(*ring[::-1])):
        defect = only(found(layer([*squares(), again])), "duplicate")
        assert defect.cells == "c4,c9"


def test_triple_overlap() -> None:
    cells = [box(0, 0, 100, 100), box(50, 0, 150, 100), box(75, 0, 200, 100)]
    overlaps = found(layer(cells)).defects.query("kind == 'overlap'").set_index("cells")["area_m2"]
    assert overlaps.to_dict() == {"c0,c1": 2500.0, "c0,c1,c2": 2500.0, "c1,c2": 5000.0}


def test_contained_cell_with_matched_neighbours() -> None:
    cells = [*squares(), box(110, 110, 190, 190)]
    defect = only(found(layer(cells)), "contained")
    assert defect.cells == "c4,c9"
    assert defect.area_m2 == 6400.0


def test_two_tilings_superimposed() -> None:
    first = squares(2)
    second = [box(0, 0, 200, 50), box(0, 50, 200, 200)]
    report = found(layer([*first, *second]))
    pairs = report.defects.query("kind != 'unmatched_vertex'")
    assert pairs["area_m2"].sum() == 40_000.0
    assert set(pairs["cells"]) == {"c0,c4", "c1,c4", "c0,c5", "c1,c5", "c2,c5", "c3,c5"}
    assert set(pairs["kind"]) == {"overlap", "contained"}


def test_the_same_tiling_twice() -> None:
    assert kinds(found(layer(squares() * 2))) == {"duplicate": 9}


def test_parent_mixed_with_children() -> None:
    report = found(layer([*squares(), box(0, 0, 300, 300)]))
    contained = report.defects.query("kind == 'contained'")
    assert set(contained["cells"]) == {f"c{k},c9" for k in range(9)}
    assert contained["area_m2"].sum() == 90_000.0


def test_bow_tie() -> None:
    cells = squares()
    cells[4] = polygon((100, 100), (200, 200), (200, 100), (100, 200))
    report = found(layer(cells))
    invalid = report.defects.query("kind == 'invalid'")
    assert len(invalid) == 1
    assert invalid.geometry.iloc[0].equals(shapely.Point(150, 150))
    assert "Self-intersection" in invalid["suggestion"].iloc[0]
    assert report.certificate.levels[0]["invalid"] == 1
    assert report.defects.query("kind == 'gap'")["area_m2"].sum() == 5000.0


def test_ring_self_touch() -> None:
    pinched = polygon((0, 0), (100, 0), (100, 100), (50, 50), (0, 100), (0, 60), (50, 50), (0, 40))
    invalid = found(layer([pinched])).defects.query("kind == 'invalid'")
    assert invalid.geometry.iloc[0].equals(shapely.Point(50, 50))
    assert "Self-intersection" in invalid["suggestion"].iloc[0]


def test_zero_width_spike() -> None:
    cells = squares()
    cells[8] = polygon((200, 200), (300, 200), (300, 300), (250, 300), (250, 390), (250, 300), (200, 300))
    defect = only(found(layer(cells)), "spike")
    assert defect.cells == "c8"
    assert defect.geometry.equals(shapely.MultiPoint([(250, 390)]))


def test_overlapping_parts() -> None:
    cells = [shapely.MultiPolygon([box(0, 0, 60, 100), box(40, 0, 100, 100)]), box(100, 0, 200, 100)]
    defect = only(found(layer(cells)), "invalid")
    assert "parts overlap" in defect.suggestion
    assert defect.area_m2 == 2000.0


def test_corner_only_contact() -> None:
    cells = squares(2)
    cells = [shapely.MultiPolygon([cells[0], cells[3]]), cells[1], cells[2]]
    defect = only(found(layer(cells)), "corner_contact")
    assert defect.cells == "c0"
    assert defect.geometry.equals(shapely.Point(100, 100))


def test_disconnected_cell() -> None:
    cells = squares()
    cells = [shapely.MultiPolygon([cells[0], cells[8]]), *cells[1:8]]
    defect = only(found(layer(cells)), "disconnected")
    assert defect.area_m2 == 10_000.0
    declared = found(layer(cells).assign(exclave=[1, *[0] * 7]))
    assert declared.valid
    assert kinds(found(layer(cells).assign(exclave=0))) == {"exclave": 1}


def test_cell_outside() -> None:
    cells = [*squares(), box(1000, 1000, 1100, 1100)]
    defect = only(found(layer(cells), area=area_of(squares())), "outside")
    assert defect.cells == "c9"
    assert defect.area_m2 == 10_000.0


def test_excess_face_across_the_rim() -> None:
    # One excess face: half of it lies over a neighbour, half beyond the area.
    cells = squares()
    cells[1] = polygon((100, 0), (200, 0), (200, 100), (100, 100), (100, 80), (-50, 80), (-50, 20), (100, 20))
    report = found(layer(cells), area=area_of(squares()))
    areas = report.defects.set_index("kind")["area_m2"].to_dict()
    assert areas["overlap"] == 6000.0
    assert areas["outside"] == 3000.0


def test_missing_rim_cell() -> None:
    defect = only(found(layer(squares()[1:]), area=area_of(squares())), "uncovered")
    assert defect.area_m2 == 10_000.0
    assert check(layer(squares()[1:])).valid


def test_none_empty_and_not_a_number() -> None:
    with np.errstate(invalid="ignore"):
        broken = polygon((0, 0), (100, 0), (100, np.nan), (0, 100))
    report = found(layer([*squares(), None, shapely.Polygon(), broken]))
    assert kinds(report) == {"empty": 2, "invalid": 1}
    assert report.defects.set_index("kind")["cells"].to_dict()["invalid"] == "c11"
    assert not report.certificate.valid


def test_repeated_points() -> None:
    cells = squares()
    cells[4] = polygon((100, 100), (200, 100), (200, 100), (200, 200), (200, 200), (200, 200), (100, 200))
    assert found(layer(cells)).valid


def test_minus_nought() -> None:
    cells = [box(-100, 0, -0.0, 100), polygon((0.0, -0.0), (100, 0), (100, 100), (0, 100)), box(0, -100, 100, -0.0)]
    assert found(layer(cells)).valid


def test_outlier_extent() -> None:
    cells = [*squares(), shapely.transform(squares()[4], lambda xy: xy + 1e9)]
    defect = only(found(layer(cells)), "invalid")
    assert defect.cells == "c9"
    far = [*squares(), shapely.transform(squares()[4], lambda xy: xy + 2e7)]
    assert found(layer(far)).valid
    assert only(found(layer(far), area=area_of(squares())), "outside").area_m2 == 10_000.0
    far[4] = box(110, 100, 200, 200)
    assert kinds(found(layer(far), area=area_of(squares()))) == {"gap": 1, "outside": 1}


def test_narrow_neck() -> None:
    # A gap that a neck of one step joins to the outside of a ring of cells: still one gap.
    left = polygon((0, 0), (100, 0), (100, 40), (60, 40), (60, 60), (100, 60), (100, 100), (0, 100))
    right = polygon(
        (100 + UNIT_M, 0), (200, 0), (200, 100), (100, 100), (100, 60), (140, 60), (140, 40), (100 + UNIT_M, 40)
    )
    report = found(layer([left, right]), area=area_of([box(0, 0, 200, 100)]))
    assert report.defects["area_m2"].max() > 1600.0
    neck = polygon((0, 0), (100, 0), (100, 40), (40, 50), (100, 60), (100, 100), (0, 100), (0, 70), (39, 50), (0, 30))
    assert found(layer([neck])).valid


def test_geos_1525_pair() -> None:
    cells = [polygon((1, 0), (1, 1), (1, 3), (4, 0)), polygon((0, 4), (1, 3), (1, 0))]
    defect = only(found(layer(cells)), "unmatched_vertex")
    assert defect.geometry.equals(shapely.MultiPoint([(1, 1)]))


def test_thin_triangle_flip() -> None:
    # On the lattice the triangle has no extent left, and may even lie the other way round.
    third = UNIT_M / 3
    cells = [
        polygon((0, 0), (100, 0), (50, third), (0, 0)),
        polygon((0, 0), (50, third), (100, 0), (100, 100), (0, 100)),
        polygon((0, -100), (100, -100), (100, 0), (0, 0)),
    ]
    report = found(layer(cells))
    assert report.defects.set_index("kind")["cells"].to_dict()["empty"] == "c0"
    assert not report.valid


def test_antimeridian() -> None:
    west, east = box(179.99, 0, 180, 0.01), box(-180, 0, -179.99, 0.01)
    split = shapely.MultiPolygon([box(179.99, 0.01, 180, 0.02), box(-180, 0.01, -179.99, 0.02)])
    cells = layer([west, east, split], "EPSG:4326")
    report = check(cells)
    # The lower border of the cell that the meridian cuts has a vertex there, as its neighbours have.
    assert report.valid
    assert report.defects.crs.to_epsg() in {32601, 32660}
    gap = cells.copy()
    gap.loc[2, "geometry"] = shapely.MultiPolygon([box(179.99, 0.0101, 180, 0.02), box(-180, 0.0101, -179.99, 0.02)])
    assert not check(gap, area=cells.dissolve()).valid
    with pytest.raises(InputError, match="180° meridian"):
        repair(cells)


def test_coordinates_at_2e7() -> None:
    cells = [shapely.transform(cell, lambda xy: xy + 2e7) for cell in squares()]
    assert found(layer(cells)).valid
    cells[4] = shapely.transform(box(100 + UNIT_M, 100, 200, 200), lambda xy: xy + 2e7)
    assert only(found(layer(cells)), "sliver").area_m2 == 100 * UNIT_M


def hierarchy(children: Sequence[Any], parents: Sequence[Any], of: str) -> gpd.GeoDataFrame:
    shapes = [*parents, *children]
    columns = {
        "code": [*(f"p{k}" for k in range(len(parents))), *(f"c{k}" for k in range(len(children)))],
        "level": ["parent"] * len(parents) + ["child"] * len(children),
        "parent_code": [None] * len(parents) + [f"p{k}" for k in of],
    }
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS)


def test_child_across_two_parents() -> None:
    children = [box(0, 0, 120, 100), box(120, 0, 200, 100)]
    parents = [
        polygon((0, 0), (100, 0), (100, 100), (0, 100)),
        polygon((100, 0), (120, 0), (200, 0), (200, 100), (120, 100), (100, 100)),
    ]
    report = found(hierarchy(children, parents, "01"))
    misfit = report.defects.query("kind == 'parent_child'")
    assert misfit.loc[misfit["area_m2"] > 0, "area_m2"].tolist() == [2000.0, 2000.0]
    assert misfit["suggestion"].str.contains("'p0'").any()
    assert misfit["suggestion"].str.contains("'p1'").any()


def test_equal_areas_with_different_shapes() -> None:
    children = [box(0, 0, 100, 100), box(100, 0, 200, 100)]
    parents = [
        polygon((0, 0), (100, 0), (120, 50), (100, 50), (80, 50), (100, 100), (0, 100)),
        polygon((100, 0), (200, 0), (200, 100), (100, 100), (80, 50), (100, 50), (120, 50)),
    ]
    children[0] = polygon((0, 0), (100, 0), (100, 50), (100, 100), (0, 100))
    children[1] = polygon((100, 0), (200, 0), (200, 100), (100, 100), (100, 50))
    assert parents[0].area == children[0].area
    report = found(hierarchy(children, parents, "01"))
    assert kinds(report) == {"parent_child": 4}
    assert report.defects["area_m2"].tolist() == [500.0] * 4


def test_parent_without_a_childs_t_vertex() -> None:
    children = [box(0, 0, 100, 100), box(100, 0, 200, 100)]
    report = found(hierarchy(children, [box(0, 0, 200, 100)], "00"))
    nested = report.defects.query("level == 'child'")
    assert set(nested["kind"]) == {"parent_child"}
    assert {tuple(p) for shape in nested.geometry for p in shapely.get_coordinates(shape)} == {(100, 0), (100, 100)}


def test_input_order() -> None:
    rng = np.random.default_rng(5)
    cells = layer([*squares(6), box(50, 50, 130, 130), squares(6)[7]])
    cells.loc[20, "geometry"] = box(220, 300, 300, 400)
    first = check(cells)
    for _ in range(5):
        again = check(cells.iloc[rng.permutation(len(cells))])
        pd.testing.assert_frame_equal(
            first.defects.drop(columns="geometry"), again.defects.drop(columns="geometry"), check_like=True
        )


def test_codes_that_are_doubled_or_lacking() -> None:
    cells = layer(squares())
    cells.loc[[4, 8], "code"] = "c7"
    cells.loc[2, "code"] = None
    defects = check(cells).defects.set_index("suggestion")
    assert set(defects["kind"]) == {"code"}
    twice, none = (defects[defects.index.str.contains(text)].iloc[0] for text in ("3 cells have", "no code"))
    assert twice["cells"] == "c7,c7,c7"
    assert {(p.x, p.y) for p in twice.geometry.geoms} == {(150, 150), (150, 250), (250, 250)}
    assert none.geometry.equals(shapely.MultiPoint([(250, 50)]))


def test_levels_need_codes_and_declared_exclaves_are_one_or_nought() -> None:
    cells = hierarchy(squares()[:2], [box(0, 0, 200, 100)], "00")
    with pytest.raises(InputError, match="no column 'code'"):
        check(cells.drop(columns="code"))
    with pytest.raises(InputError, match="row 2: exclave is 'no'"):
        check(cells.assign(exclave=[0, "no", 0]))


def steps(*xy: tuple[int, int]) -> shapely.Polygon:
    return shapely.Polygon(np.array(xy) * UNIT_M)


def test_overlaps_thinner_than_a_step_are_not_certified() -> None:
    n = 100_000
    thin = steps((0, 0), (n, 1), (2 * n, 1))
    below = steps((0, 0), (n, 1), (2 * n, 1), (2 * n, -10 * n), (0, -10 * n))
    above = steps((0, 0), (n, 1), (n, 10 * n), (2 * n, 10 * n), (2 * n, 1))
    report = check(layer([thin, below, above]))
    assert not report.certificate.valid
    assert len(report.defects)
    twice = steps((0, 0), (n, 0), (2 * n, 1))
    whole = gpd.GeoDataFrame(geometry=[steps((n, 0), (2 * n, 1), (n, 1), (0, 0))], crs=CRS)
    report = check(layer([steps((0, 0), (2 * n, 1), (n, 1)), twice, twice]), area=whole)
    assert not report.certificate.valid
    assert report.certificate.levels[0]["residue"] > 0


def test_codes_may_be_numbers_that_a_file_made_floats() -> None:
    cells = hierarchy(squares()[:2], [shapely.coverage_union_all(squares()[:2])], "00")
    cells["code"] = [10, 11, 12]
    cells["parent_code"] = [np.nan, 10.0, 10.0]
    assert check(cells).valid


def test_columns_that_a_format_cut_are_refused() -> None:
    cells = hierarchy(squares()[:2], [box(0, 0, 200, 100)], "00").rename(columns={"parent_code": "parent_cod"})
    with pytest.raises(InputError, match="'parent_cod' was cut"):
        check(cells)


def test_a_parent_without_children_is_told_and_not_mended() -> None:
    cells = hierarchy(squares()[:2], [box(0, 0, 200, 100), box(0, 100, 200, 200)], "00")
    top = gpd.GeoDataFrame({"code": ["t"], "level": ["top"]}, geometry=[box(0, 0, 200, 200)], crs=CRS)
    cells = pd.concat([top, cells.assign(parent_code=["t", "t", "p0", "p0"])], ignore_index=True)
    assert "parent_child" in set(check(cells).defects["kind"])
    with pytest.raises(CoverageError, match="cannot be mended"):
        repair(cells)


def test_who_gets_what_does_not_hang_on_the_order_of_rows() -> None:
    shapes = [box(0, 0, 300, 100), box(140, 0, 160, 100)]
    shapes += [box(k * 100, -100, k * 100 + 100, 0) for k in range(3)]
    shapes += [box(k * 100, 100, k * 100 + 100, 200) for k in range(3)]
    cells = layer([*shapes, shapes[4]])
    first, second = (repair(rows).cells for rows in (cells, cells.iloc[::-1]))
    areas = [dict(zip(done["code"], done.area, strict=True)) for done in (first, second)]
    assert areas[0] == areas[1]
    ids = [set(check(rows).defects["id"]) for rows in (cells, cells.iloc[::-1])]
    assert ids[0] == ids[1]
