"""Who answers for which cell, by role and office: by a table, in which nothing may belong to a person, or as usual."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from data.tables import duties
from gis.errors import InputError
from gis.plan import Plan
from gis.sources.columns import text_column
from gis.sources.files import Source, read_table
from maps.cards.page import Office
from maps.cards.room import table_height

COLUMNS: Final = {
    "cell_code": ("cell_code", "编码"),
    "role": ("role", "岗位"),
    "unit": ("unit", "单位"),
    "office_phone": ("office_phone", "办公电话"),
    "duties": ("duties", "职责"),
}
"""Columns of a table of units, in English and Chinese; no other is read."""
_ROOM_MM: Final = 85.0
"""Height that the roles of a cell may take on its card."""
_LONGEST: Final = {"role": 24, "unit": 40, "office_phone": 30, "duties": 120}
_APART: Final = r"[\s\-–—.·()（）]*"
# Numbers that a person carries: a mobile, with or without the country, and an identity card's. An office in the United
# States has as many digits, told by "+1 " before them.
_MOBILE: Final = re.compile(
    rf"(?<!\d)(?:(?:\+|00)?{_APART}86{_APART})?(?!(?<=\+)1[\s(-])1{_APART}[3-9](?:{_APART}\d){{9}}(?!\d)"
)
_IDENTITY: Final = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")
_PHONE: Final = re.compile(r"[0-9+()（）\-–—. ;；,，、/#*转分机extEXT]*")


@dataclass(frozen=True)
class Units:
    """A table of units as read.

    Attributes
    ----------
    offices
        By cell code of any level, in the order of the table.
    where
        The file, for messages.
    left_out
        Columns of the file that were not read.
    """

    offices: Mapping[str, tuple[Office, ...]]
    where: str
    left_out: tuple[str, ...] = ()

    def serving(self, line: Sequence[str]) -> tuple[Office, ...] | None:
        """Return who serves in a cell: its own rows, else those of the nearest above it; None where there are none.

        Parameters
        ----------
        line
            Codes of the cells above it and its own, the top first.
        """
        return next((self.offices[code] for code in reversed(line) if code in self.offices), None)

    def unknown(self, plan: Plan) -> list[str]:
        """Return the codes that the plan does not have."""
        return sorted(set(self.offices) - set(plan.cells["code"].astype(str)))


def read_units(path: str | Path) -> Units:
    """Read a table of units: `COLUMNS`, one row for each role of a cell.

    Parameters
    ----------
    path
        Any table; ``file:layer`` where the file has several.

    Raises
    ------
    InputError
        Where a column is missing, a column or a number belongs to a person, or a text is longer than a card has room.
    """
    source = Source.of(path)
    table = read_table(source, offices=[name for names in COLUMNS.values() for name in names])
    held = {str(column).strip().casefold(): str(column) for column in table.columns}
    found = {meaning: next((held[name] for name in names if name in held), None) for meaning, names in COLUMNS.items()}
    if missing := [meaning for meaning in ("cell_code", "role") if found[meaning] is None]:
        raise InputError(f"{source}: no column {', '.join(missing)}: give {', '.join(COLUMNS)}")
    texts = pd.DataFrame({meaning: text_column(table, column) for meaning, column in found.items()})
    offices: defaultdict[str, list[Office]] = defaultdict(list)
    for row, told in enumerate(texts.to_dict("records"), start=1):
        _check(told, f"{source}, row {row}")
        offices[told["cell_code"]].append(Office(told["role"], told["duties"], told["unit"], told["office_phone"]))
        if table_height(offices[told["cell_code"]]) > _ROOM_MM:
            raise InputError(
                f"{source}, row {row}: the roles of cell {told['cell_code']} take more than a card has room for: "
                "give fewer, or shorten their duties"
            )
    unread = tuple(str(column) for column in table.columns if str(column) not in found.values())
    return Units({code: tuple(own) for code, own in offices.items()}, str(source), unread)


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


def _check(told: Mapping[str, str], where: str) -> None:
    for meaning in ("cell_code", "role"):
        if not told[meaning]:
            raise InputError(f"{where}: no {meaning}: say whose role it is")
    for meaning, text in told.items():
        plain = unicodedata.normalize("NFKC", text)
        if meaning != "cell_code" and (_MOBILE.search(plain) or _IDENTITY.search(plain)):
            raise InputError(
                f"{where}, {meaning}: a number that a person carries: give an office's number, not a person's"
            )
        if len(text) > _LONGEST.get(meaning, len(text)):
            raise InputError(
                f"{where}, {meaning}: {len(text)} signs, a card has room for {_LONGEST[meaning]}: shorten it"
            )
    if not _PHONE.fullmatch(told["office_phone"]):
        raise InputError(f"{where}, office_phone: {told['office_phone'][:40]!r} is more than a telephone number: "
                         "give the number of the office alone")  # fmt: skip
