"""What reports tell about the plan: borders in doubt, and datums that were misnamed."""

from collections import Counter

import geopandas as gpd
import numpy as np
import shapely

from gis.datum import Datum
from gis.location.placing import to_plan
from gis.location.reports import Reports
from gis.location.routing import Router
from gis.location.sent import Sent

# A pin this near to its address speaks for its datum: datums differ by a hundred metres and more where they matter.
_AGREES_M = 80.0
# So few addresses with so large a share of agreement are no chance.
_FEWEST, _AGREEING = 10, 0.8
# With so large a share of places outside, the plan may be that of another town.
_ELSEWHERE = 0.5


class Evidence:
    """Gathers, part by part, what reports tell about a plan."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self._unsure: Counter[tuple[int, int]] = Counter()
        self._disagree: Counter[tuple[int, int]] = Counter()
        self._agreeing: Counter[Datum] = Counter()
        self._named: Counter[Datum] = Counter()
        self._addresses = 0
        self._placed, self._outside = 0, 0

    def add(self, reports: Reports, sent: Sent) -> None:
        """Take in the reports of one part."""
        self._placed += int(np.isfinite(sent.x).sum())
        self._outside += int((sent.status == "outside").sum())
        pairs = np.sort(sent.sides, axis=1)
        inside = sent.row >= 0
        unsure = inside & (sent.certainty.at_level[:, -1] < self._router.rule.dispatch_at)
        self._unsure.update(map(tuple, pairs[unsure].tolist()))
        ground = self._router.ground_of[sent.cell]
        told = np.isin(sent.basis, ("qr", "address")) & inside & (ground >= 0) & (ground != sent.row)
        elsewhere = np.sort(np.column_stack([ground, sent.row])[told], axis=1)
        self._disagree.update(map(tuple, elsewhere.tolist()))
        self._compare_datums(reports, sent)

    def _compare_datums(self, reports: Reports, sent: Sent) -> None:
        known = [
            (k, word.x, word.y)
            for k, word in sent.told.items()
            if word.basis == "address" and np.isfinite(word.x) and word.share >= self._router.rule.dispatch_at
        ]
        rows = np.array([k for k, _, _ in known], np.int64)
        rows_known = np.isfinite(reports.lon[rows]) & np.isfinite(reports.lat[rows])
        rows = rows[rows_known]
        at = np.array([place for _, *place in known], np.float64).reshape(-1, 2)[rows_known]
        self._addresses += len(rows)
        self._named.update(d for k in rows if isinstance(d := reports.datums[reports.datum[k]], Datum))
        for datum in Datum:
            x, y = to_plan(self._router.site.crs, reports.lon[rows], reports.lat[rows], datum)
            self._agreeing[datum] += int((np.hypot(x - at[:, 0], y - at[:, 1]) <= _AGREES_M).sum())

    def remarks(self) -> list[str]:
        """Say in sentences what somebody should look into."""
        elsewhere = self._outside > _ELSEWHERE * self._placed
        place = f"{self._outside:,} of {self._placed:,} places lie outside the plan's area: is it a plan of that place?"
        return [text for text in (self._datum(), place if elsewhere else "") if text]

    def _datum(self) -> str:
        """Say which datum the addresses speak for, where it is another than the one named; empty where none is."""
        if self._addresses < _FEWEST:
            return ""
        best, count = max(self._agreeing.items(), key=lambda pair: pair[1])
        named = self._named.most_common(1)[0][0] if self._named else None
        alike = {Datum.WGS84, Datum.CGCS2000}
        if count < _AGREEING * self._addresses or best == named or {best, named} <= alike:
            return ""
        return (
            f"{count} of {self._addresses} pins lie at their addresses if read as {best}, "
            f"{self._agreeing.get(named, 0) if named else 0} as they are named: give --datum {best} if that is true"
        )

    def borders(self) -> gpd.GeoDataFrame:
        """Return the borders on which reports are in doubt, those with most first.

        Returns
        -------
        geopandas.GeoDataFrame
            `cell_a`, `cell_b` (ground codes; empty for outside the area), `unsure` (pins nearest to this border that
            are not sure of their cell), `disagree` (pins in one of the two whose sign or address says the other),
            `length_m`, `per_100_m` (both together), geometry: the border; empty where the two do not touch.
        """
        grounds = [*self._router.grounds[:-1], ""]
        pairs = sorted(self._unsure.keys() | self._disagree.keys())
        shapes = self._router.index.shared_borders(pairs)
        table = gpd.GeoDataFrame(
            {
                "cell_a": [grounds[a] for a, _ in pairs],
                "cell_b": [grounds[b] for _, b in pairs],
                "unsure": [self._unsure[pair] for pair in pairs],
                "disagree": [self._disagree[pair] for pair in pairs],
            },
            geometry=shapes,
            crs=self._router.site.crs,
        )
        table["length_m"] = shapely.length(table.geometry.to_numpy()).round(1)
        reports = table["unsure"] + table["disagree"]
        table["per_100_m"] = (100 * reports / table["length_m"].clip(lower=1)).round(2)
        return table.iloc[np.lexsort((table["cell_b"], table["cell_a"], -reports))].reset_index(drop=True)
