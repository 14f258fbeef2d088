"""Bring the households of a made town to an exact number, and list its dwellings."""

from dataclasses import replace

import numpy as np
import pandas as pd

from data.town_parts import Building
from data.town_towers import LEAST_FLOORS, LEAST_TOWER, MOST_FLOORS, MOST_TOWER

COURTYARD_FULL = 6
FEW_GROUND_HOMES = 1


def settle(buildings: list[Building], households: int, rng: np.random.Generator) -> list[Building]:
    """Return the buildings with exactly so many households among them.

    Towers grow or lose floors first; what is left becomes another household in a courtyard or a
    ground-floor home given to the compound's office.

    Parameters
    ----------
    buildings
        As built.
    households
        How many the town shall have.
    rng
        Which buildings change.

    Raises
    ------
    ValueError
        Where the town as built is too far from the number.
    """
    built = list(buildings)
    missing = households - sum(building.households for building in built)
    for change in (_taller, _fuller):
        order = [int(i) for i in rng.permutation(len(built))]
        moved = True
        while missing and moved:
            moved = False
            for i in order:
                new = change(built[i], missing)
                if new is not None:
                    missing -= new.households - built[i].households
                    built[i], moved = new, True
    if missing:
        raise ValueError(f"the town as built is {missing} households short of {households}: change its mix")
    return built


def dwellings(ids: list[str], buildings: list[Building]) -> pd.DataFrame:
    """Return one row per entrance and floor that is lived on.

    Parameters
    ----------
    ids
        `building_id` of each building.
    buildings
        The buildings.

    Returns
    -------
    pandas.DataFrame
        `building_id`, `entrance`, `floor_from`, `floor_to`, `households`.
    """
    rows = [
        (key, f"{entrance}单元" if building.site else "正门", floor, floor, count)
        for key, building in zip(ids, buildings, strict=True)
        for entrance, column in enumerate(building.homes, start=1)
        for floor, count in enumerate(column, start=1)
        if count
    ]
    return pd.DataFrame(rows, columns=["building_id", "entrance", "floor_from", "floor_to", "households"])


def _taller(building: Building, missing: int) -> Building | None:
    """Return a tower with one floor more or less, where that brings the town nearer to its number."""
    if building.use != "tower":
        return None
    step = sum(column[-1] for column in building.homes)
    floors = building.floors + (1 if missing > 0 else -1)
    fits = LEAST_FLOORS <= floors <= MOST_FLOORS and LEAST_TOWER <= step * floors <= MOST_TOWER
    if abs(missing) < step or not fits:
        return None
    return replace(building, floors=floors, homes=tuple((column[0],) * floors for column in building.homes))


def _fuller(building: Building, missing: int) -> Building | None:
    """Return a courtyard with one household more, or a slab block with one ground-floor home less."""
    if missing > 0 and building.use == "courtyard" and building.households < COURTYARD_FULL:
        return replace(building, homes=((building.households + 1,),))
    if missing < 0 and building.use == "slab" and building.homes[0][0] > FEW_GROUND_HOMES:
        first = (building.homes[0][0] - 1, *building.homes[0][1:])
        return replace(building, homes=(first, *building.homes[1:]))
    return None
