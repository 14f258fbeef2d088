"""The grammar of Chinese addresses: road and number, compound and block, entrance, floor, room."""

import re
from collections.abc import Callable
from typing import Final

from gis.location.address.numerals import NUMERALS, count_in_digits, to_digits, unify_signs
from gis.location.address.parts import PLAIN_BLOCK, Parts, is_floor

_ROAD: Final = re.compile(r"(?:[路街道巷弄段条]|胡同)$")
_REWRITTEN: Final = tuple(
    (re.compile(pattern), put)
    for pattern, put in (
        (r"(\d)#楼?", r"\1号楼"),
        (r"([A-Z\d])号?(?:栋|幢|座)楼?", r"\1号楼"),
        (r"(\d)号?单元", r"\1单元"),
        (r"(\d)号?门(?![路街巷诊头市口牌峡])", r"\1单元"),
        (r"(\d)楼(?![路街巷村镇]|胡同)", r"\1层"),
        (r"(\d)F(?![A-Z0-9])", r"\1层"),
        (r"(?:地下|负|(?<![A-Z])B)(\d)层", r"地下\1层"),
        (r"(?<![A-Z])B(\d)$", r"地下\1层"),
        (r"地下室?$", "地下1层"),
        (r"(\d)号?[附之](\d+)号?", r"\1-\2号"),
        (r"(\d)号-(\d{1,2})(?![\d-]|号|单元|层|室|户)", r"\1-\2号"),
        (r"([甲乙丙丁])(\d+)(?=号(?!楼))", r"\2\1"),
        (r"(\d)号([甲乙丙丁])(?![㐀-鿿])", r"\1\2号"),
    )
)
_NUMBER: Final = re.compile(
    r"((?<![A-Z])[A-Z]?\d+(?:[A-Z](?![A-Z])|[甲乙丙丁](?=[号排]))?(?:-[A-Z]?\d+[A-Z]?)*|[A-Z](?=号楼))"
)
_UNIT: Final = re.compile(
    r"号楼|号大?院|号[路线桥]|号|单元|层之|层|室|户|房|排|大街|胡同|[段巷弄条街路期支区里村邻组队]|"
)
_GOES_ON: Final = frozenset("段巷弄条街路期支区里村邻组队") | {"号路", "号线", "号桥", "大街", "胡同"}
# A number of so many digits is a room, of fewer a block or an entrance.
_ROOM_DIGITS: Final = 3


def normalise(text: str) -> str:
    """Write a Chinese address in one way; a text that is so written stays as it is.

    Examples
    --------
    >>> normalise("安泰路 十六號　翠柳苑３幢二单元五〇一室"), normalise("16号附1"), normalise("4號三樓之3")
    ('安泰路16号翠柳苑3号楼2单元501室', '16-1号', '4号3层之3')
    """
    text = unify_signs(text)
    while (after := _once(text)) != text:
        text = after
    return text


def _once(text: str) -> str:
    text = re.sub(r" *-[- ]*", "-", text)
    text = re.sub(r"(?<=[0-9A-Z]) +(?=[0-9A-Z])", "-", text).replace(" ", "")
    text = count_in_digits(text)
    for pattern, put in _REWRITTEN:
        text = pattern.sub(put, text)
    text = text.replace("#", "")
    return re.sub(r"(?<![0-9A-Z])-|-(?![0-9A-Z])", "", text)


def looks_like_road(name: str) -> bool:
    """Say whether a name ends as roads do.

    Examples
    --------
    >>> looks_like_road("中山北路二段"), looks_like_road("翠柳苑")
    (True, False)
    """
    return _ROAD.search(name) is not None


def parse(normal: str, is_road: Callable[[str], bool] = looks_like_road) -> Parts:
    """Take a normalised address apart.

    Parameters
    ----------
    normal
        From `normalise`.
    is_road
        Says whether a name before a number is a road's; otherwise it is a compound's.

    Examples
    --------
    >>> found = parse("安泰路16号翠柳苑12-3-501")
    >>> found.street, found.number, found.compound, found.block, found.entrance, found.room
    ('安泰路', '16', '翠柳苑', '12', '3', '501')
    >>> found = parse("中山北路二段16巷2-1号4层之3")
    >>> found.street, found.number, found.floor, found.room
    ('中山北路二段16巷', '2-1', 4, '之3')
    """
    name, *pieces = _NUMBER.split(normal)
    parts = Parts()
    for number, after in zip(pieces[::2], pieces[1::2], strict=True):
        unit = _UNIT.match(after)[0]  # type: ignore[index]  # the empty unit always matches
        rest = after[len(unit) :]
        if unit in _GOES_ON or (not unit and not parts.number and not name and rest):
            name += number + after
        else:
            name = _take(parts, name, number, unit, rest, is_road)
    _take_last(parts, name, is_road)
    return parts


