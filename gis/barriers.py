"""What a line on the ground is worth as a boundary between cells."""

from enum import IntEnum


class Barrier(IntEnum):
    """Strength of a line as a cell boundary, weakest first.

    The order is that of the trade: a cell would rather end at a river than at a lane, and at a lane
    rather than between two houses.
    """

    GAP = 0
    WALL = 1
    LANE = 2
    STREET = 3
    ARTERIAL = 4
    RAIL = 5
    RIVER = 6
    COMMUNITY = 7
    RIM = 8

    @classmethod
    def of(cls, kind: str) -> "Barrier":
        """Return the member called `kind` in any case (``"river"`` → ``RIVER``)."""
        return cls[kind.upper()]
