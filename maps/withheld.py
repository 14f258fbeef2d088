"""Which figures of several measures the public is not told, so that no small one can be worked out."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from maps.audience import FEWEST, TOTAL, concealed
from maps.measures import HOUSEHOLDS, Measure

Counts = Mapping[str, int]
_REST = " rest"


def withheld(
    measures: Sequence[Measure], parent: Mapping[str, str], before: Mapping[str, Collection[str]]
) -> dict[str, set[str]]:
    """Choose the cells of which a figure is left out, by the name of the measure.

    Of a cell with few households nothing is told. Parts of one count, and what is left of it beside each of them, are
    told together or not at all: whatever can be added to one of them, in a way that keeps all sums over cells (see
    `concealed`), can be taken from another.

    Parameters
    ----------
    measures
        Households among them.
    parent
        Code of the cell above; `TOTAL` at the top.
    before
        What was left out earlier, and stays so.
    """
    found: dict[str, set[str]] = {}
    parts: dict[str, list[Measure]] = defaultdict(list)
    for measure in measures:
        if measure.part_of:
            parts[measure.part_of].append(measure)
    small = {
        code
        for measure in measures
        if measure.name == HOUSEHOLDS
        for code, count in measure.counts.items()
        if count < FEWEST
    }
    for measure in measures:
        if measure.part_of:
            continue
        already = small | set(before.get(measure.name, ()))
        found[measure.name] = concealed_together([measure.counts], parent, already)
        own = parts[measure.name]
        halves = [part.counts for part in own]
        halves += [{code: measure.counts.get(code, 0) - half.get(code, 0) for code in parent} for half in halves]
        already = found[measure.name].union(*(before.get(part.name, ()) for part in own))
        hidden = concealed_together(halves, parent, already)
        found.update({part.name: hidden for part in own})
    return found


def concealed_together(counts: Sequence[Counts], parent: Mapping[str, str], already: Collection[str]) -> set[str]:
    """Choose the cells to leave out for all of several counts, so that no small one can be worked out of any.

    Parameters
    ----------
    counts
        Each by the codes of all levels.
    parent
        Code of the cell above; `TOTAL` at the top.
    already
        Left out for a reason of their own.
    """
    rests = _rests(counts, parent)
    above = {**parent, **{rest: rest.removesuffix(_REST) for rest in rests}}
    every = [{code: each.get(code, 0) for code in parent} | {code: rests[code][k] for code in rests}
             for k, each in enumerate(counts)]  # fmt: skip
    found = set(already)
    while more := set[str]().union(*(concealed(each, above, rests, found) for each in every)) - found:
        found |= more
    return found - set(rests)


def _rests(counts: Sequence[Counts], parent: Mapping[str, str]) -> dict[str, list[int]]:
    """Return what cells have more than all below them together: what waits for a floor, or lies in no cell there."""
    below = [defaultdict[str, int](int) for _ in counts]
    families = set(parent.values()) - {TOTAL}
    for code, above in parent.items():
        for sums, each in zip(below, counts, strict=True):
            sums[above] += each.get(code, 0)
    rests = {
        f"{code}{_REST}": [each.get(code, 0) - sums[code] for sums, each in zip(below, counts, strict=True)]
        for code in families
    }
    return {code: rest for code, rest in rests.items() if any(rest)}
