"""What a line on the ground is worth as a boundary between cells."""

from enum import IntEnum


class Barrier(IntEnum):
    """Strength of a line as a cell boundary, weakest first.

    The order is that of the trade: a cell would rather end at a river than at a lane, and at a lane
    rather than between two houses. `DRAWN` is the line of a planner's rule; where it runs along a street, it
    counts as the street.
    """

    GAP = 0
    WALL = 1
    LANE = 2
    DRAWN = 3
    STREET = 4
    ARTERIAL = 5
    RAIL = 6
    RIVER = 7
    COMMUNITY = 8
    RIM = 9

    @classmethod
    def of(cls, kind: str) -> "Barrier":
        """Return the member called `kind` in any case (``"river"`` → ``RIVER``)."""
        return cls[kind.upper()]