def _take(parts: Parts, name: str, number: str, unit: str, rest: str, is_road: Callable[[str], bool]) -> str:
    """Put a number where it belongs; return what of the rest begins the next name."""
    if unit == "单元":
        *ahead, entrance = number.split("-")
        parts.put("entrance", entrance)
        for block in ahead:
            parts.put("block", block)
    elif unit in {"层", "层之"}:
        return _take_floor(parts, name, number, unit, rest)
    elif unit in {"室", "户", "房"} and "-" in number:
        _take_bare(parts, name, number, is_road)
        return rest
    elif unit in {"室", "户", "房"}:
        parts.put("room", number)
    elif unit == "号楼" and name and not parts.number and is_road(name):
        # 安泰路16号楼 is the house of that number, as far as one can tell.
        parts.street, parts.number = name, number
        parts.loose.append(PLAIN_BLOCK)
        return rest
    elif unit in {"号楼", "排"}:
        parts.put("block", number)
        parts.kind = parts.kind or unit.removeprefix("号")
    elif unit:
        return _take_house(parts, name, number, unit, rest, is_road)
    else:
        _take_bare(parts, name, number, is_road)
        return rest
    if name:
        parts.put("compound", name)
    return rest


def _take_floor(parts: Parts, name: str, number: str, unit: str, rest: str) -> str:
    below = name.endswith("地下")
    name = name.removesuffix("地下")
    if parts.floor is not None or not is_floor(number):
        parts.loose.append(number)
    else:
        parts.floor = -int(number) if below else int(number)
    if name:
        parts.put("compound", name)
    # What follows 层之 is the next number, which has no unit.
    parts.room = "之" if unit == "层之" else parts.room
    return rest


def _take_house(parts: Parts, name: str, number: str, unit: str, rest: str, is_road: Callable[[str], bool]) -> str:
    """Take a number with 号: of a house on a road, else of a block, whose kind may follow: 2号教学楼."""
    if name and not parts.number and is_road(name):
        parts.street, parts.number = name, number
        return rest
    if name:
        parts.put("compound", name)
    if parts.compound or parts.number:
        parts.put("block", number)
        if rest and unit == "号":
            parts.kind = parts.kind or rest
            return ""
    else:
        parts.number = number
    return rest


def _take_bare(parts: Parts, name: str, number: str, is_road: Callable[[str], bool]) -> None:
    """Take numbers without a unit: 12-3-501 is block, entrance and room; after a road the house comes first."""
    if parts.room == "之":
        parts.room += number
        return
    numbers = number.split("-")
    if name and not parts.number and is_road(name):
        parts.street = name
        sub = len(numbers) == 2 and not _is_room(numbers[1])  # noqa: PLR2004 (16-1 is a house, 16-501 a room in one)
        parts.number = number if sub else numbers[0]
        numbers = [] if sub else numbers[1:]
    elif name:
        parts.put("compound", name)
        parts.put("block", numbers[0])
        numbers = numbers[1:]
    elif not parts.block and not parts.entrance and len(numbers) == 3:  # noqa: PLR2004
        parts.block, numbers = numbers[0], numbers[1:]
    if len(numbers) == 1 and not name and not (parts.block or parts.entrance or _is_room(numbers[0])):
        parts.loose += numbers
        return
    if numbers and (_is_room(numbers[-1]) or parts.entrance):
        parts.put("room", numbers.pop())
    if numbers:
        parts.put("entrance", numbers.pop())
    parts.loose += numbers


def _take_last(parts: Parts, name: str, is_road: Callable[[str], bool]) -> None:
    if not name:
        return
    if not parts.street and not parts.compound and not parts.block and is_road(name):
        parts.street = name
    elif parts.block or parts.entrance or parts.room or parts.floor is not None:
        parts.loose.append(name)
    else:
        # A number at the very end has no unit by which to know it: 车库二.
        bare = name.rstrip(NUMERALS)
        if bare and bare != name and not parts.compound and (block := to_digits(name[len(bare) :])):
            name, parts.block = bare, block
        parts.put("compound", name)


def _is_room(number: str) -> bool:
    digits = number.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return digits.isdecimal() and len(digits.lstrip("0")) >= _ROOM_DIGITS
