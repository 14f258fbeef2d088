"""From what reports say to metres in the plan: datums taken back, and coordinates that cannot be meant recognised."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from pyproj import CRS, Transformer
from pyproj.exceptions import ProjError

from gis.arrays import Bools, Floats
from gis.datum import Datum, to_wgs84
from gis.location.reports import Reports
from gis.location.tables import Objects

_MOST_LON, _MOST_LAT = 180.0, 90.0
_DEGREES_OF_ALL = 4326
# One place in so many rows, as far from the area, is nobody's place.
_REPEATED, _ASIDE_M = 20, 1000.0
# Eastings with the number of their zone in front, and the codes of these zones on CGCS2000 (3°, then 6° wide).
_ZONES = ((25, 45, 4488), (13, 23, 4478))
_ZONE_SIZE = 1_000_000


@dataclass(frozen=True)
class Site:
    """The place a plan is about.

    Attributes
    ----------
    crs
        The plan's coordinate system, in metres.
    bounds
        West, south, east, north of its area.
    """

    crs: CRS
    bounds: tuple[float, float, float, float]

    def holds(self, x: Floats, y: Floats, within_m: float = 0.0) -> Bools:
        """Say which points lie in the box of the area, or so near to it."""
        west, south, east, north = self.bounds
        inside: Bools = (
            (x >= west - within_m) & (x <= east + within_m) & (y >= south - within_m) & (y <= north + within_m)
        )
        return inside


def place(site: Site, reports: Reports) -> tuple[Floats, Floats, Objects]:
    """Bring reports to the plan's metres.

    Returns
    -------
    x, y : (n,) float64
        NaN where they cannot be placed.
    reason : (n,) object
        Why; empty where they are placed.
    """
    x, y = np.full(len(reports), np.nan), np.full(len(reports), np.nan)
    reason = np.full(len(reports), "", dtype=object)
    for number, datum in enumerate(reports.datums):
        rows = np.flatnonzero(reports.datum == number)
        if isinstance(datum, str) and not isinstance(datum, Datum):
            reason[rows] = datum
            continue
        lon, lat = reports.lon[rows], reports.lat[rows]
        try:
            x[rows], y[rows] = to_plan(site.crs, lon, lat, datum)
        except ProjError:
            reason[rows] = f"{datum.name}: cannot be brought to the plan's coordinate system"
            continue
        reason[rows] = _doubts(site, lon, lat, x[rows], y[rows], datum)
    missing = ~(np.isfinite(reports.lon) & np.isfinite(reports.lat))
    reason[missing & (reason == "")] = "no coordinates"
    reason[reports.faults != ""] = reports.faults[reports.faults != ""]
    wrong = reason != ""
    x[wrong], y[wrong] = np.nan, np.nan
    return x, y, reason


def to_plan(crs: CRS, lon: Floats, lat: Floats, datum: Datum | CRS) -> tuple[Floats, Floats]:
    """Bring degrees of a datum, or metres of any system (east first), to metres of the plan; NaN where that fails."""
    if isinstance(datum, Datum):
        lon, lat = to_wgs84(lon, lat, datum)
        x, y = _transformer(CRS.from_epsg(_DEGREES_OF_ALL), crs).transform(lon, lat)
    else:
        x, y = _transformer(datum, crs).transform(lon, lat)
    known = np.isfinite(x) & np.isfinite(y)
    return np.where(known, x, np.nan), np.where(known, y, np.nan)


@lru_cache(maxsize=64)
def _transformer(given: CRS, wanted: CRS) -> Transformer:
    return Transformer.from_crs(given, wanted, always_xy=True)


def _doubts(site: Site, lon: Floats, lat: Floats, x: Floats, y: Floats, datum: Datum | CRS) -> Objects:
    """Why coordinates cannot be meant as they stand; empty where they can."""
    reason = np.full(len(lon), "", dtype=object)
    known = np.isfinite(lon) & np.isfinite(lat)
    lon, lat = np.where(known, lon, np.nan), np.where(known, lat, np.nan)
    near = site.holds(x, y)
    aside = known & ~site.holds(x, y, _ASIDE_M)
    reason[aside & _is_repeated(lon, lat)] = "placeholder: the same coordinates in many rows"
    turned = known & ~near
    turned[turned] = site.holds(*to_plan(site.crs, lat[turned], lon[turned], datum))
    if isinstance(datum, Datum) or datum.is_geographic:
        beyond = known & ~((np.abs(lon) <= _MOST_LON) & (np.abs(lat) <= _MOST_LAT))
        reason[beyond] = "not degrees of longitude and latitude"
        _name_units(site, lon, lat, beyond, reason)
        reason[known & ~beyond & (lon % 1 == 0) & (lat % 1 == 0)] = "placeholder: whole degrees"
    reason[turned] = "longitude and latitude are swapped" if isinstance(datum, Datum) else "east and north are swapped"
    reason[known & (lon == 0) & (lat == 0)] = "placeholder: 0, 0"
    return reason


def _name_units(site: Site, lon: Floats, lat: Floats, beyond: Bools, reason: Objects) -> None:
    """Say what numbers are that are too large for degrees, where they would be in the area if taken so."""
    here = beyond & site.holds(lon, lat)
    reason[here] = f"metres, not degrees: with --datum {_code(site.crs)} they lie in the area"
    there = beyond & site.holds(lat, lon)
    reason[there] = f"metres, not degrees, and swapped: east comes first, with --datum {_code(site.crs)}"
    read = beyond.copy()
    minutes = _from_minutes(lon[beyond]), _from_minutes(lat[beyond])
    read[read] = site.holds(*to_plan(site.crs, *minutes, Datum.WGS84))
    reason[read] = "degrees and minutes written as one number: 3803.5 should be 38.0583"
    zone = np.where(beyond, lon // _ZONE_SIZE, 0)
    for first, last, code in _ZONES:
        numbered = beyond & (zone >= first) & (zone <= last) & (lat > _ZONE_SIZE) & (lat < 6 * _ZONE_SIZE)
        reason[numbered] = [
            f"an easting with zone {z:.0f} in front: give --datum EPSG:{code + z:.0f}" for z in zone[numbered]
        ]


def _from_minutes(value: Floats) -> Floats:
    """Read 3803.5 as 38° 3.5′; NaN where the minutes would be sixty or more."""
    degrees, minutes = np.divmod(np.abs(value), 100)
    return np.where(minutes < 60, np.copysign(degrees + minutes / 60, value), np.nan)  # noqa: PLR2004 (minutes)


def _is_repeated(lon: Floats, lat: Floats) -> Bools:
    """Say which coordinates stand too often in this part to be a place."""
    pairs = np.ascontiguousarray(np.column_stack([lon, lat])).view(np.complex128).ravel()
    _, at, count = np.unique(pairs, return_inverse=True, return_counts=True)
    often: Bools = count[at] >= _REPEATED
    return often


def _code(crs: CRS) -> str:
    authority = crs.to_authority()
    return ":".join(authority) if authority else "of the plan"
