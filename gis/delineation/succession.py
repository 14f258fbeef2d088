"""Codes that live on: a cell that is still the same one keeps its code, and what is given up names its successors."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import shapely

from gis.arrays import Ints
from gis.delineation.atoms import Atoms
from gis.delineation.codes import next_code, sequence
from gis.delineation.former import Former, former_levels, levels_of
from gis.delineation.levels import Level
from gis.delineation.nest import Nested
from gis.delineation.streets import row_at
from gis.errors import InputError
from gis.plan import Plan
from gis.sources.town import Town

LEAST_SHARE = 0.05
"""Who has less than this share of a cell's households is no predecessor of it."""


@dataclass(frozen=True)
class Succession:
    """What became of the grounds of one level.

    Attributes
    ----------
    former
        The grounds before.
    home, now : (n,) int64
        Ground of each atom before (-1 where there was none) and now.
    households : (n,) int64
    """

    former: Former
    home: Ints
    now: Ints
    households: Ints

    def shares(self) -> pd.DataFrame:
        """Households that each pair of a ground before (`home`) and now (`now`) has in common, most first."""
        # An atom without households counts a little, so that empty cells have heirs too.
        rows = pd.DataFrame({"home": self.home, "now": self.now, "households": self.households + 1e-3})
        common = rows[rows["home"] >= 0].groupby(["home", "now"], as_index=False)["households"].sum()
        return common.sort_values(["households", "home", "now"], ascending=[False, True, True], ignore_index=True)

    def heirs(self) -> dict[int, int]:
        """Ground before of each ground now that carries it on: the pairs with most in common, each ground once."""
        heirs: dict[int, int] = {}
        taken: set[int] = set()
        for home, now in self.shares()[["home", "now"]].itertuples(index=False):
            if now not in heirs and home not in taken:
                heirs[now] = home
                taken.add(home)
        return heirs


def require_successor(previous: Plan, town: Town, levels: Sequence[Level]) -> None:
    """Refuse a plan whose codes cannot live on in a town that is drawn anew.

    Raises
    ------
    InputError
        Where it is of another area, has other levels, or rules give codes of their own.
    """
    if previous.area.crs != town.area.crs or not previous.area.union_all().intersects(town.area.union_all()):
        raise InputError("the previous plan is of another area: leave it out, or give the same streets and buildings")
    names, before = [level.name for level in levels], [level.name for level in levels_of(previous)]
    if names != before:
        raise InputError(f"the previous plan has levels {', '.join(before)}, not {', '.join(names)}: leave it out")
    if (town.rules["code"] != "").any():
        raise InputError("rules give codes, and the previous plan has its own: leave the codes or the plan out")


def drawn_anew(previous: Plan, atoms: Atoms, nested: Sequence[Nested]) -> list[Succession]:
    """Find what became of the grounds of a plan whose land was laid and divided without regard to it."""
    places = shapely.point_on_surface(atoms.polygons(np.arange(len(atoms)), len(atoms)))
    at = row_at(previous.atoms.geometry.to_numpy(), places)
    outside = ~shapely.contains_xy(previous.area.union_all(), *shapely.get_coordinates(places).T)
    return [
        Succession(former, np.where(outside, -1, former.of_atom[at]), level.of_atom, atoms.households)
        for former, level in zip(former_levels(previous), nested, strict=True)
    ]


