"""How good a plan is: the figures by which planners judge one, level by level."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import shapely
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

from gis.arrays import Bools, Floats, Geometries, Ints
from gis.barriers import Barrier
from gis.coverage.lattice import STEPS_PER_METRE, to_metres
from gis.delineation.atoms import Atoms
from gis.delineation.settle import sides_of
from gis.delineation.tiers import Tier


@dataclass(frozen=True)
class Quality:
    """Figures of one level. Lengths in metres, shares from 0 to 1.

    Attributes
    ----------
    cells
    cells_sharing_ground
        Cells that stand on one ground with others, parted by entrances and floors.
    in_band, in_band_share, deviation_mean_percent, deviation_worst_percent
        Cells in their band, and how far their households lie from its middle; None where the level has no band.
    inner_boundary_m
        Length of the boundaries between two cells; the rim of the area is none.
    along
        Share of that length by kind of line (`gis.barriers.Barrier`, from community to gap); where several lie on
        each other, the strongest counts.
    along_lines_share
        All but the gaps between buildings.
    arterial_inside_m
        Arterials that run inside cells instead of between them: metres of line, so that a road drawn as two
        carriageways counts twice. Their dead ends divide nothing and do not count.
    cells_across_arterials
        Grounds with buildings on both sides of an arterial.
    polsby_popper_mean, polsby_popper_least
        4π · area / perimeter² of the grounds: 1 for a circle, 0.79 for a square (Polsby and Popper 1991).
    walk_mean_m, walk_worst_m
        Walking diameter of the grounds (see `walking_diameters`).
    """

    cells: int
    cells_sharing_ground: int
    in_band: int | None
    in_band_share: float | None
    deviation_mean_percent: float | None
    deviation_worst_percent: float | None
    inner_boundary_m: float
    along: dict[str, float]
    along_lines_share: float | None
    arterial_inside_m: float
    cells_across_arterials: int
    polsby_popper_mean: float
    polsby_popper_least: float
    walk_mean_m: float
    walk_worst_m: float


def quality_of(atoms: Atoms, tiers: Sequence[Tier], graph: csr_array) -> dict[str, dict[str, Any]]:
    """Judge every level of a plan.

    Parameters
    ----------
    atoms
        With the plane that carries them.
    tiers
        Top first.
    graph : (n, n) sparse array
        Adjacency of the atoms (`Atoms.graph`); its values do not matter.

    Returns
    -------
    dict
        By the name of the level: the fields of `Quality`, as JSON can hold them.
    """
    borders = _borders(atoms)
    steps = _steps(atoms, borders, graph)
    return {tier.name: asdict(_quality(tier, borders, steps)) for tier in tiers}


def walks_of(atoms: Atoms, graph: csr_array) -> tuple[csr_array, Bools]:
    """Return what walks are made of: metres between neighbouring atoms, and whether a building stands on each."""
    borders = _borders(atoms)
    return _steps(atoms, borders, graph), borders.built


@dataclass(frozen=True)
class _Borders:
    """The edges that matter: those between atoms, and all arterials. Atoms left and right (-1 outside), metres."""

    edge: Ints
    left: Ints
    right: Ints
    strength: Ints
    lengths: Floats
    built: Bools


def _borders(atoms: Atoms) -> _Borders:
    plane = atoms.plane
    left, right = sides_of(plane, atoms.of_face)
    edge = np.flatnonzero((left != right) | ((plane.strength == Barrier.ARTERIAL) & (left >= 0)))
    ends = to_metres(plane.vertices[plane.edges[edge, 1]] - plane.vertices[plane.edges[edge, 0]])
    built = np.zeros(len(atoms), np.bool_)
    built[atoms.of_building] = True
    return _Borders(edge, left[edge], right[edge], plane.strength[edge], np.hypot(ends[:, 0], ends[:, 1]), built)


def _quality(tier: Tier, borders: _Borders, steps: csr_array) -> Quality:
    ground = np.append(tier.of_atom, -1)
    left, right = ground[borders.left], ground[borders.right]
    inside = (left >= 0) & (right >= 0)
    between = inside & (left != right)
    by_kind = np.bincount(borders.strength[between], borders.lengths[between], minlength=len(Barrier))
    total = float(by_kind.sum())
    within = inside & (left == right)
    shapes = _roundness(tier.polygons)
    walks = walking_diameters(steps, tier.of_atom, borders.built)
    return Quality(
        cells=len(tier.codes),
        cells_sharing_ground=int((np.bincount(tier.ground)[tier.ground] > 1).sum()),
        **_against_band(tier),
        inner_boundary_m=round(total, 1),
        along={
            kind.name.lower(): round(float(by_kind[kind]) / total, 4) if total else 0.0
            for kind in sorted(Barrier, reverse=True)
            if kind != Barrier.RIM
        },
        along_lines_share=round(1 - float(by_kind[Barrier.GAP]) / total, 4) if total else None,
        arterial_inside_m=round(float(borders.lengths[within & (borders.strength == Barrier.ARTERIAL)].sum()), 1),
        cells_across_arterials=_across_arterials(tier, borders, within),
        polsby_popper_mean=round(float(shapes.mean()), 3),
        polsby_popper_least=round(float(shapes.min()), 3),
        walk_mean_m=round(float(walks.mean()), 1),
        walk_worst_m=round(float(walks.max()), 1),
    )


def _against_band(tier: Tier) -> dict[str, Any]:
    names = ("in_band", "in_band_share", "deviation_mean_percent", "deviation_worst_percent")
    if tier.band is None:
        return dict.fromkeys(names)
    off = 100 * np.abs(tier.households - tier.band.middle) / tier.band.middle
    held = (tier.households >= tier.band.lower) & (tier.households <= tier.band.upper)
    values = (int(held.sum()), round(float(held.mean()), 4), round(float(off.mean()), 2), round(float(off.max()), 2))
    return dict(zip(names, values, strict=True))


def _roundness(polygons: Geometries) -> Floats:
    round_as: Floats = 4 * np.pi * shapely.area(polygons) / shapely.length(polygons) ** 2
    return round_as


def _across_arterials(tier: Tier, borders: _Borders, within: Bools) -> int:
    """Count the grounds that fall into more built-up parts when they are cut along arterials."""
    uncut = _built_parts(tier.of_atom, borders, within)
    return int((_built_parts(tier.of_atom, borders, within & (borders.strength != Barrier.ARTERIAL)) > uncut).sum())


def _built_parts(of_atom: Ints, borders: _Borders, joined: Bools) -> Ints:
    """Count the connected parts with buildings in each ground, where atoms hang together over some of the edges."""
    n = len(of_atom)
    pairs = (borders.left[joined], borders.right[joined])
    part = connected_components(coo_array((np.ones(len(pairs[0]), np.int8), pairs), shape=(n, n)), directed=False)[1]
    built = np.flatnonzero(borders.built)
    ground = of_atom[built[np.unique(part[built], return_index=True)[1]]]
    return np.bincount(ground, minlength=int(of_atom.max()) + 1)


def walking_diameters(steps: csr_array, of_atom: Ints, built: Bools) -> Floats:
    """Longest distance walked between two buildings of each ground, without leaving it.

    A walk goes from the centroid of an atom to those of its neighbours in the same ground, each step as the crow
    flies; buildings stand at the centroid of their atom. Fences and floors do not count, and a building that shares
    its atom with others is not told apart from them, so this is an estimate that serves to compare cells and plans.

    The longest of all shortest walks is sought by repeated sweeps: from an atom to the one farthest from it and from
    there to the farthest again; then the same from the middle of the walk found (Crescenzi, Grossi, Habib, Lanzi and
    Marino 2013, "On computing the diameter of real-world undirected graphs"). Each sweep finds a walk that exists,
    so the result is never too long, and seldom too short.

    Parameters
    ----------
    steps : (n, n) sparse array
        Metres between neighbouring atoms, symmetric.
    of_atom : (n,) int64
        Ground of each atom, all from 0 to g - 1.
    built : (n,) bool
        Whether a building stands on the atom.

    Returns
    -------
    (g,) float64
        Metres; 0 where fewer than two atoms of the ground have buildings. Of a ground in several parts, the longest
        in one of them.
    """
    rows = np.repeat(np.arange(len(of_atom)), np.diff(steps.indptr))
    same = of_atom[rows] == of_atom[steps.indices]
    inner = csr_array((steps.data[same], (rows[same], steps.indices[same])), shape=steps.shape)
    part_of_atom = connected_components(inner, directed=False)[1]
    built_atoms = np.flatnonzero(built)
    built_atoms = built_atoms[np.argsort(part_of_atom[built_atoms], kind="stable")]
    _, first, part = np.unique(part_of_atom[built_atoms], return_index=True, return_inverse=True)
    longest = np.zeros(int(of_atom.max()) + 1)

    def sweep(start: Ints) -> tuple[Floats, Ints]:
        """Metres from the start in its part to each built atom, and the farthest of each part."""
        # Parts are not connected with each other: one search from all starts serves them all.
        away = dijkstra(inner, indices=built_atoms[start], min_only=True)[built_atoms]
        last = _largest_of_each(first, part, away)
        np.maximum.at(longest, of_atom[built_atoms[last]], away[last])
        return away, last

    if len(built_atoms):
        from_one, other = sweep(sweep(first)[1])
        from_other, _ = sweep(other)
        middle = _largest_of_each(first, part, -np.maximum(from_one, from_other))
        sweep(sweep(middle)[1])
    return longest


def _largest_of_each(first: Ints, group: Ints, value: Floats) -> Ints:
    """Row of the largest value in each group; groups are runs that begin at `first`."""
    found = np.flatnonzero(value == np.maximum.reduceat(value, first)[group])
    return found[np.unique(group[found], return_index=True)[1]]


def _steps(atoms: Atoms, borders: _Borders, graph: csr_array) -> csr_array:
    """Metres between the centroids of neighbouring atoms."""
    centre = _centroids(atoms, borders)
    rows = np.repeat(np.arange(len(atoms)), np.diff(graph.indptr))
    away = centre[rows] - centre[graph.indices]
    return csr_array((np.hypot(away[:, 0], away[:, 1]), graph.indices, graph.indptr), shape=graph.shape)


def _centroids(atoms: Atoms, borders: _Borders) -> Floats:
    """Centroids of the atoms in metres from a corner of the plane, by Green's theorem over their borders."""
    vertices, edges = atoms.plane.vertices, atoms.plane.edges[borders.edge]
    corner = vertices.min(axis=0)
    ax, ay = (vertices[edges[:, 0]] - corner).T.astype(np.float64)
    bx, by = (vertices[edges[:, 1]] - corner).T.astype(np.float64)
    cross = ax * by - bx * ay
    sums = np.zeros((3, len(atoms) + 1))
    for k, moment in enumerate((cross, (ax + bx) * cross, (ay + by) * cross)):
        for side, sign in ((borders.left, 1.0), (borders.right, -1.0)):
            sums[k] += sign * np.bincount(side + 1, moment, minlength=len(atoms) + 1)
    centre: Floats = (sums[1:, 1:] / (3 * sums[0, 1:])).T / STEPS_PER_METRE
    return centre
