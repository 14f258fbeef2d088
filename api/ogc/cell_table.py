"""What is told of the cells of a plan, as filters and answers read it."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Final

import numpy as np
import orjson
import pandas as pd

from api.ogc.cell_shapes import CellShapes
from api.ogc.evaluation import Column
from api.ogc.filters import Properties, Property
from maps.audience import TOTAL, Audience, concealed

Records = Sequence[dict[str, Any]]

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
_NUMBERS: Final = ("integer", "number")


@dataclass(frozen=True, eq=False)
class CellTable:
    """A record of each cell.

    Attributes
    ----------
    shapes
        The cells.
    properties
        What a record holds; none of them is a time.
    read
        Returns the records in the order of the cells, as JSON holds them: asked once, when they are needed.
    """

    shapes: CellShapes
    properties: Properties
    read: Callable[[], Records]

    @cached_property
    def records(self) -> Records:
        """What is told of each cell."""
        return self.read()

    @cached_property
    def columns(self) -> Mapping[str, Column]:
        """The same as filters read it."""
        return {name: self._column(name, of) for name, of in self.properties.items()}

    @cached_property
    def version(self) -> str:
        """Short name of all that is told, and of what is drawn."""
        return hashlib.sha256(orjson.dumps(self.records) + self.shapes.digest).hexdigest()[:12]

    def _column(self, name: str, of: Property) -> Column:
        values = [record[name] for record in self.records]
        null = np.array([value is None for value in values], dtype=bool)
        if of.kind in _NUMBERS:
            return Column(np.array([0 if value is None else value for value in values], dtype=np.float64), null)
        if of.kind == "boolean":
            return Column(np.array([bool(value) for value in values]), null)
        if of.kind == "date":
            return Column(np.array(values, dtype="datetime64[D]"), null)
        return Column(np.array([value or "" for value in values], dtype=object), null)


def cell_table(shapes: CellShapes, audience: Audience) -> CellTable:
    """Return what an audience is told of cells: the public no counts so small that people show through."""
    return CellTable(shapes, PROPERTIES, partial(_told, shapes, audience))


def _told(shapes: CellShapes, audience: Audience) -> Records:
    frame, begins = shapes.frame.reindex(columns=list(PROPERTIES)), shapes.valid_from
    frame["valid_from"] = None if begins is None else begins.isoformat()
    frame["plan_version"] = shapes.plan.version
    if audience is Audience.PUBLIC:
        counts = dict(zip(frame["code"], frame["households"].astype(int), strict=True))
        above = dict(zip(frame["code"], frame["parent_code"].fillna(TOTAL), strict=True))
        frame["households"] = frame["households"].astype("Int64").mask(frame["code"].isin(concealed(counts, above)))
    return [
        {name: _plain(of, value) for (name, of), value in zip(PROPERTIES.items(), row, strict=True)}
        for row in frame.itertuples(index=False)
    ]


def _plain(of: Property, value: Any) -> Any:  # noqa: ANN401
    if value is None or pd.isna(value):
        return None
    return {"integer": int, "number": float, "boolean": bool}.get(of.kind, str)(value)
