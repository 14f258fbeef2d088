"""From a text to its parts, and from a name with its surroundings to the plan's name."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from gis.location.address import chinese, western
from gis.location.address.areas import Areas, Standing, split_areas
from gis.location.address.names import NOTHING, Match, Names, beside
from gis.location.address.numerals import name_in_digits
from gis.location.address.parts import Parts
from gis.location.address.western import TYPES

_HAN: Final = re.compile("[\u3400-\u9fff]")
_STREET_TYPES: Final = frozenset(TYPES.values())
# What is longer is no address: looking for names in all of a page would take as long as a page of addresses.
_LONGEST_NAME, _MOST_WORDS = 60, 20
_MOST_KEPT: Final = 200_000


@dataclass(frozen=True, slots=True)
class Known:
    """A name as the plan has it, and how what stands beside it agrees with the plan.

    Attributes
    ----------
    match
        The name.
    standing
        Of what stands beside it.
    road
        Key of the road written right before a compound.
    """

    match: Match = NOTHING
    standing: Standing = field(default_factory=Standing)
    road: str = ""


UNKNOWN: Final = Known()


@dataclass(frozen=True)
class Readings:
    """Roads, compounds and areas of a plan; remembers names it has met."""

    streets: Names
    compounds: Names
    areas: Areas
    _met: dict[tuple[bool, str], Known] = field(default_factory=dict, repr=False, compare=False)

    def read(self, text: str) -> tuple[str, Parts]:
        """Return a text in one way of writing, and its parts."""
        if is_chinese(text):
            normal = chinese.normalise(text)
            return normal, chinese.parse(normal, self.is_road)
        normal = western.normalise(text)
        return normal, western.parse(normal)

    def is_road(self, name: str) -> bool:
        """Say whether a name before a number is a road's: by its end, else by the names of the plan."""
        if chinese.looks_like_road(name):
            return True
        road, compound = self.street(name).match, self.compound(name).match
        return bool(road.names) and (not compound.names or road.edits <= compound.edits)

    def street(self, text: str) -> Known:
        """Return the road that a text names."""
        return self._known(text, streets=True)

    def compound(self, text: str) -> Known:
        """Return the compound that a text names."""
        return self._known(text, streets=False)

    def _known(self, text: str, *, streets: bool) -> Known:
        if not text:
            return UNKNOWN
        found = self._met.get((streets, text))
        if found is None:
            if len(self._met) > _MOST_KEPT:
                self._met.clear()
            names = self.streets if streets else self.compounds
            found = self._chinese(text, names) if is_chinese(text) else _western(text, names)
            self._met[streets, text] = found
        return found

    def _chinese(self, text: str, names: Names) -> Known:
        """Find the name at the end of a text; before it may stand areas, and before a compound its road."""
        key = name_in_digits(text)
        rest = split_areas(key)[1]
        if rest in names.shown:
            return Known(Match((rest,), 0, beside(key, rest)), self.areas.judge(beside(key, rest)))
        read = {cut: self._before(beside(key, cut), names) for cut in _ends(key)}
        clean = [cut for cut, (standing, _) in read.items() if not standing.rest]
        exact = next((cut for cut in clean if cut in names.shown), None)
        match = Match((exact,), 0, beside(key, exact)) if exact else names.fuller(key, clean)
        match = match if match.names else names.nearest(key, clean)
        if not match.names:
            exact = next((cut for cut in read if cut in names.shown), None)
            match = Match((exact,), 0, beside(key, exact)) if exact else NOTHING
        return Known(match, *self._before(match.around, names)) if match.names else UNKNOWN

    def _before(self, ahead: str, names: Names) -> tuple[Standing, str]:
        standing = self.areas.judge(ahead)
        if names is self.compounds and standing.rest in self.streets.shown:
            return replace(standing, rest=""), standing.rest
        return standing, ""


def is_chinese(text: str) -> bool:
    """Say whether a text is read by the Chinese grammar."""
    return _HAN.search(text) is not None


def _ends(key: str) -> Iterator[str]:
    """Yield the ends of a text, longest first; no number is cut in two."""
    for at in range(max(0, len(key) - _LONGEST_NAME), len(key)):
        if not (at and key[at - 1].isdigit() and key[at].isdigit()):
            yield key[at:]


def _western(text: str, names: Names) -> Known:
    """Find the name at the beginning of a text; a town may follow."""
    words = text.split()[:_MOST_WORDS]
    heads = [" ".join(words[:end]) for end in range(len(words), 0, -1)]
    typed = [heads[0], *(head for head in heads[1:] if not _STREET_TYPES.isdisjoint(head.split()))]
    exact = next((head for head in typed if head in names.shown), None)
    if exact is None:
        near = names.nearest(text, typed)
        exact = None if near.names else next((head for head in heads if head in names.shown), None)
        if exact is None:
            return Known(near if near.names else names.fuller(text, heads))
    return Known(Match((exact,), 0, beside(text, exact)))
