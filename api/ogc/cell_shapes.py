"""Where the cells of a plan lie: worked out once, whatever is told of them."""

import hashlib
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely

from api.ogc.geojson import written
from api.ogc.reference import CRS84, WEB_MERCATOR, Reference, moved, of_epsg, published
from gis.arrays import Bools, Geometries, Ints
from gis.generations import valid_from
from gis.plan import Plan

GEOGRAPHIC: Final = (CRS84, of_epsg(4326), of_epsg(4490))


@dataclass(frozen=True, eq=False)
class CellShapes:
    """The cells of a plan in the order of their codes."""

    plan: Plan

    @cached_property
    def frame(self) -> pd.DataFrame:
        """Cells, sorted."""
        cells = self.plan.cells
        order = sorted(range(len(cells)), key=cells["code"].astype(str).tolist().__getitem__)
        return cells.iloc[order].reset_index(drop=True)

    @cached_property
    def codes(self) -> Any:  # noqa: ANN401 (an array of texts)
        """Codes."""
        return self.frame["code"].to_numpy(dtype=object)

    @cached_property
    def in_degrees(self) -> Geometries:
        """Geometries as they are given out in CRS84, by which requests are answered too."""
        return published(self._geometries, self._crs, CRS84)

    @cached_property
    def on_tiles(self) -> Geometries:
        """Geometries in Web Mercator metres."""
        return moved(self._geometries, self._crs, WEB_MERCATOR.name)

    @cached_property
    def box(self) -> tuple[float, float, float, float]:
        """Box of all cells in degrees."""
        west, south, east, north = shapely.total_bounds(self.in_degrees).tolist()
        return west, south, east, north

    @cached_property
    def valid_from(self) -> Any:  # noqa: ANN401 (a day or None)
        """First day on which the plan is in force."""
        return valid_from(self.plan)

    @cached_property
    def digest(self) -> bytes:
        """Changes with what is drawn."""
        return hashlib.sha256(shapely.to_wkb(shapely.geometrycollections(self._geometries))).digest()

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        """Every CRS in which cells are given out: the zone of the plan too, where it is in the register."""
        code = self.plan.cells.crs.to_epsg()
        zone = None if code is None else of_epsg(code)
        return GEOGRAPHIC if zone is None or zone in GEOGRAPHIC else (*GEOGRAPHIC, zone)

    @cached_property
    def _crs(self) -> str:
        code = self.plan.cells.crs.to_epsg()
        return self.plan.cells.crs.to_wkt() if code is None else of_epsg(code).name

    @cached_property
    def _geometries(self) -> Geometries:
        return self.frame["geometry"].to_numpy()

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.in_degrees)

    @cached_property
    def _tile_tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.on_tiles)

    @cached_property
    def _written(self) -> Any:  # noqa: ANN401 (a function that remembers)
        return cache(lambda reference: written(self._geometries, self._crs, reference))

    def written(self, reference: Reference) -> list[bytes]:
        """Return all geometries as GeoJSON in one of the CRS."""
        return self._written(reference)

    def met(self, region: Any) -> Bools:  # noqa: ANN401 (shapely has no types)
        """Tell which cells meet a region in CRS84."""
        found = np.zeros(len(self.codes), dtype=bool)
        found[self._tree.query(region, predicate="intersects")] = True
        return found

    def met_on_tiles(self, box: tuple[float, float, float, float]) -> Ints:
        """Return the rows of cells that meet a box of Web Mercator metres."""
        return np.sort(self._tile_tree.query(shapely.box(*box), predicate="intersects"))
