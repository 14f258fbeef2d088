"""What signs with QR codes say: one for each cell, or one for each cell at each entrance of its buildings."""

from dataclasses import dataclass
from typing import Any

from gis.errors import InputError
from gis.location.links import Place, write_link
from gis.plan import Plan


@dataclass(frozen=True)
class Sign:
    """One code and the text beside it.

    Attributes
    ----------
    link
        What the code holds.
    place
        What the link names.
    name, level
        Of the cell.
    address
        Of the building, its id where it has none; empty for the sign of a cell.
    floors
        First and last floor of the cell behind this entrance, where it shares the entrance with others.
    """

    link: str
    place: Place
    name: str
    level: str
    address: str = ""
    floors: tuple[int, int] | None = None


def signs(plan: Plan, base: str, *, level: str | None = None, entrances: bool = False) -> list[Sign]:
    """List the signs of a level, by the codes of its cells.

    Parameters
    ----------
    plan
        The plan.
    base
        Host of the links, or ``WG:``: see `gis.location.links.write_link`.
    level
        The lowest by default.
    entrances
        A sign for each cell at each entrance that has households, instead of one for each cell.

    Raises
    ------
    InputError
        Where the level is unknown, or a link cannot be written.
    """
    level = plan.leaf_level if level is None else level
    if level not in plan.levels:
        raise InputError(f"level '{level}': the plan has {', '.join(plan.levels)}")
    names = {str(code): _text(name) for code, name in plan.at_level(level)[["code", "name"]].itertuples(index=False)}
    if not entrances:
        return [_sign(base, Place(code), name, level) for code, name in sorted(names.items())]
    address = dict(zip(plan.buildings["building_id"].astype(str), plan.buildings["address"].map(_text), strict=True))
    found = []
    for code, building, entrance, first, last, cells in _entrances(plan, level):
        floors = (int(first), int(last)) if cells > 1 else None
        place = Place(code, building, entrance)
        found.append(_sign(base, place, names[code], level, address[building] or building, floors))
    return sorted(found, key=lambda sign: sign.place.code)


def _sign(base: str, place: Place, *text: Any) -> Sign:  # noqa: ANN401 (the fields of a sign)
    return Sign(write_link(base, place), place, *text)


def _entrances(plan: Plan, level: str) -> list[tuple[str, str, str, int, int, int]]:
    """Code, building, entrance, first and last floor of each cell at each entrance, and how many cells meet there."""
    units = plan.dwellings.assign(
        cell=plan.dwellings["cell_code"].map(cell_of_leaf(plan, level)),
        building_id=plan.dwellings["building_id"].astype(str),
        entrance=plan.dwellings["entrance"].map(_text),
    )
    met = units.groupby(["cell", "building_id", "entrance"], sort=False)
    rows = met.agg(first=("floor_from", "min"), last=("floor_to", "max")).reset_index()
    rows["cells"] = rows.groupby(["building_id", "entrance"])["cell"].transform("size")
    return list(rows.itertuples(index=False, name=None))


def cell_of_leaf(plan: Plan, level: str) -> dict[str, str]:
    """Return the cell of a level that each cell of the lowest level is part of, by their codes."""
    parent_of = dict(zip(plan.cells["code"], plan.cells["parent_code"], strict=True))
    above = {code: code for code in plan.at_level(plan.leaf_level)["code"]}
    for _ in plan.levels[plan.levels.index(level) + 1 :]:
        above = {leaf: parent_of[code] for leaf, code in above.items()}
    return above


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
