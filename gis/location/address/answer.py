"""What is known of an address: the building, the cell, and how certain it is."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["dwelling", "building", "street", "community", "none"]


@dataclass(frozen=True, slots=True)
class Answer:
    """Where an address leads.

    Attributes
    ----------
    level
        How far down the address is certain.
    building_id
        The building; several joined with ";" where one address is that of several in one cell.
    cell_code
        The leaf, where it is certain.
    parent_code
        The lowest cell above the leaf, or above all leaves it may be.
    could_be
        The leaves it may be, joined with ";", where they are several.
    x, y
        A point within the building, metres in the plan's CRS; NaN where there is no one building.
    score
        Certainty from 0 to 1. From 0.9 on, all numbers and names agree and point to one building.
    normalised
        The address in one way of writing.
    why
        What matched, what only nearly, what was ignored or is missing.
    entrance, floor, room
        As asked for; the floor of a room is that of its number.
    """

    level: Level
    building_id: str
    cell_code: str
    parent_code: str
    could_be: str
    x: float
    y: float
    score: float
    normalised: str
    why: str
    entrance: str
    floor: int | None
    room: str
