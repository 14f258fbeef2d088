"""Fill a parcel with parallel rows of slab blocks."""

from dataclasses import dataclass

import numpy as np
from shapely import LineString

from data.town_compounds import Parcel, Yard, enclose, sides
from data.town_parts import Building, Filling, Ground, Line, core

FLOOR_HEIGHT = 2.9
SLIMMEST = 12.4
FEW_ROWS = 3
HOMES_PER_LANDING = 2


@dataclass(frozen=True)
class Slabs:
    """The one type of slab block of a compound."""

    floors: int
    depth: float
    unit: float
    between: float


def slab_compound(parcel: Parcel, name: str, rng: np.random.Generator) -> Filling:
    """Fill a parcel with parallel rows of slab blocks of five to seven floors, sheds and a garden.

    Parameters
    ----------
    parcel
        The land, at least some 60 m each way.
    name
        Name of the compound.
    rng
        Source of every choice.
    """
    filling, place = enclose(parcel, name, rng, through=rng.random() < 1 / 3)
    kind = Slabs(
        floors=int(rng.choice([5, 6, 6, 6, 7])),
        depth=rng.uniform(11.0, 12.6),
        unit=rng.uniform(14.0, 15.4),
        between=rng.uniform(7, 9),
    )
    heights = _row_heights(place, kind, rng)
    garden = (-1, -1)
    if len(heights) > FEW_ROWS and rng.random() < 1 / 2:
        garden = (int(rng.integers(1, len(heights) - 1)), int(rng.integers(2)))
    for row, y in enumerate(heights):
        behind = heights[row + 1] if row + 1 < len(heights) else y
        for side, (a, b) in enumerate(sides(place, y, y + kind.depth)):
            if (row, side) == garden:
                lawn = place.frame.box(a, y - 4, b, y + kind.depth + 4)
                filling.grounds.append(Ground("green", f"{name}花园", lawn))
            elif _build_row(filling, place, kind, (a, b, y)) and behind > y:
                _behind_row(filling, place, (a, b), (y + kind.depth, behind), rng)
    return filling


def _row_heights(place: Yard, kind: Slabs, rng: np.random.Generator) -> list[float]:
    """Return where the rows of slab blocks begin, far enough apart for the winter sun."""
    _, south, _, north = core(place.yard)
    room = north - south - kind.depth
    pitch = kind.depth + kind.floors * FLOOR_HEIGHT * rng.uniform(1.25, 1.45)
    rows = int(room // pitch) + 1
    pitch = min(room / (rows - 1), pitch * 1.25) if rows > 1 else pitch
    return [south + row * pitch for row in range(rows)]


def _build_row(filling: Filling, place: Yard, kind: Slabs, stretch: tuple[float, float, float]) -> bool:
    """Add the slab blocks of a stretch (west, east, height); tell whether there are any."""
    a, b, y = stretch
    blocks = _slab_row(kind, a, b, to_east=a >= place.spine)
    site = next(iter(filling.doors))
    for x, units, unit in blocks:
        number = 1 + sum(building.use == "slab" for building in filling.buildings)
        footprint = place.frame.box(x, y, x + units * unit, y + kind.depth)
        homes = ((HOMES_PER_LANDING,) * kind.floors,) * units
        filling.buildings.append(Building(footprint, "slab", kind.floors, homes, site, f"{number}号楼"))
    return bool(blocks)


def _slab_row(kind: Slabs, a: float, b: float, *, to_east: bool) -> list[tuple[float, int, float]]:
    """Return start, entrances and entrance width of the slab blocks in a stretch, closed up to the spine."""
    best, units, unit = 0, 0, kind.unit
    for count in (1, 2, 3, 4):
        room = ((b - a) - (count - 1) * kind.between) / count
        fit = min(5, int(room / SLIMMEST))
        if fit >= 2 and fit * count > best * units:  # noqa: PLR2004 - one entrance makes no slab
            best, units, unit = count, fit, min(room / fit, kind.unit)
    length = units * unit
    starts = [i * (length + kind.between) for i in range(best)]
    return [(a + s if to_east else b - length - s, units, unit) for s in starts]


def _behind_row(
    filling: Filling,
    place: Yard,
    stretch: tuple[float, float],
    gap: tuple[float, float],
    rng: np.random.Generator,
) -> None:
    """Put a cross lane and sheds into the gap north of a row."""
    a, b = stretch
    low, high = gap
    name = filling.lines[-1].name
    site = next(iter(filling.doors))
    outer = a if b < place.spine else b
    lane = LineString([(place.spine, low + 5), (outer + (8 if outer == a else -8), low + 5)])
    filling.lines.append(Line("lane", name, place.frame.world(lane), inner=True))
    if rng.random() < 2 / 5 and high - low > 20:  # noqa: PLR2004 - room for a shed
        x = outer + (2 if outer == a else -26)
        shed = place.frame.box(x, low + 11, x + 24, low + 15)
        use, label = ("shed", "自行车棚") if rng.random() < 2 / 3 else ("garage", "车库")
        count = 1 + sum(building.use == use for building in filling.buildings)
        filling.buildings.append(Building(shed, use, 1, (), site, f"{label}{count}"))
