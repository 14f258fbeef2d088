"""Wall a parcel in and lead a lane through its gate."""

from dataclasses import dataclass

import numpy as np
import shapely
from shapely import LineString, Point, Polygon

from data.town_parts import Filling, Frame, Line, core, frame_of, largest, spans

WALL_GAP = 3.5
SPINE = 5.0


@dataclass(frozen=True)
class Parcel:
    """Land for one compound: the face between centre lines, what is left inside the kerbs, its bearing."""

    face: Polygon
    land: Polygon
    angle: float


@dataclass(frozen=True)
class Yard:
    """A walled yard in its own frame, with its spine lane."""

    frame: Frame
    yard: Polygon
    spine: float


def enclose(parcel: Parcel, name: str, rng: np.random.Generator, *, through: bool) -> tuple[Filling, Yard]:
    """Wall a parcel in and lead a lane from the road through its gate.

    Parameters
    ----------
    parcel
        The land.
    name
        Name of the compound.
    rng
        Where the gate is.
    through
        Whether the lane leaves by a second gate on the far side.
    """
    frame = frame_of(parcel.land, parcel.angle)
    land, face = frame.local(parcel.land), frame.local(parcel.face)
    inner = shapely.simplify(largest(shapely.buffer(land, -1.5, join_style="mitre")), 0.3)
    yard = largest(shapely.buffer(inner, -WALL_GAP, join_style="mitre"))
    west, south, east, north = core(yard)
    spine = (west + east) / 2 + rng.uniform(-0.04, 0.04) * (east - west)
    drive = shapely.intersection(LineString([(spine, south - 90), (spine, north + 90)]), face)
    low, high = shapely.bounds(drive)[[1, 3]]
    if not through:
        low, high = (low, north - 14) if rng.random() < 3 / 4 else (south + 14, high)
    drive = LineString([(spine, low), (spine, high)])
    gates = [
        p for p in shapely.get_parts(shapely.intersection(drive, shapely.boundary(inner))) if p.geom_type == "Point"
    ]
    walls = [Line("wall", f"{name}围墙", frame.world(part)) for part in _between_gates(inner, gates)]
    door = frame.world(gates[0]) if gates else frame.world(shapely.centroid(inner))
    lane = Line("lane", f"{name}内部路", frame.world(drive), inner=True)
    return Filling([*walls, lane], [], [], {name: door}), Yard(frame, yard, spine)


def sides(place: Yard, low: float, high: float) -> list[tuple[float, float]]:
    """Return the clear stretches of a strip west and east of the spine."""
    clear = spans(place.yard, low, high)
    west = [(a, min(b, place.spine - SPINE)) for a, b in clear if a < place.spine - SPINE]
    east = [(max(a, place.spine + SPINE), b) for a, b in clear if b > place.spine + SPINE]
    return [max(side, key=lambda s: s[1] - s[0]) if side else (0.0, 0.0) for side in (west, east)]


def _between_gates(inner: Polygon, gates: list[Point]) -> list[LineString]:
    """Return the wall around a yard, parted at its gates; the parts share the gates' points."""
    ring = shapely.get_exterior_ring(inner)
    size = float(shapely.length(ring))
    marks = sorted(float(shapely.line_locate_point(ring, gate)) for gate in gates) or [0.0]
    corners = [float(shapely.line_locate_point(ring, p)) for p in shapely.points(shapely.get_coordinates(ring)[:-1])]
    parts = []
    for start, stop in zip(marks, [*marks[1:], marks[0] + size], strict=True):
        inside = [c + turn for turn in (0.0, size) for c in corners if start + 0.01 < c + turn < stop - 0.01]
        places = [start, *sorted(inside), stop]
        parts.append(LineString([ring.interpolate(place % size) for place in places]))
    return parts
