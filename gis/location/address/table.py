"""Tables of addresses: the answers beside the columns as they were, no row dropped."""

from pathlib import Path

import pandas as pd

from gis.errors import InputError
from gis.location.address.gazetteer import Gazetteer
from gis.location.address.geocode import COLUMNS
from gis.plan import Plan
from gis.sources.columns import find_column
from gis.sources.privacy import refuse_personal
from gis.writing import written_beside

_ENCODINGS = ("utf-8-sig", "gb18030")
#: Before the fields of an answer: a table's own columns keep their names.
PREFIX = "found_"


def read_addresses(path: Path, column: str | None = None) -> tuple[pd.DataFrame, str]:
    """Read a table, and say which column holds the addresses.

    Parameters
    ----------
    path
        CSV (UTF-8 or GB 18030) or Parquet.
    column
        Name of the column, where it is not a usual one such as `address` or 地址.

    Raises
    ------
    InputError
        Where the file cannot be read, has no such column, or has columns about persons.
    """
    table = _read(path)
    refuse_personal(table.columns, path.name)
    named = column if column is not None else find_column(table.columns, "address")
    if named is None or named not in table:
        asked = f"column {column}" if column is not None else "column of addresses"
        raise InputError(f"{path.name}: no {asked}: name one of {', '.join(map(str, table.columns))} with --column")
    return table, named


def with_answers(table: pd.DataFrame, column: str, plan: Plan) -> pd.DataFrame:
    """Return the table with the fields of `Answer` as further columns; those of an earlier time are replaced."""
    texts = ["" if pd.isna(text) else str(text) for text in table[column]]
    answers = Gazetteer.from_plan(plan).find_all(texts).set_index(table.index).add_prefix(PREFIX)
    earlier = [PREFIX + name for name in COLUMNS]
    return pd.concat([table.drop(columns=earlier, errors="ignore"), answers], axis=1)


def write_answers(table: pd.DataFrame, path: Path) -> None:
    """Write CSV (UTF-8 with a mark that spreadsheets understand) or Parquet: beside its place first, then renamed."""
    with written_beside(path) as beside:
        if path.suffix.casefold() == ".parquet":
            table.to_parquet(beside, index=False)
        else:
            table.to_csv(beside, index=False, encoding="utf-8-sig")


def _read(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise InputError(f"{path}: no such file: check the path")
    if path.suffix.casefold() == ".parquet":
        try:
            return pd.read_parquet(path)
        except (OSError, ValueError) as error:
            raise InputError(f"{path.name}: cannot be read as Parquet: {error}") from error
    for encoding in _ENCODINGS:
        try:
            return pd.read_csv(path, dtype=str, keep_default_na=False, index_col=False, encoding=encoding)
        except UnicodeDecodeError:
            continue
        except (pd.errors.EmptyDataError, pd.errors.ParserError) as error:
            raise InputError(f"{path.name}: cannot be read as CSV: {' '.join(str(error).split())}") from error
    raise InputError(f"{path.name}: is neither UTF-8 nor GB 18030 text: save it as UTF-8")
