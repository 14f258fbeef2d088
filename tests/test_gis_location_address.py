"""The geocoder: numbers exactly, names as near as a slip of the pen, and never a number that is not there."""

import doctest
import importlib
import math
import pkgutil
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

import gis
import gis.location.address
from data.town_names import numeral
from gis.location.address import chinese, western
from gis.location.address.gazetteer import Gazetteer
from gis.plan import Plan
from gis.sources.addresses import full_address

CERTAIN = 0.9
WANTED = 0.98
ASKED = 5_000
AREA = "明河区西柳街道"


@pytest.fixture(scope="module")
def plan(town_plan: Plan) -> Plan:
    return town_plan


@pytest.fixture(scope="module")
def gazetteer(plan: Plan) -> Gazetteer:
    return Gazetteer.from_plan(plan)


# ---------------------------------------------------------------------------------------------------------------------
# Addresses of the demo town, written in every way


@dataclass(frozen=True)
class Place:
    """An address of the demo town in its parts."""

    building: str
    road: str
    number: str
    compound: str
    block: str
    kind: str

    @property
    def full(self) -> str:
        return f"{AREA}{self.road}{self.number}号{self.tail}"

    @property
    def tail(self) -> str:
        return self.compound + self.block + self.kind


def places_of(plan: Plan) -> list[Place]:
    grammar = re.compile(rf"{AREA}(\D+?)(\d+)号(\D*)(\d*)(\D*)")
    found = []
    for building, address in zip(plan.buildings["building_id"], plan.buildings["address"], strict=True):
        parts = grammar.fullmatch(address)
        assert parts, address
        found.append(Place(str(building), *parts.groups()))
    return found


def wide(text: str) -> str:
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)


def in_chinese(text: str) -> str:
    def spell(match: re.Match[str]) -> str:
        return numeral(int(match[0])) if 0 < int(match[0]) < 100 else match[0]

    return re.sub(r"\d+", spell, text)


def traditional(text: str) -> str:
    return text.translate(str.maketrans("号楼区街单门园国东", "號樓區街單門園國東"))


def slip(name: str, rng: np.random.Generator) -> str:
    """Drop, double, swap or replace one sign that is no numeral: a numeral in a name is a number."""
    places = [k for k, sign in enumerate(name) if sign not in "一二三四五六七八九十0123456789"]
    at = int(rng.choice(places))
    kind = int(rng.integers(4))
    if kind == 0:
        return name[:at] + name[at + 1 :]
    if kind == 1:
        return name[:at] + name[at] + name[at:]
    if kind == 2 and at + 1 in places:
        return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    return name[:at] + str(rng.choice(list("泰秦苑菀柳抑建健明朋"))) + name[at + 1 :]


def homely(rng: np.random.Generator) -> tuple[str, str, str]:
    """Return an entrance, a floor and a room that every block of flats of the town has."""
    return "1", str(rng.integers(1, 3)), f"{rng.integers(1, 3)}0{rng.integers(1, 3)}"


Way = Callable[[Place, np.random.Generator], str | None]


def _flat(form: str) -> Way:
    def write(place: Place, rng: np.random.Generator) -> str | None:
        entrance, floor, room = homely(rng)
        return form.format(full=place.full, p=place, e=entrance, f=floor, r=room) if place.kind == "号楼" else None

    return write


def _exchanged(place: Place, rng: np.random.Generator) -> str | None:
    kinds = ("栋", "幢", "座", "#楼", "#")
    return place.full.removesuffix("号楼") + str(rng.choice(kinds)) if place.kind == "号楼" else None


def _spaced(place: Place, rng: np.random.Generator) -> str:
    gap = str(rng.choice([" ", ",", "，", "　", "、"]))
    return gap.join(filter(None, [AREA[:3], AREA[3:], place.road + place.number + "号", place.tail]))


