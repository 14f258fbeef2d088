from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from gis.barriers import Barrier
from gis.errors import InputError
from gis.sources.osm import read_osm
from gis.sources.osm_tags import building_kind, land_kind, line_kind

Writer = Callable[..., Path]
HOUSE = [(114.0, 34.0), (114.0002, 34.0), (114.0002, 34.0001), (114.0, 34.0001), (114.0, 34.0)]
ROAD = [(113.999, 33.9999), (114.001, 33.9999)]


def shifted(points: list[tuple[float, float]], by: float) -> list[tuple[float, float]]:
    return [(round(x + by, 7), y) for x, y in points]


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"highway": "motorway_link"}, "arterial"),
        ({"highway": "secondary"}, "arterial"),
        ({"highway": "tertiary"}, "street"),
        ({"highway": "living_street"}, "street"),
        ({"highway": "pedestrian"}, "street"),
        ({"highway": "service"}, "lane"),
        ({"highway": "service", "service": "alley"}, "lane"),
        ({"highway": "track"}, "lane"),
        ({"highway": "primary", "tunnel": "no"}, "arterial"),
        ({"railway": "light_rail"}, "rail"),
        ({"waterway": "river"}, "river"),
        ({"waterway": "stream"}, "lane"),
        ({"natural": "coastline"}, "river"),
        ({"barrier": "city_wall"}, "wall"),
    ],
)
def test_lines_that_divide(tags: dict[str, str], kind: str) -> None:
    assert line_kind(tags)[1:] == (kind, "")
    assert Barrier.WALL <= Barrier.of(kind) <= Barrier.RIVER


@pytest.mark.parametrize(
    ("tags", "reason"),
    [
        ({"highway": "footway"}, "footway, path, steps or cycleway"),
        ({"highway": "service", "service": "driveway"}, "driveway"),
        ({"highway": "service", "service": "parking_aisle"}, "parking aisle"),
        ({"highway": "construction"}, "not built yet"),
        ({"highway": "proposed"}, "not built yet"),
        ({"highway": "trunk", "tunnel": "yes"}, "tunnel"),
        ({"highway": "residential", "covered": "yes"}, "covered"),
        ({"highway": "service", "indoor": "yes"}, "indoors"),
        ({"highway": "pedestrian", "area": "yes"}, "square: an area, not a line"),
        ({"railway": "subway", "tunnel": "yes"}, "railway: tunnel"),
        ({"railway": "rail", "service": "yard"}, "side track of a railway"),
        ({"railway": "abandoned"}, "railway out of use, in the street, or not a track"),
        ({"waterway": "stream", "tunnel": "culvert"}, "water in a tunnel"),
        ({"barrier": "kerb"}, "low barrier: kerb, rail or other"),
    ],
)
def test_lines_that_do_not_divide_have_a_reason(tags: dict[str, str], reason: str) -> None:
    assert line_kind(tags)[1:] == ("", reason)


def test_other_tags_are_no_lines() -> None:
    assert line_kind({"landuse": "grass"}) == ("", "", "")


def test_kinds_of_land_and_buildings() -> None:
    assert land_kind({"leisure": "park"}) == land_kind({"landuse": "cemetery"}) == "green"
    assert land_kind({"amenity": "marketplace"}) == land_kind({"landuse": "retail"}) == "market"
    assert land_kind({"highway": "residential"}) == ""
    assert building_kind({"building": "yes", "amenity": "school"}) == "school"
    assert building_kind({"building": "house", "amenity": "school"}) == "house"


def test_layers_of_a_small_file(write_osm: Writer) -> None:
    path = write_osm(
        ways=[
            (ROAD, {"highway": "residential", "name": "建设路"}),
            (HOUSE, {"building": "yes", "addr:housenumber": "12", "addr:street": "建设路"}),
            (shifted(HOUSE, 0.001), {"building": "no"}),
            (shifted(HOUSE, 0.002), {"landuse": "residential", "name": "阳光小区"}),
            (shifted(HOUSE, 0.003), {"natural": "water"}),
            (shifted(ROAD, 0.003), {"highway": "footway"}),
        ],
        nodes=[((114.0001, 34.00005), {"addr:housenumber": "14", "addr:unit": "1-3"})],
    )
    layers = read_osm(path)
    assert layers.streets[["kind", "name"]].to_numpy().tolist() == [["street", "建设路"]]
    assert layers.buildings["building_id"].tolist() == ["w2"]
    assert layers.buildings["number"].tolist() == ["12"]
    assert layers.addresses[["number", "unit"]].to_numpy().tolist() == [["14", "1-3"]]
    assert layers.barriers[["kind", "name"]].to_numpy().tolist() == [["wall", "阳光小区"]]
    assert sorted(layers.land["kind"]) == ["compound", "water"]
    left_out = layers.left_out.table().set_index("reason")["count"].to_dict()
    assert left_out == {"footway, path, steps or cycleway": 1, "water too small to divide": 1}
    assert layers.extent.bounds == pytest.approx((113.999, 33.9999, 114.001, 34.0001))


