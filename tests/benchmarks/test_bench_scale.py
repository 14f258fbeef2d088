"""The whole command on made cities of growing size: seconds, memory, and how they grow."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

MAKER = Path(__file__).with_name("scale_town.py")
SIZES = (50_000, 200_000)
LARGE, MOST_S = 1_000_000, 180.0
# The largest cities of the country, on paper.
_BEYOND = 5_000_000


@pytest.fixture(scope="module")
def measured() -> dict[int, tuple[float, float]]:
    """Seconds and gigabytes by households, of all sizes run so far."""
    return {}


@pytest.mark.benchmark(group="scale")
@pytest.mark.parametrize("households", [*SIZES, pytest.param(LARGE, marks=pytest.mark.large)])
def test_whole_command(
    timed: Any,  # noqa: ANN401 (pytest-benchmark has no types)
    spend: Callable[..., Any],
    measured: dict[int, tuple[float, float]],
    tmp_path: Path,
    households: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    town = tmp_path / "town.gpkg"
    made = spend(MAKER, households, town)
    layers = (f"--{name}={town}:{name}" for name in ("streets", "buildings", "area"))
    spent = timed.pedantic(spend, ("wangge", "delineate", *layers, "--out", tmp_path / "plan.gpkg", "--json"), rounds=1)
    found = json.loads(spent.said)
    measured[households] = (spent.seconds, spent.peak_gb)
    in_band = ", ".join(f"{level} {found['quality'][level]['in_band_share']:.1%}" for level in found["bands"])
    size = f"{households} households, {found['buildings']} buildings (made in {made.seconds:.0f} s)"
    spending = f"{spent}; in band: {in_band}"
    lines = [f"{size}: {spending}", *slope(measured)]
    with capsys.disabled():
        print("", *lines, sep="\n")  # noqa: T201 (the figures are what a benchmark is read for)
    timed.extra_info["figures"] = lines
    assert found["households"] == households
    assert found["certificate"] == "holds"
    if households == LARGE:
        assert spent.seconds <= MOST_S


def slope(measured: dict[int, tuple[float, float]]) -> list[str]:
    """Say what more households cost, between the two largest sizes, and where that line leads.

    A line, since what every run costs (starting, compiled code) would make any power look better than it is.
    """
    if len(measured) < 2:
        return []
    (less, before), (more, after) = sorted(measured.items())[-2:]
    each = np.subtract(after, before) / (more - less)
    seconds, peak_gb = after + each * (_BEYOND - more)
    grows = f"{each[0] * 1e5:.1f} s and {each[1] * 1e5:.2f} GB for 100,000 more households"
    return [f"  from {less} to {more}: {grows}; {_BEYOND} would take {seconds:.0f} s and {peak_gb:.1f} GB"]
