"""Real towns, read completely; the figures are those counted in the data, with room for judgement."""

import time
from pathlib import Path

import pandas as pd
import pytest
import shapely

from gis.errors import CrsError, InputError
from gis.sources import Town, read_town
from gis.sources.files import Source, read_layer
from gis.sources.left_out import LeftOut
from gis.sources.osm import read_osm


@pytest.fixture(scope="module")
def queens(datasets: Path) -> Town:
    folder = datasets / "osm_queens_village_ny"
    return read_town(osm=folder / "queens_village_ny.osm.pbf", area=folder / "area.geojson")


@pytest.fixture(scope="module")
def liechtenstein(datasets: Path) -> Town:
    return read_town(osm=datasets / "osm_liechtenstein" / "liechtenstein-latest.osm.pbf", area="liechtenstein")


@pytest.fixture(scope="module")
def sengkang(datasets: Path) -> Town:
    folder = datasets / "singapore_hdb"
    return read_town(
        buildings=folder / "hdb_geocoded_dwelling_units.csv",
        households=folder / "hdb-property-information.csv",
        streets=folder / "singapore_named_streets.gpkg",
        within=folder / "MP14_SUBZONE_WEB_PL.shp",
        area="SENGKANG",
    )


def check_town(town: Town) -> None:
    """What `Town` promises of any town."""
    crs = town.area.crs
    ground = town.area.geometry.iloc[0]
    assert crs.is_projected
    assert all(layer.crs == crs for layer in (town.communities, town.barriers, town.buildings, town.land))
    assert ground.is_valid
    assert town.buildings["building_id"].is_unique
    assert (town.buildings["households"] >= 0).all()
    assert set(town.buildings["household_basis"]) <= {
        "column",
        "addresses",
        "units",
        "floors",
        "height",
        "assumed_floors",
        "house",
        "none",
    }
    assert shapely.intersects(ground, town.buildings.geometry.representative_point().to_numpy()).all()
    assert set(town.barriers["kind"]) <= {"wall", "lane", "street", "arterial", "rail", "river"}
    assert (town.barriers.geometry.geom_type == "LineString").all()
    assert town.barriers.intersects(ground).all()
    assert (town.left_out["count"] > 0).all()
    assert not town.left_out.duplicated(["layer", "reason"]).any()
    assert all("/" not in entry["name"] for entry in town.inputs)


def test_queens_village_is_read_within_seconds(datasets: Path) -> None:
    started = time.perf_counter()
    layers = read_osm(datasets / "osm_queens_village_ny" / "queens_village_ny.osm.pbf")
    took = time.perf_counter() - started
    assert took < 6, "3 s on a machine at rest"
    assert 49_777 <= len(layers.buildings) <= 49_800
    assert (layers.buildings["kind"] == "garage").sum() == 7_806
    assert abs((layers.buildings["number"] != "").sum() - 29_397) < 30
    assert len(layers.addresses) == 2_678
    assert 1_300 < len(layers.streets) < 1_478
    assert "Queens County" in layers.cut_off


def test_queens_village(queens: Town) -> None:
    check_town(queens)
    by_basis = queens.buildings.groupby("household_basis")["households"].agg(["size", "sum"])
    assert queens.area.area.iloc[0] == pytest.approx(17.85e6, rel=0.001)
    assert queens.area[["code", "name"]].to_numpy().tolist() == [["QV", "Queens Village box"]]
    assert 42_000 < queens.buildings["households"].sum() < 48_000
    assert by_basis.loc["addresses", "size"] > 25_000
    assert by_basis.loc["none", "size"] > 6_000
    assert queens.buildings["households"].max() < 600
    assert 600 < (queens.barriers["kind"] == "street").sum() < 830
    assert queens.communities.empty


