"""Reports of the same matter: which may be, which of them stays, and how the others share its fate."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import hypot

from api.cases.action import Action
from api.cases.case import Case
from api.cases.categories import Categories


@dataclass(frozen=True)
class Sighting:
    """A report as far as duplicates go.

    Attributes
    ----------
    case_id, category, received_at
        Of the case.
    x, y
        Metres, in the projection of the plan.
    """

    case_id: str
    category: str
    received_at: datetime
    x: float
    y: float


@dataclass(frozen=True, order=True)
class Candidate:
    """A report that may be of the same matter, so many metres and so much time away; the nearest comes first."""

    distance_m: float
    apart: timedelta
    case_id: str


def candidates(report: Sighting, others: Iterable[Sighting], categories: Categories) -> tuple[Candidate, ...]:
    """Return which of others may be of the same matter: of the same category, within its radius and time.

    Parameters
    ----------
    report
        The one in question.
    others
        Those near by, which the store has chosen; the report itself is passed over.
    categories
        With radius and time of each.

    Raises
    ------
    BadAction
        Where the category is unknown.
    """
    category = categories.get(report.category)
    window = timedelta(hours=category.duplicate_hours)
    near = (
        Candidate(
            hypot(other.x - report.x, other.y - report.y), abs(other.received_at - report.received_at), other.case_id
        )
        for other in others
        if other.category == report.category and other.case_id != report.case_id
    )
    return tuple(sorted(each for each in near if each.distance_m <= category.duplicate_m and each.apart <= window))


def fate(merged: Case, main: Case) -> Action | None:
    """Return what befalls a merged case because of the case it was merged into; the system does it.

    It is closed or rejected with it, and goes where that one is merged. None: there is nothing to do.
    """
    if merged.state != "merged" or merged.merged_into != main.id:
        return None
    if main.state == "merged":
        return Action("merge", into=main.merged_into)
    if main.closed_at is not None:
        return Action("close")
    return Action("reject", reason="duplicate") if main.clock == "stopped" else None
