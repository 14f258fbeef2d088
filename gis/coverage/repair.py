"""Mending a coverage: only what a defect concerns is drawn anew, and the result is certified or there is none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.arrays import Floats, Geometries, Ints
from gis.coverage.check import SLIVER_M, Examination, Intent, Level, examine, report_of
from gis.coverage.claims import Choice, Claim, Policy
from gis.coverage.defects import LEFT_ALONE
from gis.coverage.ledger import ledger_of
from gis.coverage.nesting import LevelDrawn, levels_along
from gis.coverage.redraw import Drawing, redraw
from gis.coverage.report import CoverageReport
from gis.coverage.rewrite import rewritten
from gis.crs import goes_around
from gis.errors import CoverageError, InputError

_ROUNDS = 8
_AREAS = 2


@dataclass(frozen=True)
class Repair:
    """A mended coverage.

    Attributes
    ----------
    cells
        As given, with new geometries where something was wrong, in the CRS given; rows without ground are left out.
    area
        As given, with the vertices that the cells have on its rim; None where none was given.
    changes
        Every piece of ground that changed hands (`gis.coverage.ledger.ledger_of`).
    questions
        What nobody was chosen for, largest first: `defect`, `kind`, `cells` (codes that may have it, by semicolons),
        `area_m2`; empty unless asked.
    before, after
        What a check finds in what was given, and in what came out.
    """

    cells: gpd.GeoDataFrame
    area: gpd.GeoDataFrame | None
    changes: gpd.GeoDataFrame
    questions: pd.DataFrame
    before: CoverageReport
    after: CoverageReport


def repair(
    cells: gpd.GeoDataFrame,
    *,
    area: gpd.GeoDataFrame | None = None,
    holes: gpd.GeoDataFrame | None = None,
    policy: Policy = "longest",
    owners: Sequence[str] = (),
    decided: Mapping[str, str] | None = None,
    buildings: gpd.GeoDataFrame | None = None,
    holes_above_m2: float = inf,
    sliver_m: float = SLIVER_M,
) -> Repair:
    """Mend a coverage: gaps are given to a neighbour, overlaps to one of those who claim them, vertices are matched.

    Cells that no defect concerns come out as they were given, bit for bit. With several levels the lowest is mended
    and those above it are drawn along it.

    Parameters
    ----------
    cells, area, holes, holes_above_m2, sliver_m
        As `gis.coverage.check.check` takes them.
    policy
        Who gets ground that several cells claim, or none: `longest` (whoever it borders on longest), `owner` (whoever
        comes first in `owners`), `households` (the cell with the fewest in column `households`), `ask` (nobody).
    owners
        Codes of cells, in the order of their right.
    decided
        Code of the cell that gets the ground of a defect, by the id of the defect; goes before every policy.
    buildings
        Buildings with a column `households`, to count those on ground that changes hands.

    Returns
    -------
    Repair
        Certified, unless `questions` are open.

    Raises
    ------
    InputError
        Where the input cannot be checked, or the policy needs a column that is not there.
    CoverageError
        Where the result cannot be certified: there is none then.
    """
    _require_choice(cells, policy, owners, buildings)
    if cells.crs is not None and goes_around(cells.crs, tuple(cells.total_bounds)):
        raise InputError("cells: they lie on both sides of the 180° meridian: give them in a projected CRS")
    intent = Intent(area, holes, holes_above_m2, sliver_m)
    seen = examine(cells, intent)
    before = report_of(seen, len(cells))
    leaf = seen.levels[-1]
    _require_known(set(decided or {}), set(before.defects["id"]), "decisions: no defect has the id")
    _require_known(set(owners), set(leaf.layer.codes), "owners: no cell has the code")
    households = _households(cells, leaf.layer.rows)
    choice = Choice(policy, leaf.layer.codes, households, owners, decided or {})
    rows = _concerned(leaf)
    for _ in range(_ROUNDS):
        drawing = _redrawn(seen, before, choice, rows)
        levels = levels_along(seen.levels, drawing.polygons)
        mended, kept = _in_table(cells, seen, levels)
        if not len(kept):
            raise CoverageError("it cannot be mended: no cell has any land of the area")
        rim = _area_of(drawing, seen, area)
        again = examine(mended, replace(intent, area=rim))
        after = report_of(again, len(mended))
        left = kept[again.levels[-1].layer.rows[_concerned(again.levels[-1])]]
        more = np.flatnonzero(np.isin(leaf.layer.rows, left))
        if after.certificate.valid or drawing.open or not len(np.setdiff1d(more, rows)):
            break
        rows = np.union1d(rows, more)
    if not (after.certificate.valid or drawing.open):
        raise CoverageError(f"it cannot be mended: {_why(after)}")
    known = None if buildings is None else buildings.to_crs(seen.crs)
    changes = ledger_of(drawing.moves, levels, before, households, known)
    return Repair(mended, rim, changes, _questions(drawing.open, leaf.layer.codes, before), before, after)


def _redrawn(seen: Examination, before: CoverageReport, choice: Choice, rows: Ints) -> Drawing:
    """Draw some cells of the lowest level anew."""
    leaf = seen.levels[-1]
    given = leaf.shapes.polygons
    if not len(rows):
        return Drawing(given, seen.wanted.whole, [], [])
    # Where nobody has the ground below a defect it is to be filled, whatever the defect is called.
    ground = [defect.geometry for defect in leaf.defects if defect.kind not in LEFT_ALONE]
    gaps = np.array([shape for shape in ground if shapely.get_dimensions(shape) == _AREAS], dtype=object)
    some = None if choice.households is None else choice.households[rows]
    here = replace(choice, codes=[choice.codes[k] for k in rows], households=some)
    return _spread(redraw(given[rows], seen.wanted.whole, gaps, here, before.ids_at), rows, given)


def _in_table(
    cells: gpd.GeoDataFrame, seen: Examination, levels: Sequence[LevelDrawn]
) -> tuple[gpd.GeoDataFrame, Ints]:
    """Put new polygons into the table; rows without ground are left out. The table, and the rows that stayed."""
    shapes = rewritten(cells, seen.crs, [level.redrawn for level in levels])
    kept = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    return cells.set_geometry(shapes, crs=cells.crs).iloc[kept], kept


def _area_of(drawing: Drawing, seen: Examination, area: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame | None:
    """Return the area as given, unless its rim got vertices."""
    if area is None or drawing.whole is seen.wanted.whole:
        return area
    return gpd.GeoDataFrame(geometry=drawing.whole, crs=seen.crs).to_crs(area.crs)


def _spread(drawing: Drawing, rows: Ints, given: Geometries) -> Drawing:
    """Put what was drawn of some rows among all of them."""
    polygons = given.copy()
    polygons[rows] = drawing.polygons
    own = [*rows.tolist(), -1]  # nobody, -1, stays the last
    moves = [replace(m, before=tuple(own[c] for c in m.before), after=own[m.after]) for m in drawing.moves]
    claims = [replace(claim, border={own[c]: metres for c, metres in claim.border.items()}) for claim in drawing.open]
    return Drawing(polygons, drawing.whole, moves, claims)


def _concerned(level: Level) -> Ints:
    """Rows of the cells that stand in the way of a certificate."""
    kinds = LEFT_ALONE | {"parent_child"}
    rows = {cell for defect in level.defects if defect.kind not in kinds for cell in defect.cells}
    return np.array(sorted(rows), np.int64)


def _require_choice(
    cells: gpd.GeoDataFrame, policy: str, owners: Sequence[str], buildings: gpd.GeoDataFrame | None
) -> None:
    if policy not in get_args(Policy):
        raise InputError(f"policy '{policy}' is none of {', '.join(get_args(Policy))}")
    if policy == "households" and "households" not in cells:
        raise InputError("cells: no column 'households': give ground away by another policy")
    if buildings is not None and "households" not in buildings:
        raise InputError("buildings: no column 'households': name it")
    if owners and policy != "owner":
        raise InputError("owners are asked by policy 'owner' only: choose it")


def _require_known(given: set[str], known: set[str], what: str) -> None:
    unknown = sorted(given - known)
    if unknown:
        raise InputError(f"{what} '{unknown[0]}': check the list")


def _households(cells: gpd.GeoDataFrame, rows: Ints) -> Floats | None:
    """Households of some rows, nought where none are given; None where there is no such column."""
    if "households" not in cells:
        return None
    counts = pd.to_numeric(cells["households"], errors="coerce").fillna(0)
    return counts.to_numpy(np.float64)[rows]


def _questions(claims: Sequence[Claim], codes: Sequence[str], before: CoverageReport) -> pd.DataFrame:
    area = before.defects.set_index("id")["area_m2"]
    rows = [
        (claim.defect, claim.kind, "; ".join(sorted(codes[c] for c in claim.border)), area.get(claim.defect))
        for claim in claims
    ]
    found = pd.DataFrame(rows, columns=["defect", "kind", "cells", "area_m2"])
    return found.sort_values("area_m2", ascending=False, ignore_index=True)


def _why(report: CoverageReport) -> str:
    """Say in short what is left."""
    left = report.defects[~report.defects["kind"].isin(LEFT_ALONE)]
    if not len(left):
        return "the sums do not hold"
    row = left.iloc[0]
    return (
        f"{len(left)} defects are left, the first a {row['kind']} at cells {row['cells'] or '-'}: {row['suggestion']}"
    )
