"""A plan, ready to be asked by many."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import geopandas as gpd
import orjson
import shapely
from pyproj import Transformer

from api.cases import Cell, Territory
from api.ogc import cell_collections
from api.ogc.cells import Cells
from gis.location.address.gazetteer import Gazetteer
from gis.location.routing import Router
from gis.location.rule import RoutingRule
from gis.plan import Plan
from maps.audience import Audience

# Of a degree: a centimetre.
_DIGITS = 7
# Name of what holds all, and code where the plan's area has none.
_AREA = "area"


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
    def chains(self) -> dict[str, dict[str, str]]:
        """Level → code, of each cell and of all above it, by code."""
        cells = self.router.cells
        return {code: orjson.loads(chain) for code, chain in zip(cells.codes, cells.chains, strict=True)}

    @cached_property
    def _collections(self) -> dict[Audience, tuple[Cells, ...]]:
        return {audience: cell_collections(self.plan, audience) for audience in Audience}

    def collections(self, audience: Audience) -> tuple[Cells, ...]:
        """Return the cells as collections of features, the first of which has all: as an audience may see them."""
        return self._collections[audience]

    @cached_property
    def _told(self) -> dict[Audience, dict[str, dict[str, Any]]]:
        tables = {audience: found[0].table for audience, found in self._collections.items()}
        return {audience: {each["code"]: each for each in table.records} for audience, table in tables.items()}

    def facts(self, audience: Audience) -> dict[str, dict[str, Any]]:
        """Return what an audience is told of each cell, by code."""
        return self._told[audience]

    @cached_property
    def children(self) -> dict[str, list[str]]:
        """Codes of the cells inside each, by its code."""
        inside: dict[str, list[str]] = {}
        for code, parent in zip(self.plan.cells["code"], self.plan.cells["parent_code"], strict=True):
            if isinstance(parent, str):
                inside.setdefault(parent, []).append(code)
        return inside

    @cached_property
    def spots(self) -> dict[str, tuple[float, float]]:
        """A point inside each cell above the lowest level, longitude and latitude: as near as everybody may know."""
        cells = self.plan.cells[self.plan.cells["level"] != self.plan.leaf_level]
        inside = shapely.get_coordinates(shapely.point_on_surface(cells.geometry.to_numpy()))
        lon, lat = self.to_plan.transform(inside[:, 0], inside[:, 1], direction="INVERSE")
        where = zip(lon.round(_DIGITS).tolist(), lat.round(_DIGITS).tolist(), strict=True)
        return dict(zip(cells["code"], where, strict=True))

    @cached_property
    def territory(self) -> Territory:
        """The cells of all levels, and above them the area: what lies in none of them lies there."""
        area = str(self.plan.area["code"].iloc[0] or _AREA)
        # A plan whose one top cell is the area has its code already.
        cells = self.plan.cells
        top = [] if (cells["code"] == area).any() else [Cell(area, _AREA)]
        above = area if top else None
        told = zip(cells["code"], cells["level"], cells["parent_code"], strict=True)
        return Territory.of(
            [*top, *(Cell(code, level, parent if isinstance(parent, str) else above) for code, level, parent in told)]
        )

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

    def beside(self, code: str) -> list[str]:
        """Codes of the cells of the same level that share a stretch of border with this one, or its ground."""
        cells = self._levels[self.territory.cells[code].level]
        shape = cells[code]
        near = cells.iloc[cells.sindex.query(shape)]
        shared = shapely.length(shapely.intersection(near.boundary.to_numpy(), shape.boundary))
        return sorted(set(near.index[shared > 0]) - {code})

    @cached_property
    def _levels(self) -> dict[str, gpd.GeoSeries]:
        """Shapes by code, of each level: with the index that each keeps."""
        shapes = self.plan.cells.set_index("code").geometry
        return {level: shapes[(self.plan.cells["level"] == level).to_numpy()] for level in self.plan.levels}
