"""Links on signs: short texts that name a cell, and with it a building and an entrance, and cannot be misread.

``https://HOST/g/<code>[/<building_id>[/<entrance>]]:<check>``, or ``WG:`` in place of all up to ``/g/`` where there is
no host. Parts are percent-encoded. The last two signs are those of ISO/IEC 7064, MOD 1271-36, over all parts as they
are written. The standard speaks of digits and capitals; here ``a``–``z`` and ``-._~%/`` follow them as the values 36
to 67. Its guarantees stay, since all values differ by less than its modulus, to which 36 and 35 are prime: every
change of one sign and every exchange of two neighbours is found, and of other errors all but one in 1,271. A link that
breaks off has no check at its end, for no part can hold the colon before it.
"""

import re
import string
from dataclasses import dataclass
from urllib.parse import quote, unquote

from gis.errors import InputError
from gis.heirs import living_heirs
from gis.plan import Plan

LONGEST = 500
"""Signs of a link; more would make a code too fine to be read from a wall."""

_MODULUS, _RADIX = 1271, 36
_CHECK_SIGNS = string.digits + string.ascii_uppercase
_VALUE = {sign: value for value, sign in enumerate(f"{_CHECK_SIGNS}{string.ascii_lowercase}-._~%/")}
_BARE = "WG:"
_HOST = r"(?i:https?)://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?"
_BASE = re.compile(f"({_HOST})/?")
_LINK = re.compile(rf"(?:{_HOST}/g/|(?i:{_BARE}))([A-Za-z0-9._~%/-]+):([0-9A-Z]{{2}})")
# Browsers take these for steps in the path, however they are written.
_STEPS = {".", ".."}


@dataclass(frozen=True)
class Place:
    """What a link names.

    Attributes
    ----------
    code
        Of a cell of any level.
    building_id, entrance
        As in the plan's `dwellings`; None where the link stands for the cell alone, or for the whole building.
    """

    code: str
    building_id: str | None = None
    entrance: str | None = None


@dataclass(frozen=True)
class Settled:
    """What a plan says of a place.

    Attributes
    ----------
    code
        The living cell; None where the plan does not bear out all that the link says, or leaves several cells.
    reason
        A sentence; empty where the cell is the one that the link names.
    """

    code: str | None
    reason: str


def write_link(base: str, place: Place) -> str:
    """Write the link of a place.

    Parameters
    ----------
    base
        ``http`` or ``https`` and a host, such as ``https://city.example``; or ``WG:`` for links without a host.
    place
        What it names.

    Raises
    ------
    InputError
        Where `base` is something else, or the place cannot be written in a link.
    """
    body = _body(place)
    link = f"{_start(base)}{body}:{check_signs(body)}"
    if len(link) > LONGEST:
        raise InputError(f"the link of {place.code[:60]!r} would have {len(link)} signs, more than {LONGEST}")
    return link


def read_link(text: str) -> Place:
    """Read a link as it was scanned or typed.

    Parameters
    ----------
    text
        Any host will do, and capitals or not in it; nothing else may differ from what `write_link` wrote.

    Raises
    ------
    InputError
        Where it is no such link, was mistyped, or breaks off.
    """
    if len(text) > LONGEST:
        raise InputError(f"a link has at most {LONGEST} signs, this has {len(text)}: scan the code on a sign")
    found = _LINK.fullmatch(text)
    if found is None:
        raise InputError(f"{text[:60]!r} is no whole link of a cell: scan the code on a sign, or type it to its end")
    body, check = found.groups()
    place = Place(*map(unquote, body.split("/", maxsplit=2)))
    if check_signs(body) != check or _body(place) != body:
        raise InputError(f"{text[:60]!r} was mistyped or misread, its check signs do not fit: scan it again")
    return place


def check_signs(text: str) -> str:
    """Return the two check signs of ISO/IEC 7064, MOD 1271-36.

    Examples
    --------
    The example of the standard:

    >>> check_signs("ISO79")
    '3W'
    """
    rest = 0
    for sign in text:
        rest = (rest + _VALUE[sign]) * _RADIX % _MODULUS
    first, second = divmod((1 - rest * _RADIX) % _MODULUS, _RADIX)
    return _CHECK_SIGNS[first] + _CHECK_SIGNS[second]


def settle(plan: Plan, place: Place) -> Settled:
    """Find the cell of a place in the plan in force.

    A code that was retired stands for its successors; of several, the building and the entrance choose the one they
    lie in.

    Parameters
    ----------
    plan
        The plan in force.
    place
        Read by `read_link`.
    """
    parent_of = dict(zip(plan.cells["code"], plan.cells["parent_code"], strict=True))
    retired = plan.metadata.get("retired", {})
    code = place.code
    if code not in parent_of and code not in retired:
        return Settled(None, f"the plan has no cell '{code}'")
    cells = [code] if code in parent_of else living_heirs(code, retired, parent_of)
    reason = "" if code in parent_of else f"cell '{code}' was retired: its successors are {', '.join(cells) or 'none'}"
    if place.building_id is not None:
        lacking, homes = _homes(plan, place.building_id, place.entrance)
        if lacking:
            return Settled(None, lacking)
        above = {cell: _line(cell, parent_of) for cell in homes}
        cells = [cell for cell in cells if any(cell in line for line in above.values())]
        if not cells:
            there = f"building '{place.building_id}' lies in {', '.join(homes) or 'no cell'}, not in '{code}'"
            return Settled(None, f"{reason}; {there}" if reason else there)
    return Settled(cells[0] if len(cells) == 1 else None, reason)


def _start(base: str) -> str:
    if base.upper() == _BARE:
        return _BARE
    found = _BASE.fullmatch(base)
    if found is None:
        raise InputError(f"base {base[:60]!r}: give a scheme and a host, such as https://city.example, or {_BARE}")
    return f"{found[1]}/g/"


def _body(place: Place) -> str:
    if place.entrance is not None and place.building_id is None:
        raise InputError(f"entrance {place.entrance[:60]!r} without a building: name the building")
    parts = [part for part in (place.code, place.building_id, place.entrance) if part is not None]
    if not place.code or _STEPS & set(parts):
        raise InputError("a link needs a code, and none of its parts can be '.' or '..'")
    try:
        return "/".join(quote(part, safe="") for part in parts)
    except UnicodeEncodeError as error:
        raise InputError(f"the place {place.code[:60]!r} holds signs that are no text") from error


def _homes(plan: Plan, building_id: str, entrance: str | None) -> tuple[str, list[str]]:
    """Return what the plan lacks of a building and an entrance, and the leaf cells they lie in."""
    building = plan.buildings[plan.buildings["building_id"].astype(str) == building_id]
    if building.empty:
        return f"the plan has no building '{building_id}'", []
    units = plan.dwellings[plan.dwellings["building_id"].astype(str) == building_id]
    if entrance is not None:
        units = units[units["entrance"].fillna("").astype(str) == entrance]
        if units.empty:
            return f"building '{building_id}' has no entrance '{entrance}'", []
    return "", list((building if units.empty else units)["cell_code"].dropna().unique())


def _line(code: str, parent_of: dict[str, str]) -> list[str]:
    """Return a cell and all above it."""
    line = [code]
    while isinstance(above := parent_of.get(line[-1]), str):
        line.append(above)
    return line
