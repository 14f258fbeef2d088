"""The shifts that phones in China apply to WGS 84: GCJ-02 and BD-09, forward only.

The formulas are those published for GCJ-02 (a = 6 378 245 m, e² = 0.00669342162296594323) and for
BD-09 on top of it.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
AXIS = 6_378_245.0
ECCENTRICITY_2 = 0.00669342162296594323
BD_TURN = np.pi * 3000.0 / 180.0


def gcj02(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Return the GCJ-02 longitude and latitude of WGS 84 places.

    Parameters
    ----------
    lon, lat
        WGS 84, degrees, inside mainland China.

    Examples
    --------
    >>> east, north = gcj02(np.array([116.404]), np.array([39.915]))
    >>> f"{east[0]:.9f} {north[0]:.9f}"
    '116.410244499 39.916404282'
    """
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    ripple = 20.0 * (np.sin(6.0 * np.pi * x) + np.sin(2.0 * np.pi * x))
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += (ripple + _waves(y, (20.0, 1.0), (40.0, 1 / 3), (160.0, 1 / 12), (320.0, 1 / 30))) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += (ripple + _waves(x, (20.0, 1.0), (40.0, 1 / 3), (150.0, 1 / 12), (300.0, 1 / 30))) * 2.0 / 3.0
    phi = np.radians(lat)
    bulge = 1.0 - ECCENTRICITY_2 * np.sin(phi) ** 2
    d_lat = np.degrees(north / (AXIS * (1.0 - ECCENTRICITY_2) / bulge**1.5))
    d_lon = np.degrees(east / (AXIS / np.sqrt(bulge) * np.cos(phi)))
    return lon + d_lon, lat + d_lat


def bd09(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Return the BD-09 longitude and latitude of WGS 84 places.

    Parameters
    ----------
    lon, lat
        WGS 84, degrees, inside mainland China.
    """
    east, north = gcj02(lon, lat)
    radius = np.hypot(east, north) + 0.00002 * np.sin(north * BD_TURN)
    angle = np.arctan2(north, east) + 0.000003 * np.cos(east * BD_TURN)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def _waves(at: Floats, *terms: tuple[float, float]) -> Floats:
    """Return Σ amplitude · sin(π · frequency · at)."""
    return np.asarray(sum(high * np.sin(np.pi * often * at) for high, often in terms), dtype=np.float64)
