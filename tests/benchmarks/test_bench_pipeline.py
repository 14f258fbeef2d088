"""The whole command against what a planner would assemble today, on a real quarter, each as a process."""

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely

PIPELINE = Path(__file__).with_name("usual_pipeline.py")
BANDS = {"grid": (400, 600), "micro": (70, 80)}
_MISSING = [library for library in ("momepy", "libpysal") if importlib.util.find_spec(library) is None]
_FASTER = 20.0


@dataclass(frozen=True)
class Quality:
    """Figures by which cells of one level are compared."""

    cells: int
    in_band: float
    multipart: int
    coverage_valid: bool
    worst: float

    @classmethod
    def of(cls, ground: gpd.GeoDataFrame, households: np.ndarray, band: tuple[int, int]) -> "Quality":
        middle = sum(band) / 2
        shapes = ground.geometry.to_numpy()
        return cls(
            len(households),
            float(((households >= band[0]) & (households <= band[1])).mean()),
            int((shapely.get_num_geometries(shapes) > 1).sum()),
            bool(shapely.coverage_is_valid(shapes)),
            float(abs(households / middle - 1).max()),
        )

    def __str__(self) -> str:
        return (
            f"{self.cells} cells, {self.in_band:.1%} in band, {self.multipart} multipart, "
            f"coverage valid: {self.coverage_valid}, worst {self.worst:+.0%}"
        )


def ours_of(plan: Path) -> dict[str, Quality]:
    cells = pyogrio.read_dataframe(plan, layer="cells")
    found = {}
    for level, band in BANDS.items():
        there = cells[cells["level"] == level]
        ground = there.drop_duplicates("ground_code")
        found[level] = Quality.of(ground, there["households"].to_numpy(), band)
    return found


def usual_of(plan: Path) -> dict[str, Quality]:
    layers = {level: pyogrio.read_dataframe(plan, layer=level) for level in BANDS}
    return {level: Quality.of(layers[level], layers[level]["households"].to_numpy(), BANDS[level]) for level in BANDS}


@pytest.mark.skipif(bool(_MISSING), reason=f"no rival: {_MISSING} missing: `make bench` installs what it needs")
@pytest.mark.benchmark(group="pipeline")
def test_queens_village(
    timed: Any,  # noqa: ANN401 (pytest-benchmark has no types)
    spend: Callable[..., Any],
    datasets: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = datasets / "osm_queens_village_ny"
    town, area = folder / "queens_village_ny.osm.pbf", folder / "area.geojson"
    ours, usual = tmp_path / "ours.gpkg", tmp_path / "usual.gpkg"
    command = (
        "wangge",
        "delineate",
        "--osm",
        town,
        "--area",
        area,
        "--levels",
        "grid:400-600,micro:70-80",
        "--out",
        ours,
    )
    # The warm-up round compiles, once in the life of an installation.
    spent = timed.pedantic(spend, command, rounds=1, warmup_rounds=1)
    rival = spend(PIPELINE, town, area, usual)
    ratio = rival.seconds / spent.seconds
    lines = [f"wangge delineate {spent}, the usual pipeline {rival.seconds:.1f} s: {ratio:.1f} × as long"]
    for level, quality in ours_of(ours).items():
        lines += [f"  {level:6} ours   {quality}", f"  {level:6} usual  {usual_of(usual)[level]}"]
    with capsys.disabled():
        print("", *lines, sep="\n")  # noqa: T201 (the figures are what a benchmark is read for)
    timed.extra_info["figures"] = lines
    for quality in ours_of(ours).values():
        assert quality.multipart == 0
        assert quality.coverage_valid
    assert ratio >= _FASTER
