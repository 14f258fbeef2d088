"""An edit: what is put where instead of where it is, as one list, so that it can be run backwards."""

from dataclasses import asdict, dataclass
from typing import Any

from gis.editing.state import PARTS, Cell, State

#: Part of the state, key in it, what is there before and after (None: nothing).
Step = tuple[str, Any, Any, Any]


@dataclass(frozen=True)
class Edit:
    """Steps that are taken together or not at all.

    Attributes
    ----------
    land
        Row of an atom, codes of its ground before and after.
    floors
        Row of a unit, codes of its cell before and after; None where that is the one whose code the ground has.
    cells
        Code of a cell, what is known of it before and after; None where there is none.
    together
        Row of an atom, name of the group it stays with before and after; None for none.
    """

    land: tuple[tuple[int, str, str], ...] = ()
    floors: tuple[tuple[int, str | None, str | None], ...] = ()
    cells: tuple[tuple[str, Cell | None, Cell | None], ...] = ()
    together: tuple[tuple[int, str | None, str | None], ...] = ()

    @property
    def steps(self) -> list[Step]:
        """All steps, part by part."""
        return [(part, *row) for part in PARTS for row in getattr(self, part)]

    @property
    def inverse(self) -> "Edit":
        """The way back."""
        return Edit(**{part: tuple((key, b, a) for key, a, b in getattr(self, part)) for part in PARTS})

    @classmethod
    def between(cls, before: State, after: State) -> "Edit":
        """Return the one edit that leads from one state to another of the same land."""
        rows: dict[str, tuple[Any, ...]] = {}
        for part in PARTS:
            old, new = getattr(before, part), getattr(after, part)
            keys = sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key))
            rows[part] = tuple((key, old.get(key), new.get(key)) for key in keys)
        return cls(**rows)

    def as_record(self) -> dict[str, Any]:
        """Return what JSON can hold; parts without a step are left out."""
        return {part: rows for part, rows in asdict(self).items() if rows}

    @classmethod
    def of_record(cls, record: dict[str, Any]) -> "Edit":
        """Return the edit that was written as a record."""
        rows = {part: tuple(tuple(row) for row in record.get(part, ())) for part in PARTS}
        rows["cells"] = tuple((code, *(cell and Cell(**cell) for cell in cells)) for code, *cells in rows["cells"])
        return cls(**rows)


def missed(state: State, edit: Edit) -> list[Step]:
    """Find the steps that do not begin where things are: somebody else was there before."""
    return [step for step in edit.steps if getattr(state, step[0]).get(step[1]) != step[2]]


def take(state: State, edit: Edit) -> None:
    """Take the steps of an edit that begins where things are."""
    for part, key, _, after in edit.steps:
        state.put(part, key, after)
