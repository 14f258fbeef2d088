"""Plans that last: a former plan brought up to date, only cells out of band and what they need being redrawn."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from gis.arrays import Bools, Ints
from gis.delineation.atoms import Atoms
from gis.delineation.bands import Band
from gis.delineation.delineate import Drawing, draw
from gis.delineation.demands import Demand
from gis.delineation.exhaust import cells_out, exhaust
from gis.delineation.former import atoms_again, former_levels, levels_of, town_of
from gis.delineation.graphs import contracted
from gis.delineation.levels import Level
from gis.delineation.nest import Nested
from gis.delineation.partition import amend
from gis.delineation.succession import Succession, succeed
from gis.delineation.towers import gathered
from gis.errors import InputError
from gis.plan import Plan
from gis.sources.given import Spec
from gis.sources.town import Town
from gis.sources.update import update_town


def revise(
    previous: Plan,
    *,
    buildings: Spec | None = None,
    households: Spec | None = None,
    household_column: str | None = None,
    seed: int = 0,
    workers: int = 1,
    progress: Callable[[str], None] = lambda _: None,
) -> Plan:
    """Bring a plan up to date with changed buildings or households.

    Only cells that have left their band, and the neighbours they need, are redrawn. Codes live on; a new cell names its
    predecessors, and a code that is given up is never used again: `metadata["retired"]` names its successors.

    Parameters
    ----------
    previous
        The plan to bring up to date; its area, communities, lines, levels and drawing stay.
    buildings
        All buildings as they are now; those of the plan where nothing is given.
    households
        A list of households, joined to the buildings by `building_id`, by place or by address.
    household_column
        The column of households, where its name is unusual.
    seed, workers, progress
        As in `gis.delineate`.

    Returns
    -------
    Plan
        Certified.

    Raises
    ------
    InputError
        Where nothing new was given, or it is of another area.
    """
    if buildings is None and households is None:
        raise InputError("nothing has changed: give --buildings or --households")
    town = update_town(
        town_of(previous),
        buildings=buildings,
        households=households,
        household_column=household_column,
        progress=progress,
    )
    levels, formers = levels_of(previous), former_levels(previous)
    steps: list[Succession] = []
    at: list[Ints] = []

    def laid(town: Town, divide_above: int) -> Atoms:
        atoms, former = atoms_again(previous, town, divide_above=divide_above, workers=workers)
        at.append(former)
        return atoms

    def divided(atoms: Atoms, graph: csr_array, flexible: Ints, units: pd.DataFrame, _: list[Demand]) -> list[Nested]:
        homes = [former.of_atom[at[-1]] for former in formers]
        # A ground that is cut, and comes out so, is in band, whatever the search thinks of its floors.
        held = np.bincount(homes[-1], atoms.households)
        comes_out = (cells_out(homes[-1], units, levels[-1].band) == 0) & (held > levels[-1].band.upper)
        comes_out = comes_out[homes[-1]]
        freely = np.column_stack([atoms.households, np.minimum(atoms.households, 1)])
        flexible = np.where(comes_out[:, None], freely, flexible)
        fixed = [former.fixed[home] for former, home in zip(formers, homes, strict=True)]
        *above, leaf = amended(graph, atoms.community, atoms.households, flexible, levels, homes, fixed, seed)
        if max_walk is None:
            leaf = exhaust(leaf, graph, atoms.households, units, levels[-1].band, np.any(fixed, axis=0))
        nested = [*above, leaf]
        steps.extend(
            Succession(former, home, level.of_atom, atoms.households)
            for former, home, level in zip(formers, homes, nested, strict=True)
        )
        return nested

    max_walk = previous.metadata.get("max_walk_m")
    drawing = Drawing(**previous.metadata["drawing"])
    fresh = draw(town, levels, laid, divided, seed=seed, drawing=drawing, max_walk=max_walk, progress=progress)
    progress("letting codes live on")
    after = succeed(fresh, previous, steps)
    exclusive = previous.cells["code"][previous.cells["kind"] == "exclusive"]
    # They stay whole, and have a new code under a new parent only.
    moved = after.cells["predecessors"].isin([json.dumps([code]) for code in exclusive])
    kind = after.cells["kind"].mask(after.cells["code"].isin(exclusive) | moved, "exclusive")
    return replace(after, cells=after.cells.assign(kind=kind))


def amended(
    graph: csr_array,
    community: Ints,
    households: Ints,
    flexible: Ints,
    levels: Sequence[Level],
    homes: Sequence[Ints],
    fixed: Sequence[Bools],
    seed: int,
) -> list[Nested]:
    """Mend the cells of every level, top first, from their `homes`: the former ground of each atom at each level.

    `fixed` says at each level which atoms lie in what planners drew there; `flexible` is as in `gis.delineation.nest`.
    Above the lowest level whole cells of the level below change their parent first, single atoms only where that is
    not enough; what planners drew at a level below stays whole even then.
    """
    found: list[Nested] = []
    parent = community
    for depth, level in enumerate(levels):
        below = levels[depth + 1].band if depth + 1 < len(levels) else None
        label = np.empty(len(households), np.int64)
        used = 0
        # What planners drew outside the rules of cells is land of its own.
        own = np.where(fixed[depth], homes[depth], -1)
        single = np.arange(len(households))
        for lower in range(len(levels) - 1, depth, -1):
            single = np.where(fixed[lower], len(households) * lower + homes[lower], single)
        ground = np.unique(np.column_stack([parent, own]), axis=0, return_inverse=True)[1].ravel()
        for g in np.unique(ground):
            nodes = np.flatnonzero(ground == g)
            if own[nodes[0]] >= 0:
                label[nodes] = used
                used += 1
                continue
            inner, weights, loose = graph[nodes][:, nodes], households[nodes], flexible[nodes]
            part = np.unique(homes[depth][nodes], return_inverse=True)[1]
            wholes = [homes[depth + 1][nodes]] if below is not None else []
            for block in (*wholes, single[nodes]):
                part = _amended_blocks(inner, weights, loose, part, block, level, below, seed)
            dense = np.unique(part, return_inverse=True)[1]
            label[nodes] = dense + used
            used += int(dense.max()) + 1
        found.append(Nested(label, ground))
        parent = label
    return found


def _amended_blocks(
    graph: csr_array,
    weights: Ints,
    flexible: Ints,
    part: Ints,
    block: Ints,
    level: Level,
    below: Band | None,
    seed: int,
) -> Ints:
    """Amend a division whose blocks of atoms move as one."""
    pairs = np.unique(np.column_stack([block, part]), axis=0, return_inverse=True)[1]
    count = int(pairs.max()) + 1
    home = np.zeros(count, np.int64)
    home[pairs] = np.unique(part, return_inverse=True)[1]
    total, loose = np.bincount(pairs, weights, minlength=count).astype(np.int64), gathered(flexible, pairs, count)
    return amend(contracted(graph, pairs, count), total, loose, home, band=level.band, below=below, seed=seed)[pairs]
