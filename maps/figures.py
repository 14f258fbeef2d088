"""What a page may say of each cell: decided here for its audience, before anything is written."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from gis.plan import Plan
from maps.audience import TOTAL, Audience, concealed


@dataclass(frozen=True)
class Figures:
    """Cells and totals as an audience may see them.

    Attributes
    ----------
    cells
        In the order of their codes: `code`, `level`, `parent` (`audience.TOTAL` at the top), `name`,
        `kind`, `ground`, `floors` ("3–7" or empty), `households`, `in_band`, `reports` (each None where there
        is none to show), `reasons` (list of [rule, sentence]).
    households
        Of the area; None where not to be shown.
    bands
        Fewest and most households of a cell, by level; not every level has a band.
    audience
        Who reads them.
    counted
        Whether there are reports.
    """

    cells: pd.DataFrame
    households: int | None
    bands: dict[str, list[int]]
    audience: Audience
    counted: bool

    @property
    def points(self) -> bool:
        """Whether reports may be shown one by one."""
        return self.counted and self.audience is Audience.INTERNAL

    def at_level(self, level: str) -> pd.DataFrame:
        """Return the rows of one level."""
        return self.cells[self.cells["level"] == level]

    def in_band_share(self, level: str) -> float | None:
        """Share of the cells in band among those that show it; None where none does."""
        known = self.at_level(level)["in_band"].dropna()
        return float(known.mean()) if len(known) else None


def figures(plan: Plan, counts: Mapping[str, int] | None, audience: Audience) -> Figures:
    """Gather what is shown of each cell.

    Parameters
    ----------
    plan
        The plan.
    counts
        Reports by cell code of any level; None where no reports are shown.
    audience
        For `PUBLIC`, small counts and those that would give them away are None, and so is all that follows
        from them.
    """
    cells = plan.cells
    codes = cells["code"].astype(str).tolist()
    known = set(codes)
    parents = [str(above) if above in known else TOTAL for above in cells["parent_code"]]
    table = pd.DataFrame(
        {
            "code": codes,
            "level": cells["level"].astype(str).tolist(),
            "parent": parents,
            "name": [_text(name) for name in cells["name"]],
            "kind": [_text(kind) for kind in cells["kind"]],
            "ground": cells["ground_code"].astype(str).tolist(),
            "floors": [_floors(a, b) for a, b in zip(cells["floor_from"], cells["floor_to"], strict=True)],
        },
        dtype=object,
    )
    households = dict(zip(codes, map(int, cells["households"]), strict=True))
    total = sum(households[code] for code, above in zip(codes, parents, strict=True) if above == TOTAL)
    reports = {} if counts is None else {code: counts.get(code, 0) for code in codes}
    hidden, hidden_reports = set[str](), set[str]()
    if audience is Audience.PUBLIC:
        above = dict(zip(codes, parents, strict=True))
        hidden = concealed(households, above)
        hidden_reports = _concealed_reports(reports, above) if reports else set()
    bands = plan.metadata.get("bands", {})
    table["households"] = _column(None if code in hidden else households[code] for code in codes)
    table["in_band"] = _column(
        _in_band(count, bands.get(level)) for count, level in zip(table["households"], table["level"], strict=True)
    )
    table["reports"] = _column(None if code in hidden_reports else reports.get(code) for code in codes)
    # The sentences count households of neighbours: they are for those who draw.
    sentences = {} if audience is Audience.PUBLIC else _reasons(plan)
    table["reasons"] = _column(sentences.get(code, []) for code in codes)
    table = table.sort_values("code", kind="stable", ignore_index=True)
    return Figures(table, None if TOTAL in hidden else total, bands, audience, counted=counts is not None)


def _concealed_reports(counts: dict[str, int], parent: dict[str, str]) -> set[str]:
    """Choose the counts of reports to leave out.

    A cell can have more than its children have: reports that wait for a floor. These are one more child.
    """
    below: Counter[str] = Counter()
    for code, above in parent.items():
        below[above] += counts[code]
    rests = {f"{code} rest": code for code in below if code != TOTAL and counts[code] > below[code]}
    rest_counts = {rest: counts[code] - below[code] for rest, code in rests.items()}
    return concealed(counts | rest_counts, parent | rests, unpublished=rests)


def _column(values: Iterable[object]) -> pd.Series:
    """Return values as they are: pandas would turn a None among numbers into NaN, and them into floats."""
    return pd.Series(list(values), dtype=object)


def _in_band(households: int | None, band: list[int] | None) -> bool | None:
    return None if households is None or not band else band[0] <= households <= band[1]


def _reasons(plan: Plan) -> dict[str, list[list[str]]]:
    found: dict[str, list[list[str]]] = {}
    for row in plan.exceptions.itertuples():
        found.setdefault(str(row.cell_code), []).append([_text(row.rule), _text(row.reason)])
    return found


def _floors(lowest: float, highest: float) -> str:
    if pd.isna(lowest) or pd.isna(highest):
        return ""
    return f"{int(lowest)}" if lowest == highest else f"{int(lowest)}–{int(highest)}"


def _text(value: object) -> str:
    return "" if value is None or value != value else str(value)  # noqa: PLR0124 (NaN is unlike itself)
