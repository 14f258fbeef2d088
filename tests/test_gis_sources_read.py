"""The one door, on small towns made for the purpose; each bad input is one test of its message."""

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gis.errors import CrsError, InputError
from gis.sources import HouseholdRule, Town, read_town
from gis.sources.files import Source
from gis.sources.left_out import LeftOut
from gis.sources.lines import RIM_M, clip_lines, read_lines, word_kind
from gis.sources.update import update_town

UTM = "EPSG:32649"
EAST, NORTH = 500_000.0, 3_800_000.0


def box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    return shapely.box(EAST + west, NORTH + south, EAST + east, NORTH + north)


def layer(shapes: Sequence[object], crs: str = UTM, **columns: Sequence[object]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=crs)


HOUSES = [box(x, y, x + 10, y + 10) for y in (50, 150) for x in (50, 150, 250)]


@pytest.fixture
def town(tmp_path: Path) -> dict[str, Path]:
    """Files of a town of six houses, two streets, two communities; the area leaves out the third column."""
    files = {name: tmp_path / f"{name}.gpkg" for name in ("streets", "buildings", "area", "within", "barriers")}
    streets = [
        shapely.LineString([(EAST - 500, NORTH + 100), (EAST + 500, NORTH + 100)]),
        shapely.LineString([(EAST + 100, NORTH), (EAST + 100, NORTH + 200)]),
    ]
    layer(streets, name=["中原路", "南街"], highway=["primary", "footway"]).to_file(files["streets"])
    ids = [f"h{at}" for at in range(6)]
    layer(HOUSES, building_id=ids, households=[1, 2, 3, 4, 5, 6], levels=[1, 2, 3, 4, 5, 6]).to_file(
        files["buildings"], layer="buildings"
    )
    layer([box(0, 0, 200, 200)], code=["A"], name=["Old town"]).to_file(files["area"])
    layer([box(0, 0, 100, 200), box(100, 0, 300, 200)], 编码=["w", "e"], 名称=["West", "East"]).to_file(files["within"])
    river = shapely.LineString([(EAST, NORTH + 20), (EAST + 200, NORTH + 20)])
    layer([river], kind=["river"]).to_file(files["barriers"])
    return files


def left_out(town: Town) -> dict[tuple[str, str], int]:
    return {
        (row.layer, row.reason): row.count_ for row in town.left_out.rename(columns={"count": "count_"}).itertuples()
    }


def test_a_town_from_files(town: dict[str, Path]) -> None:
    said: list[str] = []
    read = read_town(
        streets=town["streets"], buildings=town["buildings"], barriers=town["barriers"], area=town["area"],
        within=town["within"], progress=said.append,
    )  # fmt: skip
    assert read.area[["code", "name"]].to_numpy().tolist() == [["A", "Old town"]]
    assert read.communities[["code", "name"]].to_numpy().tolist() == [["w", "West"], ["e", "East"]]
    assert read.communities.area.tolist() == [20_000, 20_000]
    assert read.barriers[["kind", "name"]].to_numpy().tolist() == [["arterial", "中原路"], ["river", ""]]
    assert read.barriers.length.tolist() == [200 + 2 * RIM_M, 200]
    assert read.buildings.drop(columns="geometry").to_numpy().tolist() == [
        [name, count, "column", count, ""] for name, count in (("h0", 1), ("h1", 2), ("h3", 4), ("h4", 5))
    ]
    assert left_out(read) == {
        ("streets", "not a boundary, by its kind"): 1,
        ("buildings", "outside the area"): 2,
    }
    assert [entry["name"] for entry in read.inputs] == [
        "streets.gpkg", "barriers.gpkg", "buildings.gpkg", "area.gpkg", "within.gpkg",
    ]  # fmt: skip
    assert all(len(entry["sha256"]) == 64 for entry in read.inputs)
    assert said[0] == "reading streets.gpkg"
    assert {str(frame.crs) for frame in (read.area, read.communities, read.barriers, read.buildings, read.land)} == {
        UTM
    }
    assert list(read.dwellings) == ["building_id", "entrance", "floor_from", "floor_to", "households"]


def test_dtypes_are_as_promised(town: dict[str, Path]) -> None:
    read = read_town(streets=town["streets"], buildings=town["buildings"])
    assert read.buildings[["households", "floors"]].dtypes.astype("str").tolist() == ["int64", "int64"]
    assert read.dwellings.dtypes.astype("str").tolist() == ["str", "str", "int64", "int64", "int64"]
    assert read.left_out["count"].dtype == "int64"


