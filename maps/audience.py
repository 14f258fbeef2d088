"""Who may read a page, and which figures are left out of it for that reason."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from enum import StrEnum

FEWEST, FEWEST_PEOPLE = 11, 10
"""Smallest count that is published: the rule of the French statistical office for households; and the fewest people of
whom anything is told."""

STEP = 5
"""Published counts are multiples of this: what comes or goes between two pages, or between two plans, stays unsaid."""

TOTAL = ""
"""Stands for the whole area: the parent of the top level."""


class Audience(StrEnum):
    """Readers of a page: those who work with the plan, or everybody."""

    INTERNAL = "internal"
    PUBLIC = "public"


def rounded(count: int) -> int:
    """Round a count as it is published.

    Examples
    --------
    >>> [rounded(count) for count in (11, 12, 13, 497)]
    [10, 10, 15, 495]
    """
    return (count + STEP // 2) // STEP * STEP


def concealed(
    counts: Mapping[str, int],
    parent: Mapping[str, str],
    unpublished: Collection[str] = (),
    withheld: Collection[str] = (),
) -> set[str]:
    """Choose the counts to leave out, so that none of the small ones can be worked out from the rest.

    Small counts go first. A parent that shows its sum would give away a lone hidden child, and children that
    are all shown would give away a hidden parent: in such families the next smallest go too, until at least
    two are hidden that add up to no small count, or the sum is hidden as well. In a tree this is enough: an
    equation with two unknowns or more never has a single answer.

    Parameters
    ----------
    counts
        Of every cell of every level.
    parent
        Code of the cell above; `TOTAL` at the top.
    unpublished
        Codes whose counts are in the sums but on no page: taken first where something must be hidden besides.
    withheld
        Codes left out for a reason of their own, however large their counts.

    Returns
    -------
    set of str
        Codes without a published figure; with `TOTAL` where the sum of the area is not published either.
    """
    families: dict[str, list[str]] = defaultdict(list)
    for code in sorted(counts, key=lambda code: (code not in unpublished, counts[code], code)):
        families[parent[code]].append(code)
    hidden = {code for code, count in counts.items() if count < FEWEST or code in withheld}
    while True:
        more = set().union(*(_also(above, family, counts, hidden) for above, family in families.items()))
        if more <= hidden:
            return hidden
        hidden |= more


def _also(above: str, family: list[str], counts: Mapping[str, int], hidden: set[str]) -> set[str]:
    """Return what one family, in the order of hiding, must hide besides; nothing where it is safe."""
    mine = [code for code in family if code in hidden]
    if not mine and above not in hidden:
        return set()
    if len(mine) > 1 and sum(counts[code] for code in mine) >= FEWEST:
        return set()
    shown = next((code for code in family if code not in hidden), None)
    return {above if shown is None else shown}
