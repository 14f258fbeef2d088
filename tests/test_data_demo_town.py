"""The demo town is what it says it is: exact totals, a clean plane, honest reports, nobody's data."""

import hashlib
import re
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from pyproj import Transformer

import gis
from api.demo import demo_plan
from data.datum_shift import bd09, gcj02
from data.demo_town import DemoTown, draw_town, make_demo_town
from data.presets import preset
from data.town_layers import LAYERS
from gis.plan import Plan

PERSONAL = re.compile(
    r"phone|mobile|tel|person|owner|resident_|reporter|id_?card|birth|face|姓名|电话|手机|身份", re.IGNORECASE
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> DemoTown:
    return make_demo_town(tmp_path_factory.mktemp("town") / "new", seed=1)


@pytest.fixture(scope="module")
def layers(made: DemoTown) -> dict[str, gpd.GeoDataFrame]:
    names = ("area", "communities", "streets", "barriers", "buildings", "land", "dwellings")
    return {name: pyogrio.read_dataframe(made.town, layer=name) for name in names}


@pytest.fixture(scope="module")
def reports(made: DemoTown) -> pd.DataFrame:
    return pd.read_csv(made.reports, dtype={"note": str}, keep_default_na=False, na_values={"lon": [""], "lat": [""]})


def fingerprint(layers: dict[str, gpd.GeoDataFrame]) -> str:
    digest = hashlib.sha256()
    for layer in layers.values():
        plain = layer
        if isinstance(layer, gpd.GeoDataFrame):
            digest.update(b"".join(shapely.to_wkb(layer.geometry.to_numpy())))
            plain = layer.drop(columns="geometry")
        digest.update(plain.to_csv(index=False).encode())
    return digest.hexdigest()


def test_only_its_files_are_left_in_the_folder(made: DemoTown) -> None:
    named = [made.town, made.reports, *made.layers.values()]
    assert sorted(made.town.parent.iterdir()) == sorted(named)
    assert [path.stem for path in named[2:]] == list(LAYERS)


def test_layers_have_their_columns_and_crs(layers: dict[str, gpd.GeoDataFrame]) -> None:
    columns = {
        "area": {"code", "name"},
        "communities": {"code", "name"},
        "streets": {"kind", "name"},
        "barriers": {"kind", "name"},
        "buildings": {"building_id", "households", "floors", "use", "address", "name"},
        "land": {"kind", "name"},
    }
    for name, own in columns.items():
        assert set(layers[name].columns) == {*own, "geometry"}
        assert layers[name].crs.to_epsg() == 4547
        assert layers[name].geometry.is_valid.all()
    assert set(layers["streets"]["kind"]) == {"arterial", "street", "lane"}
    assert set(layers["barriers"]["kind"]) == {"river", "rail", "wall"}
    assert set(layers["land"]["kind"]) == {"water", "green", "school", "market", "hospital"}
    assert (layers["streets"]["name"].str.len() > 1).all()


@pytest.mark.parametrize("seed", [1, 2, 3, 29])
def test_every_seed_settles_on_the_same_figures(seed: int) -> None:
    town = draw_town(seed)
    assert int(town["buildings"]["households"].sum()) == 19_900
    assert abs(float(town["area"].area.sum()) - 2.51e6) < 0.01 * 2.51e6
    towers = town["buildings"].query("use == 'tower'")["households"]
    assert towers.between(100, 300).all()
    assert towers.sum() + town["buildings"].query("use == 'slab'")["households"].sum() > 0.7 * 19_900


def test_the_same_seed_gives_the_same_town() -> None:
    assert fingerprint(draw_town(5)) == fingerprint(draw_town(5))


def test_another_seed_gives_another_town() -> None:
    assert fingerprint(draw_town(5)) != fingerprint(draw_town(6))


def test_reports_are_the_same_for_a_seed(made: DemoTown, tmp_path: Path) -> None:
    assert make_demo_town(tmp_path, seed=1).reports.read_bytes() == made.reports.read_bytes()


def test_it_takes_five_seconds_at_most(tmp_path: Path) -> None:
    start = time.process_time()
    make_demo_town(tmp_path, seed=4)
    assert time.process_time() - start < 5


def test_communities_tile_the_area(layers: dict[str, gpd.GeoDataFrame]) -> None:
    parts, area = layers["communities"].geometry.to_numpy(), layers["area"].geometry.iloc[0]
    assert len(parts) == 7
    assert layers["communities"]["code"].str.fullmatch(r"\d{12}").all()
    assert layers["communities"]["code"].is_unique
    assert layers["communities"]["name"].is_unique
    assert shapely.coverage_is_valid(parts)
    assert shapely.symmetric_difference(shapely.coverage_union_all(parts), area).area == 0
    assert area.geom_type == "Polygon"
    assert not area.interiors


def test_community_borders_run_along_arterials_and_river(layers: dict[str, gpd.GeoDataFrame]) -> None:
    streets, barriers = layers["streets"], layers["barriers"]
    lines = [
        *streets.geometry[streets["kind"] == "arterial"],
        *barriers.geometry[barriers["kind"] == "river"],
    ]
    borders = shapely.union_all(shapely.boundary(layers["communities"].geometry.to_numpy()))
    assert shapely.difference(borders, shapely.union_all(lines)).length == 0


def test_every_community_is_lived_in(layers: dict[str, gpd.GeoDataFrame]) -> None:
    buildings = layers["buildings"].set_geometry(layers["buildings"].representative_point())
    found = gpd.sjoin(buildings, layers["communities"][["code", "geometry"]])
    assert len(found) == len(buildings)
    assert (found.groupby("code")["households"].sum() > 200).all()
    assert found["code"].nunique() == 7


def test_footprints_do_not_overlap(layers: dict[str, gpd.GeoDataFrame]) -> None:
    shapes = layers["buildings"].geometry.to_numpy()
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    one, other = one[one < other], other[one < other]
    assert len(one) > 100, "in the old quarters houses share walls"
    assert not shapely.relate_pattern(shapes[one], shapes[other], "T********").any()


@pytest.mark.parametrize("seed", [1, 7])
def test_footprints_keep_off_lines_and_water(seed: int) -> None:
    town = draw_town(seed)
    tree = shapely.STRtree(town["buildings"].geometry.to_numpy())
    lines = [*town["streets"].geometry, *town["barriers"].geometry, *town["communities"].boundary]
    assert tree.query(lines, predicate="intersects").size == 0
    water = town["land"].geometry[town["land"]["kind"] == "water"].to_numpy()
    assert tree.query(water, predicate="intersects").size == 0


def test_roads_meet_at_shared_vertices(layers: dict[str, gpd.GeoDataFrame]) -> None:
    lines = np.array([*layers["streets"].geometry, *layers["barriers"].geometry])
    one, other = shapely.STRtree(lines).query(lines, predicate="intersects")
    one, other = one[one < other], other[one < other]
    shared = shapely.intersection(
        shapely.extract_unique_points(lines[one]), shapely.extract_unique_points(lines[other])
    )
    assert not shapely.is_empty(shared).any()
    roads = layers["streets"].geometry.to_numpy()
    nodes = shapely.multipoints(shapely.get_coordinates(roads))
    assert shapely.unary_union(roads).is_valid
    assert shapely.length(roads).min() > 5
    assert nodes.is_valid


def test_dwellings_add_up(layers: dict[str, gpd.GeoDataFrame]) -> None:
    dwellings, buildings = layers["dwellings"], layers["buildings"].set_index("building_id")
    assert buildings.index.is_unique
    assert (dwellings["floor_from"] == dwellings["floor_to"]).all()
    assert not dwellings.duplicated(["building_id", "entrance", "floor_from"]).any()
    assert int(dwellings["households"].sum()) == 19_900
    summed = dwellings.groupby("building_id")["households"].sum().reindex(buildings.index, fill_value=0)
    assert (summed == buildings["households"]).all()
    assert (dwellings["floor_to"].to_numpy() <= buildings["floors"].reindex(dwellings["building_id"]).to_numpy()).all()


def test_addresses_follow_the_grammar(layers: dict[str, gpd.GeoDataFrame]) -> None:
    address = layers["buildings"]["address"]
    grammar = r"明河区西柳街道\w+?(?:路|街|巷|胡同|大街)\d+号\w*"
    assert address.str.fullmatch(grammar).all(), address[~address.str.fullmatch(grammar)].head().to_list()
    assert address.is_unique


def test_reports_have_every_kind(reports: pd.DataFrame) -> None:
    assert len(reports) == 2000
    assert reports["report_id"].is_unique
    assert reports["datum"].value_counts().between(600, 720).all()
    assert set(reports["datum"]) == {"wgs84", "gcj02", "bd09"}
    assert reports["category"].nunique() == 11
    assert (reports["category_name"].str.len() > 3).all()
    assert reports["note"].value_counts().to_dict() == {"": 1980, "outside": 10, "placeholder": 10}
    assert set(reports["source"]) == {"gps", "pin"}
    assert (reports["accuracy_m"] > 0).all()
    moments = pd.to_datetime(reports["time"])
    assert reports["time"].str.fullmatch(r"2024-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00").all()
    assert moments.dt.date.nunique() == 60
    by_hour = moments.dt.hour.value_counts()
    assert by_hour[10] > 5 * by_hour.get(3, 0)


def test_reports_lie_where_they_say(reports: pd.DataFrame, layers: dict[str, gpd.GeoDataFrame]) -> None:
    area = layers["area"].geometry.iloc[0]
    for note, inside in (("", True), ("outside", False)):
        here = reports[reports["note"] == note]
        assert (shapely.contains_xy(area, here["place_x"].astype(float), here["place_y"].astype(float)) == inside).all()


def test_reported_coordinates_are_the_place_in_the_stated_datum(made: DemoTown, reports: pd.DataFrame) -> None:
    here = reports[reports["note"] != "placeholder"]
    back = Transformer.from_crs("EPSG:4547", "EPSG:4326", always_xy=True)
    lon, lat = back.transform(here["place_x"].astype(float).to_numpy(), here["place_y"].astype(float).to_numpy())
    for name, shift in {"wgs84": None, "gcj02": gcj02, "bd09": bd09}.items():
        own = (here["datum"] == name).to_numpy()
        expected = (lon[own], lat[own]) if shift is None else shift(lon[own], lat[own])
        sent = here.loc[own, ["lon", "lat"]].to_numpy(dtype=float).T
        assert np.abs(sent - expected).max() < 2e-9
    text = pd.read_csv(made.reports, dtype=str, keep_default_na=False)
    assert text.loc[text["note"] != "placeholder", "lon"].str.fullmatch(r"\d+\.\d{9,}").all()
    assert (here["true_lon"].to_numpy(dtype=float) != lon).all()


def test_placeholders_say_nothing(reports: pd.DataFrame) -> None:
    blank = reports[reports["note"] == "placeholder"]
    assert (blank["lon"].isna() | (blank["lon"] == 0)).all()
    assert (blank["place_x"] == "").all()


def test_shifts_agree_with_published_points() -> None:
    east, north = gcj02(np.array([116.404]), np.array([39.915]))
    assert (round(east[0], 8), round(north[0], 8)) == (116.41024450, 39.91640428)
    lon, lat = np.array([114.47]), np.array([38.06])
    metres = np.hypot((gcj02(lon, lat)[0] - lon) * 87_800, (gcj02(lon, lat)[1] - lat) * 111_000)
    assert 300 < metres[0] < 1300
    assert bd09(lon, lat)[0][0] > gcj02(lon, lat)[0][0]


def test_nothing_personal_anywhere(layers: dict[str, gpd.GeoDataFrame], reports: pd.DataFrame) -> None:
    for table in (*layers.values(), reports):
        assert not [column for column in table.columns if PERSONAL.search(column)]
    assert not reports["description"].str.contains(r"\d{3,}|先生|女士|手机|电话", regex=True).any()


def test_presets() -> None:
    assert preset("xiyuan") == "grid:400-600,micro:70-80"
    assert preset("zhengzhou-2024") == "grid:300-500,micro:50-70"
    assert preset("xinanlu") == "grid:300-500,micro:70-80"
    with pytest.raises(ValueError, match="xinanlu, xiyuan, zhengzhou-2024"):
        preset("nowhere")


def test_the_plan_that_is_served_as_a_demo_is_what_is_drawn(town_plan: Plan, tmp_path: Path) -> None:
    kept = gis.read_plan(demo_plan(tmp_path))
    assert kept.version == town_plan.version, "draw it anew: make demo-plan"
    assert kept.metadata["certificate"]["levels"] == town_plan.metadata["certificate"]["levels"]
