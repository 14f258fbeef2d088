"""What a page may say of each cell: decided here for its audience, before anything is written."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from gis.plan import Plan
from maps.audience import TOTAL, Audience, rounded
from maps.measures import HOUSEHOLDS, Measure, parts_of
from maps.withheld import withheld

PER_MILLE = 1000
_JUDGED = ("in_band", "reasons")


@dataclass(frozen=True)
class Figures:
    """Cells and totals as an audience may see them.

    Attributes
    ----------
    cells
        In the order of their codes: `code`, `level`, `parent` (`audience.TOTAL` at the top), `name`, `kind`, `ground`,
        `floors` ("3–7" or empty), `in_band` (None where it is not told), `reasons` (list of [rule, sentence]), and a
        column for each measure by its name: counts, or shares in thousandths; None where there is none to show.
    households
        Of the area; None where not to be shown.
    bands
        Fewest and most households of a cell, by level; not every level has a band.
    audience
        Who reads them.
    measures
        Those of which there are columns, households first.
    withheld
        Cells of which a figure is left out, by the name of the measure, or was on an earlier page; nothing but for
        the public.
    """

    cells: pd.DataFrame
    households: int | None
    bands: dict[str, list[int]]
    audience: Audience
    measures: tuple[Measure, ...]
    withheld: Mapping[str, set[str]]

    def at_level(self, level: str) -> pd.DataFrame:
        """Return the rows of one level."""
        return self.cells[self.cells["level"] == level]

    def in_band_share(self, level: str) -> float | None:
        """Share of the cells in band among those that show it; None where none does."""
        known = self.at_level(level)["in_band"].dropna()
        return float(known.mean()) if len(known) else None


def figures(
    plan: Plan,
    measures: Sequence[Measure],
    audience: Audience,
    label: str = "",
    before: Mapping[str, set[str]] | None = None,
) -> Figures:
    """Gather what is shown of each cell.

    Parameters
    ----------
    plan
        The plan.
    measures
        Beside households.
    audience
        For `PUBLIC`, small counts and those that would give them away are None, and so is all that follows from them;
        the others are rounded.
    label
        What households are called.
    before
        Cells of which a figure was left out earlier, by the name of the measure: it stays left out.

    Raises
    ------
    InputError
        Where measures cannot be told apart, or are parts of one another.
    """
    table = _cells(plan)
    codes = table["code"].tolist()
    own = dict(zip(plan.cells["code"].astype(str), map(int, plan.cells["households"]), strict=True))
    every = (Measure(HOUSEHOLDS, label, own), *measures)
    parts_of(every, taken=[*table.columns, *_JUDGED])
    parent = dict(zip(codes, table["parent"], strict=True))
    area = sum(own[code] for code, above in parent.items() if above == TOTAL)
    total: int | None = area
    hidden: Mapping[str, set[str]] = {}
    bands = plan.metadata.get("bands", {})
    reasons: Mapping[str, list[list[str]]] = {}
    in_band: list[bool | None] = [None] * len(codes)
    if audience is Audience.PUBLIC:
        # Figures of the lowest level that lie in no cell there, and so in nothing that could be withheld.
        every = tuple(replace(measure, shared={}) for measure in every)
        hidden = withheld(every, parent, before)
        total = None if TOTAL in hidden[HOUSEHOLDS] else rounded(area)
    else:
        in_band = [_in_band(own[code], bands.get(level)) for code, level in zip(codes, table["level"], strict=True)]
        # The sentences count households of neighbours: they are for those who draw.
        reasons = _reasons(plan)
    table["in_band"] = _column(in_band)
    table["reasons"] = _column(reasons.get(code, []) for code in codes)
    of = {measure.name: measure for measure in every}
    told: dict[str, pd.Series] = {}
    for measure in every:
        left_out = hidden.get(measure.name, set())
        whole = of.get(measure.part_of) if measure.as_share else None
        told[measure.name] = _column(
            None if code in left_out else _told(code, measure, whole, audience) for code in codes
        )
    # All at once: a table that grows by thousands of columns, one a time, falls apart.
    table = pd.concat([table, pd.DataFrame(told)], axis=1)
    # What is told of no cell at all need not be offered.
    shown = tuple(measure for measure in every if measure is every[0] or table[measure.name].notna().any())
    return Figures(table, total, bands, audience, shown, hidden)


def _told(code: str, measure: Measure, whole: Measure | None, audience: Audience) -> int | None:
    count = measure.counts.get(code, 0)
    if whole is None:
        return rounded(count) if audience is Audience.PUBLIC else count
    all_of_it = whole.counts.get(code, 0)
    if not all_of_it:
        return None
    # Whole parts of a hundred: a share of many digits gives away of how many it is.
    steps = PER_MILLE // 10 if audience is Audience.PUBLIC else PER_MILLE
    return round(count / all_of_it * steps) * (PER_MILLE // steps)


def _cells(plan: Plan) -> pd.DataFrame:
    cells = plan.cells
    codes = cells["code"].astype(str).tolist()
    known = set(codes)
    table = pd.DataFrame(
        {
            "code": codes,
            "level": cells["level"].astype(str).tolist(),
            "parent": [str(above) if above in known else TOTAL for above in cells["parent_code"]],
            "name": [_text(name) for name in cells["name"]],
            "kind": [_text(kind) for kind in cells["kind"]],
            "ground": cells["ground_code"].astype(str).tolist(),
            "floors": [_floors(a, b) for a, b in zip(cells["floor_from"], cells["floor_to"], strict=True)],
        },
        dtype=object,
    )
    return table.sort_values("code", kind="stable", ignore_index=True)


def _column(values: Iterable[object]) -> pd.Series:
    """Return values as they are: pandas would turn a None among numbers into NaN, and them into floats."""
    return pd.Series(list(values), dtype=object)


def _in_band(households: int, band: list[int] | None) -> bool | None:
    return band[0] <= households <= band[1] if band else None


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
