"""The certificate: a proof in integers that cells tile an area and children tile their parents.

With oriented rings on the lattice, Σ∂cells − ∂area = 0 with every edge used once per direction says: no gap, no
overlap, matched vertices, exact extent. Σ∂children − ∂parent = 0 says the same of each parent. Each polygon has to be
valid for that, so that it winds once around its inside and not at all around what is outside.
"""

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import shapely

from gis.arrays import Geometries, Ints
from gis.coverage.boundaries import Boundaries, boundaries_of, on_lattice
from gis.coverage.lattice import STEPS_PER_METRE
from gis.coverage.sums import Lines, sum_of

Statement = dict[str, str | int]

# Lines hashed at a time: few enough to stay in the processor's own memory.
_BATCH = 1 << 16


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
class Certificate:
    """A short statement about a hierarchy of tilings.

    Attributes
    ----------
    valid
        Whether every sum is nought and every polygon valid.
    levels
        Per level: `name`, `cells`, `edges` (directed, on the lattice), `residue` (lines left over), `invalid` (cells
        that are no valid polygon on the lattice), `sha256` (`digest_of`).
    steps_per_metre
        Fineness of the lattice.
    """

    valid: bool
    levels: list[Statement]
    steps_per_metre: int = STEPS_PER_METRE


def certify(tilings: Sequence[Tiling]) -> Certificate:
    """Prove, or fail to prove, that each tiling holds.

    Parameters
    ----------
    tilings
        From the top level down.
    """
    return certificate_of(
        [_proved(replace(t, cells=on_lattice(t.cells), wholes=on_lattice(t.wholes))) for t in tilings]
    )


def certificate_of(levels: list[Statement]) -> Certificate:
    """Put statements about levels together."""
    return Certificate(all(level["residue"] == 0 and level["invalid"] == 0 for level in levels), levels)


def sum_over(tiling: Tiling, boundaries: Boundaries, first: int) -> Lines:
    """Form Σ∂cells − ∂wholes.

    Parameters
    ----------
    tiling
        On the lattice.
    boundaries
        Of its cells and, from row `first` on, of its wholes.
    first
        At least the number of cells.
    """
    rows = first, first + len(tiling.wholes)
    single = len(tiling.wholes) <= 1
    whole = None if single else np.concatenate([tiling.parent, np.arange(len(tiling.wholes))])
    return sum_of(boundaries, (0, len(tiling.cells)), rows, whole)


def digest_of(vertices: Ints, lines: Lines) -> str:
    """SHA-256 of lines: each once, as four little-endian 64-bit integers in steps, the smaller end first, sorted.

    Parameters
    ----------
    vertices : (v, 2) int64
        In the order of x, then y.
    lines
        Of a single sum.
    """
    found = hashlib.sha256()
    for at in range(0, len(lines.number), _BATCH):
        start, end = np.divmod(lines.number[at : at + _BATCH], lines.vertex_count)
        found.update(np.hstack([vertices[start], vertices[end]]).astype("<i8", copy=False).data)
    return found.hexdigest()


def statement_of(tiling: Tiling, boundaries: Boundaries, lines: Lines, *, residue: int, invalid: int) -> Statement:
    """Say in short what a sum proves.

    Parameters
    ----------
    tiling, boundaries, lines
        As in `sum_over`.
    residue
        Lines left over that no outline explains.
    invalid
        Cells that are no valid polygon.
    """
    own = boundaries.edges_of(0, len(tiling.cells))
    # With no whole, or with one whose sum holds, its lines are those of the cells: the usual case, and the fast one.
    if len(tiling.wholes) > 1 or (len(tiling.wholes) and lines.left_over.any()):
        lines = sum_of(boundaries, (0, len(tiling.cells)), (0, 0))
    return {
        "name": tiling.name,
        "cells": len(tiling.cells),
        "edges": own.stop - own.start,
        "residue": residue,
        "invalid": invalid,
        "sha256": digest_of(boundaries.vertices, lines),
    }


def _proved(tiling: Tiling) -> Statement:
    with ThreadPoolExecutor(1) as beside:
        # GEOS lets go of the interpreter while it looks at rings, which takes as long as numbering their vertices.
        valid = beside.submit(shapely.is_valid, tiling.cells)
        boundaries = boundaries_of(np.concatenate([tiling.cells, tiling.wholes]))
        lines = sum_over(tiling, boundaries, len(tiling.cells))
        invalid = int((~valid.result()).sum())
    return statement_of(tiling, boundaries, lines, residue=int(lines.left_over.sum()), invalid=invalid)
