"""Shapes as few whole numbers: small parts of a degree, each point as the step from the one before.

A page of 42,000 buildings has a fifth of its size as GeoJSON. `assets/codec.js` reads what is written here.
"""

from typing import TypedDict

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Transformer

from gis.arrays import Floats, Ints

Shapes = npt.NDArray[np.object_]

MILLIONTHS = 1e6
BILLIONTHS = 1e9
"""A tenth of a millimetre on the ground, where what is wrong may be that small."""


class Lines(TypedDict):
    """Encoded shapes.

    `parts`: rings or lines of each shape; `sizes`: points of each ring or line; `steps`: x, y, x, y … from
    the point before, over the borders of rings and shapes; the first from `origin`.
    """

    parts: Ints
    sizes: Ints
    steps: Ints


class Grid:
    """Whole numbers around an origin, so that the first step is not a long one.

    Parameters
    ----------
    area
        The south-west corner of all its rows is the origin.
    per_degree
        Whole numbers in a degree; the reader has to be told of any but millionths.
    """

    def __init__(self, area: gpd.GeoDataFrame, per_degree: float = MILLIONTHS) -> None:
        self.per_degree = per_degree
        self._to_degrees = Transformer.from_crs(CRS(area.crs), CRS(4326), always_xy=True)
        x, y = shapely.get_coordinates(area.geometry.to_numpy()).T
        lon, lat = self._to_degrees.transform(x, y)
        self.origin = [round(float(np.min(lon)), 6), round(float(np.min(lat)), 6)]
        self.bounds = [*self.origin, round(float(np.max(lon)), 6), round(float(np.max(lat)), 6)]

    def degrees(self, points: Floats) -> Floats:
        """Turn points (n, 2) of the plan's CRS into WGS 84 longitudes and latitudes."""
        lon, lat = self._to_degrees.transform(points[:, 0], points[:, 1])
        return np.column_stack([lon, lat])

    def whole(self, degrees: Floats) -> Ints:
        """Turn longitudes and latitudes (n, 2) into whole numbers from the origin."""
        return np.rint((degrees - self.origin) * self.per_degree).astype(np.int64)

    def points(self, points: Floats) -> Ints:
        """Encode points (n, 2) of the plan's CRS: x, y, x, y … as steps."""
        return np.diff(self.whole(self.degrees(points)), axis=0, prepend=0).ravel()

    def vertices(self, points: Floats, owner: Ints, count: int) -> Lines:
        """Encode points (n, 2) of the plan's CRS as lines of one point each, for so many owners, in their order."""
        parts = np.bincount(owner, minlength=count)
        return {"parts": parts, "sizes": np.ones(len(points), np.int64), "steps": self.points(points)}

    def lines(self, shapes: Shapes) -> Lines:
        """Encode polygons by their rings, and lines, in the plan's CRS; anything else has no part."""
        parts, shape_of_part = shapely.get_parts(shapes, return_index=True)
        areal, linear = (shapely.get_dimensions(parts) == dimension for dimension in (2, 1))
        rings, part_of_ring = shapely.get_rings(parts[areal], return_index=True)
        pieces = np.concatenate([rings, parts[linear]])
        owner = np.concatenate([shape_of_part[areal][part_of_ring], shape_of_part[linear]])
        order = np.argsort(owner, kind="stable")
        xy, piece = shapely.get_coordinates(pieces[order], return_index=True)
        # The last point of a ring is the first again: left out, since the reader closes it.
        closing = (np.arange(len(pieces)) < len(rings))[order]
        last = np.append(np.diff(piece) > 0, True) if len(piece) else np.empty(0, np.bool_)
        keep = ~(last & closing[piece])
        return {
            "parts": np.bincount(owner, minlength=len(shapes)),
            "sizes": np.bincount(piece[keep], minlength=len(pieces)),
            "steps": self.points(xy[keep]),
        }
