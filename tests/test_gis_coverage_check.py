"""The certificate and the defects of any coverage."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from gis.coverage.check import check
from gis.errors import InputError

CRS = "EPSG:32649"


def squares(n: int = 4, side: float = 100.0) -> gpd.GeoDataFrame:
    boxes = [shapely.box(x * side, y * side, (x + 1) * side, (y + 1) * side) for y in range(n) for x in range(n)]
    return gpd.GeoDataFrame({"code": [f"c{k:02d}" for k in range(n * n)]}, geometry=boxes, crs=CRS)


def area_of(cells: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=[shapely.box(*cells.total_bounds)], crs=CRS)


def with_vertices(cells: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The area with the vertices that the cells have along its rim."""
    return gpd.GeoDataFrame(geometry=[shapely.union_all(cells.geometry)], crs=CRS)


def kinds(cells: gpd.GeoDataFrame, **options: gpd.GeoDataFrame) -> dict[str, int]:
    return check(cells, **options).to_dict()["counts"]


def test_a_perfect_coverage_is_certified() -> None:
    report = check(squares(), area=with_vertices(squares()))
    assert report.valid
    assert report.certificate.levels[0]["edges"] == 64
    assert report.to_dict()["defects"] == []


def test_an_area_without_the_cells_vertices_is_not_matched() -> None:
    assert kinds(squares(), area=area_of(squares())) == {"unmatched_vertex": 4}


def test_a_missing_inner_cell_is_a_gap() -> None:
    cells = squares().drop(index=5)
    for options in ({}, {"area": with_vertices(squares())}):
        report = check(cells, **options)
        assert report.to_dict()["counts"] == {"gap": 1}
        assert report.defects["area_m2"].tolist() == [10_000.0]


def test_an_overlap_names_both_cells() -> None:
    cells = squares()
    cells.loc[5, "geometry"] = shapely.box(80, 100, 200, 200)
    found = check(cells, area=with_vertices(squares())).defects
    overlap = found[found["kind"] == "overlap"]
    assert overlap["cells"].tolist() == ["c04,c05"]
    assert overlap["area_m2"].tolist() == [2000.0]


def test_shapes_broken_by_themselves() -> None:
    cells = squares()
    cells.loc[0, "geometry"] = shapely.Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])
    cells.loc[1, "geometry"] = None
    cells.loc[2, "geometry"] = cells.geometry[6]
    cells.loc[15, "geometry"] = shapely.MultiPolygon([shapely.box(300, 300, 340, 400), shapely.box(360, 300, 400, 400)])
    found = kinds(cells)
    assert {"invalid", "empty", "duplicate", "disconnected"} <= set(found)


def hierarchy() -> gpd.GeoDataFrame:
    children = squares()
    children["level"] = "child"
    children["parent_code"] = ["p0" if k % 4 < 2 else "p1" for k in range(16)]
    halves = [shapely.union_all(children.geometry[children["parent_code"] == p]) for p in ("p0", "p1")]
    top = gpd.GeoDataFrame({"code": ["p0", "p1"], "level": "parent", "parent_code": None}, geometry=halves, crs=CRS)
    return pd.concat([top, children[top.columns]], ignore_index=True)


def test_a_hierarchy_is_certified() -> None:
    report = check(hierarchy())
    assert report.valid
    assert report.levels == ["parent", "child"]


def test_a_child_under_the_wrong_parent_is_found() -> None:
    cells = hierarchy()
    cells.loc[3, "parent_code"] = "p1"
    report = check(cells)
    assert not report.valid
    assert report.to_dict()["counts"] == {"parent_child": 2}


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (squares().iloc[:0], "cells: no row to check"),
        (squares().set_crs(None, allow_override=True), "no coordinate reference system"),
        (squares().set_geometry(squares().boundary), "cells: row 1 is a LineString"),
    ],
)
def test_what_cannot_be_checked_is_refused(cells: gpd.GeoDataFrame, message: str) -> None:
    with pytest.raises(InputError, match=message):
        check(cells)


def test_denver_blocks_have_ten_holes(datasets: object) -> None:
    cells = gpd.read_file(datasets / "coverage_us_blocks" / "DenverCo_blocks.zip")
    report = check(cells)
    assert report.to_dict()["counts"] == {"gap": 9, "hole": 1}
    assert report.cells == 10_149


def test_a_cell_without_a_level_is_not_passed_over() -> None:
    cells = hierarchy()
    cells.loc[5, "level"] = None
    with pytest.raises(InputError, match="1 cells have no level"):
        check(cells)


def test_cells_without_a_ground_code_are_all_checked() -> None:
    cells = squares().assign(ground_code=None)
    assert check(cells).valid
    cells.loc[5, "geometry"] = shapely.box(80, 100, 200, 200)
    assert not check(cells).valid


def test_cells_of_one_ground_must_have_one_polygon() -> None:
    cells = squares().assign(ground_code=squares()["code"])
    cells.loc[5, "ground_code"] = "c04"
    cells.loc[5, "geometry"] = shapely.box(80, 100, 200, 200)
    assert kinds(cells)["overlap"] == 1


def test_a_parent_that_is_not_there_is_named() -> None:
    cells = hierarchy()
    cells.loc[3, "parent_code"] = "zzz"
    found = check(cells).defects
    assert found["suggestion"].str.contains("parent 'zzz' is no cell").sum() == 1
