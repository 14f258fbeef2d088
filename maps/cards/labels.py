"""Where names go on a card's map: along their streets, into their cells, and never over each other."""

from unicodedata import east_asian_width

import numpy as np
import shapely

from gis.arrays import Floats
from maps.codec import Shapes
from maps.escape import as_html

_TRIES = 9
"""Places along a line where a name is tried."""
_STRAIGHT = 0.97
"""Least length of a chord against its line, where a name can follow it."""
_BORDER = 7.0
"""Half the width of the broadest border, in tenths of a millimetre."""
_STEEP = np.pi * 0.28
"""Slope from which Chinese names stand upright, one sign below the other."""


class Labels:
    """Names on one map: the first come has the place.

    Parameters
    ----------
    width, height
        Of the map, in tenths of a millimetre.
    middle
        Where names would rather be.
    """

    def __init__(self, width: int, height: int, middle: tuple[float, float]) -> None:
        self._frame, self._middle = shapely.box(14, 14, width - 14, height - 14), np.array(middle)
        self._taken: list[shapely.Polygon] = []
        self.drawn: list[str] = []

    def keep_free(self, west: float, north: float, east: float, south: float) -> None:
        """Keep names out of a part of the map."""
        self._taken.append(shapely.box(west, north, east, south))

    def keep_clear(self, borders: Shapes) -> None:
        """Keep names off borders, which would strike them through."""
        self._taken += list(shapely.buffer(borders, _BORDER, quad_segs=1))

    def write_into(self, shape: shapely.Geometry, text: str, kind: str, size: int, least: int) -> bool:
        """Write a text into a shape, as large as it has room up to `size`, or nothing where that is below `least`."""
        if not text or shapely.area(shape) < least**2:
            return False
        circle = shapely.maximum_inscribed_circle(shape, tolerance=2.0)
        x, y = shapely.get_coordinates(circle)[0]
        wide = reach(text)
        fitted = min(size, int(2 * shapely.length(circle) / np.hypot(wide, 1)))
        half, high = fitted * wide / 2 + 4, fitted * 0.6 + 2
        box = shapely.box(x - half, y - high, x + half, y + high)
        if fitted < least or not self._take(np.array([box])).any():
            return False
        self._write(f'<text class="{kind}" x="{x:.0f}" y="{y:.0f}" font-size="{fitted}">{as_html(text)}</text>', box)
        return True

    def write_along(self, lines: Shapes, text: str, kind: str, size: int) -> bool:
        """Write a name once along lines that share it, where one of them runs straight for long enough."""
        long = size * 1.08 * reach(text)
        parts = shapely.get_parts(shapely.line_merge(shapely.union_all(lines)))
        parts = parts[shapely.length(parts) > long]
        if not text or not len(parts):
            return False
        middles, angles = self._places(parts, long)
        aside = np.column_stack([-np.sin(angles), np.cos(angles)]) * (size * 0.65 + _BORDER)
        for shift in (0, 1, -1):  # on the line; where a border runs on it, to one side
            places = middles + shift * aside
            boxes = _boxes(places, angles, long, size * 1.2)
            order = np.argsort(np.hypot(*(places - self._middle).T), kind="stable")
            if len(free := order[self._take(boxes[order])]):
                self._write(_along(text, kind, size, places[free[0]], angles[free[0]]), boxes[free[0]])
                return True
        return False

    def _places(self, parts: Shapes, long: float) -> tuple[Floats, Floats]:
        """Return middles and slopes of the straight pieces of lines that a text of this length can stand on."""
        lengths = shapely.length(parts)
        starts = (np.linspace(0, 1, _TRIES)[None, :] * (lengths - long)[:, None]).ravel()
        line = np.repeat(parts, _TRIES)
        first, middle, last = (
            shapely.get_coordinates(shapely.line_interpolate_point(line, starts + share * long))
            for share in (0, 0.5, 1)
        )
        chord = last - first
        bent = np.hypot(*(middle - (first + last) / 2).T) > long * 0.04  # off its line by more than half a sign
        straight = (np.hypot(*chord.T) > _STRAIGHT * long) & ~bent
        slope = np.arctan2(chord[:, 1], chord[:, 0])
        slope = (slope + np.pi / 2) % np.pi - np.pi / 2  # to be read from the left
        return ((first + last) / 2)[straight], slope[straight]

    def _take(self, boxes: Shapes) -> Shapes:
        """Say which boxes lie on the map, where nothing is written yet."""
        free = shapely.contains(self._frame, boxes)
        if self._taken:
            free &= ~shapely.intersects(boxes[:, None], np.array(self._taken)[None, :]).any(axis=1)
        return np.asarray(free)

    def _write(self, drawn: str, box: shapely.Polygon) -> None:
        self._taken.append(box)
        self.drawn.append(drawn)


def reach(text: str) -> float:
    """Estimate the length of a text against the height of its signs."""
    return sum(
        1.0 if east_asian_width(sign) in "WFA" else 0.6 if sign.isupper() or sign.isdigit() else 0.48 for sign in text
    )


def _boxes(middles: Floats, angles: Floats, long: float, high: float) -> Shapes:
    along = np.column_stack([np.cos(angles), np.sin(angles)]) * long / 2
    across = np.column_stack([-np.sin(angles), np.cos(angles)]) * high / 2
    corners = np.stack([middles + a * along + b * across for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))], axis=1)
    return np.asarray(shapely.polygons(corners)) if len(middles) else np.array([], dtype=object)


def _along(text: str, kind: str, size: int, middle: Floats, angle: float) -> str:
    x, y = middle.round().astype(int).tolist()
    if abs(angle) > _STEEP and all(east_asian_width(sign) in "WF" for sign in text):
        down = np.array([np.cos(angle), np.sin(angle)]) * size * 1.08 * (1 if angle > 0 else -1)
        at = (middle + (np.arange(len(text)) - (len(text) - 1) / 2)[:, None] * down).round().astype(int)
        xs, ys = (" ".join(map(str, column)) for column in at.T.tolist())
        return f'<text class="{kind}" x="{xs}" y="{ys}" font-size="{size}">{as_html(text)}</text>'
    turned = f' transform="rotate({np.degrees(angle):.1f} {x} {y})"' if abs(angle) > 0.005 else ""  # noqa: PLR2004 (unseen)
    return f'<text class="{kind}" x="{x}" y="{y}" font-size="{size}"{turned}>{as_html(text)}</text>'
