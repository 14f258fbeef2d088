"""The addresses of a plan's buildings: exact numbers under names of roads and compounds."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

import pandas as pd
import shapely

from gis.arrays import Floats
from gis.location.address import chinese, western
from gis.location.address.areas import Areas, levels_of, split_areas
from gis.location.address.homes import Homes, homes_of
from gis.location.address.names import Names
from gis.location.address.numerals import name_in_digits
from gis.location.address.parts import Parts
from gis.location.address.ranges import houses_between
from gis.location.address.reading import Readings, is_chinese
from gis.plan import COMMUNITY, Plan


class Entry(NamedTuple):
    """One address of one building, names as keys; `areas` stand before it; `within` a range, not by its own number."""

    row: int
    street: str
    number: str
    compound: str
    block: str
    kind: str
    areas: tuple[tuple[str, str], ...] = ()
    within: bool = False


_Key = TypeVar("_Key")
Entries = Mapping[tuple[str, str], list[Entry]]


@dataclass(frozen=True)
class Directory:
    """Everything that addresses of a plan are found by.

    Attributes
    ----------
    building_ids, cell_codes
        Of each building; the cell is empty where floors divide it.
    points : (n, 2) float64
        A point within each building, metres in the plan's CRS.
    homes
        Dwellings of each building.
    parent_of
        Cell → the cell above.
    by_name
        Name of a cell above the leaves → its code.
    readings
        Names of roads, compounds and areas.
    by_door, by_block
        Road and number, compound and block → entries.
    by_street, by_compound
        Road, compound → entries.
    """

    building_ids: list[str] = field(repr=False)
    cell_codes: list[str] = field(repr=False)
    points: Floats = field(repr=False)
    homes: list[Homes] = field(repr=False)
    parent_of: Mapping[str, str] = field(repr=False)
    by_name: Mapping[str, str] = field(repr=False)
    readings: Readings = field(repr=False)
    by_door: Entries = field(repr=False)
    by_block: Entries = field(repr=False)
    by_street: Mapping[str, list[Entry]] = field(repr=False)
    by_compound: Mapping[str, list[Entry]] = field(repr=False)

    @classmethod
    def from_plan(cls, plan: Plan) -> "Directory":
        """Read the addresses of a plan's buildings, its dwellings and the names of its cells."""
        buildings, cells = plan.buildings, plan.cells
        read = [(row, *_read(text)) for row, text in _addresses(buildings["address"])]
        entries = [_entry(row, ahead, parts) for row, ahead, parts in read]
        entries += _within_ranges(entries)
        above = cells[cells["level"] != plan.leaf_level]
        communities = _plain_names(cells[cells["level"] == COMMUNITY])
        areas = Areas.of({*(name_in_digits(ahead) for _, ahead, _ in read), *_plain_names(plan.area)}, communities)
        streets, compounds = ({getattr(parts, of) for *_, parts in read} for of in ("street", "compound"))
        return cls(
            buildings["building_id"].astype(str).tolist(),
            buildings["cell_code"].fillna("").astype(str).tolist(),
            shapely.get_coordinates(shapely.point_on_surface(buildings.geometry.to_numpy())),
            homes_of(buildings, plan.dwellings),
            dict(zip(cells["code"], cells["parent_code"].fillna(""), strict=True)),
            _plain_names(above),
            Readings(Names.of(sorted(streets - {""})), Names.of(sorted(compounds - {""})), areas),
            _grouped(((entry.street, entry.number), entry) for entry in entries if entry.street and entry.number),
            _grouped(((entry.compound, entry.block), entry) for entry in entries if entry.compound),
            _grouped((entry.street, entry) for entry in entries if entry.street),
            _grouped((entry.compound, entry) for entry in entries if entry.compound),
        )

    def above(self, code: str) -> list[str]:
        """Return the cells above a cell, lowest first."""
        found = []
        while code := self.parent_of.get(code, ""):
            found.append(code)
        return found


def _addresses(column: pd.Series) -> Iterator[tuple[int, str]]:
    for row, text in enumerate(column.fillna("")):
        for address in filter(None, text.split(";")):
            yield row, address


def _read(text: str) -> tuple[str, Parts]:
    """Return what stands before the road, and the parts; the road without it."""
    if not is_chinese(text):
        return "", western.parse(western.normalise(text))
    parts = chinese.parse(chinese.normalise(text))
    ahead = ""
    if parts.street:
        ahead, parts.street = split_areas(parts.street)
    elif parts.compound:
        ahead, parts.compound = split_areas(parts.compound)
    return ahead, parts


def _entry(row: int, ahead: str, parts: Parts) -> Entry:
    keys = name_in_digits(parts.street), parts.number, name_in_digits(parts.compound)
    return Entry(row, *keys, parts.block, parts.kind, tuple(levels_of(name_in_digits(ahead)).items()))


def _within_ranges(entries: list[Entry]) -> list[Entry]:
    """Return entries for the houses within ranges, on streets that do not number all houses in two parts."""
    plain = {entry.street for entry in entries if entry.number.isdecimal()}
    return [
        entry._replace(number=house, within=True)
        for entry in entries
        if entry.street in plain and not is_chinese(entry.street)
        for house in houses_between(entry.number)
    ]


def _plain_names(cells: pd.DataFrame) -> dict[str, str]:
    """Return codes by names; of cells of one name none, for it says nothing."""
    names = [name_in_digits(chinese.normalise(name)) for name in cells["name"].fillna("")]
    often = Counter(names)
    return {name: code for name, code in zip(names, cells["code"], strict=True) if name and often[name] == 1}


def _grouped(pairs: Iterable[tuple[_Key, Entry]]) -> dict[_Key, list[Entry]]:
    groups: dict[_Key, list[Entry]] = defaultdict(list)
    for key, entry in pairs:
        groups[key].append(entry)
    return dict(groups)
