"""The command line, started as people start it."""

import json
import re
import subprocess
import sys
import warnings
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from data.demo_town import make_demo_town
from gis.plan import read_plan

CRS = "EPSG:32649"


def wangge(*arguments: object, code: int = 0) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from api.cli import main; main()", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    return done


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the demo town and two plans of it, made once."""
    folder = tmp_path_factory.mktemp("demo")
    make_demo_town(folder)
    town = folder / "town.gpkg"
    for seed, name in enumerate(("plan.gpkg", "other.gpkg")):
        wangge(
            "delineate",
            "--streets", f"{town}:streets",
            "--buildings", f"{town}:buildings",
            "--barriers", f"{town}:barriers",
            "--area", f"{town}:area",
            "--within", f"{town}:communities",
            "--preset", "xiyuan",
            "--seed", seed,
            "--out", folder / name,
        )  # fmt: skip
    return folder


def test_help_names_every_command() -> None:
    shown = wangge("--help").stdout
    for command in (
        "delineate",
        "check",
        "repair",
        "export",
        "route",
        "geocode",
        "layers",
        "map",
        "card",
        "diff",
        "agree",
        "report",
        "demo",
    ):
        assert command in shown
        assert "--json" in wangge(command, "--help").stdout


def test_help_loads_none_of_the_heavy_rooms() -> None:
    program = (
        "import sys; from api.cli import app; print([m for m in ('geopandas', 'numba', 'folium') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_demo_town_is_divided_in_band(demo: Path) -> None:
    plan = read_plan(demo / "plan.gpkg")
    assert plan.levels == ["community", "grid", "micro"]
    assert plan.at_level("grid")["households"].between(400, 600).mean() >= 0.97
    assert plan.at_level("micro")["households"].between(70, 80).mean() >= 0.95
    assert plan.cells["households"].sum() == 3 * 19_900


def test_compounds_stay_together(demo: Path, tmp_path: Path) -> None:
    town = demo / "town.gpkg"
    walls = gpd.read_file(town, layer="barriers").query("kind == 'wall'")
    compounds = shapely.get_parts(shapely.polygonize(walls.geometry.to_numpy()))[:20]
    rules = gpd.GeoDataFrame(
        {"rule": "together", "name": "Compound"}, index=range(20), geometry=compounds, crs=walls.crs
    )
    rules.to_file(tmp_path / "rules.gpkg")
    options = [f"--{name}={town}:{name}" for name in ("streets", "buildings", "barriers", "area")]
    rest = ["--within", f"{town}:communities", "--rules", tmp_path / "rules.gpkg", "--out", tmp_path / "plan.gpkg"]
    said = json.loads(wangge("delineate", *options, *rest, "--json").stdout)
    assert said["rules"] == {"kept": len(rules), "not kept": []}
    plan = read_plan(tmp_path / "plan.gpkg")
    for compound in compounds:
        for level in ("grid", "micro"):
            cells = plan.at_level(level).drop_duplicates("ground_code")
            shares = cells.intersection(compound).area
            inside = cells[shares > 1]
            assert len(inside) == 1 or inside.difference(compound).area.max() < 1


def test_a_plan_is_checked_and_a_damaged_one_is_not_passed(demo: Path, tmp_path: Path) -> None:
    answer = json.loads(wangge("check", demo / "plan.gpkg", "--json").stdout)
    assert answer["valid"] is True
    cells = gpd.read_file(demo / "plan.gpkg", layer="cells")
    micro = cells[cells["level"] == "micro"].drop_duplicates("ground_code")
    micro.drop(index=micro.index[7]).to_file(tmp_path / "damaged.gpkg")
    area = f"{demo / 'town.gpkg'}:area"
    found = wangge(
        "check", tmp_path / "damaged.gpkg", "--area", area, "--report", tmp_path / "report.json",
        "--defects", tmp_path / "defects.gpkg", code=1,
    )  # fmt: skip
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["valid"] is False
    assert {"id", "kind", "cells", "area_m2", "length_m", "where", "suggestion"} <= set(report["defects"][0])
    assert len(gpd.read_file(tmp_path / "defects.gpkg", layer="defects")) == len(report["defects"])
    assert "valid" in found.stdout


def test_reports_reach_their_true_grid(demo: Path, tmp_path: Path) -> None:
    plan = read_plan(demo / "plan.gpkg")
    reports = demo / "reports.csv"
    done = wangge("route", "--plan", demo / "plan.gpkg", "--reports", reports, "--out", tmp_path / "r.csv", "--json")
    answer = json.loads(done.stdout)
    assert answer["reports"] == 2000
    routed = pd.read_csv(tmp_path / "r.csv", dtype=str)
    given = pd.read_csv(demo / "reports.csv", dtype=str)
    pd.testing.assert_frame_equal(routed[given.columns], given)
    assert routed["status"].notna().all()
    usual = given["note"].isna()
    x, y = (given[name][usual].astype(float) for name in ("place_x", "place_y"))
    points = gpd.GeoSeries.from_xy(x, y, crs=plan.area.crs)
    grids = plan.at_level("grid")
    point, cell = shapely.STRtree(grids.geometry.to_numpy()).query(points.to_numpy(), predicate="within")
    true = np.full(len(points), "", dtype=object)
    true[point] = grids["code"].to_numpy()[cell]
    found = [json.loads(codes)["grid"] for codes in routed["grid_codes"][usual]]
    assert (np.array(found, dtype=object) == true).mean() >= 0.999


def test_without_the_datum_most_reports_go_wrong(demo: Path, tmp_path: Path) -> None:
    """What the datum is worth: taken as WGS 84, the shifted two thirds leave their grid."""
    unsaid = tmp_path / "unsaid.csv"
    pd.read_csv(demo / "reports.csv", dtype=str).drop(columns="datum").to_csv(unsaid, index=False)
    wangge("route", "--plan", demo / "plan.gpkg", "--reports", unsaid, "--out", tmp_path / "r.csv")
    wangge("route", "--plan", demo / "plan.gpkg", "--reports", demo / "reports.csv", "--out", tmp_path / "t.csv")
    wrong, right = (pd.read_csv(tmp_path / name, dtype=str) for name in ("r.csv", "t.csv"))
    shifted = right["datum"].isin(["gcj02", "bd09"]) & right["status"].isin(["inside", "ask_address"])
    assert (wrong["grid_codes"] == right["grid_codes"])[shifted].mean() < 0.05


def test_a_map_is_one_file(demo: Path, tmp_path: Path) -> None:
    wangge("map", "--plan", demo / "plan.gpkg", "--lang", "en", "--audience", "public", "--out", tmp_path / "map.html")
    assert (tmp_path / "map.html").read_text(encoding="utf-8").lstrip().lower().startswith("<!doctype html>")


def test_two_plans_are_compared(demo: Path, tmp_path: Path) -> None:
    plans = demo / "plan.gpkg", demo / "other.gpkg"
    out, layer = tmp_path / "changes.csv", tmp_path / "changes.gpkg"
    answer = json.loads(wangge("diff", *plans, "--out", out, "--layer", layer, "--json").stdout)
    assert answer["levels"]["community"]["kept"] == 7
    micro = answer["levels"]["micro"]
    assert 0 < micro["households_moved"] <= micro["households_before"] == micro["households_after"] == 19_900
    table = pd.read_csv(out, dtype=str)
    assert len(table) == sum(level["kept"] for level in answer["levels"].values()) + len(answer["cells"])
    held = (table["level"] == "grid") & table["households_after"].notna()
    assert set(table["code"][held]) == set(read_plan(plans[1]).at_level("grid")["code"])
    drawn = gpd.read_file(layer)
    assert set(drawn["plan"]) == {"before", "after"}
    shown = wangge("diff", *plans).stdout
    assert f"{micro['households_moved']:,}" in shown
    assert "cells more: --out writes them all" in shown
    shown = wangge("diff", *plans, "--out", tmp_path / "cells.csv").stdout
    assert f"cells more: all of them in {tmp_path / 'cells.csv'}" in shown
    assert re.search(r" m²  from \d+", shown)


def test_cells_that_came_and_went_are_named(demo: Path, tmp_path: Path) -> None:
    plan = read_plan(demo / "plan.gpkg")
    # The grid of which most is in houses that lie whole in one cell.
    grid_of = plan.buildings["cell_code"].str[:-2]
    grid = plan.buildings.groupby(grid_of)["households"].sum().idxmax()
    there = plan.buildings[grid_of == grid]
    changed, out = tmp_path / "changed.csv", tmp_path / "revised.gpkg"
    there.assign(households=there["households"] // 2)[["building_id", "households"]].to_csv(changed, index=False)
    wangge("revise", "--previous", demo / "plan.gpkg", "--households", changed, "--out", out)
    assert read_plan(out).at_level("micro")["name"].is_unique
    cells = json.loads(wangge("diff", demo / "plan.gpkg", out, "--json").stdout)["cells"]
    assert {"merged", "split", "retired"} & {cell["status"] for cell in cells}
    assert wangge("diff", demo / "plan.gpkg", out).stdout.count(" households (") == min(len(cells), 20)


def test_a_plan_revised_with_what_it_has_stays(demo: Path, tmp_path: Path) -> None:
    same, out = tmp_path / "same.csv", tmp_path / "revised.gpkg"
    read_plan(demo / "plan.gpkg").buildings[["building_id", "households"]].to_csv(same, index=False)
    told = json.loads(
        wangge(
            "revise", "--previous", demo / "plan.gpkg", "--households", same, "--out", out, "--json",
        ).stdout
    )  # fmt: skip
    assert all(level["kept"] == level["cells_before"] for level in told["changes"].values())
    assert all(level["households_moved"] == 0 for level in told["changes"].values())


def test_a_plan_drawn_anew_keeps_its_codes(tmp_path: Path) -> None:
    made, plans = files(tmp_path), [tmp_path / "plan.gpkg", tmp_path / "again.gpkg"]
    options = [part for name in ("area", "streets", "buildings") for part in (f"--{name}", made[name])]
    options += ["--levels", "grid:80-120,micro:20-30"]
    wangge("delineate", *options, "--out", plans[0])
    wangge("delineate", *options, "--previous", plans[0], "--seed", 3, "--out", plans[1])
    retired = read_plan(plans[1]).metadata["retired"]
    codes = [set(read_plan(plan).cells["code"]) for plan in plans]
    assert codes[0] - codes[1] == set(retired)
    assert codes[0] & codes[1]
    assert "is also an input" in wangge("delineate", *options, "--previous", plans[0], "--out", plans[0], code=2).stderr


def test_a_plan_compared_with_itself_is_kept(demo: Path) -> None:
    answer = json.loads(wangge("diff", demo / "plan.gpkg", demo / "plan.gpkg", "--json").stdout)
    assert answer["cells"] == []
    assert [level["households_moved"] for level in answer["levels"].values()] == [0, 0, 0]


def test_a_report_is_one_file_in_either_language(demo: Path, tmp_path: Path) -> None:
    arguments = ("report", "--plan", demo / "plan.gpkg", "--out", tmp_path / "report.html")
    answer = json.loads(wangge(*arguments, "--previous", demo / "other.gpkg", "--json").stdout)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert answer["bytes"] == len(page.encode())
    assert "与上一方案相比的变动" in page
    codes = read_plan(demo / "plan.gpkg").at_level("grid")["code"]
    assert all(f">{code}<" in page for code in codes)
    wangge(*arguments, "--lang", "en")
    assert "Plan of service grids" in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "choose one of zh, en" in wangge(*arguments, "--lang", "fr", code=2).stderr


def test_two_coverages_are_laid_over_each_other(demo: Path, tmp_path: Path) -> None:
    plan, layers, matrix = demo / "plan.gpkg", tmp_path / "layers.gpkg", tmp_path / "matrix.csv"
    files = ("--out", layers, "--matrix", matrix)
    arguments = (plan, demo / "other.gpkg", "--households", plan, "--tolerance", 2, *files)
    answer = json.loads(wangge("agree", *arguments, "--json").stdout)
    assert answer["households"] == 19_900
    assert 0.3 < answer["agreeing_share"] < 1
    rows = pd.read_csv(matrix, dtype={"first_code": "str", "second_code": "str"})
    assert rows["area_m2"].sum() == pytest.approx(answer["land_m2"], abs=0.001)
    assert rows["households"].sum() == 19_900
    pieces = gpd.read_file(layers, layer="pieces")
    assert [*pieces.columns] == [*rows.columns, "geometry"]
    assert shapely.coverage_is_valid(pieces.geometry.to_numpy())
    assert set(gpd.read_file(layers, layer="lines")["which"]) <= {"first", "second", "both"}
    assert len(answer["disagreements"]) == answer["disagreeing_pieces"] == (~rows["agrees"] & ~rows["sliver"]).sum()
    said = wangge("agree", *arguments).stdout
    assert "agreeing_share" in said
    assert f"all of them in {matrix}" in said


def test_levels_of_one_plan_nest(demo: Path) -> None:
    plan = demo / "plan.gpkg"
    answer = json.loads(wangge("agree", plan, plan, "--second-level", "grid", "--json").stdout)
    assert answer["agreeing_share"] == 1
    assert answer["disagreements"] == []
    grounds = read_plan(plan).at_level("micro")["ground_code"].nunique()
    first = answer["coverages"]["first"]
    assert first["cells"] == grounds == first["nested"] + first["identical"]
    refused = wangge("agree", plan, plan, "--first-level", "street", code=2)
    assert "no level 'street': it has community, grid, micro" in refused.stderr


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["lines.gpkg"], "lines.gpkg, row 1: a LineString among the cells"),
        (["bow.gpkg"], "bow.gpkg, row 2: not valid: Self-intersection"),
        (["good.gpkg", "--second-code", "ward"], "good.gpkg: no column 'ward': it has code, twin"),
        (["good.gpkg", "--second-code", "twin"], "good.gpkg, row 2: twin is that of another row"),
        (["good.gpkg", "--second-level", "grid"], "good.gpkg: level 'grid': its cells have no levels"),
        (["good.gpkg", "--households", "good.gpkg"], "good.gpkg: no column of households"),
        (["missing.gpkg"], "missing.gpkg: no such file"),
        (["good.gpkg", "--out", "good.gpkg"], "is also an input"),
    ],
)
def test_what_cannot_be_laid_over_each_other(tmp_path: Path, given: list[str], message: str) -> None:
    box, bow = shapely.box(500, 500, 600, 600), shapely.Polygon([(500, 500), (600, 600), (600, 500), (500, 600)])
    line = shapely.LineString([(500, 500), (600, 600)])
    for name, shapes in {"good": [box, box], "bow": [box, bow], "lines": [line]}.items():
        frame = gpd.GeoDataFrame({"code": [f"c{k}" for k in range(len(shapes))], "twin": "t"}, geometry=shapes, crs=CRS)
        frame.to_file(tmp_path / f"{name}.gpkg")
    before = sorted(tmp_path.iterdir())
    arguments = [tmp_path / text if text.endswith(".gpkg") else text for text in given]
    refused = wangge("agree", tmp_path / "good.gpkg", *arguments, code=2)
    assert message in refused.stderr.splitlines()[-1]
    assert sorted(tmp_path.iterdir()) == before


def test_plans_of_two_places_are_not_compared(demo: Path, tmp_path: Path) -> None:
    made = files(tmp_path)
    far = tmp_path / "far.gpkg"
    options = [part for name in ("area", "streets", "buildings") for part in (f"--{name}", made[name])]
    wangge("delineate", *options, "--levels", "grid:80-120,micro:20-30", "--out", far)
    done = wangge("diff", demo / "plan.gpkg", far, "--layer", tmp_path / "changes.gpkg", code=2)
    assert "they are not of one area" in done.stderr
    assert not (tmp_path / "changes.gpkg").exists()


def files(folder: Path) -> dict[str, Path]:
    """A small town in files, whole and with one fault each."""
    houses = [shapely.box(x, y, x + 10, y + 10) for x in range(5, 400, 20) for y in range(5, 400, 20)]
    streets = [shapely.LineString([(200, -10), (200, 410)]), shapely.LineString([(-10, 200), (410, 200)])]
    area = shapely.box(0, 0, 400, 400)
    layers = {
        "area": gpd.GeoDataFrame({"code": ["a"], "name": ["a"]}, geometry=[area], crs=CRS),
        "streets": gpd.GeoDataFrame({"kind": "street", "name": "x"}, index=range(2), geometry=streets, crs=CRS),
        "buildings": gpd.GeoDataFrame(
            {"building_id": [f"b{k}" for k in range(len(houses))], "households": 1}, geometry=houses, crs=CRS
        ),
    }
    houses_of = layers["buildings"]
    layers |= {
        "bow_tie": layers["area"]
        .set_geometry([shapely.Polygon([(0, 0), (400, 400), (400, 0), (0, 400)])])
        .set_crs(CRS),
        "elsewhere": layers["area"].set_geometry([shapely.box(9000, 9000, 9400, 9400)]).set_crs(CRS),
        "degrees": layers["area"].set_geometry([shapely.box(113, 34, 113.1, 34.1)]).set_crs(CRS),
        "no_crs": layers["buildings"].set_crs(None, allow_override=True),
        "street_polygons": layers["streets"].set_geometry(layers["streets"].buffer(3)),
        "negative": houses_of.assign(households=[-1] + [1] * (len(houses) - 1)),
        "missing": houses_of.assign(households=[None] + [1] * (len(houses) - 1)),
        "doubled": houses_of.assign(building_id="b0"),
        "empty": houses_of.set_geometry([shapely.Polygon()] * len(houses)).set_crs(CRS),
        "nobody": houses_of.assign(households=0),
        "rules": gpd.GeoDataFrame(
            {"rule": ["locked", "exclusive"], "name": ["A", "B"]},
            geometry=[shapely.box(0, 0, 200, 200), shapely.box(100, 100, 300, 300)],
            crs=CRS,
        ),
    }
    written = {}
    for name, layer in layers.items():
        written[name] = folder / f"{name}.gpkg"
        with warnings.catch_warnings(action="ignore"):  # one of them lacks a CRS, and that is the point
            layer.to_file(written[name])
    (folder / "broken.gpkg").write_text("not a file of geometry")
    return written | {"broken": folder / "broken.gpkg", "nowhere": folder / "nowhere.gpkg"}


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"buildings": "nowhere"}, "no such file"),
        ({"buildings": "broken"}, "broken.gpkg"),
        ({"buildings": "no_crs"}, "no coordinate reference system"),
        ({"area": "degrees"}, "degrees"),
        ({"area": "bow_tie"}, "Self-intersection"),
        ({"area": "elsewhere"}, "neither buildings nor streets in the area"),
        ({"streets": "street_polygons"}, "Polygon among the streets"),
        ({"buildings": "negative"}, "households"),
        ({"buildings": "missing"}, "households"),
        ({"buildings": "doubled"}, "b0"),
        ({"buildings": "empty"}, "empty or NaN geometry"),
        ({"buildings": "nobody"}, "household"),
        ({"levels": "grid:390-395"}, "cannot be divided"),
        ({"levels": "grid"}, "name:fewest-most"),
        ({"preset": "nothing"}, "xiyuan"),
        ({"within": "streets"}, "among the"),
        ({"rules": "rules"}, "row 1 ('A') and rule in row 2 ('B'): they overlap"),
        ({"rules": "houses:none"}, "no such file"),
        ({"rules": "area"}, "no column 'rule'"),
        ({"max-walk": "-5"}, "metres above nought"),
    ],
)
def test_a_bad_input_gets_one_line_and_leaves_nothing(tmp_path: Path, fault: dict[str, str], message: str) -> None:
    made = files(tmp_path)
    out = tmp_path / "out"
    out.mkdir()
    options = {
        "area": "area",
        "streets": "streets",
        "buildings": "buildings",
        "levels": "grid:80-120,micro:20-30",
    } | fault
    if "preset" in options:
        del options["levels"]
    arguments = [part for key, value in options.items() for part in (f"--{key}", made.get(value, value))]
    done = wangge("delineate", *arguments, "--out", out / "plan.gpkg", code=2)
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("wangge: ")
    assert message in last
    assert "Traceback" not in done.stderr
    assert list(out.iterdir()) == []


def test_an_impossible_place_to_write_is_refused_before_the_work(tmp_path: Path) -> None:
    done = wangge("delineate", "--osm", "x.osm", "--out", tmp_path / "no" / "plan.gpkg", code=2)
    assert "there is no folder" in done.stderr


def test_a_file_that_is_no_plan_is_refused(tmp_path: Path) -> None:
    made = files(tmp_path)
    done = wangge("map", "--plan", made["area"], "--out", tmp_path / "map.html", code=2)
    assert "not a plan file" in done.stderr
    assert not (tmp_path / "map.html").exists()


def test_an_input_is_never_overwritten(tmp_path: Path) -> None:
    made = files(tmp_path)
    before = made["buildings"].read_bytes()
    arguments = ("--buildings", f"{made['buildings']}:buildings", "--streets", made["streets"])
    done = wangge("delineate", *arguments, "--out", made["buildings"], code=2)
    assert "is also an input" in done.stderr
    assert made["buildings"].read_bytes() == before


def test_an_output_ends_as_what_it_is(tmp_path: Path) -> None:
    done = wangge("delineate", "--osm", "x.osm", "--out", tmp_path / "plan.csv", code=2)
    assert "must end in .gpkg" in done.stderr


def test_addresses_are_found_one_by_one_and_as_a_table(demo: Path, tmp_path: Path) -> None:
    plan = read_plan(demo / "plan.gpkg")
    address, building = plan.buildings.loc[0, ["address", "building_id"]]
    said = wangge("geocode", "--plan", demo / "plan.gpkg", address, f"{address}号", "无此地", "--json").stdout
    first, _, last = json.loads(said)
    assert (first["building_id"], first["score"], last["level"], last["x"]) == (building, 0.99, "none", None)
    assert building in wangge("geocode", "--plan", demo / "plan.gpkg", address).stdout
    for ending in (".csv", ".parquet"):
        given = plan.buildings[["address"]].assign(level="1")
        if ending == ".csv":
            given.to_csv(tmp_path / "asked.csv", index=False, encoding="gb18030")
        else:
            given.to_parquet(tmp_path / "asked.parquet")
        out = tmp_path / f"found{ending}"
        wangge("geocode", "--plan", demo / "plan.gpkg", "--addresses", tmp_path / f"asked{ending}", "--out", out)
        found = pd.read_csv(out) if ending == ".csv" else pd.read_parquet(out)
        assert found["found_building_id"].tolist() == plan.buildings["building_id"].tolist()
        assert found["level"].astype(str).eq("1").all()
        assert found["found_score"].min() >= 0.9
        again = tmp_path / f"again{ending}"
        wangge("geocode", "--plan", demo / "plan.gpkg", "--addresses", out, "--out", again)
        assert again.read_bytes() == out.read_bytes()


@pytest.mark.parametrize(
    ("header", "options", "message"),
    [
        ("address,户主姓名", [], "personal columns are not read"),
        ("where", [], "no column of addresses: name one of where with --column"),
        ("address", ["--column", "place"], "no column place"),
        ("address", ["安泰路16号"], "name addresses, or a table"),
        ("address,found_x", [], "has columns of its own named found_x"),
    ],
)
def test_a_table_of_addresses_that_cannot_be_read(
    demo: Path, tmp_path: Path, header: str, options: list[str], message: str
) -> None:
    table = tmp_path / "asked.csv"
    table.write_text(f"{header}\n", encoding="utf-8")
    out = tmp_path / "found.csv"
    given = ("--plan", demo / "plan.gpkg", "--addresses", table, "--out", out)
    assert message in wangge("geocode", *given, *options, code=2).stderr
    assert not out.exists()
