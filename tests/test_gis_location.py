"""Datums, the index and routing."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.coverage.lattice import to_lattice, to_metres
from gis.datum import Datum, from_wgs84, to_wgs84
from gis.errors import InputError
from gis.location.index import CellIndex
from gis.location.reports import read_reports, write_table
from gis.location.routing import RoutingRule, route, summary
from gis.plan import Plan

CRS = "EPSG:32649"
METRES_PER_DEGREE = 111_320.0


@pytest.mark.parametrize(
    ("wgs", "gcj"),
    [
        ((31.1774276, 121.5272106), (31.17530398, 121.53154186)),
        ((22.543847, 113.912316), (22.54079613, 113.91717648)),
        ((39.911954, 116.377817), (39.91334546, 116.38404722)),
    ],
)
def test_gcj02_is_the_published_one(wgs: tuple[float, float], gcj: tuple[float, float]) -> None:
    lon, lat = from_wgs84(np.array([wgs[1]]), np.array([wgs[0]]), Datum.GCJ02)
    assert (round(float(lat[0]), 8), round(float(lon[0]), 8)) == pytest.approx(gcj, abs=2e-8)


@given(st.floats(73.7, 135), st.floats(18, 53.5), st.sampled_from([Datum.GCJ02, Datum.BD09, Datum.CGCS2000]))
def test_the_way_back_is_right_to_a_millimetre(lon: float, lat: float, datum: Datum) -> None:
    there = from_wgs84(np.array([lon]), np.array([lat]), datum)
    back = to_wgs84(*there, datum)
    assert np.hypot(back[0] - lon, back[1] - lat)[0] * METRES_PER_DEGREE < 1e-3


def test_outside_china_nothing_is_shifted() -> None:
    lon, lat = np.array([-73.7, 9.5]), np.array([40.7, 47.1])
    assert (to_wgs84(lon, lat, Datum.GCJ02)[0] == lon).all()


def coverage(seed: int, n: int = 40) -> gpd.GeoDataFrame:
    rng = np.random.default_rng(seed)
    area = shapely.box(0, 0, 500, 400)
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.multipoints(rng.uniform(0, 400, (n, 2))), extend_to=area)
    )
    snapped = shapely.set_precision(shapely.MultiPolygon(list(cells)), 1 / 1024, mode="pointwise")
    return gpd.GeoDataFrame({"code": np.arange(len(cells)).astype(str)}, geometry=shapely.get_parts(snapped), crs=CRS)


def index_of(cells: gpd.GeoDataFrame) -> CellIndex:
    return CellIndex.from_polygons(cells, pd.DataFrame({"code": cells["code"], "cells": 1, "parent_code": None}))


@given(st.integers(0, 1000))
def test_points_inside_are_found_as_overlay_finds_them(seed: int) -> None:
    cells = coverage(seed)
    index = index_of(cells)
    xy = to_metres(to_lattice(np.random.default_rng(seed).uniform(-100, 600, (300, 2))))
    found = index.locate(xy[:, 0], xy[:, 1])
    tree = shapely.STRtree(cells.geometry.to_numpy())
    point, cell = tree.query(shapely.points(xy), predicate="within")
    assert (found[point] == cell).all()
    beyond = shapely.disjoint(shapely.union_all(cells.geometry), shapely.points(xy))
    assert (found[beyond] == -1).all()


def test_a_point_on_a_border_lies_in_exactly_one_cell() -> None:
    cells = gpd.GeoDataFrame(
        {"code": list("abcd")}, geometry=[shapely.box(x, y, x + 1, y + 1) for y in (0, 1) for x in (0, 1)], crs=CRS
    )
    x, y = np.array([1.0, 1.0, 0.5, 0.0, 2.0]), np.array([0.5, 1.0, 1.0, 0.0, 2.0])
    assert index_of(cells).locate(x, y).tolist() == [1, 3, 2, 0, -1]


@given(st.integers(0, 200))
def test_vertices_lie_in_a_cell_that_has_them(seed: int) -> None:
    cells = coverage(seed)
    index = index_of(cells)
    xy = shapely.get_coordinates(cells.geometry.to_numpy())
    found = index.locate(xy[:, 0], xy[:, 1])
    inner = found >= 0
    assert inner.mean() > 0.5
    assert shapely.intersects(cells.geometry.to_numpy()[found[inner]], shapely.points(xy[inner])).all()


def plan_in_china() -> Plan:
    """Two grids of 200 m beside each other near 111° E, the eastern one with two cells on one ground."""
    west, east = (
        shapely.box(500_000, 4_200_000, 500_200, 4_200_200),
        shapely.box(500_200, 4_200_000, 500_400, 4_200_200),
    )
    cells = gpd.GeoDataFrame(
        {
            "code": ["g1", "g2", "g101", "g201", "g202"],
            "level": ["grid", "grid", "micro", "micro", "micro"],
            "parent_code": [None, None, "g1", "g2", "g2"],
            "ground_code": ["g1", "g2", "g101", "g201", "g201"],
        },
        geometry=[west, east, west, east, east],
        crs=CRS,
    )
    area = gpd.GeoDataFrame({"code": ["a"], "name": ["a"]}, geometry=[west.union(east)], crs=CRS)
    levels = {"levels": [{"sha256": "0123456789abcdef"}]}
    parts = dict.fromkeys(("atoms", "buildings", "dwellings", "exceptions", "barriers", "land"), cells.iloc[:0])
    return Plan(area=area, cells=cells, metadata={"levels": ["grid", "micro"], "certificate": levels}, **parts)


def lon_lat(x: float, y: float) -> tuple[float, float]:
    point = gpd.GeoSeries([shapely.Point(x, y)], crs=CRS).to_crs(4326)[0]
    return point.x, point.y


def write_reports(path: object, rows: list[dict]) -> object:
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


def test_every_report_gets_a_status(tmp_path: object) -> None:
    inside, beside, far = lon_lat(500_100, 4_200_100), lon_lat(499_980, 4_200_100), lon_lat(490_000, 4_200_100)
    tower = lon_lat(500_300, 4_200_100)
    gcj = from_wgs84(np.array([inside[0]]), np.array([inside[1]]), Datum.GCJ02)
    rows = [
        {"note": "0,5 ‘x’", "lon": inside[0], "lat": inside[1], "datum": "wgs84"},
        {"note": "b", "lon": gcj[0][0], "lat": gcj[1][0], "datum": "GCJ-02"},
        {"note": "c", "lon": beside[0], "lat": beside[1], "datum": "wgs84"},
        {"note": "d", "lon": far[0], "lat": far[1], "datum": "wgs84"},
        {"note": "e", "lon": tower[0], "lat": tower[1], "datum": "wgs84"},
        {"note": "f", "lon": inside[1], "lat": inside[0], "datum": "wgs84"},
        {"note": "g", "lon": 0, "lat": 0, "datum": "wgs84"},
        {"note": "h", "lon": "", "lat": "", "datum": "wgs84"},
        {"note": "i", "lon": -77, "lat": 39, "datum": "wgs84"},
        {"note": "j", "lon": 500_100, "lat": 4_200_100, "datum": "wgs84"},
        {"note": "k", "lon": inside[0], "lat": inside[1], "datum": "beijing54"},
    ]
    reports = read_reports(write_reports(tmp_path / "r.csv", rows))
    routed = route(plan_in_china(), reports)
    assert routed["note"].tolist() == [row["note"] for row in rows]
    assert routed["status"].tolist() == [
        "inside", "inside", "nearest", "outside", "ask_address", *["rejected"] * 6
    ]  # fmt: skip
    assert routed["cell_code"].tolist()[:5] == ["g101", "g101", "g101", "", ""]
    assert routed["grid_codes"][0] == '{"grid": "g1", "micro": "g101"}'
    assert routed["grid_codes"][4] == '{"grid": "g2"}'
    assert routed["reason"].tolist()[5:] == [
        "longitude and latitude are swapped",
        "placeholder: 0, 0",
        "no coordinates",
        "placeholder: whole degrees",
        "not degrees of longitude and latitude",
        "unknown datum",
    ]
    assert summary(routed)["inside"] == 2
    assert routed["distance_m"][0] == pytest.approx(100, abs=0.1)
    assert (routed["plan_version"] == plan_in_china().version).all()


def test_the_nearest_cell_is_taken_no_farther_than_told(tmp_path: object) -> None:
    lon, lat = lon_lat(499_980, 4_200_100)
    reports = read_reports(write_reports(tmp_path / "r.csv", [{"lon": lon, "lat": lat}]))
    assert route(plan_in_china(), reports, RoutingRule(nearest_m=10))["status"].tolist() == ["outside"]


def test_a_stated_accuracy_gives_a_probability(tmp_path: object) -> None:
    lon, lat = lon_lat(500_190, 4_200_100)
    rows = [{"lon": lon, "lat": lat, "accuracy_m": a} for a in (1, 20, 200)] + [{"lon": lon, "lat": lat}]
    found = route(plan_in_china(), read_reports(write_reports(tmp_path / "r.csv", rows)))["probability"]
    assert found[0] == 1.0
    assert 0.5 < found[2] < found[1] < 1.0
    assert np.isnan(found[3])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_tables_are_read_as_people_save_them(tmp_path: object, encoding: str, delimiter: str) -> None:
    text = delimiter.join(["编号", "经度", "纬度"]) + "\n" + delimiter.join(["路灯坏了", "111.5", "37.9"]) + "\n"
    (tmp_path / "r.csv").write_text(text, encoding=encoding)
    reports = read_reports(tmp_path / "r.csv")
    assert reports.table["编号"].tolist() == ["路灯坏了"]
    assert reports.lon.tolist() == [111.5]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2\n", "no columns of longitude and latitude"),
        ("lon,lat,手机\n1,2,3\n", "personal columns"),
        ("", "no rows"),
    ],
)
def test_tables_that_cannot_be_routed_are_refused(tmp_path: object, text: str, message: str) -> None:
    (tmp_path / "r.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_reports(tmp_path / "r.csv")


def test_a_table_is_written_whole_or_not_at_all(tmp_path: object) -> None:
    class Broken(pd.DataFrame):
        def to_csv(self, path: object, **_: object) -> None:
            path.write_text("half")
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_table(Broken({"a": [1]}), tmp_path / "out.csv")
    assert list(tmp_path.iterdir()) == []


def test_every_baltimore_request_is_accounted_for(datasets: object) -> None:
    reports = read_reports(datasets / "incidents_311" / "baltimore_311_sample.csv")
    routed = route(plan_in_china(), reports)
    assert len(routed) == 10_000
    at_placeholder = (reports.lon == -77) & (reports.lat == 39)
    assert at_placeholder.sum() == 885
    assert (routed["reason"][at_placeholder] == "placeholder: whole degrees").all()
    assert routed["status"].isin(["outside", "rejected"]).all()


def test_columns_of_our_names_are_not_overwritten(tmp_path: Path) -> None:
    lon, lat = lon_lat(500_100, 4_200_100)
    reports = read_reports(write_reports(tmp_path / "r.csv", [{"lon": lon, "lat": lat, "status": "open"}]))
    with pytest.raises(InputError, match="columns of their own named status"):
        route(plan_in_china(), reports)


def test_routed_reports_can_be_routed_again(tmp_path: Path) -> None:
    lon, lat = lon_lat(500_100, 4_200_100)
    once = route(plan_in_china(), read_reports(write_reports(tmp_path / "r.csv", [{"lon": lon, "lat": lat}])))
    write_table(once, tmp_path / "once.csv")
    again = route(plan_in_china(), read_reports(tmp_path / "once.csv"))
    assert again.columns.tolist() == once.columns.tolist()


def test_rows_longer_than_the_header_move_no_column(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("id,lon,lat\n7,111.5,37.9,\n", encoding="utf-8")
    with pytest.raises(InputError, match="more fields than the header"):
        read_reports(tmp_path / "r.csv")
