"""The cells of a plan as cases see them: which lies in which, and who answers for them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from api.cases.errors import CaseError


@dataclass(frozen=True)
class Cell:
    """A cell of any level.

    Attributes
    ----------
    code, level, parent
        As in the plan; the topmost has no parent.
    unit, fallback
        Codes of who answers for it, and of who does where nobody is named.
    """

    code: str
    level: str
    parent: str | None = None
    unit: str | None = None
    fallback: str | None = None


@dataclass(frozen=True)
class Territory:
    """All cells of a plan by code; what lies above them, such as a street or county, may be added."""

    cells: Mapping[str, Cell] = field(default_factory=dict)

    @classmethod
    def of(cls, cells: Iterable[Cell]) -> "Territory":
        """Put cells together.

        Raises
        ------
        CaseError
            Where a code is there twice, a parent is missing, or a cell lies in itself.
        """
        by_code: dict[str, Cell] = {}
        for cell in cells:
            if by_code.setdefault(cell.code, cell) is not cell:
                raise CaseError(f"cell {cell.code} is there twice")
        for cell in by_code.values():
            _check_above(cell, by_code)
        return cls(by_code)

    def chain(self, code: str) -> tuple[str, ...]:
        """Return the codes from a cell up to the top; a cell that the plan no longer has stands alone."""
        codes = [code]
        while (cell := self.cells.get(codes[-1])) is not None and cell.parent is not None:
            codes.append(cell.parent)
        return tuple(codes)

    def above(self, code: str) -> Cell | None:
        """Return the cell one level up, if there is one."""
        chain = self.chain(code)
        return self.cells[chain[1]] if len(chain) > 1 else None


def _check_above(cell: Cell, by_code: Mapping[str, Cell]) -> None:
    seen = {cell.code}
    while cell.parent is not None:
        if cell.parent not in by_code:
            raise CaseError(f"cell {cell.code}: its parent {cell.parent} is missing")
        if cell.parent in seen:
            raise CaseError(f"cell {cell.code} lies in itself")
        seen.add(cell.parent)
        cell = by_code[cell.parent]
