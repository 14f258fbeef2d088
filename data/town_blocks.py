"""Say what every superblock of a made town is used for, and fill it."""

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import shapely
from shapely import Polygon

from data.town_compounds import Parcel
from data.town_names import Names
from data.town_old import old_quarter
from data.town_parts import Filling, Line, largest
from data.town_plan import HALF_WIDTHS, Block, Plan, community_of
from data.town_public import hospital, market, park, rail_strip, school, shops, works
from data.town_slabs import slab_compound
from data.town_split import Sizes, cut_up
from data.town_towers import tower_compound

PARCELS = (
    Sizes(east=215.0, north=300.0, bow=2.0, wander=0.05),
    Sizes(east=215.0, north=150.0, bow=2.0, wander=0.05),
    Sizes(east=215.0, north=150.0, bow=2.0, wander=0.05),
    Sizes(east=360.0, north=150.0, bow=2.0, wander=0.05),
    Sizes(east=215.0, north=150.0, bow=2.0, wander=0.05),
)
#: Land that a park, an institution, a group of towers needs at least, square metres.
PARK_LEAST, PUBLIC_LEAST, TOWERS_LEAST = 25_000, 9_000, 12_000
OLD_SHARE, TOWER_SHARE, SLAB_SHARE = 0.2, 0.35, 0.44
USES = (
    "school",
    "hospital",
    "market",
    "school",
    "office",
    "factory",
    "office",
    "school",
    "office",
    "factory",
    "office",
)


def fill(plan: Plan, households: int, names: Names, rng: np.random.Generator) -> Filling:
    """Fill the whole town.

    Parameters
    ----------
    plan
        Skeleton and superblocks.
    households
        How many the town shall have; what is built comes near, `town_homes` settles the rest.
    names
        Names for lanes and compounds.
    rng
        Source of every choice.
    """
    town = Filling()
    for strip in plan.rail_strips:
        town.add(rail_strip(_whole(strip.face, strip.land, plan), names.trade() + "货场", rng))
    blocks = _old_first(plan, rng)
    town.add(_green(blocks, plan, rng))
    while blocks and _lived_in(town, {"house", "courtyard"}) < (OLD_SHARE - 0.015) * households:
        block = blocks.pop(0)
        town.add(old_quarter(block.face, block.land, plan.frame.angle, names, rng))
    by_community: dict[int, list[Parcel]] = defaultdict(list)
    for block in blocks:
        by_community[community_of(block.column, block.band)] += _parcels(block, plan, names, town, rng)
    largest_first = [sorted(parcels, key=lambda p: -p.land.area) for parcels in by_community.values()]
    for parcels in largest_first:
        town.add(slab_compound(parcels[0], names.compound(rng), rng))
    _fill_parcels(_spread([parcels[1:] for parcels in largest_first], rng), town, households, names, rng)
    return town


def _spread(groups: list[list[Parcel]], rng: np.random.Generator) -> list[Parcel]:
    """Return the parcels of all groups in chance order, each group spread evenly over it."""
    placed: list[tuple[float, Parcel]] = []
    for group in groups:
        places = (rng.permutation(len(group)) + rng.random()) / max(1, len(group))
        placed += zip(places.tolist(), group, strict=True)
    return [parcel for _, parcel in sorted(placed, key=lambda item: item[0])]


