"""What a check found, as a table, and as other programs read it."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from gis.arrays import Geometries
from gis.coverage.certificate import Certificate
from gis.coverage.defects import LEFT_ALONE, Defect

_COLUMNS = ["id", "kind", "level", "cells", "area_m2", "length_m", "width_m", "suggestion", "geometry"]
_ID_DIGITS = 8
_AREAS = 2


@dataclass(frozen=True)
class CoverageReport:
    """What a check found.

    Attributes
    ----------
    certificate
        The sums on the lattice, level by level.
    levels
        Names, top first.
    cells
        Number of cells in all levels.
    defects
        `id` (the same as long as the defect is at its place), `kind`, `level`, `cells` (codes, comma-separated),
        `area_m2`, `length_m`, `width_m` (largest circle within), `suggestion`, geometry in the metric CRS of the check.
    concerned
        Codes of the cells each defect concerns, in the order of `defects`.
    """

    certificate: Certificate
    levels: list[str]
    cells: int
    defects: gpd.GeoDataFrame
    concerned: list[list[str]]

    def ids_at(self, points: Geometries) -> list[str]:
        """Find the id of a defect of the sums at each point, in the metric CRS; empty where there is none."""
        found = [""] * len(points)
        sums = self.defects[~self.defects["kind"].isin(LEFT_ALONE)]
        at, row = sums.sindex.query(points, predicate="intersects")
        for point, name in zip(at.tolist(), sums["id"].to_numpy()[row].tolist(), strict=True):
            found[point] = found[point] or name
        return found

    @property
    def valid(self) -> bool:
        """Whether the certificate holds and nothing else is wrong."""
        return self.certificate.valid and not len(self.defects)

    def at_least(self, least_m2: float) -> gpd.GeoDataFrame:
        """Return the defects without those whose area is smaller; those that have none stay."""
        area = self.defects["area_m2"]
        return self.defects[(area == 0) | (area >= least_m2)]

    def layers(self, least_m2: float = 0.0) -> dict[str, gpd.GeoDataFrame]:
        """Return the defects as map layers: `defects`, a point in each; `areas`, and `vertices`, where they are."""
        listed = self.at_least(least_m2)
        dimension = shapely.get_dimensions(listed.geometry.to_numpy())
        layers = {"defects": listed.set_geometry(shapely.point_on_surface(listed.geometry.to_numpy()), crs=listed.crs)}
        for name, rows in (("areas", dimension == _AREAS), ("vertices", dimension == 0)):
            if rows.any():
                layers[name] = listed[rows]
        return layers

    def to_dict(self, least_m2: float = 0.0) -> dict[str, Any]:
        """Return the report as other programs read it; `counts` are of all, `defects` are those that large or more."""
        listed = self.at_least(least_m2)
        places = _places(listed.geometry.to_numpy())
        rows = [
            {
                "id": row.id,
                "kind": row.kind,
                "level": row.level,
                "cells": self.concerned[row.Index],
                "area_m2": row.area_m2,
                "length_m": row.length_m,
                "width_m": row.width_m,
                "where": place,
                "suggestion": row.suggestion,
            }
            for row, place in zip(listed.itertuples(), places, strict=True)
        ]
        return {
            "valid": self.valid,
            "cells": self.cells,
            "levels": self.levels,
            "counts": dict(Counter(self.defects["kind"])),
            "crs": self.defects.crs.to_string(),
            "defects": rows,
            "certificate": asdict(self.certificate),
        }


def table_of(
    found: Sequence[tuple[str, Sequence[str], Defect]],
    crs: Any,  # noqa: ANN401
) -> tuple[gpd.GeoDataFrame, list[list[str]]]:
    """Make the table of defects, and the codes that each concerns.

    Parameters
    ----------
    found
        Level, codes of its cells, and a defect of it.
    crs
        Of the geometries.
    """
    shapes = np.array([defect.geometry for _, _, defect in found] or [None], dtype=object)[: len(found)]
    places = _places(shapes)
    area, length = shapely.area(shapes), shapely.length(shapes)
    concerned = [sorted(codes[cell] for cell in defect.cells) for _, codes, defect in found]
    rows, seen = [], Counter[str]()
    # Of several with one name the places decide who is the second, not the order of the rows.
    for k in sorted(range(len(found)), key=lambda k: (concerned[k], places[k])):
        level, _, defect = found[k]
        names = concerned[k]
        name = _name(defect.kind, level, names, places[k])
        seen[name] += 1
        rows.append(
            {
                "id": name if seen[name] == 1 else f"{name}-{seen[name]}",
                "kind": defect.kind,
                "level": level,
                "cells": ",".join(names),
                "area_m2": round(float(area[k]), 9),
                "length_m": round(float(length[k]), 3),
                "width_m": round(defect.width_m, 4),
                "suggestion": defect.suggestion,
                "geometry": defect.geometry,
                "codes": names,
            }
        )
    rows.sort(key=lambda row: (row["kind"], -row["area_m2"], row["id"]))
    table = gpd.GeoDataFrame(rows, columns=_COLUMNS, geometry="geometry", crs=crs)
    return table, [row["codes"] for row in rows]


def _places(shapes: Any) -> list[list[float]]:  # noqa: ANN401 (shapely has no types)
    """Choose a point in each shape, in metres; none for a defect without a place."""
    points = shapely.point_on_surface(shapes)
    return [[] if shapely.is_empty(point) else [point.x, point.y] for point in points]


def _name(kind: str, level: str, codes: Sequence[str], place: Sequence[float]) -> str:
    """Name a defect: the same as long as its kind, its cells and, to the metre, its place are."""
    text = "|".join([kind, level, *codes, *(f"{value:.0f}" for value in place)])
    return f"{kind}-{hashlib.sha256(text.encode()).hexdigest()[:_ID_DIGITS]}"
