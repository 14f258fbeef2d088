"""Names of roads and compounds: found as they are, else as the one name that a slip of the pen leads to."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from gis.location.address.numerals import name_in_digits
from gis.location.address.western import DIRECTIONS, LESSER

_NUMBER: Final = re.compile(r"\d+")
_HAN: Final = re.compile("[\u3400-\u9fff]")
_DIRECTIONS: Final = frozenset(DIRECTIONS.values())
# Signs by which true names differ: a slip there is more likely another name.
_TELLING: Final = frozenset("东南西北中前后上下左右新老大小内外第")
# A Chinese sign says about as much as three letters; a name of one sign, or three letters, bears no slip.
_SIGN_WEIGHT, _NO_SLIP_UP_TO, _ONE_SLIP_UP_TO = 3, 3, 12
_TIES = 4


@dataclass(frozen=True, slots=True)
class Match:
    """What a name with its surroundings was found to be.

    Attributes
    ----------
    names
        Keys of the names it may be, all as near as each other; empty where none is near.
    edits
        Slips between what is written and the name.
    around
        What stands beside the name and does not belong to it.
    telling
        The slips are in signs by which names differ.
    incomplete
        Words such as "street" or "north" are missing.
    """

    names: tuple[str, ...] = ()
    edits: int = 0
    around: str = ""
    telling: bool = False
    incomplete: bool = False


NOTHING: Final = Match()


@dataclass(frozen=True)
class Names:
    """Distinct names, ready to be asked; numbers within them must agree, other signs may be slips.

    Attributes
    ----------
    shown
        Key, with numerals in digits → the name as it is written.
    """

    shown: dict[str, str]
    _groups: dict[tuple[str, ...], tuple[list[str], list[str]]]
    _bare: dict[str, tuple[str, ...]] = field(repr=False)
    _families: frozenset[str] = field(repr=False)

    @classmethod
    def of(cls, names: Iterable[str]) -> "Names":
        """Collect the distinct names."""
        shown: dict[str, str] = {}
        for name in names:
            shown.setdefault(name_in_digits(name), name)
        groups: dict[tuple[str, ...], tuple[list[str], list[str]]] = {}
        bare: dict[str, list[str]] = defaultdict(list)
        for key in shown:
            numbers, stem = _taken_apart(key)
            stems, keys = groups.setdefault(numbers, ([], []))
            stems.append(stem)
            keys.append(key)
            bare[_bared(key)].append(key)
        families = frozenset(stem for numbers, (stems, _) in groups.items() if numbers for stem in stems)
        return cls(shown, groups, {key: tuple(of) for key, of in bare.items()}, families)

    def nearest(self, whole: str, cuts: Iterable[str]) -> Match:
        """Return the names nearest to any of several readings of one text; numbers in them agree.

        Examples
        --------
        >>> names = Names.of(["安泰路", "滨河北路", "滨河南路", "车马二十一巷", "车马十一巷"])
        >>> [names.nearest(name, [name]).names for name in ("安秦路", "滨河路", "车妈21巷", "车马31巷")]
        [('安泰路',), ('滨河北路', '滨河南路'), ('车马21巷',), ()]
        """
        near = [found for cut in cuts for found in self._near(cut)]
        if not near:
            return NOTHING
        edits = min(near)[0]
        # Of several readings with as many slips the longest explains most.
        longest = max(len(cut) for slips, _, cut in near if slips == edits)
        best = {key: cut for slips, key, cut in near if slips == edits and len(cut) == longest}
        cut = next(iter(best.values()))
        tells = any(_TELLING & _differing(cut, key) for key in best)
        return Match(tuple(sorted(best)), edits, beside(whole, cut), tells)

    def fuller(self, whole: str, cuts: Iterable[str]) -> Match:
        """Return the names that say a word like "street" or "north" more than is written, or a 小区 more or less.

        Examples
        --------
        >>> names = Names.of(["215 street", "215 place", "north conduit avenue"])
        >>> names.fuller("215", ["215"]).names, names.fuller("conduit avenue", ["conduit avenue"]).names
        (('215 street', '215 place'), ('north conduit avenue',))
        >>> Names.of(["明珠小区"]).fuller("明珠", ["明珠"]).names
        ('明珠小区',)
        """
        for cut in cuts:
            names = tuple(key for key in self._bare.get(_bared(cut), ()) if _says_more(key, cut))
            if names:
                return Match(names, 0, beside(whole, cut), incomplete=True)
        return NOTHING

    def _near(self, cut: str) -> Iterator[tuple[int, str, str]]:
        numbers, stem = _taken_apart(cut)
        if numbers and stem in self._families:
            # Another lane of a numbered family: as near to its sisters as to a stranger of the same number.
            return
        stems, keys = self._groups.get(numbers, ([], []))
        weight = sum(_SIGN_WEIGHT if _HAN.match(sign) else 1 for sign in stem)
        slips = (weight > _NO_SLIP_UP_TO) + (weight > _ONE_SLIP_UP_TO)
        for _, edits, at in process.extract(stem, stems, scorer=OSA.distance, score_cutoff=slips, limit=_TIES):
            yield int(edits), keys[at], cut


def beside(whole: str, part: str) -> str:
    """Return what stands before or after a part of a text."""
    return (whole[: -len(part)] if whole.endswith(part) else whole.removeprefix(part)).strip()


def _taken_apart(key: str) -> tuple[tuple[str, ...], str]:
    """Part the numbers that tell names apart from the rest, in which they keep their places."""
    if _HAN.search(key):
        return tuple(_NUMBER.findall(key)), _NUMBER.sub("#", key)
    words = key.split()
    telling = tuple(word for word in words if word in _DIRECTIONS or word[0].isdigit())
    return telling, " ".join(word for word in words if word not in telling)


def _bared(key: str) -> str:
    if _HAN.search(key):
        return key.removesuffix("小区")
    return " ".join(word for word in key.split() if word not in LESSER) or key


def _says_more(name: str, written: str) -> bool:
    return name != written and (_HAN.search(name) is not None or set(written.split()) < set(name.split()))


def _differing(one: str, other: str) -> set[str]:
    a, b = Counter(one), Counter(other)
    return set((a - b) | (b - a))
