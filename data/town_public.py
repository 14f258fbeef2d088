"""Fill land that is not lived on: schools, hospital, market, park, offices, works, shops along avenues."""

import math

import numpy as np
import shapely
from shapely import LineString, Polygon

from data.town_compounds import Parcel, Yard, enclose
from data.town_parts import Building, Filling, Frame, Ground, Line, core, frame_of, largest, spans

SHOP_SETBACK = 1.5


def school(parcel: Parcel, name: str, rng: np.random.Generator) -> Filling:
    """Fill a parcel with a school: teaching blocks in the north, the sports ground in the south.

    Parameters
    ----------
    parcel, name, rng
        The land, the school's name, source of every choice.
    """
    filling, place = enclose(parcel, name, rng, through=False)
    _, south, _, north = core(place.yard)
    filling.grounds.append(Ground("school", name, parcel.land))
    field = min(62.0, (north - south) * 0.45)
    for a, b in _halves(place, south + 4, south + field)[:1]:
        round_end = min(field, (b - a) * 0.6) / 2 - 3
        middle = south + field / 2 + 2
        straight = LineString([(a + round_end + 2, middle), (b - round_end - 2, middle)])
        track = shapely.buffer(straight, round_end)
        if shapely.contains_properly(place.yard, track):
            filling.grounds.append(Ground("green", f"{name}操场", place.frame.world(track)))
    y, number = south + field + 12, 0
    while y + 14 < north:
        for a, b in _halves(place, y, y + 14):
            number += 1
            _put(
                filling,
                place.frame,
                shapely.box(a + 3, y, min(b - 3, a + 68), y + 14),
                Building(Polygon(), "school", 4, (), name, f"{number}号教学楼"),
            )
        y += 34
    for a, b in _halves(place, south + 6, south + 34)[1:]:
        _put(
            filling,
            place.frame,
            shapely.box(a + 4, south + 6, min(a + 46, b - 2), south + 34),
            Building(Polygon(), "school", 2, (), name, "体育馆"),
        )
    return filling


def hospital(parcel: Parcel, name: str, rng: np.random.Generator) -> Filling:
    """Fill a parcel with a hospital: an outpatient hall, a U-shaped main building, wards.

    Parameters
    ----------
    parcel, name, rng
        The land, the hospital's name, source of every choice.
    """
    filling, place = enclose(parcel, name, rng, through=True)
    _, south, _, north = core(place.yard)
    filling.grounds.append(Ground("hospital", name, parcel.land))
    labels = iter(("门诊楼", "急诊楼", "住院部", "医技楼", "康复楼", "行政楼", "后勤楼", "食堂"))
    y, row = south + 8, 0
    while y + 36 < north:
        for a, b in _halves(place, y, y + 36):
            east = min(b - 3, a + 64)
            shape = shapely.box(a + 3, y, east, y + 36)
            if row % 2 == 0 and east - a > 40:  # noqa: PLR2004 - wide enough for a court
                shape = shapely.difference(shape, shapely.box(a + 18, y - 1, east - 15, y + 20))
            else:
                shape = shapely.box(a + 3, y + 6, east, y + 22)
            _put(
                filling,
                place.frame,
                shape,
                Building(Polygon(), "hospital", 5 + 4 * row, (), name, next(labels, "附楼")),
            )
        y, row = y + 54, row + 1
    return filling


