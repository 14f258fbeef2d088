"""The datums of Chinese maps: WGS 84 and CGCS2000 as they are, GCJ-02 and BD-09 taken back.

GCJ-02 moves points inside China by 18–713 m along a published series on the Krasovsky ellipsoid; BD-09 turns and moves
them once more. Both have a closed forward form only; the way back is found by fixed-point iteration, to micrometres.
"""

from enum import StrEnum

import numpy as np

from gis.arrays import Bools, Floats

_A = 6378245.0
_E2 = 0.00669342162296594323
_BD_TURN = np.pi * 3000.0 / 180.0
# Each step gains some three digits (measured: 1.3 µm after three); a few more reach the end of float64.
_STEPS = 6
# Beyond this box the shift is nought: the rule that map services themselves apply.
_WEST, _SOUTH, _EAST, _NORTH = 72.004, 0.8293, 137.8347, 55.8271


class Datum(StrEnum):
    """What a pair of longitude and latitude is measured against."""

    WGS84 = "wgs84"
    CGCS2000 = "cgcs2000"
    GCJ02 = "gcj02"
    BD09 = "bd09"


def to_wgs84(lon: Floats, lat: Floats, datum: Datum) -> tuple[Floats, Floats]:
    """Bring longitudes and latitudes in degrees to WGS 84.

    Parameters
    ----------
    lon, lat : (n,) float64
        Degrees in `datum`.
    datum
        CGCS2000 differs from WGS 84 by centimetres and passes unchanged.

    Returns
    -------
    lon, lat : (n,) float64
        Degrees in WGS 84, right to a few micrometres.
    """
    if datum == Datum.BD09:
        lon, lat = _bd09_to_gcj02(lon, lat)
    if datum in (Datum.BD09, Datum.GCJ02):
        return _back(lon, lat)
    return lon, lat


def from_wgs84(lon: Floats, lat: Floats, datum: Datum) -> tuple[Floats, Floats]:
    """Bring WGS 84 degrees to another datum: the inverse of `to_wgs84`."""
    if datum in (Datum.GCJ02, Datum.BD09):
        lon, lat = _shifted(lon, lat)
    if datum == Datum.BD09:
        radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD_TURN)
        angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD_TURN)
        lon, lat = radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006
    return lon, lat


def _bd09_to_gcj02(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Take back the turn of BD-09 by fixed-point iteration: its two small terms depend on the answer."""
    x, y = lon - 0.0065, lat - 0.006
    found_lon, found_lat = x, y
    for _ in range(_STEPS):
        radius = np.hypot(x, y) - 0.00002 * np.sin(found_lat * _BD_TURN)
        angle = np.arctan2(y, x) - 0.000003 * np.cos(found_lon * _BD_TURN)
        found_lon, found_lat = radius * np.cos(angle), radius * np.sin(angle)
    return found_lon, found_lat


def _back(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    found_lon, found_lat = lon, lat
    for _ in range(_STEPS):
        moved_lon, moved_lat = _shifted(found_lon, found_lat)
        found_lon, found_lat = found_lon + lon - moved_lon, found_lat + lat - moved_lat
    return found_lon, found_lat


def _in_china(lon: Floats, lat: Floats) -> Bools:
    inside: Bools = (lon >= _WEST) & (lon <= _EAST) & (lat >= _SOUTH) & (lat <= _NORTH)
    return inside


def _shifted(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    x, y = lon - 105.0, lat - 35.0
    waves = 20.0 * (np.sin(6.0 * x * np.pi) + np.sin(2.0 * x * np.pi))
    root = np.sqrt(np.abs(x))
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += (waves + 20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += (waves + 20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    phi = np.radians(lat)
    flat = 1.0 - _E2 * np.sin(phi) ** 2
    d_lat = np.degrees(north / (_A * (1.0 - _E2) / (flat * np.sqrt(flat))))
    d_lon = np.degrees(east / (_A / np.sqrt(flat) * np.cos(phi)))
    inside = _in_china(lon, lat)
    return np.where(inside, lon + d_lon, lon), np.where(inside, lat + d_lat, lat)
