"""Who serves in a cell: roles and offices, never persons."""

from dataclasses import dataclass

from data.tables import duties


@dataclass(frozen=True)
class Office:
    """One role of a cell.

    Attributes
    ----------
    role, duties
        What it is called and what it does.
    unit, phone
        The office that fills it and that office's telephone; empty where they are to be written by hand.
    """

    role: str
    duties: str
    unit: str = ""
    phone: str = ""


def usual_offices(level: str, lang: str) -> tuple[Office, ...]:
    """Return the usual roles at a level, from `data/duties.json`, with unit and telephone to be written by hand.

    Examples
    --------
    >>> usual_offices("micro", "en")[0].role
    'Micro-grid leader'
    """
    return tuple(
        Office(row["role"][lang], row["duties"][lang]) for row in duties() if level in row.get("levels", [level])
    )
