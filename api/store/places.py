"""Which cases lie in a shape: asked of PostGIS, or of GEOS from within SQLite, so that pages and counts stay exact."""

import sqlite3
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import shapely
from sqlalchemy import Boolean, ColumnElement, and_, func, literal_column

from api.store.tables import cases

_MEETS = "wangge_meets"
_PLACE: ColumnElement[Any] = literal_column("cases.place")
# Shapes of one statement: few, since a filter is short.
_REMEMBERED = 64


def teach(connection: sqlite3.Connection) -> None:
    """Let a connection to SQLite ask whether a point meets a shape."""
    connection.create_function(_MEETS, 3, _meeting(), deterministic=True)


def in_box(box: tuple[float, float, float, float], *, is_sqlite: bool) -> ColumnElement[bool]:
    """Return the condition that a case lies in a box of CRS84: west, south, east, north."""
    west, south, east, north = box
    inside = and_(cases.c.lon.between(west, east), cases.c.lat.between(south, north))
    if is_sqlite:
        return inside
    # Only the index of PostGIS's own column knows both at once.
    return and_(inside, _PLACE.bool_op("&&")(func.ST_MakeEnvelope(west, south, east, north, 4326)))


def lies_in(shape: Any, *, is_sqlite: bool) -> ColumnElement[bool]:  # noqa: ANN401 (shapely has no types)
    """Return the condition that a case meets a valid shapely geometry in CRS84; one without a place meets none."""
    drawn = shapely.to_wkb(shape, include_srid=False)
    if is_sqlite:
        meets = getattr(func, _MEETS)(cases.c.lon, cases.c.lat, drawn, type_=Boolean)
    else:
        meets = func.ST_Intersects(_PLACE, func.ST_GeomFromWKB(drawn, 4326), type_=Boolean)
    # Never unknown, so that the opposite holds where there is no place.
    placed = and_(cases.c.lon.is_not(None), cases.c.lat.is_not(None))
    return and_(placed, in_box(shape.bounds, is_sqlite=is_sqlite), meets)


def _meeting() -> Callable[[float | None, float | None, bytes], bool | None]:
    """Return what one connection asks; prepared shapes are not for two threads at once."""

    @lru_cache(maxsize=_REMEMBERED)
    def prepared(drawn: bytes) -> Any:  # noqa: ANN401
        shape = shapely.from_wkb(drawn)
        shapely.prepare(shape)
        return shape

    def meets(lon: float | None, lat: float | None, drawn: bytes) -> bool | None:
        return None if lon is None or lat is None else bool(shapely.intersects_xy(prepared(drawn), lon, lat))

    return meets