def test_an_area_around_everything(town: dict[str, Path]) -> None:
    read = read_town(streets=town["streets"], buildings=town["buildings"])
    assert len(read.buildings) == 6
    assert read.area["name"].tolist() == ["buildings"]
    assert read.area.geometry.iloc[0].contains(shapely.union_all(HOUSES))
    assert read.communities.empty


def test_the_communities_make_the_area(town: dict[str, Path]) -> None:
    read = read_town(buildings=town["buildings"], within=town["within"])
    assert read.area.area.tolist() == [60_000]
    assert len(read.communities) == 2
    assert read.barriers.empty


def test_a_name_in_the_communities_makes_the_area(town: dict[str, Path]) -> None:
    read = read_town(buildings=town["buildings"], within=town["within"], area=" wEST ")
    assert read.area["name"].tolist() == ["wEST"]
    assert read.communities["code"].tolist() == ["w"]
    assert read.buildings["building_id"].tolist() == ["h0", "h3"]


def test_seams_between_communities_belong_to_the_area(tmp_path: Path, town: dict[str, Path]) -> None:
    lens = shapely.Polygon([(EAST + 100, NORTH + 50), (EAST + 100.1, NORTH + 100), (EAST + 100, NORTH + 150)])
    shapes = [box(0, 0, 100, 200), box(100, 0, 300, 200).difference(lens)]
    layer(shapes, name=["West", "East"]).to_file(tmp_path / "seam.gpkg")
    read = read_town(buildings=town["buildings"], within=tmp_path / "seam.gpkg")
    assert read.area.area.tolist() == [60_000]
    assert left_out(read)["communities", "mended: seam between communities"] == 1
    assert read.communities["code"].tolist() == ["001", "002"]


def test_communities_that_are_not_valid_are_mended(tmp_path: Path, town: dict[str, Path]) -> None:
    bow = shapely.Polygon([(EAST, NORTH), (EAST + 200, NORTH + 200), (EAST + 200, NORTH), (EAST, NORTH + 200)])
    layer([bow], name=["Bow"]).to_file(tmp_path / "bow.gpkg")
    read = read_town(buildings=town["buildings"], within=tmp_path / "bow.gpkg")
    assert read.communities.geometry.is_valid.all()
    assert left_out(read)["communities", "mended: the polygon was not valid"] == 1


def test_an_area_that_crosses_itself(tmp_path: Path, town: dict[str, Path]) -> None:
    bow = shapely.Polygon([(EAST, NORTH), (EAST + 200, NORTH + 200), (EAST + 200, NORTH), (EAST, NORTH + 200)])
    layer([bow]).to_file(tmp_path / "bow.gpkg")
    expected = r"^bow\.gpkg, row 1: the area's polygon is not valid: Self-intersection\[500100 3800100\]: redraw it"
    with pytest.raises(InputError, match=expected):
        read_town(buildings=town["buildings"], area=tmp_path / "bow.gpkg")


def test_an_unknown_name(town: dict[str, Path]) -> None:
    with pytest.raises(
        InputError, match=r"^area 'Wset': neither a file nor a name in the given .* did you mean West\?"
    ):
        read_town(buildings=town["buildings"], within=town["within"], area="Wset")


def test_a_missing_area_file(town: dict[str, Path]) -> None:
    with pytest.raises(InputError, match=r"^aera\.geojson: no such file: check the path$"):
        read_town(buildings=town["buildings"], area="aera.geojson")


def test_communities_elsewhere(tmp_path: Path, town: dict[str, Path]) -> None:
    layer([box(9_000, 0, 9_100, 100)], name=["Far"]).to_file(tmp_path / "far.gpkg")
    with pytest.raises(InputError, match=r"far\.gpkg: no community in the area: check that the files show"):
        read_town(buildings=town["buildings"], area=town["area"], within=tmp_path / "far.gpkg")


def test_a_level_without_an_osm_file(town: dict[str, Path]) -> None:
    with pytest.raises(InputError, match=r"^within 8: administrative levels come from an OpenStreetMap file"):
        read_town(buildings=town["buildings"], area=town["area"], within="8")


def test_nothing_given() -> None:
    with pytest.raises(InputError, match=r"^no buildings given: give an OpenStreetMap file, or a file of buildings$"):
        read_town()


