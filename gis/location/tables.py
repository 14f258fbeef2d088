"""Tables of any length, read and written a part at a time: what is in memory does not grow with the file."""

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from gis.errors import InputError
from gis.location.lines import rows_of
from gis.writing import written_beside

_ROWS = 100_000

Objects = npt.NDArray[np.object_]
"""Arrays of texts."""


class TableFile:
    """A CSV or Parquet file of rows.

    Attributes
    ----------
    names
        Of the columns.
    rows
        How many, where the file says so.

    Raises
    ------
    InputError
        Where the file is missing or cannot be read, or two columns have one name.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        if not self._path.is_file():
            raise InputError(f"{path}: no such file: check the path")
        self._is_parquet = self._path.suffix.casefold() == ".parquet"
        self.rows: int | None = None
        if self._is_parquet:
            try:
                with pq.ParquetFile(self._path) as file:
                    self.names, self.rows = list(file.schema_arrow.names), file.metadata.num_rows
            except (OSError, pa.ArrowException) as error:
                raise InputError(f"{self._path.name}: cannot be read as Parquet: {error}") from error
        else:
            self.names = next(rows_of(self._path))[0]
        twice = sorted({name for name in self.names if self.names.count(name) > 1})
        if twice:
            raise InputError(f"{self._path.name}: two columns are named {', '.join(twice)}: rename one")

    def parts(self, rows: int = _ROWS) -> Iterator[tuple[pa.Table, Objects]]:
        """Read the table in parts of so many rows, each with what is wrong with its lines (empty: nothing).

        Raises
        ------
        InputError
            Where the file has no rows, or is damaged.
        """
        some = False
        for part in self._of_parquet(rows) if self._is_parquet else self._of_text(rows):
            some = True
            yield part
        if not some:
            raise InputError(f"{self._path.name}: no rows in it")

    def _of_parquet(self, rows: int) -> Iterator[tuple[pa.Table, Objects]]:
        try:
            # Without reading ahead, which keeps all that was read.
            with pq.ParquetFile(self._path, pre_buffer=False) as file:
                for batch in file.iter_batches(rows):
                    yield pa.Table.from_batches([batch]), np.full(len(batch), "", dtype=object)
        except (OSError, pa.ArrowException) as error:
            raise InputError(f"{self._path.name}: a damaged Parquet file: {error}") from error

    def _of_text(self, rows: int) -> Iterator[tuple[pa.Table, Objects]]:
        lines = rows_of(self._path)
        next(lines)
        while held := list(islice(lines, rows)):
            yield self._part(held)

    def _part(self, held: list[tuple[list[str], str]]) -> tuple[pa.Table, Objects]:
        columns = zip(*(fields for fields, _ in held), strict=True)
        arrays = [pa.array(column, pa.string()) for column in columns]
        return pa.Table.from_arrays(arrays, self.names), np.array([fault for _, fault in held], dtype=object)


#: Told how many rows are done, and how many there are, if that is known.
OnRows = Callable[[int, int | None], None]
#: Takes one part of a table after another; all have the same columns.
Sink = Callable[[pa.Table], None]


@contextmanager
def writing_table(path: str | Path) -> Iterator[Sink]:
    """Write a table part by part, CSV (UTF-8 with a mark that spreadsheets know) or Parquet: renamed when whole."""
    with written_beside(path) as beside:
        if beside.suffix.casefold() == ".parquet":
            writer: list[pq.ParquetWriter] = []

            def to_parquet(part: pa.Table) -> None:
                if not writer:
                    writer.append(pq.ParquetWriter(beside, part.schema))
                writer[0].write_table(part.cast(writer[0].schema))

            try:
                yield to_parquet
            finally:
                for each in writer:
                    each.close()
            return
        with beside.open("w", encoding="utf-8-sig", newline="") as file:
            sheet = csv.writer(file, lineterminator="\n")

            def to_csv(part: pa.Table) -> None:
                if file.tell() == 0:
                    sheet.writerow(part.column_names)
                sheet.writerows(zip(*(column.to_pylist() for column in part.columns), strict=True))

            yield to_csv


def is_text(kind: pa.DataType) -> bool:
    """Say whether a column of this type holds texts, however they are kept."""
    if pa.types.is_dictionary(kind):
        return is_text(kind.value_type)
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)


def text_of(table: pa.Table, name: str) -> Objects:
    """Return a column as texts without blanks at their ends, empty where nothing is given."""
    try:
        column = pc.fill_null(table[name].cast(pa.string()), "")
    except pa.ArrowException as error:
        raise InputError(f"column {name} is no text: {error}") from error
    return np.array(pc.utf8_trim_whitespace(column).to_pylist(), dtype=object)


def write_table(table: pd.DataFrame, path: str | Path) -> None:
    """Write a whole table as `writing_table` does."""
    with writing_table(path) as write:
        write(pa.Table.from_pandas(table, preserve_index=False))
