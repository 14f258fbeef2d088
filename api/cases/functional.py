"""Functional and trade grids: named sets of organisations that lie over the spatial cells."""

from typing import Literal

from pydantic import model_validator

from api.cases.table import Record, Table, unique

GridKind = Literal["functional", "trade"]


class FunctionalGrid(Record, frozen=True):
    """A set of organisations with people who answer for it.

    Attributes
    ----------
    code, kind, name
        Unique code; `functional` (by task) or `trade` (by line of business); a name for readers.
    organisations
        Codes of those that belong to it, wherever they lie.
    unit
        Code of who answers for it.
    roles
        Codes of the posts it is staffed with.
    """

    code: str
    kind: GridKind
    name: str
    organisations: tuple[str, ...] = ()
    unit: str
    roles: tuple[str, ...] = ()


class FunctionalGrids(Table, frozen=True):
    """All of a city; an organisation may belong to several."""

    grids: tuple[FunctionalGrid, ...] = ()

    @model_validator(mode="after")
    def _unique(self) -> "FunctionalGrids":
        unique(grid.code for grid in self.grids)
        return self

    def of(self, organisation: str | None) -> tuple[str, ...]:
        """Return the codes of the grids of an organisation.

        A report about it belongs to its cell and to these as well.
        """
        if organisation is None:
            return ()
        return tuple(grid.code for grid in self.grids if organisation in grid.organisations)
