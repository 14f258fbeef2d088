"""Routing: every report gets its cell, how sure that is and what to do, or the reason why it has none."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa

from gis.arrays import Bools, Floats, Indices, Ints
from gis.errors import InputError
from gis.location.certainty import Certainty, weigh
from gis.location.index import CellIndex
from gis.location.pixels import NOWHERE
from gis.location.placing import Ground, place
from gis.location.prior import Density, expect
from gis.location.reports import Objects, Reports
from gis.location.rule import RoutingRule
from gis.plan import Plan

#: Columns that are added to a table of reports.
ANSWERS = (
    *("cell_code", "grid_codes", "status", "probability", "distance_m", "reason", "plan_version"),
    *("action", "certain_level", "candidates", "basis", "radius_m", "rule_version"),
)
# Less than this is not worth naming as a candidate.
_LEAST_SHARE = 0.005


@dataclass(frozen=True)
class Sent:
    """Where reports were sent, as arrays.

    Attributes
    ----------
    row : (n,) int64
        The ground of each, or -1.
    status, action, reason : (n,) object
        As in the columns of these names.
    distance_m, radius_m : (n,) float64
        To the nearest border; accuracy that was taken.
    sides : (n, 2) int64
        Grounds on the two sides of the nearest border.
    certainty
        Of the pin.
    level : (n,) int64
        Number of the lowest level that is certain, or -1.
    """

    row: Ints
    status: Objects
    action: Objects
    reason: Objects
    distance_m: Floats
    radius_m: Floats
    sides: Ints
    certainty: Certainty
    level: Ints


@dataclass(frozen=True)
class Router:
    """A plan, made ready to be asked for many reports.

    Attributes
    ----------
    plan
        The plan in force.
    rule
        What is assumed and done.
    """

    plan: Plan
    rule: RoutingRule

    @cached_property
    def index(self) -> CellIndex:
        """The cells."""
        return CellIndex.from_plan(self.plan)

    @cached_property
    def ground(self) -> Ground:
        """The place."""
        return Ground(self.plan.area.crs, tuple(self.plan.area.total_bounds))

    @cached_property
    def _density(self) -> Density:
        return expect(self.plan, self.rule.where)

    @cached_property
    def _above(self) -> Indices:
        """Number of the cell at each level in which a ground lies, the lowest last."""
        upper = [pd.factorize(self.index.grounds[level])[0] for level in self.plan.levels[:-1]]
        return np.vstack([*upper, np.arange(len(self.index.grounds))]).astype(np.int32)

    @cached_property
    def _stacked(self) -> Bools:
        """Whether floors part a ground; with one more for none."""
        return np.append(self.index.grounds["cells"].to_numpy() > 1, False)

    def send(self, reports: Reports) -> Sent:
        """Find the cell of every report."""
        x, y, reason = place(self.ground, reports)
        row = self.index.locate(x, y)
        inside = row != NOWHERE
        distance, *sides = self.index.border(x, y, np.inf)
        beside = ~inside & (distance <= self.rule.nearest_m)
        row[beside] = np.maximum(*sides)[beside]
        radius = self.rule.radius(reports.radius_m, reports.source)
        within = np.where(inside, distance, 0.0)
        certainty = weigh(self.index, self._above, self._density, x, y, self.rule.sigma(radius), row, within)
        sent = Sent(
            row=row,
            status=np.select(
                [reason != "", inside & self._stacked[row], inside, beside],
                ["rejected", "ask_address", "inside", "nearest"],
                "outside",
            ).astype(object),
            action=np.full(len(row), "triage", dtype=object),
            reason=reason,
            distance_m=np.where(np.isfinite(distance), distance, np.nan),
            radius_m=radius,
            sides=np.column_stack(sides),
            certainty=certainty,
            level=self._certain(row, certainty),
        )
        self._decide(sent)
        return sent

    def _certain(self, row: Ints, certainty: Certainty) -> Ints:
        """Find the number of the lowest level at which a report is certain, or -1."""
        sure = certainty.at_level >= self.rule.dispatch_at
        sure[self._stacked[row], -1] = False
        sure[row < 0] = False
        lowest = sure.shape[1] - 1 - np.argmax(sure[:, ::-1], axis=1)
        return np.where(sure.any(axis=1), lowest, -1)

    def _decide(self, sent: Sent) -> None:
        """Fill in what to do and why."""
        leaf = len(self.plan.levels) - 1
        found = sent.row >= 0
        sent.action[found] = self.rule.unsure if self.rule.unsure == "ask_address" else "triage"
        if self.rule.unsure == "parent":
            sent.action[found & (sent.level >= 0)] = "parent"
        sent.action[found & (sent.level == leaf)] = "dispatch"
        self._explain(sent)

    def _explain(self, sent: Sent) -> None:
        """Say in a sentence why a report has no cell, or not surely this one."""
        here = sent.certainty.at_level[:, -1]
        unsure = (sent.row >= 0) & (sent.action != "dispatch") & (here < self.rule.dispatch_at)
        texts = np.full((3, len(sent.row)), "", dtype=object)
        texts[0, sent.status == "outside"] = f"outside the area, more than {self.rule.nearest_m:g} m from any cell"
        texts[0, sent.status == "nearest"] = f"outside the area, within {self.rule.nearest_m:g} m of this cell"
        texts[1, self._stacked[sent.row]] = "several cells share this building by floors: ask for entrance and floor"
        for k in np.flatnonzero(unsure).tolist():
            where, share = self._rival(sent, k)
            texts[2, k] = f"the border is near: {here[k]:.0%} here, {share:.0%} {where}"
        several = (texts != "").sum(axis=0) > 1
        sent.reason[~several] += texts.sum(axis=0)[~several]
        sent.reason[several] = ["; ".join(filter(None, said)) for said in texts[:, several].T]

    def _rival(self, sent: Sent, k: int) -> tuple[str, float]:
        """Name the likeliest other cell."""
        other = int(np.argmax(sent.certainty.cells[k] != sent.row[k]))
        at = sent.certainty.cells[k, other]
        where = f"in {self.index.grounds['code'].iloc[at]}" if at >= 0 else "outside the area"
        return where, float(sent.certainty.shares[k, other])

    def answers(self, sent: Sent) -> dict[str, pa.Array]:
        """Write down where reports were sent: the columns of `ANSWERS`."""
        probability = sent.certainty.at_level[:, -1]
        stacked = self._stacked[sent.row]
        version, rule = self.plan.version, self.rule.version
        found = sent.row >= 0
        return {
            "cell_code": _taken([*self.index.grounds["code"], ""], np.where(stacked, NOWHERE, sent.row)),
            "grid_codes": _taken(self._codes, np.where(stacked, len(self._stacked) + sent.row, sent.row)),
            "status": pa.array(sent.status, pa.string()),
            "probability": pa.array(np.round(probability, 4), mask=~found | stacked),
            "distance_m": pa.array(np.round(sent.distance_m, 2), mask=~np.isfinite(sent.distance_m) | ~found),
            "reason": pa.array(sent.reason, pa.string()),
            "plan_version": _taken([version], np.zeros(len(found), np.int64)),
            "action": pa.array(sent.action, pa.string()),
            "certain_level": _taken([*self.plan.levels, ""], sent.level),
            "candidates": pa.array(self._candidates(sent), pa.string()),
            "basis": _taken(["point", ""], np.where(sent.status == "rejected", -1, 0)),
            "radius_m": pa.array(np.round(sent.radius_m, 1), mask=sent.status == "rejected"),
            "rule_version": _taken([rule], np.zeros(len(found), np.int64)),
        }

    @cached_property
    def _codes(self) -> list[str]:
        """Codes of every level as JSON, one text a ground; then the same without the lowest, for what floors part."""
        grounds = self.index.grounds
        upper = grounds[self.plan.levels[:-1]].to_dict("records")
        whole = [
            json.dumps(codes | {self.plan.leaf_level: code}) for codes, code in zip(upper, grounds["code"], strict=True)
        ]
        return [*whole, "{}", *(json.dumps(codes) for codes in upper), "{}"]

    def _candidates(self, sent: Sent) -> Objects:
        """Name the cells that a pin may mean, the likeliest first, as JSON; empty where there is no doubt."""
        texts = np.full(len(sent.row), "", dtype=object)
        codes = [*self.index.grounds["code"], None]
        for k in np.flatnonzero((sent.row >= 0) & (sent.certainty.shares[:, 0] < 1)).tolist():
            named = zip(sent.certainty.cells[k].tolist(), sent.certainty.shares[k].tolist(), strict=True)
            texts[k] = json.dumps([[codes[at], round(share, 3)] for at, share in named if share >= _LEAST_SHARE])
        return texts


def _taken(values: Sequence[str], at: Ints) -> pa.Array:
    """Texts by their number; -1 is the last one."""
    return pa.array(values, pa.string()).take(pa.array(np.where(at < 0, len(values) + at, at)))


def route(plan: Plan, reports: Reports, rule: RoutingRule | None = None) -> pd.DataFrame:
    """Send reports to their cells.

    Parameters
    ----------
    plan
        The plan in force.
    reports
        Read by `gis.location.reports.read_reports`.
    rule
        What is assumed of pins, and what is done at which certainty.

    Returns
    -------
    pandas.DataFrame
        The reports' columns unchanged, then those of `ANSWERS`: `cell_code` (leaf; empty where floors or place leave it
        open), `grid_codes` (JSON, level → code), `status` (inside, nearest, outside, ask_address, rejected),
        `probability` (that the true place lies in this cell), `distance_m` (to the border), `reason`, `plan_version`,
        `action` (dispatch, ask_address, parent, triage), `certain_level` (the lowest that is), `candidates` (JSON,
        code and probability), `basis` (what settled it), `radius_m` (accuracy taken) and `rule_version`. Answers of an
        earlier routing are replaced.

    Raises
    ------
    InputError
        Where the reports have columns of their own under these names.
    """
    router = Router(plan, rule or RoutingRule())
    return with_answers(reports.table, router.answers(router.send(reports))).to_pandas()


def with_answers(table: pa.Table, answers: dict[str, pa.Array]) -> pa.Table:
    """Add answers to a table of reports, in place of those of an earlier time.

    Raises
    ------
    InputError
        Where the table has columns of our names that are not our answers.
    """
    taken = [name for name in ANSWERS if name in table.column_names]
    if taken and "plan_version" not in taken:
        raise InputError(f"the reports have columns of their own named {', '.join(taken)}: rename them first")
    kept = table.drop_columns(taken)
    for name, column in answers.items():
        kept = kept.append_column(name, column)
    return kept


def summary(routed: pd.DataFrame) -> dict[str, int]:
    """Count reports by status and by what is to be done, and rejected ones by reason."""
    counts = {str(k): int(v) for k, v in routed["status"].value_counts().items()}
    actions = {f"action: {k}": int(v) for k, v in routed["action"].value_counts().items()}
    reasons = routed.loc[routed["status"] == "rejected", "reason"].value_counts()
    return counts | actions | {f"rejected: {reason}": int(n) for reason, n in reasons.items()}
