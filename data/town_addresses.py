"""Give every building of a made town an address: district, street office, road, number, compound, block."""

from collections import defaultdict

import numpy as np
import shapely
from shapely import Point

from data.town_names import DISTRICT, OFFICE
from data.town_parts import Building, Line


def addresses(buildings: list[Building], doors: dict[str, Point], lines: list[Line]) -> list[str]:
    """Return the address of every building.

    Numbers run along each road, odd on one side and even on the other. A compound has one number, at
    its gate, and its blocks are told apart by their own.

    Parameters
    ----------
    buildings
        The buildings.
    doors
        The gate of every named site.
    lines
        The roads; those inside compounds carry no numbers.
    """
    sites = list(doors)
    lone = [i for i, building in enumerate(buildings) if not building.site]
    places = [doors[site] for site in sites] + [shapely.centroid(buildings[i].footprint) for i in lone]
    numbers = _numbers(
        places, [line for line in lines if not line.inner and line.kind in {"arterial", "street", "lane"}]
    )
    of_site = dict(zip(sites, numbers, strict=False))
    of_lone = dict(zip(lone, numbers[len(sites) :], strict=True))
    return [
        DISTRICT + OFFICE + (of_lone[i] if i in of_lone else of_site[building.site] + building.site + building.label)
        for i, building in enumerate(buildings)
    ]


def _numbers(places: list[Point], roads: list[Line]) -> list[str]:
    """Return road and number of every place, counted along the nearest road."""
    shapes = [road.geometry for road in roads]
    place, road = shapely.STRtree(shapes).query_nearest(places, all_matches=False)
    along: dict[tuple[str, bool], list[tuple[int, float, int]]] = defaultdict(list)
    for i, r in zip(place.tolist(), road.tolist(), strict=True):
        at = float(shapely.line_locate_point(shapes[r], places[i]))
        along[roads[r].name, _on_left(shapes[r], at, places[i])].append((r, at, i))
    found = [""] * len(places)
    for (name, left), members in along.items():
        for order, (_, _, i) in enumerate(sorted(members)):
            found[i] = f"{name}{2 * order + (1 if left else 2)}号"
    return found


def _on_left(line: shapely.LineString, at: float, place: Point) -> bool:
    """Tell whether a place lies to the left of a line at a distance along it."""
    near = [shapely.get_coordinates(line.interpolate(d))[0] for d in (max(0.0, at - 1), min(line.length, at + 1))]
    (dx, dy), (px, py) = near[1] - near[0], shapely.get_coordinates(place)[0] - near[0]
    return bool(np.sign(dx * py - dy * px) > 0)
