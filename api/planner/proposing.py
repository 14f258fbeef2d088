"""What the service proposes: shown on the page, and taken or not."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.planner.deps import DeskHere, Planner
from api.schemas import REFUSALS, Code, Number
from gis.editing.edit import Edit
from gis.editing.mending import TEXTS, Mend, mends_of
from gis.editing.merging import merged, moved_under
from gis.editing.problems import problems_of
from gis.editing.rebalancing import rebalanced
from gis.editing.redrawing import Redrawing, RefusedError
from gis.editing.sketch import require_cells
from gis.editing.splitting import split_by_street, split_evenly

router = APIRouter(tags=["drafts"], responses=REFUSALS)


class Wanted(BaseModel):
    """What should be proposed for a cell."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["split_evenly", "split_by_street", "rebalance", "merge", "move"]
    cell: Code
    parts: Annotated[int, Field(ge=2, le=99, description="Of an even split.")] = 2
    other: Code = Field("", description="The cell to merge with, or that above which the cell shall go under.")


class Proposed(BaseModel):
    """An edit that was not taken."""

    edit: dict[str, Any]
    refused: str = Field(description="Why nothing can be proposed; empty where something is.")


class Wrong(BaseModel):
    """A problem of a cell."""

    model_config = ConfigDict(extra="forbid")

    cell: Code
    kind: Literal["parts", "households"]


class MendOut(BaseModel):
    """One way to mend it."""

    kind: str = Field(description=f"One of {', '.join(TEXTS)}.")
    figures: dict[str, int | str] = Field(description="What the text says of it.")
    off_before: int = Field(description="Households off band now, in the cells concerned.")
    off_after: int = Field(description="And afterwards.")
    text: str
    edit: dict[str, Any]

    @classmethod
    def of(cls, mend: Mend) -> "MendOut":
        """Say how."""
        return cls(**mend.__dict__ | {"text": mend.text, "edit": mend.edit.as_record()})


@router.post("/drafts/{number}/proposals", summary="Propose an edit")
def propose(desk: DeskHere, _: Planner, number: Number, wanted: Wanted) -> Proposed:
    """Work out how a cell would be split, or balanced with its neighbours; nothing is taken."""
    with desk.open(number) as (_draft, redrawing):
        try:
            return Proposed(edit=_proposal(redrawing, wanted).as_record(), refused="")
        except RefusedError as refused:
            return Proposed(edit={}, refused=str(refused))


@router.post("/drafts/{number}/mends", summary="Propose ways to mend a problem")
def mends(desk: DeskHere, _: Planner, number: Number, wrong: Wrong) -> list[MendOut]:
    """Return ways to mend a problem of a cell, the best first; nothing is taken."""
    with desk.open(number) as (_draft, redrawing):
        require_cells(redrawing.state, [wrong.cell])
        found = [each for each in problems_of(redrawing, [wrong.cell]) if each.kind == wrong.kind]
        return [MendOut.of(mend) for problem in found for mend in mends_of(redrawing, problem)]


def _proposal(redrawing: Redrawing, wanted: Wanted) -> Edit:
    match wanted.kind:
        case "split_evenly":
            return split_evenly(redrawing, wanted.cell, wanted.parts)
        case "split_by_street":
            return split_by_street(redrawing, wanted.cell)
        case "rebalance":
            return rebalanced(redrawing, wanted.cell)
        case "merge":
            return merged(redrawing, [wanted.other, wanted.cell])
        case "move":
            return moved_under(redrawing, [wanted.cell], wanted.other)
