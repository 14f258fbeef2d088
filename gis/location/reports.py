"""Reports as they are given, and what is understood of them: place, datum, accuracy, address, code."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
from pyproj import CRS
from pyproj.exceptions import CRSError

from gis.arrays import Floats, Ints
from gis.datum import Datum
from gis.errors import InputError
from gis.location.tables import Objects, TableFile, is_text, text_of
from gis.sources.columns import find_column
from gis.sources.privacy import refuse_personal

#: How a place came to be known.
SOURCES: Final = ("gps", "pin", "exif", "address", "qr")
# Surveys of before 2008: how they lie on today's is secret, and software passes them through unchanged.
_SECRET = ("beijing 1954", "xian 1980", "new beijing")
_DEGREES = re.compile(
    r"\s*([-+]?\d{1,3}(?:\.\d{1,15})?)\s*[°度]\s*(\d{1,2}(?:\.\d{1,15})?)?\s*['′分]?\s*(\d{1,2}(?:\.\d{1,15})?)?\s*(?:[\"″秒]|['′]{2})?\s*([NSEW东西南北]?)\s*"
)
_DECIMAL = re.compile(r"\s*[-+]?\d{1,9}[.,]\d{1,20}\s*")
_MOST_DEGREES = 180


@dataclass(frozen=True)
class Reports:
    """A table of reports, or a part of one, and what was understood of it.

    Attributes
    ----------
    table : pyarrow.Table
        All columns, unchanged.
    faults : (n,) object
        What is wrong with the line of each; empty where nothing is.
    lon, lat : (n,) float64
        Degrees, or metres east and north where `datum` says so; NaN where they are no numbers.
    datum : (n,) int64
        Number of each one's datum in `datums`.
    datums
        A `Datum`, a `pyproj.CRS`, or the reason why what rows name cannot be used.
    radius_m : (n,) float64
        Stated accuracy; NaN where none is.
    source : (n,) object
        One of `SOURCES`, or empty.
    address, qr : (n,) object
        Text, or empty.
    """

    table: pa.Table
    faults: Objects
    lon: Floats
    lat: Floats
    datum: Ints
    datums: list[Datum | CRS | str]
    radius_m: Floats
    source: Objects
    address: Objects
    qr: Objects

    def __len__(self) -> int:
        return len(self.faults)


def read_reports(path: str | Path, datum: str | None = None) -> Reports:
    """Read a whole table of reports; see `reports_reader`."""
    file = TableFile(path)
    understood = reports_reader(file.names, datum, Path(path).name)
    parts = list(file.parts())
    return understood(pa.concat_tables([part for part, _ in parts]), np.concatenate([faults for _, faults in parts]))


def reports_reader(names: list[str], datum: str | None, where: str) -> Callable[[pa.Table, Objects], Reports]:
    """Return a function that understands parts of a table with these columns.

    Parameters
    ----------
    names
        Of the columns: longitude and latitude under their usual names, or an address, or a QR code's link; if there,
        also accuracy, source (`SOURCES`) and datum.
    datum
        Of the rows that do not name theirs: see `read_datum`; WGS 84 by default.
    where
        Name of the table, for messages.

    Raises
    ------
    InputError
        Where nothing says a place, or columns are about persons.
    """
    refuse_personal(names, where)
    of = {
        meaning: find_column(names, meaning)
        for meaning in ("lon", "lat", "datum", "accuracy", "source", "address", "qr")
    }
    if not (of["lon"] and of["lat"]) and not of["address"] and not of["qr"]:
        raise InputError(f"{where}: no columns of longitude and latitude, nor of addresses: name them lon and lat")
    default = read_datum(datum or Datum.WGS84)

    def understood(table: pa.Table, faults: Objects) -> Reports:
        texts = {
            meaning: np.full(len(table), "", dtype=object) if name is None else text_of(table, name)
            for meaning, name in of.items()
            if meaning in {"datum", "source", "address", "qr"}
        }
        source = np.array([text.casefold() for text in texts["source"]], dtype=object)
        source[~np.isin(source, SOURCES)] = ""
        datum_of, datums = _datums(texts["datum"], default)
        return Reports(
            table=table,
            faults=faults,
            lon=_numbers(table, of["lon"]),
            lat=_numbers(table, of["lat"]),
            datum=datum_of,
            datums=datums,
            radius_m=_numbers(table, of["accuracy"]),
            source=source,
            address=texts["address"],
            qr=texts["qr"],
        )

    return understood


@lru_cache(maxsize=256)
def read_datum(text: str) -> Datum | CRS:
    """Read the name of a datum or of any coordinate system.

    Parameters
    ----------
    text
        ``wgs84``, ``cgcs2000``, ``gcj02``, ``bd09``, in any case and with hyphens, or ``EPSG:4547`` and the like.

    Raises
    ------
    InputError
        Where there is none of that name, or none that may be used: Beijing 1954 and Xi'an 1980 differ from today's by
        a secret transformation, and are silently taken for it elsewhere.
    """
    plain = re.sub(r"[\s_-]", "", text.strip().casefold())
    if plain in list(Datum):
        return Datum(plain)
    try:
        crs = CRS.from_user_input(text.strip())
    except CRSError as error:
        raise InputError(f"unknown datum '{text}': give {', '.join(Datum)}, or a code such as EPSG:4547") from error
    base = crs.geodetic_crs
    if not (crs.is_geographic or crs.is_projected):
        raise InputError(f"datum '{text}': {crs.name} has no longitude and latitude, nor east and north")
    if base is None or any(name in base.name.casefold() for name in _SECRET):
        raise InputError(
            f"datum '{text}': {crs.name} cannot be brought to WGS 84 truly: convert it with the survey office"
        )
    return crs


def _datums(texts: Objects, default: Datum | CRS) -> tuple[Ints, list[Datum | CRS | str]]:
    number, named = pd.factorize(texts)
    found: list[Datum | CRS | str] = []
    for text in named:
        try:
            found.append(read_datum(text) if text else default)
        except InputError as error:
            found.append(str(error))
    return number, found


def _numbers(table: pa.Table, name: str | None) -> Floats:
    """Read numbers, also with a decimal comma, and degrees written with minutes and seconds."""
    if name is None:
        return np.full(len(table), np.nan)
    column = table[name]
    if not is_text(column.type):
        return np.asarray(pd.to_numeric(column.to_pandas(), errors="coerce"), np.float64)
    texts = np.array(column.to_pylist(), dtype=object)
    numbers = np.array(pd.to_numeric(texts, errors="coerce"), np.float64)
    for row in np.flatnonzero(np.isnan(numbers)):
        numbers[row] = _number(texts[row] or "")
    return numbers


def _number(text: str) -> float:
    text = unicodedata.normalize("NFKC", text)
    if _DECIMAL.fullmatch(text):
        number = float(text.replace(",", "."))
        # Beyond degrees a comma parts thousands.
        return number if abs(number) <= _MOST_DEGREES else float("nan")
    written = _DEGREES.fullmatch(text)
    if written is None:
        return float("nan")
    degrees, minutes, seconds, side = written.groups()
    size = abs(float(degrees)) + float(minutes or 0) / 60 + float(seconds or 0) / 3600
    return -size if degrees.startswith("-") or (side and side in "SW西南") else size
