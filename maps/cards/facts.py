"""What a card tells of a cell in figures and places: only what everybody may know."""

from collections import defaultdict
from dataclasses import replace

from gis.plan import Plan
from maps.audience import Audience
from maps.base import data_date
from maps.figures import figures
from maps.qr_signs import cell_of_leaf, signs
from maps.words import Words, named

_MOST_BASES, _MOST_HOMES = 2, 4
"""Sources of the count, and places of a cell that shares its ground, that a card names."""


def household_facts(plan: Plan, level: str, says: Words) -> dict[str, str]:
    """Say by code how many households a cell has, how they were counted and when.

    As on every public page there is no figure below `maps.audience.FEWEST`, and none that would give away such a one:
    those cells are left out.
    """
    shown = figures(plan, (), Audience.PUBLIC).at_level(level)
    counted, date = _bases(plan, level), data_date(plan)
    found = {}
    for code, count in zip(shown["code"], shown["households"], strict=True):
        if count is not None:
            basis = says["card.and"].join(named(says, "basis", name) for name in counted.get(code, []))
            notes = [says["card.basis"].format(basis=basis)] if basis else []
            notes += [says["card.as_of"].format(date=date)] if date else []
            told = says["card.households.said"].format(count=f"{count:,}")
            found[code] = says["card.noted"].format(told=told, notes=says["card.and"].join(notes)) if notes else told
    return found


def _bases(plan: Plan, level: str) -> dict[str, list[str]]:
    """Return by code how its households were counted, what counts most of them first."""
    basis = dict(zip(plan.buildings["building_id"].astype(str), plan.buildings["household_basis"], strict=True))
    homes = plan.dwellings[plan.dwellings["households"] > 0]
    rows = homes.assign(
        cell=homes["cell_code"].map(cell_of_leaf(plan, level)), basis=homes["building_id"].astype(str).map(basis)
    ).dropna(subset=["cell", "basis"])
    sums = rows.groupby(["cell", "basis"])["households"].sum().sort_values(ascending=False, kind="stable")
    found: defaultdict[str, list[str]] = defaultdict(list)
    for cell, name in sums.index:
        if len(found[cell]) < _MOST_BASES:
            found[cell].append(str(name))
    return found


def building_counts(plan: Plan, level: str) -> dict[str, int]:
    """Return by code how many buildings lie in a cell; one that cells share by floors lies in each."""
    above = cell_of_leaf(plan, level)
    whole = plan.buildings[["building_id", "cell_code"]].dropna()
    parts = plan.dwellings[["building_id", "cell_code"]].dropna()
    found: defaultdict[str, set[str]] = defaultdict(set)
    for table in (whole, parts):
        for building, cell in zip(table["building_id"].astype(str), table["cell_code"].map(above), strict=True):
            found[cell].add(building)
    return {code: len(own) for code, own in found.items()}


def homes(plan: Plan, level: str, says: Words) -> dict[str, str]:
    """Say by code which entrances and floors belong to a cell that shares its ground with others."""
    cells = plan.at_level(level)
    shared = set(cells.loc[cells["ground_code"].duplicated(keep=False), "code"])
    told: defaultdict[str, dict[str, list[str]]] = defaultdict(dict)
    # Cells that meet at an entrance share their ground: those of other grounds need not be asked.
    own = plan.dwellings["cell_code"].map(cell_of_leaf(plan, level)).isin(shared)
    found = signs(replace(plan, dwellings=plan.dwellings[own]), "WG:", level=level, entrances=True)
    # Passers-by know addresses; what stands for a building without one comes last.
    for sign in sorted(found, key=lambda sign: sign.address == sign.place.building_id):
        floors = sign.floors and says["qr.floors"].format(lower=sign.floors[0], upper=sign.floors[1])
        door = " ".join(part for part in (sign.place.entrance, floors) if part)
        told[sign.place.code].setdefault(sign.address, []).append(door)
    return {code: _at_most(places, says) for code, places in told.items()}


def _at_most(places: dict[str, list[str]], says: Words) -> str:
    """Name the first entrances, building by building, and count all where there are more."""
    named_doors = [(address, door) for address, doors in places.items() for door in doors]
    first: dict[str, list[str]] = {}
    for address, door in named_doors[:_MOST_HOMES]:
        first.setdefault(address, []).append(door)
    told = [f"{address} {says['card.and'].join(filter(None, doors))}".strip() for address, doors in first.items()]
    more = len(named_doors) > _MOST_HOMES
    return says["card.or"].join([*told, *([says["card.homes.more"].format(count=len(named_doors))] if more else [])])
