"""All tables that cases live by, together."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path

from api.cases.calendar import WorkCalendar
from api.cases.categories import Categories
from api.cases.deadlines import DeadlineTable, Profile
from api.cases.dispatch import DispatchTable
from api.cases.errors import BadTable
from api.cases.functional import FunctionalGrids
from api.cases.states import StateTable
from api.cases.table import Table, matches, own_tables, read_table
from api.cases.triage import Triage
from api.cases.visits import VisitTable


@dataclass(frozen=True)
class Rules:
    """The tables, and the profile of deadlines that is in force; every event carries their `version`.

    Attributes
    ----------
    profile_name
        Of the profile of deadlines.
    calendar, categories, deadlines, dispatch, functional, states, triage, visits
        The tables, as their files are named.
    """

    profile_name: str
    calendar: WorkCalendar
    categories: Categories
    deadlines: DeadlineTable
    dispatch: DispatchTable
    functional: FunctionalGrids
    states: StateTable
    triage: Triage
    visits: VisitTable

    @classmethod
    def load(cls, folder: Path | str | None = None, profile: str = "default") -> "Rules":
        """Read the tables: a city's own where it has one, the presets else.

        Parameters
        ----------
        folder
            With files such as `deadlines.json`, each in place of the preset of this name.
        profile
            Of the deadlines, such as `13710`.

        Raises
        ------
        BadTable
            With one line that names file and row.
        """
        if folder is not None:
            folder = Path(folder)
            own_tables(folder)
        return cls(
            profile,
            read_table(WorkCalendar, "calendar", folder),
            read_table(Categories, "categories", folder),
            read_table(DeadlineTable, "deadlines", folder),
            read_table(DispatchTable, "dispatch", folder),
            read_table(FunctionalGrids, "functional", folder),
            read_table(StateTable, "states", folder),
            read_table(Triage, "triage", folder),
            read_table(VisitTable, "visits", folder),
        )

    def __post_init__(self) -> None:
        _check_patterns("deadlines.json, profiles, " + self.profile_name, self.profile.rows, self.categories)
        _check_patterns("triage.json, rows", self.triage.rows, self.categories)
        _check_patterns("dispatch.json, rules", self.dispatch.rules, self.categories)
        grids = [grid.code for grid in self.functional.grids]
        for at, rule in enumerate(self.dispatch.rules, start=1):
            if rule.grid is not None and rule.grid not in grids:
                raise BadTable(f"dispatch.json, rules, row {at}: functional.json has no grid '{rule.grid}'")

    @cached_property
    def profile(self) -> Profile:
        """The profile of deadlines that is in force."""
        return self.deadlines.profile(self.profile_name)

    @cached_property
    def version(self) -> str:
        """Short name of these rules: another where anything in them differs."""
        tables = [getattr(self, field.name) for field in fields(self)]
        texts = [table.model_dump_json() if isinstance(table, Table) else table for table in tables]
        return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:8]


def _check_patterns(where: str, rows: Iterable[object], categories: Categories) -> None:
    """Refuse rows that fit nothing: they are slips of the pen, and the rows below them would count instead."""
    codes = [category.code for category in categories.categories]
    for at, row in enumerate(rows, start=1):
        for name, known in (("category", codes), ("grade", categories.grades)):
            pattern = str(getattr(row, name))
            if not any(matches(pattern, code) for code in known):
                raise BadTable(f"{where}, row {at}: {name} '{pattern}' fits none of categories.json")
