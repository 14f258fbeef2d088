"""The metric coordinate system of an area."""

from typing import Any

from pyproj import CRS
from pyproj.aoi import AreaOfInterest
from pyproj.database import query_utm_crs_info
from pyproj.exceptions import CRSError

from gis.errors import CrsError

_GEOGRAPHIC_LIMIT = (180.0, 90.0)
_HALF_ROUND = 180.0


def metric_crs(crs: Any, bounds: tuple[float, float, float, float]) -> CRS:  # noqa: ANN401 (whatever pyproj reads)
    """Choose the projected CRS in metres in which an area is worked on.

    Parameters
    ----------
    crs
        The CRS the area came in, anything pyproj understands.
    bounds
        West, south, east, north of the area in `crs`.

    Returns
    -------
    pyproj.CRS
        `crs` itself where it is projected in metres and true to scale, otherwise the UTM zone of the area's centre
        on WGS 84.

    Raises
    ------
    CrsError
        Where the CRS is missing, is neither geographic nor projected, or its values cannot be degrees.
    """
    if crs is None:
        raise CrsError("the area has no coordinate reference system: store one in its file")
    given = CRS.from_user_input(crs)
    if given.is_projected:
        if all(axis.unit_name == "metre" for axis in given.axis_info) and not _is_web_mercator(given):
            return given
    elif not given.is_geographic:
        raise CrsError(f"'{given.name}' is neither geographic nor projected: reproject the area first")
    west, south, east, north = bounds
    if given.is_geographic and (
        max(abs(west), abs(east)) > _GEOGRAPHIC_LIMIT[0] or max(abs(south), abs(north)) > _GEOGRAPHIC_LIMIT[1]
    ):
        raise CrsError(
            f"coordinates up to {max(abs(east), abs(north)):.0f} cannot be degrees, but the file says '{given.name}'"
        )
    if given.is_projected:
        west, south, east, north = _to_degrees(given, bounds)
    # What seems to go around the Earth lies on both sides of the 180° meridian.
    lon, lat = 180.0 if east - west > _HALF_ROUND else (west + east) / 2, (south + north) / 2
    found = query_utm_crs_info("WGS 84", AreaOfInterest(lon, lat, lon, lat))
    if not found:
        raise CrsError(f"no UTM zone at {lon:.3f}, {lat:.3f}: give the area in a projected CRS in metres")
    return CRS.from_epsg(int(found[0].code))


def goes_around(crs: Any, bounds: tuple[float, float, float, float]) -> bool:  # noqa: ANN401
    """Whether coordinates in degrees lie on both sides of the 180° meridian, and shapes are cut there."""
    return bool(CRS.from_user_input(crs).is_geographic and bounds[2] - bounds[0] > _HALF_ROUND)


def read_crs(text: str) -> CRS:
    """Read a CRS by its name or code.

    Raises
    ------
    CrsError
        Where there is none of that name.
    """
    try:
        return CRS.from_user_input(text)
    except CRSError as error:
        raise CrsError(f"'{text}' is no coordinate reference system: give one as EPSG:4547") from error


def _is_web_mercator(crs: CRS) -> bool:
    """Web Mercator counts in metres that are not metres on the ground."""
    operation = crs.coordinate_operation
    return operation is not None and "Pseudo" in operation.method_name


def _to_degrees(crs: CRS, bounds: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    from pyproj import Transformer  # noqa: PLC0415

    transformer = Transformer.from_crs(crs, 4326, always_xy=True)
    west, south, east, north = transformer.transform_bounds(*bounds)
    return west, south, east, north
