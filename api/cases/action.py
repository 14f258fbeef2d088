"""What is to be done to a case, and by whom."""

import re
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import get_args

from api.cases.errors import BadAction
from api.cases.event import RATINGS
from api.cases.states import Part, Role

CODE = r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}"
"""How all codes are written."""
_PERSONAL = re.compile(r"1[3-9]\d{9}|\d{17}[\dXx]")
"""Mobile and identity numbers."""


def code(text: str, what: str) -> str:
    """Return a code, if it is one.

    Raises
    ------
    BadAction
        Where it might be a name or a sentence: events are kept for ever and hold codes only.
    """
    if not re.fullmatch(CODE, text):
        raise BadAction(f"{what} is no code: write it in letters, digits and _ . : - without spaces, at most 64")
    return text


@dataclass(frozen=True)
class Actor:
    """Who acts.

    Attributes
    ----------
    role
        In which capacity.
    code
        Names a post, an account or a program; never a person, so that numbers of phones and identity cards are refused.
    """

    role: Role
    code: str

    def __post_init__(self) -> None:
        if self.role not in get_args(Role):
            raise BadAction(f"no role '{self.role}': there are {', '.join(get_args(Role))}")
        anonymous(self.code)


def anonymous(text: str) -> str:
    """Return the code of an actor, if it names nobody.

    Raises
    ------
    BadAction
        Where it is none, or looks like the number of a phone or an identity card.
    """
    if _PERSONAL.fullmatch(code(text, "an actor's code")):
        raise BadAction("an actor's code looks like the number of a phone or an identity card: use a code of your own")
    return text


@dataclass(frozen=True)
class Action:
    """What is to be done; which parts it needs and may have stands in the table of states.

    Attributes
    ----------
    name
        Of the action.
    reason
        A code of the table.
    text
        Only whether it is there is looked at: texts are not kept with the history.
    category, grade, organisation, cell, plan_version
        Corrected; a cell with its level, and with the plan it is from.
    holder, level, unit
        Who gets the case: see `dispatch.Assignment`.
    units
        Departments called in.
    rating
        Of the result: good, fair or poor.
    into
        Id of the case that this one is merged into.
    until
        Last day of a dated plan.
    expected_version
        Of the case the decision was made on; None takes it as it is.
    """

    name: str
    reason: str | None = None
    text: str | None = None
    category: str | None = None
    grade: str | None = None
    organisation: str | None = None
    cell: str | None = None
    holder: str | None = None
    level: str | None = None
    plan_version: str | None = None
    unit: str | None = None
    units: tuple[str, ...] | None = None
    rating: str | None = None
    into: str | None = None
    until: date | None = None
    expected_version: int | None = None

    def __post_init__(self) -> None:
        for name in ("organisation", "cell", "holder", "level", "plan_version", "unit", "into"):
            if (said := getattr(self, name)) is not None:
                code(said, name)
        for unit in self.units or ():
            code(unit, "a unit")
        if self.rating is not None and self.rating not in RATINGS:
            raise BadAction(f"no rating '{self.rating}': there are {', '.join(RATINGS)}")

    def parts(self) -> set[str]:
        """Return what it brings along; blank texts and empty lists are nothing."""
        said = {field.name for field in fields(self) if field.name in get_args(Part) and getattr(self, field.name)}
        return said - {"text"} if not (self.text or "").strip() else said


def aware(now: datetime) -> datetime:
    """Return an instant, if it is one.

    Raises
    ------
    BadAction
        Where it says nothing of its time zone.
    """
    if now.tzinfo is None:
        raise BadAction(f"{now} has no time zone")
    return now