WAYS: dict[str, Way] = {
    "full": lambda place, _: place.full,
    "without district": lambda place, _: place.full.removeprefix(AREA[:3]),
    "without district and office": lambda place, _: place.full.removeprefix(AREA),
    "full-width": lambda place, _: wide(place.full),
    "numerals": lambda place, _: in_chinese(place.full),
    "12-3-501": _flat("{p.road}{p.number}号{p.compound}{p.block}-{e}-{r}"),
    "compound 12-3-501": _flat("{p.compound}{p.block}-{e}-{r}"),
    "12-3-501室": _flat("{p.road}{p.compound}{p.block}-{e}-{r}室"),
    "3-2单元": _flat("{p.compound}{p.block}-{e}单元"),
    "apart": _spaced,
    "traditional": lambda place, _: traditional(place.full),
    "compound only": lambda place, _: place.tail or None,
    "compound, road without number": lambda place, _: place.road + place.tail if place.tail else None,
    "road and number only": lambda place, _: f"{place.road}{place.number}号",
    "without 号": lambda place, _: f"{place.road}{place.number}" if not place.tail else None,
    "栋 for 号楼": _exchanged,
    "entrance and room": _flat("{full}{e}单元{r}室"),
    "entrance, floor and room": _flat("{full}{e}单元{f}层"),
    "slip in the road": lambda place, rng: f"{AREA}{slip(place.road, rng)}{place.number}号{place.tail}",
    "slip in the road, no area": lambda place, rng: f"{slip(place.road, rng)}{place.number}号{place.tail}",
    "slip in the compound": lambda place, rng: (
        f"{AREA}{place.road}{place.number}号{slip(place.compound, rng)}{place.block}{place.kind}"
        if place.tail
        else None
    ),
    "slip in the compound, no road": lambda place, rng: (
        f"{slip(place.compound, rng)}{place.block}{place.kind}" if place.kind == "号楼" else None
    ),
    "from the country down": lambda place, _: f"中国河北省石家庄市{place.full}",
}


@dataclass(frozen=True)
class Asked:
    """A text, the way it is written, the place meant, and all buildings that the text truly fits."""

    text: str
    way: str
    place: Place
    fits: frozenset[str]


def edits(one: str, other: str) -> int:
    """Count slips, by the book, so that the truth does not come from what is tested."""
    table = {(i, -1): i + 1 for i in range(-1, len(one))} | {(-1, j): j + 1 for j in range(-1, len(other))}
    for i, a in enumerate(one):
        for j, b in enumerate(other):
            table[i, j] = min(table[i - 1, j] + 1, table[i, j - 1] + 1, table[i - 1, j - 1] + (a != b))
            if i and j and a == other[j - 1] and one[i - 1] == b:
                table[i, j] = min(table[i, j], table[i - 2, j - 2] + 1)
    return table[len(one) - 1, len(other) - 1]


def ambiguous(written: str, meant: str, names: set[str]) -> bool:
    """Whether a slip made a name that another is as near to: then the text does not say which."""
    slips = edits(written, meant)
    near = (name for name in names if name != meant and abs(len(name) - len(written)) <= slips)
    return any(edits(written, name) <= slips for name in near)


@pytest.fixture(scope="module")
def asked(plan: Plan) -> list[Asked]:
    """Write 5,000 addresses. What a text fits:

    a road and number all buildings behind that number; a compound with block all so numbered of its name; anything
    with both the one building. A slip that makes another name as near as the one meant is not asked.
    """
    rng = np.random.default_rng(7)
    places = places_of(plan)
    at_door, in_compound = defaultdict(set), defaultdict(set)
    for place in places:
        at_door[place.road, place.number].add(place.building)
        in_compound[place.tail].add(place.building)
    roads, compounds = {place.road for place in places}, {place.compound for place in places if place.compound}
    blocks = [place for place in places if place.tail]
    texts: list[Asked] = []
    ways = list(WAYS.items())
    for turn in range(3 * ASKED):
        name, write = ways[turn % len(ways)]
        pool = blocks if turn // len(ways) % 2 else places
        place = pool[int(rng.integers(len(pool)))]
        text = write(place, rng)
        if text is None or _unsaid(name, text, place, roads, compounds):
            continue
        fits = {place.building}
        if name == "road and number only":
            fits = at_door[place.road, place.number]
        elif name == "compound only":
            fits = in_compound[place.tail]
        texts.append(Asked(text, name, place, frozenset(fits)))
    assert len(texts) >= ASKED
    return texts[:ASKED]


def _unsaid(way: str, text: str, place: Place, roads: set[str], compounds: set[str]) -> bool:
    if way.startswith("slip in the road"):
        written = text.removeprefix(AREA).removesuffix(f"{place.number}号{place.tail}")
        return ambiguous(written, place.road, roads)
    if way.startswith("slip in the compound"):
        written = text.removeprefix(f"{AREA}{place.road}{place.number}号").removesuffix(place.block + place.kind)
        return ambiguous(written, place.compound, compounds)
    return False