def test_business_doors_are_no_homes(write_osm: Writer) -> None:
    nodes = [((114.0001, 34.00005), {"addr:housenumber": "14", "addr:unit": "5", "shop": "bakery"})]
    assert read_osm(write_osm(ways=[(HOUSE, {"building": "yes"})], nodes=nodes)).addresses["unit"].tolist() == [""]


def test_a_multipolygon_relation_is_one_building(write_osm: Writer) -> None:
    path = write_osm(
        ways=[(HOUSE[:3], {}), (HOUSE[2:], {})],
        relations=[((1, 2), {"type": "multipolygon", "building": "apartments"})],
    )
    buildings = read_osm(path).buildings
    assert buildings["building_id"].tolist() == ["r1"]
    assert buildings.geometry.iloc[0].geom_type == "Polygon"


def test_a_building_whose_outline_crosses_itself_is_mended(write_osm: Writer) -> None:
    crossed = [HOUSE[0], HOUSE[2], HOUSE[1], HOUSE[3], HOUSE[0]]
    layers = read_osm(write_osm(ways=[(crossed, {"building": "house"}), (ROAD, {"highway": "track"})]))
    assert layers.buildings["kind"].tolist() == ["house"]
    assert layers.buildings.geometry.iloc[0].is_valid
    assert layers.left_out.counts["buildings", "mended: the outline crossed itself"] == 1


def test_streets_cut_by_the_extract_keep_what_is_there(write_osm: Writer) -> None:
    path = write_osm(ways=[([(114.0, 34.0), (114.001, 34.0), (114.002, 34.0)], {"highway": "tertiary"})])
    text = path.read_text(encoding="utf-8").replace('<nd ref="1"/>', '<nd ref="99"/><nd ref="1"/>')
    path.write_text(text, encoding="utf-8")
    streets = read_osm(path).streets
    assert shapely.get_num_coordinates(streets.geometry.to_numpy()).tolist() == [3]


def test_an_area_cuts_and_projects(write_osm: Writer) -> None:
    path = write_osm(
        ways=[
            ([(113.99, 34.0), (114.01, 34.0)], {"highway": "primary"}),
            ([(114.1, 34.0), (114.2, 34.0)], {"highway": "primary"}),
            (HOUSE, {"building": "yes"}),
            (shifted(HOUSE, 0.1), {"building": "yes"}),
        ]
    )
    area = gpd.GeoDataFrame(geometry=[shapely.box(113.999, 33.999, 114.001, 34.001)], crs="EPSG:4326")
    layers = read_osm(path, area)
    assert layers.buildings["building_id"].tolist() == ["w3"]
    assert layers.streets.crs.to_epsg() == 32649
    width = 0.002 * 111_320 * 0.829
    assert layers.streets.length.tolist() == [pytest.approx(width + 100, rel=0.01)]
    assert layers.left_out.counts["streets", "outside the area"] == 1


def test_names_of_areas_cut_off_are_known(write_osm: Writer) -> None:
    tags = {"type": "boundary", "boundary": "administrative", "name": "中原区", "admin_level": "6"}
    layers = read_osm(write_osm(ways=[(HOUSE, {"building": "yes"})], relations=[((77,), tags)]))
    assert layers.cut_off == {"中原区"}


def test_missing_file() -> None:
    with pytest.raises(InputError, match=r"nowhere\.osm: no such file: give an OpenStreetMap extract"):
        read_osm("nowhere.osm")


def test_no_osm_file(tmp_path: Path) -> None:
    path = tmp_path / "broken.osm"
    path.write_text("not xml", encoding="utf-8")
    with pytest.raises(InputError, match=r"^broken\.osm: cannot be read as an OpenStreetMap file: "):
        read_osm(path)


def test_a_file_of_another_kind(tmp_path: Path) -> None:
    path = tmp_path / "town.docx"
    path.write_text("?", encoding="utf-8")
    with pytest.raises(InputError, match=r"^town\.docx: cannot be read as an OpenStreetMap file: "):
        read_osm(path)


def test_an_empty_osm_file(write_osm: Writer) -> None:
    with pytest.raises(InputError, match=r"^town\.osm: neither streets nor buildings in it"):
        read_osm(write_osm(nodes=[((114.0, 34.0), {"place": "city"})]))
