"""Marks keep their places, words and numbers, also where there are too many to draw each."""

from collections import Counter

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from maps.codec import Grid
from maps.marks import MOST, NO_TIME, Group, Marks

AREA = gpd.GeoDataFrame(geometry=[shapely.box(540_000, 4_214_000, 545_000, 4_219_000)], crs=4547)
GRID = Grid(AREA)
KINDS = np.array(["路灯", "井盖", "垃圾"])


def marks(count: int, seed: int = 0) -> Marks:
    rng = np.random.default_rng(seed)
    kinds = KINDS[rng.integers(0, 3, count)]
    return Marks(
        name="reports",
        label="Reports",
        xy=rng.uniform((540_000, 4_214_000), (545_000, 4_219_000), (count, 2)),
        groups=[Group("open", "#000000"), Group("closed", "#ffffff")],
        group=rng.integers(0, 2, count),
        texts={"kind": pd.Series(kinds), "words": pd.Series([f"words {k}" for k in range(count)])},
        kinds="kind",
        times=np.datetime64("2024-01-01") + rng.integers(0, 600 * 24 * 60, count).astype("timedelta64[m]"),
    )


def test_marks_come_back_each_with_its_own() -> None:
    given = marks(500)
    given.xy[3] = np.nan
    found = given.written(GRID)
    points = np.cumsum(found["points"].reshape(-1, 2), axis=0) / 1e6 + GRID.origin
    assert len(points) == 499
    assert found["totals"].sum() == 500
    names = found["texts"][1]
    rows = np.array([int(names["texts"][at].split()[1]) for at in names["at"]])
    assert np.abs(points - GRID.degrees(given.xy[rows])).max() < 1e-6
    assert (found["group"] == given.group[rows]).all()
    assert (found["minutes"] == given.times[rows].astype("datetime64[m]").astype(np.int64)).all()
    assert found["count"] is None


def test_without_a_time_there_is_none() -> None:
    given = marks(3)
    given.times[1] = np.datetime64("NaT")
    assert min(given.written(GRID)["minutes"]) == NO_TIME


@pytest.mark.parametrize("count", [MOST + 1, 3 * MOST])
def test_too_many_marks_become_counts_and_none_is_lost(count: int) -> None:
    given = marks(count)
    found = given.written(GRID)
    assert len(found["count"]) <= MOST
    assert found["count"].sum() == count
    (kinds,) = found["texts"]
    told = Counter[tuple[int, str]]()
    for group, at, some in zip(found["group"], kinds["at"], found["count"], strict=True):
        told[int(group), kinds["texts"][at]] += int(some)
    assert told == Counter(zip(given.group.tolist(), given.texts["kind"], strict=True))
    points = np.cumsum(found["points"].reshape(-1, 2), axis=0)
    assert len(points) == len(found["count"])
    assert (
        abs(np.average(points, axis=0, weights=found["count"]) - GRID.whole(GRID.degrees(given.xy)).mean(axis=0)).max()
        < 200
    )
