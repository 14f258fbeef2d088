"""Tables of reports: read as they are, so that every column comes out as it went in."""

import csv
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.arrays import Floats
from gis.datum import Datum
from gis.errors import InputError
from gis.sources.columns import find_column
from gis.sources.privacy import refuse_personal
from gis.writing import written_beside

_ENCODINGS = ("utf-8-sig", "gb18030")
_ACCURACY = ("accuracy_m", "accuracy", "定位精度")


@dataclass(frozen=True)
class Reports:
    """A table of reports and what was understood of it.

    Attributes
    ----------
    table
        All columns as text, unchanged.
    lon, lat : (n,) float64
        Degrees as given; NaN where they are no numbers.
    datum : (n,) object
        `Datum` of each row, or None where the row names an unknown one.
    accuracy_m : (n,) float64
        Radius within which two thirds of such positions lie; NaN where not stated.
    """

    table: pd.DataFrame
    lon: Floats
    lat: Floats
    datum: npt.NDArray[np.object_]
    accuracy_m: Floats


def read_reports(path: str | Path, datum: Datum | None = None) -> Reports:
    """Read a CSV or Parquet table of reports.

    Parameters
    ----------
    path
        With columns of longitude and latitude in degrees, under their usual names.
    datum
        Of all rows; by default that of a column `datum`, else WGS 84.

    Raises
    ------
    InputError
        Where the file cannot be read, has no coordinates, or has columns about persons.
    """
    path = Path(path)
    table = _read_text(path)
    refuse_personal(table.columns, path.name)
    lon, lat = find_column(table.columns, "lon"), find_column(table.columns, "lat")
    if lon is None or lat is None:
        raise InputError(f"{path.name}: no columns of longitude and latitude: name them lon and lat")
    accuracy = next((name for name in _ACCURACY if name in table), None)
    unknown = np.full(len(table), np.nan)
    return Reports(
        table,
        _numbers(table[lon]),
        _numbers(table[lat]),
        _datums(table, datum),
        unknown if accuracy is None else _numbers(table[accuracy]),
    )


def write_table(table: pd.DataFrame, path: str | Path) -> None:
    """Write CSV (UTF-8 with a mark that spreadsheets understand) or Parquet: beside its place first, then renamed."""
    with written_beside(path) as beside:
        if beside.suffix.casefold() == ".parquet":
            table.to_parquet(beside, index=False)
        else:
            table.to_csv(beside, index=False, encoding="utf-8-sig")


def _read_text(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise InputError(f"{path}: no such file: check the path")
    if path.suffix.casefold() == ".parquet":
        try:
            return pd.read_parquet(path)
        except (OSError, ValueError) as error:
            raise InputError(f"{path.name}: cannot be read as Parquet: {error}") from error
    for encoding in _ENCODINGS:
        try:
            return _read_csv(path, encoding)
        except UnicodeDecodeError:
            continue
    raise InputError(f"{path.name}: is neither UTF-8 nor GB 18030 text: save it as UTF-8")


def _read_csv(path: Path, encoding: str) -> pd.DataFrame:
    with path.open(encoding=encoding, newline="") as file:
        head = file.readline()
        try:
            delimiter = csv.Sniffer().sniff(head, ",;\t|").delimiter
        except csv.Error:
            delimiter = ","
    try:
        with warnings.catch_warnings(action="error", category=pd.errors.ParserWarning):
            return pd.read_csv(
                path, sep=delimiter, dtype=str, keep_default_na=False, index_col=False, encoding=encoding
            )
    except pd.errors.EmptyDataError as error:
        raise InputError(f"{path.name}: no rows in it") from error
    except pd.errors.ParserWarning as error:
        raise InputError(
            f"{path.name}: rows have more fields than the header: remove the commas at their ends"
        ) from error
    except pd.errors.ParserError as error:
        raise InputError(f"{path.name}: a broken line: {str(error).strip()}") from error


def _numbers(column: pd.Series) -> Floats:
    numbers: Floats = pd.to_numeric(column, errors="coerce").to_numpy(np.float64)
    return numbers


def _datums(table: pd.DataFrame, datum: Datum | None) -> npt.NDArray[np.object_]:
    found = np.full(len(table), datum or Datum.WGS84, dtype=object)
    if datum is None and "datum" in table:
        named = {member.value: member for member in Datum} | {"": Datum.WGS84}
        given = (
            table["datum"].fillna("").astype(str).str.strip().str.casefold().str.replace("-", "").str.replace(" ", "")
        )
        found[:] = [named.get(text) for text in given]
    return found
