"""One layer read from a table: only declared columns, counts and never persons."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from gis.errors import InputError
from gis.layers.given import Given, Whereabouts
from gis.layers.people import count_people
from gis.layers.schema import PLACE, declared, schema
from gis.layers.tables import Table, read_texts
from gis.layers.values import read_ratings, read_times, standing, written
from gis.layers.vocabulary import plain, vocabulary
from gis.location.tables import Objects
from gis.sources.files import Source
from gis.sources.left_out import LeftOut

_GRID_KINDS = {
    **dict.fromkeys(("functional", "功能", "功能网格"), "functional"),
    **dict.fromkeys(("trade", "行业", "行业网格"), "trade"),
}


def read_layer(
    path: str | Path | Source,
    kind: str,
    *,
    name: str | None = None,
    datum: str | None = None,
    as_of: str | None = None,
) -> Given:
    """Read a table of people, places, things, events, sentiment or organisations.

    Parameters
    ----------
    path
        CSV, Parquet, GeoPackage, GeoJSON, …: as ``file`` or ``file:layer``.
    kind
        One of `gis.layers.schema.KINDS`.
    name
        Of the layer; by default its kind.
    datum
        Of columns lon, lat (or x, y in metres), where no column `datum` says it: ``wgs84``, ``gcj02``, ``EPSG:4547``, …
    as_of
        Moment at which open events are overdue or not; by default the last that the table names.

    Returns
    -------
    Given
        To be joined to cells with `gis.layers.place`.

    Raises
    ------
    InputError
        Where the file cannot be read, is about persons, or lacks a column that is needed.
    """
    declared_here = schema(kind)
    table = read_texts(path, kind, datum)
    where = str(table.source)
    of_place = declared(table.texts, PLACE)
    free = [column for column in table.texts if column not in of_place.values()]
    own = declared(free, declared_here.columns)
    if declared_here.needed and not any(meaning in own for meaning in declared_here.needed):
        raise InputError(f"{where}: not a table of {kind}: {declared_here.advice}")
    by_name = {"cell_code", "grid_codes", "building_id"} & set(of_place)
    if not (table.drawn or by_name or {"lon", "lat"} <= set(of_place)):
        raise InputError(f"{where}: nothing says where its rows are: give cell_code, building_id, or lon and lat")
    ledger = LeftOut()
    remarks: dict[str, str] = {}
    if kind == "people":
        items, used = count_people(table, free, own)
    else:
        texts = {meaning: table.column(own.get(meaning, "")) for meaning in declared_here.columns}
        items, used = _ITEMS[kind](texts, ledger, remarks, as_of), list(own.values())
    unread = [column for column in free if column not in used]
    whereabouts = _whereabouts(table, of_place)
    return Given(kind, name or kind, items, whereabouts, table.source.hashes(), unread, ledger, remarks)


def _whereabouts(table: Table, of: Mapping[str, str]) -> Whereabouts:
    text = {meaning: table.column(of.get(meaning, "")) for meaning in PLACE}
    cell = text["cell_code"]
    lacking = np.flatnonzero((cell == "") & (text["grid_codes"] != ""))
    if len(lacking):
        cell = cell.copy()
        cell[lacking] = [_lowest(codes) for codes in text["grid_codes"][lacking]]
    return Whereabouts(
        points=table.points,
        building_id=text["building_id"],
        entrance=text["entrance"],
        floor=text["floor"],
        cell_code=cell,
        plan_version=text["plan_version"],
    )


def _lowest(codes: str) -> str:
    """Return the lowest code of a column `grid_codes`, level → code with the top first; empty where there is none."""
    try:
        held = json.loads(codes)
    except ValueError:
        return ""
    return str([*held.values()][-1]) if isinstance(held, dict) and held else ""


def _frame(n: int, **columns: Objects) -> pd.DataFrame:
    return pd.DataFrame({"row": np.arange(n, dtype=np.int64), "count": np.ones(n, np.int64), **columns})


def _categories(kind: str, texts: Objects) -> Objects:
    """Write categories that the vocabulary knows by their codes; others stay as they are."""
    given, different = pd.factorize(texts)
    known = vocabulary(kind)
    return np.array([known.code_of(text) or text for text in different], dtype=object)[given]


def _places(texts: Mapping[str, Objects], *_: object) -> pd.DataFrame:
    return _frame(len(texts["label"]), label=texts["label"], category=_categories("places", texts["category"]))


def _things(texts: Mapping[str, Objects], *_: object) -> pd.DataFrame:
    kinds = _categories("things", texts["type"])
    words = vocabulary("things").words
    of_kind = np.array([words[kind].category if kind in words else "" for kind in kinds], dtype=object)
    category = np.where(texts["category"] == "", of_kind, texts["category"])
    return _frame(len(kinds), label=texts["label"], category=category, type=kinds)


def _events(texts: Mapping[str, Objects], ledger: LeftOut, remarks: dict[str, str], as_of: str | None) -> pd.DataFrame:
    times = [texts[name] for name in ("time", "closed_at", "due")]
    until = np.array([as_of or ""], dtype=object)
    *read, asked = read_times(*times, until)
    for name, given, moment in zip(("time", "closed_at", "due"), times, read, strict=True):
        ledger.add(
            "events", f"{name} not understood, left empty", int((moment.isna().to_numpy() & (given != "")).sum())
        )
    if as_of and asked.isna().any():
        raise InputError(f"as of '{as_of}': is no moment: give one such as 2026-05-01T12:00:00+08:00")
    moment = asked.iloc[0] if as_of else max((m for each in read[:2] if not pd.isna(m := each.max())), default=None)
    if moment is not None:
        remarks["as_of"] = moment.isoformat(timespec="seconds")
    begun, closed, due = read
    return _frame(
        len(begun),
        category=texts["category"],
        time=written(begun),
        state=texts["state"],
        closed_at=written(closed),
        due=written(due),
        standing=standing(texts["state"], closed, due, moment),
    )


def _sentiment(texts: Mapping[str, Objects], ledger: LeftOut, *_: object) -> pd.DataFrame:
    rating, (time,) = read_ratings(texts["rating"]), read_times(texts["time"])
    ledger.add("sentiment", "not rated", int((texts["rating"] == "").sum()))
    ledger.add("sentiment", "a rating that is not known", int(((rating == "") & (texts["rating"] != "")).sum()))
    satisfied = np.select([rating == "good", rating == "poor"], ["yes", "no"], "").astype(object)
    table = _frame(len(rating), category=texts["category"], time=written(time), rating=rating, satisfied=satisfied)
    return table[table["rating"] != ""].reset_index(drop=True)


def _organisations(texts: Mapping[str, Objects], ledger: LeftOut, *_: object) -> pd.DataFrame:
    kinds = np.array([_GRID_KINDS.get(plain(text), "") for text in texts["grid_kind"]], dtype=object)
    ledger.add(
        "organisations",
        "a kind of grid that is neither functional nor trade, left empty",
        int(((kinds == "") & (texts["grid_kind"] != "")).sum()),
    )
    return _frame(len(kinds), label=texts["label"], category=texts["category"], grid=texts["grid"], grid_kind=kinds)


_ITEMS: Final[Mapping[str, Callable[..., pd.DataFrame]]] = {
    "places": _places,
    "things": _things,
    "events": _events,
    "sentiment": _sentiment,
    "organisations": _organisations,
}
