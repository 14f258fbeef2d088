"""Cases as points, for those who work on them: codes and times, and nothing that anybody wrote."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property, partial
from math import atan, degrees, pi, sinh
from typing import Any, Final

import numpy as np
import shapely
from sqlalchemy import Boolean, ColumnElement, Connection, Row, Select, and_, false, func, or_, select

from api.errors import Problem
from api.ogc.collection import Extent, Feature, Interval, Page, Query, Shapes
from api.ogc.filters import Properties, Property
from api.ogc.geojson import written
from api.ogc.reference import CRS84, WEB_MERCATOR, Reference, moved
from api.ogc.sql import Condition, Translation, moment
from api.store import overviews
from api.store.cases import Wanted, narrowed
from api.store.engine import Database
from api.store.places import in_box, lies_in
from api.store.tables import cases

PROPERTIES: Final[Properties] = {
    "id": Property("string", "Case", "Number of the case."),
    "state": Property("string", "State", "Where it stands."),
    "category": Property("string", "Category", "Code of what it is about."),
    "grade": Property("string", "Grade", "Code of how grave it is."),
    "colour": Property("string", "Colour", "Who can solve it, by colour."),
    "cell": Property("string", "Cell", "Code of the cell where it lies."),
    "unit": Property("string", "Unit", "Code of who is responsible; null where nobody is yet."),
    "organisation": Property("string", "Organisation", "Code of the organisation it is about; null where of none."),
    "received_at": Property("date-time", "Received", "When it was reported."),
    "changed_at": Property("date-time", "Changed", "When something was last done to it."),
    "closed_at": Property("date-time", "Closed", "When it was over; null while it is not."),
    "due_at": Property("date-time", "Due", "When the first of its clocks ends; null where they stand still."),
    "overdue": Property("boolean", "Overdue", "Whether it is not over though a clock has ended."),
    "merged_into": Property("string", "Merged into", "Number of the case whose fate it shares; null where of none."),
    "plan_version": Property("string", "Plan", "Short name of the drawing that its cell is from."),
}
_ID: Final = re.compile(r"[0-9A-Za-z-]{1,20}", re.ASCII)
_IN_RECORD: Final = ("colour", "plan_version")
_MOST_ON_TILE: Final = 10_000
_RADIUS_M: Final = 6_378_137.0


@dataclass(frozen=True)
class CasePoints:
    """The cases that somebody may see; those without a place, or whose place was erased, have no geometry.

    Attributes
    ----------
    database
        Where they are; each answer reads in one transaction.
    wanted
        Which they are.
    now
        What is overdue is so at this moment.
    box
        Where they are as long as there are none: west, south, east, north in degrees.
    references
        Every CRS to answer in.
    """

    database: Database
    wanted: Wanted
    now: datetime
    box: tuple[float, float, float, float]
    references: Sequence[Reference]
    id: str = "cases"
    title: str = "Cases"
    description: str = "Reports and what has become of them: where, and by codes."

    @property
    def version(self) -> str:
        """Changes with every event, with what was erased or is overdue by now, and with who asks."""
        with self.database.reading() as connection:
            told = self.wanted, overviews.version(connection, self.now)
        return hashlib.sha256(repr(told).encode()).hexdigest()[:12]

    @property
    def extent(self) -> Extent:
        """Box of the cases there are, and since when."""
        bounds = [end(column) for end in (func.min, func.max) for column in (cases.c.lon, cases.c.lat)]
        with self.database.reading() as connection:
            found = connection.execute(self._visible(select(*bounds, func.min(cases.c.received_at)))).one()
        *box, first = found
        west, south, east, north = self.box if None in box else box
        return Extent((west, south, east, north), None if first is None else _day(first))

    @property
    def storage(self) -> Reference:
        """CRS84, in which places are kept."""
        return CRS84

    @property
    def properties(self) -> Properties:
        """What is told of a case."""
        return PROPERTIES

    def page(self, query: Query) -> Page:
        """Return cases in the order of their numbers."""
        if query.after is not None and not _ID.fullmatch(query.after):
            raise Problem(400, "cursor: take it from a link `next`")
        asked = self._asked(query)
        with self.database.reading(repeatable=True) as connection:
            matched = connection.execute(
                self._visible(select(func.count()).select_from(cases)).where(asked)
            ).scalar_one()
            following = self._told().where(asked).order_by(cases.c.id).limit(query.limit + 1)
            rows = _all(connection, following if query.after is None else following.where(cases.c.id > query.after))
        found = rows[: query.limit]
        return Page(_features(found, query.reference), matched, found[-1].id if len(rows) > len(found) else None)

    def feature(self, name: str, reference: Reference) -> Feature | None:
        """Return a case by its number."""
        if not _ID.fullmatch(name):
            return None
        with self.database.reading() as connection:
            rows = _all(connection, self._told().where(cases.c.id == name))
        return next(iter(_features(rows, reference)), None)

    def shapes(self, box: tuple[float, float, float, float]) -> Shapes:
        """Return the cases in a box of Web Mercator metres, of very many the latest."""
        west, south, east, north = box
        inside = in_box(
            (degrees(west / _RADIUS_M), _latitude(south), degrees(east / _RADIUS_M), _latitude(north)),
            is_sqlite=self.database.is_sqlite,
        )
        latest = (cases.c.received_at.desc(), cases.c.id)
        with self.database.reading() as connection:
            rows = _all(connection, self._told().where(inside).order_by(*latest).limit(_MOST_ON_TILE))
        return Shapes(moved(_points(rows), CRS84.name, WEB_MERCATOR.name), [_properties(row) for row in rows])

    @cached_property
    def _overdue(self) -> Condition:
        return func.coalesce(and_(cases.c.over_at.is_(None), cases.c.due_at < self.now), false(), type_=Boolean)

    @cached_property
    def _columns(self) -> dict[str, ColumnElement[Any]]:
        made: dict[str, ColumnElement[Any]] = {"overdue": self._overdue, "closed_at": cases.c.over_at}
        made |= {name: cases.c.record[name].as_string() for name in _IN_RECORD}
        return {name: made[name] if name in made else cases.c[name] for name in PROPERTIES}

    def _visible(self, found: Select[Any]) -> Select[Any]:
        return narrowed(found, self.wanted, is_sqlite=self.database.is_sqlite)

    def _told(self) -> Select[Any]:
        told = (column.label(name) for name, column in self._columns.items())
        return self._visible(select(*told, cases.c.lon, cases.c.lat))

    def _asked(self, query: Query) -> Condition:
        place = partial(lies_in, is_sqlite=self.database.is_sqlite)
        parts = [*_received(query.interval)]
        if query.region is not None:
            parts.append(or_(cases.c.lon.is_(None), place(query.region)))
        if query.where is not None:
            parts.append(Translation(self._columns, place, self.database.is_sqlite).condition(query.where))
        return and_(True, *parts)  # noqa: FBT003 (SQLAlchemy's way to say: without any)


def _received(interval: Interval | None) -> Iterable[Condition]:
    if interval is not None and interval.begin is not None:
        yield cases.c.received_at >= moment(interval.begin)
    if interval is not None and interval.end is not None:
        yield cases.c.received_at <= moment(interval.end)


def _all(connection: Connection, found: Select[Any]) -> Sequence[Row[Any]]:
    return connection.execute(found).all()


def _features(rows: Sequence[Row[Any]], reference: Reference) -> list[Feature]:
    placed = [row for row in rows if row.lon is not None]
    points = _points(placed)
    # A zone of a plan does not reach round the world: what it cannot place has no geometry in it.
    within = np.flatnonzero(np.isfinite(shapely.get_x(moved(points, CRS84.name, reference.name))))
    drawn = dict(zip((placed[at].id for at in within), written(points[within], CRS84.name, reference), strict=True))
    return [Feature(row.id, drawn.get(row.id), _properties(row)) for row in rows]


def _points(rows: Sequence[Row[Any]]) -> Any:  # noqa: ANN401 (shapely has no types)
    return shapely.points(np.array([(row.lon, row.lat) for row in rows], dtype=np.float64).reshape(-1, 2))


def _properties(row: Row[Any]) -> dict[str, Any]:
    return {name: _plain(getattr(row, name)) for name in PROPERTIES}


def _plain(value: Any) -> Any:  # noqa: ANN401
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value


def _day(first: datetime) -> date:
    return first.astimezone(UTC).date()


def _latitude(y: float) -> float:
    # Beyond the poles' own edge of the tiling the formula goes on; degrees do not.
    return degrees(atan(sinh(max(-2 * pi, min(2 * pi, y / _RADIUS_M)))))
