"""The skeleton of a made town: arterials, river, railway, streets, communities, land to build on."""

import math
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import LineString, Polygon

from data.town_curves import Curve, traced
from data.town_names import AVENUES, NORTH_BANK, RAILWAY, RIVER, ROADS, SOUTH_BANK, STATION_ROAD, Names
from data.town_parts import Floats, Frame, Line
from data.town_split import Sizes, cut_up

AREA = 2.51e6
CENTRE = (541_248.0, 4_214_262.0)
WIDTH, HEIGHT = 1800.0, 1400.0
HALF_WIDTHS = {"arterial": 19.0, "street": 10.0, "lane": 3.5, "rail": 16.0, "river": 0.0}
RIVER_HALF, BANK_GREEN = 17.0, 14.0
SUPERBLOCK = Sizes(east=330.0, north=290.0, bow=7.0, wander=0.06)
CITY_BANDS, RAIL_BANDS = (0, 1, 4, 5), (6, 7)
SOUTH_OF_RIVER, NORTH_MIDDLE = 2, 4


@dataclass(frozen=True)
class Block:
    """A superblock: the face between centre lines, the land left inside the kerbs, and where it lies."""

    face: Polygon
    land: Polygon
    column: int
    band: int


@dataclass(frozen=True)
class Plan:
    """The skeleton: lines with their final vertices are made later, from these and the blocks' lanes."""

    frame: Frame
    curves: tuple[list[Curve], list[Curve]]
    lines: list[Line]
    blocks: list[Block]
    rail_strips: list[Block]

    def cell(self, x: float, y: float) -> tuple[int, int]:
        """Return the column between avenues and the band between eastward lines in which a place lies."""
        u, v = shapely.get_coordinates(self.frame.local(shapely.Point(x, y)))[0]
        north, east = self.curves
        return sum(float(c(v)) < u for c in north) - 1, sum(float(c(u)) < v for c in east) - 1

    def water(self) -> Polygon:
        """Return the river's surface, wider and narrower as it goes, from rim to rim (not yet clipped)."""
        river = self.curves[1][3]
        u = np.arange(-60.0, WIDTH + 60.0, 18.0)
        half = RIVER_HALF + 2.5 * np.sin(u / 130) + 1.5 * np.sin(u / 47)
        ring = np.vstack([np.column_stack([u, river(u) - half]), np.column_stack([u, river(u) + half])[::-1]])
        return self.frame.world(Polygon(ring))

    def between_banks(self) -> Polygon:
        """Return the land between the two bank roads, centre line to centre line."""
        south, north = (line.geometry for line in self.lines if line.name in {SOUTH_BANK, NORTH_BANK})
        ring = np.vstack([shapely.get_coordinates(south), shapely.get_coordinates(north)[::-1]])
        return Polygon(ring)


def make_plan(rng: np.random.Generator, names: Names) -> Plan:
    """Lay out the skeleton of the town, its area 2.51 km².

    Parameters
    ----------
    rng
        Source of every bend and offset.
    names
        Names for the streets.

    Returns
    -------
    Plan
        Lines in EPSG:4547 on the lattice; blocks without the land of roads, river and railway.
    """
    north, east = _curves(rng)
    rim = _ring(north, east)
    size = math.sqrt(AREA / Polygon(rim).area)
    north, east = [_scaled(c, size) for c in north], [_scaled(c, size) for c in east]
    angle = math.radians(rng.uniform(2.0, 5.0) * rng.choice([-1, 1]))
    u, v = shapely.get_coordinates(shapely.centroid(Polygon(_ring(north, east))))[0]
    frame = Frame(
        CENTRE[0] - u * math.cos(angle) + v * math.sin(angle),
        CENTRE[1] - u * math.sin(angle) - v * math.cos(angle),
        angle,
    )
    plan = Plan(frame, (north, east), _lines(north, east, frame), [], [])
    _cut_into_blocks(plan, rng, names)
    return plan


def community_of(column: int, band: int) -> int:
    """Return which of the seven communities a face between avenues, roads and river belongs to.

    Two in each of the two western columns, south and north of the river; three in the eastern one.
    """
    if band <= SOUTH_OF_RIVER:
        return column
    return 6 if column == 2 and band > NORTH_MIDDLE else 3 + column  # noqa: PLR2004 - the eastern column


def communities(plan: Plan, lines: list[Line]) -> list[Polygon]:
    """Return the seven communities, bounded by arterials and river with the very vertices of those lines.

    Parameters
    ----------
    plan
        The skeleton.
    lines
        All lines of the town with joints.
    """
    bounding = [line.geometry for line in lines if line.kind in {"arterial", "river"}]
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.union_all(bounding))))
    members: list[list[Polygon]] = [[] for _ in range(7)]
    for face in faces:
        members[community_of(*plan.cell(*shapely.get_coordinates(shapely.point_on_surface(face))[0]))].append(face)
    return [shapely.normalize(shapely.coverage_union_all(parts)) for parts in members]


