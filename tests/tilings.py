"""Made tilings and their damage, for tests and benchmarks: four-sided cells with jagged, shared borders."""

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from gis.coverage.lattice import STEPS_PER_METRE

CRS = "EPSG:32649"
SIDE = 100.0
DAMAGES = ("missing", "moved", "corner", "vertex_less", "vertex_more", "twice", "shrunk", "bow_tie", "spike", "within")


def layer(shapes: Sequence[Any], crs: str = CRS) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"code": [f"c{k}" for k in range(len(shapes))]}, geometry=[*shapes], crs=crs)


def squares(n: int = 3, side: float = 100.0) -> list[Any]:
    return [shapely.box(x * side, y * side, (x + 1) * side, (y + 1) * side) for y in range(n) for x in range(n)]


def area_of(shapes: Sequence[Any]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=[shapely.coverage_union_all([*shapes])], crs=CRS)


def tiling(columns: int, rows: int, cuts: int = 3, seed: int = 0, angle: float = 0.0) -> np.ndarray:
    """Draw columns × rows cells of 4 · cuts vertices each on the lattice, every border shared by two cells."""
    rng = np.random.default_rng(seed)
    x, y = np.meshgrid(np.arange(columns + 1) * SIDE, np.arange(rows + 1) * SIDE)
    corner = np.stack([x, y], axis=-1) + rng.uniform(-0.25, 0.25, (rows + 1, columns + 1, 2)) * SIDE
    share = (np.arange(1, cuts) / cuts)[:, None]
    flat = corner[:, :-1, None] * (1 - share) + corner[:, 1:, None] * share
    steep = corner[:-1, :, None] * (1 - share) + corner[1:, :, None] * share
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    wave = 0.18 / cuts * SIDE
    corner, flat, steep = (
        _rounded((line + rng.uniform(-wave, wave, line.shape) * (line is not corner)) @ turn)
        for line in (corner, flat, steep)
    )
    first = corner[:-1, :-1, None]
    sides = [
        first, flat[:-1], corner[:-1, 1:, None], steep[:, 1:], corner[1:, 1:, None],
        flat[1:, :, ::-1], corner[1:, :-1, None], steep[:, :-1, ::-1], first,
    ]  # fmt: skip
    rings = np.concatenate(sides, axis=2)
    return np.asarray(shapely.polygons(shapely.linearrings(rings.reshape(columns * rows, -1, 2))))


def damaged(cells: np.ndarray, share: float, seed: int, kinds: tuple[str, ...] = DAMAGES) -> np.ndarray:
    """Damage a share of the cells, each in one way."""
    rng = np.random.default_rng(seed)
    found = cells.copy()
    gone, more = [], []
    for row in rng.choice(len(cells), max(1, int(share * len(cells))), replace=False).tolist():
        kind = kinds[rng.integers(len(kinds))]
        if kind == "missing":
            gone.append(row)
        elif kind == "twice":
            more.append(_ring(np.roll(_xy(cells[row])[:-1], rng.integers(4), axis=0)[:: rng.choice([-1, 1])]))
        elif kind == "within":
            more.append(_ring(_rounded(_towards(_xy(cells[row])[:-1], 0.5))))
        else:
            found[row] = _damage(_xy(cells[row])[:-1], kind, rng)
    return np.concatenate([np.delete(found, gone), np.array(more, dtype=object)])


def _damage(xy: np.ndarray, kind: str, rng: np.random.Generator) -> Any:  # noqa: ANN401 (shapely has no types)
    at = int(rng.integers(1, len(xy) - 1))
    if kind == "moved":
        xy = xy + _rounded(rng.uniform(-0.2, 0.2, 2) * SIDE)
    elif kind == "corner":
        xy[at] += _rounded(rng.uniform(-0.1, 0.1, 2) * SIDE)
    elif kind == "vertex_less":
        xy = np.delete(xy, at, axis=0)
    elif kind == "vertex_more":
        a, b = xy[at], xy[at + 1]
        # Exactly on the border where there is a point of the lattice on it.
        parts = int(np.gcd(*np.abs((b - a) * STEPS_PER_METRE).astype(np.int64)))
        xy = np.insert(
            xy, at + 1, a + (b - a) / max(parts, 1) * (parts // 2) if parts > 1 else _rounded((a + b) / 2), axis=0
        )
    elif kind == "shrunk":
        xy = _rounded(_towards(xy, rng.uniform(0.7, 0.99)))
    elif kind == "bow_tie":
        xy[[at, at + 1]] = xy[[at + 1, at]]
    elif kind == "spike":
        tip = xy[at] + _rounded(rng.uniform(0.3, 0.6, 2) * SIDE)
        xy = np.insert(xy, at + 1, [tip, xy[at]], axis=0)
    return _ring(xy)


def _ring(xy: np.ndarray) -> Any:  # noqa: ANN401
    return shapely.Polygon(xy)


def _xy(cell: Any) -> np.ndarray:  # noqa: ANN401
    return np.asarray(shapely.get_coordinates(cell))


def _towards(xy: np.ndarray, share: float) -> np.ndarray:
    return xy.mean(axis=0) + (xy - xy.mean(axis=0)) * share


def _rounded(xy: np.ndarray) -> np.ndarray:
    return np.rint(xy * STEPS_PER_METRE) / STEPS_PER_METRE
