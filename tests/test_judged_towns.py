"""Real towns, judged by a program that shares nothing with this project."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gis.delineation.delineate import delineate
from gis.delineation.levels import parse_levels
from gis.errors import InputError
from gis.plan import write_plan
from gis.sources.read import read_town


def judged(plan: Path, datasets: Path, *options: str) -> dict:
    judge = datasets.parent / "judges" / "judge_plan.py"
    command = [sys.executable, str(judge), str(plan), "--json", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in {0, 1}, done.stderr
    return json.loads(done.stdout)


def drawn(tmp_path: Path, levels: str, **sources: object) -> Path:
    plan = delineate(read_town(**sources), parse_levels(levels), workers=2)
    write_plan(plan, tmp_path / "plan.gpkg")
    return tmp_path / "plan.gpkg"


def test_queens_village(datasets: Path, tmp_path: Path) -> None:
    folder = datasets / "osm_queens_village_ny"
    plan = drawn(
        tmp_path, "grid:400-600,micro:70-80", osm=folder / "queens_village_ny.osm.pbf", area=folder / "area.geojson"
    )
    report = judged(
        plan, datasets, "--area", str(folder / "area.geojson"), "--band", "grid:400-600", "--band", "micro:70-80"
    )
    assert report["hard_rules_broken"] == []
    assert report["levels"]["grid"]["in_band_share"] >= 0.97
    assert report["levels"]["micro"]["in_band_share"] >= 0.95


def test_sengkang(datasets: Path, tmp_path: Path) -> None:
    folder = datasets / "singapore_hdb"
    plan = drawn(
        tmp_path,
        "grid:400-600,micro:60-100",
        streets=folder / "singapore_named_streets.gpkg",
        buildings=folder / "hdb_geocoded_dwelling_units.csv",
        households=folder / "hdb-property-information.csv",
        within=folder / "MP14_SUBZONE_WEB_PL.shp",
        area="SENGKANG",
    )
    report = judged(plan, datasets, "--band", "grid:400-600", "--band", "micro:60-100")
    assert report["hard_rules_broken"] == []
    assert report["levels"]["micro"]["households"] == 67_115


@pytest.mark.parametrize(
    ("file", "area"),
    [
        ("osm_monaco/monaco-latest.osm.pbf", None),
        ("osm_liechtenstein/liechtenstein-latest.osm.pbf", "Liechtenstein"),
        ("osm_china_small/guixi_jiangxi.osm", None),
    ],
)
def test_other_places(datasets: Path, tmp_path: Path, file: str, area: str | None) -> None:
    plan = drawn(tmp_path, "grid:400-600,micro:70-80", osm=datasets / file, area=area)
    report = judged(plan, datasets, "--band", "grid:400-600", "--band", "micro:70-80")
    assert report["hard_rules_broken"] == []


def test_a_place_too_small_says_so(datasets: Path) -> None:
    town = read_town(osm=datasets / "osm_china_small" / "taipei_block.osm")
    with pytest.raises(InputError, match="they do not fill one"):
        delineate(town, parse_levels("grid:400-600,micro:70-80"))
