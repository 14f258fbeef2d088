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
from data.demo_town import make_demo_town
from data.town_names import numeral
from gis.location.address import chinese, western
from gis.location.address.gazetteer import Gazetteer
from gis.location.address.reading import is_chinese
from gis.plan import Plan
from gis.sources.addresses import full_address

CERTAIN = 0.9
WANTED = 0.98
ASKED = 5_000
AREA = "明河区西柳街道"


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """The plan of the demo town, drawn once."""
    folder = tmp_path_factory.mktemp("demo")
    make_demo_town(folder)
    town = f"{folder / 'town.gpkg'}:"
    read = gis.read_town(
        streets=f"{town}streets",
        buildings=f"{town}buildings",
        barriers=f"{town}barriers",
        area=f"{town}area",
        within=f"{town}communities",
    )
    return gis.delineate(read, gis.parse_levels("grid:400-600,micro:70-80"), seed=1)


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


def homely(place: Place, rng: np.random.Generator) -> tuple[str, str, str]:
    """Return an entrance, a floor and a room that every block of flats of the town has."""
    return "1", str(rng.integers(1, 3)), f"{rng.integers(1, 3)}0{rng.integers(1, 3)}"


Way = Callable[[Place, np.random.Generator], str | None]


def _flat(form: str) -> Way:
    def write(place: Place, rng: np.random.Generator) -> str | None:
        entrance, floor, room = homely(place, rng)
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
    return any(name != meant and edits(written, name) <= edits(written, meant) for name in names)


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
