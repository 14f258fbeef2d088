"""Where reports were sent, and the columns that say so."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from gis.arrays import Bools, Floats, Ints
from gis.location.certainty import Certainty
from gis.location.settling import Told
from gis.location.tables import Objects

#: Columns that are added to a table of reports.
ANSWERS = (
    *("cell_code", "grid_codes", "status", "probability", "distance_m", "reason", "plan_version"),
    *("action", "certain_level", "candidates", "basis", "radius_m", "rule_version", "plan_x", "plan_y"),
)
# Less than this is not worth naming as a candidate.
_LEAST_SHARE = 0.005


@dataclass(frozen=True)
class Sent:
    """Where reports were sent, as arrays.

    Attributes
    ----------
    x, y : (n,) float64
        The pins, metres of the plan; NaN where there is none.
    row : (n,) int64
        The ground in which each pin lies, or to which it is counted; -1 for none.
    cell : (n,) int64
        Number of the cell in `Cells`, of any level; -1 for none.
    share : (n,) float64
        Probability of that cell; NaN where there is none, or floors leave its level open.
    status, action, reason, basis : (n,) object
        As in the columns of these names.
    distance_m, radius_m : (n,) float64
        From the pin to the nearest border; accuracy that was taken.
    sides : (n, 2) int64
        Grounds on the two sides of the nearest border.
    certainty
        Of the pin.
    level : (n,) int64
        Number of the lowest level that is certain, or -1.
    told
        By row: what sign or address say.
    beside : (n,) bool
        Whether the pin lies outside, but near enough to be counted to `row`.
    """

    x: Floats
    y: Floats
    row: Ints
    cell: Ints
    share: Floats
    status: Objects
    action: Objects
    reason: Objects
    basis: Objects
    distance_m: Floats
    radius_m: Floats
    sides: Ints
    certainty: Certainty
    level: Ints
    told: Mapping[int, Told]
    beside: Bools


@dataclass(frozen=True)
class Cells:
    """All cells of a plan, numbered.

    Attributes
    ----------
    codes
        Of each.
    level
        Number of each one's level, the top first.
    chains
        Level → code of each and of all above it, as JSON.
    """

    codes: list[str]
    level: Ints
    chains: list[str]

    @classmethod
    def of(cls, cells: pd.DataFrame, levels: Sequence[str]) -> "Cells":
        """Give every cell of a plan its number."""
        codes, parents = list(cells["code"]), dict(zip(cells["code"], cells["parent_code"], strict=True))
        level_of = dict(zip(cells["code"], cells["level"], strict=True))
        chains = []
        for code in codes:
            chain, at = {level_of[code]: code}, parents[code]
            while isinstance(at, str):
                chain[level_of[at]] = at
                at = parents.get(at)
            chains.append(json.dumps({level: chain[level] for level in levels if level in chain}))
        number = {name: k for k, name in enumerate(levels)}
        return cls(codes, np.array([number[level_of[code]] for code in codes], np.int64), chains)


def columns_of(
    sent: Sent, cells: Cells, grounds: Sequence[str], levels: Sequence[str], versions: tuple[str, str]
) -> dict[str, pa.Array]:
    """Write down where reports were sent.

    Parameters
    ----------
    sent
        Where.
    cells, grounds
        Of the plan: all cells, and the codes of the index's grounds with one more for what lies outside.
    levels
        Their names, top first.
    versions
        Of the plan and of the rule.
    """
    rejected = sent.status == "rejected"
    leaf = np.where(np.append(cells.level, -1)[sent.cell] == len(levels) - 1, sent.cell, -1)
    nought = np.zeros(len(sent.row), np.int64)
    x, y = _places(sent)
    return {
        "cell_code": _taken([*cells.codes, ""], leaf),
        "grid_codes": _taken([*cells.chains, "{}"], sent.cell),
        "status": pa.array(sent.status, pa.string()),
        "probability": pa.array(np.round(sent.share, 4), mask=np.isnan(sent.share)),
        "distance_m": pa.array(np.round(sent.distance_m, 2), mask=np.isnan(sent.distance_m)),
        "reason": pa.array(sent.reason, pa.string()),
        "plan_version": _taken(versions[:1], nought),
        "action": pa.array(sent.action, pa.string()),
        "certain_level": _taken([*levels, ""], sent.level),
        "candidates": pa.array(_candidates(sent, grounds), pa.string()),
        "basis": pa.array(sent.basis, pa.string()),
        "radius_m": pa.array(np.round(sent.radius_m, 1), mask=rejected | np.isnan(sent.x)),
        "rule_version": _taken(versions[1:], nought),
        "plan_x": pa.array(np.round(x, 3), mask=np.isnan(x)),
        "plan_y": pa.array(np.round(y, 3), mask=np.isnan(y)),
    }


def _places(sent: Sent) -> tuple[Floats, Floats]:
    """Return the pins, and where there is none the building of the address that settled it."""
    x, y = sent.x.copy(), sent.y.copy()
    for k, word in sent.told.items():
        if np.isnan(x[k]) and sent.basis[k] == word.basis:
            x[k], y[k] = word.x, word.y
    return x, y


def _taken(values: Sequence[str], at: Ints) -> pa.Array:
    """Texts by their number; -1 is the last one."""
    return pa.array(values, pa.string()).take(pa.array(np.where(at < 0, len(values) + at, at)))


def _candidates(sent: Sent, grounds: Sequence[str]) -> Objects:
    """Name the grounds that a pin may mean, the likeliest first, as JSON; empty where there is no doubt."""
    texts = np.full(len(sent.row), "", dtype=object)
    codes = [*grounds[:-1], None]
    for k in np.flatnonzero((sent.row >= 0) & (sent.certainty.shares[:, 0] < 1)).tolist():
        named = zip(sent.certainty.cells[k].tolist(), sent.certainty.shares[k].tolist(), strict=True)
        texts[k] = json.dumps([[codes[at], round(share, 3)] for at, share in named if share >= _LEAST_SHARE])
    return texts


def summary(routed: pd.DataFrame) -> dict[str, int]:
    """Count reports by status, by what is to be done and by the level that is certain, and rejected ones by reason."""
    counts = routed["status"].value_counts().to_dict()
    actions = ("action: " + routed["action"].astype(str)).value_counts().to_dict()
    levels = ("certain: " + routed["certain_level"].replace("", "nowhere").astype(str)).value_counts().to_dict()
    # What an address could not mend is told in the row; broken lines are counted together, not each with its number.
    rejected = routed.loc[routed["status"] == "rejected", "reason"].str.split("; ").str[0]
    kinds = "rejected: " + rejected.where(~rejected.str.startswith("line "), "a broken line").astype(str)
    return {name: int(n) for name, n in (counts | actions | levels | kinds.value_counts().to_dict()).items()}
