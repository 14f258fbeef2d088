"""Which figures of several measures the public is not told, so that no small one can be worked out."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence

from maps.audience import FEWEST, FEWEST_PEOPLE, TOTAL, concealed
from maps.measures import HOUSEHOLDS, Measure, parts_of

Counts = Mapping[str, int]
Held = Mapping[str, Collection[str]]
_REST = " rest"


def withheld(measures: Sequence[Measure], parent: Mapping[str, str], before: Held | None = None) -> dict[str, set[str]]:
    """Choose the cells of which a figure is left out, by the name of the measure.

    Of a cell with few households or few residents nothing is told. A part of another count and the rest of that are
    told together or not at all, and no part where the whole is not: whatever can be added to one half, in a way that
    keeps all sums over cells (see `concealed`), can be taken from the other. Parts that share nothing are split off
    one after another: each is a half of what those before it left, or else the last one would be known by the others.

    Parameters
    ----------
    measures
        Of a page.
    parent
        Code of the cell above; `TOTAL` at the top.
    before
        What was left out earlier, and stays so; of measures that are not on this page too, for they may come back.

    Raises
    ------
    InputError
        Where measures cannot be told apart, or are parts of one another.
    """
    parts, before, small = parts_of(measures), before or {}, _of_few(measures, parent)
    found = {name: set(codes) for name, codes in before.items()}
    for measure in parts.get("", ()):
        already = small.union(before.get(measure.name, ()))
        found[measure.name] = concealed_together([measure.counts], parent, already)
    waiting = list(parts.get("", ()))
    while waiting:
        whole = waiting.pop()
        below = parts.get(whole.name, [])
        apart = [part for part in below if not part.overlapping]
        for some in (apart, *([part] for part in below if part.overlapping)):
            found |= _split(whole.counts, some, parent, found[whole.name], before)
        waiting += below
    return found


def _of_few(measures: Sequence[Measure], parent: Mapping[str, str]) -> set[str]:
    """Return the cells of few households, or of few residents by every file that counts some."""
    homes = [measure.counts for measure in measures if measure.name == HOUSEHOLDS]
    people = [measure.counts for measure in measures if measure.is_of_residents]
    return {
        code
        for code in parent
        for counted, fewest in ((homes, FEWEST), (people, FEWEST_PEOPLE))
        if counted and max(counts.get(code, 0) for counts in counted) < fewest
    }


def _split(
    whole: Counts, parts: Sequence[Measure], parent: Mapping[str, str], already: Collection[str], before: Held
) -> Iterator[tuple[str, set[str]]]:
    """Split off parts that share nothing, the largest first: those that are small in many cells hide no others."""
    order = sorted(parts, key=lambda part: (-sum(part.counts.values()), part.name))
    while order:
        first = order.pop(0)
        left = {code: whole.get(code, 0) - first.counts.get(code, 0) for code in parent}
        halves = [first]
        if len(order) == 1 and all(left[code] == order[0].counts.get(code, 0) for code in parent):
            halves.append(order.pop())
        already = set(already).union(*(before.get(half.name, ()) for half in halves))
        already = concealed_together([first.counts, left], parent, already)
        yield from ((half.name, already) for half in halves)
        whole = left


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
