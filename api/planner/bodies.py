"""What is sent about drafts, and what is answered."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.access.roles import Role
from api.planner.telling import CellTold
from api.schemas import Code, Moment, Number
from api.store.drafts import Draft, Event, Stage
from gis.editing.edit import Edit
from gis.editing.state import Cell

_MOST = 200_000
Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
Title = Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]+$")]
Words = Annotated[str, StringConstraints(min_length=1, max_length=2000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]+$")]
Row = Annotated[int, Field(ge=0, lt=2**31)]
Group = Annotated[str, StringConstraints(max_length=64)]


class CellIn(BaseModel):
    """What is known of a cell beside its land."""

    model_config = ConfigDict(extra="forbid")

    level: Annotated[str, StringConstraints(max_length=64)]
    parent: Code | None
    # Names of plans that came from elsewhere are as long as they are; new ones are not (`gis.editing.rules`).
    name: Annotated[str, StringConstraints(max_length=10_000)]
    kind: Annotated[str, StringConstraints(max_length=20)]
    ground: Code
    exclave: bool = False
    locked: bool = False


def _cell(said: CellIn | None) -> Cell | None:
    return None if said is None else Cell(**said.__dict__)


class EditIn(BaseModel):
    """Steps that are taken together or not at all: what, where it is now, where it shall be."""

    model_config = ConfigDict(extra="forbid")

    key: Key = Field(description="Made by who sends it, new for each edit: what is sent twice is taken once.")
    land: list[tuple[Row, Code, Code]] = Field([], max_length=_MOST, description="Atom, ground before, ground after.")
    floors: list[tuple[Row, Code | None, Code | None]] = Field(
        [], max_length=_MOST, description="Unit, cell before, cell after; none: the cell whose code the ground has."
    )
    cells: list[tuple[Code, CellIn | None, CellIn | None]] = Field(
        [], max_length=_MOST, description="Code, what was known of the cell, what shall be; none: it is not there."
    )
    together: list[tuple[Row, Group | None, Group | None]] = Field(
        [], max_length=_MOST, description="Atom, group before, group after."
    )

    def edit(self) -> Edit:
        """Return it as the core has it."""
        cells = tuple((code, _cell(before), _cell(after)) for code, before, after in self.cells)
        return Edit(tuple(self.land), tuple(self.floors), cells, tuple(self.together))


class DraftIn(BaseModel):
    """A draft to begin."""

    title: Title
    plan_id: Number | None = Field(None, description="The plan in force, if not said.")


class CommentIn(BaseModel):
    """Words on a draft, and on a place in it."""

    key: Key
    text: Words
    atom: Row | None = Field(None, description="The piece of land that is meant.")


class ReviewIn(BaseModel):
    """What a second pair of eyes says of a submitted draft."""

    verdict: Literal["approve", "return"]
    text: Annotated[str, StringConstraints(max_length=2000)] = ""
    made_plan_id: Number | None = Field(None, description="The plan that was looked at: refused if it is another now.")


class BeginningIn(BaseModel):
    """When the plan that was made of a draft takes over."""

    begins: Moment | None = Field(None, description="At once, if not said.")


class DraftOut(BaseModel):
    """A plan that is being redrawn."""

    id: int
    plan_id: int = Field(description="The plan it began with.")
    title: str
    owner: str = Field(description="Code of the key that began it.")
    state: Stage
    version: int = Field(description="Number of the last thing that happened to it.")
    made_at: datetime
    changed_at: datetime
    made_plan_id: int | None = Field(description="The plan that was made of it when it was last submitted.")

    @classmethod
    def of(cls, draft: Draft) -> Self:
        """Say what is known of a draft."""
        return cls.model_validate(draft, from_attributes=True)


class EventOut(BaseModel):
    """Something that happened to a draft."""

    number: int
    key: str
    kind: str = Field(description="`edit`, `conflict` (an edit that came too late), `comment` or `stage`.")
    by: str
    at: datetime
    record: dict[str, Any]

    @classmethod
    def of(cls, event: Event) -> Self:
        """Say what happened."""
        return cls.model_validate(event, from_attributes=True)


class TakenOut(BaseModel):
    """An edit that was taken: what the cells it touched are like now."""

    version: int
    cells: list[CellTold]


class BroughtOut(BaseModel):
    """What an edited plan file changes: to be looked at, and sent as an edit."""

    edit: dict[str, Any]
    crossed: list[int] = Field(description="Pieces of land that a border of the file crosses.")
    defects: dict[str, int] = Field(description="What is wrong with the file's own polygons; it does not come along.")
    refused: str = Field(description="Why the edit could not be taken; empty where it can.")


class CertificateOut(BaseModel):
    """A proof that cells cover the area and those of each level the level above."""

    version: int
    valid: bool
    levels: list[dict[str, int | str]] = Field(
        description="Name, cells, edges, residue (edges left over), invalid cells, SHA-256 of the borders."
    )
    steps_per_metre: int


class ChangesOut(BaseModel):
    """All that a draft changes, as the one edit that leads there from its plan."""

    version: int
    edit: dict[str, Any]
    you: str = Field(description="Code of who asks.")
    role: Role = Field(description="Of who asks.")
