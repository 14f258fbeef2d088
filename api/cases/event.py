"""One entry of the history of a case."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from api.cases.deadlines import Alarm
from api.cases.states import Role, WholeClock
from api.cases.triage import Colour

Rating = Literal["good", "fair", "poor"]
RATINGS: tuple[Rating, ...] = get_args(Rating)
REPORT = "report"
"""The action with which every history begins."""


@dataclass(frozen=True)
class Event:
    """One thing done to a case. Codes only: what people wrote is kept elsewhere, since it must be erased one day.

    Attributes
    ----------
    case_id, number
        Of the case, and of the event within it from 1.
    action, from_state, to_state, at, role, actor, reason
        What was done, when, by whom. `actor` is a code that names nobody; `from_state` is None for the report.
    cell_from, cell_to
        Where the matter lies, before and after.
    called_in
        Codes of units added as co-handlers.
    rating, merged_into, reporter
        Said by this event; None otherwise.
    category, grade, organisation, grids, holder, level, unit, colour, clock, state_since, state_due, case_due, warned
        Of the case afterwards.
    plan_version, rules_version
        With which plan and rules it was decided.
    """

    case_id: str
    number: int
    action: str
    from_state: str | None
    to_state: str
    at: datetime
    role: Role
    actor: str
    reason: str | None
    cell_from: str | None
    cell_to: str
    called_in: tuple[str, ...]
    rating: Rating | None
    merged_into: str | None
    reporter: str | None
    category: str
    grade: str
    organisation: str | None
    grids: tuple[str, ...]
    holder: str
    level: str
    unit: str | None
    colour: Colour
    clock: WholeClock
    state_since: datetime
    state_due: datetime | None
    case_due: datetime | None
    warned: Alarm | None
    plan_version: str | None
    rules_version: str
