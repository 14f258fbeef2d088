"""What an address is made of, whatever language it is written in."""

from dataclasses import dataclass, field
from typing import Literal

# Kind of a block that is a plain building: 号楼, 栋, 幢, 座.
PLAIN_BLOCK = "楼"
_SHORTEST_ROOM, _LONGEST_ROOM = 3, 4
_LONGEST_FLOOR = 3


@dataclass(slots=True)
class Parts:
    """One address taken apart. Numbers are exact keys; names are as written, with what stands around them.

    Attributes
    ----------
    street, number
        ``"明河区安泰路"``, ``"16"``; a number of two parts is one key: ``"16-1"``, ``"94-12"``.
    compound, block, kind
        ``"翠柳苑"``, ``"3"``, and what the block is: ``"楼"``, ``"教学楼"``; empty where not said.
    entrance, floor, room
        ``"2"``, ``5``, ``"501"``.
    town
        What follows a western street and its number.
    loose
        Words and numbers that belong to none of these.
    """

    street: str = ""
    number: str = ""
    compound: str = ""
    block: str = ""
    kind: str = ""
    entrance: str = ""
    floor: int | None = None
    room: str = ""
    town: str = ""
    loose: list[str] = field(default_factory=list)

    def put(self, part: Literal["compound", "block", "entrance", "room"], value: str) -> None:
        """Set a part; what is told a second time is loose, for it contradicts the first."""
        if getattr(self, part):
            self.loose.append(value)
        else:
            setattr(self, part, value)


def is_floor(text: str) -> bool:
    """Say whether a text is a number that a floor can have."""
    return text.isdecimal() and len(text) <= _LONGEST_FLOOR


def floor_of_room(room: str) -> int | None:
    """Return the floor that a room's number tells: of three digits the first, of four the first two.

    Examples
    --------
    >>> floor_of_room("501"), floor_of_room("1203"), floor_of_room("12"), floor_of_room("0101")
    (5, 12, None, 1)
    """
    digits = room.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    if not (digits.isascii() and digits.isdigit() and _SHORTEST_ROOM <= len(digits) <= _LONGEST_ROOM):
        return None
    return int(digits[:-2]) or None
