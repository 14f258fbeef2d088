"""The certificate: a proof in integers that cells tile an area and children tile their parents.

With oriented rings on the lattice, Σ∂cells − ∂area = 0 with every edge used once per direction says: no gap, no
overlap, matched vertices, exact extent. Σ∂children − ∂parent = 0 says the same of each parent.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from gis.arrays import Geometries, Ints
from gis.coverage.lattice import STEPS_PER_METRE, segments_of


@dataclass(frozen=True)
class Tiling:
    """Polygons that should tile others: one level of a plan, or any coverage.

    Attributes
    ----------
    name
        Of the level.
    cells : (n,) array of Polygons or MultiPolygons
        Distinct ground polygons, in metres.
    parent : (n,) int64
        Row in `wholes` that each cell belongs to.
    wholes : (p,) array of Polygons or MultiPolygons
        The area itself, or the cells of the level above.
    """

    name: str
    cells: Geometries
    parent: Ints
    wholes: Geometries


@dataclass(frozen=True)
class Residue:
    """What is left of Σ∂cells − ∂wholes: nothing, if the cells tile.

    Attributes
    ----------
    segments : (r, 4) int64
        Edges used more often in one direction than in the other, or more than once in one.
    whole : (r,) int64
        Row of the whole in whose sum each is left.
    """

    segments: Ints
    whole: Ints

    def __len__(self) -> int:
        return len(self.segments)


def residue_of(tiling: Tiling) -> Residue:
    """Sum the oriented boundaries of a tiling against that of its wholes.

    Returns
    -------
    Residue
        Empty exactly when every whole is tiled without gap, overlap or unmatched vertex.
    """
    cells, source = _oriented(tiling.cells)
    wholes, whole = _oriented(tiling.wholes)
    segments = np.concatenate([cells, wholes[:, [2, 3, 0, 1]]])
    owner = np.concatenate([tiling.parent[source], whole])
    turn = (segments[:, 0] > segments[:, 2]) | ((segments[:, 0] == segments[:, 2]) & (segments[:, 1] > segments[:, 3]))
    line = np.where(turn[:, None], segments[:, [2, 3, 0, 1]], segments)
    order = np.lexsort((turn, *line.T[::-1], owner))
    line, owner, turn = line[order], owner[order], turn[order]
    new = np.ones(len(line), np.bool_)
    new[1:] = (line[1:] != line[:-1]).any(axis=1) | (owner[1:] != owner[:-1])
    group = np.cumsum(new) - 1
    forth, back = np.bincount(group, ~turn), np.bincount(group, turn)
    left = (forth != 1) | (back != 1)
    return Residue(line[new][left], owner[new][left])


@dataclass(frozen=True)
class Certificate:
    """A short statement about a hierarchy of tilings.

    Attributes
    ----------
    valid
        Whether every sum is nought.
    levels
        Per level: `name`, `cells`, `edges` (directed, on the lattice), `residue` (edges left), `sha256` of the sorted
        edges.
    steps_per_metre
        Fineness of the lattice.
    """

    valid: bool
    levels: list[dict[str, str | int]]
    steps_per_metre: int = STEPS_PER_METRE


def certify(tilings: Sequence[Tiling]) -> Certificate:
    """Prove, or fail to prove, that each tiling holds."""
    levels: list[dict[str, str | int]] = []
    for tiling in tilings:
        segments, _ = _oriented(tiling.cells)
        ordered = segments[np.lexsort(segments.T[::-1])]
        levels.append(
            {
                "name": tiling.name,
                "cells": len(tiling.cells),
                "edges": len(segments),
                "residue": len(residue_of(tiling)),
                "sha256": hashlib.sha256(np.ascontiguousarray(ordered, "<i8").tobytes()).hexdigest(),
            }
        )
    return Certificate(all(level["residue"] == 0 for level in levels), levels)


def _oriented(polygons: Geometries) -> tuple[Ints, Ints]:
    """Segments of polygons with their inside on the left."""
    return segments_of(shapely.orient_polygons(polygons))