def test_no_buildings_in_the_area(tmp_path: Path, town: dict[str, Path]) -> None:
    layer([box(0, 0, 30, 120)], name=["Empty"]).to_file(tmp_path / "empty.gpkg")
    with pytest.raises(InputError, match=r"^no buildings in the area 'Empty', but 6 buildings outside it: check"):
        read_town(buildings=town["buildings"], streets=town["streets"], area=tmp_path / "empty.gpkg")


def test_neither_buildings_nor_streets_in_the_area(tmp_path: Path, town: dict[str, Path]) -> None:
    layer([box(0, 9_000, 30, 9_020)], name=["Moon"]).to_file(tmp_path / "moon.gpkg")
    with pytest.raises(InputError, match=r"^neither buildings nor streets in the area 'Moon', but 6 buildings"):
        read_town(buildings=town["buildings"], streets=town["streets"], area=tmp_path / "moon.gpkg")


def test_no_households_at_all(tmp_path: Path) -> None:
    layer(HOUSES, households=[0] * 6).to_file(tmp_path / "empty.gpkg")
    with pytest.raises(InputError, match=r"^no households in the area 'empty', but 6 buildings: name their column"):
        read_town(buildings=tmp_path / "empty.gpkg")


def test_ids_that_repeat(tmp_path: Path) -> None:
    layer(HOUSES, building_id=["a", "b", "c", "a", "e", "f"]).to_file(tmp_path / "b.gpkg")
    with pytest.raises(InputError, match=r"^b\.gpkg: building_id 'a' stands in rows 1, 4 \(1 ids repeat\): give every"):
        read_town(buildings=tmp_path / "b.gpkg")


def test_an_id_that_is_missing(tmp_path: Path) -> None:
    layer(HOUSES, building_id=["a", "b", None, "d", "e", "f"]).to_file(tmp_path / "b.gpkg")
    with pytest.raises(InputError, match=r"^b\.gpkg, row 3: building_id is empty: give every building its own$"):
        read_town(buildings=tmp_path / "b.gpkg")


def test_households_that_are_negative(tmp_path: Path) -> None:
    layer(HOUSES, households=[1, 1, 1, -1, 1, 1]).to_file(tmp_path / "b.gpkg")
    with pytest.raises(InputError, match=r"^b\.gpkg, row 4: households is -1, negative: give counts"):
        read_town(buildings=tmp_path / "b.gpkg")


def test_a_household_column_that_is_not_there(town: dict[str, Path]) -> None:
    with pytest.raises(InputError, match=r"^buildings\.gpkg: no column 'hushold': it has building_id, households, "):
        read_town(buildings=town["buildings"], household_column="hushold")


def test_a_household_column_of_nothing(write_osm: Callable[..., Path]) -> None:
    house = [(114.0, 34.0), (114.0002, 34.0), (114.0002, 34.0001), (114.0, 34.0)]
    path = write_osm(ways=[(house, {"building": "yes"})])
    with pytest.raises(InputError, match=r"^household column 'n': it needs a file that has it"):
        read_town(osm=path, household_column="n")


def test_buildings_in_the_wrong_reference_system(tmp_path: Path) -> None:
    layer(HOUSES).set_crs("EPSG:4326", allow_override=True).to_parquet(tmp_path / "b.parquet")
    with pytest.raises(CrsError, match=r"^b\.parquet: coordinates such as .* are metres, but"):
        read_town(buildings=tmp_path / "b.parquet")


def test_a_footprint_drawn_twice_counts_once(tmp_path: Path) -> None:
    turned = shapely.Polygon(list(HOUSES[0].exterior.coords)[2:] + list(HOUSES[0].exterior.coords)[1:3])
    layer([*HOUSES, turned], households=[1] * 7).to_file(tmp_path / "b.gpkg")
    read = read_town(buildings=tmp_path / "b.gpkg")
    assert len(read.buildings) == 6
    assert left_out(read) == {("buildings", "drawn twice: the same footprint"): 1}


def test_blocks_at_one_located_address_are_two(tmp_path: Path) -> None:
    points = [shapely.Point(EAST, NORTH)] * 3 + [shapely.Point(EAST + 50, NORTH + 50)]
    layer(points, address=["1 A", "2 A", "2 A", "3 A"], households=[5] * 4).to_file(tmp_path / "b.gpkg")
    assert read_town(buildings=tmp_path / "b.gpkg").buildings["address"].tolist() == ["1 A", "2 A", "3 A"]


