"""Three colours by who can solve a matter: red the lowest level, orange the street or township, yellow the county."""

from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, model_validator

from api.cases.calendar import Limit
from api.cases.table import ForMatters, Table, for_all

Colour = Literal["red", "orange", "yellow"]
COLOURS: tuple[Colour, ...] = get_args(Colour)
"""From the lowest up."""


class TriageRow(ForMatters, frozen=True):
    """The colour of some categories and grades."""

    colour: Colour


class Triage(Table, frozen=True):
    """Colours by category and grade, and what follows from them.

    Attributes
    ----------
    rows
        The first that fits counts; the last must fit all.
    limits
        Time to handle a matter of each colour, where the deadlines leave it open.
    levels
        Colour of each level of the plan, by its name.
    """

    rows: Annotated[tuple[TriageRow, ...], AfterValidator(for_all)]
    limits: dict[Colour, Limit]
    levels: dict[str, Colour]

    @model_validator(mode="after")
    def _whole(self) -> "Triage":
        for colour in COLOURS:
            if colour not in self.limits:
                raise ValueError(f"limits: none for {colour}")
        return self

    def colour(self, category: str, grade: str) -> Colour:
        """Return the colour with which a matter begins."""
        return next(row.colour for row in self.rows if row.fits(category, grade))

    def raised(self, colour: Colour, level: str) -> Colour:
        """Return the colour after an escalation to a level: the level's own, or one higher where it has none.

        It never sinks: a matter that needs the county does so wherever it lies.
        """
        at = COLOURS.index(colour)
        known = self.levels.get(level)
        return COLOURS[min(at + 1, len(COLOURS) - 1) if known is None else max(at, COLOURS.index(known))]
