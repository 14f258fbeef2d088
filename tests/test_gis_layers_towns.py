"""Layers of whole towns: their totals at every level are those of the files, to the unit."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import geopandas as gpd
import osmium
import pandas as pd
import pyogrio
import pytest
import shapely

import gis
from api.demo import demo_plan
from data.demo_town import DemoTown, make_demo_town
from gis.layers import KINDS, Layer, place, read_layer, read_layers, read_osm, write_layers
from gis.layers.layer import sums
from gis.layers.vocabulary import vocabulary
from gis.location.stream import route_file
from gis.plan import Plan


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> DemoTown:
    return make_demo_town(tmp_path_factory.mktemp("town"), seed=1)


@pytest.fixture(scope="module")
def plan_file(made: DemoTown) -> Path:
    return demo_plan(made.town.parent)


@pytest.fixture(scope="module")
def plan(plan_file: Path) -> Plan:
    return gis.read_plan(plan_file)


@pytest.fixture(scope="module")
def layers(made: DemoTown, plan: Plan) -> dict[str, Layer]:
    given = [read_layer(path, kind) for kind, path in made.layers.items()]
    return dict(zip(made.layers, place(plan, *given), strict=True))


def given_totals(kind: str, path: Path) -> dict[str, int]:
    """What a file holds, counted without the layers."""
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    if kind == "people":
        return {column: int(table[column].astype(int).sum()) for column in table.columns[1:]}
    return dict(Counter(table["category"]))


def check_sums(layer: Layer, given: dict[str, int], plan: Plan) -> None:
    counted = layer.counts(plan)
    lost = layer.items[~layer.items["status"].isin(["cell", "shared"])].groupby("category")["count"].sum()
    assert layer.totals == given
    for level in plan.levels:
        here = counted[counted["level"] == level].groupby("category")["count"].sum()
        assert here.add(lost, fill_value=0).astype(int).to_dict() == given
        codes = set(plan.at_level(level)["code"])
        assert set(counted.loc[counted["level"] == level, "code"]) <= codes


@pytest.mark.parametrize("kind", KINDS)
def test_totals_of_the_demo_town_are_those_of_its_files(
    kind: str, made: DemoTown, layers: dict[str, Layer], plan: Plan
) -> None:
    check_sums(layers[kind], given_totals(kind, made.layers[kind]), plan)
    assert (sums(layers[kind]).groupby("level")["in_cells"].sum() > 0).all()


def test_things_lie_where_polygons_hold_them(made: DemoTown, layers: dict[str, Layer], plan: Plan) -> None:
    table = pd.read_csv(made.layers["things"])
    points = shapely.points(table["x"], table["y"])
    counted = layers["things"].counts(plan, by="type")
    for level in ("community", "grid"):
        cells = plan.at_level(level)
        point, cell = shapely.STRtree(cells.geometry.to_numpy()).query(points, predicate="within")
        assert len(set(point.tolist())) == len(points), "none on a border"
        held = Counter(zip(cells["code"].to_numpy()[cell], table["type"].to_numpy()[point], strict=True))
        here = counted[counted["level"] == level]
        assert dict(zip(zip(here["code"], here["type"], strict=True), here["count"], strict=True)) == held


def test_people_of_undivided_buildings_stay_whole(made: DemoTown, layers: dict[str, Layer], plan: Plan) -> None:
    table = pd.read_csv(made.layers["people"])
    own = plan.buildings.set_index("building_id")["cell_code"]
    divided = table["building_id"].map(own).isna()
    assert divided.sum() == 87
    whole = table[~divided].groupby(table["building_id"].map(own))["residents"].sum()
    counts = layers["people"].counts(plan)
    here = counts[(counts["level"] == "micro") & (counts["category"] == "residents")].set_index("code")["count"]
    parted = set(plan.dwellings.loc[plan.dwellings["building_id"].isin(table.loc[divided, "building_id"]), "cell_code"])
    alone = whole.index.difference(parted)
    assert here[alone].to_dict() == whole[alone].to_dict()
    assert (here[sorted(parted)] >= whole.reindex(sorted(parted), fill_value=0)).all()
    assert here.sum() == 49_000


def test_the_demo_town_has_the_grids_and_members_of_xiyuan(layers: dict[str, Layer]) -> None:
    items = layers["organisations"].items
    assert items.groupby("grid_kind")["grid"].nunique().to_dict() == {"functional": 4, "trade": 10}
    assert items["grid_kind"].value_counts().to_dict() == {"trade": 206, "functional": 103}
    # Members of one grid sit in many communities: it lies over the cells.
    assert all(len(set(communities)) > 1 for _, communities in items.groupby("grid")["level_community"])


def test_cases_of_the_demo_town_are_closed_late_and_open(layers: dict[str, Layer]) -> None:
    assert set(layers["events"].items["standing"]) == {"on_time", "late", "open", "overdue"}
    assert set(layers["sentiment"].items["rating"]) == {"good", "fair", "poor"}


def test_the_same_seed_makes_the_same_layers(made: DemoTown, tmp_path: Path) -> None:
    again = make_demo_town(tmp_path, seed=1)
    assert [path.read_bytes() for path in again.layers.values()] == [path.read_bytes() for path in made.layers.values()]
    other = make_demo_town(tmp_path, seed=2)
    assert not {path.read_bytes() for path in other.layers.values()} & {p.read_bytes() for p in made.layers.values()}


def test_routed_reports_are_events(made: DemoTown, plan: Plan, tmp_path: Path) -> None:
    route_file(gis.Router(plan, gis.RoutingRule()), made.reports, tmp_path / "routed.csv")
    routed = pd.read_csv(tmp_path / "routed.csv", dtype=str, keep_default_na=False)
    (layer,) = place(plan, read_layer(tmp_path / "routed.csv", "events"))
    check_sums(layer, dict(Counter(routed["category"])), plan)
    sent = (routed["cell_code"] != "").to_numpy()
    assert (layer.items["cell_code"].to_numpy()[sent] == routed["cell_code"].to_numpy()[sent]).all()
    assert (layer.items["status"].to_numpy()[routed["status"] == "ask_address"] == "shared").all()
    assert "description" in layer.unread


def test_the_command_writes_layers_that_other_programs_open(made: DemoTown, plan_file: Path, tmp_path: Path) -> None:
    out, report = tmp_path / "layers.gpkg", tmp_path / "report.json"
    options = [f"--{kind}={path}" for kind, path in made.layers.items()] + [f"--places={made.layers['places']}"]
    command = [sys.executable, "-m", "api", "layers", "--plan", plan_file, "--out", out, "--report", report, "--json"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert json.loads(report.read_text(encoding="utf-8")) == answer
    assert [*answer["layers"]] == [
        "people", "places", "places 2", "things", "events", "sentiment", "organisations",
    ]  # fmt: skip
    for figures in answer["layers"].values():
        for level in figures["by_level"].values():
            assert level["given"] == level["in_cells"] + level["on_shared_grounds"] + level["not_placed"]
    assert answer["layers"]["events"]["columns_not_read"] == ["number"]
    held = dict(pyogrio.list_layers(out).tolist())
    assert {name for name, shape in held.items() if shape is None} == {"counts", "sums", "metadata"}
    drawn = gpd.read_file(out, layer="things")
    assert drawn.crs == gis.read_plan(plan_file).area.crs
    assert len(drawn) == answer["layers"]["things"]["given"]
    assert len(read_layers(out, gis.read_plan(plan_file))) == 7


def test_the_command_says_what_is_wrong_in_one_line(made: DemoTown, plan_file: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "api", "layers", "--plan", plan_file, "--out", tmp_path / "l.gpkg"]
    for options, said in (
        ([], "nothing to join"),
        ([f"--people={made.layers['places']}"], "places.csv: no counts, so a row would be a person"),
        ([f"--osm={made.layers['places']}"], "places.csv: cannot be read as OpenStreetMap data"),
    ):
        done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
        assert done.returncode == 2, done.stderr
        assert done.stderr.splitlines()[-1].startswith("wangge: ")
        assert said in done.stderr
    assert not list(tmp_path.iterdir())


def test_places_and_things_of_queens_village(datasets: Path, tmp_path: Path) -> None:
    folder = datasets / "osm_queens_village_ny"
    path = folder / "queens_village_ny.osm.pbf"
    whole = gpd.read_file(folder / "area.geojson").to_crs(32618).geometry.iloc[0]
    # One square kilometre of it is drawn in seconds; what lies beyond is outside, and counted.
    part = gpd.GeoDataFrame(geometry=[whole.centroid.buffer(500, cap_style="square")], crs=32618).to_crs(4326)
    part.to_file(tmp_path / "area.geojson")
    town = gis.read_town(osm=path, area=tmp_path / "area.geojson")
    plan = gis.delineate(town, gis.parse_levels("grid:400-600,micro:70-80"), workers=2)
    layers = place(plan, *read_osm(path))
    for layer in layers:
        check_sums(layer, tagged(path, layer.kind), plan)
        assert (layer.items["status"] == "outside").any()
        assert layer.items["reason"].eq("outside the area").sum() == (layer.items["status"] == "outside").sum()
    placed = layers[0].items[layers[0].items["status"] != "outside"]
    ground = plan.area.geometry.iloc[0]
    assert len(placed) > 0
    assert shapely.intersects_xy(ground, placed["plan_x"], placed["plan_y"]).all()
    write_layers(layers, tmp_path / "layers.gpkg")
    assert [layer.total for layer in read_layers(tmp_path / "layers.gpkg", plan)] == [189, 8]


def tagged(path: Path, kind: str) -> dict[str, int]:
    """Points and areas with tags of the vocabulary, counted without the reader: first a value, then any."""
    words = vocabulary(kind)
    found: Counter[str] = Counter()
    keys = {tag.split("=")[0] for tag in words.tags}
    for thing in osmium.FileProcessor(path).with_areas().with_filter(osmium.filter.KeyFilter(*keys)):
        if not (thing.is_node() or thing.is_area()):
            continue
        tags = dict(thing.tags)
        codes = [code for tag, code in words.tags.items() if tags.get(tag.split("=")[0]) == tag.split("=")[1]]
        codes += [code for tag, code in words.tags.items() if tag.endswith("=*") and tags.get(tag[:-2], "no") != "no"]
        if codes:
            found[words.words[codes[0]].category] += 1
    return dict(found)
