"""All public housing of Singapore: 9,966 blocks, most of them towers, in 323 subzones."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest

FEASIBLE = Path(__file__).with_name("feasible.py")
MOST_S, MOST_GB = 90.0, 4.0
LEAST_IN_BAND = {"grid": 0.97, "micro": 0.95}
_SAMPLE = 200


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("singapore") / "plan.gpkg"


@pytest.mark.benchmark(group="singapore")
def test_singapore(
    timed: Any,  # noqa: ANN401 (pytest-benchmark has no types)
    spend: Callable[..., Any],
    datasets: Path,
    plan: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = datasets / "singapore_hdb"
    command = (
        *("wangge", "delineate", "--json", "--out", plan, "--levels", "grid:400-600,micro:60-100"),
        *("--streets", folder / "singapore_named_streets.gpkg"),
        *("--buildings", folder / "hdb_geocoded_dwelling_units.csv"),
        # Joined by address; its floors let towers be divided.
        *("--households", folder / "hdb-property-information.csv"),
        *("--within", folder / "MP14_SUBZONE_WEB_PL.shp"),
    )
    spent = timed.pedantic(spend, command, rounds=1)
    found = json.loads(spent.said)
    bands = found["bands"]
    cells = pyogrio.read_dataframe(plan, layer="cells", read_geometry=False)
    share = {level: in_band(cells[cells["level"] == level]["households"].to_numpy(), bands[level]) for level in bands}
    causes = json.loads(spend(FEASIBLE, plan, "--sample", _SAMPLE).said)
    lines = [f"Singapore: {found['households']} households, {spent}"]
    for level, (among_all, among_inhabited) in share.items():
        lines.append(
            f"  {level}: {among_all:.1%} in band, {among_inhabited:.1%} of those where anybody lives; the others:"
        )
        lines += [f"    {count:6d} {cause}" for cause, count in sorted(causes[level].items(), key=lambda c: -c[1])]
    with capsys.disabled():
        print("", *lines, sep="\n")  # noqa: T201 (the figures are what a benchmark is read for)
    timed.extra_info["figures"] = lines
    assert found["certificate"] == "holds"
    assert spent.peak_gb <= MOST_GB
    # Subzones of forest, sea and airfield hold nobody: no division of them could be in band.
    short = {level: inhabited for level, (_, inhabited) in share.items() if inhabited < LEAST_IN_BAND[level]}
    assert not short
    better = {level: count for level in causes for cause, count in causes[level].items() if "a better" in cause}
    assert not better, "cells out of band whose parents have a better division"
    assert spent.seconds <= MOST_S


def in_band(households: np.ndarray, band: list[int]) -> tuple[float, float]:
    """Return the share of cells in band: of all, and of those with any household."""
    inside = (households >= band[0]) & (households <= band[1])
    return float(inside.mean()), float(inside[households > 0].mean())
