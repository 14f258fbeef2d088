"""Who gets a report: the first rule that fits, else who answers for the cell, else the desk; never nobody."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import Field, model_validator

from api.cases.action import Action
from api.cases.errors import BadAction
from api.cases.table import ForMatters, Table, unique
from api.cases.territory import Territory


class DispatchRule(ForMatters, frozen=True):
    """A rule; what it leaves out fits all.

    Attributes
    ----------
    name
        Unique; the answer gives it as the reason.
    cell
        Code of a cell: it and all below it.
    grid
        Code of a functional or trade grid.
    unit
        Code of who gets the report.
    """

    name: str
    cell: str | None = None
    grid: str | None = None
    unit: str


@dataclass(frozen=True)
class Assignment:
    """Who gets a report, at which cell, and why.

    Attributes
    ----------
    unit
        Code of who gets it.
    holder, level
        Code and level of the cell that holds the case now.
    because
        `rule NAME`, `unit of CELL`, `fallback of CELL` or `desk`.
    """

    unit: str
    holder: str
    level: str
    because: str

    def action(self, name: str = "dispatch", reason: str | None = None) -> Action:
        """Return the action that gives a case to them."""
        return Action(name, reason=reason, unit=self.unit, holder=self.holder, level=self.level)


class DispatchTable(Table, frozen=True):
    """Rules in order, and the desk for what none of them fits and nobody answers for."""

    rules: tuple[DispatchRule, ...] = ()
    desk: str = Field(min_length=1)

    @model_validator(mode="after")
    def _unique(self) -> "DispatchTable":
        unique(rule.name for rule in self.rules)
        return self

    def assign(
        self, category: str, grade: str, cell: str, territory: Territory, grids: Sequence[str] = ()
    ) -> Assignment:
        """Decide who gets a report.

        Parameters
        ----------
        category, grade, cell
            What it is about, and where: a leaf, or a cell above where the leaf is not known.
        territory
            The cells of the plan in force.
        grids
            Functional and trade grids of the organisation it is about.
        """
        chain = territory.chain(cell)
        for rule in self.rules:
            if (
                rule.fits(category, grade)
                and (rule.cell is None or rule.cell in chain)
                and (rule.grid is None or rule.grid in grids)
            ):
                return Assignment(rule.unit, cell, _level(cell, territory), f"rule {rule.name}")
        return self.answerable(cell, territory)

    def answerable(self, cell: str, territory: Territory) -> Assignment:
        """Return who answers for a cell: its unit, its fallback, or the desk."""
        level = _level(cell, territory)
        known = territory.cells.get(cell)
        if known is not None and known.unit:
            return Assignment(known.unit, cell, level, f"unit of {cell}")
        if known is not None and known.fallback:
            return Assignment(known.fallback, cell, level, f"fallback of {cell}")
        return Assignment(self.desk, cell, level, "desk")

    def above(self, holder: str, territory: Territory) -> Assignment:
        """Return who gets a case that is handed up: who answers for the next cell above.

        Raises
        ------
        BadAction
            Where there is none.
        """
        upper = territory.above(holder)
        if upper is None:
            raise BadAction(f"{holder} is the top: a case there can be handed over or extended, not up")
        return self.answerable(upper.code, territory)


def _level(cell: str, territory: Territory) -> str:
    """Return the level of a cell; of one that the plan no longer has it is not known."""
    return territory.cells[cell].level if cell in territory.cells else "unknown"
