"""The ledger of everything that was read and not used."""

from collections import Counter
from dataclasses import dataclass, field

import pandas as pd


@dataclass
class LeftOut:
    """Counts what was read and not used, by layer and reason, in the order in which it was met.

    A planner trusts a map when nothing has gone missing silently; so every place that drops, mends or
    fails to match a row writes it down here.

    Examples
    --------
    >>> ledger = LeftOut()
    >>> ledger.add("streets", "tunnel", 3)
    >>> ledger.table().to_dict("records")
    [{'layer': 'streets', 'reason': 'tunnel', 'count': 3}]
    """

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, layer: str, reason: str, count: int = 1) -> None:
        """Write down `count` rows of `layer`; nothing is written for none."""
        if count:
            self.counts[layer, reason] += int(count)

    def add_all(self, other: "LeftOut") -> None:
        """Write down everything that another ledger holds."""
        self.counts.update(other.counts)

    def table(self) -> pd.DataFrame:
        """Return `layer`, `reason`, `count`."""
        rows = [(layer, reason, count) for (layer, reason), count in self.counts.items()]
        table = pd.DataFrame(rows, columns=["layer", "reason", "count"])
        return table.astype({"layer": "str", "reason": "str", "count": "int64"})
