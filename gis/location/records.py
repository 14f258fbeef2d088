"""Answers beside the reports they belong to; what was decided before stays, or is changed with a record."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from gis.errors import InputError
from gis.location.sent import ANSWERS
from gis.location.tables import is_text

#: What a row that was routed again had been told before.
BEFORE = {"previous_cell_code": "cell_code", "previous_plan_version": "plan_version"}
_MARK = "plan_version"
# A table without these was not routed by us.
_LEAST = {"cell_code", "grid_codes", "status", _MARK}


class Records:
    """Joins answers to tables of reports, some of which may have been routed before.

    Parameters
    ----------
    names
        Columns of the reports.
    anew
        Whether what was decided before is decided again, with a record of what it was (`BEFORE`); by default it stays.

    Raises
    ------
    InputError
        Where the table has columns of our names that are not our answers.
    """

    def __init__(self, names: Sequence[str], *, anew: bool = False) -> None:
        self._earlier = [name for name in ANSWERS if name in names]
        if self._earlier and not set(self._earlier) >= _LEAST:
            raise InputError(
                f"the reports have columns of their own named {', '.join(self._earlier)}: rename them first"
            )
        self._anew = anew

    def join(self, table: pa.Table, answers: dict[str, pa.Array]) -> pa.Table:
        """Add answers to a part of the reports, after its own columns."""
        own = table.drop_columns(self._earlier)
        if self._earlier:
            decided = pc.not_equal(_text(table[_MARK]), "")
            if self._anew:
                before = self._before(table, pc.and_(decided, pc.not_equal(_text(table[_MARK]), answers[_MARK])))
                own, answers = own.drop_columns([name for name in before if name in own.column_names]), answers | before
            else:
                # What was not answered then is not answered now: it would be of another rule.
                answers = {
                    name: pc.if_else(decided, _earlier(table, name, column.type), column)
                    for name, column in answers.items()
                }
        for name, column in answers.items():
            own = own.append_column(name, column)
        # What pandas noted of the types of columns is of those that were there before.
        notes = {key: value for key, value in (own.schema.metadata or {}).items() if key != b"pandas"}
        return own.replace_schema_metadata(notes)

    def _before(self, table: pa.Table, moved: pa.ChunkedArray) -> dict[str, pa.ChunkedArray]:
        """Keep what rows of another plan were told by it; an earlier record stays where nothing changes now."""
        return {
            name: pc.if_else(moved, _text(table[of]), _text(table[name]) if name in table.column_names else "")
            for name, of in BEFORE.items()
            if of in self._earlier
        }


def _text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.fill_null(column.cast(pa.string()), "")


def _earlier(table: pa.Table, name: str, kind: pa.DataType) -> pa.ChunkedArray | pa.Scalar:
    """Return the answers of an earlier time; a table of text has numbers as text, and nothing as empty text."""
    if name not in table.column_names:
        return pa.scalar(None, kind)
    column = table[name]
    if pa.types.is_string(kind):
        return _text(column)
    try:
        if is_text(column.type):
            column = pc.if_else(pc.equal(_text(column), ""), None, _text(column))
        return column.cast(kind)
    except pa.ArrowException as error:
        raise InputError(f"column {name} holds what is no answer of a routing: {error}: rename it") from error
