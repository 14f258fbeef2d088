"""The plan that a redrawing amounts to: proved as every plan is, its codes living on."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np
import pandas as pd

from gis.coverage.certificate import Certificate
from gis.delineation.delineate import Divided, proved, put_together
from gis.delineation.explain import shape_exceptions
from gis.delineation.succession import LEAST_SHARE
from gis.delineation.tiers import Tier
from gis.editing.land import Land
from gis.editing.problems import blocking, problems_of
from gis.editing.redrawing import Redrawing
from gis.editing.state import State
from gis.errors import CoverageError
from gis.plan import Plan

# What a piece of land without households counts, so that empty cells have heirs too.
_EMPTY = 1e-3


def plan_of(redrawing: Redrawing) -> Plan:
    """Draw the plan.

    Returns
    -------
    Plan
        Certified; new cells name their `predecessors`, given up codes their successors (``metadata["retired"]``).

    Raises
    ------
    CoverageError
        Where a cell is broken: the first is named.
    """
    land, state = redrawing.land, redrawing.state
    for problem in blocking(problems_of(redrawing)):
        raise CoverageError(problem.text)
    order = _order(land, state)
    units = land.units.drop(columns="cell")
    tiers = _tiers(land, state, order)
    row = {code: k for k, code in enumerate(tiers[-1].codes)}
    held = [state.floors.get(k, state.land[atom]) for k, atom in enumerate(land.atom_of_unit)]
    units["cell"] = [row[code] for code in held]
    tiers[-1] = replace(
        tiers[-1], households=np.bincount(units["cell"], units["households"], minlength=len(row)).astype(np.int64)
    )
    slices = np.bincount(tiers[-1].ground, minlength=len(tiers[-1].polygons))
    moved = _moved(land, state, held)
    metadata = land.plan.metadata | {
        "revision_of": land.plan.version,
        "retired": land.plan.metadata.get("retired", {}) | moved.retired,
    }
    metadata.pop("seconds", None)
    divided = Divided(land.atoms, land.graph, tiers, units, slices)
    plan = put_together(land.town, divided, _exceptions(land, tiers), metadata)
    cells, codes = plan.cells, plan.cells["code"]
    kinds = [state.cells[code].kind for code in codes]
    empty = (cells["households"] == 0).to_numpy()
    cells = cells.assign(
        kind=np.where(empty & (np.array(kinds) == "general"), "unpopulated", kinds),
        predecessors=[json.dumps(moved.predecessors[code]) if code in moved.predecessors else "" for code in codes],
    )
    return replace(plan, cells=cells)


def proof_of(redrawing: Redrawing) -> Certificate:
    """Certify the cells of all levels as they stand, those in several parts too."""
    land, state = redrawing.land, redrawing.state
    return proved(_tiers(land, state, _order(land, state)), land.atoms.area)


def _order(land: Land, state: State) -> list[list[str]]:
    """Codes of every level, top first: as they stood, new ones last; those of one ground together, its own first."""
    rank = {code: k for k, code in enumerate(land.plan.cells["code"])}
    first: dict[str, int] = {}
    for unit in sorted(state.floors):
        first.setdefault(state.floors[unit], unit)
    place = {code: (rank.get(code, len(rank)), code) for code in state.cells}

    def key(code: str) -> tuple[object, ...]:
        cell = state.cells[code]
        return (*place[cell.ground], code != cell.ground, place[code][0], first.get(code, 0), code)

    levels: dict[str, list[str]] = {level: [] for level in land.plan.levels}
    for code, cell in state.cells.items():
        levels[cell.level].append(code)
    return [sorted(codes, key=key) for codes in levels.values()]


def _tiers(land: Land, state: State, order: list[list[str]]) -> list[Tier]:
    ground_of = [state.land[k] for k in range(len(land.atoms))]
    above: dict[str, int] = {}
    tiers: list[Tier] = []
    for name, codes in zip(land.plan.levels, order, strict=True):
        grounds = [code for code, _ in groupby(codes, key=lambda code: state.cells[code].ground)]
        row = {code: k for k, code in enumerate(grounds)}
        at = {code: next(each for each in state.above(code) if each in row) for code in state.atoms_on}
        of_atom = np.array([row[at[code]] for code in ground_of], np.int64)
        tiers.append(
            Tier(
                name=name,
                band=land.bands.get(name),
                of_atom=of_atom,
                polygons=land.atoms.polygons(of_atom, len(grounds)),
                parent=np.array([above.get(state.cells[code].parent or "", 0) for code in grounds], np.int64),
                ground=np.array([row[state.cells[code].ground] for code in codes], np.int64),
                households=np.bincount(of_atom, land.atoms.households, minlength=len(grounds)).astype(np.int64),
                codes=codes,
                names=[state.cells[code].name for code in codes],
            )
        )
        above = row
    return tiers


def _exceptions(land: Land, tiers: list[Tier]) -> pd.DataFrame:
    """Keep what is said of cells that are as they were; say of the others what a planner has decided."""
    before = land.plan.cells.set_index("code")
    rows: list[tuple[str, str, str]] = []
    by_code = land.plan.exceptions.groupby("cell_code")
    told = {code: list(found.itertuples(index=False, name=None)) for code, found in by_code}
    for tier in tiers:
        shapes: dict[str, list[tuple[str, str, str]]] = {}
        for row in shape_exceptions(tier):
            shapes.setdefault(row[0], []).append(row)
        for ground, code, households in zip(tier.ground.tolist(), tier.codes, tier.households.tolist(), strict=True):
            same = (
                code in before.index
                and before.loc[code, "households"] == households
                and before.loc[code, "geometry"].equals(tier.polygons[ground])
            )
            if same:
                rows += told.get(code, [])
                continue
            if tier.band is not None and not tier.band.holds(households):
                off = tier.band.missed(households)
                rows.append((code, "households", f"Drawn by hand with {households} households, {off}. Accept it."))
            rows += shapes.get(code, [])
    return pd.DataFrame(rows, columns=["cell_code", "rule", "reason"], dtype="str")


@dataclass(frozen=True)
class _Moved:
    """Where the households of new codes came from, and where those of given up ones went."""

    predecessors: Mapping[str, list[str]]
    retired: Mapping[str, list[str]]


def _moved(land: Land, state: State, held: list[str]) -> _Moved:
    cells = land.plan.cells
    parent = dict(zip(cells["code"], cells["parent_code"], strict=True))
    pairs: dict[tuple[str, str], float] = {}
    atom_codes = land.plan.atoms["cell_code"].tolist()
    flows = [(atom_codes[k], state.land[k], _EMPTY) for k in range(len(atom_codes))]
    flows += zip(land.units["cell"].tolist(), held, land.unit_households, strict=True)
    for old, new, households in flows:
        pairs[old, new] = pairs.get((old, new), 0.0) + households
    climbed: dict[tuple[str, str], float] = {}
    for (old, new), households in pairs.items():
        for before, after in zip(_climb(parent, old), state.above(new), strict=True):
            climbed[before, after] = climbed.get((before, after), 0.0) + households
    gone = {code for code in parent if code not in state.cells}
    founded = {code for code in state.cells if code not in parent}
    return _Moved(
        {code: _largest((old, h) for (old, now), h in climbed.items() if now == code) for code in sorted(founded)},
        {code: _largest((now, h) for (old, now), h in climbed.items() if old == code) for code in sorted(gone)},
    )


def _climb(parent: Mapping[str, object], code: str) -> Iterable[str]:
    at: object = code
    while isinstance(at, str):
        yield at
        at = parent[at]


def _largest(shares: Iterable[tuple[str, float]]) -> list[str]:
    """Codes that have a real share, the largest first."""
    ranked = sorted(shares, key=lambda share: (-share[1], share[0]))
    total = sum(share for _, share in ranked)
    return [code for code, share in ranked if share >= LEAST_SHARE * total]
