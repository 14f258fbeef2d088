"""Routing: every report gets its cell, how sure that is and what to do, or the reason why it has none."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
import shapely

from gis.arrays import Bools, Indices, Ints
from gis.location.certainty import Certainty, weigh
from gis.location.index import CellIndex
from gis.location.pixels import NOWHERE
from gis.location.placing import Site, place
from gis.location.prior import Density, expect
from gis.location.records import Records
from gis.location.reports import Reports
from gis.location.rule import RoutingRule
from gis.location.sent import Cells, Sent, columns_of
from gis.location.settling import Teller, Told
from gis.location.tables import Objects
from gis.plan import Plan

# A pin this far beyond three times its accuracy from the cell of a sign speaks of another place.
_FAR_M, _FAR_RADII = 100.0, 3.0


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
        """The grounds."""
        return CellIndex.from_plan(self.plan)

    @cached_property
    def site(self) -> Site:
        """The place."""
        return Site(self.plan.area.crs, tuple(self.plan.area.total_bounds))

    @cached_property
    def grounds(self) -> list[str]:
        """Codes of the grounds, and a word for what lies outside them all."""
        return [*self.index.grounds["code"], "outside the area"]

    @cached_property
    def cells(self) -> Cells:
        """The cells of all levels."""
        return Cells.of(self.plan.cells, self.plan.levels)

    @cached_property
    def _number(self) -> dict[str, int]:
        return {code: k for k, code in enumerate(self.cells.codes)}

    @cached_property
    def _teller(self) -> Teller:
        return Teller.from_plan(self.plan)

    @cached_property
    def _density(self) -> Density:
        return expect(self.plan, self.rule.where)

    @cached_property
    def _versions(self) -> tuple[str, str]:
        return self.plan.version, self.rule.version

    @cached_property
    def _above(self) -> Indices:
        """Number of the cell at each level in which a ground lies; at the lowest, that of the ground itself."""
        upper = [self.index.grounds[level].map(self._number) for level in self.plan.levels[:-1]]
        return np.vstack([*upper, np.arange(len(self.index.grounds))]).astype(np.int32)

    @cached_property
    def _stacked(self) -> Bools:
        """Whether floors part a ground; with one more for none."""
        return np.append(self.index.grounds["cells"].to_numpy() > 1, False)

    @cached_property
    def _cell_of(self) -> Ints:
        """The cell that each ground says: its own, or where floors part it the one above; with one more for none."""
        own = [self._number[code] for code in self.index.grounds["code"]]
        above = self._above[-2] if len(self._above) > 1 else NOWHERE
        return np.append(np.where(self._stacked[:-1], above, own), NOWHERE)

    @cached_property
    def ground_of(self) -> Ints:
        """The ground of each cell by its number; -1 for cells above the lowest level; with one more for none."""
        rows = pd.Index(self.index.grounds["code"]).get_indexer(self.plan.cells["ground_code"])
        leaf = self.cells.level == len(self.plan.levels) - 1
        return np.append(np.where(leaf, rows, NOWHERE), NOWHERE)

    def send(self, reports: Reports) -> Sent:
        """Find the cell of every report: by its pin, and better by the sign that was scanned or the address given."""
        x, y, reason = place(self.site, reports)
        row = self.index.locate(x, y)
        inside = row != NOWHERE
        distance, *sides = self.index.border(x, y, np.where(inside, np.inf, self.rule.nearest_m))
        beside = ~inside & np.isfinite(distance)
        row[beside] = np.maximum(*sides)[beside]
        radius = self.rule.radius(reports.radius_m, reports.source)
        within = np.where(inside, distance, 0.0)
        certainty = weigh(self.index, self._above, self._density, x, y, self.rule.sigma(radius), row, within)
        stacked = self._stacked[row]
        status = np.select(
            [reason != "", stacked, inside, beside],
            ["rejected", "ask_address", "inside", "nearest"],
            "outside",
        )
        level = self._certain(row, certainty)
        sent = Sent(
            x=x,
            y=y,
            row=row,
            cell=self._cell_of[row],
            share=np.where((row >= 0) & ~stacked, certainty.at_level[:, -1], np.nan),
            status=status.astype(object),
            action=self._actions(row, level),
            reason=reason,
            basis=np.where(reason == "", "point", "").astype(object),
            distance_m=np.where(np.isfinite(distance), distance, np.nan),
            radius_m=radius,
            sides=np.column_stack(sides),
            certainty=certainty,
            level=level,
            told=self._told(reports),
            beside=beside,
        )
        self._explain(sent)
        self._settle(sent)
        return sent

    def _told(self, reports: Reports) -> Mapping[int, Told]:
        some = (reports.address != "").any() or (reports.qr != "").any()
        return self._teller.tell(reports) if some else {}

    def answers(self, sent: Sent) -> dict[str, pa.Array]:
        """Write down where reports were sent: the columns of `gis.location.sent.ANSWERS`."""
        return columns_of(sent, self.cells, self.grounds, self.plan.levels, self._versions)

    def _certain(self, row: Ints, certainty: Certainty) -> Ints:
        """Find the number of the lowest level at which a pin is certain, or -1."""
        sure = certainty.at_level >= self.rule.dispatch_at
        sure[self._stacked[row], -1] = False
        sure[row < 0] = False
        lowest = sure.shape[1] - 1 - np.argmax(sure[:, ::-1], axis=1)
        return np.where(sure.any(axis=1), lowest, -1)

    def _actions(self, row: Ints, level: Ints) -> Objects:
        """Say what is to be done with pins that lie in `row` and are certain at `level`."""
        asked = self.rule.unsure == "ask_address"
        unsure = np.where(asked, "ask_address", np.where(level >= 0, "parent", "triage"))
        return np.select([row < 0, level == len(self.plan.levels) - 1], ["triage", "dispatch"], unsure).astype(object)

    def _explain(self, sent: Sent) -> None:
        """Say in a sentence why a report has no cell, or not surely this one."""
        here = sent.certainty.at_level[:, -1]
        unsure = (sent.row >= 0) & (sent.action != "dispatch") & (here < self.rule.dispatch_at)
        texts = np.full((3, len(sent.row)), "", dtype=object)
        texts[0, sent.status == "outside"] = f"outside the area, more than {self.rule.nearest_m:g} m from any cell"
        texts[0, sent.beside] = f"outside the area, within {self.rule.nearest_m:g} m of this cell"
        texts[1, self._stacked[sent.row]] = "several cells share this building by floors: ask for entrance and floor"
        for k in np.flatnonzero(unsure).tolist():
            texts[2, k] = f"the border is near: {here[k]:.0%} here, {self._rival(sent, k)}"
        several = (texts != "").sum(axis=0) > 1
        sent.reason[~several] += texts.sum(axis=0)[~several]
        sent.reason[several] = ["; ".join(filter(None, said)) for said in texts[:, several].T]

    def _rival(self, sent: Sent, k: int) -> str:
        """Name the likeliest other cell."""
        other = int(np.argmax(sent.certainty.cells[k] != sent.row[k]))
        at, share = sent.certainty.cells[k, other], sent.certainty.shares[k, other]
        where = f"in {self.grounds[at]}" if at >= 0 else self.grounds[at]
        return f"{share:.0%} {where}"

    def _settle(self, sent: Sent) -> None:
        """Let sign or address decide where they say more than the pin; where both speak of other places, say so."""
        asked = self.rule.unsure == "ask_address"
        for k, word in sent.told.items():
            cell = self._number.get(word.code, NOWHERE)
            if cell == NOWHERE or word.share < self.rule.dispatch_at:
                if word.basis == "qr" or sent.action[k] != "dispatch":
                    sent.reason[k] = "; ".join(filter(None, (sent.reason[k], word.reason)))
                continue
            share = self._together(sent, k, word, cell)
            if share < self.rule.dispatch_at:
                sent.cell[k], sent.share[k], sent.level[k], sent.basis[k] = NOWHERE, np.nan, -1, ""
                sent.status[k], sent.action[k] = "ask_address", "ask_address" if asked else "triage"
                what = "scanned code" if word.basis == "qr" else "address"
                off = self._off(sent, k, cell)
                sent.reason[k] = f"contradiction: the {what} says {word.code}, the point lies {off:.0f} m from there"
                continue
            level = int(self.cells.level[cell])
            leaf = level == len(self.plan.levels) - 1
            if not leaf and sent.level[k] > level and self._lies_in(sent.row[k], cell):
                continue
            sent.cell[k], sent.share[k], sent.level[k] = cell, share if leaf else np.nan, level
            sent.basis[k], sent.reason[k] = word.basis, self._said(word, level)
            sent.status[k] = "inside" if leaf else "ask_address"
            sent.action[k] = "dispatch" if leaf else ("ask_address" if asked else "parent")

    def _said(self, word: Told, level: int) -> str:
        """Say what sign or address leave open: of an address that leads to a home, nothing."""
        if level == len(self.plan.levels) - 1:
            return word.reason if word.basis == "qr" else ""
        return word.reason or f"the scanned code names a cell of level {self.plan.levels[level]}: ask for the address"

    def _lies_in(self, row: int, cell: int) -> bool:
        """Say whether a ground lies in a cell of a level above."""
        return bool(self._above[self.cells.level[cell], row] == cell)

    def _together(self, sent: Sent, k: int, word: Told, cell: int) -> float:
        """Return the probability of what is told when the pin is heard too (Bayes' rule)."""
        if np.isnan(sent.x[k]):
            return word.share
        if word.basis == "qr":
            # A pin may be far off; but a sign that hangs elsewhere was not scanned here.
            return word.share * float(self._off(sent, k, cell) <= _FAR_M + _FAR_RADII * sent.radius_m[k])
        ground, named = self.ground_of[cell], sent.certainty.cells[k]
        told = ground if ground != NOWHERE else cell
        here = sent.certainty.shares[k][(named >= 0) & (self._above[self.cells.level[cell], named] == told)].sum()
        both, neither = word.share * here, (1 - word.share) * (1 - here)
        return float(both / (both + neither)) if both + neither else word.share

    def _off(self, sent: Sent, k: int, cell: int) -> float:
        """Metres between a pin and a cell."""
        return float(shapely.distance(self.plan.cells.geometry.iloc[cell], shapely.Point(sent.x[k], sent.y[k])))


def route(plan: Plan, reports: Reports, rule: RoutingRule | None = None, *, anew: bool = False) -> pd.DataFrame:
    """Send reports to their cells.

    Parameters
    ----------
    plan
        The plan in force.
    reports
        Read by `gis.location.reports.read_reports`.
    rule
        What is assumed of pins, and what is done at which certainty.
    anew
        Whether rows that were routed before are routed again, with a record; by default they stay as they are.

    Returns
    -------
    pandas.DataFrame
        The reports' columns unchanged, then those of `gis.location.sent.ANSWERS`: `cell_code` (leaf; empty where
        floors or place leave it open), `grid_codes` (JSON, level → code), `status` (inside, nearest, outside,
        ask_address, rejected), `probability` (that the true place lies in this cell), `distance_m` (to the border),
        `reason`, `plan_version`, `action` (dispatch, ask_address, parent, triage), `certain_level` (the lowest that
        is), `candidates` (JSON, code and probability), `basis` (point, address or qr), `radius_m` (accuracy taken) and
        `rule_version`.

    Raises
    ------
    InputError
        Where the reports have columns of their own under these names.
    """
    records = Records(reports.table.column_names, anew=anew)
    router = Router(plan, rule or RoutingRule())
    return records.join(reports.table, router.answers(router.send(reports))).to_pandas()
