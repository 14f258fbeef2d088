"""The six layers on a page: counts that colour the cells, and marks with their signs."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from data.tables import table
from gis.layers.layer import Layer as Joined
from gis.layers.vocabulary import vocabulary
from gis.plan import Plan
from maps.codec import Grid
from maps.layers import Drawing, Layer
from maps.marks import Group, Marks
from maps.measures import Measure
from maps.palette import LAYERS, RATINGS, STANDINGS
from maps.reports import minute_said, moments
from maps.signs import sign
from maps.words import Words, named

_SOLVED = ("on_time", "late", "closed")
_JUDGED = ("on_time", "late")
_SAID_AS = {"events": "standing"}


class OverPlan(Layer):
    """One of the six layers, joined to the plan.

    Parameters
    ----------
    joined
        From `gis.layers.place` or `gis.layers.read_layers`.
    on
        Whether its items are drawn at first.
    """

    def __init__(self, joined: Joined, *, on: bool = True) -> None:
        self.joined, self.on = joined, on

    def measures(self, plan: Plan, says: Words) -> Sequence[Measure]:
        """Return the counts by cell: of all, and of what can be told apart.

        Raises
        ------
        InputError
            Where the layer was joined to another plan.
        """
        counted = _Counted(self.joined, plan, self._label(says))
        return _MEASURES[self.joined.kind](counted, says)

    def drawing(self, plan: Plan, grid: Grid, says: Words) -> Drawing | None:
        """Return the items as marks; counts of people have no points.

        Raises
        ------
        InputError
            Where the layer was joined to another plan.
        """
        self.joined.require(plan)
        items = self.joined.items
        if self.joined.kind == "people":
            return None
        by, groups = _groups(self.joined.kind, items, says)
        places = {code: at for at, code in enumerate(groups)}
        texts = _texts(self.joined.kind, items, says)
        marks = Marks(
            name=self.joined.name,
            label=self._label(says),
            xy=items[["plan_x", "plan_y"]].to_numpy(np.float64),
            groups=list(groups.values()),
            group=np.array([places[str(code)] for code in by], np.int64),
            texts=texts,
            kinds=says["organisation.grid"] if self.joined.kind == "organisations" else says["category"],
            times=moments(items["time"]) if "time" in items else None,
            heat=self.joined.kind in ("events", "sentiment"),
            linked=self.joined.kind == "organisations",
            on=self.on,
        )
        return Drawing("marks", marks.written(grid))

    def _label(self, says: Words) -> str:
        return named(says, "kind_of_layer", self.joined.name)


class _Counted:
    """The counts of a layer by what they can be told apart by."""

    def __init__(self, joined: Joined, plan: Plan, label: str) -> None:
        self.joined, self.plan, self.label, self.name = joined, plan, label, joined.name

    def by(self, column: str) -> dict[str, tuple[Mapping[str, int], Mapping[str, int]]]:
        """Return the counts by cell, and by ground that cells share, of each value of a column."""
        counts = self.joined.counts(self.plan, by=column)
        counts = counts[~counts["shared"] | (counts["level"] == self.plan.leaf_level)]
        found: dict[str, tuple[dict[str, int], dict[str, int]]] = {}
        for value, code, shared, count in counts[[column, "code", "shared", "count"]].itertuples(index=False):
            found.setdefault(str(value), ({}, {}))[bool(shared)][str(code)] = int(count)
        return dict(found)

    def measure(
        self,
        key: str,
        label: str,
        some: Sequence[tuple[Mapping[str, int], Mapping[str, int]]],
        part_of: str = "",
        *,
        as_share: bool = False,
        overlapping: bool = False,
    ) -> Measure:
        """Return the sum of some counts as a measure."""
        cells, grounds = (
            pd.concat([pd.Series(pair[at], dtype="int64") for pair in some]).groupby(level=0).sum().to_dict()
            if some
            else {}
            for at in (0, 1)
        )
        part_of = part_of and f"{self.name}.{part_of}"
        return Measure(f"{self.name}.{key}", label, cells, grounds, part_of, as_share, self.label, overlapping)


def _people(counted: _Counted, says: Words) -> list[Measure]:
    words, by = vocabulary("people").words, counted.by("category")
    order = [code for code in words if code in by] + sorted(set(by) - set(words))
    whole = "residents" if "residents" in by else ""
    return [
        counted.measure(code, _word(words, code, says), [by[code]], whole if code != whole else "", overlapping=True)
        for code in order
    ]


def _by_category(counted: _Counted, says: Words) -> list[Measure]:
    column = "type" if counted.joined.kind == "things" else "category"
    words, by = vocabulary(counted.joined.kind).words, counted.by(column)
    order = [code for code in words if code in by] + sorted(set(by) - set(words))
    whole = counted.measure("all", f"{counted.label} · {says['all_of_them']}", list(by.values()))
    return [whole, *(counted.measure(code, _word(words, code, says), [by[code]], "all") for code in order if code)]


def _events(counted: _Counted, says: Words) -> list[Measure]:
    by = counted.by("standing")
    solved, judged = ([by[key] for key in keys if key in by] for keys in (_SOLVED, _JUDGED))
    open_ones = [pair for key, pair in by.items() if key not in _SOLVED]
    timely, overdue = ([by[key]] if key in by else [] for key in ("on_time", "overdue"))
    return [
        counted.measure("found", says["events.found"], list(by.values())),
        counted.measure("closed", says["events.closed"], solved, "found"),
        counted.measure("open", says["events.open"], open_ones, "found"),
        counted.measure("overdue", says["events.overdue"], overdue, "open"),
        *([counted.measure("judged", says["events.judged"], judged, "closed")] if len(judged) < len(solved) else []),
        counted.measure(
            "on_time",
            says["events.on_time"],
            timely,
            "judged" if len(judged) < len(solved) else "closed",
            as_share=True,
        ),
    ]


def _sentiment(counted: _Counted, says: Words) -> list[Measure]:
    by = counted.by("satisfied")
    content = [pair for key, pair in by.items() if key == "yes"]
    return [
        counted.measure("rated", says["sentiment.rated"], list(by.values())),
        counted.measure("satisfied", says["sentiment.satisfied"], content, "rated", as_share=True),
    ]


def _organisations(counted: _Counted, says: Words) -> list[Measure]:
    by = counted.by("grid_kind")
    whole = counted.measure("all", f"{counted.label} · {says['all_of_them']}", list(by.values()))
    kinds = [counted.measure(kind, named(says, "grid_kind", kind), [by[kind]], "all") for kind in sorted(by) if kind]
    return [whole, *kinds]


_MEASURES: Mapping[str, Callable[[_Counted, Words], list[Measure]]] = {
    "people": _people,
    "places": _by_category,
    "things": _by_category,
    "events": _events,
    "sentiment": _sentiment,
    "organisations": _organisations,
}


def _groups(kind: str, items: pd.DataFrame, says: Words) -> tuple[pd.Series, dict[str, Group]]:
    """Return what marks are told apart by, and what they look like: by code."""
    column = {"events": "standing", "sentiment": "rating", "organisations": "grid_kind", "things": "type"}
    by = items[column.get(kind, "category")].astype(str)
    colours: Mapping[str, str] = {"events": STANDINGS, "sentiment": RATINGS}.get(kind, {})
    words = vocabulary(kind).words
    order = [*(code for code in [*colours, *words] if code in set(by)), *sorted(set(by) - {*colours, *words})]
    return by, {
        code: Group(
            _word(words, code, says) if code in words else named(says, _SAID_AS.get(kind, kind), code or "other"),
            colours.get(code, LAYERS[kind]),
            sign(code) if kind in ("places", "things", "organisations") else "",
        )
        for code in order
    }


def _texts(kind: str, items: pd.DataFrame, says: Words) -> dict[str, pd.Series]:
    """Return the columns of text that are told, the first of them as the title."""
    words = vocabulary(kind).words
    categories = {row["code"]: str(row[says["lang"][:2]]) for row in table("categories")["categories"]}
    known = {code: _word(words, code, says) for code in words} | categories
    told = {says["category"]: items["category"].astype(str).map(lambda code: known.get(code, code))}
    if "label" in items:
        told = {says["name"]: items["label"], **told}
    if "grid" in items:
        told[says["organisation.grid"]] = items["grid"]
    for column, label in (("time", says["time"]), ("closed_at", says["closed_at"])):
        if column in items:
            told[label] = items[column].astype(str).map(minute_said)
    return told | {says["cell"]: items["cell_code"].astype(str).replace("", says["no_cell"])}


def _word(words: Mapping[str, object], code: str, says: Words) -> str:
    return str(getattr(words[code], says["lang"][:2])) if code in words else code
