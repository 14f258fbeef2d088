"""How much of a card's page its texts take, so that the map can have the rest.

Widths of letters are estimated; where a text takes more room than was thought, the page gives the map less.
"""

from collections.abc import Sequence
from math import ceil

from maps.cards.labels import reach
from maps.cards.page import Office

_LOWEST, _HIGHEST = 400, 1350
"""Heights of a map, in tenths of a millimetre."""
# In millimetres, as `assets/card.css` has them.
_PAGE, _HEAD, _KEYS, _FOOT, _TABLE, _LOCATOR = 266.0, 41.0, 5.4, 4.0, 12.5, 33.0
_POINT, _LETTERS = 0.3528, {"role": 9.5, "text": 8.5, "fact": 9.5}
_LINE, _PAD, _LINES_MOST = 3.75, 2.5, 3
_ROLE, _DUTIES, _OFFICE, _FACT, _SIDE = 25.0, 75.0, 39.0, 118.0, 53.0


def map_height(facts: Sequence[str], sides: Sequence[str], offices: Sequence[Office]) -> int:
    """Return the height that a map may have beside these texts, in tenths of a millimetre."""
    pairs = [sides[at : at + 2] for at in range(0, len(sides), 2)]
    told = sum(min(_LINES_MOST, _lines(text, _FACT, "fact")) for text in facts)
    told += sum(min(_LINES_MOST, max(_lines(text, _SIDE, "fact") for text in pair)) for pair in pairs)
    about = max(_LOCATOR, told * 4.55 + (len(facts) + len(pairs)) * 0.8)
    left = _PAGE - _HEAD - _KEYS - about - _TABLE - table_height(offices) - _FOOT
    return max(_LOWEST, min(_HIGHEST, int(left * 10)))


def table_height(offices: Sequence[Office]) -> float:
    """Return the height of the rows that tell of offices, in millimetres."""
    return sum(_row(office) for office in offices)


def _row(office: Office) -> float:
    unit = sum(_lines(text, _OFFICE, "text") for text in (office.unit, office.phone) if text)
    return max(_lines(office.duties, _DUTIES, "text"), unit, 1.12 * _lines(office.role, _ROLE, "role")) * _LINE + _PAD


def _lines(text: str, width: float, kind: str) -> int:
    return max(1, ceil(reach(text) * _LETTERS[kind] * _POINT / width))
