"""The preset tables that a service of cases lives by: categories, deadlines, states and the others."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

TABLES = ("calendar", "categories", "deadlines", "dispatch", "functional", "states", "triage", "visits")


@cache
def table(name: str) -> dict[str, Any]:
    """Return a preset table as it stands in its file; `api.cases` checks it.

    Parameters
    ----------
    name
        One of `TABLES`.

    Raises
    ------
    ValueError
        Where there is no such table; the message lists those there are.

    Examples
    --------
    >>> table("states")["start"]
    'reported'
    """
    if name not in TABLES:
        raise ValueError(f"no table '{name}': choose one of {', '.join(TABLES)}")
    return dict(json.loads(files("data").joinpath(f"{name}.json").read_text(encoding="utf-8")))


def duties() -> list[dict[str, Any]]:
    """Return the usual roles of a cell and what they do, for notice cards: `role`, `duties`, and `levels` where bound.

    Examples
    --------
    >>> duties()[0]["role"]["en"]
    'Grid leader'
    """
    return list(json.loads(files("data").joinpath("duties.json").read_text(encoding="utf-8"))["roles"])
