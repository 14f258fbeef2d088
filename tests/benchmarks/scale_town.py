"""Make a whole city of any number of households, to see how time and memory grow.

Usage: scale_town.py HOUSEHOLDS OUT.gpkg [--seed N]

A bent lattice of arterials and streets, some streets missing, blocks halved by lanes, and a river that only arterials
cross; quarters of blocks filled with detached houses, terraces, slabs of flats, towers, or nothing. Layers: `area`;
`streets` with `kind`, the river among them; `buildings` with `building_id`, `households`, `floors`. EPSG:4547. About
8,000 households and 2,800 buildings to a square kilometre; households by building have a heavy tail.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

CRS = "EPSG:4547"
_ORIGIN = np.array([490_000.0, 4_190_000.0])
# Metres from street to street, streets from arterial to arterial, how far a corner strays, how far a street bends.
_BLOCK_M, _ARTERIAL_EVERY, _STRAY_M, _BEND_M = 200.0, 4, 14.0, 4.0
_HOUSEHOLDS_PER_BLOCK = 320.0
_MISSING_STREETS, _LANES, _EMPTY_LOTS = 0.12, 0.65, 0.08
# Share of a quarter of a block that its buildings keep off its rim: bent streets never reach them.
_MARGIN = 0.14


@dataclass(frozen=True)
class Fabric:
    """How a quarter of a block (about 100 m by 100 m) is built over."""

    share: float
    columns: int
    rows: int
    #: Share of its lot that a building fills, along and across.
    fills: tuple[float, float]
    #: Median floors, the spread of their logarithm, the most of them.
    floors: tuple[float, float, int]
    #: Households on a floor; a house is one household whatever its floors.
    homes: float


FABRICS = (
    Fabric(0.37, 6, 5, (0.62, 0.55), (2, 0.2, 3), 0.0),  # detached
    Fabric(0.26, 12, 4, (1.0, 0.5), (2, 0.2, 3), 0.0),  # terraces: neighbours share a wall
    Fabric(0.22, 1, 3, (0.9, 0.45), (6, 0.5, 18), 6.0),  # slabs
    Fabric(0.06, 2, 2, (0.5, 0.5), (20, 0.3, 34), 4.0),  # towers
)


@dataclass(frozen=True)
class Lattice:
    """Corners of blocks and the bends of the streets between them, (rows + 1, columns + 1, 2) and alike."""

    corner: np.ndarray
    along: np.ndarray
    up: np.ndarray

    @classmethod
    def bent(cls, blocks: int, rng: np.random.Generator) -> "Lattice":
        """Bend a lattice of as many blocks as fill a square."""
        side = int(np.ceil(np.sqrt(blocks)))
        v, u = np.meshgrid(np.arange(side + 1.0), np.arange(side + 1.0), indexing="ij")
        # Long waves bend whole quarters, noise makes each block its own.
        waves = np.stack([0.9 * np.sin(v / 5.3) + 0.5 * np.sin(u / 7.1), 0.8 * np.sin(u / 6.1) + 0.4 * np.sin(v / 9.7)])
        corner = (np.stack([u, v]) + 0.5 * waves).transpose(1, 2, 0) * _BLOCK_M
        corner = _ORIGIN + corner + rng.normal(0, _STRAY_M, corner.shape).clip(-2 * _STRAY_M, 2 * _STRAY_M)
        along = (corner[:, 1:] + corner[:, :-1]) / 2
        up = (corner[1:] + corner[:-1]) / 2
        along += rng.uniform(-_BEND_M, _BEND_M, along.shape)
        up += rng.uniform(-_BEND_M, _BEND_M, up.shape)
        return cls(corner, along, up)

    @property
    def side(self) -> int:
        return len(self.up)

    @property
    def river(self) -> int:
        """Column of blocks through which the river runs."""
        return int(self.side * 0.6)

    def at(self, row: np.ndarray, column: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
        """Place shares of the way across and up in blocks on the ground."""
        u, v = u[..., None], v[..., None]
        low = self.corner[row, column] * (1 - u) + self.corner[row, column + 1] * u
        high = self.corner[row + 1, column] * (1 - u) + self.corner[row + 1, column + 1] * u
        return low * (1 - v) + high * v

    def outline(self) -> shapely.Polygon:
        rim = (self.corner[0], self.corner[:, -1], self.corner[-1, ::-1], self.corner[::-1, 0])
        return shapely.Polygon(np.concatenate(rim)).buffer(_BLOCK_M / 8, join_style="mitre")


def make_town(households: int, seed: int) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers of the city of a seed, with exactly so many households."""
    rng = np.random.default_rng(seed)
    lattice = Lattice.bent(round(households / _HOUSEHOLDS_PER_BLOCK), rng)
    return {
        "area": gpd.GeoDataFrame({"name": ["Scale"]}, geometry=[lattice.outline()], crs=CRS),
        "streets": draw_streets(lattice, rng),
        "buildings": fill_blocks(lattice, households, rng),
    }


