"""Fill a parcel with a group of towers around gardens."""

import numpy as np
import shapely
from shapely import Polygon

from data.town_compounds import SPINE, Parcel, Yard, enclose, sides
from data.town_parts import Building, Filling, Ground, core

TOWER_GAP = 20.0
#: Entrances, homes a landing, metres along the row.
TOWERS = ((1, 6, 30.0), (1, 4, 26.0), (1, 6, 33.0), (2, 4, 22.0), (2, 4, 22.0))
LEAST_TOWER, MOST_TOWER = 100, 300
LEAST_FLOORS, MOST_FLOORS = 18, 33


def tower_compound(parcel: Parcel, name: str, rng: np.random.Generator) -> Filling:
    """Fill a parcel with towers of 18 to 33 floors in staggered rows around a garden.

    Parameters
    ----------
    parcel
        The land, at least some 80 m each way.
    name
        Name of the compound.
    rng
        Source of every choice.
    """
    filling, place = enclose(parcel, name, rng, through=False)
    west, south, east, north = core(place.yard)
    entrances, per_floor, unit = TOWERS[int(rng.integers(len(TOWERS)))]
    if unit * entrances > (east - west) / 2 - 2 * SPINE:
        entrances, per_floor, unit = TOWERS[0]
    length, depth = unit * entrances, 19.0
    rows = max(1, int((north - south - depth) // rng.uniform(52, 64)) + 1)
    pitch = (north - south - depth) / (rows - 1) if rows > 1 else 0.0
    number = 0
    for row in range(rows):
        y = south + row * pitch if rows > 1 else (south + north - depth) / 2
        for side, (a, b) in enumerate(sides(place, y, y + depth)):
            count = int((b - a + TOWER_GAP) // (length + TOWER_GAP))
            gap = (b - a - count * length) / max(1, count)
            for i in range(count):
                number += 1
                x = a + i * (length + gap) if side == 0 else b - length - i * (length + gap)
                floors = _tower_floors(entrances * per_floor, rng)
                footprint = place.frame.world(_tower_outline(x, y, unit, depth, entrances))
                homes = ((per_floor,) * floors,) * entrances
                filling.buildings.append(Building(footprint, "tower", floors, homes, name, f"{number}号楼"))
    if rows == 1:
        _tower_garden(filling, place, name, (south - 6, (south + north - depth) / 2 + 4), rng)
    for row in range(rows - 1):
        _tower_garden(filling, place, name, (south + row * pitch + depth, south + (row + 1) * pitch), rng)
    return filling


def _tower_garden(filling: Filling, place: Yard, name: str, gap: tuple[float, float], rng: np.random.Generator) -> None:
    """Lay lawns between two rows of towers and put a garage ramp at the end of one."""
    low, high = gap[0] + 9, gap[1] - 9
    if high - low < 12:  # noqa: PLR2004 - a single row
        return
    for side, (a, b) in enumerate(sides(place, low, high)):
        lawn = shapely.buffer(shapely.buffer(shapely.box(a + 4, low, b - 4, high), -6), 6, quad_segs=4)
        filling.grounds.append(Ground("green", f"{name}中心花园", place.frame.world(lawn)))
        if side == 0 or rng.random() < 1 / 2:
            ramp = place.frame.box(a, high + 2, a + 12, high + 7)
            number = 1 + sum(building.use == "garage" for building in filling.buildings)
            filling.buildings.append(Building(ramp, "garage", 1, (), name, f"地下车库{number}号口"))


def _tower_floors(per_floor: int, rng: np.random.Generator) -> int:
    """Return a number of floors that keeps the tower's households in their range."""
    low = max(LEAST_FLOORS, -(-LEAST_TOWER // per_floor))
    high = min(MOST_FLOORS, MOST_TOWER // per_floor)
    return int(rng.integers(low, high + 1))


def _tower_outline(x: float, y: float, unit: float, depth: float, entrances: int) -> Polygon:
    """Return the outline of a tower: per entrance a core with corners set back."""
    cores = []
    for i in range(entrances):
        west, east = x + i * unit, x + (i + 1) * unit
        cores += [
            shapely.box(west, y + 3.0, east, y + depth - 4.0),
            shapely.box(west + 4.0, y, east - 4.0, y + depth - 4.0),
            shapely.box(west + unit / 2 - 5.0, y + 3.0, west + unit / 2 + 5.0, y + depth),
        ]
    return shapely.normalize(shapely.union_all(cores))
