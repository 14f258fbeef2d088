"""How many households live in a building: given, counted from addresses or estimated, with the basis."""

from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.errors import InputError

UNINHABITED: Final = frozenset(
    {
        "garage", "garages", "carport", "parking", "shed", "barn", "stable", "sty", "cowshed",
        "farm_auxiliary", "greenhouse", "allotment_house", "roof", "hut", "boathouse", "hangar",
        "storage_tank", "silo", "service", "transformer_tower", "substation", "water_tower", "bridge",
        "tent", "toilets", "shelter", "industrial", "warehouse", "factory", "manufacture", "commercial",
        "office", "retail", "supermarket", "kiosk", "mall", "market", "marketplace", "school",
        "kindergarten", "college", "university", "hospital", "clinic", "church", "chapel", "cathedral",
        "mosque", "temple", "synagogue", "shrine", "monastery", "place_of_worship", "public", "civic",
        "government", "townhall", "library", "museum", "theatre", "cinema", "stadium", "grandstand",
        "sports_centre", "sports_hall", "pavilion", "riding_hall", "swimming_pool", "train_station",
        "station", "transportation", "fire_station", "police", "courthouse", "prison", "scout_hut",
        "kennel", "dentist", "doctors", "casino", "bunker", "hotel", "hostel", "guest_house", "motel",
        "fuel", "bank", "restaurant", "cafe", "fast_food", "pub", "bar", "community_centre", "arts_centre",
        "parking_space", "bicycle_parking", "recycling", "bus_station", "ferry_terminal", "terminal",
        "industry", "railway", "construction", "ruins", "collapsed", "demolished", "abandoned", "车库",
        "厂房", "仓库", "学校", "医院", "商业", "办公", "公厕", "配电房",
    }
)  # fmt: skip
"""Kinds of buildings in which nobody is counted, unless units or households are given."""
HOUSES: Final = frozenset(
    {
        "house", "detached", "semidetached_house", "bungalow", "cabin", "chalet", "farm", "villa",
        "static_caravan", "别墅", "民房",
    }
)  # fmt: skip
APARTMENTS: Final = frozenset({"apartments", "residential", "dormitory", "block", "tower", "住宅", "高层", "多层"})
# Storeys are 3 m from floor to floor in housing almost everywhere.
_STOREY_M: Final = 3.0
_HOUSE_FLOORS: Final = 3


@dataclass(frozen=True)
class HouseholdRule:
    """How households are estimated where nobody counted them.

    Attributes
    ----------
    m2_per_household
        Floor space of a household, walls and stairs included.
    default_floors
        Floors of a building of which neither floors nor height are known.
    apartment_floors
        The same for blocks of flats.
    house_m2
        Ground up to which a building of at most three floors is a single house: one household, or one for
        each of its addresses where none of them has more ground than this.
    hall_m2
        A building on more ground than this, of which neither kind nor address nor floors are known, is a
        hall or a market: no household.
    smallest_m2
        A building without an address on less ground than this is a shed: no household.
    address_m
        How far an address may lie from its building.
    list_m
        How far a point of a list of households may lie from its building.

    Raises
    ------
    InputError
        Where a figure is not positive.
    """

    m2_per_household: float = 120.0
    default_floors: int = 2
    apartment_floors: int = 5
    house_m2: float = 400.0
    hall_m2: float = 2_000.0
    smallest_m2: float = 20.0
    address_m: float = 5.0
    list_m: float = 30.0

    def __post_init__(self) -> None:
        for name in ("m2_per_household", "default_floors", "apartment_floors"):
            if not getattr(self, name) > 0:
                raise InputError(f"household rule: {name} is {getattr(self, name)}: give a number above 0")
        for name in ("house_m2", "hall_m2", "smallest_m2", "address_m", "list_m"):
            if not getattr(self, name) >= 0:
                raise InputError(f"household rule: {name} is {getattr(self, name)}: give 0 or more")


def count_households(buildings: gpd.GeoDataFrame, rule: HouseholdRule) -> pd.DataFrame:
    """Count or estimate the households of each building.

    The first of these that applies gives the number and its basis: a given number (mostly `column`); the
    distinct units in it (`units`); nobody, for garages, schools and the like (`none`); its distinct
    addresses where each is a house (`addresses`); nobody in a shed; one in a building of the size of a
    house (`house`); nobody in a hall; otherwise floor space over floor space per household, but never
    fewer than its addresses (`floors`, or `height` and `assumed_floors` where the floors themselves follow from
    the height or the rule).

    Parameters
    ----------
    buildings
        `given` (float, NaN where not given), `given_basis` (text), `units`, `addresses` (int64), `kind`
        (text), `floors` (int64, 0 where unknown), `height_m` (float, NaN where unknown), geometry in
        metres.
    rule
        The rates.

    Returns
    -------
    pandas.DataFrame
        `households` (int64), `household_basis`, `floors` (int64: those that an estimate rests on, else those known),
        indexed like `buildings`.
    """
    ground = shapely.area(np.array(buildings.geometry.array, dtype=object))
    kind = buildings["kind"].str.casefold()
    given, units, addresses, known = (buildings[name].to_numpy() for name in ("given", "units", "addresses", "floors"))
    flats, house = (kind.isin(kinds).to_numpy() for kinds in (APARTMENTS, HOUSES))
    floors = _floors(buildings, flats, rule)
    homes = np.maximum(addresses, 1)
    estimate = np.maximum(np.ceil(np.round(ground * floors / rule.m2_per_household, 6)), homes)
    # A point has no ground: it is a house unless its floors say otherwise.
    house = house | ~flats & (ground <= rule.house_m2 * homes) & (floors <= _HOUSE_FLOORS)
    unmarked = ~flats & (addresses == 0)
    shed = unmarked & ~kind.isin(HOUSES).to_numpy() & (ground < rule.smallest_m2) & (ground > 0)
    hall = unmarked & (ground > rule.hall_m2) & (known == 0)
    steps: list[tuple[Any, Any, Any]] = [
        (~np.isnan(given), buildings["given_basis"].to_numpy(), np.nan_to_num(given)),
        (units > 0, "units", units),
        (kind.isin(UNINHABITED).to_numpy() | shed, "none", 0),
        (house & (addresses > 0), "addresses", addresses),
        (house, "house", 1),
        (hall, "none", 0),
    ]
    conditions, bases, numbers = zip(*steps, strict=True)
    number = np.select(conditions, np.broadcast_arrays(*numbers), estimate)
    height = ~np.isnan(buildings["height_m"].to_numpy("float64"))
    basis = np.where(known > 0, "floors", np.where(height, "height", "assumed_floors")).astype(object)
    estimated = ~np.any(conditions, axis=0)
    for condition, name in reversed(list(zip(conditions, bases, strict=True))):
        basis = np.where(condition, name, basis)
    return pd.DataFrame(
        {
            "households": number.astype("int64"),
            "household_basis": pd.array(basis, dtype="str"),
            "floors": np.where(estimated, floors, known).astype("int64"),
        },
        index=buildings.index,
    )


def _floors(buildings: gpd.GeoDataFrame, flats: Any, rule: HouseholdRule) -> Any:  # noqa: ANN401 (arrays)
    """Return floors as known, else from the height, else the default of the kind."""
    known, height = buildings["floors"].to_numpy(), buildings["height_m"].to_numpy("float64")
    usual = np.where(flats, rule.apartment_floors, rule.default_floors)
    by_height = np.where(np.isnan(height), usual, np.maximum(1, np.floor(np.nan_to_num(height) / _STOREY_M)))
    return np.where(known > 0, known, by_height)