def test_a_building_over_the_rim_is_in_by_its_middle(tmp_path: Path, town: dict[str, Path]) -> None:
    shapes = [box(195, 50, 203, 60), box(198, 90, 230, 100)]
    layer(shapes, building_id=["in", "out"]).to_file(tmp_path / "rim.gpkg")
    assert read_town(buildings=tmp_path / "rim.gpkg", area=town["area"]).buildings["building_id"].tolist() == ["in"]


def add_dwellings(path: Path, **columns: Sequence[object]) -> None:
    pyogrio.write_dataframe(pd.DataFrame(columns), path, layer="dwellings", append=True)


def test_dwellings_and_land_beside_the_buildings(tmp_path: Path, town: dict[str, Path]) -> None:
    path = tmp_path / "towers.gpkg"
    layer(HOUSES, building_id=[f"h{at}" for at in range(6)]).to_file(path, layer="buildings")
    layer([box(60, 60, 90, 90)], kind=["green"], name=["People's Park"]).to_file(path, layer="land")
    add_dwellings(
        path,
        building_id=["h0", "h0", "h2"],
        entrance=["1", "1", "2"],
        floor_from=[1, 4, -1],
        floor_to=[3, 6, 2],
        households=[6, 7, 8],
    )
    read = read_town(buildings=path, area=town["area"])
    assert read.buildings["households"].tolist() == [13, 1, 1, 1]
    assert read.buildings["household_basis"].tolist() == ["column", "house", "house", "house"]
    assert read.dwellings.to_numpy().tolist() == [["h0", "1", 1, 3, 6], ["h0", "1", 4, 6, 7]]
    assert read.land[["kind", "name"]].to_numpy().tolist() == [["green", "People's Park"]]


def test_dwellings_that_do_not_add_up(town: dict[str, Path]) -> None:
    add_dwellings(town["buildings"], building_id=["h1"], entrance=["1"], floor_from=[1], floor_to=[2], households=[3])
    with pytest.raises(InputError, match=r"^building 'h1': 2 households, but its dwellings have 3 \(1 buildings"):
        read_town(buildings=town["buildings"])


def test_dwellings_of_an_unknown_building(town: dict[str, Path]) -> None:
    add_dwellings(town["buildings"], building_id=["h9"], entrance=["1"], floor_from=[1], floor_to=[2], households=[3])
    with pytest.raises(InputError, match=r"^dwellings: building 'h9' is not among the buildings \(1 rows\)"):
        read_town(buildings=town["buildings"])


def test_dwellings_upside_down(town: dict[str, Path]) -> None:
    add_dwellings(town["buildings"], building_id=["h1"], entrance=["1"], floor_from=[3], floor_to=[2], households=[2])
    with pytest.raises(InputError, match=r"^buildings\.gpkg, layer dwellings, row 1: floors 3 to 2 run downwards"):
        read_town(buildings=town["buildings"])


def test_dwellings_without_floors(town: dict[str, Path]) -> None:
    add_dwellings(town["buildings"], building_id=["h1"], households=[2])
    with pytest.raises(InputError, match=r"layer dwellings: no column floor_from, floor_to: add it, or leave the tab"):
        read_town(buildings=town["buildings"])


def test_persons_in_the_dwellings(town: dict[str, Path]) -> None:
    add_dwellings(town["buildings"], building_id=["h1"], 户主=["x"])
    with pytest.raises(InputError, match=r"^buildings\.gpkg, layer dwellings: personal columns are not read \(户主\)"):
        read_town(buildings=town["buildings"])


def test_a_list_of_households_wins_over_the_column(tmp_path: Path, town: dict[str, Path]) -> None:
    pd.DataFrame({"building_id": ["h0", "h1"], "households": [40, 50]}).to_csv(tmp_path / "h.csv", index=False)
    read = read_town(buildings=town["buildings"], area=town["area"], households=tmp_path / "h.csv")
    assert read.buildings["households"].tolist() == [40, 50, 4, 5]


def test_a_list_of_households_for_an_osm_file(tmp_path: Path, write_osm: Callable[..., Path]) -> None:
    house = [(114.0, 34.0), (114.0002, 34.0), (114.0002, 34.0001), (114.0, 34.0001), (114.0, 34.0)]
    osm = write_osm(ways=[(house, {"building": "yes", "addr:housenumber": "12号", "addr:street": "建设路"})])
    pd.DataFrame({"门牌地址": ["建设路12号"], "户数": [96]}).to_csv(tmp_path / "h.csv", index=False)
    read = read_town(osm=osm, households=tmp_path / "h.csv")
    assert read.buildings[["households", "household_basis"]].to_numpy().tolist() == [[96, "column"]]