def right(one: Asked, building: str) -> bool:
    """Say whether an answer is the truth: the building; or all, or openness, where the text fits several."""
    found = set(building.split(";")) - {""}
    return found == one.fits if len(one.fits) == 1 else found in (set(), one.fits)


def test_addresses_written_in_every_way_lead_to_their_buildings(gazetteer: Gazetteer, asked: list[Asked]) -> None:
    answers = gazetteer.find_all([one.text for one in asked])
    hits = pd.DataFrame(
        {
            "way": [one.way for one in asked],
            "right": [right(one, found) for one, found in zip(asked, answers["building_id"], strict=True)],
            "score": answers["score"],
        }
    )
    assert len(hits["way"].unique()) >= 12
    assert hits["right"].mean() >= WANTED, hits.groupby("way")["right"].mean()
    assert hits.groupby("way")["right"].mean().min() >= 0.95
    sure = hits["score"] >= CERTAIN
    assert hits.loc[sure, "right"].all()
    assert sure.mean() > 0.6


def test_numbers_that_are_not_there_are_never_accepted(gazetteer: Gazetteer, plan: Plan) -> None:
    places = places_of(plan)
    doors = {(place.road, place.number) for place in places}
    blocks = {(place.road, place.number, place.compound, place.block) for place in places}
    wrong = []
    for place in places:
        for number in (
            place.number * 2,
            place.number + "0",
            "1" + place.number,
            place.number + "甲",
            place.number + "-1",
        ):
            if (place.road, number) not in doors:
                wrong.append(f"{AREA}{place.road}{number}号")
            if place.kind and (place.road, place.number, place.compound, number) not in blocks:
                wrong.append(f"{AREA}{place.road}{place.number}号{place.compound}{number}{place.kind}")
    answers = gazetteer.find_all(wrong)
    assert len(wrong) > ASKED
    assert (answers["building_id"] == "").all(), answers[answers["building_id"] != ""]
    assert answers["score"].max() < 0.3


def test_names_with_other_numerals_are_other_names(gazetteer: Gazetteer, plan: Plan) -> None:
    roads = {place.road for place in places_of(plan)}
    written = {
        re.sub("[一二三四五六七八九十]+", numeral(number), road)
        for road in roads
        for number in range(1, 99)
        if re.search("[一二三四五六七八九十]", road)
    }
    answers = gazetteer.find_all(f"{road}1号" for road in sorted(written - roads))
    assert (answers["level"] == "none").all(), answers[answers["level"] != "none"]


def test_contradictions_lower_the_score_and_are_told(gazetteer: Gazetteer, plan: Plan) -> None:
    blocks = [place for place in places_of(plan) if place.kind == "号楼"]
    for place, other in zip(blocks[:-1:10], blocks[1::10], strict=False):
        far = next(each for each in blocks if each.road != place.road and each.compound != other.compound)
        answer = gazetteer.find(f"{far.road}{far.number}号{place.tail}")
        assert answer.score < CERTAIN
        assert place.road in answer.why or place.compound == far.compound
    lone = next(place for place in places_of(plan) if not place.tail)
    elsewhere = gazetteer.find(f"河东区西柳街道{lone.road}{lone.number}号")
    assert elsewhere.building_id == lone.building
    assert elsewhere.score < CERTAIN
    assert "河东区" in elsewhere.why


def test_floors_of_a_tower_lead_to_their_cells(gazetteer: Gazetteer, plan: Plan) -> None:
    split = plan.buildings.loc[plan.buildings["cell_code"].isna(), "building_id"]
    address = dict(zip(plan.buildings["building_id"], plan.buildings["address"], strict=True))
    homes = plan.dwellings[plan.dwellings["building_id"].isin(split)]
    assert len(homes) > 100
    for building, entrance, low, high, cell in zip(
        homes["building_id"], homes["entrance"], homes["floor_from"], homes["floor_to"], homes["cell_code"], strict=True
    ):
        for floor in {low, high}:
            for home in (f"{floor}02室", f"{floor}层", f"{in_chinese(str(floor))}楼"):
                answer = gazetteer.find(f"{address[building]}{entrance}{home}")
                assert (answer.building_id, answer.cell_code, answer.level) == (building, cell, "dwelling"), home
                assert answer.score >= CERTAIN
                assert answer.floor == floor