def succeed(plan: Plan, previous: Plan, steps: Sequence[Succession]) -> Plan:
    """Give a plan that was numbered afresh the codes and names of the one it follows.

    Parameters
    ----------
    plan
        Freshly drawn.
    previous
        The plan it follows.
    steps
        What became of the grounds of each level that was divided, top first.

    Returns
    -------
    Plan
        With `predecessors` of new cells, and in its metadata `retired` (code → codes of its successors, of
        earlier revisions too) and `revision_of` (the version of the previous plan).

    Raises
    ------
    InputError
        Where a parent has no code left for a new cell.
    """
    retired: dict[str, list[str]] = dict(previous.metadata.get("retired", {}))
    used = [*previous.cells["code"], *retired]
    final: dict[str, str] = {}
    names: dict[str, str] = {}
    predecessors: dict[str, list[str]] = {}
    levels = [name for name in plan.levels if name in plan.metadata["bands"]]
    fresh = dict(zip(plan.cells["code"], plan.cells["name"], strict=True))
    for depth, (name, step) in enumerate(zip(levels, steps, strict=True)):
        cells = plan.at_level(name)
        ground = (cells["ground_code"] != cells["ground_code"].shift()).cumsum().to_numpy() - 1
        heirs, shares = step.heirs(), step.shares()
        of_ground: list[list[str]] = [[] for _ in range(int(ground.max()) + 1)]
        for g, code, parent, title in cells.assign(ground=ground)[["ground", "code", "parent_code", "name"]].itertuples(
            index=False
        ):
            above = None if pd.isna(parent) else final.get(parent, parent)
            old = _inherited(step.former, heirs.get(g), len(of_ground[g]), above)
            stem = fresh.get(parent, plan.area["name"].iloc[0])
            # A name that does not count is one that planners gave; what they drew keeps it, wherever it now belongs.
            given = title if title != f"{stem} {sequence(code, depth)}" else ""
            home = heirs.get(g)
            if not given and home is not None and step.former.fixed[home]:
                given = step.former.names[step.former.codes[home][0]]
            if old is None:
                old = next_code(above, depth, used)
                used.append(old)
                # Named as it is numbered: the fresh name counts the fresh codes.
                names[old] = given or f"{names.get(above or '') or stem} {sequence(old, depth)}"
                predecessors[old] = _codes(step.former.codes, shares[shares["now"] == g], "home")
            final[code] = old
            names.setdefault(old, given or step.former.names.get(old, ""))
            of_ground[g].append(old)
        for g, codes in enumerate(step.former.codes):
            gone = [code for code in codes if code not in names]
            if gone:
                retired |= dict.fromkeys(gone, _codes(of_ground, shares[shares["home"] == g], "now"))
    return _renamed(plan, final, names, predecessors, retired, previous)


def _inherited(former: Former, ground: int | None, floor: int, above: str | None) -> str | None:
    """Code that a cell carries on, if its ground is still under the same parent and had a cell there."""
    if ground is None or former.parents[ground] != above or floor >= len(former.codes[ground]):
        return None
    return former.codes[ground][floor]


def _codes(of_ground: Sequence[Sequence[str]], shares: pd.DataFrame, side: str) -> list[str]:
    """Codes of the grounds that have a real share, the largest first."""
    least = LEAST_SHARE * shares["households"].sum()
    return [code for g in shares[side][shares["households"] >= least] for code in of_ground[g]]


def _renamed(
    plan: Plan,
    final: dict[str, str],
    names: dict[str, str],
    predecessors: dict[str, list[str]],
    retired: dict[str, list[str]],
    previous: Plan,
) -> Plan:
    """Write the codes into every layer."""

    def now(codes: pd.Series) -> pd.Series:
        return codes.map(final).fillna(codes).astype("str")

    cells = plan.cells.assign(**{name: now(plan.cells[name]) for name in ("code", "parent_code", "ground_code")})
    cells["name"] = [names.get(code) or name for code, name in zip(cells["code"], cells["name"], strict=True)]
    cells["predecessors"] = [json.dumps(predecessors[code]) if code in predecessors else "" for code in cells["code"]]
    layers = {
        name: layer.assign(cell_code=now(layer["cell_code"]))
        for name, layer in (
            ("atoms", plan.atoms),
            ("buildings", plan.buildings),
            ("dwellings", plan.dwellings),
            ("exceptions", plan.exceptions),
        )
    }
    metadata = plan.metadata | {"retired": retired, "revision_of": previous.version}
    return replace(plan, cells=cells, metadata=metadata, **layers)
