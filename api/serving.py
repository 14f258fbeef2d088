"""Plans made ready to be asked: opened once in each worker, the one in force at hand without the database."""

import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import shapely
from pyproj import Transformer
from sqlalchemy import Connection

from api.errors import Problem
from api.store import plans
from api.store.engine import Database
from gis.arrays import Geometries
from gis.location.address.gazetteer import Gazetteer
from gis.location.routing import Router
from gis.location.rule import RoutingRule
from gis.plan import Plan, read_plan

# Plans that stay open in a worker: the one in force, the one before, and one that somebody looks back at.
_OPEN = 3
_NO_PLAN = 503
# Of a degree: a centimetre.
_DIGITS = 7
_FACTS = (
    *("code", "level", "parent_code", "name", "kind", "households"),
    *("ground_code", "floor_from", "floor_to", "exclave"),
)


@dataclass(frozen=True)
class Served:
    """A plan, ready to be asked.

    Attributes
    ----------
    plan_id
        Its number in the store.
    plan
        The plan.
    """

    plan_id: int
    plan: Plan

    @cached_property
    def router(self) -> Router:
        """Sends reports to its cells."""
        return Router(self.plan, RoutingRule())

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """Finds its addresses."""
        return Gazetteer.from_plan(self.plan)

    @cached_property
    def to_plan(self) -> Transformer:
        """From WGS 84, longitude first, to its metres."""
        return Transformer.from_crs(4326, self.plan.area.crs, always_xy=True)

    @cached_property
    def version(self) -> str:
        """Its version."""
        return self.plan.version

    @cached_property
    def answers(self) -> list[bytes]:
        """What is said of a point in each ground, and of one outside all: written once, not for each point."""
        router = self.router
        said = []
        for code, cells in zip(router.index.grounds["code"], router.index.grounds["cells"], strict=True):
            alone = cells == 1
            above = self.chains[code] if alone else {k: v for k, v in self.chains[code].items() if v != code}
            status = "inside" if alone else "ask_address"
            said.append({"status": status, "cell_code": code if alone else None, "grid_codes": above})
        said.append({"status": "outside", "cell_code": None, "grid_codes": {}})
        return [orjson.dumps(each | {"plan_version": self.version}) for each in said]

    @cached_property
    def row_of(self) -> dict[str, int]:
        """Row of `plan.cells` by code."""
        return {code: row for row, code in enumerate(self.plan.cells["code"])}

    @cached_property
    def chains(self) -> dict[str, dict[str, str]]:
        """Level → code, of each cell and of all above it, by code."""
        cells = self.router.cells
        return {code: orjson.loads(chain) for code, chain in zip(cells.codes, cells.chains, strict=True)}

    @cached_property
    def facts(self) -> list[dict[str, Any]]:
        """What the plan says of each cell, but for its boundary."""
        cells = self.plan.cells[list(_FACTS)].astype(object)
        rows: list[dict[str, Any]] = cells.where(cells.notna(), None).to_dict("records")
        return [row | {"exclave": bool(row["exclave"])} for row in rows]

    @cached_property
    def children(self) -> dict[str, list[int]]:
        """Rows of the cells inside each, by its code."""
        inside: dict[str, list[int]] = {}
        for row, fact in enumerate(self.facts):
            if fact["parent_code"] is not None:
                inside.setdefault(fact["parent_code"], []).append(row)
        return inside

    @cached_property
    def _degrees(self) -> Geometries:
        shapes: Geometries = self.plan.cells.geometry.to_crs(4326).to_numpy()
        return shapely.orient_polygons(shapes)

    def rows_at(self, level: str) -> list[int]:
        """Rows of the cells of a level."""
        return [row for row, fact in enumerate(self.facts) if fact["level"] == level]

    def shape(self, row: int) -> dict[str, Any]:
        """Boundary of a cell as GeoJSON, in degrees of seven digits."""
        drawn: dict[str, Any] = orjson.loads(shapely.to_geojson(self._degrees[row]))
        return drawn | {"coordinates": _rounded(drawn["coordinates"])}

    def beside(self, row: int) -> list[int]:
        """Rows of the cells of the same level that share a stretch of border with this one, or its ground."""
        shapes = self.plan.cells.geometry.to_numpy()
        level = self.facts[row]["level"]
        near = [
            at for at in self.plan.cells.sindex.query(shapes[row]) if at != row and self.facts[at]["level"] == level
        ]
        shared = shapely.length(shapely.intersection(shapely.boundary(shapes[near]), shapely.boundary(shapes[row])))
        return sorted(int(at) for at in np.array(near, np.int64)[shared > 0])


class Plans:
    """The plans of a database, as one worker sees them.

    Parameters
    ----------
    database
        Where they are.
    clock
        Tells the moment.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database, self._clock = database, clock
        self._opened: dict[int, Served] = {}
        self._opening = threading.Lock()
        self._current: Served | None = None

    @property
    def current(self) -> Served:
        """The plan in force, as it was when this worker last looked: at most a second ago.

        Raises
        ------
        Problem
            503 where there is none yet.
        """
        if self._current is None:
            raise Problem(_NO_PLAN, "no plan is in force yet: import one and activate it")
        return self._current

    def refresh(self) -> None:
        """Look which plan is in force, and open it."""
        with self._database.reading() as connection:
            self.in_force(connection)

    def in_force(self, connection: Connection) -> tuple[int, Served]:
        """Return the activation in force in this transaction, and its plan, opened.

        Raises
        ------
        Problem
            503 where there is none yet.
        """
        activation = plans.in_force(connection, self._clock())
        if activation is None:
            raise Problem(_NO_PLAN, "no plan is in force yet: import one and activate it")
        self._current = self.open(connection, activation.plan_id)
        return activation.id, self._current

    def open(self, connection: Connection, plan_id: int) -> Served:
        """Open a plan, once; those not asked for lately are let go."""
        if plan_id not in self._opened:
            with self._opening:
                if plan_id not in self._opened:
                    served = _opened(plan_id, plans.file_of(connection, plan_id))
                    kept = [(number, each) for number, each in self._opened.items() if each is not self._current]
                    now = [] if self._current is None else [(self._current.plan_id, self._current)]
                    self._opened = dict([*kept, *now][-_OPEN + 1 :]) | {plan_id: served}
        return self._opened[plan_id]


def _rounded(numbers: Any) -> Any:  # noqa: ANN401 (lists of lists, as deep as the shape's kind asks)
    return round(numbers, _DIGITS) if isinstance(numbers, float) else [_rounded(each) for each in numbers]


def _opened(plan_id: int, content: bytes) -> Served:
    """Read a plan and make what is asked for often, before anybody waits for it."""
    with tempfile.TemporaryDirectory(prefix="wangge-") as folder:
        path = Path(folder) / "plan.gpkg"
        path.write_bytes(content)
        served = Served(plan_id, read_plan(path))
    router = served.router
    router.index.locate_one(0.0, 0.0)
    _ = served.answers, served.to_plan, served.row_of
    return served