def test_homes_that_are_not_there_get_no_leaf(gazetteer: Gazetteer, plan: Plan) -> None:
    split = plan.buildings[plan.buildings["cell_code"].isna()]
    for building, address, floors in zip(split["building_id"], split["address"], split["floors"], strict=True):
        for home in ("9单元101室", f"1单元{floors + 1}层", f"1单元{floors + 7}01室"):
            answer = gazetteer.find(address + home)
            assert (answer.building_id, answer.level) == (building, "building")
            assert answer.score < CERTAIN
            assert "it has" in answer.why
            assert answer.cell_code == ""
        open_answer = gazetteer.find(address)
        assert open_answer.cell_code == ""
        assert len(open_answer.could_be.split(";")) > 1
        assert open_answer.parent_code


def test_the_point_lies_in_the_building(gazetteer: Gazetteer, plan: Plan) -> None:
    answers = gazetteer.find_all(plan.buildings["address"])
    assert (answers["building_id"] == plan.buildings["building_id"]).all()
    points = shapely.points(answers[["x", "y"]].to_numpy())
    assert shapely.contains(plan.buildings.geometry.to_numpy(), points).all()
    known = plan.buildings["cell_code"].notna()
    assert (answers["cell_code"][known] == plan.buildings["cell_code"][known]).all()


def test_a_community_alone_is_found(gazetteer: Gazetteer, plan: Plan) -> None:
    communities = plan.at_level("community")
    for name, code in zip(communities["name"], communities["code"], strict=True):
        for text in (name, f"明河区西柳街道{name}"):
            answer = gazetteer.find(text)
            assert (answer.level, answer.parent_code, answer.building_id) == ("community", code, "")
    grid = plan.at_level("grid").iloc[0]
    assert gazetteer.find(grid["name"]).parent_code == grid["code"]
    assert gazetteer.find("马上有人来看看").level == "none"
    assert math.isnan(gazetteer.find("").x)


# ---------------------------------------------------------------------------------------------------------------------
# Real addresses


def plan_of(town: gis.Town) -> Plan:
    """A plan of one cell: addresses do not ask how many there are."""
    cells = gpd.GeoDataFrame(
        {"code": ["1"], "level": ["grid"], "parent_code": [None], "name": [""]},
        geometry=town.area.geometry.to_numpy()[:1],
        crs=town.area.crs,
    )
    none = pd.DataFrame(columns=["building_id", "entrance", "floor_from", "floor_to", "cell_code"])
    buildings = town.buildings.assign(cell_code="1")
    return Plan(town.area, cells, cells, buildings, none, none, cells, cells, {"levels": ["grid"]})


def tagged(file: Path) -> Iterator[dict[str, str]]:
    for thing in osmium.FileProcessor(file):
        tags = dict(thing.tags)
        if "addr:housenumber" in tags and "addr:street" in tags:
            yield tags


def assert_found(plan: Plan, asked: list[tuple[str, set[str]]], least: int) -> None:
    """Ask for texts whose address, written one way or another, some building of the plan has; the truth is its set."""
    own = defaultdict(set)
    for building, addresses in zip(plan.buildings["building_id"], plan.buildings["address"], strict=True):
        for address in addresses.split(";"):
            own[address].add(str(building))
    truths = [(text, set().union(*(own.get(key, set()) for key in keys))) for text, keys in asked]
    truths = [(text, truth) for text, truth in truths if truth]
    assert len(truths) > least
    answers = Gazetteer.from_plan(plan).find_all([text for text, _ in truths])
    given = [set(building.split(";")) - {""} for building in answers["building_id"]]
    right = np.array(
        [found <= truth and (bool(found) or len(truth) > 1) for found, (_, truth) in zip(given, truths, strict=True)]
    )
    assert right.mean() >= WANTED
    assert right[answers["score"] >= CERTAIN].all()


def test_a_block_of_taipei(datasets: Path) -> None:
    file = datasets / "osm_china_small" / "taipei_block.osm"
    asked = []
    for tags in tagged(file):
        number, street = tags["addr:housenumber"].rstrip("號"), tags["addr:street"]
        text = tags.get("addr:full", f"臺北市中山區{street}{number}號")
        asked.append((text, {full_address(number, street), full_address(f"{number}號", street)}))
    assert_found(plan_of(gis.read_town(osm=file)), asked, 500)


