"""Which figures of several measures the public is not told, so that no small one can be worked out."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from maps.audience import FEWEST, FEWEST_PEOPLE, TOTAL, concealed
from maps.measures import HOUSEHOLDS, RESIDENTS, Measure

Counts = Mapping[str, int]
_REST = " rest"


def withheld(
    measures: Sequence[Measure], parent: Mapping[str, str], before: Mapping[str, Collection[str]]
) -> dict[str, set[str]]:
    """Choose the cells of which a figure is left out, by the name of the measure.

    Of a cell with few households or few residents nothing is told. A part of another count and the rest of that are
    told together or not at all, and no part where the whole is not: whatever can be added to one half, in a way that
    keeps all sums over cells (see `concealed`), can be taken from the other.

    Parameters
    ----------
    measures
        Households first, and each after that of which it is a part.
    parent
        Code of the cell above; `TOTAL` at the top.
    before
        What was left out earlier, and stays so.
    """
    found: dict[str, set[str]] = {}
    fewest = {HOUSEHOLDS: FEWEST, RESIDENTS: FEWEST_PEOPLE}
    small = {
        code for measure in measures if (least := fewest.get(measure.name)) for code in parent
        if measure.counts.get(code, 0) < least
    }  # fmt: skip
    counts = {measure.name: measure.counts for measure in measures}
    for measure in measures:
        already = found.get(measure.part_of, small) | set(before.get(measure.name, ()))
        halves = [measure.counts]
        if whole := counts.get(measure.part_of):
            halves.append({code: whole.get(code, 0) - measure.counts.get(code, 0) for code in parent})
        found[measure.name] = concealed_together(halves, parent, already)
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