def test_own_streets_take_the_place_of_those_in_the_osm_file(tmp_path: Path, write_osm: Callable[..., Path]) -> None:
    house = [(114.0, 34.0), (114.0002, 34.0), (114.0002, 34.0001), (114.0, 34.0001), (114.0, 34.0)]
    line = [(113.9999, 34.00005), (114.0003, 34.00005)]
    osm = write_osm(ways=[(house, {"building": "yes"}), (line, {"highway": "primary"}), (line, {"railway": "rail"})])
    layer([shapely.LineString(line)], "EPSG:4326", name=["ours"]).to_file(tmp_path / "s.gpkg")
    read = read_town(osm=osm, streets=tmp_path / "s.gpkg")
    assert read.barriers[["kind", "name"]].to_numpy().tolist() == [["street", "ours"], ["rail", ""]]


ADMIN = {"type": "boundary", "boundary": "administrative"}


@pytest.fixture
def district(write_osm: Callable[..., Path]) -> Path:
    """A district of two communities with a house in each."""
    xs, ys = (114.0, 114.01, 114.02), (34.0, 34.01)
    west = [(xs[0], ys[0]), (xs[1], ys[0]), (xs[1], ys[1]), (xs[0], ys[1]), (xs[0], ys[0])]
    east = [(xs[1], ys[0]), (xs[2], ys[0]), (xs[2], ys[1]), (xs[1], ys[1]), (xs[1], ys[0])]
    whole = [(xs[0], ys[0]), (xs[1], ys[0]), (xs[2], ys[0]), (xs[2], ys[1]), (xs[1], ys[1]), (xs[0], ys[1])]
    houses = [
        [(x, 34.005), (x + 0.0002, 34.005), (x + 0.0002, 34.0051), (x, 34.0051), (x, 34.005)]
        for x in (114.005, 114.015)
    ]
    return write_osm(
        ways=[
            (west, {}),
            (east, {}),
            ([*whole, whole[0]], {}),
            *((house, {"building": "house"}) for house in houses),
        ],
        relations=[
            ((1,), {**ADMIN, "admin_level": "10", "name": "West", "ref": "410102001"}),
            ((2,), {**ADMIN, "admin_level": "10", "name": "East", "ref": "410102002"}),
            ((3,), {**ADMIN, "admin_level": "8", "name": "中原区", "name:en": "Zhongyuan"}),
            ((77,), {**ADMIN, "admin_level": "4", "name": "河南省"}),
        ],
        box=(113.99, 33.99, 114.03, 34.02),
    )


def test_an_area_by_name_has_the_next_level_as_communities(district: Path) -> None:
    read = read_town(osm=district, area="zhongyuan")
    assert read.area["name"].tolist() == ["中原区"]
    assert read.communities[["code", "name"]].to_numpy().tolist() == [
        ["410102001", "West"],
        ["410102002", "East"],
    ]
    assert read.communities.area.sum() == pytest.approx(read.area.area.sum(), rel=1e-9)


def test_an_area_by_code(district: Path) -> None:
    read = read_town(osm=district, area="410102002")
    assert read.area["name"].tolist() == ["East"]
    assert read.communities.empty
    assert read.buildings["building_id"].tolist() == ["w5"]


def test_communities_by_level(district: Path) -> None:
    assert len(read_town(osm=district, within=10).communities) == 2
    assert len(read_town(osm=district, within="8").communities) == 1


def test_communities_that_leave_much_of_the_area_are_not_taken(district: Path) -> None:
    assert read_town(osm=district).communities.empty


def test_a_level_the_file_has_not(district: Path) -> None:
    with pytest.raises(
        InputError, match=r"^town\.osm: no areas of administrative level 9 in the area: it has .* 8, 10"
    ):
        read_town(osm=district, within=9)


def test_a_name_of_which_the_file_has_a_part(district: Path) -> None:
    with pytest.raises(
        InputError, match=r"^area '河南省': town\.osm holds only a part of it: give the area as a file$"
    ):
        read_town(osm=district, area="河南省")


def test_the_rule_reaches_the_estimate(tmp_path: Path) -> None:
    layer([box(0, 0, 30, 40)]).to_file(tmp_path / "b.gpkg")
    rule = HouseholdRule(m2_per_household=100, default_floors=6)
    assert read_town(buildings=tmp_path / "b.gpkg", rule=rule).buildings["households"].tolist() == [72]


