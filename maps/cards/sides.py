"""What a cell ends at, said by side: the streets, waters and walls along its border, else its neighbours."""

from collections import defaultdict

import numpy as np
import shapely

from gis.arrays import Floats
from maps.cards.ground import Ground, Shown
from maps.words import Words, named

SIDES = ("east", "south", "west", "north")
"""In the order in which Chinese names them."""
_STEP_M, _NEAR_M = 4.0, 2.5
_SMALL = 0.15
"""Share of a side below which what lies there is not named."""
_MOST = 3
"""Names of a side at most, the longest first."""


def sides(ground: Ground, shown: Shown, level: str, area: str, says: Words) -> dict[str, str]:
    """Say of each side where a cell ends.

    A piece of border belongs to the side that it faces. It is called after the line that it runs on, else after the
    cell beyond it.

    Parameters
    ----------
    ground
        Of the cell's level.
    shown
        The cell.
    level, area
        The word for its level, and the name of the area.
    says
        Words of a card.

    Returns
    -------
    dict
        By side, in the order of `SIDES`; a side that nothing faces is left out.
    """
    middles, outward, lengths = _pieces(shown.shape)
    facing = np.argmax(outward @ np.array([(1, 0), (0, -1), (-1, 0), (0, 1)]).T, axis=1)
    called = _called(ground, middles, says)
    beyond = _beyond(ground, middles + outward)
    found = {}
    for number, side in enumerate(SIDES):
        weights: defaultdict[tuple[str, str], float] = defaultdict(float)
        for at in np.flatnonzero(facing == number):
            weights["line" if called[at] else "cell", called[at] or beyond[at]] += lengths[at]
        if not weights:
            continue
        total = sum(weights.values())
        heavy = sorted((key for key in weights if weights[key] >= _SMALL * total), key=lambda key: -weights[key])
        heavy = (heavy or [max(weights, key=lambda key: weights[key])])[:_MOST]
        words = [name for kind, name in heavy if kind == "line"]
        cells = [
            shown.family.together(shown.grounds[name], shown.code, says["card.and"])
            for kind, name in heavy
            if kind == "cell" and name
        ]
        words += [says["card.beside"].format(level=level, codes=says["card.and"].join(cells))] if cells else []
        words += [says["card.rim"].format(area=area)] if ("cell", "") in heavy else []
        found[side] = says["card.and"].join(words)
    return found


def _pieces(shape: shapely.Geometry) -> tuple[Floats, Floats, Floats]:
    """Return middles, outward directions and lengths of short pieces of the outer borders."""
    parts = shapely.get_parts(shapely.orient_polygons(shape, exterior_cw=False))
    rings = shapely.segmentize(shapely.get_exterior_ring(parts), _STEP_M)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    one = ring[1:] == ring[:-1]
    start, step = xy[:-1][one], np.diff(xy, axis=0)[one]
    long = np.hypot(*step.T)
    start, step, long = start[long > 0], step[long > 0], long[long > 0]
    outward = np.column_stack([step[:, 1], -step[:, 0]]) / long[:, None]
    return start + step / 2, outward, long


def _called(ground: Ground, middles: Floats, says: Words) -> list[str]:
    """Return what the line under each piece is called, its kind where it has no name; empty where there is none."""
    found = [""] * len(middles)
    if len(ground.lines.shapes):
        pieces, lines = ground.lines.tree.query_nearest(
            shapely.points(middles), max_distance=_NEAR_M, all_matches=False
        )
        for piece, line in zip(pieces.tolist(), lines.tolist(), strict=True):
            kind = ground.lines.kinds[line]
            found[piece] = ground.lines.names[line] or named(says, "barrier", kind)
    return found


def _beyond(ground: Ground, places: Floats) -> list[str]:
    """Return the ground that each place lies in; empty outside the area."""
    found = [""] * len(places)
    at, cells = ground.cells.tree.query(shapely.points(places), predicate="intersects")
    for place, cell in zip(at.tolist(), cells.tolist(), strict=True):
        found[place] = ground.cells.names[cell]
    return found