def _fill_parcels(
    parcels: list[Parcel], town: Filling, households: int, names: Names, rng: np.random.Generator
) -> None:
    """Give public uses, towers and slab blocks their parcels until each has its share."""
    uses = iter(USES)
    every, due = max(2, len(parcels) // len(USES)), 0
    for i, parcel in enumerate(parcels):
        slabs, towers = _lived_in(town, {"slab"}), _lived_in(town, {"tower"})
        due += i % every == 1
        use = next(uses, "") if due and parcel.land.area > PUBLIC_LEAST else ""
        due -= bool(use)
        if use:
            town.add(_public(use, parcel, names, rng))
        elif towers < TOWER_SHARE * households and _suits_towers(parcel, towers, slabs, households):
            town.add(tower_compound(parcel, names.towers(), rng))
        elif slabs < SLAB_SHARE * households:
            town.add(slab_compound(parcel, names.compound(rng), rng))
        else:
            town.add(_public(next(uses, "office"), parcel, names, rng))


def _public(use: str, parcel: Parcel, names: Names, rng: np.random.Generator) -> Filling:
    """Fill a parcel with an institution of its own name."""
    if use == "school":
        return school(parcel, names.institution() + str(rng.choice(["小学", "中学"])), rng)
    if use == "hospital":
        return hospital(parcel, names.institution() + "医院", rng)
    if use == "market":
        return market(parcel, names.institution() + "农贸市场", rng)
    if use == "factory":
        return works(parcel, names.factory(), rng, use=use)
    return works(parcel, names.trade() + "公司", rng, use=use)


def _lived_in(town: Filling, uses: set[str]) -> int:
    """Return the households in buildings of these uses."""
    return sum(building.households for building in town.buildings if building.use in uses)


def _suits_towers(parcel: Parcel, towers: int, slabs: int, households: int) -> bool:
    """Tell whether towers have room on a parcel, and whether it is their turn."""
    roomy = parcel.land.area > (TOWERS_LEAST if slabs < SLAB_SHARE * households else PUBLIC_LEAST)
    return bool(roomy and towers / TOWER_SHARE < max(slabs, 1) / SLAB_SHARE)


def _old_first(plan: Plan, rng: np.random.Generator) -> list[Block]:
    """Return the superblocks, those nearest to the two old cores first."""
    cores = [plan.frame.world(shapely.Point(u, v)) for u, v in _core_places(rng)]
    return sorted(plan.blocks, key=lambda b: min(shapely.distance(b.land.centroid, core) for core in cores))


def _core_places(rng: np.random.Generator) -> Iterator[tuple[float, float]]:
    """Yield the places of the old cores: one by the river in the middle, one near the station."""
    yield rng.uniform(760, 1050), rng.uniform(520, 600)
    yield rng.uniform(150, 420), rng.uniform(1050, 1200)


def _green(blocks: list[Block], plan: Plan, rng: np.random.Generator) -> Filling:
    """Turn one superblock by the river, away from the old cores, into a park, and take it off the list."""
    by_river = [block for block in blocks[len(blocks) // 3 :] if block.band in {1, 4} and block.land.area > PARK_LEAST]
    chosen = by_river[int(rng.integers(len(by_river)))]
    blocks.remove(chosen)
    return park(_whole(chosen.face, chosen.land, plan), "柳清公园", rng)


def _whole(face: Polygon, land: Polygon, plan: Plan) -> Parcel:
    """Return a superblock as one parcel."""
    return Parcel(face, land, plan.frame.angle)


def _parcels(block: Block, plan: Plan, names: Names, town: Filling, rng: np.random.Generator) -> list[Parcel]:
    """Line a superblock's avenues with shops and divide the rest by lanes into parcels."""
    land = block.land
    for line in plan.lines:
        if line.kind == "arterial" and shapely.dwithin(line.geometry, land, HALF_WIDTHS["arterial"] + 1):
            row, zone = shops(line.geometry, HALF_WIDTHS["arterial"], land, rng)
            town.buildings.extend(row)
            land = largest(shapely.difference(land, zone))
    cuts, pieces = cut_up(block.face, PARCELS[int(rng.integers(len(PARCELS)))], plan.frame.angle, rng)
    town.lines.extend(Line("lane", names.lane() + "巷", cut.line) for cut in cuts)
    lanes = shapely.union_all([shapely.buffer(cut.line, HALF_WIDTHS["lane"], cap_style="flat") for cut in cuts])
    return [
        Parcel(piece, largest(shapely.difference(shapely.intersection(piece, land), lanes)), plan.frame.angle)
        for piece in pieces
    ]
