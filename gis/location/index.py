"""From points to cells of all levels: exactly one for a point inside, by the half-open rule on the lattice."""

import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tokenize import TokenError
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gis.arrays import Floats, Geometries, Indices, Ints
from gis.compiled import compiled
from gis.coverage.lattice import STEPS_PER_METRE, UNIT_M, segments_of, to_metres
from gis.errors import InputError
from gis.location.border import nearest_border
from gis.location.pixels import NOWHERE, cell_at, pixels_of
from gis.plan import Plan
from gis.writing import written_beside

# Beyond, the products of two differences would not fit in 64 bits.
_MOST_STEPS = 1 << 31
# Points farther away, and what is no number, are taken to be this many steps from the origin.
_FAR = 1 << 52
# Points that are looked up together, so that what is noted of them stays in the processor's cache.
_BLOCK = 8192
_KEPT = ("origin", "shift", "pixels", "start", "listed", "grounds")

Compiled = tuple[int, int, Indices, Indices, Indices, int]


@dataclass(frozen=True)
class CellIndex:
    """Grounds of a coverage, ready to be asked for points.

    Attributes
    ----------
    grounds
        One row a ground polygon: `code`, `cells` (number of cells that share it by floors), and a column for each level
        above, with the code of the cell there.
    """

    grounds: pd.DataFrame
    _origin: Ints
    _pixels: Indices
    _start: Indices
    _listed: Indices
    _shift: int

    @classmethod
    def from_plan(cls, plan: Plan) -> "CellIndex":
        """Build the index of a plan: of its lowest level, which says all levels above."""
        leaves = plan.at_level(plan.leaf_level)
        first = leaves.drop_duplicates("ground_code")
        grounds = pd.DataFrame({"code": first["ground_code"].to_numpy()})
        grounds["cells"] = leaves.groupby("ground_code").size().reindex(grounds["code"]).to_numpy()
        parent_of = plan.cells.set_index("code")["parent_code"]
        above = first["parent_code"]
        for level in reversed(plan.levels[:-1]):
            grounds[level] = above.to_numpy()
            above = above.map(parent_of)
        return cls.from_polygons(first, grounds)

    @classmethod
    def from_polygons(cls, cells: gpd.GeoDataFrame, grounds: pd.DataFrame | None = None) -> "CellIndex":
        """Build the index of any coverage in metres.

        Parameters
        ----------
        cells
            Polygons that do not overlap, less than 2,097 km across; with a column `code`, if `grounds` is not given.
        grounds
            What is known of each of them, in their order.

        Raises
        ------
        InputError
            Where the coverage is empty or too wide.
        """
        grounds = cells[["code"]].assign(cells=1) if grounds is None else grounds
        segments, owner = segments_of(shapely.orient_polygons(cells.geometry.to_numpy()))
        if len(segments) == 0:
            raise InputError("no cells to find points in: the coverage is empty")
        origin = segments.reshape(-1, 2).min(axis=0)
        segments -= np.tile(origin, 2)
        if segments.max() >= _MOST_STEPS - 1:
            raise InputError(f"the coverage is {segments.max() * UNIT_M / 1000:.0f} km wide: 2,097 km at most")
        return cls(grounds.reset_index(drop=True), origin, *pixels_of(_edges(segments, owner)))

    @classmethod
    def open(cls, path: str | Path) -> "CellIndex":
        """Open an index that was saved: it is read once to be checked, not copied, and all who open it share one copy.

        Raises
        ------
        InputError
            Where the file is missing or is none.
        """
        try:
            kept = np.load(path, mmap_mode="r")
            if int(kept["check"]) != _check_of(kept[name] for name in _KEPT):
                raise InputError(f"{path}: a damaged index of cells: build it from the plan again")
            grounds = pd.DataFrame(**json.loads(bytes(kept["grounds"])))
            origin, pixels, start, listed = (np.asarray(kept[name]) for name in ("origin", "pixels", "start", "listed"))
            return cls(grounds, origin, pixels, start, listed, int(kept["shift"]))
        except (OSError, EOFError, ValueError, LookupError, TypeError, SyntaxError, TokenError) as error:
            raise InputError(f"{path}: not an index of cells: build it from the plan again ({error})") from error

    def save(self, path: str | Path) -> None:
        """Keep the index as one file (`*.npy`), to be opened by many."""
        grounds = self.grounds.to_json(orient="split", force_ascii=False).encode()
        parts: dict[str, npt.NDArray[Any]] = {
            "origin": self._origin,
            "shift": np.array(self._shift),
            "pixels": self._pixels,
            "start": self._start,
            "listed": self._listed,
            "grounds": np.frombuffer(grounds, np.uint8),
        }
        parts["check"] = np.array(_check_of(parts[name] for name in _KEPT))
        record = np.empty((), np.dtype([(name, part.dtype, part.shape) for name, part in parts.items()]))
        for name, part in parts.items():
            record[name] = part
        with written_beside(path) as beside, beside.open("wb") as file:
            np.save(file, record)

    def locate(self, x: Floats, y: Floats) -> Ints:
        """Find the ground that holds each point.

        Parameters
        ----------
        x, y : (n,) float64
            Metres in the coverage's CRS; rounded to the lattice. NaN lies nowhere.

        Returns
        -------
        (n,) int64
            Row of `grounds`, or -1 outside all. A point on a border belongs to the cell east of it, on a level border
            to the one north of it: to exactly one in any coverage.
        """
        found = np.empty(len(x), np.int64)
        _find_all(_floats(x), _floats(y), self.compiled, found)
        return found

    def locate_one(self, x: float, y: float) -> int:
        """Find the ground that holds one point: as `locate`, without arrays."""
        return find(float(x), float(y), self.compiled)

    def border(self, x: Floats, y: Floats, reach_m: Floats | float = np.inf) -> tuple[Floats, Ints, Ints]:
        """Find the nearest border of each point: for a point inside, that of its own ground.

        Parameters
        ----------
        x, y : (n,) float64
            Metres; NaN is far from everything.
        reach_m
            How far to look: for all, or (n,) for each.

        Returns
        -------
        distance_m : (n,) float64
            Infinite where there is none within reach.
        east, west : (n,) int64
            Rows of `grounds` on its two sides, or -1.
        """
        distance, east, west = np.empty(len(x)), np.empty(len(x), np.int64), np.empty(len(x), np.int64)
        reach = np.broadcast_to(np.float64(reach_m) * STEPS_PER_METRE, len(x)).copy()
        _borders(_floats(x), _floats(y), reach, self.compiled, distance, east, west)
        return distance * UNIT_M, east, west

    def shared_borders(self, pairs: Sequence[tuple[int, int]]) -> Geometries:
        """Draw the border that each two grounds share, in metres; -1 stands for what lies outside."""
        wanted = {tuple(sorted(pair)): k for k, pair in enumerate(pairs)}
        edges = np.unique(self._listed, axis=0)
        of = np.array([wanted.get((min(a, b), max(a, b)), -1) for a, b in edges[:, 4:].tolist()], np.int64)
        edges, of = edges[of >= 0], of[of >= 0]
        order = np.argsort(of, kind="stable")
        ends = to_metres(edges[order, :4].reshape(-1, 2) + self._origin)
        lines = shapely.linestrings(ends.reshape(-1, 2, 2))
        drawn = np.full(len(pairs), shapely.LineString(), dtype=object)
        held, member = np.unique(of[order], return_inverse=True)
        if len(held):
            drawn[held] = shapely.line_merge(shapely.multilinestrings(lines, indices=member))
        return drawn

    @cached_property
    def compiled(self) -> Compiled:
        """All that compiled code asks for: origin, pixels, lists, edges and shift."""
        return int(self._origin[0]), int(self._origin[1]), self._pixels, self._start, self._listed, self._shift


