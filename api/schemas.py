"""What bodies look like, where several doors share it."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from api.cases.action import CODE
from api.errors import MEDIA_TYPE, ProblemDocument

Code = Annotated[str, StringConstraints(pattern=f"^{CODE}$")]
#: A moment that every store and time zone can hold.
Moment = Annotated[AwareDatetime, Field(ge=datetime(1900, 1, 1, tzinfo=UTC), lt=datetime(9000, 1, 1, tzinfo=UTC))]
#: Of something that is kept.
Number = Annotated[int, Field(ge=0, le=2**63 - 1)]
Degrees = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]


def refusal(text: str) -> dict[str, Any]:
    """Describe an answer that refuses."""
    return {"description": text, "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}}}


#: What every door may answer besides what it is for.
REFUSALS: dict[int | str, dict[str, Any]] = {
    400: refusal("The request is not understood."),
    401: refusal("Say who you are."),
    403: refusal("Not yours to do."),
    404: refusal("Not there."),
    409: refusal("Contradicts what is there."),
    413: refusal("Too large."),
    422: refusal("What was sent cannot be used."),
    429: refusal("Too many requests."),
    503: refusal("Not ready."),
}


class Located(BaseModel):
    """The cells that hold a point."""

    status: Literal["inside", "ask_address", "outside"] = Field(
        description="`ask_address` where floors of one building belong to several cells."
    )
    cell_code: str | None = Field(description="Of the lowest level.", examples=["13010500500600201"])
    grid_codes: dict[str, str] = Field(
        description="Level → code.", examples=[{"grid": "130105005006002", "micro": "13010500500600201"}]
    )
    plan_version: str = Field(examples=["a1a4ebe2fe31"])


class Placed(BaseModel):
    """The grounds that hold many points."""

    plan_version: str
    grounds: list[str] = Field(description="Code of each ground; where floors part it, several cells share it.")
    rows: list[int] = Field(description="For each point a number in `grounds`, or -1 outside all.")


__all__ = ["REFUSALS", "Code", "Degrees", "Located", "Moment", "Number", "Placed", "ProblemDocument", "refusal"]