SHORT = {"Street": "St", "Avenue": "Ave", "Boulevard": "Blvd.", "Place": "Pl", "Road": "RD", "Drive": "Dr"}
WESTERN: list[Callable[[str, str], str]] = [
    lambda number, street: f"{number} {street}",
    lambda number, street: f"{number} {street}, Queens Village, NY 11428".upper(),
    lambda number, street: f"{number} {' '.join(SHORT.get(word, word) for word in street.split())}",
    lambda number, street: f"{street} {number}",
    lambda number, street: f"{number} {re.sub(r'(?<=[0-9])(st|nd|rd|th)', '', street)} Apt 2B",
    lambda number, street: wide(f"{number} {street} Queens Village NY"),
]


def test_queens_village(datasets: Path) -> None:
    folder = datasets / "osm_queens_village_ny"
    file = folder / "queens_village_ny.osm.pbf"
    town = gis.read_town(osm=file, area=folder / "area.geojson")
    asked = []
    for k, tags in enumerate(tagged(file)):
        number, street = tags["addr:housenumber"], tags["addr:street"]
        asked.append((WESTERN[k % len(WESTERN)](number, street), {full_address(number, street)}))
    assert_found(plan_of(town), asked, 20_000)


# ---------------------------------------------------------------------------------------------------------------------
# A small plan of written addresses


def gazetteer_of(*addresses: str) -> Gazetteer:
    """Of buildings 0, 1, … with these addresses."""
    shapes = [shapely.box(20 * k, 0, 20 * k + 10, 10) for k in range(len(addresses))]
    crs = "EPSG:32649"
    area = gpd.GeoDataFrame(
        {"code": ["1"], "name": [""]}, geometry=[shapely.box(-9, -9, 20 * len(shapes), 20)], crs=crs
    )
    buildings = gpd.GeoDataFrame(
        {"building_id": [str(k) for k in range(len(shapes))], "floors": 6, "address": list(addresses)},
        geometry=shapes,
        crs=crs,
    )
    none = buildings.iloc[:0]
    return Gazetteer.from_plan(plan_of(gis.Town(area, none, none, buildings, none, none, none, [], none)))


@pytest.mark.parametrize(
    ("text", "building"),
    [
        ("12 Feldkircher Strasse", "0"),
        ("Feldkircher Str. 12, 9494 Schaan", "0"),
        ("FELDKIRCHERSTRASSE 12", "0"),
        ("3400 GARRISON BLVD, BALTIMORE, MD, 21215", "1"),
        ("3400 Garrison Boulevard Baltimore MD 21215", "1"),
        ("3400 GARISON BLVD, BC", "1"),
        ("340 Garrison Blvd", ""),
        ("16 N Main St", "2"),
        ("16 North Main Street #4", "2"),
        ("16 S Main St", ""),
        ("20 N Main St", "3"),
        ("22 N. Main", "3"),
        ("26 N Main St", ""),
        ("12a St. Johns Pl", "4"),
        ("12 Saint John's Place", ""),
    ],
)
def test_western_ways_of_writing(text: str, building: str) -> None:
    found = gazetteer_of(
        "12 Feldkircher Strasse", "3400 Garrison Boulevard", "16 North Main Street", "20-24 North Main Street",
        "12A Saint Johns Place",
    ).find(text)  # fmt: skip
    assert found.building_id == building, found


@pytest.mark.parametrize(
    ("text", "building"),
    [
        ("三里河路十六号", "0"),
        ("3里河路16号", "0"),
        ("中山北路２段１６巷二之一號三樓之2", "1"),
        ("中山北路一段16巷2-1号", ""),
        ("一号路8号", "2"),
        ("甲16号二七路", "3"),
        ("二七路甲16号", "3"),
        ("二七路16号甲", "3"),
        ("二七路16号", ""),
        ("朝阳小区二期B座1203", "4"),
        ("朝阳小区2期B栋", "4"),
        ("朝阳小区一期B座", ""),
    ],
)
def test_chinese_ways_of_writing(text: str, building: str) -> None:
    found = gazetteer_of(
        "三里河路16号", "中山北路二段16巷2之1號", "一号路8号", "二七路16号甲", "建设路3号朝阳小区二期B座"
    ).find(text)
    assert found.building_id == building, found


