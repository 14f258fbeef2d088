"""Datums of Chinese maps: the published figures, and the way back."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.datum import Datum, from_wgs84, to_wgs84

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
def test_the_way_back_is_right_to_a_micrometre(lon: float, lat: float, datum: Datum) -> None:
    there = from_wgs84(np.array([lon]), np.array([lat]), datum)
    back = to_wgs84(*there, datum)
    assert np.hypot(back[0] - lon, back[1] - lat)[0] * METRES_PER_DEGREE < 1e-6


@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.BD09])
def test_a_million_round_trips_are_right_to_a_micrometre(datum: Datum) -> None:
    rng = np.random.default_rng(7)
    lon, lat = rng.uniform(73.7, 135, 1_000_000), rng.uniform(18, 53.5, 1_000_000)
    back = to_wgs84(*from_wgs84(lon, lat, datum), datum)
    assert np.hypot(back[0] - lon, back[1] - lat).max() * METRES_PER_DEGREE < 1e-6


def test_outside_china_nothing_is_shifted() -> None:
    lon, lat = np.array([-73.7, 9.5]), np.array([40.7, 47.1])
    assert (to_wgs84(lon, lat, Datum.GCJ02)[0] == lon).all()


def test_suzhou_in_both_datums_is_one_place(datasets: object) -> None:
    folder = datasets / "cn_boundaries"
    shifted, true = (gpd.read_file(folder / f"suzhou_admin_{name}.shp") for name in ("gcj02", "osm_wgs84"))
    true = true[true["admin_leve"].isin(shifted["admin_leve"])].drop_duplicates("name").set_index("name").geometry
    for name, shape in zip(shifted["name"], shifted.geometry, strict=True):
        xy, wanted = shapely.get_coordinates(shape), shapely.get_coordinates(true[name])
        lon, lat = to_wgs84(xy[:, 0], xy[:, 1], Datum.GCJ02)
        off = np.hypot(lon - wanted[:, 0], lat - wanted[:, 1]) * METRES_PER_DEGREE
        raw = np.hypot(xy[:, 0] - wanted[:, 0], xy[:, 1] - wanted[:, 1]) * METRES_PER_DEGREE
        assert off.max() < 1e-4, name
        assert raw.min() > 400, name
