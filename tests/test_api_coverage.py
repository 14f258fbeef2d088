"""The commands about coverages, started as people start them, with good files and bad ones."""

import json
import subprocess
import sys
import warnings
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from tilings import CRS, area_of, damaged, layer, squares, tiling

box = shapely.box


def wangge(*arguments: object, code: int = 0) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from api.cli import main; main()", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done


@pytest.fixture
def disputed(tmp_path: Path) -> Path:
    """A file of three cells: two claim a strip, and a gap lies before the third."""
    shapes = [box(0, 0, 60, 100), box(40, 0, 100, 100), box(0, 110, 100, 200)]
    cells = layer(shapes).rename(columns={"code": "SHAPE_NO"}).assign(households=[300, 100, 50])
    cells.to_file(tmp_path / "cells.gpkg")
    area_of([box(0, 0, 100, 200)]).to_file(tmp_path / "area.geojson")
    return tmp_path


def test_check_writes_layers_a_report_and_a_table(disputed: Path) -> None:
    done = wangge(
        "check", disputed / "cells.gpkg", "--area", disputed / "area.geojson", "--code", "shape_no",
        "--report", disputed / "r.json", "--defects", disputed / "d.gpkg", code=1,
    )  # fmt: skip
    report = json.loads((disputed / "r.json").read_text())
    assert report["counts"]["overlap"] == 1
    overlap = next(row for row in report["defects"] if row["kind"] == "overlap")
    assert overlap["cells"] == ["c0", "c1"]
    assert overlap["area_m2"] == 2000.0
    assert 40 < overlap["where"][0] < 60
    assert overlap["id"] in done.stdout
    points, areas = (gpd.read_file(disputed / "d.gpkg", layer=name) for name in ("defects", "areas"))
    assert len(points) == len(report["defects"])
    assert set(points.geom_type) == {"Point"}
    assert set(areas.geom_type) == {"Polygon"}


def test_thresholds_and_declared_holes(tmp_path: Path) -> None:
    layer([*squares()[:4], *squares()[5:]]).to_file(tmp_path / "c.gpkg")
    gpd.GeoDataFrame(geometry=[shapely.Point(150, 150)], crs=CRS).to_crs(4326).to_file(tmp_path / "lake.geojson")
    wangge("check", tmp_path / "c.gpkg", code=1)
    wangge("check", tmp_path / "c.gpkg", "--holes", tmp_path / "lake.geojson")
    wangge("check", tmp_path / "c.gpkg", "--holes-above", 10000)
    unlisted = json.loads(wangge("check", tmp_path / "c.gpkg", "--least", 20000, "--json", code=1).stdout)
    assert unlisted["counts"] == {"gap": 1}
    assert unlisted["defects"] == []


def test_repair_shows_first_and_writes_then(disputed: Path) -> None:
    given = ("repair", disputed / "cells.gpkg", "--area", disputed / "area.geojson", "--code", "SHAPE_NO")
    shown = json.loads(wangge(*given, "--json").stdout)
    assert shown["written"] is False
    assert shown["changes"]["overlap"] == {"pieces": 1, "m2": 2000.0}
    wangge(*given, "--out", disputed / "m.gpkg", "--changes", disputed / "ch.gpkg", "--report", disputed / "r.json")
    mended = gpd.read_file(disputed / "m.gpkg", layer="cells")
    assert list(mended.columns) == ["SHAPE_NO", "households", "geometry"]
    assert mended.area.tolist() == [6000.0, 4000.0, 10_000.0]
    assert len(gpd.read_file(disputed / "ch.gpkg")) == 2
    assert json.loads((disputed / "r.json").read_text())["after"]["valid"] is True
    wangge("check", disputed / "m.gpkg")


def test_repair_asks_and_is_answered(disputed: Path) -> None:
    given = ("repair", disputed / "cells.gpkg", "--area", disputed / "area.geojson", "--code", "SHAPE_NO")
    asked = wangge(*given, "--policy", "ask", "--questions", disputed / "q.csv", "--out", disputed / "m.gpkg", code=1)
    assert "who gets" in asked.stdout
    assert not (disputed / "m.gpkg").exists()
    questions = pd.read_csv(disputed / "q.csv")
    questions.assign(code="c1").to_csv(disputed / "a.csv", index=False)
    wangge(*given, "--policy", "ask", "--decisions", disputed / "a.csv", "--out", disputed / "m.gpkg")
    assert gpd.read_file(disputed / "m.gpkg", layer="cells").area.tolist() == [4000.0, 7000.0, 9000.0]


