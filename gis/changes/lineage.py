"""Which cells became which: as the later plan says, else from the households they share, else from the land."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from gis.changes.land import overlapped
from gis.errors import InputError
from gis.heirs import living_heirs


@dataclass(frozen=True)
class Lineage:
    """Codes before of each code after, and the other way round; the largest part first."""

    predecessors: dict[str, list[str]]
    successors: dict[str, list[str]]

    def status(self, code: str) -> str:
        """Tell new, split, merged and retired codes apart; a code of both plans is not for this to judge."""
        if code not in self.successors:
            return "new"
        after = self.successors[code]
        if len(after) > 1:
            return "split"
        return "merged" if after and len(self.predecessors.get(after[0], [])) > 1 else "retired"


def lineage_of(
    before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, flow: pd.DataFrame, retired: Mapping[str, list[str]]
) -> Lineage:
    """Find predecessors and successors of the cells of one level.

    Parameters
    ----------
    before, after
        Cells of the level, `code` as index, `ground_code`, `predecessors` (JSON list of codes or empty), geometry.
    flow
        `before`, `after` (codes at this level; None where a plan has no such household), `households`.
    retired
        Successors by code, over all revisions so far.

    Raises
    ------
    InputError
        Where `predecessors` is not a JSON list.
    """
    met = flow.dropna(subset=["before", "after"]).sort_values("households", ascending=False, kind="stable")
    predecessors: dict[str, list[str]] = {str(code): [] for code in after.index}
    successors: dict[str, list[str]] = {str(code): [] for code in before.index}
    for old, new in met[["before", "after"]].itertuples(index=False):
        predecessors[new].append(old)
        successors[old].append(new)
    for code, text in after["predecessors"].fillna("").items():
        declared = [old for old in _codes(code, text) if old in successors]
        predecessors[code] = declared or predecessors[code]
    for code in before.index.difference(after.index):
        successors[code] = living_heirs(code, retired, predecessors) or successors[code]
    orphans = after.loc[[code for code, found in predecessors.items() if not found]]
    heirless = before.loc[[code for code, found in successors.items() if not found]]
    return Lineage(predecessors | overlapped(orphans, before), successors | overlapped(heirless, after))


def _codes(code: str, text: str) -> list[str]:
    try:
        found = json.loads(text or "[]")
    except ValueError:
        found = None
    if not isinstance(found, list):
        raise InputError(f"cell {code}: its predecessors are no list of codes: {text}")
    return [str(old) for old in found]