def draw_streets(lattice: Lattice, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Draw arterials, streets, lanes and the river; they meet at common vertices."""
    side, river = lattice.side, lattice.river
    row, column = (index.ravel() for index in np.indices((side + 1, side)))
    lines = [np.stack([lattice.corner[row, column], lattice.along[row, column], lattice.corner[row, column + 1]], 1)]
    main = row % _ARTERIAL_EVERY == 0
    kinds = [np.where(main, "arterial", "street")]
    # Only arterials bridge the river.
    kept = [main | (rng.random(len(row)) > _MISSING_STREETS) & (column != river)]
    column, row = (index.ravel() for index in np.indices((side + 1, side)))
    lines.append(np.stack([lattice.corner[row, column], lattice.up[row, column], lattice.corner[row + 1, column]], 1))
    main = column % _ARTERIAL_EVERY == 0
    kinds.append(np.where(main, "arterial", "street"))
    kept.append(main | (rng.random(len(row)) > _MISSING_STREETS))
    row, column = (index.ravel() for index in np.indices((side, side)))
    half = np.full(len(row), 0.5)
    middle = lattice.at(row, column, half, half)
    ends = (
        lattice.along[row, column],
        lattice.along[row + 1, column],
        lattice.up[row, column],
        lattice.up[row, column + 1],
    )
    for start, end in (ends[:2], ends[2:]):
        lines.append(np.stack([start, middle, end], 1))
        kinds.append(np.full(len(row), "lane"))
        kept.append((rng.random(len(row)) < _LANES) & (column != river))
    shapes = shapely.linestrings(np.concatenate(lines)[np.concatenate(kept)])
    names = np.concatenate(kinds)[np.concatenate(kept)]
    water = shapely.LineString(lattice.along[:, river])
    return gpd.GeoDataFrame({"kind": np.append(names, "river")}, geometry=np.append(shapes, water), crs=CRS)


def fill_blocks(lattice: Lattice, households: int, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Build over all quarters of blocks but those at the river."""
    row, column, south, east = (index.ravel() for index in np.indices((lattice.side, lattice.side, 2, 2)))
    drawn = rng.choice(len(FABRICS) + 1, len(row), p=[*(f.share for f in FABRICS), 1 - sum(f.share for f in FABRICS)])
    drawn[column == lattice.river] = len(FABRICS)
    shapes, floors, homes, flats = [], [], [], []
    for kind, fabric in enumerate(FABRICS):
        quarter = np.repeat(np.flatnonzero(drawn == kind), fabric.columns * fabric.rows)
        lot = np.tile(np.arange(fabric.columns * fabric.rows), len(quarter) // (fabric.columns * fabric.rows))
        built = rng.random(len(lot)) >= _EMPTY_LOTS
        quarter, lot = quarter[built], lot[built]
        u = _span(lot % fabric.columns, fabric.columns, fabric.fills[0], east[quarter])
        v = _span(lot // fabric.columns, fabric.rows, fabric.fills[1], south[quarter])
        ring = [(u[k], v[m]) for k, m in ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))]
        shapes.append(np.stack([lattice.at(row[quarter], column[quarter], *corner) for corner in ring], axis=1))
        median, spread, most = fabric.floors
        floors.append(np.rint(rng.lognormal(np.log(median), spread, len(lot))).clip(1, most).astype(np.int64))
        # Few houses are let to several households.
        house = 1 + rng.geometric(0.5, len(lot)) * (rng.random(len(lot)) < 0.05)
        homes.append(np.where(fabric.homes > 0, floors[-1] * fabric.homes, house))
        flats.append(np.full(len(lot), fabric.homes > 0))
    counted = _exactly(np.concatenate(homes), np.concatenate(flats), households)
    table = {"building_id": np.arange(1, len(counted) + 1), "households": counted, "floors": np.concatenate(floors)}
    return gpd.GeoDataFrame(pd.DataFrame(table), geometry=shapely.polygons(np.concatenate(shapes)), crs=CRS)


def _span(lot: np.ndarray, lots: int, fills: float, half: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return from where to where a building reaches, in shares of its block."""
    # Both ends by one formula: where a building fills its lot, walls are shared to the last bit.
    ends = (lot + (1 - fills) / 2, lot + (1 + fills) / 2)
    low, high = (half * 0.5 + _MARGIN / 2 + end * (0.5 - _MARGIN) / lots for end in ends)
    return low, high


def _exactly(homes: np.ndarray, flats: np.ndarray, households: int) -> np.ndarray:
    """Scale the flats so that the sum is what was asked for."""
    wanted = max(households - homes[~flats].sum(), 0)
    upto = np.rint(np.cumsum(np.where(flats, homes, 0)) * wanted / homes[flats].sum())
    scaled = np.where(flats, np.diff(upto, prepend=0.0), homes).astype(np.int64)
    assert scaled.sum() == households
    return scaled


def main() -> None:
    """Write the city named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("households", type=int)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    asked.out.unlink(missing_ok=True)
    for name, layer in make_town(asked.households, asked.seed).items():
        layer.to_file(asked.out, layer=name, driver="GPKG", use_arrow=True)


if __name__ == "__main__":
    main()
