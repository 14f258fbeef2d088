"""What is worked out once of a plan for all its collections."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Final

import numpy as np
import orjson
import pandas as pd
import shapely

from api.ogc.evaluation import Column
from api.ogc.filters import Properties, Property
from api.ogc.geojson import written
from api.ogc.reference import CRS84, WEB_MERCATOR, Reference, moved, of_epsg, published
from gis.arrays import Bools, Geometries, Ints
from gis.generations import valid_from
from gis.plan import Plan
from maps.audience import TOTAL, Audience, concealed

PROPERTIES: Final[Properties] = {
    "code": Property("string", "Code", "Code of the cell, never used again for another."),
    "level": Property("string", "Level", "Level of the cell."),
    "parent_code": Property("string", "Parent", "Code of the cell above; null at the top."),
    "name": Property("string", "Name", "Name of the cell."),
    "kind": Property("string", "Kind", "What the cell is for.", ("general", "exclusive", "rural", "unpopulated")),
    "households": Property("integer", "Households", "Households in the cell; null where they are too few to tell."),
    "ground_code": Property("string", "Ground", "Code of the polygon that cells of one tower share by floors."),
    "floor_from": Property("integer", "From floor", "Lowest floor; null where the cell has all floors."),
    "floor_to": Property("integer", "To floor", "Highest floor; null where the cell has all floors."),
    "exclave": Property("boolean", "Exclave", "Whether the cell is declared to lie apart."),
    "valid_from": Property(
        "date", "Valid from", "First day on which the plan is in force; null where it does not say."
    ),
    "plan_version": Property("string", "Plan", "Short name of the drawing."),
}
_GEOGRAPHIC: Final = (CRS84, of_epsg(4326), of_epsg(4490))
_NUMBERS: Final = ("integer", "number")


@dataclass(frozen=True, eq=False)
class CellTable:
    """The cells of a plan in the order of their codes, as an audience may see them."""

    plan: Plan
    audience: Audience

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
    def records(self) -> list[dict[str, Any]]:
        """Properties of each cell, as JSON holds them."""
        frame = self.frame.reindex(columns=list(PROPERTIES))
        begins = self.valid_from
        frame["valid_from"] = None if begins is None else begins.isoformat()
        frame["plan_version"] = self.plan.version
        frame["households"] = frame["households"].astype("Int64").mask(frame["code"].isin(self._concealed))
        return [
            {name: _plain(PROPERTIES[name], value) for name, value in zip(PROPERTIES, row, strict=True)}
            for row in frame.itertuples(index=False)
        ]

    @cached_property
    def _concealed(self) -> set[str]:
        """Codes of cells whose households this audience is not told."""
        if self.audience is Audience.INTERNAL:
            return set()
        counts = dict(zip(self.frame["code"], self.frame["households"].astype(int), strict=True))
        return concealed(counts, dict(zip(self.frame["code"], self.frame["parent_code"].fillna(TOTAL), strict=True)))

    @cached_property
    def columns(self) -> Mapping[str, Column]:
        """Properties as filters read them."""
        return {name: self._column(name, of) for name, of in PROPERTIES.items()}

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
    def version(self) -> str:
        """Short name of all that is told of the cells."""
        digest = hashlib.sha256(orjson.dumps(self.records))
        digest.update(shapely.to_wkb(shapely.geometrycollections(self._geometries)))
        return digest.hexdigest()[:12]

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        """Every CRS in which cells are given out: the zone of the plan too, where it is in the register."""
        code = self.plan.cells.crs.to_epsg()
        zone = None if code is None else of_epsg(code)
        return _GEOGRAPHIC if zone is None or zone in _GEOGRAPHIC else (*_GEOGRAPHIC, zone)

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

    def _column(self, name: str, of: Property) -> Column:
        values = [record[name] for record in self.records]
        null = np.array([value is None for value in values], dtype=bool)
        if of.kind in _NUMBERS:
            return Column(np.array([0 if value is None else value for value in values], dtype=np.float64), null)
        if of.kind == "boolean":
            return Column(np.array([bool(value) for value in values]), null)
        if of.kind == "date":
            return Column(np.array([self.valid_from] * len(values), dtype="datetime64[D]"), null)
        return Column(np.array([value or "" for value in values], dtype=object), null)


def _plain(of: Property, value: Any) -> Any:  # noqa: ANN401
    if value is None or pd.isna(value):
        return None
    return {"integer": int, "number": float, "boolean": bool}.get(of.kind, str)(value)
