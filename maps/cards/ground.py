"""The ground of a whole plan, ready to be cut to the window of one card after another."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely

from gis.plan import Plan
from maps.cards.codes import Family
from maps.codec import Shapes
from maps.paper import Paper

WIDTH = 1860
"""Of a card's map, in tenths of a millimetre."""
_SHARE = 0.7
"""Share of the map that its cell may take: the rest shows where it lies."""
_LARGEST = 20.0
"""Tenths of a millimetre to a metre at most: 1:500."""
_EDGE = 12
"""Tenths of a millimetre drawn beyond the map, where no cut line can be seen."""


@dataclass(frozen=True)
class Window:
    """The part of the ground that a card shows.

    Attributes
    ----------
    paper
        Where it lies on the map.
    height
        Of the map, in tenths of a millimetre.
    west, south, east, north
        In metres, with an edge that lies outside the map.
    """

    paper: Paper
    height: int
    west: float
    south: float
    east: float
    north: float

    @classmethod
    def around(cls, shape: shapely.Geometry, height: int) -> "Window":
        """Fit a cell, with its neighbourhood around it, on a map of this height."""
        west, south, east, north = shapely.bounds(shape)
        scale = min(WIDTH * _SHARE / (east - west), height * _SHARE / (north - south), _LARGEST)
        x, y = (west + east) / 2, (south + north) / 2
        half, high, edge = WIDTH / 2 / scale, height / 2 / scale, _EDGE / scale
        paper = Paper(x - half, y + high, scale)
        return cls(paper, height, x - half - edge, y - high - edge, x + half + edge, y + high + edge)

    def cut(self, shapes: Shapes) -> Shapes:
        """Cut shapes to the window, and leave out what paper does not show."""
        cut = shapely.clip_by_rect(shapes, self.west, self.south, self.east, self.north)
        return np.asarray(shapely.simplify(cut, 0.5 / self.paper.scale), dtype=object)


@dataclass(frozen=True)
class Layer:
    """Shapes with a kind and a name each, and a way to find those in a window.

    Attributes
    ----------
    shapes, kinds, names
        Of one length; names are empty where there are none.
    """

    shapes: Shapes
    kinds: Shapes
    names: Shapes

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Index of the shapes."""
        return shapely.STRtree(self.shapes)

    def within(self, window: Window) -> "Layer":
        """Return what lies in the window, cut to it."""
        at = np.sort(self.tree.query(shapely.box(window.west, window.south, window.east, window.north)))
        cut = window.cut(self.shapes[at])
        at, cut = at[~shapely.is_empty(cut)], cut[~shapely.is_empty(cut)]
        return Layer(cut, self.kinds[at], self.names[at])

    def of(self, kind: str) -> Shapes:
        """Return the shapes of a kind."""
        return self.shapes[self.kinds == kind]


@dataclass(frozen=True)
class Ground:
    """What maps of cards are drawn from.

    Attributes
    ----------
    land, lines, buildings
        As the plan holds them.
    cells
        The ground polygons of the level; names are ground codes, kinds the codes of their parents.
    parents
        Polygons of the level above; empty at the top.
    """

    land: Layer
    lines: Layer
    buildings: Layer
    cells: Layer
    parents: Layer

    @classmethod
    def of(cls, plan: Plan, level: str) -> "Ground":
        """Take the layers of a plan, and the cells of one level."""
        cells = plan.at_level(level).drop_duplicates("ground_code")
        at = plan.levels.index(level)
        parents = plan.at_level(plan.levels[at - 1]) if at else plan.cells.iloc[:0]
        buildings = plan.buildings.geometry.to_numpy()
        buildings = buildings[shapely.get_dimensions(buildings) == 2]  # noqa: PLR2004 (areal)
        return cls(
            _layer(plan.land.geometry.to_numpy(), plan.land["kind"], plan.land["name"]),
            _layer(plan.barriers.geometry.to_numpy(), plan.barriers["kind"], plan.barriers["name"]),
            _layer(buildings, [""] * len(buildings), [""] * len(buildings)),
            _layer(cells.geometry.to_numpy(), cells["parent_code"], cells["ground_code"]),
            _layer(parents.geometry.to_numpy(), parents["kind"], parents["code"]),
        )


@dataclass(frozen=True)
class Shown:
    """Whose map is drawn, and what the cells on it are called.

    Attributes
    ----------
    code
        Of the cell.
    shape
        Its polygon.
    family
        Names of the plan's cells.
    grounds
        Codes of the cells on each ground of the level.
    """

    code: str
    shape: shapely.Geometry
    family: Family
    grounds: Mapping[str, Sequence[str]]


def _layer(shapes: Shapes, kinds: Iterable[object], names: Iterable[object]) -> Layer:
    return Layer(shapes, _texts(kinds), _texts(names))


def _texts(values: Iterable[object]) -> Shapes:
    texts: Shapes = np.array([value if isinstance(value, str) else "" for value in values], dtype=np.object_)
    return texts
