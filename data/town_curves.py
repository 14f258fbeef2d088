"""Gently bent lines that cross one another, and the nodes where they do."""

from dataclasses import dataclass

import numpy as np

from data.town_parts import Floats

STEP = 45.0
NODE_GAP = 12.0


@dataclass(frozen=True)
class Curve:
    """A line given by its offset across the town as a function of the distance along it."""

    base: float
    slope: float = 0.0
    swing: float = 0.0
    wave: float = 1500.0
    phase: float = 0.0

    def __call__(self, along: float | Floats) -> Floats:
        """Return the offset at a distance along the line (metres)."""
        bend = self.swing * np.sin(2 * np.pi * np.asarray(along) / self.wave + self.phase)
        return np.asarray(self.base + self.slope * np.asarray(along) + bend, dtype=np.float64)

    def moved(self, aside: float) -> "Curve":
        """Return the same line a number of metres further on."""
        return Curve(self.base + aside, self.slope, self.swing, self.wave, self.phase)


def crossing(northward: Curve, eastward: Curve) -> tuple[float, float]:
    """Return where a line running north crosses one running east (metres east, metres north)."""
    u, v = northward.base, eastward.base
    for _ in range(60):
        u = float(northward(v))
        v = float(eastward(u))
    return u, v


def traced(curve: Curve, others: list[Curve], *, northward: bool) -> Floats:
    """Return the points of a curve from its crossing with the first of the others to that with the last.

    Parameters
    ----------
    curve
        The line to trace.
    others
        Lines it crosses, in order; every crossing becomes a point.
    northward
        Whether `curve` runs north (and the others east) or the other way round.

    Returns
    -------
    ndarray, shape (n, 2)
        Metres east and north in the frame of the town.
    """
    pairs = [(curve, other) if northward else (other, curve) for other in others]
    nodes = np.array([crossing(*pair) for pair in pairs])
    along = nodes[:, 1 if northward else 0]
    ticks = np.arange(along[0], along[-1], STEP)
    ticks = ticks[(np.abs(ticks[:, None] - along[None, :]) > NODE_GAP).all(axis=1)]
    between = np.column_stack([curve(ticks), ticks] if northward else [ticks, curve(ticks)])
    points = np.vstack([nodes, between])
    return np.asarray(points[np.argsort(points[:, 1 if northward else 0], kind="stable")], dtype=np.float64)
