"""What is told of cells after an edit."""

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, Field

from gis.editing.problems import Problem, households_of, problems_of
from gis.editing.redrawing import Redrawing


class ProblemOut(BaseModel):
    """Something wrong with a cell."""

    cell: str
    kind: str = Field(description="`parts`, with which no plan is made, or `households`.")
    text: str
    atoms: list[int] = Field(description="Pieces of land concerned.")


class CellTold(BaseModel):
    """A cell as it is now."""

    code: str
    households: int
    problems: list[ProblemOut]


def told(redrawing: Redrawing, codes: Iterable[str]) -> list[CellTold]:
    """Tell how cells of any level are now."""
    wrong: dict[str, list[Problem]] = {}
    codes = sorted(codes)
    for problem in problems_of(redrawing, codes):
        wrong.setdefault(problem.cell, []).append(problem)
    return [
        CellTold(
            code=code,
            households=households_of(redrawing.state, redrawing.land, code),
            problems=[ProblemOut(**_record(problem)) for problem in wrong.get(code, [])],
        )
        for code in codes
    ]


def _record(problem: Problem) -> dict[str, Any]:
    return problem.__dict__ | {"atoms": list(problem.atoms)}
