"""Buildings of a plan: the spot of each, and the cells of its entrances and floors with their households."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import shapely

from gis.arrays import Bools, Floats, Ints
from gis.layers.spots import NOWHERE, Spots, taken
from gis.location.index import CellIndex
from gis.location.tables import Objects
from gis.plan import Plan

_NUMBER = re.compile(r"-?\d+")


@dataclass(frozen=True)
class Homes:
    """The buildings and dwellings of a plan.

    Attributes
    ----------
    plan, spots, index
        Of one plan.
    """

    plan: Plan
    spots: Spots
    index: CellIndex

    def find(self, ids: Objects, entrances: Objects, floors: Objects) -> Ints:
        """Return the spots of buildings, as well as entrance and floor tell; -1 where there is no such building."""
        found = taken(self._spot, ids)
        told = ((entrances != "") | (floors != "")) & self._is_divided(ids)
        for row in np.flatnonzero(told).tolist():
            cells = {spot for spot, _ in self.parts(ids[row], entrances[row], floors[row])}
            if len(cells) == 1:
                found[row] = cells.pop()
        return found

    def divided_rows(self, ids: Objects) -> Ints:
        """Return the rows whose building has homes in several cells."""
        return np.flatnonzero(self._is_divided(ids))

    def _is_divided(self, ids: Objects) -> Bools:
        several: Bools = pd.Index(list(self._divided), dtype="object").get_indexer(ids) >= 0
        return several

    def parts(self, building: str, entrance: str, floor: str) -> list[tuple[int, int]]:
        """Return the spots of a divided building with their households, as far as entrance and floor tell them apart.

        Where the plan has no homes of that entrance or floor, all of the building.
        """
        homes = self._divided[building]
        held = [home for home in homes if _fits(home, entrance, floor)] or homes
        sums: dict[int, int] = {}
        for home in held:
            sums[home.spot] = sums.get(home.spot, 0) + home.households
        return list(sums.items())

    def points(self, ids: Objects) -> tuple[Floats, Floats]:
        """Return a point in each building, metres of the plan; NaN where there is no such building."""
        rows, different = pd.factorize(self._row.get_indexer(ids))
        known = different >= 0
        inner = shapely.point_on_surface(self.plan.buildings.geometry.to_numpy()[different])
        x, y = (np.where(known, part(inner), np.nan)[rows] for part in (shapely.get_x, shapely.get_y))
        return x, y

    @cached_property
    def _row(self) -> pd.Index:
        return pd.Index(self.plan.buildings["building_id"].astype(str))

    @cached_property
    def _spot(self) -> pd.Series:
        """Spot of each building: its cell, the ground that its cells share, or what lies at its place."""
        own = self.plan.buildings["cell_code"].astype(object)
        spot = taken(self.spots.of_cell, own.where(own.notna(), "").to_numpy(dtype=object))
        for building, homes in self._divided.items():
            grounds = {self.spots.ground[home.spot] for home in homes}
            if len(grounds) == 1:
                spot[self._row.get_loc(building)] = self.spots.of_ground[grounds.pop()]
        lost = np.flatnonzero(spot == NOWHERE)
        if len(lost):
            there = self.index.locate(*self.points(self._row.to_numpy(dtype=object)[lost]))
            codes = np.append(self.index.grounds["code"].to_numpy(dtype=object), "")[there]
            spot[lost] = taken(self.spots.of_ground, codes)
        return pd.Series(spot, index=self._row)

    @cached_property
    def _divided(self) -> dict[str, list["_Home"]]:
        """Homes of the buildings that have them in several cells."""
        dwellings = self.plan.dwellings
        several = dwellings.groupby("building_id")["cell_code"].transform("nunique") > 1
        held: dict[str, list[_Home]] = {}
        for building, home in _homes(dwellings[several], self.spots):
            held.setdefault(building, []).append(home)
        return held


@dataclass(frozen=True)
class _Home:
    """Households of one entrance on some floors."""

    entrance: str
    floor_from: float
    floor_to: float
    spot: int
    households: int


def _homes(dwellings: pd.DataFrame, spots: Spots) -> Iterator[tuple[str, _Home]]:
    columns = ("building_id", "entrance", "floor_from", "floor_to", "cell_code", "households")
    for building, entrance, low, high, code, households in zip(*(dwellings[name] for name in columns), strict=True):
        said = "" if pd.isna(entrance) else str(entrance)
        yield str(building), _Home(said, float(low), float(high), int(spots.of_cell[code]), int(households))


def _fits(home: _Home, entrance: str, floor: str) -> bool:
    if entrance and home.entrance.removesuffix("单元") != entrance.removesuffix("单元"):
        return False
    number = _NUMBER.search(floor)
    # Floors that are not known are compared as no number: they fit none.
    return number is None or home.floor_from <= int(number[0]) <= home.floor_to