def test_liechtenstein_has_its_eleven_municipalities(liechtenstein: Town) -> None:
    check_town(liechtenstein)
    assert liechtenstein.area.area.iloc[0] == pytest.approx(160.5e6, rel=0.005)
    assert sorted(liechtenstein.communities["name"]) == [
        "Balzers", "Eschen", "Gamprin", "Mauren", "Planken", "Ruggell", "Schaan", "Schellenberg", "Triesen",
        "Triesenberg", "Vaduz",
    ]  # fmt: skip
    assert liechtenstein.communities["code"].str.startswith("LI-").all()
    assert liechtenstein.communities.area.sum() == pytest.approx(liechtenstein.area.area.sum(), rel=1e-6)
    assert 17_500 < len(liechtenstein.buildings) <= 17_718
    assert (liechtenstein.barriers["kind"] == "river").sum() > 30
    assert set(liechtenstein.land["kind"]) >= {"water", "green", "field", "school", "hospital"}


def test_monaco_is_told_to_be_cut_off(datasets: Path) -> None:
    path = datasets / "osm_monaco" / "monaco-latest.osm.pbf"
    with pytest.raises(InputError, match=r"^area 'Monaco': monaco-latest\.osm\.pbf holds only a part of it"):
        read_town(osm=path, area="Monaco")


def test_monaco(datasets: Path) -> None:
    path = datasets / "osm_monaco" / "monaco-latest.osm.pbf"
    town = read_town(osm=path)
    check_town(town)
    left_out = town.left_out.set_index(["layer", "reason"])["count"]
    assert len(town.buildings) == 1_207
    assert left_out["streets", "tunnel"] > 100
    assert left_out["streets", "footway, path, steps or cycleway"] > 1_000
    assert (town.barriers["kind"] == "river").sum() >= 10
    assert read_town(osm=path, area="Monte-Carlo").area["code"].tolist() == ["MC-MC"]


def test_small_chinese_extracts(datasets: Path) -> None:
    folder = datasets / "osm_china_small"
    guixi, tsinghua, taipei = (
        read_town(osm=folder / name) for name in ("guixi_jiangxi.osm", "tsinghua_beijing.osm", "taipei_block.osm")
    )
    for town in (guixi, tsinghua, taipei):
        check_town(town)
    assert len(guixi.buildings) == 165
    assert (guixi.barriers["kind"] == "rail").sum() > 20
    assert 500 < len(tsinghua.buildings) <= 521
    assert set(tsinghua.barriers["kind"]) >= {"wall", "lane", "street", "arterial"}
    assert len(taipei.buildings) == 61
    assert (taipei.buildings["household_basis"] == "units").sum() > 5
    assert taipei.buildings["floors"].max() == 19
    assert taipei.buildings["address"].str.contains("中山北路").any()


def test_sengkang(sengkang: Town, datasets: Path) -> None:
    check_town(sengkang)
    blocks = pd.read_csv(datasets / "singapore_hdb" / "hdb-property-information.csv", dtype={"blk_no": "str"})
    blocks.index = blocks["blk_no"] + " " + blocks["street"]
    units = blocks["total_dwelling_units"][sengkang.buildings["address"]]
    assert len(sengkang.communities) == 7
    assert sengkang.communities["code"].str.fullmatch(r"SESZ0\d").all()
    assert len(sengkang.buildings) > 600
    assert set(sengkang.buildings["household_basis"]) == {"column"}
    assert sengkang.buildings["households"].tolist() == units.tolist()
    assert units.sum() == 67_115
    assert sengkang.buildings["floors"].between(1, 40).all()
    assert sengkang.left_out.set_index("reason")["count"]["mended: the polygon was not valid"] == 9


def test_chicago_has_no_reference_system(datasets: Path) -> None:
    with pytest.raises(CrsError, match=r"^Chicago77\.shp: no coordinate reference system: store one"):
        read_layer(Source.of(datasets / "coverage_basic" / "Chicago77.shp"), LeftOut(), "communities", "polygon")


def test_one_geopackage_of_several_layers(datasets: Path) -> None:
    path = datasets / "coverage_basic" / "bubenec.gpkg"
    town = read_town(streets=path, buildings=path, area=f"{path}:tessellation")
    check_town(town)
    assert len(town.buildings) == 144
    assert len(town.barriers) == 34  # one of 35 streets lies outside
