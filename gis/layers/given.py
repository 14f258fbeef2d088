"""What is given for one layer, read and understood, but not yet joined to cells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pyarrow as pa
from pyproj import CRS

from gis.arrays import Floats
from gis.datum import Datum
from gis.location.reports import Reports
from gis.location.tables import Objects
from gis.sources.left_out import LeftOut


@dataclass(frozen=True)
class Whereabouts:
    """Where the rows of a table say they are; a row may say it in several ways.

    Attributes
    ----------
    points
        Coordinates and their datums; NaN where there are none.
    building_id, entrance, floor : (n,) object
        As in the plan's dwellings; empty where not given.
    cell_code : (n,) object
        Cell of any level; empty where not given.
    plan_version : (n,) object
        Of the plan that the cell is one of; empty: of any.
    """

    points: Reports
    building_id: Objects
    entrance: Objects
    floor: Objects
    cell_code: Objects
    plan_version: Objects

    def __len__(self) -> int:
        return len(self.points)


@dataclass(frozen=True)
class Given:
    """The rows of one input.

    Attributes
    ----------
    kind, name
        Of the layer.
    items
        `row` (number in the table of `where`), `category`, `count` (int64) and the columns of the kind: of places
        `label`; of things `label`, `type`; of events `time`, `state`, `closed_at`, `due`, `standing`; of sentiment
        `time`, `rating`, `satisfied`; of organisations `label`, `grid`, `grid_kind`.
    where
        Of each row of the table.
    inputs
        Names of the files and their SHA-256.
    unread
        Names of columns that are not declared, and so not read.
    left_out
        Rows of the input that are no items, by reason.
    remarks
        What was assumed, by what it is about.
    """

    kind: str
    name: str
    items: pd.DataFrame
    where: Whereabouts
    inputs: list[tuple[str, str]] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    left_out: LeftOut = field(default_factory=LeftOut)
    remarks: Mapping[str, str] = field(default_factory=dict)


def points_of(x: Floats, y: Floats, crs: Datum | CRS, faults: Objects | None = None) -> Reports:
    """Write points of one datum, or in metres of any system, as places of reports."""
    n = len(x)
    nothing = np.full(n, "", dtype=object)
    return Reports(
        table=pa.table({}),
        faults=nothing if faults is None else faults,
        lon=x,
        lat=y,
        datum=np.zeros(n, np.int64),
        datums=[crs],
        radius_m=np.full(n, np.nan),
        source=nothing,
        address=nothing,
        qr=nothing,
    )


def named_apart(given: Sequence[Given]) -> list[Given]:
    """Name the layers by their kinds, and where several are of one kind by their files too."""
    kinds, taken = [each.kind for each in given], set[str]()
    named = []
    for each in given:
        file = each.inputs[0][0].split(".")[0] if each.inputs else ""
        name = each.kind if kinds.count(each.kind) == 1 or file == each.kind else f"{each.kind} {file}".strip()
        turns = (name if k == 1 else f"{name} {k}" for k in range(1, len(given) + 1))
        # A file of layers knows no case.
        name = next(turn for turn in turns if turn.casefold() not in taken)
        taken.add(name.casefold())
        named.append(replace(each, name=name))
    return named