def test_export_certifies_what_it_wrote(tmp_path: Path) -> None:
    layer(list(tiling(5, 5, cuts=6))).to_file(tmp_path / "c.gpkg")
    done = wangge(
        "export", tmp_path / "c.gpkg", "--out", tmp_path / "e.geojson", "--crs", "EPSG:4326", "--simplify", 8, "--json"
    )
    answer = json.loads(done.stdout)
    assert answer["vertices"] < answer["before"]
    wangge("check", tmp_path / "e.geojson")
    layer(list(damaged(tiling(5, 5), 0.2, 0))).to_file(tmp_path / "d.gpkg")
    refused = wangge("export", tmp_path / "d.gpkg", "--out", tmp_path / "x.gpkg", code=2)
    assert "no coverage (" in refused.stderr
    assert not (tmp_path / "x.gpkg").exists()
    assert (
        "no coordinate reference system"
        in wangge("export", tmp_path / "c.gpkg", "--out", tmp_path / "x.gpkg", "--crs", "EPSG:0", code=2).stderr
    )


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    lines = [line for line in done.stderr.splitlines() if line.startswith("wangge: ")]
    assert len(lines) == 1
    assert "Traceback" not in done.stderr
    return lines[0]


@pytest.mark.parametrize("command", ["check", "repair"])
@pytest.mark.parametrize(
    ("shapes", "crs", "said"),
    [
        ([box(0, 0, 1, 1), shapely.Point(0, 0)], CRS, "row 2 is a Point"),
        ([shapely.LineString([(0, 0), (1, 1)])], CRS, "row 1 is a LineString"),
        ([box(0, 0, 1, 1)], None, "no coordinate reference system"),
        ([box(1000, 1000, 1010, 1010)], "EPSG:4326", "cannot be degrees"),
    ],
)
def test_what_is_no_coverage_is_said_in_one_line(
    tmp_path: Path, command: str, shapes: list, crs: str | None, said: str
) -> None:
    frame = gpd.GeoDataFrame({"code": range(len(shapes))}, geometry=shapes, crs=crs)
    with warnings.catch_warnings(action="ignore"):
        frame.to_file(tmp_path / "c.gpkg", geometry_type="Unknown")
    assert said in one_line(wangge(command, tmp_path / "c.gpkg", code=2))


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    layer(squares()).iloc[:0].to_file(tmp_path / "c.gpkg")
    assert "no rows in it" in one_line(wangge("check", tmp_path / "c.gpkg", code=2))


def test_one_cell_is_a_coverage(tmp_path: Path) -> None:
    layer([box(0, 0, 100, 100)]).to_file(tmp_path / "c.gpkg")
    wangge("check", tmp_path / "c.gpkg")
    assert json.loads(wangge("repair", tmp_path / "c.gpkg", "--json").stdout)["changes"] == {}


def test_two_files_may_have_two_coordinate_systems(tmp_path: Path) -> None:
    cells = layer(list(tiling(4, 4)))
    cells.to_file(tmp_path / "c.gpkg")
    area_of(list(cells.geometry)).to_crs(32650).to_file(tmp_path / "a.gpkg")
    wangge("check", tmp_path / "c.gpkg", "--area", tmp_path / "a.gpkg")


def test_an_area_elsewhere_is_uncovered(tmp_path: Path) -> None:
    layer(squares()).to_file(tmp_path / "c.gpkg")
    area_of([box(9000, 0, 9100, 100)]).to_file(tmp_path / "a.gpkg")
    answer = json.loads(wangge("check", tmp_path / "c.gpkg", "--area", tmp_path / "a.gpkg", "--json", code=1).stdout)
    assert answer["counts"] == {"uncovered": 1, "outside": 9}


def test_an_outlier_a_million_kilometres_away_is_named(tmp_path: Path) -> None:
    layer([*squares(), box(1e9, 1e9, 1e9 + 100, 1e9 + 100)]).to_file(tmp_path / "c.gpkg")
    answer = json.loads(wangge("check", tmp_path / "c.gpkg", "--json", code=1).stdout)
    assert answer["counts"] == {"invalid": 1}
    assert answer["defects"][0]["cells"] == ["c9"]
    wangge("repair", tmp_path / "c.gpkg", "--out", tmp_path / "m.gpkg")
    assert len(gpd.read_file(tmp_path / "m.gpkg")) == 9


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--holes", "none.gpkg"), "no such file"),
        (("--area", "none.gpkg"), "no such file"),
        (("--code", "NONE"), "no column 'NONE'"),
        (("--report", "r.txt"), "must end in .json"),
    ],
)
def test_impossible_options_are_said_in_one_line(tmp_path: Path, options: tuple[str, str], said: str) -> None:
    layer(squares()).to_file(tmp_path / "c.gpkg")
    assert said in one_line(wangge("check", tmp_path / "c.gpkg", *options, code=2))


def test_a_policy_that_is_none_is_refused(tmp_path: Path) -> None:
    layer(squares()).to_file(tmp_path / "c.gpkg")
    assert "is none of longest" in wangge("repair", tmp_path / "c.gpkg", "--policy", "best", code=2).stderr


def test_two_outputs_are_not_one_file(tmp_path: Path) -> None:
    layer(squares()).to_file(tmp_path / "c.gpkg")
    same = tmp_path / "same.gpkg"
    assert "asked for twice" in one_line(
        wangge("repair", tmp_path / "c.gpkg", "--out", same, "--changes", same, code=2)
    )
    assert not same.exists()
