"""The map of one cell for its card, and the small one that shows where it lies: SVG for paper, without script."""

import numpy as np
import shapely

from gis.plan import Plan
from maps.cards.ground import WIDTH, Ground, Layer, Shown, Window
from maps.cards.labels import Labels, reach
from maps.codec import Shapes
from maps.escape import as_html
from maps.paper import Paper, borders_of, scale_bar
from maps.words import Words

_LINES = {"river": 44, "lane": 17, "street": 32, "arterial": 42}
"""Widths of lines on a map of a small cell, in tenths of a millimetre, the weightiest drawn last."""
_NAMES = {"arterial": 29, "river": 29, "street": 26, "lane": 24}
"""Heights of names, in the order in which they look for a place."""
_OPEN = 5.0
"""Tenths of a millimetre to a metre from which lines have their whole width."""
_SMALLEST = 25.0
"""Square tenths of a millimetre below which a building is a speck."""
_LOCATOR = 400, 330
_RING = 22
"""Radius of the ring round the cell on the small map."""


def cell_map(ground: Ground, shown: Shown, height: int, label: str, says: Words) -> str:
    """Draw the map of a cell.

    Parameters
    ----------
    ground
        Of the cell's level.
    shown
        The cell.
    height
        Of the map, in tenths of a millimetre.
    label
        What a screen reader says of the map.
    says
        Words of a card.
    """
    window = Window.around(shown.shape, height)
    path = window.paper.path
    own = window.cut(np.array([shown.shape], dtype=object))
    near = Ground(*(layer.within(window) for layer in (ground.land, ground.lines, ground.buildings, ground.cells,
                                                       ground.parents)))  # fmt: skip
    built = near.buildings.shapes
    outline, others, parents = path(own), borders_of(near.cells.shapes), borders_of(near.parents.shapes)
    drawn = [
        f'<rect class="earth" width="{WIDTH}" height="{height}"/>',
        f'<path class="own" d="{outline}"/>',
        *(_path(f"land {as_html(kind)}", path(near.land.of(kind))) for kind in dict.fromkeys(near.land.kinds)),
        *_streets(near.lines, window),
        _path("building", path(built[shapely.area(built) * window.paper.scale**2 > _SMALLEST])),
        f'<path class="veil" d="M0 0h{WIDTH}v{height}H0z{outline}"/>',
        _path("border other", path(others)),
        _path("border parent", path(parents)),
        f'<path class="border halo" d="{outline}"/><path class="border self" d="{outline}"/>',
        *_labels(near, np.concatenate([others, parents]), window, own[0], shown, says),
        _foot(window, says["card.north"]),
    ]
    return (
        f'<svg class="map" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{as_html(label)}">'
        f'<svg width="{WIDTH}" height="{height}">{"".join(drawn)}</svg>'
        f'<rect class="frame" width="{WIDTH}" height="{height}"/></svg>'
    )


def _path(kind: str, path: str) -> str:
    return f'<path class="{kind}" d="{path}"/>' if path else ""


def _streets(lines: Layer, window: Window) -> list[str]:
    """Draw all casings first, then all fills: crossings stay open."""
    wide = min(1.0, max(0.35, window.paper.scale / _OPEN))
    paths = {kind: window.paper.path(lines.of(kind)) for kind in (*_LINES, "rail", "wall")}
    cased = [kind for kind in _LINES if kind != "river" and paths[kind]]
    return [
        _path("line wall", paths["wall"]),
        *(f'<path class="line river" stroke-width="{_LINES["river"] * wide:.0f}" d="{paths[kind]}"/>'
          for kind in ("river",) if paths[kind]),
        *(f'<path class="line casing" stroke-width="{_LINES[kind] * wide + 4:.0f}" d="{paths[kind]}"/>'
          for kind in cased),
        *(f'<path class="line {kind}" stroke-width="{_LINES[kind] * wide:.0f}" d="{paths[kind]}"/>' for kind in cased),
        _path("line rail", paths["rail"]),
        _path("line sleepers", paths["rail"]),
    ]  # fmt: skip


