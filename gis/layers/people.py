"""Counts of people by service category: a column each, or rows of category and count; never a row a person."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from gis.errors import InputError
from gis.layers.schema import schema
from gis.layers.tables import Table
from gis.layers.values import read_counts
from gis.layers.vocabulary import vocabulary


def count_people(table: Table, free: Sequence[str], own: Mapping[str, str]) -> tuple[pd.DataFrame, list[str]]:
    """Read the counts of a table.

    Parameters
    ----------
    table
        As read.
    free
        Its columns that do not say where a row is.
    own
        Columns `category` and `count` by these meanings, where there are such.

    Returns
    -------
    items : pandas.DataFrame
        `row`, `category`, `count`; a count that is left empty in a column of its own is no item.
    used : list of str
        The columns that were read.

    Raises
    ------
    InputError
        Where there are no counts, a count is no whole number, or a category is not declared.
    """
    where = str(table.source)
    if (faults := table.points.faults)[broken := faults != ""].any():
        raise InputError(f"{where}, {faults[int(np.argmax(broken))]}: mend it, for counts must be whole")
    words = vocabulary("people")
    counting = {column: code for column in free if (code := words.counted_by(column))}
    twice = [code for code in counting.values() if [*counting.values()].count(code) > 1]
    if twice:
        raise InputError(f"{where}: several columns count {twice[0]}: leave one of them")
    if counting:
        return _from_columns(table, counting, where), [*counting]
    if "category" in own and "count" in own:
        return _from_rows(table, own, where), [own["category"], own["count"]]
    raise InputError(
        f"{where}: no counts, so a row would be a person, and persons are not read: {schema('people').advice}"
    )


def _from_columns(table: Table, counting: Mapping[str, str], where: str) -> pd.DataFrame:
    parts = []
    for column, code in counting.items():
        counts = read_counts(table.column(column), where, column)
        rows = np.flatnonzero(counts >= 0)
        parts.append(pd.DataFrame({"row": rows, "count": counts[rows], "category": code}))
    items = pd.concat(parts).sort_values("row", kind="stable", ignore_index=True)
    return items.astype({"category": "str"})


def _from_rows(table: Table, own: Mapping[str, str], where: str) -> pd.DataFrame:
    counts = read_counts(table.column(own["count"]), where, own["count"])
    words = vocabulary("people")
    given, different = pd.factorize(table.column(own["category"]))
    codes = np.array([words.code_of(text) or words.counted_by(text) for text in different], dtype=object)[given]
    for wrong, what, advice in (
        (counts < 0, f"no {own['count']}", "give a whole number of 0 or more"),
        (codes == "", f"a {own['category']} that is not declared", f"give one of {', '.join(words.words)}"),
    ):
        if wrong.any():
            raise InputError(f"{where}, row {int(np.argmax(wrong)) + 1}: {what}: {advice}")
    return pd.DataFrame({"row": np.arange(len(codes), dtype=np.int64), "count": counts, "category": codes}).astype(
        {"category": "str"}
    )
