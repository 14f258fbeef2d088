"""Rows joined to the cells of every level: each to exactly one, or to the ground where cells are not told apart."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from gis.arrays import Bools, Floats, Ints
from gis.layers.apportion import apportion
from gis.layers.given import Given, Whereabouts
from gis.layers.homes import Homes
from gis.layers.layer import Layer, require_conserved
from gis.layers.spots import NOWHERE, Spots, taken
from gis.location.index import CellIndex
from gis.location.placing import Site
from gis.location.placing import place as to_metres
from gis.location.tables import Objects
from gis.plan import Plan

_NO_PLACE = "no place given"
_SHARED = "several cells share this ground: entrance and floor would tell which"
_ABOVE = "known to a level above the lowest only"
_DIVIDED = "divided among the cells of its building by households"


def place(plan: Plan, *given: Given) -> list[Layer]:
    """Join inputs to the cells of every level of a plan.

    Parameters
    ----------
    plan
        The plan.
    given
        As `read_layer` and `read_osm` return them.

    Returns
    -------
    list of Layer
        One for each, in their order; sums are proved to be those that were given.

    Raises
    ------
    ConservationError
        Where they are not, which would be a fault of ours.
    """
    join = Join(plan)
    return [join.layer(each) for each in given]


@dataclass(frozen=True)
class Join:
    """A plan, made ready to be joined with layers.

    Attributes
    ----------
    plan
        The plan.
    """

    plan: Plan

    @cached_property
    def index(self) -> CellIndex:
        """The grounds."""
        return CellIndex.from_plan(self.plan)

    @cached_property
    def spots(self) -> Spots:
        """What is known of each cell and ground."""
        return Spots.from_plan(self.plan)

    @cached_property
    def homes(self) -> Homes:
        """The buildings."""
        return Homes(self.plan, self.spots, self.index)

    @cached_property
    def _version(self) -> str:
        return self.plan.version

    def layer(self, given: Given) -> Layer:
        """Join one input.

        Raises
        ------
        ConservationError
            Where its sums are not those that were given.
        """
        found = self._find(given.where)
        items, row = given.items, given.items["row"].to_numpy(np.int64)
        spot, told = found.spot[row], np.full(len(row), "", dtype=object)
        if given.kind == "people":
            items, row, spot, told = self._divide(given.items, given.where, spot)
        totals = given.items.groupby("category", sort=False)["count"].sum()
        columns = self._columns(spot, row, told, found)
        layer = Layer(
            kind=given.kind,
            name=given.name,
            items=items.drop(columns="row").reset_index(drop=True).assign(**columns),
            levels=tuple(self.spots.levels),
            plan_version=self._version,
            crs=self.plan.area.crs,
            totals={str(category): int(count) for category, count in totals.items()},
            inputs=given.inputs,
            unread=given.unread,
            left_out={reason: count for (_, reason), count in given.left_out.counts.items()},
            remarks=given.remarks,
        )
        require_conserved(layer)
        return layer

    def _columns(self, spot: Ints, row: Ints, told: Objects, found: "_Found") -> dict[str, Objects | Floats]:
        """Write down where items are: items of a spot each, from rows of the table, with what is to be told of them."""
        leaf, ground = _named(self.spots.cell[:, -1], spot), _named(self.spots.ground, spot)
        columns: dict[str, Objects | Floats] = {
            "plan_x": found.x[row],
            "plan_y": found.y[row],
            "cell_code": leaf,
            "ground_code": ground,
        }
        for at, level in enumerate(self.spots.levels):
            columns[f"level_{level}"] = _named(self.spots.cell[:, at], spot)
            columns[f"shared_{level}"] = _named(self.spots.shared[:, at], spot)
        sure, placed = leaf != "", spot != NOWHERE
        columns["status"] = np.select([sure, placed, found.outside[row]], ["cell", "shared", "outside"], "unplaced")
        why = np.where(ground == "", _ABOVE, _SHARED)
        columns["reason"] = np.select([sure, placed], [told, why], found.reason[row])
        return columns

    def _find(self, where: Whereabouts) -> "_Found":
        """Find the spots of rows: by their cell, else their building, else their coordinates."""
        x, y, reason = to_metres(self._site, where.points)
        row = self.index.locate(x, y)
        codes = np.append(self.index.grounds["code"].to_numpy(dtype=object), "")[row]
        spot = taken(self.spots.of_ground, codes)
        outside = (reason == "") & (spot == NOWHERE)
        reason = np.where(outside, "outside the area", np.where(reason == "no coordinates", _NO_PLACE, reason))
        in_building = where.building_id != ""
        by_cell = self._by_cell(where)
        if in_building.any():
            ids = where.building_id[in_building]
            spot[in_building] = self.homes.find(ids, where.entrance[in_building], where.floor[in_building])
            inner = self.homes.points(ids)
            # A pin says better where in a building something is, if it says it.
            x[in_building], y[in_building] = (
                np.where(np.isfinite(at[in_building]), at[in_building], own)
                for at, own in zip((x, y), inner, strict=True)
            )
        spot[by_cell] = self._in_cells(where.cell_code[by_cell], spot[by_cell])
        for told, what in ((in_building & ~by_cell, "building"), (by_cell, "cell")):
            outside &= ~told
            reason[told] = f"the plan has no such {what}"
        reason[(where.cell_code != "") & (reason == _NO_PLACE)] = "a cell of another plan, and no other place given"
        broken = where.points.faults != ""
        spot[broken], reason[broken], outside[broken] = NOWHERE, where.points.faults[broken], False
        return _Found(spot, x, y, outside, reason)

    def _in_cells(self, codes: Objects, pinned: Ints) -> Ints:
        """Return the spots of cells; of a cell above the lowest level, the shared ground in it where the pin lies."""
        named = taken(self.spots.of_cell, codes)
        ground, leaf = _named(self.spots.ground, pinned), _named(self.spots.cell[:, -1], pinned)
        is_above = (named != NOWHERE) & (_named(self.spots.ground, named) == "")
        above = np.column_stack([_named(cells, pinned) for cells in self.spots.cell.T])
        narrower = is_above & (ground != "") & (leaf == "") & (above == codes[:, None]).any(axis=1)
        return np.where(narrower, pinned, named)

    @cached_property
    def _site(self) -> Site:
        return Site(self.plan.area.crs, tuple(self.plan.area.total_bounds))

    def _divide(self, items: pd.DataFrame, where: Whereabouts, spot: Ints) -> tuple[pd.DataFrame, Ints, Ints, Objects]:
        """Divide counts of buildings with homes in several cells among these, by their households."""
        row = items["row"].to_numpy(np.int64)
        by_building = np.where(self._by_cell(where), "", where.building_id)[row]
        taken_from, spots, counts = [np.arange(len(items))], [spot], [items["count"].to_numpy(np.int64)]
        divided = self.homes.divided_rows(by_building)
        for k in divided.tolist():
            parts = self.homes.parts(by_building[k], where.entrance[row[k]], where.floor[row[k]])
            held, weights = (np.array(part, np.int64) for part in zip(*parts, strict=True))
            taken_from.append(np.full(len(held), k))
            spots.append(held)
            counts.append(apportion(int(counts[0][k]), weights))
        at = np.concatenate(taken_from)
        kept = np.ones(len(at), np.bool_)
        kept[divided] = False
        order = np.flatnonzero(kept)[np.argsort(at[kept], kind="stable")]
        items = items.iloc[at[order]].assign(count=np.concatenate(counts)[order])
        told = np.where(np.isin(at[order], divided), _DIVIDED, "").astype(object)
        return items, row[at[order]], np.concatenate(spots)[order], told

    def _by_cell(self, where: Whereabouts) -> Bools:
        """Say which rows name a cell of this plan; another plan's codes mean other cells."""
        return (where.cell_code != "") & np.isin(where.plan_version, ("", self._version))


@dataclass(frozen=True)
class _Found:
    """Spots of rows, their places in metres, whether they lie outside the area, and why they have no spot."""

    spot: Ints
    x: Floats
    y: Floats
    outside: Bools
    reason: Objects


def _named(codes: Objects, spot: Ints) -> Objects:
    """Return codes by spot; empty for none."""
    return np.append(codes, "")[spot]