def _labels(
    near: Ground, borders: Shapes, window: Window, own: shapely.Geometry, shown: Shown, says: Words
) -> list[str]:
    """Write names: of neighbours and streets first, then of places, so that every map says where it joins."""
    paper, height = window.paper, window.height
    shape, built = paper.laid(own), paper.laid(near.buildings.shapes)
    open_ground = shapely.difference(shape, shapely.union_all(built[shapely.intersects(built, shape)]))
    labels = Labels(WIDTH, height, (WIDTH / 2, height / 2))
    labels.keep_free(0, height - 80, 440, height)
    labels.keep_free(WIDTH - 110, 0, WIDTH, 130)
    called = shown.family.short(shown.code)
    if not labels.write_into(_largest(open_ground), called, "self", 64, 40):
        labels.write_into(_largest(shape), called, "self", 64, 24)
    frame = shapely.box(16, 16, WIDTH - 16, height - 16)
    for name, other in zip(near.cells.names, shapely.intersection(paper.laid(near.cells.shapes), frame), strict=True):
        if shown.code not in shown.grounds[name]:
            called = shown.family.together(shown.grounds[name], shown.code, says["card.and"])
            labels.write_into(_largest(other), called, "other", 30, 20)
    labels.keep_clear(paper.laid(borders))
    for kind, size in _NAMES.items():
        names, shapes = near.lines.names[near.lines.kinds == kind], paper.laid(near.lines.of(kind))
        for name in sorted(set(names) - {""}):
            labels.write_along(shapes[names == name], name, f"way {kind}", size)
    places = shapely.intersection(paper.laid(near.land.shapes), frame)
    for name, kind, place in zip(near.land.names, near.land.kinds, places, strict=True):
        labels.write_into(_largest(place), name, f"place {as_html(kind)}", 22, 18)
    return labels.drawn


def _largest(shape: shapely.Geometry) -> shapely.Geometry:
    parts = shapely.get_parts(shape)
    return max(parts, key=shapely.area) if len(parts) else shape


def _foot(window: Window, north: str) -> str:
    long, said = scale_bar(window.paper.scale, 320)
    y = window.height - 24
    wide = long + 60 + 24 * reach(said)
    return (
        f'<rect class="plate" y="{window.height - 62}" width="{wide:.0f}" height="62"/>'
        f'<path class="scale" d="M20 {y - 14}v14h{long}v-14"/>'
        f'<text class="foot" x="{long + 34}" y="{y}">{said}</text>'
        f'<rect class="plate" x="{WIDTH - 100}" width="100" height="132"/>'
        f'<path class="north" d="M{WIDTH - 52} 26l22 62-22-15-22 15z"/>'
        f'<text class="compass" x="{WIDTH - 52}" y="112">{as_html(north)}</text>'
    )


class Locator:
    """Small maps of the whole area, on which each cell is shown in turn.

    Parameters
    ----------
    plan
        The plan.
    """

    def __init__(self, plan: Plan) -> None:
        west, south, east, north = plan.area.total_bounds
        wide, high = _LOCATOR
        room = 2 * (_RING + 6)  # for the ring of a cell at the rim
        scale = min((wide - room) / (east - west), (high - room) / (north - south))
        self._paper = Paper((west + east) / 2 - wide / 2 / scale, (north + south) / 2 + high / 2 / scale, scale)
        area = shapely.simplify(plan.area.geometry.to_numpy(), 1.0 / scale)
        tops = plan.at_level(plan.levels[0]).geometry.to_numpy()
        lines = shapely.simplify(borders_of(tops), 1.0 / scale)
        self._under = _path("ground", self._paper.path(area))
        self._over = _path("tops", self._paper.path(lines))

    def svg(self, shape: shapely.Geometry, parent: shapely.Geometry | None, label: str) -> str:
        """Show a cell within its parent."""
        paper, near = self._paper, 0.7 / self._paper.scale
        above = "" if parent is None else _path("above", paper.path(shapely.simplify(np.array([parent]), near)))
        own = _path("here", paper.path(shapely.simplify(np.array([shape]), near)))
        x, y = paper.whole(shapely.get_coordinates(shapely.point_on_surface(shape)))[0]
        return (
            f'<svg class="locator" viewBox="0 0 {_LOCATOR[0]} {_LOCATOR[1]}" role="img" aria-label="{as_html(label)}">'
            f'{self._under}{above}{self._over}{own}<circle cx="{x}" cy="{y}" r="{_RING}"/></svg>'
        )