def corridors(lines: list[Line]) -> Polygon:
    """Return the land that roads and railway take, kerb to kerb."""
    return shapely.union_all(
        [shapely.buffer(line.geometry, HALF_WIDTHS[line.kind], quad_segs=4, cap_style="flat") for line in lines]
    )


def _curves(rng: np.random.Generator) -> tuple[list[Curve], list[Curve]]:
    """Return the avenues, west to east, and the eastward lines, south to north."""

    def bent(base: float, swing: float, tilt: float = 0.012) -> Curve:
        return Curve(
            base + rng.uniform(-15, 15),
            rng.uniform(-tilt, tilt),
            swing * rng.uniform(0.5, 1),
            rng.uniform(1500, 2600),
            rng.uniform(0, 2 * math.pi),
        )

    avenues = [bent(u, 13.0) for u in (0.0, 590.0, 1205.0, WIDTH)]
    river = Curve(
        705.0 + rng.uniform(-15, 15),
        rng.uniform(-0.03, 0.03),
        34.0,
        rng.uniform(1050, 1400),
        rng.uniform(0, 6),
    )
    bank = RIVER_HALF + BANK_GREEN + HALF_WIDTHS["street"]
    rim = bent(HEIGHT, 12.0)
    rail = Curve(rim.base - 92.0, rim.slope + 0.008, rim.swing, rim.wave, rim.phase)
    eastward = [
        bent(0.0, 12.0),
        bent(440.0, 13.0),
        river.moved(-bank),
        river,
        river.moved(bank),
        bent(955.0, 13.0),
    ]
    return avenues, [*eastward, rail.moved(-38.0), rail, rim]


def _scaled(curve: Curve, size: float) -> Curve:
    return Curve(curve.base * size, curve.slope, curve.swing * size, curve.wave * size, curve.phase)


def _ring(north: list[Curve], east: list[Curve]) -> Floats:
    """Return the closed rim of the town in its own frame."""
    sides = [
        traced(east[0], north, northward=False)[:-1],
        traced(north[-1], east, northward=True)[:-1],
        traced(east[-1], north, northward=False)[:0:-1],
        traced(north[0], east, northward=True)[:0:-1],
    ]
    return np.vstack(sides)


def _lines(north: list[Curve], east: list[Curve], frame: Frame) -> list[Line]:
    """Return arterials, bank roads, river, railway and station road."""

    def line(kind: str, name: str, points: Floats) -> Line:
        return Line(kind, name, frame.world(LineString(points)))

    kinds = (
        ("arterial", ROADS[0]),
        ("arterial", ROADS[1]),
        ("street", SOUTH_BANK),
        ("river", RIVER),
        ("street", NORTH_BANK),
        ("arterial", ROADS[2]),
        ("street", STATION_ROAD),
        ("rail", RAILWAY),
        ("arterial", ROADS[3]),
    )
    avenues = [
        line("arterial", name, traced(curve, east, northward=True)) for name, curve in zip(AVENUES, north, strict=True)
    ]
    across = [
        line(kind, name, traced(curve, north, northward=False)) for (kind, name), curve in zip(kinds, east, strict=True)
    ]
    return avenues + across


def _cut_into_blocks(plan: Plan, rng: np.random.Generator, names: Names) -> None:
    """Cut the faces between the main lines by streets; put streets and blocks into the plan."""
    shapes = [line.geometry for line in plan.lines]
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.union_all(shapes))))
    found: list[tuple[tuple[int, int], Polygon]] = []
    for face in faces:
        cell = plan.cell(*shapely.get_coordinates(shapely.point_on_surface(face))[0])
        found.append((cell, face))
    pieces: list[tuple[tuple[int, int], Polygon]] = []
    for cell, face in sorted(found, key=lambda item: item[0]):
        if cell[1] not in CITY_BANDS:
            pieces.append((cell, face))
            continue
        cuts, smaller = cut_up(face, SUPERBLOCK, plan.frame.angle, rng)
        plan.lines.extend(Line("street", names.street(northward=cut.northward), cut.line) for cut in cuts)
        pieces += [(cell, piece) for piece in smaller]
    _keep_blocks(plan, pieces)


def _keep_blocks(plan: Plan, pieces: list[tuple[tuple[int, int], Polygon]]) -> None:
    """Give the plan its blocks, each with the land inside the kerbs."""
    taken = corridors(plan.lines)
    for (column, band), face in pieces:
        land = max(shapely.get_parts(shapely.difference(face, taken)), key=shapely.area)
        if band in CITY_BANDS:
            plan.blocks.append(Block(face, land, column, band))
        elif band in RAIL_BANDS:
            plan.rail_strips.append(Block(face, land, column, band))