@pytest.mark.parametrize(
    ("text", "building", "certain"),
    [
        ("乙镇中心路5号", "1", True),
        ("乙镇中心路7号", "2", False),
        ("丙镇中心路7号", "2", False),
        ("中心路5号", "0;1", False),
        ("明珠1号楼", "3", False),
        ("明珠路3号明珠小区1号楼2号楼", "3", False),
        ("明珠路3号明珠小区1栋2单元5栋01室", "3", False),
        ("安泰路16号楼", "4", False),
        ("安泰路16号-1", "", False),
        ("安泰路16、18号", "", False),
        ("我住在安泰路16号", "4", False),
        ("新安泰路16号", "4", False),
        ("安泰路18号翠柳苑1", "", False),
        ("安泰路18号翠柳苑B座", "", False),
        ("安泰路1八号", "", False),
    ],
)
def test_what_is_not_certain_is_not_called_so(text: str, building: str, *, certain: bool) -> None:
    found = gazetteer_of(
        "明河区甲镇中心路5号", "明河区乙镇中心路5号", "明河区甲镇中心路7号", "明珠路3号明珠小区1号楼", "安泰路16号",
        "安泰路18号翠柳苑2号楼",
    ).find(text)  # fmt: skip
    assert (found.building_id, found.score >= CERTAIN) == (building, certain), found


def test_a_text_as_long_as_a_book_is_no_trouble(small: Gazetteer) -> None:
    for signs in ("安泰路", "安1", "1之", "x 1 ", "-1", "一", "一x", "# "):
        assert small.find(signs * 20_000).score < CERTAIN


SIGNS = st.text(
    st.sampled_from(
        "明河区西柳街道安泰路滨北翠苑巷里段一二十百〇号號楼樓栋幢单元门层室之附甲地下B#-－—１２3 4590AaßİŉＫ,，.东#"
    ),
    max_size=30,
)


@given(SIGNS | st.text(max_size=40))
def test_normalising_twice_is_once(text: str) -> None:
    for normalise in (chinese.normalise, western.normalise):
        once = normalise(text)
        assert normalise(once) == once


@pytest.fixture(scope="module")
def small() -> Gazetteer:
    return gazetteer_of(
        "明河区西柳街道安泰路4号",
        "明河区西柳街道安泰路44号",
        "明河区西柳街道滨河北路3号翠柳苑1号楼",
        "94-12 215th Street",
    )


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E)) | SIGNS)
def test_full_width_is_half_width(small: Gazetteer, text: str) -> None:
    one, other = small.find(text), small.find(wide(text))
    assert (one.building_id, one.score, one.normalised) == (other.building_id, other.score, other.normalised)


@given(st.text() | SIGNS)
def test_any_text_has_an_answer(small: Gazetteer, text: str) -> None:
    answer = small.find(text)
    assert 0 <= answer.score <= 1
    assert answer.why.endswith(".")
    assert answer.building_id or answer.level not in ("dwelling", "building")


@given(
    st.sampled_from(
        [
            "安泰路{}号",
            "滨河北路3号翠柳苑{}号楼",
            "翠柳苑{}栋",
            "滨河北路{}号翠柳苑1号楼",
            "{} 215th St",
            "94-{} 215 Street",
        ]
    ),
    st.integers(1, 9999),
)
def test_a_certain_answer_has_the_number_that_was_asked_for(small: Gazetteer, way: str, number: int) -> None:
    answer = small.find(way.format(number))
    true = {("安泰路{}号", 4): "0", ("安泰路{}号", 44): "1", ("94-{} 215 Street", 12): "3"}
    true |= {(way, 1): "2" for way in ("滨河北路3号翠柳苑{}号楼", "翠柳苑{}栋")} | {("滨河北路{}号翠柳苑1号楼", 3): "2"}
    assert (answer.score >= CERTAIN) == ((way, number) in true)
    if answer.score >= CERTAIN:
        assert answer.building_id == true[way, number]


@pytest.mark.parametrize("name", [each.name for each in pkgutil.iter_modules(gis.location.address.__path__)])
def test_what_the_modules_show_is_true(name: str) -> None:
    module = importlib.import_module(f"gis.location.address.{name}")
    assert doctest.testmod(module).failed == 0