def _check_of(parts: Iterable[npt.NDArray[Any]]) -> int:
    """Sum up the bytes of an index, so that damage shows before compiled code trusts it."""
    total = 0
    for part in parts:
        total = zlib.crc32(part.data, total)
    return total


def _floats(values: Floats) -> Floats:
    return np.ascontiguousarray(values, np.float64)


def _edges(segments: Ints, owner: Ints) -> Ints:
    """Put the two sides of every edge together: (n, 6) x0, y0, x1, y1 upward, the cells east and west of it.

    Rings run counter-clockwise: east of an edge that falls lies its own cell, west of one that rises; north of a level
    edge that runs east, south of one that runs west. Of twins that an overlap makes, the first cell counts.
    """
    level = segments[:, 1] == segments[:, 3]
    easterly = np.where(level, segments[:, 2] > segments[:, 0], segments[:, 3] < segments[:, 1])
    turned = np.where(level, ~easterly, easterly)
    upward = np.where(turned[:, None], segments[:, [2, 3, 0, 1]], segments)
    order = np.lexsort((owner, *upward.T))
    upward, easterly, owner = upward[order], easterly[order], owner[order]
    new = np.ones(len(upward), np.bool_)
    new[1:] = (upward[1:] != upward[:-1]).any(axis=1)
    edge = np.cumsum(new) - 1
    sides = np.full((int(edge[-1]) + 1, 2), NOWHERE, np.int64)
    for side, mine in enumerate((easterly, ~easterly)):
        # The last one written stays.
        sides[edge[mine][::-1], side] = owner[mine][::-1]
    return np.ascontiguousarray(np.hstack([upward[new], sides]))


