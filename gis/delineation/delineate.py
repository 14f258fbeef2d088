"""From clean layers to a plan."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import version
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from gis.arrays import MOST_COUNT, Floats, Geometries, Ints
from gis.barriers import Barrier
from gis.coverage.certificate import Certificate, certify
from gis.delineation.atoms import Atoms, atoms_of
from gis.delineation.demands import Demand, demands_of
from gis.delineation.exhaust import exhaust
from gis.delineation.explain import Land, exceptions_of
from gis.delineation.fates import fates_of
from gis.delineation.layers import atom_layer, building_layer, cell_layer, dwelling_table, floors
from gis.delineation.levels import Level
from gis.delineation.nest import Nested, nest
from gis.delineation.quality import quality_of, walks_of
from gis.delineation.regroup import Regrouping
from gis.delineation.shorten import WalkCap
from gis.delineation.succession import Succession, drawn_anew, require_successor, succeed
from gis.delineation.tiers import Tier, drawn_at, tiers_of
from gis.delineation.towers import divisible, dwelling_units, gathered, slice_grounds
from gis.errors import CoverageError, InputError
from gis.plan import Plan
from gis.sources.town import Town

# A street face with less than this part of the smallest cell is not worth dividing between its buildings.
_UNDIVIDED_SHARE = 8


@dataclass(frozen=True)
class Drawing:
    """What boundaries prefer: the cost of a metre of boundary along each kind of line."""

    gap: float = 4.0
    wall: float = 2.5
    lane: float = 1.5
    drawn: float = 1.5
    street: float = 1.0
    arterial: float = 0.7
    rail: float = 0.5
    river: float = 0.4

    def per_metre(self) -> Floats:
        """Costs by `Barrier`; community lines and the rim cost nothing, they are there anyway."""
        costs = asdict(self)
        return np.array([costs.get(kind.name.lower(), 0.0) for kind in Barrier])


def delineate(
    town: Town,
    levels: Sequence[Level],
    *,
    seed: int = 0,
    workers: int = 1,
    drawing: Drawing | None = None,
    max_walk: float | None = None,
    previous: Plan | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Plan:
    """Draw the cells of a town and prove them.

    Parameters
    ----------
    town
        Clean layers and rules (`gis.sources.read_town`).
    levels
        Top first; without communities the area is the one parent of the first level.
    seed
        The same seed gives the same plan, whatever the number of workers.
    workers
        Threads among which parents are divided.
    drawing
        What boundaries prefer.
    max_walk
        Metres that no walk in a cell of the lowest level should exceed (`gis.delineation.quality`).
    previous
        A plan of the same land and levels: everything is drawn anew, but cells that are still much the same keep its
        codes and names. `gis.delineation.revise` also keeps their boundaries.
    progress
        Called with the name of each stage as it starts.

    Returns
    -------
    Plan
        Certified.

    Raises
    ------
    InputError
        Where no number of cells in band can hold the households, rules contradict each other, or the previous plan is
        of another area or has other levels.
    CoverageError
        Where the certificate does not hold: a fault of this program, never written as a plan.
    """
    if max_walk is not None and not max_walk > 0:
        raise InputError(f"longest walk {max_walk:g} m: give metres above nought")
    if previous is not None:
        require_successor(previous, town, levels)
    steps: list[Succession] = []

    def divided(
        atoms: Atoms, graph: csr_array, flexible: Ints, units: pd.DataFrame, demands: list[Demand]
    ) -> list[Nested]:
        cap = None if max_walk is None else WalkCap(max_walk, *walks_of(atoms, graph))
        nested = nest(
            graph,
            atoms.households,
            flexible,
            atoms.community,
            levels,
            demands=demands,
            cap=cap,
            seed=seed,
            workers=workers,
        )
        # A cap on walks has had its say already.
        if cap is None:
            ruled = np.zeros(len(atoms), np.bool_)
            for demand in demands:
                ruled[demand.atoms] = True
            nested[-1] = exhaust(nested[-1], graph, atoms.households, units, levels[-1].band, ruled)
            land = Regrouping(graph, atoms.households, flexible, units, levels, ruled, seed, workers)
            nested = land.regrouped(nested)
        if previous is not None:
            steps.extend(drawn_anew(previous, atoms, nested))
        return nested

    def laid(town: Town, divide_above: int) -> Atoms:
        return atoms_of(town, divide_above=divide_above, workers=workers)

    drawing = drawing or Drawing()
    plan = draw(town, levels, laid, divided, seed=seed, drawing=drawing, max_walk=max_walk, progress=progress)
    return plan if previous is None else succeed(plan, previous, steps)


def draw(
    town: Town,
    levels: Sequence[Level],
    laid: Callable[[Town, int], Atoms],
    divided: Callable[[Atoms, csr_array, Ints, pd.DataFrame, list[Demand]], list[Nested]],
    *,
    seed: int,
    drawing: Drawing,
    max_walk: float | None,
    progress: Callable[[str], None],
) -> Plan:
    """Draw and prove the cells of a town as `delineate`, its land laid and divided by the functions given.

    Parameters
    ----------
    laid
        From the town, and the households above which a piece of land is divided, to its atoms.
    divided
        From the atoms, the costs between them, what of it is divisible, their dwellings, and what planners demand, to
        the cell of each atom at every level (`gis.delineation.nest`).
    """
    _require_feasible(town, levels[0])
    leaf = levels[-1].band
    clock = _Clock(progress)
    clock.stage("laying streets, barriers and the gaps between buildings")
    atoms = laid(town, max(1, leaf.lower // _UNDIVIDED_SHARE))
    graph = atoms.graph(drawing.per_metre())
    units = dwelling_units(town.buildings, town.dwellings)
    flexible = gathered(divisible(town.buildings, units, leaf.upper), atoms.of_building, len(atoms))
    demands = demands_of(town, atoms, graph, levels)
    cap = None if max_walk is None else WalkCap(max_walk, *walks_of(atoms, graph))
    clock.stage(f"dividing {len(atoms)} atoms into cells")
    units["atom"] = atoms.of_building[units["building"].to_numpy()]
    nested = divided(atoms, graph, flexible, units, demands)
    of_atom = [level.of_atom for level in nested]
    clock.stage("dividing towers by entrances and floors")
    ground = of_atom[-1][units["atom"].to_numpy()]
    grounds = int(of_atom[-1].max()) + 1
    whole = drawn_at(demands, len(levels) - 1, of_atom[-1])
    units["cell"], slices = slice_grounds(units, ground, grounds, leaf, whole)
    of_cell = np.bincount(units["cell"], units["households"], minlength=int(slices.sum())).astype(np.int64)
    clock.stage("drawing and numbering the cells")
    tiers = tiers_of(town, atoms, of_atom, levels, slices, of_cell, demands)
    clock.stage("explaining what is out of band")
    exceptions = exceptions_of(tiers, nested, Land(graph, atoms.households), demands, cap)
    clock.stage("proving full coverage, and judging the plan")
    metadata = {
        "levels": [tier.name for tier in tiers],
        "bands": {level.name: [level.band.lower, level.band.upper] for level in levels},
        "seed": seed,
        "drawing": asdict(drawing),
        "max_walk_m": max_walk,
        "rules": fates_of(demands, tiers[-len(levels) :], town.buildings.geometry.to_numpy()),
        "household_basis": _basis(town.buildings),
        "left_out": town.left_out.to_dict("records"),
        "inputs": town.inputs,
        "crs": town.area.crs.to_string(),
        "software": f"wangge {version('wangge')}",
    }
    plan = put_together(town, Divided(atoms, graph, tiers, units, slices), exceptions, metadata)
    clock.stage("")
    return replace(plan, metadata=plan.metadata | {"seconds": clock.seconds})


@dataclass(frozen=True)
class Divided:
    """A town whose land and dwellings are divided.

    Attributes
    ----------
    atoms, graph
        The land, and which of it are neighbours.
    tiers
        The cells of every level, top first.
    units
        Dwellings: `building`, `entrance`, `floor_from`, `floor_to`, `households`, `cell` (row in the lowest tier).
    slices : (g,) int64
        Cells on each ground of the lowest tier.
    """

    atoms: Atoms
    graph: csr_array
    tiers: list[Tier]
    units: pd.DataFrame
    slices: Ints


def put_together(town: Town, divided: Divided, exceptions: pd.DataFrame, metadata: Mapping[str, Any]) -> Plan:
    """Prove a division, judge it, and lay it down as a plan.

    Raises
    ------
    CoverageError
        Where the certificate does not hold: a fault of this program, never written as a plan.
    """
    atoms, tiers, units = divided.atoms, divided.tiers, divided.units
    proof = {
        "certificate": asdict(proved(tiers, atoms.area)),
        "quality": quality_of(atoms, tiers, divided.graph),
    }
    return Plan(
        area=town.area.set_geometry(atoms.area, crs=town.area.crs),
        cells=cell_layer(tiers, floors(units, divided.slices), town),
        atoms=atom_layer(atoms, tiers[-1], town),
        buildings=building_layer(town, units, atoms, tiers[-1]),
        dwellings=dwelling_table(town, units, tiers[-1]),
        exceptions=exceptions,
        barriers=town.barriers,
        land=town.land,
        metadata={**metadata, **proof},
    )


@dataclass
class _Clock:
    """Announces stages and keeps how long each took."""

    progress: Callable[[str], None]
    seconds: dict[str, float] = field(default_factory=dict)
    running: str = ""
    since: float = 0.0

    def stage(self, name: str) -> None:
        now = time.perf_counter()
        if self.running:
            self.seconds[self.running] = round(now - self.since, 3)
        self.running, self.since = name, now
        if name:
            self.progress(name)


def _require_feasible(town: Town, level: Level) -> None:
    total, band = int(town.buildings["households"].sum()), level.band
    if not total:
        raise InputError("no household in the whole area: give --households, or buildings with floors")
    if total > MOST_COUNT:
        raise InputError(f"{total} households in all, more than {MOST_COUNT}: correct their counts")
    # Cells that planners draw need not keep the band: what is left is explained cell by cell.
    if not len(town.communities) and not len(town.rules) and not band.divides(total):
        fewest, most = band.counts(total)
        why = f"{most} would be too large, {fewest} too small" if most else "they do not fill one"
        raise InputError(
            f"{total} households cannot be divided into cells of {band.lower}–{band.upper} ('{level.name}'): {why}; "
            "widen the band"
        )


def proved(tiers: Sequence[Tier], area: Geometries) -> Certificate:
    """Certify the grounds of all levels, top first.

    Raises
    ------
    CoverageError
        Where the certificate does not hold.
    """
    wholes = [area, *(tier.polygons for tier in tiers)]
    certificate = certify([tier.tiling(whole) for tier, whole in zip(tiers, wholes, strict=False)])
    if not certificate.valid:
        raise CoverageError(f"the plan is not a coverage, please report this: {certificate.levels}")
    return certificate


def _basis(buildings: gpd.GeoDataFrame) -> dict[str, int]:
    totals = buildings.groupby("household_basis")["households"].sum()
    return {str(basis): int(total) for basis, total in totals.items()}
