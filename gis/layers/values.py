"""What stands in the columns of layers: whole counts, moments, ratings, and how cases stand."""

import re
from typing import Final

import numpy as np
import pandas as pd

from gis.arrays import Bools, Ints
from gis.errors import InputError
from gis.layers.vocabulary import plain
from gis.location.tables import Objects

_COUNT: Final = re.compile(r"\d{1,9}(?:\.0+)?")
_CLOCK: Final = frozenset({"now", "today"})
# Moments to the nanosecond would be counted in 64 bits, which hold no year 9999 beside them.
_TOO_FINE: Final = re.compile(r"(\.\d{6})\d+")
_ZONE: Final = re.compile(r"\d\d:\d\d.*(?:Z|[+-]\d\d:?\d\d)$")
_RATINGS: Final = {
    **dict.fromkeys(("good", "5", "4", "satisfied", "very satisfied", "好", "满意", "非常满意", "很满意"), "good"),
    **dict.fromkeys(("fair", "3", "neutral", "中", "一般", "基本满意"), "fair"),
    **dict.fromkeys(
        ("poor", "2", "1", "not satisfied", "dissatisfied", "unsatisfied", "not", "差", "不满意", "很不满意"), "poor"
    ),
    **dict.fromkeys(("yes", "true", "是"), "good"),
    **dict.fromkeys(("no", "false", "否"), "poor"),
}
#: States in which nothing remains to be done.
CLOSED: Final = frozenset(
    {"closed", "followed_up", "rejected", "merged", "已结案", "已回访", "不予受理", "已并案", "已办结", "办结", "结案"}
)


def read_counts(texts: Objects, where: str, column: str) -> Ints:
    """Read whole numbers of 0 or more; -1 where nothing is given.

    Raises
    ------
    InputError
        Naming the first row that is something else, and never what stands there.
    """
    given, different = pd.factorize(texts)
    read = np.full(len(different), -1, np.int64)
    for k, text in enumerate(different):
        if text:
            if not _COUNT.fullmatch(text):
                row = int(np.argmax(given == k)) + 1
                raise InputError(f"{where}, row {row}: {column} is no count: give whole numbers of 0 or more")
            read[k] = int(text.split(".")[0])
    return read[given]


def read_ratings(texts: Objects) -> Objects:
    """Read ratings as good, fair or poor; empty where it is none of the words or numbers that are known."""
    given, different = pd.factorize(texts)
    read = np.array([_RATINGS.get(plain(text.removesuffix(".0")), "") for text in different], dtype=object)
    return read[given]


def read_times(*columns: Objects) -> list[pd.Series]:
    """Read moments of one table, all in the zone of the first that names one; NaT where there is none.

    ISO 8601 and what is usual beside it. Moments without a zone are taken to be of that zone, or stay without.
    """
    texts = [_in_figures(pd.Series(column, dtype="object")) for column in columns]
    zoned = [text for column in texts for text in column[column.str.contains(_ZONE)].head(1)]
    zone = None if not zoned else pd.to_datetime(zoned[0], errors="coerce")
    if zone is None or zone is pd.NaT or zone.tz is None:
        return [_parsed(column) for column in texts]
    return [_in_zone(column, zone) for column in texts]


def _in_figures(column: pd.Series) -> pd.Series:
    """Write 2026年5月1日 8:30 as 2026-5-1 8:30, and nothing finer than millionths of a second."""
    column = column.str.replace(_TOO_FINE, r"\1", regex=True)
    chinese = column.str.contains("年", regex=False)
    if chinese.any():
        figures = column[chinese].str.replace(r"(\d+)年(\d+)月(\d+)日?\s*", r"\1-\2-\3 ", regex=True)
        column = column.where(~chinese, figures.str.strip())
    return column


def _parsed(column: pd.Series, *, utc: bool = False) -> pd.Series:
    """Read moments: as ISO 8601, which is fast, and what is none of these one by one."""
    read = pd.to_datetime(column, errors="coerce", format="ISO8601", utc=utc)
    # The clock is no input: the same file is to be read as the same moments tomorrow.
    clock = column.str.casefold().isin(_CLOCK)
    read[clock] = pd.NaT
    left = read.isna() & column.notna() & (column != "") & ~clock
    if left.any():
        read[left] = pd.to_datetime(column[left], errors="coerce", format="mixed", utc=utc)
    return read


def _in_zone(column: pd.Series, like: pd.Timestamp) -> pd.Series:
    aware = column.str.contains(_ZONE)
    there = _parsed(column.where(aware), utc=True).dt.tz_convert(like.tz)
    local = _parsed(column.where(~aware)).dt.tz_localize(like.tz)
    return there.where(aware, local)


def written(times: pd.Series) -> Objects:
    """Write moments as ISO 8601 to the second; empty where there is none."""
    texts = np.full(len(times), "", dtype=object)
    known = times.notna().to_numpy()
    texts[known] = [moment.isoformat(timespec="seconds") for moment in times[known]]
    return texts


def standing(state: Objects, closed_at: pd.Series, due: pd.Series, as_of: pd.Timestamp | None) -> Objects:
    """Say how cases stand.

    Parameters
    ----------
    state : (n,) object
        As given; empty where it is not.
    closed_at, due
        Moments.
    as_of
        Until when open ones are looked at.

    Returns
    -------
    (n,) object
        ``on_time`` or ``late`` where a closed case has a moment of closing and one by which it was due, otherwise
        ``closed``; ``overdue`` where an open one was due before `as_of`, otherwise ``open``.
    """
    given, different = pd.factorize(state)
    is_closed: Bools = np.array([plain(text) in CLOSED for text in different], np.bool_)[given]
    is_closed |= closed_at.notna().to_numpy()
    timed = is_closed & (closed_at.notna() & due.notna()).to_numpy()
    over = np.zeros(len(state), np.bool_) if as_of is None else (due < as_of).to_numpy()
    return np.select(
        [timed & (closed_at <= due).to_numpy(), timed, is_closed, over],
        ["on_time", "late", "closed", "overdue"],
        "open",
    ).astype(object)
