"""The cells of a plan as collections: all of them, and those of each level."""

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Final

import numpy as np

from api.ogc.cell_shapes import CellShapes
from api.ogc.cell_table import CellTable, cell_table
from api.ogc.collection import Extent, Feature, Interval, Page, Query, Shapes
from api.ogc.evaluation import chosen
from api.ogc.filters import Properties
from api.ogc.reference import CRS84, Reference
from gis.arrays import Bools, Ints
from gis.plan import Plan
from maps.audience import Audience

_NOT_IN_IDS: Final = re.compile(r"[^A-Za-z0-9]+")


@dataclass(frozen=True, eq=False)
class Cells:
    """Some of the cells of a plan: those of one level, those of a part of the area, or all."""

    id: str
    title: str
    description: str
    table: CellTable
    rows: Ints

    @property
    def version(self) -> str:
        """Changes with what is drawn, what is told of it, and which of it is here."""
        return f"{self.table.version}-{zlib.crc32(self.rows.tobytes()):x}"

    @property
    def extent(self) -> Extent:
        """Box of the area, and from when the plan is in force."""
        return Extent(self.table.shapes.box, self.table.shapes.valid_from)

    @property
    def references(self) -> Sequence[Reference]:
        """CRS84, its two siblings of EPSG, and the zone of the plan."""
        return self.table.shapes.references

    @property
    def storage(self) -> Reference:
        """CRS84, in which cells are kept ready: GDAL takes a box to be in this CRS, and people give it in degrees."""
        return CRS84

    @property
    def properties(self) -> Properties:
        """What is told of a cell."""
        return self.table.properties

    def page(self, query: Query) -> Page:
        """Return cells in the order of their codes."""
        matched = self.rows[self._matching(query)[self.rows]]
        codes = self.table.shapes.codes
        start = 0 if query.after is None else int(np.searchsorted(codes[matched], query.after, side="right"))
        found = matched[start : start + query.limit]
        more = start + len(found) < len(matched)
        return Page(self._features(found, query.reference), len(matched), codes[found[-1]] if more else None)

    def feature(self, name: str, reference: Reference) -> Feature | None:
        """Return a cell by its code."""
        rows = self.rows[self.table.shapes.codes[self.rows] == name]
        return next(iter(self._features(rows, reference)), None)

    def shapes(self, box: tuple[float, float, float, float]) -> Shapes:
        """Return the cells that meet a box of Web Mercator metres."""
        rows = np.intersect1d(self.table.shapes.met_on_tiles(box), self.rows)
        return Shapes(self.table.shapes.on_tiles[rows], [self.table.records[row] for row in rows])

    def _features(self, rows: Ints, reference: Reference) -> list[Feature]:
        geometries, records = self.table.shapes.written(reference), self.table.records
        return [Feature(records[row]["code"], geometries[row], records[row]) for row in rows]

    def _matching(self, query: Query) -> Bools:
        shapes = self.table.shapes
        matching = np.full(len(shapes.codes), _meets(shapes, query.interval))
        if query.region is not None:
            matching &= shapes.met(query.region)
        if query.where is not None:
            matching &= chosen(query.where, self.table.columns, shapes.in_degrees)
        return matching


def cell_collections(plan: Plan, audience: Audience = Audience.INTERNAL) -> tuple[Cells, ...]:
    """Return the collections of a plan; keep them as long as the plan, since they hold what is worked out from it.

    Parameters
    ----------
    plan
        Of any levels.
    audience
        Who may ask for them: the public is not told counts of households so small that people show through.
    """
    table = cell_table(CellShapes(plan), audience)
    levels = np.array([record["level"] for record in table.records])
    every = Cells("cells", "Cells", "Cells of every level of the plan.", table, np.arange(len(levels)))
    ids: dict[str, str] = {}
    for level in plan.levels:
        name = f"cells-{_NOT_IN_IDS.sub('-', level).strip('-') or 'level'}"
        ids[level] = f"{name}-{len(ids) + 1}" if name in ids.values() else name
    return every, *(
        Cells(name, f"Cells: {level}", f"Cells of level {level}, which tile the area.", table, _rows(levels == level))
        for level, name in ids.items()
    )


def _rows(mask: Bools) -> Ints:
    return np.flatnonzero(mask).astype(np.int64)


def _meets(shapes: CellShapes, interval: Interval | None) -> bool:
    """Whether the plan is in force at a time; one that does not say from when always is."""
    if interval is None or interval.end is None or shapes.valid_from is None:
        return True
    return datetime.combine(shapes.valid_from, time.min, UTC) <= interval.end
