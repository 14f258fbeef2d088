"""Checking any coverage: the certificate where it holds, the list of defects where it does not."""

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.arrays import Geometries, Ints
from gis.coverage.certificate import Certificate, Tiling, certify, residue_of
from gis.coverage.defects import Defect, broken_shapes, misfits, parent_misfits
from gis.crs import metric_crs
from gis.errors import InputError


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
        `id`, `kind`, `level`, `cells` (codes, comma-separated), `area_m2`, `length_m`, `suggestion`, geometry in the
        metric CRS of the check.
    """

    certificate: Certificate
    levels: list[str]
    cells: int
    defects: gpd.GeoDataFrame

    @property
    def valid(self) -> bool:
        """Whether the certificate holds and no shape is broken."""
        return self.certificate.valid and not len(self.defects)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as other programs read it."""
        rows = [
            {
                "id": row.id,
                "kind": row.kind,
                "cells": row.cells.split(",") if row.cells else [],
                "area_m2": row.area_m2,
                "length_m": row.length_m,
                "where": [] if row.geometry.is_empty else [*row.geometry.representative_point().coords[0]],
                "suggestion": row.suggestion,
            }
            for row in self.defects.itertuples()
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


def check(
    cells: gpd.GeoDataFrame, *, area: gpd.GeoDataFrame | None = None, parents: gpd.GeoDataFrame | None = None
) -> CoverageReport:
    """Check that cells tile an area and, level by level, their parents.

    Parameters
    ----------
    cells
        Polygons in any CRS. With columns `level`, `code` and `parent_code` they are checked as a hierarchy; cells with
        the same `ground_code` count once; cells with `exclave` set may be in parts.
    area
        What they should fill; by default their own outline, in which holes are gaps.
    parents
        Polygons of the level above, where it is in a file of its own; a child belongs to the one that holds its inner
        point.

    Returns
    -------
    CoverageReport

    Raises
    ------
    InputError
        Where there is no polygon, or no CRS.
    """
    for frame, what in ((cells, "cells"), (area, "area"), (parents, "parents")):
        if frame is not None:
            _require_polygons(frame, what)
    levels = _levels(cells, parents)
    crs = metric_crs(cells.crs, tuple(cells.total_bounds))
    whole = None if area is None else shapely.union_all(area.to_crs(crs).geometry.to_numpy())
    found: list[tuple[str, list[str], Defect]] = []
    tilings: list[Tiling] = []
    above: tuple[gpd.GeoDataFrame, Tiling] | None = None
    for name, every in levels:
        codes = [str(code) for code in every["code"]]
        shapes = every.to_crs(crs).geometry.to_numpy()
        found += [(name, codes, defect) for defect in broken_shapes(shapes, every["exclave"])]
        usable = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
        level, codes, shapes = every.iloc[usable], [codes[k] for k in usable], shapes[usable]
        mended = np.where(shapely.is_valid(shapes), shapes, shapely.make_valid(shapes))
        rim = np.array([_outline(mended) if whole is None else whole])
        tiling = Tiling(name, shapes, np.zeros(len(shapes), np.int64), rim)
        found += [(name, codes, defect) for defect in misfits(tiling, whole is not None)]
        if above is not None:
            found += [(name, codes, defect) for defect in _orphans(level, above[0])]
            nested = Tiling(name, shapes, _parents(level, mended, *above), above[1].cells)
            found += [(name, codes, defect) for defect in parent_misfits(nested, residue_of(tiling))]
            tilings.append(nested)
        else:
            tilings.append(tiling)
        above = level, tiling
    return CoverageReport(certify(tilings), [name for name, _ in levels], len(cells), _layer(found, crs))


def _require_polygons(frame: gpd.GeoDataFrame, what: str) -> None:
    if not len(frame):
        raise InputError(f"{what}: no row to check")
    if frame.crs is None:
        raise InputError(f"{what}: no coordinate reference system: store one in the file")
    kinds = set(frame.geometry.dropna().geom_type) - {"Polygon", "MultiPolygon"}
    if kinds:
        raise InputError(f"{what}: must be polygons, and there are {', '.join(sorted(kinds))}")
    if what == "area" and not frame.geometry.is_valid.all():
        raise InputError(
            f"area: {shapely.is_valid_reason(frame.geometry[~frame.geometry.is_valid].iloc[0])}: redraw it"
        )


def _levels(cells: gpd.GeoDataFrame, parents: gpd.GeoDataFrame | None) -> list[tuple[str, gpd.GeoDataFrame]]:
    """Split cells into levels, top first, each ground once, with the columns that the check needs."""
    frames = [] if parents is None else [("parents", parents.to_crs(cells.crs))]
    if "level" in cells and "parent_code" in cells:
        if cells["level"].isna().any():
            raise InputError(f"{int(cells['level'].isna().sum())} cells have no level: fill the column")
        frames += _top_first([(str(name), group) for name, group in cells.groupby("level", sort=False)])
    else:
        frames.append(("cells", cells))
    return [(name, _ground(frame)) for name, frame in frames]


def _top_first(levels: list[tuple[str, gpd.GeoDataFrame]]) -> list[tuple[str, gpd.GeoDataFrame]]:
    """Order levels by whose parents lie in which, whatever the order of the rows."""
    ordered: list[tuple[str, gpd.GeoDataFrame]] = []
    waiting = list(levels)
    known: set[str] = set()
    while waiting:
        fits = [k for k, (_, level) in enumerate(waiting) if set(level["parent_code"].dropna()) <= known]
        name, level = waiting.pop(fits[0] if fits else 0)
        known |= set(level["code"].dropna())
        ordered.append((name, level))
    return ordered


def _ground(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    code = frame["code"] if "code" in frame else np.arange(len(frame)).astype(str)
    exclave = frame["exclave"].fillna(0) if "exclave" in frame else 0
    level = frame.assign(code=code, exclave=exclave).reset_index(drop=True)
    if "ground_code" not in level:
        return level
    ground = level["ground_code"].fillna(level["code"])
    drawn = pd.Series(shapely.to_wkb(level.geometry.to_numpy()))
    return level[~pd.DataFrame({"ground": ground, "drawn": drawn}).duplicated()].reset_index(drop=True)


def _outline(shapes: Geometries) -> Any:  # noqa: ANN401 (shapely has no types)
    """Union of the cells with all holes filled, on their own vertices."""
    union = shapely.get_parts(shapely.union_all(shapes))
    polygons = union[shapely.get_dimensions(union) == 2]  # noqa: PLR2004 (areas)
    return shapely.union_all(shapely.polygons(shapely.get_exterior_ring(polygons)))


def _orphans(level: gpd.GeoDataFrame, above: gpd.GeoDataFrame) -> list[Defect]:
    """Cells that name a parent that is not there."""
    if "parent_code" not in level:
        return []
    unknown = level["parent_code"].notna() & ~level["parent_code"].isin(above["code"])
    rows = level.reset_index(drop=True)[unknown.to_numpy()]
    return [
        Defect(
            "parent_child", (int(k),), row.geometry, f"Its parent '{row.parent_code}' is no cell of the level above."
        )
        for k, row in zip(rows.index, rows.itertuples(), strict=True)
    ]


def _parents(level: gpd.GeoDataFrame, shapes: Geometries, above: gpd.GeoDataFrame, wholes: Tiling) -> Ints:
    """Row of each cell's parent, by its code or else by its inner point."""
    if "parent_code" in level and level["parent_code"].notna().any():
        row = {str(code): k for k, code in enumerate(above["code"])}
        known = np.array([row.get(str(code), -1) for code in level["parent_code"]], np.int64)
        if (known >= 0).all():
            return known
    return np.asarray(shapely.STRtree(wholes.cells).nearest(shapely.point_on_surface(shapes)), np.int64)


def _layer(found: list[tuple[str, list[str], Defect]], crs: Any) -> gpd.GeoDataFrame:  # noqa: ANN401
    counter: Counter[str] = Counter()
    rows = []
    for level, codes, defect in sorted(found, key=lambda f: (f[0], f[2].kind, [f[1][c] for c in f[2].cells])):
        counter[defect.kind] += 1
        rows.append(
            {
                "id": f"{defect.kind}-{counter[defect.kind]}",
                "kind": defect.kind,
                "level": level,
                "cells": ",".join(codes[c] for c in defect.cells),
                "area_m2": round(float(shapely.area(defect.geometry)), 6),
                "length_m": round(float(shapely.length(defect.geometry)), 3),
                "suggestion": defect.suggestion,
                "geometry": defect.geometry,
            }
        )
    columns = ["id", "kind", "level", "cells", "area_m2", "length_m", "suggestion", "geometry"]
    return gpd.GeoDataFrame(rows, columns=columns, geometry="geometry", crs=crs)
