"""Places on paper: shapes in metres as SVG paths in whole tenths of a millimetre."""

from dataclasses import dataclass

import numpy as np
import shapely

from gis.arrays import Floats, Ints
from maps.codec import Shapes


@dataclass(frozen=True)
class Paper:
    """Where the ground lies on a drawing.

    Attributes
    ----------
    west, north
        Of the upper left corner, in metres.
    scale
        Tenths of a millimetre on paper to a metre on the ground.
    """

    west: float
    north: float
    scale: float

    def whole(self, xy: Floats) -> Ints:
        """Return points in metres as whole tenths of a millimetre, right and down from the corner."""
        return np.rint(self._laid(xy)).astype(np.int64)

    def laid(self, shapes: Shapes) -> Shapes:
        """Return shapes, or one, in tenths of a millimetre, right and down from the corner."""
        return shapely.transform(shapes, self._laid)

    def _laid(self, xy: Floats) -> Floats:
        laid: Floats = (xy - [self.west, self.north]) * [self.scale, -self.scale]
        return laid

    def path(self, shapes: Shapes) -> str:
        """Write polygons and lines as the data of one path; what falls into one point is left out."""
        parts = shapely.get_parts(shapes)
        areal = shapely.get_dimensions(parts) == 2  # noqa: PLR2004 (areal)
        rings, lines = shapely.get_rings(parts[areal]), parts[~areal]
        xy, piece = shapely.get_coordinates(np.concatenate([rings, lines]), return_index=True)
        whole = self.whole(xy)
        first = np.append(True, np.diff(piece) != 0)[: len(piece)]
        kept = first | np.append(True, (np.diff(whole, axis=0) != 0).any(axis=1))[: len(piece)]
        whole, piece, first = whole[kept], piece[kept], first[kept]
        texts = np.where(first[:, None], whole, np.diff(whole, axis=0, prepend=0)).tolist()
        drawn = []
        for run in np.split(np.arange(len(piece)), np.flatnonzero(first)[1:]) if len(piece) else []:
            if len(run) > 1:
                (x, y), steps = texts[run[0]], (f"{dx} {dy}" for dx, dy in texts[run[1] : run[-1] + 1])
                drawn.append(f"M{x} {y}l{' '.join(steps)}{'z' if piece[run[0]] < len(rings) else ''}")
        return "".join(drawn).replace(" -", "-")


def borders_of(shapes: Shapes) -> Shapes:
    """Return the borders of polygons that share them, each once, so that dashes stay dashes."""
    return np.asarray(shapely.get_parts(shapely.line_merge(shapely.union_all(shapely.boundary(shapes)))))


_STEPS = [digit * 10**power for power in range(6) for digit in (1, 2, 5)]


def scale_bar(scale: float, longest: float) -> tuple[int, str]:
    """Return the length on paper of the longest round distance that has room, and what it says.

    Parameters
    ----------
    scale
        As in `Paper`.
    longest
        Tenths of a millimetre that it may take.

    Examples
    --------
    >>> scale_bar(0.1, 450)
    (200, '2 km')
    """
    metres = max(step for step in _STEPS if step * scale <= longest)
    return round(metres * scale), f"{metres // 1000} km" if metres >= 1000 else f"{metres} m"  # noqa: PLR2004 (a kilometre)
