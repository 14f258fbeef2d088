"""The things a made town consists of, and the frame they are drawn in."""

import math
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Point, Polygon

Floats = NDArray[np.float64]
STEPS_PER_METRE = 1024.0
SIDE_LEAN = math.radians(35)


def on_lattice(coords: Floats) -> Floats:
    """Return coordinates rounded to 2⁻¹⁰ m, which float64 holds exactly."""
    return np.asarray(np.round(coords * STEPS_PER_METRE) / STEPS_PER_METRE, dtype=np.float64)


@dataclass(frozen=True)
class Line:
    """One line on the ground; `inner` lines lie inside a compound and carry no addresses."""

    kind: str
    name: str
    geometry: LineString
    inner: bool = False


@dataclass(frozen=True)
class Ground:
    """A piece of land of one kind: water, green, school, market or hospital."""

    kind: str
    name: str
    geometry: Polygon


@dataclass(frozen=True)
class Building:
    """One footprint and its homes.

    Attributes
    ----------
    homes
        Households by entrance, then by floor from the ground up; empty where nobody lives.
    site
        Name of the compound or institution it belongs to; empty for a house on a lane.
    label
        What it is called there ("3号楼").
    """

    footprint: Polygon
    use: str
    floors: int
    homes: tuple[tuple[int, ...], ...] = ()
    site: str = ""
    label: str = ""

    @property
    def households(self) -> int:
        """All households of the building."""
        return sum(sum(entrance) for entrance in self.homes)


@dataclass(frozen=True)
class Filling:
    """What stands on a piece of the town; `doors` holds the gate of every named site."""

    lines: list[Line] = field(default_factory=list)
    buildings: list[Building] = field(default_factory=list)
    grounds: list[Ground] = field(default_factory=list)
    doors: dict[str, Point] = field(default_factory=dict)

    def add(self, other: "Filling") -> None:
        """Take over everything of another filling."""
        self.lines.extend(other.lines)
        self.buildings.extend(other.buildings)
        self.grounds.extend(other.grounds)
        self.doors.update(other.doors)

    @property
    def households(self) -> int:
        """All households of the filling."""
        return sum(building.households for building in self.buildings)


@dataclass(frozen=True)
class Frame:
    """A turned coordinate frame: its x runs roughly east along the rows of houses, its y roughly north."""

    x: float
    y: float
    angle: float

    def local(self, geometry: Polygon) -> Polygon:
        """Return a geometry of the town in this frame."""
        cos, sin = math.cos(self.angle), math.sin(self.angle)

        def turn(coords: Floats) -> Floats:
            dx, dy = coords[:, 0] - self.x, coords[:, 1] - self.y
            return np.column_stack([dx * cos + dy * sin, dy * cos - dx * sin])

        return shapely.transform(geometry, turn)

    def world(self, geometry: Polygon) -> Polygon:
        """Return a geometry of this frame in the town's coordinates, on the lattice."""
        cos, sin = math.cos(self.angle), math.sin(self.angle)

        def turn(coords: Floats) -> Floats:
            x = self.x + coords[:, 0] * cos - coords[:, 1] * sin
            y = self.y + coords[:, 0] * sin + coords[:, 1] * cos
            return on_lattice(np.column_stack([x, y]))

        return shapely.transform(geometry, turn)

    def box(self, west: float, south: float, east: float, north: float) -> Polygon:
        """Return the rectangle of these local bounds in the town's coordinates."""
        return self.world(shapely.box(west, south, east, north))


def frame_of(polygon: Polygon, town_angle: float, reach: float = math.radians(14)) -> Frame:
    """Return the frame along a polygon's northern and southern sides, or along the town where they lean far.

    Parameters
    ----------
    polygon
        Land, in the town's coordinates.
    town_angle
        Bearing of the town's rows, radians from east.
    reach
        The most that rows may lean from that, radians.
    """
    side = np.diff(shapely.get_coordinates(shapely.get_exterior_ring(polygon)), axis=0)
    lean = np.arctan2(side[:, 1], side[:, 0]) - town_angle
    lean -= np.round(lean / math.pi) * math.pi
    weight = np.hypot(side[:, 0], side[:, 1]) * (np.abs(lean) < SIDE_LEAN)
    mean = float(weight @ lean / weight.sum()) if weight.sum() > 0 else 0.0
    centre = shapely.centroid(polygon)
    return Frame(float(centre.x), float(centre.y), town_angle + max(-reach, min(reach, mean)))


def largest(geometry: Polygon) -> Polygon:
    """Return the largest polygon of a geometry (an empty one where there is none)."""
    parts = [part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon"]
    return max(parts, key=shapely.area, default=Polygon())


def spans(polygon: Polygon, south: float, north: float) -> list[tuple[float, float]]:
    """Return the x intervals in which the strip between two heights lies inside a polygon."""
    west, _, east, _ = shapely.bounds(polygon)
    clear = [(float(west), float(east))]
    for y in (south, (south + north) / 2, north):
        cut = shapely.intersection(LineString([(west - 1, y), (east + 1, y)]), polygon)
        here = [shapely.bounds(part) for part in shapely.get_parts(cut) if part.geom_type == "LineString"]
        clear = [
            (max(a, float(b[0])), min(c, float(b[2]))) for a, c in clear for b in here if min(c, b[2]) > max(a, b[0])
        ]
    return clear


def sideways(polygon: Polygon) -> Polygon:
    """Return a polygon with x and y exchanged, so that `spans` gives its vertical intervals."""
    return shapely.transform(polygon, lambda coords: coords[:, ::-1])


def core(polygon: Polygon) -> tuple[float, float, float, float]:
    """Return west, south, east, north of a polygon, where most of its length and half its height is clear."""
    west, south, east, north = (float(side) for side in shapely.bounds(polygon))
    margin_x, margin_y = (east - west) / 10, (north - south) / 4
    across = spans(polygon, south + margin_y, north - margin_y) or [(west, east)]
    upward = spans(sideways(polygon), west + margin_x, east - margin_x) or [(south, north)]
    (west, east), (south, north) = (max(clear, key=lambda c: c[1] - c[0]) for clear in (across, upward))
    return west, south, east, north
