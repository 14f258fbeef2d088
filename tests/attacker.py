"""What somebody can work out from figures that were published: every sum that holds, solved in whole numbers."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

from maps.measures import Measure

Figure = tuple[str, str]
Sum = dict[Figure, int]
"""Figures and how often each counts, which together are nothing."""


class Attacker:
    """Knows how the figures of one town hang together, and those that are told.

    Parameters
    ----------
    measures
        All of a page; what they count is used for what is told alone.
    parent
        Code of the cell above; `TOTAL` at the top.
    hidden
        Codes of which a figure is not told, by the name of the measure.
    """

    def __init__(
        self, measures: Sequence[Measure], parent: Mapping[str, str], hidden: Mapping[str, Collection[str]]
    ) -> None:
        self.measures, self.parent, self.hidden = measures, parent, hidden
        self.truth: dict[Figure, int] = {}
        self.sums: list[Sum] = []
        self.names = {measure.name: measure for measure in measures}
        below = defaultdict(list)
        for code, above in parent.items():
            below[above].append(code)
        waiting: dict[str, set[str]] = defaultdict(set)
        for measure in sorted(measures, key=self._depth):
            count = {code: measure.counts.get(code, 0) for code in parent}
            self.truth |= {(measure.name, code): each for code, each in count.items()}
            for above, family in below.items():
                total = sum(count[code] for code in family)
                self.truth.setdefault((measure.name, above), total)
                line = (measure.name, above), [(measure.name, code) for code in family]
                # That nothing waits in a cell for its floor may be known; of what waits there, not of which part it is.
                if above in waiting[measure.part_of] if measure.part_of in self.names else self._left(*line):
                    waiting[measure.name].add(above)
                self._add(*line, f"{above} rest", complete=above not in waiting[measure.name])
        for name in self.names:
            parts = [measure for measure in measures if measure.part_of == name]
            for group in ([each for each in parts if not each.overlapping], *([each] for each in parts)):
                rest = " ".join(["rest of", *(each.name for each in group)])
                lines = [((name, code), [(each.name, code) for each in group]) for code in parent if group]
                # That parts are all there is can be known of all cells, not of one; of one part it is no part then.
                complete = len(group) > 1 and not any(self._left(*line) for line in lines)
                for line in lines:
                    self._add(*line, f"{line[0][1]} {rest}", complete=complete)

    def _depth(self, measure: Measure) -> int:
        return 1 + self._depth(self.names[measure.part_of]) if measure.part_of in self.names else 0

    def _left(self, whole: Figure, parts: list[Figure]) -> int:
        return self.truth[whole] - sum(self.truth[part] for part in parts)

    def _add(self, whole: Figure, parts: list[Figure], rest: str, *, complete: bool) -> None:
        if not complete:
            self.truth[whole[0], rest] = self._left(whole, parts)
            parts = [*parts, (whole[0], rest)]
        self.sums.append({whole: 1} | dict.fromkeys(parts, -1))

    def unknown(self, also_known: Collection[Figure] = ()) -> list[Figure]:
        """Return what is not told: figures left out, and what sums leave."""
        return [
            (name, code) for name, code in self.truth
            if (code in self.hidden[name] or "rest" in code) and (name, code) not in also_known
        ]  # fmt: skip

    def worked_out(self, also_known: Collection[Figure] = ()) -> set[Figure]:
        """Return what has one solution only, where all that is told is told to the unit."""
        free = set(self.unknown(also_known))
        rows: dict[Figure, dict[Figure, Fraction]] = {}
        for line in self.sums:
            row = {figure: Fraction(times) for figure, times in line.items() if figure in free}
            for pivot in [figure for figure in row if figure in rows]:
                _subtract(row, rows[pivot], row[pivot])
            if not row:
                continue
            pivot = min(row)
            row = {figure: times / row[pivot] for figure, times in row.items()}
            for other in rows.values():
                if pivot in other:
                    _subtract(other, row, other[pivot])
            rows[pivot] = row
        return {pivot for pivot, row in rows.items() if len(row) == 1}

    def range_of(self, figure: Figure, slack: int = 0) -> tuple[int, int]:
        """Return the least and the most that a figure can be, where no count is below nothing.

        `slack`: by how much what is told may be off, since it is rounded.
        """
        every = list(self.truth)
        at, free = {name: k for k, name in enumerate(every)}, set(self.unknown())
        cells = [(row, at[name], times) for row, line in enumerate(self.sums) for name, times in line.items()]
        row, column, times = zip(*cells, strict=True)
        known = {name: 5 * ((count + 2) // 5) if slack else count for name, count in self.truth.items()}
        # Towns are drawn in which parts are larger than their whole: what is left of it is below nothing then.
        bounds = [
            (None if count < 0 else 0, None) if name in free else (max(0, known[name] - slack), known[name] + slack)
            for name, count in self.truth.items()
        ]
        goal = np.zeros(len(every))
        goal[at[figure]] = 1
        equal = csr_array((times, (row, column)), shape=(len(self.sums), len(every)))
        ends = []
        for sign in (1, -1):
            found = linprog(sign * goal, A_eq=equal, b_eq=np.zeros(len(self.sums)), bounds=bounds, method="highs")
            ends.append(np.inf if found.status == 3 else sign * found.fun)  # 3: without bound
        least, most = ends
        return int(np.ceil(least - 1e-6)), int(min(np.floor(most + 1e-6), 1e9))


def _subtract(row: dict[Figure, Fraction], other: Mapping[Figure, Fraction], times: Fraction) -> None:
    for figure, each in other.items():
        left = row.get(figure, Fraction(0)) - times * each
        if left:
            row[figure] = left
        else:
            row.pop(figure, None)
