"""The map of one cell for its card, and the small one that shows where it lies: SVG for paper, without script."""

from collections.abc import Mapping

import numpy as np
import shapely

from gis.plan import Plan
from maps.card_codes import Family
from maps.card_ground import HEIGHT, WIDTH, Ground, Layer, Window
from maps.card_labels import Labels, reach
from maps.codec import Shapes
from maps.escape import as_html
from maps.paper import Paper, scale_bar

_LINES = {"river": 44, "lane": 17, "street": 32, "arterial": 42}
"""Widths of lines on a map of a small cell, in tenths of a millimetre, the weightiest drawn last."""
_NAMES = {"arterial": 27, "river": 27, "street": 24, "lane": 19}
"""Heights of names, in the order in which they look for a place."""
_OPEN = 5.0
"""Tenths of a millimetre to a metre from which lines have their whole width."""
_LOCATOR = 400, 330


def cell_map(ground: Ground, shape: shapely.Geometry, here: str, family: Family, grounds: Mapping[str, list[str]],
             label: str, north: str) -> str:  # fmt: skip
    """Draw the map of a cell.

    Parameters
    ----------
    ground
        Of the cell's level.
    shape
        Its polygon.
    here
        Its code.
    family
        Names of the plan's cells.
    grounds
        Codes of the cells on each ground.
    label
        What a screen reader says of the map.
    north
        The word for north.
    """
    window = Window.around(shape)
    own = window.cut(np.array([shape], dtype=object))
    land, lines, cells = (layer.within(window) for layer in (ground.land, ground.lines, ground.cells))
    buildings, parents = ground.buildings.within(window), ground.parents.within(window)
    path = window.paper.path
    outline = path(own)
    drawn = [
        f'<rect class="earth" width="{WIDTH}" height="{HEIGHT}"/>',
        f'<path class="own" d="{outline}"/>',
        *(_path(f"land {as_html(kind)}", path(land.of(kind))) for kind in dict.fromkeys(land.kinds)),
        *_streets(lines, window),
        _path("building", path(buildings.shapes)),
        f'<path class="veil" d="M0 0h{WIDTH}v{HEIGHT}H0z{outline}"/>',
        _path("border other", path(_borders(cells.shapes))),
        _path("border parent", path(_borders(parents.shapes))),
        f'<path class="border halo" d="{outline}"/><path class="border self" d="{outline}"/>',
    ]
    drawn += _labels(land, lines, cells, window, own[0], here, family, grounds)
    drawn.append(_foot(window.paper.scale, north))
    return (
        f'<svg class="map" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{as_html(label)}">{"".join(drawn)}'
        f'<rect class="frame" width="{WIDTH}" height="{HEIGHT}"/></svg>'
    )


def _path(kind: str, path: str) -> str:
    return f'<path class="{kind}" d="{path}"/>' if path else ""


def _borders(shapes: Shapes) -> Shapes:
    """Return the borders of polygons that share them, each once, so that dashes stay dashes."""
    return np.asarray(shapely.get_parts(shapely.line_merge(shapely.union_all(shapely.boundary(shapes)))))


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


def _labels(land: Layer, lines: Layer, cells: Layer, window: Window, own: shapely.Geometry, here: str, family: Family,
            grounds: Mapping[str, list[str]]) -> list[str]:  # fmt: skip
    """Write names: of neighbours and streets first, then of places, so that every map says where it joins."""
    on_paper = _to_paper(window.paper)
    shape = on_paper(own)
    labels = Labels(WIDTH, HEIGHT, shapely.get_coordinates(shapely.centroid(shape))[0])
    labels.keep_free(0, HEIGHT - 80, 440, HEIGHT)
    labels.keep_free(WIDTH - 110, 0, WIDTH, 130)
    labels.write_into(shape, family.short(here), "self", 64, 30)
    frame = shapely.box(20, 20, WIDTH - 20, HEIGHT - 20)
    for name, other in zip(cells.names, shapely.intersection(on_paper(cells.shapes), frame), strict=True):
        if here not in grounds[name] and not shapely.is_empty(other):
            labels.write_into(_largest(other), family.together(grounds[name], here), "other", 30, 20)
    for kind, size in _NAMES.items():
        names, shapes = lines.names[lines.kinds == kind], on_paper(lines.of(kind))
        for name in sorted(set(names) - {""}):
            labels.write_along(shapes[names == name], name, f"way {kind}", size)
    for name, kind, place in zip(land.names, land.kinds, shapely.intersection(on_paper(land.shapes), frame), strict=True):
        if name and shapely.get_dimensions(place) == 2:  # noqa: PLR2004 (areal)
            labels.write_into(_largest(place), name, f"place {as_html(kind)}", 22, 18)
    return labels.drawn


def _to_paper(paper: Paper):  # noqa: ANN202
    def moved(shapes):  # noqa: ANN001, ANN202
        return shapely.transform(shapes, lambda xy: (xy - [paper.west, paper.north]) * [paper.scale, -paper.scale])

    return moved


def _largest(shape: shapely.Geometry) -> shapely.Geometry:
    parts = shapely.get_parts(shape)
    return parts[np.argmax(shapely.area(parts))]


def _foot(scale: float, north: str) -> str:
    long, said = scale_bar(scale, 320)
    y = HEIGHT - 24
    back = f'<rect class="plate" x="0" y="{HEIGHT - 62}" width="{long + 60 + 24 * reach(said):.0f}" height="62"/>'
    return (
        f'{back}<path class="scale" d="M20 {y - 14}v14h{long}v-14"/><text class="foot" x="{long + 34}" y="{y}">{said}</text>'
        f'<path class="north" d="M{WIDTH - 52} 26l22 62-22-15-22 15z"/>'
        f'<text class="compass" x="{WIDTH - 52}" y="118">{as_html(north)}</text>'
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
        scale = min((wide - 16) / (east - west), (high - 16) / (north - south))
        self._paper = Paper((west + east) / 2 - wide / 2 / scale, (north + south) / 2 + high / 2 / scale, scale)
        area = shapely.simplify(plan.area.geometry.to_numpy(), 1.0 / scale)
        tops = plan.at_level(plan.levels[0]).geometry.to_numpy()
        lines = shapely.simplify(_borders(tops), 1.0 / scale)
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
            f'{self._under}{above}{self._over}{own}<circle cx="{x}" cy="{y}" r="22"/></svg>'
        )
