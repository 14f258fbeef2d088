"""What a page shows beside its plan: layers, each of which may colour the cells, and draw something of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gis.plan import Plan
from maps.codec import Grid
from maps.measures import Measure
from maps.words import Words


@dataclass(frozen=True)
class Drawing:
    """What a script of the page draws.

    Attributes
    ----------
    painter
        Name of the function that draws it: `wangge.painters[painter]` in the page's scripts.
    data
        For that function: what JSON can hold, and arrays of whole numbers.
    script
        Text of the script that defines it, where the page does not bring it anyhow.
    """

    painter: str
    data: Mapping[str, Any] = field(default_factory=dict)
    script: str = ""


class Layer:
    """A layer of a page; a class of one's own overrides what it has to show.

    Nothing of `drawing` is asked for a public page: points and texts are for those who work with the plan. What
    `measures` returns is held back there as far as it must be.
    """

    def measures(self, plan: Plan, says: Words) -> Sequence[Measure]:  # noqa: ARG002 (for those that have some)
        """Return what cells can be coloured by.

        Parameters
        ----------
        plan
            The plan.
        says
            The words of the page's language.
        """
        return ()

    def drawing(self, plan: Plan, grid: Grid, says: Words) -> Drawing | None:  # noqa: ARG002
        """Return what is drawn over the cells; None where nothing is.

        Parameters
        ----------
        plan
            The plan.
        grid
            Encodes points and shapes of the plan's CRS.
        says
            The words of the page's language.
        """
        return None