@compiled
def _steps(metres: float, origin: int) -> int:
    """Round to steps from the origin."""
    steps = np.rint(metres * STEPS_PER_METRE) - origin
    return int(max(steps, -_FAR)) if steps < _FAR else _FAR


@compiled
def find(x: float, y: float, index: Compiled) -> int:
    """Return the ground at x, y in metres, or `NOWHERE`: for other compiled code."""
    origin_x, origin_y, pixels, start, listed, shift = index
    east, north = _steps(x, origin_x), _steps(y, origin_y)
    row, column = north >> shift, east >> shift
    if row < 0 or column < 0 or row >= pixels.shape[0] or column >= pixels.shape[1]:
        return NOWHERE
    return cell_at(east, north, column, pixels, start, listed, shift)


@compiled
def _find_all(x: Floats, y: Floats, index: Compiled, found: Ints) -> None:
    """Look at the pixels of all first, and at edges afterwards: in a short loop, waits for memory overlap."""
    ox, oy, pixels, start, listed, shift = index
    rows, columns = pixels.shape
    beside = np.empty(min(len(x), _BLOCK), np.int64)
    for first in range(0, len(x), _BLOCK):
        some = 0
        for k in range(first, min(first + _BLOCK, len(x))):
            row, column = _steps(y[k], oy) >> shift, _steps(x[k], ox) >> shift
            inside = row >= 0 and column >= 0 and row < rows and column < columns
            found[k] = pixels[row, column] if inside else NOWHERE
            beside[some] = k
            some += found[k] < NOWHERE
        for i in range(some):
            k = beside[i]
            east = _steps(x[k], ox)
            found[k] = cell_at(east, _steps(y[k], oy), east >> shift, pixels, start, listed, shift)


@compiled
def _borders(x: Floats, y: Floats, reach: Floats, index: Compiled, distance: Floats, east: Ints, west: Ints) -> None:
    ox, oy, pixels, start, listed, shift = index
    for k in range(len(x)):
        distance[k], east[k], west[k] = np.inf, NOWHERE, NOWHERE
        if np.isfinite(x[k]) and np.isfinite(y[k]):
            own = find(x[k], y[k], index)
            distance[k], east[k], west[k] = nearest_border(
                _steps(x[k], ox), _steps(y[k], oy), own, reach[k], pixels, start, listed, shift
            )