def market(parcel: Parcel, name: str, rng: np.random.Generator) -> Filling:
    """Fill a parcel with a market: two halls and rows of stalls, no wall.

    Parameters
    ----------
    parcel, name, rng
        The land, the market's name, source of every choice.
    """
    fenced, place = enclose(parcel, name, rng, through=True)
    filling = Filling([line for line in fenced.lines if line.kind == "lane"], [], [], fenced.doors)
    filling.grounds.append(Ground("market", name, parcel.land))
    _, south, _, north = core(place.yard)
    y, number = south + 2, 0
    while y + 9 < north:
        hall = number == 0 and y + 38 < north
        deep = 38.0 if hall else 9.0
        for a, b in _halves(place, y, y + deep):
            number += 1
            use, label, floors = ("market", f"交易大厅{number}", 2) if hall else ("shop", f"商铺{number}排", 1)
            _put(
                filling,
                place.frame,
                shapely.box(a + 1, y, b - 1, y + deep),
                Building(Polygon(), use, floors, (), name, label),
            )
        y += deep + 10
    return filling


def park(parcel: Parcel, name: str, rng: np.random.Generator) -> Filling:
    """Fill a parcel with a park: a pond, a path around it, paths to the streets, pavilions.

    Parameters
    ----------
    parcel, name, rng
        The land, the park's name, source of every choice.
    """
    frame = frame_of(parcel.land, parcel.angle)
    local = frame.local(parcel.land)
    west, south, east, north = shapely.bounds(local)
    turn = np.linspace(0, 2 * math.pi, 49)[:-1]
    wobble = 1 + 0.16 * np.sin(2 * turn + rng.uniform(0, 6)) + 0.08 * np.sin(3 * turn + rng.uniform(0, 6))
    rim = np.column_stack([(east - west) * 0.24 * wobble * np.cos(turn), (north - south) * 0.2 * wobble * np.sin(turn)])
    rim += shapely.get_coordinates(shapely.centroid(local))[0]
    pond = Polygon(rim)
    path = shapely.simplify(shapely.get_exterior_ring(shapely.buffer(pond, 14)), 0.6)
    loop = shapely.get_coordinates(path)
    filling = Filling(doors={name: frame.world(shapely.centroid(local))})
    filling.grounds.extend([Ground("green", name, parcel.land), Ground("water", f"{name}湖", frame.world(pond))])
    filling.lines.append(Line("lane", f"{name}环湖路", frame.world(path), inner=True))
    face = frame.local(parcel.face)
    for outward in np.array([(1, 0.1), (-0.1, 1), (-1, -0.1), (0.1, -1)]):
        start = loop[int(np.argmax(loop @ outward))]
        way = shapely.intersection(LineString([start, start + 400 * outward]), face)
        ways = [part for part in shapely.get_parts(way) if shapely.distance(part, shapely.Point(start)) < 1]
        filling.lines.extend([Line("lane", f"{name}路", frame.world(part), inner=True) for part in ways])
    for number, share in enumerate((0.15, 0.42, 0.68, 0.93), start=1):
        x, y = loop[int(share * len(loop))] + (loop[int(share * len(loop))] - rim.mean(axis=0)) * 0.16
        _put(
            filling,
            frame,
            shapely.box(x - 5, y - 4, x + 5, y + 4),
            Building(Polygon(), "pavilion", 1, (), name, f"{number}号亭"),
        )
    return filling


def works(parcel: Parcel, name: str, rng: np.random.Generator, *, use: str) -> Filling:
    """Fill a parcel with large buildings nobody lives in: offices (`use="office"`) or halls (`"factory"`).

    Parameters
    ----------
    parcel, name, rng
        The land, the enterprise's name, source of every choice.
    use
        What the buildings are.
    """
    filling, place = enclose(parcel, name, rng, through=False)
    _, south, _, north = core(place.yard)
    y, number = south + 3, 0
    while y + 16 < north:
        deep = min(float(rng.uniform(26, 44) if use == "factory" else rng.uniform(16, 24)), north - y)
        for a, b in _halves(place, y, y + deep):
            number += 1
            east = min(b - 2, a + (rng.uniform(50, 90) if use == "factory" else rng.uniform(36, 60)))
            floors = 1 if use == "factory" else int(rng.integers(5, 16))
            label = f"{number}号厂房" if use == "factory" else f"{number}号办公楼"
            _put(
                filling,
                place.frame,
                shapely.box(a + 2, y, east, y + deep),
                Building(Polygon(), use, floors, (), name, label),
            )
        y += deep + (14 if use == "factory" else 30)
    return filling


