"""Which figures of cases the public is not told, so that no small one can be worked out."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping

from api.cases import Figures
from maps.audience import TOTAL, concealed

Count = Callable[[Figures], int]
_REST = " rest"


def withheld(figures: Mapping[str, Figures], parent: Mapping[str, str]) -> dict[str, set[str]]:
    """Choose the cells of which a figure is left out, by the name of the figure.

    Every figure is half of a sum: found is closed and open, closed is on time and late, open is overdue and not. Both
    halves are told or neither; a cell of which a sum is left out has its halves left out too. So whatever can be
    added to a hidden half, in a way that keeps all sums over cells (see `concealed`), can be taken from the other one.

    Parameters
    ----------
    figures
        Of every cell of every level.
    parent
        Code of the cell above; `TOTAL` at the top.
    """
    rests = _rests(figures, parent)
    every = {**figures, **rests}
    above = {**parent, **{rest: rest.removesuffix(_REST) for rest in rests}}

    def hidden(count: Count, *others: Count, already: Collection[str] = ()) -> set[str]:
        parts = [{code: each(figure) for code, figure in every.items()} for each in (count, *others)]
        found = set(already)
        while more := set().union(*(concealed(part, above, rests, found) for part in parts)) - found:
            found |= more
        return found

    found = hidden(lambda of: of.found)
    solved = hidden(lambda of: of.closed, lambda of: of.found - of.closed, already=found)
    timely = hidden(lambda of: of.on_time, lambda of: of.closed - of.on_time, already=solved)
    late = hidden(lambda of: of.overdue, lambda of: of.found - of.closed - of.overdue, already=solved)
    return {"found": found, "closed": solved, "open": solved, "on_time": timely, "overdue": late}


def _rests(figures: Mapping[str, Figures], parent: Mapping[str, str]) -> dict[str, Figures]:
    """Return what cells have more than all below them together: what waits for a floor, or lay in a former cell."""
    below: dict[str, Figures] = defaultdict(Figures)
    for code, above in parent.items():
        if above != TOTAL:
            below[above] = below[above].plus(figures[code])
    rests = {f"{code}{_REST}": figures[code].plus(each, -1) for code, each in below.items()}
    return {code: each for code, each in rests.items() if each != Figures()}