def test_lines_of_no_known_kind(tmp_path: Path) -> None:
    layer([shapely.LineString([(EAST, NORTH), (EAST, NORTH + 9)])], kind=["dream"]).to_file(tmp_path / "s.gpkg")
    with pytest.raises(InputError, match=r"^s\.gpkg: no known kind of line in column 'kind' \(dream\): use wall, lane"):
        read_lines(Source.of(tmp_path / "s.gpkg"), LeftOut(), "streets", "street")


def test_words_for_lines() -> None:
    assert {word_kind(word) for word in ("arterial", "trunk_link", "主干道")} == {"arterial"}
    assert [word_kind(word) for word in ("铁路", "hedge", "gap", "rim", "")] == ["rail", "wall", "", "", ""]


coordinate = st.floats(-400, 400, allow_nan=False).map(lambda value: round(value, 2))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.lists(
        st.lists(st.tuples(coordinate, coordinate), min_size=2, max_size=5, unique=True),
        min_size=1,
        max_size=6,
    )
)
def test_cut_lines_lose_nothing_in_the_area(drawn: list[list[tuple[float, float]]]) -> None:
    shapes = [shapely.LineString(points) for points in drawn]
    lines = gpd.GeoDataFrame(geometry=shapes, crs=UTM).assign(kind="street", name="")
    ground = shapely.Polygon([(-100, -100), (100, -100), (0, 0), (100, 100), (-100, 100)])
    ledger = LeftOut()
    cut = clip_lines(lines, ground, ledger, "streets")
    inside = shapely.length(shapely.intersection(lines.geometry.to_numpy(), ground)).sum()
    assert shapely.length(shapely.intersection(cut.geometry.to_numpy(), ground)).sum() == pytest.approx(
        inside, abs=1e-6
    )
    assert (cut.geometry.geom_type == "LineString").all()
    assert (shapely.distance(cut.geometry.to_numpy(), ground) <= RIM_M).all()
    missed = sum(not line.intersects(ground) for line in shapes)
    assert ledger.counts["streets", "outside the area"] == missed


def test_a_list_that_counts_rows_says_so(tmp_path: Path, town: dict[str, Path]) -> None:
    (tmp_path / "list.csv").write_text("building_id\nh1\nh1\nh2\n")
    said: list[str] = []
    read = read_town(buildings=town["buildings"], households=tmp_path / "list.csv", progress=said.append)
    assert "list.csv has no column of households: each of its 3 rows is one" in said
    assert read.buildings.set_index("building_id")["households"][["h1", "h2"]].tolist() == [2, 1]


def test_entrances_and_floors_live_on_where_new_files_do_not_know_them(tmp_path: Path, town: dict[str, Path]) -> None:
    path = tmp_path / "towers.gpkg"
    ids = [f"h{at}" for at in range(6)]
    layer(HOUSES, building_id=ids).to_file(path, layer="buildings")
    floors = {"entrance": ["1", "1", "2"], "floor_from": [1, 4, 1], "floor_to": [3, 6, 2], "households": [6, 7, 1]}
    add_dwellings(path, building_id=["h0", "h0", "h1"], **floors)
    read = read_town(buildings=path, area=town["area"])
    (tmp_path / "list.csv").write_text("building_id,households\nh0,25\nh1,0\n")
    listed = update_town(read, households=tmp_path / "list.csv")
    assert listed.dwellings.to_numpy().tolist() == [["h0", "1", 1, 3, 11], ["h0", "1", 4, 6, 14]]
    assert listed.buildings["households"].tolist() == [25, 0, *read.buildings["households"][2:]]
    layer(HOUSES, building_id=ids, households=26).to_file(tmp_path / "now.gpkg", layer="buildings")
    rebuilt = update_town(read, buildings=tmp_path / "now.gpkg")
    assert rebuilt.dwellings["households"].tolist() == [12, 14, 26]
    assert rebuilt.left_out.set_index("layer")["count"]["dwellings"] == 2


def test_entrances_where_nobody_lived_are_no_guide(tmp_path: Path, town: dict[str, Path]) -> None:
    read = read_town(buildings=town["buildings"], area=town["area"])
    empty = pd.DataFrame({"building_id": ["h0"], "entrance": ["1"], "floor_from": [1], "floor_to": [1]})
    known = dataclasses.replace(read, dwellings=empty.assign(households=0))
    (tmp_path / "list.csv").write_text("building_id,households\nh0,25\n")
    assert update_town(known, households=tmp_path / "list.csv").dwellings.empty
