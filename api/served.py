"""A plan, ready to be asked by many."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import orjson
import shapely
from pyproj import Transformer

from api.cases import Cell, Territory
from gis.arrays import Geometries
from gis.location.address.gazetteer import Gazetteer
from gis.location.routing import Router
from gis.location.rule import RoutingRule
from gis.plan import Plan

# Of a degree: a centimetre.
_DIGITS = 7
# Name of what holds all, and code where the plan's area has none.
_AREA = "area"
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

    @cached_property
    def territory(self) -> Territory:
        """The cells of all levels, and above them the area: what lies in none of them lies there."""
        area = str(self.plan.area["code"].iloc[0] or _AREA)
        # A plan whose one top cell is the area has its code already.
        top = [] if area in self.row_of else [Cell(area, _AREA)]
        above = area if top else None
        told = (Cell(each["code"], each["level"], each["parent_code"] or above) for each in self.facts)
        return Territory.of([*top, *told])

    def holder(self, routed: Mapping[str, Any]) -> tuple[str, str]:
        """Return code and level of the cell that answers for a routed report: what is certain, else the area.

        Parameters
        ----------
        routed
            The columns of `gis.location.sent.ANSWERS`.
        """
        level = self.plan.leaf_level if routed["action"] == "dispatch" else routed["certain_level"]
        code = routed["grid_codes"].get(level)
        if code is not None:
            return code, level
        top = next(iter(self.territory.cells.values()))
        return top.code, top.level

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


def _rounded(numbers: Any) -> Any:  # noqa: ANN401 (lists of lists, as deep as the shape's kind asks)
    return round(numbers, _DIGITS) if isinstance(numbers, float) else [_rounded(each) for each in numbers]
