"""The grammar of western addresses: house number first or last, streets written out or abbreviated, unit, town."""

import re
import unicodedata
from typing import Final

from gis.location.address.parts import Parts, is_floor

TYPES: Final = {
    "st": "street", "str": "strasse", "ave": "avenue", "av": "avenue", "blvd": "boulevard", "boul": "boulevard",
    "pl": "place", "rd": "road", "dr": "drive", "ct": "court", "ln": "lane", "ter": "terrace", "terr": "terrace",
    "tpke": "turnpike", "tpk": "turnpike", "pkwy": "parkway", "pky": "parkway", "hwy": "highway", "cir": "circle",
    "sq": "square", "expy": "expressway", "cres": "crescent", "wy": "way", "crse": "course", "plz": "plaza",
}  # fmt: skip
DIRECTIONS: Final = {
    "n": "north", "s": "south", "e": "east", "w": "west",
    "ne": "northeast", "nw": "northwest", "se": "southeast", "sw": "southwest",
}  # fmt: skip
_TYPE_WORDS: Final = frozenset(TYPES.values())
LESSER: Final = _TYPE_WORDS | frozenset(DIRECTIONS.values())
_UNITS: Final = {
    "apt": "apartment", "ste": "suite", "rm": "room", "fl": "floor", "flr": "floor", "no": "#",
}  # fmt: skip
_UNIT_WORDS: Final = frozenset({"apartment", "suite", "room", "unit", "flat", "floor", "#"})
_ALIAS: Final = TYPES | DIRECTIONS | _UNITS
_HOUSE: Final = re.compile(r"\d+[a-z]?(?:-\d+[a-z]?)?(?:/\d+)?")
_ORDINAL: Final = re.compile(r"(\d+)(?:st|nd|rd|th)")
_DASHES: Final = re.compile("[‐‑‒–—―−]")


def normalise(text: str) -> str:
    """Write a western address in one way: small letters, no accents, nothing abbreviated, ``215th`` as ``215``.

    Examples
    --------
    >>> normalise("94-12 215TH ST., Apt. 3B"), normalise("Feldkircher Str. 12"), normalise("4137 W 62nd St")
    ('94-12 215 street, apartment 3b', 'feldkircher strasse 12', '4137 west 62 street')
    """
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold()).casefold()
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    plain = re.sub(r" *- *", "-", _DASHES.sub("-", plain)).replace("'", "").replace("#", " # ")
    parts = (_spell(re.findall(r"#|[a-z0-9]+(?:[-/][a-z0-9]+)*", part)) for part in re.split("[,;]", plain))
    return ", ".join(" ".join(part) for part in parts if part)


def _spell(words: list[str]) -> list[str]:
    spelt: list[str] = []
    for at, word in enumerate(words):
        ordinal = _ORDINAL.fullmatch(word)
        saint = (
            word == "st" and at + 2 < len(words) and (at == 0 or (at == 1 and _HOUSE.fullmatch(words[0]) is not None))
        )
        if ordinal:
            spelt.append(ordinal[1])
        elif saint and words[at + 1].isalpha():
            spelt.append("saint")
        elif len(word) > len("str") and word.endswith("str") and word.isalpha():
            spelt.append(word + "asse")
        else:
            spelt.append(_ALIAS.get(word, word))
    return spelt


def parse(normal: str) -> Parts:
    """Take a normalised address apart; what follows the street, such as a town, stays with it until names are known.

    Examples
    --------
    >>> found = parse("94-12 215 street, apartment 3b")
    >>> found.number, found.street, found.room
    ('94-12', '215 street', '3B')
    >>> found = parse("feldkircher strasse 12, 9494 schaan")
    >>> found.number, found.street, found.town
    ('12', 'feldkircher strasse', '9494 schaan')
    """
    parts = Parts()
    pieces = [_without_unit(parts, piece.split()) for piece in normal.split(", ")]
    pieces = [piece for piece in pieces if piece]
    if len(pieces) > 1 and len(pieces[0]) == 1 and _HOUSE.fullmatch(pieces[0][0]):
        pieces = [pieces[0] + pieces[1], *pieces[2:]]
    at = next((k for k, piece in enumerate(pieces) if _holds_house(piece)), 0)
    if pieces:
        _take_house(parts, pieces[at])
        others = [" ".join(piece) for k, piece in enumerate(pieces) if k != at]
        parts.town = " ".join(filter(None, [parts.town, *others]))
    return parts


def _holds_house(piece: list[str]) -> bool:
    return any(_HOUSE.fullmatch(token) for token in piece) and any(token.isalpha() for token in piece)


def _without_unit(parts: Parts, tokens: list[str]) -> list[str]:
    """Take the unit out of a piece: ``apartment 3b``, ``# 4``, ``floor 3``, ``3 floor``."""
    left: list[str] = []
    at = 0
    while at < len(tokens):
        word, value = tokens[at], tokens[at + 1] if at + 1 < len(tokens) else ""
        if word == "floor" and (is_floor(value) or (left and is_floor(left[-1]))):
            parts.floor = int(value if is_floor(value) else left.pop())
            at += 2 if is_floor(value) else 1
        elif word != "floor" and word in _UNIT_WORDS and (word == "#" or any(map(str.isdigit, value))) and value:
            parts.room = value.upper()
            at += 2
        else:
            left.append(word)
            at += 1
    return left


def _take_house(parts: Parts, tokens: list[str]) -> None:
    first = _HOUSE.fullmatch(tokens[0]) is not None
    later = next((k for k in range(1, len(tokens)) if _HOUSE.fullmatch(tokens[k])), None)
    numbered = first and later is not None and tokens[1] in _TYPE_WORDS
    if first and len(tokens) > 1 and not numbered:
        parts.number, parts.street = tokens[0], " ".join(tokens[1:])
    elif later is not None:
        parts.number, parts.street = tokens[later], " ".join(tokens[:later])
        parts.town = " ".join(tokens[later + 1 :])
    else:
        parts.street = " ".join(tokens)
