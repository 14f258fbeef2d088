"""Plans of one area that follow each other: which one is in force on a day."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from gis.errors import InputError
from gis.plan import Plan


def valid_from(plan: Plan) -> date | None:
    """Return the first day on which a plan is in force; None where it does not say.

    Raises
    ------
    InputError
        Where what it says is no day.
    """
    said = plan.metadata.get("valid_from")
    return None if said is None else read_day(str(said))


def begun(plan: Plan, day: str | None) -> Plan:
    """Return the plan, in force from a day on, or as it is where none is given.

    Raises
    ------
    InputError
        Where the day is none.
    """
    return plan if day is None else replace(plan, metadata=plan.metadata | {"valid_from": read_day(day).isoformat()})


def in_force(plans: Sequence[Plan], day: date | None = None) -> Plan:
    """Choose the plan that is in force on a day.

    Parameters
    ----------
    plans
        Of one area. One that does not say from when is in force until the first that does.
    day
        By default the last plan.

    Raises
    ------
    InputError
        Where none is in force yet, or two begin on one day.
    """
    begins = [valid_from(plan) or date.min for plan in plans]
    if len(set(begins)) < len(begins):
        raise InputError("two plans begin on one day: give each its day with --valid-from when it is drawn")
    if day is None:
        return plans[begins.index(max(begins))]
    begun = [begin for begin in begins if begin <= day]
    if not begun:
        raise InputError(f"no plan is in force on {day}: the first begins on {min(begins)}")
    return plans[begins.index(max(begun))]


def read_day(text: str) -> date:
    """Read a day.

    Raises
    ------
    InputError
        Where it is none.
    """
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise InputError(f"'{text}' is no day: write it as 2026-05-01") from error
