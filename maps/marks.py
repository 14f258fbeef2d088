"""Points with a colour, a sign, words and a time: reports, places, facilities, organisations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from gis.arrays import Floats, Ints
from maps.codec import Grid

MOST = 250_000
"""More marks than this are counted by squares: a page of them would be too large to open."""
_SQUARE = 200
"""Side of such a square in millionths of a degree, some twenty metres; more, and more days, where it will not do."""
NO_TIME = -1


@dataclass(frozen=True)
class Group:
    """What marks of one kind look like.

    Attributes
    ----------
    label
        In the legend and the filter.
    colour
        As CSS writes it.
    sign
        SVG path of a sign of 15 by 15 pixels; empty for a plain dot.
    """

    label: str
    colour: str
    sign: str = ""


@dataclass(frozen=True)
class Marks:
    """Points of one layer.

    Attributes
    ----------
    name, label
        By which scripts, and readers, know the layer.
    xy : (n, 2) float64
        In the plan's CRS; NaN where a mark has no place: it is counted in the legend and not drawn.
    groups, group : (n,) int64
        What they look like, and which of these each mark is of.
    texts
        Columns of text by their label, in the order in which they are told; the first is the mark's name.
    kinds
        Label of the column by which marks are filtered, beside their groups.
    times : (n,) datetime64 or None
        When; local. NaT where unknown.
    heat
        Whether many at one place are told by their heat as well.
    linked
        Whether marks with the same text in the column `kinds` belong together, and can be shown joined by lines.
    on
        Whether the layer is shown at first.
    """

    name: str
    label: str
    xy: Floats
    groups: Sequence[Group]
    group: Ints
    texts: Mapping[str, pd.Series]
    kinds: str = ""
    times: np.ndarray[Any, np.dtype[np.datetime64]] | None = None
    heat: bool = False
    linked: bool = False
    on: bool = True

    def written(self, grid: Grid) -> dict[str, Any]:
        """Return them as data for the page, in an order in which each is near the one before."""
        placed = np.flatnonzero(np.isfinite(self.xy).all(axis=1))
        whole = grid.whole(grid.degrees(self.xy[placed]))
        minutes = _minutes(self.times, len(self.xy))[placed]
        group, count, texts = self.group[placed], np.ones(len(placed), np.int64), self.texts
        along = _along(whole)
        if len(placed) > MOST:
            texts = {label: column for label, column in texts.items() if label == self.kinds}
            kinds = [pd.factorize(column.iloc[placed])[0] for column in texts.values()]
            along, whole, count = _by_square(whole, minutes, [group, *kinds])
        rows = placed[along]
        return {
            "name": self.name,
            "label": self.label,
            "groups": [vars(group) for group in self.groups],
            "totals": np.bincount(self.group, minlength=len(self.groups)),
            "points": np.diff(whole[along], axis=0, prepend=0).ravel(),
            "group": group[along],
            "count": count[along] if len(placed) > MOST else None,
            "texts": [_listed(label, column.iloc[rows]) for label, column in texts.items()],
            "kinds": list(texts).index(self.kinds) if self.kinds in texts else -1,
            "minutes": None if self.times is None else minutes[along],
            "heat": self.heat,
            "linked": self.linked,
            "on": self.on,
        }


def _along(whole: Ints) -> Ints:
    """Order points by strips of some hundred metres: steps from point to point are short, and so is the page."""
    return np.lexsort((whole[:, 0], whole[:, 1] // 1000))


def _by_square(whole: Ints, minutes: Ints, others: Sequence[Ints]) -> tuple[Ints, Ints, Ints]:
    """Put marks together that agree in all else and lie in one square and one span of days: so many as it takes.

    Returns
    -------
    (m,) int64
        Rows that stand for all, in order.
    (n, 2), (n,) int64
        Places, and how many each row stands for.
    """
    side, days = _SQUARE, 1
    while True:
        keys = np.column_stack([whole // side, minutes // (24 * 60 * days), *others])
        first, count = _alike(keys)
        if len(first) <= MOST:
            middle = whole // side * side + side // 2
            return first[_along(middle[first])], middle, count
        side, days = 2 * side, 2 * days


def _alike(keys: Ints) -> tuple[Ints, Ints]:
    """Return the first of all rows that are equal, and how many there are of each of these."""
    number = pd.DataFrame(keys).groupby(list(range(keys.shape[1])), sort=False).ngroup().to_numpy()
    first = np.unique(number, return_index=True)[1]
    count = np.zeros(len(keys), np.int64)
    count[first] = np.bincount(number)
    return first, count


def _minutes(times: Any, length: int) -> Ints:  # noqa: ANN401 (an array of datetime64)
    """Return whole minutes since 1970, `NO_TIME` where unknown."""
    if times is None:
        return np.full(length, NO_TIME)
    moments = np.asarray(times, "datetime64[m]")
    return np.where(np.isnat(moments), NO_TIME, moments.astype(np.int64))


def _listed(label: str, texts: pd.Series) -> dict[str, Any]:
    """Write each different text once."""
    at, different = pd.factorize(texts.astype(object).where(texts.notna(), "").astype(str))
    return {"label": label, "texts": [str(text) for text in different], "at": at.astype(np.int64)}
