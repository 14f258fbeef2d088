"""Tables of rules: JSON files, checked as they are read; a city's own file replaces the preset of the same name."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from api.cases.errors import BadTable
from data.tables import TABLES, table


class Record(BaseModel, frozen=True, extra="forbid"):
    """A row of a table, or a part of one."""


class Table(Record, frozen=True):
    """A whole file."""

    version: int


class ForMatters(Record, frozen=True):
    """A row for the categories and grades that fit its patterns; by default for all."""

    category: str = "*"
    grade: str = "*"

    def fits(self, category: str, grade: str) -> bool:
        """Say whether the row is for a category and grade."""
        return matches(self.category, category) and matches(self.grade, grade)


T = TypeVar("T", bound=Table)
R = TypeVar("R", bound=ForMatters)


def for_all(rows: tuple[R, ...]) -> tuple[R, ...]:
    """Return rows of which the first that fits counts, if one always does.

    Raises
    ------
    ValueError
        Where the last is not for all, or another is: those below it would never count.
    """
    whole = [row for row, each in enumerate(rows, start=1) if (each.category, each.grade) == ("*", "*")]
    if whole != [len(rows)]:
        raise ValueError(
            f"row {min(whole, default=len(rows))}: the last row, and no other, is for category * and grade *"
        )
    return rows


def unique(names: Iterable[str]) -> None:
    """Refuse names that are there twice.

    Raises
    ------
    ValueError
        With the row of the second.
    """
    seen: set[str] = set()
    for row, name in enumerate(names, start=1):
        if name in seen:
            raise ValueError(f"row {row}: '{name}' is there twice")
        seen.add(name)


def matches(pattern: str, code: str) -> bool:
    """Say whether a code is meant by a pattern: the code itself, or the beginning of it and a star.

    Examples
    --------
    >>> matches("event-*", "event-4"), matches("*", "event-4"), matches("event-4", "event-41")
    (True, True, False)
    """
    return code.startswith(pattern[:-1]) if pattern.endswith("*") else code == pattern


def own_tables(folder: Path) -> frozenset[str]:
    """Return which tables a folder replaces.

    Raises
    ------
    BadTable
        Where there is no such folder, or a JSON file in it is named after no table: it would be passed over in silence.
    """
    if not folder.is_dir():
        raise BadTable(f"{folder}: no such folder of tables")
    found = frozenset(path.stem for path in folder.glob("*.json"))
    for name in sorted(found.difference(TABLES)):
        raise BadTable(f"{name}.json: no table has this name; there are {', '.join(TABLES)}")
    return found


def read_table(model: type[T], name: str, folder: Path | None = None) -> T:
    """Read a table.

    Parameters
    ----------
    model
        What the table must be.
    name
        Of the file, without its ending.
    folder
        Where a city keeps its own; the preset is taken where it has none of this name.

    Raises
    ------
    BadTable
        With one line that names the file, the row and the field, and says what is wrong there.
    """
    own = None if folder is None else folder / f"{name}.json"
    content = table(name) if own is None or not own.is_file() else _read(own)
    try:
        return model.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ", ".join(part for part in (f"{name}.json", _place(first["loc"])) if part)
        raise BadTable(f"{where}: {first['msg'].removeprefix('Value error, ')}") from error


def _read(path: Path) -> Any:  # noqa: ANN401 (whatever the file holds is for the model to judge)
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BadTable(f"{path.name}: not text in UTF-8") from error
    except json.JSONDecodeError as error:
        raise BadTable(f"{path.name}, line {error.lineno}: not JSON: {error.msg}") from error


def _place(keys: tuple[int | str, ...]) -> str:
    """Say where in a file: rows are counted from 1, and so are items within a row."""
    first = next((at for at, key in enumerate(keys) if isinstance(key, int)), None)
    return ", ".join(
        f"{'row' if at == first else 'item'} {key + 1}" if isinstance(key, int) else key for at, key in enumerate(keys)
    )
