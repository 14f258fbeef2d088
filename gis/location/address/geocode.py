"""From an address to its building and cell: numbers must agree exactly, names may be a slip away."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import fields
from operator import attrgetter

import pandas as pd

from gis.location.address.answer import Answer, Level
from gis.location.address.directory import Directory
from gis.location.address.matching import Finding, match
from gis.location.address.numerals import name_in_digits
from gis.location.address.parts import Parts, floor_of_room

_OTHER_COMMUNITY, _OTHER_HOME, _SEVERAL_BUILDINGS, _COMMUNITY = 0.7, 0.75, 0.5, 0.4
COLUMNS = tuple(each.name for each in fields(Answer))
_NOWHERE = math.nan, math.nan


def find(directory: Directory, text: str) -> Answer:
    """Find one address.

    Parameters
    ----------
    directory
        Addresses of the plan in force.
    text
        An address as people write it. Anything else gets an answer of level "none".
    """
    normal, parts = directory.readings.read(text)
    told = floor_of_room(parts.room)
    parts.floor = told if parts.floor is None else parts.floor
    finding = match(directory, parts)
    if told not in {None, parts.floor}:
        finding.weigh(_OTHER_HOME, f"room {parts.room} is not on floor {parts.floor}")
    rows = sorted({entry.row for entry in finding.entries})
    if len(rows) == 1:
        return _building(directory, normal, parts, finding, rows[0])
    if rows:
        return _several(directory, normal, parts, finding, rows)
    return _around(directory, normal, parts, finding)


def find_all(directory: Directory, texts: Iterable[str]) -> pd.DataFrame:
    """Find many addresses: one row a text, in their order, with the columns of an answer."""
    met: dict[str, tuple[object, ...]] = {}
    row_of = attrgetter(*COLUMNS)
    rows = [met[text] if text in met else met.setdefault(text, row_of(find(directory, text))) for text in texts]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"floor": "Int64"})


def _building(directory: Directory, normal: str, parts: Parts, finding: Finding, row: int) -> Answer:
    leaves, wrong = _leaves(directory, parts, row)
    if wrong:
        finding.weigh(_OTHER_HOME, wrong)
    level: Level = "building"
    if len(leaves) > 1:
        finding.clauses.append("several cells share the building: entrance and floor decide")
    elif directory.homes[row].entrances and not wrong and (parts.entrance or (parts.floor or 0) > 0):
        level = "dwelling"
    x, y = directory.points[row].tolist()
    return _answer(directory, normal, parts, finding, level, directory.building_ids[row], (x, y), leaves)


def _several(directory: Directory, normal: str, parts: Parts, finding: Finding, rows: Sequence[int]) -> Answer:
    """Answer for an address that several buildings have: certain only where one cell holds them all."""
    leaves = sorted({leaf for row in rows for leaf in _leaves(directory, parts, row)[0]})
    finding.weigh(_SEVERAL_BUILDINGS, f"{len(rows)} buildings have this address")
    if len(leaves) != 1:
        return _answer(directory, normal, parts, finding, "street", "", _NOWHERE, leaves)
    ids = ";".join(directory.building_ids[row] for row in rows)
    return _answer(directory, normal, parts, finding, "building", ids, _NOWHERE, leaves)


def _around(directory: Directory, normal: str, parts: Parts, finding: Finding) -> Answer:
    """Answer with the road or compound, else with the community, that a text without a building names."""
    if finding.around:
        rows = {entry.row for entry in finding.around}
        leaves = sorted({leaf for row in rows for leaf in _leaves(directory, Parts(), row)[0]})
        return _answer(directory, normal, parts, finding, "street", "", _NOWHERE, leaves)
    names = [name_in_digits(normal), *finding.communities]
    code = next((directory.by_name[name] for name in names if name in directory.by_name), "")
    if not code:
        return _answer(directory, normal, parts, finding, "none", "", _NOWHERE, ())
    return _answer(
        directory, normal, parts, Finding(score=_COMMUNITY, clauses=["only an area is named"]), "community", "",
        _NOWHERE, (), code,
    )  # fmt: skip


def _leaves(directory: Directory, parts: Parts, row: int) -> tuple[Sequence[str], str]:
    cells, wrong = directory.homes[row].cells(parts.entrance, parts.floor)
    own = directory.cell_codes[row]
    return ((own,) if own else cells), wrong


def _answer(
    directory: Directory, normal: str, parts: Parts, finding: Finding, level: Level,
    building: str, point: tuple[float, float], leaves: Sequence[str], above: str = "",
) -> Answer:  # fmt: skip
    for name in dict.fromkeys(finding.communities):
        code = directory.by_name.get(name)
        if code and leaves and not any(code in directory.above(leaf) for leaf in leaves):
            finding.weigh(_OTHER_COMMUNITY, f"it does not lie in {name}")
    certain = len(leaves) == 1 and level != "street"
    return Answer(
        level=level,
        building_id=building,
        cell_code=leaves[0] if certain else "",
        parent_code=above or _common(directory, leaves),
        could_be="" if certain else ";".join(leaves),
        x=point[0],
        y=point[1],
        score=round(finding.score, 3),
        normalised=normal,
        why=_sentence(finding, level),
        entrance=parts.entrance,
        floor=parts.floor,
        room=parts.room,
    )


def _common(directory: Directory, leaves: Sequence[str]) -> str:
    """Return the lowest cell above all leaves."""
    if not leaves:
        return ""
    shared = set.intersection(*(set(directory.above(leaf)) for leaf in leaves))
    return next((code for code in directory.above(leaves[0]) if code in shared), "")


def _sentence(finding: Finding, level: Level) -> str:
    found = {"dwelling": "Numbers and home agree", "building": "Numbers agree"}.get(level)
    if found and not finding.clauses:
        return f"{found}, names are written as in the plan."
    text = "; ".join([found, *finding.clauses] if found else finding.clauses)
    return f"{text[:1].upper()}{text[1:]}."
