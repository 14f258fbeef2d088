"""Coordinate reference systems under their public names, with the axes in the order each defines."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Final

import numpy as np
import shapely
from pyproj import CRS, Transformer

from api.ogc.rounding import rounded
from gis.arrays import Floats, Geometries

# Seven decimals of a degree are a centimetre; four of a metre keep the points of the lattice apart.
_DEGREE_DECIMALS: Final = 7
_METRE_DECIMALS: Final = 4


@dataclass(frozen=True)
class Reference:
    """A CRS as it is named in requests.

    Attributes
    ----------
    uri
        Its name.
    name
        What pyproj knows it by.
    """

    uri: str
    name: str

    @cached_property
    def crs(self) -> CRS:
        """The CRS itself."""
        return CRS.from_user_input(self.name)

    @cached_property
    def northing_first(self) -> bool:
        """Whether latitude or northing comes first: so in most of EPSG's, but in neither CRS84 nor UTM."""
        return self.crs.axis_info[0].direction.lower() == "north"

    @property
    def decimals(self) -> int:
        """How many decimals its coordinates are written with."""
        return _DEGREE_DECIMALS if self.crs.is_geographic else _METRE_DECIMALS


CRS84: Final = Reference("http://www.opengis.net/def/crs/OGC/1.3/CRS84", "OGC:CRS84")
WEB_MERCATOR: Final = Reference("http://www.opengis.net/def/crs/EPSG/0/3857", "EPSG:3857")


def of_epsg(code: int) -> Reference:
    """Name a CRS of the EPSG register."""
    return Reference(f"http://www.opengis.net/def/crs/EPSG/0/{code}", f"EPSG:{code}")


def moved(geometries: Any, source: str, target: str) -> Any:  # noqa: ANN401 (shapely has no types)
    """Transform geometries between two CRS that pyproj knows, x (east) first in both."""
    if source == target:
        return geometries
    change = _transformer(source, target)

    def along(xy: Floats) -> Floats:
        return np.column_stack(change.transform(xy[:, 0], xy[:, 1]))

    return shapely.transform(geometries, along)


def published(geometries: Geometries, source: str, reference: Reference) -> Geometries:
    """Transform geometries into what is given out: rounded, outer rings counter-clockwise, x (east) still first."""
    there = moved(geometries, source, reference.name)
    step = 10.0**-reference.decimals
    whole = rounded(there, lambda xy: np.round(xy, reference.decimals), step)
    # Vertices that the grid has brought together are one.
    return shapely.orient_polygons(shapely.remove_repeated_points(whole))


def turned(geometries: Any, reference: Reference) -> Any:  # noqa: ANN401
    """Change geometries from x first to the order of a CRS, or back."""
    return shapely.transform(geometries, lambda xy: xy[:, ::-1]) if reference.northing_first else geometries


@lru_cache(maxsize=64)
def _transformer(source: str, target: str) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)
