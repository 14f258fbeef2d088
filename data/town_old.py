"""Fill an old quarter: lanes between rows of small houses and courtyards."""

from dataclasses import dataclass

import numpy as np
import shapely
from shapely import Polygon

from data.town_names import LANE_KINDS, Names, numeral
from data.town_parts import Building, Filling, Frame, Line, frame_of, largest, sideways, spans
from data.town_split import Sizes, cut_up

QUARTER = Sizes(east=125.0, north=36.0, bow=3.5, wander=0.03)
PLOT_DEPTH = 8.8
STRIDE = 3.0
COURTYARD_DEPTH = 11.0
TERRACES = 0.8
SHALLOW = 7.0
LANE_HALF = 3.0


@dataclass(frozen=True)
class Plot:
    """A plot in its frame: bounds in metres."""

    west: float
    south: float
    east: float
    north: float


def old_quarter(face: Polygon, land: Polygon, angle: float, names: Names, rng: np.random.Generator) -> Filling:
    """Fill a superblock with an old quarter.

    Parameters
    ----------
    face
        The superblock between centre lines.
    land
        What is left of it inside the kerbs.
    angle
        Bearing of the town's rows, radians from east.
    names
        Names for the lanes.
    rng
        Source of every choice.
    """
    cuts, pieces = cut_up(face, QUARTER, angle, rng)
    base, filling, numbered = names.lane(), Filling(), 0
    for i, cut in enumerate(cuts):
        own = i < 2  # noqa: PLR2004 - the first two lanes of a quarter have names of their own
        numbered += not own
        name = names.lane() + str(rng.choice(LANE_KINDS)) if own else f"{base}{numeral(numbered)}巷"
        filling.lines.append(Line("lane", name, cut.line))
    lanes = shapely.union_all([shapely.buffer(cut.line, LANE_HALF, cap_style="flat") for cut in cuts])
    for piece in pieces:
        plot = largest(shapely.difference(shapely.intersection(piece, land), lanes))
        if plot.area > 150:  # noqa: PLR2004 - less is a street corner
            filling.buildings.extend(_rows(plot, angle, rng))
    return filling


def _rows(land: Polygon, angle: float, rng: np.random.Generator) -> list[Building]:
    """Return the houses of the land between lanes: runs of plots, one to three deep."""
    frame = frame_of(land, angle)
    local = shapely.buffer(frame.local(land), -0.7, join_style="mitre")
    turned = sideways(local)
    x, _, east, _ = (float(side) for side in shapely.bounds(local))
    houses: list[Building] = []
    while x < east - SHALLOW:
        stop = min(x + rng.uniform(18, 36), east)
        south, north = max(spans(turned, x, stop), key=lambda c: c[1] - c[0], default=(0.0, 0.0))
        if north - south < SHALLOW:
            x += STRIDE
            continue
        houses += _run(frame, Plot(x, south, stop, north), rng)
        x = stop + rng.uniform(0.8, 2.2)
    return houses


def _run(frame: Frame, land: Plot, rng: np.random.Generator) -> list[Building]:
    """Return the houses of one run of plots, row by row."""
    height = land.north - land.south
    rows = max(1, int(height / PLOT_DEPTH))
    depth = height / rows
    houses = []
    for row in range(rows):
        strip = Plot(land.west, land.south + row * depth, land.east, land.south + (row + 1) * depth - 0.8)
        terrace = rng.random() < (TERRACES if depth < COURTYARD_DEPTH else 1 - TERRACES)
        houses += _terrace(frame, strip, rng) if terrace else _courtyards(frame, strip, rng)
    return houses


def _terrace(frame: Frame, strip: Plot, rng: np.random.Generator) -> list[Building]:
    """Return one-household houses wall to wall, their yards to the south."""
    count = int((strip.east - strip.west) / rng.uniform(5.6, 7.0))
    width = (strip.east - strip.west) / max(1, count)
    south = strip.north - min(strip.north - strip.south, rng.uniform(6.4, 7.8))
    edges = strip.west + np.arange(count + 1) * width
    floors = int(rng.choice([1, 1, 1, 2]))
    homes = ((1, *(0,) * (floors - 1)),)
    kept = rng.random(count) > 0.05  # noqa: PLR2004 - a gap now and then
    return [
        Building(frame.box(edges[i], south, edges[i + 1], strip.north), "house", floors, homes)
        for i in np.flatnonzero(kept)
    ]


def _courtyards(frame: Frame, strip: Plot, rng: np.random.Generator) -> list[Building]:
    """Return courtyard houses, L- or U-shaped and open to the south, some sharing a wall."""
    count = max(1, round((strip.east - strip.west) / rng.uniform(12.5, 15)))
    width = (strip.east - strip.west) / count
    hall = min(rng.uniform(4.6, 5.4), (strip.north - strip.south) / 2)
    yards = []
    for i in range(count):
        gap = 0.0 if rng.random() < 1 / 3 else rng.uniform(0.6, 1.4)
        plot = Plot(strip.west + i * width, strip.south, strip.west + (i + 1) * width - gap, strip.north)
        outline, most = _outline(plot, hall, rng)
        homes = ((int(rng.integers(max(1, most - 2), most + 1)),),)
        yards.append(Building(frame.world(outline), "courtyard", 1, homes))
    return yards


def _outline(plot: Plot, hall: float, rng: np.random.Generator) -> tuple[Polygon, int]:
    """Return the outline of a courtyard house, its hall in the north, and the most households it holds.

    Every outline has a vertex where the hall begins, so that neighbours sharing a wall share its vertices.
    """
    wing = rng.uniform(3.2, 3.9)
    west, south, east, north, front = plot.west, plot.south, plot.east, plot.north, plot.north - hall
    left = [(west, front), (west, south), (west + wing, south), (west + wing, front)]
    right = [(east - wing, front), (east - wing, south), (east, south), (east, front)]
    shape = rng.choice(["U", "U", "left", "right"])
    if shape == "left":
        right = [(east, front)]
    elif shape == "right":
        left = [(west, front)]
    return Polygon([*left, *right, (east, north), (west, north)]), 5 if shape == "U" else 3