def rail_strip(parcel: Parcel, name: str, rng: np.random.Generator) -> Filling:
    """Fill the strip between railway and ring road with a shelter belt and warehouses.

    Parameters
    ----------
    parcel, name, rng
        The land, the yard's name, source of every choice.
    """
    frame = frame_of(parcel.land, parcel.angle)
    local = shapely.buffer(frame.local(parcel.land), -4, join_style="mitre")
    west, south, east, north = shapely.bounds(local)
    filling = Filling(doors={name: frame.world(shapely.centroid(local))})
    filling.grounds.append(Ground("green", "铁路防护林", parcel.land))
    x, y, number = float(west) + 6, (south + north) / 2, 0
    while x < east - 30:
        length = float(rng.uniform(28, 60))
        shed = shapely.box(x, y - 8, x + length, y + 8)
        if shapely.contains(local, shed) and rng.random() < 2 / 3:
            number += 1
            _put(filling, frame, shed, Building(Polygon(), "warehouse", 1, (), name, f"{number}号库"))
        x += length + float(rng.uniform(12, 60))
    return filling


def shops(avenue: LineString, half: float, land: Polygon, rng: np.random.Generator) -> tuple[list[Building], Polygon]:
    """Return shops in rows along both sides of an avenue, and the land they stand on.

    Parameters
    ----------
    avenue
        Centre line, in metres.
    half
        Half the width of the avenue, kerb to kerb.
    land
        Where shops may stand.
    rng
        Source of every choice.
    """
    rows, zones = [], []
    for sign in (1, -1):
        deep = rng.uniform(9, 12)
        line = shapely.offset_curve(avenue, sign * (half + SHOP_SETBACK + deep / 2), join_style="mitre")
        for part in shapely.get_parts(shapely.intersection(line, shapely.buffer(land, -SHOP_SETBACK - deep / 2 + 0.5))):
            if part.geom_type != "LineString" or part.length < 30:  # noqa: PLR2004 - no row of shops
                continue
            zones.append(shapely.buffer(part, deep / 2 + 2.5, cap_style="square", join_style="mitre"))
            rows += _shop_row(part, deep, rng)
    return rows, shapely.union_all(zones)


def _shop_row(line: LineString, deep: float, rng: np.random.Generator) -> list[Building]:
    """Return shops one after another along a line."""
    row, at = [], 1.0
    while at + 14 < line.length:
        length = min(float(rng.uniform(14, 42)), line.length - at)
        start, stop = (shapely.get_coordinates(line.interpolate(d))[0] for d in (at, at + length))
        bearing = math.atan2(stop[1] - start[1], stop[0] - start[0])
        footprint = Frame(start[0], start[1], bearing).box(0, -deep / 2, length, deep / 2)
        row.append(Building(footprint, "shop", int(rng.choice([1, 2, 2, 3]))))
        at += length + float(rng.choice([1.5, 1.5, 6.0, 14.0]))
    return row


def _halves(place: Yard, low: float, high: float) -> list[tuple[float, float]]:
    """Return the clear stretches of a strip on both sides of the drive."""
    found = []
    for a, b in spans(place.yard, low, high):
        for west, east in ((a, min(b, place.spine - 6)), (max(a, place.spine + 6), b)):
            if east - west > 16:  # noqa: PLR2004 - room for a building
                found.append((west, east))
    return found


def _put(filling: Filling, frame: Frame, shape: Polygon, building: Building) -> None:
    """Add a building with this local shape."""
    whole = largest(shape)
    if whole.area > 20:  # noqa: PLR2004 - smaller is not drawn
        filling.buildings.append(
            Building(frame.world(whole), building.use, building.floors, (), building.site, building.label)
        )
