"""What stands before a road or compound: country, province, city, district, street office, community."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from rapidfuzz.distance import OSA

_NOT_ROAD: Final = "路街巷道"
_AREA: Final = re.compile(
    r"(?:\d{3,6}(?!\d))?(?:中华人民共和国|中国)?"
    rf"(?P<province>[^{_NOT_ROAD}省市区县\d]{{2,8}}(?:省|自治区|特别行政区))?"
    rf"(?P<city>[^{_NOT_ROAD}省市区县\d]{{2,7}}(?:自治州|市(?![场路街巷道]|胡同)))?"
    rf"(?P<district>[^{_NOT_ROAD}市区县\d]{{1,6}}(?:(?<![小园社校片])区(?![{_NOT_ROAD}])|县|旗|市(?![场路街巷道]|胡同)))?"
    rf"(?P<office>[^{_NOT_ROAD}区县\d]{{1,6}}(?:街道办事处|街道|[镇乡](?![{_NOT_ROAD}])))?"
    rf"(?P<community>[^{_NOT_ROAD}\d]{{1,8}}社区)?(?:居委会)?"
    rf"(?:(?:[^{_NOT_ROAD}\d]{{1,5}}里)?\d+邻)?"
)
_VILLAGE: Final = re.compile(rf"[^{_NOT_ROAD}\d]{{2,4}}[里村](?:\d+组)?")
_CHECKED: Final = ("district", "office", "community")
_SHORTEST: Final = 3


@dataclass(frozen=True)
class Standing:
    """How what stands before a name agrees with the plan.

    Attributes
    ----------
    rest
        Signs that name no area.
    strange
        Areas that are none of the plan's; `near` those that are but for one sign.
    named
        Level and name of those that the plan has.
    community
        The community named, if it is one of the plan's.
    """

    rest: str = ""
    strange: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    named: tuple[tuple[str, str], ...] = ()
    community: str = ""


@dataclass(frozen=True)
class Areas:
    """Names of districts, street offices and communities that a plan's addresses and cells have."""

    known: dict[str, frozenset[str]]

    @classmethod
    def of(cls, prefixes: Iterable[str], communities: Iterable[str]) -> "Areas":
        """Collect the names from what stands before the roads, and from the plan's own cells."""
        found: dict[str, set[str]] = {level: set() for level in _CHECKED}
        for prefix in prefixes:
            for level, name in levels_of(prefix).items():
                found[level].add(name)
        found["community"].update(communities)
        return cls({level: frozenset(names) for level, names in found.items()})

    def judge(self, prefix: str) -> Standing:
        """Compare what stands before a name with the plan.

        Examples
        --------
        >>> areas = Areas.of(["明河区西柳街道"], ["西苑社区"])
        >>> areas.judge("中国河北省石家庄市明河区西柳街道").named
        (('district', '明河区'), ('office', '西柳街道'))
        >>> areas.judge("河东区西苑社区"), areas.judge("我住在").rest
        (Standing(rest='', strange=('河东区',), near=(), named=(), community='西苑社区'), '我住在')
        """
        prefix, community = self._without_community(prefix)
        rest = split_areas(prefix)[1]
        strange: list[str] = []
        near: list[str] = []
        named = levels_of(prefix)
        for level, name in named.items():
            known = self.known[level]
            if known and name not in known:
                (near if any(_alike(name, other) for other in known) else strange).append(name)
        if _VILLAGE.fullmatch(rest) or any(_alike(rest, name) for names in self.known.values() for name in names):
            rest, near = "", [*near, rest]
        agreed = tuple((level, name) for level, name in named.items() if name in self.known[level])
        return Standing(rest, tuple(strange), tuple(near), agreed, community)

    def _without_community(self, prefix: str) -> tuple[str, str]:
        # Of 苑社区, 西苑社区 and 翠柳苑社区 the longest that fits is meant.
        name = max(filter(prefix.endswith, self.known["community"]), key=len, default="")
        return prefix.removesuffix(name), name


def split_areas(text: str) -> tuple[str, str]:
    """Part what names areas from what follows.

    Examples
    --------
    >>> split_areas("河北省石家庄市明河区西柳街道安泰路"), split_areas("西柳街道西苑大街"), split_areas("菜市胡同")
    (('河北省石家庄市明河区西柳街道', '安泰路'), ('西柳街道', '西苑大街'), ('', '菜市胡同'))
    >>> split_areas("104台北市中山区康乐里2邻中山北路2段27巷")
    ('104台北市中山区康乐里2邻', '中山北路2段27巷')
    """
    end = _AREA.match(text).end()  # type: ignore[union-attr]  # all of it is optional
    return text[:end], text[end:]


def levels_of(prefix: str) -> dict[str, str]:
    """Return district, street office and community that stand before a name.

    Examples
    --------
    >>> levels_of("河北省明河区西柳街道办事处")
    {'district': '明河区', 'office': '西柳街道'}
    """
    found = _AREA.match(prefix)
    named = found.groupdict() if found else {}
    return {level: named[level].replace("办事处", "") for level in _CHECKED if named.get(level)}


def _alike(one: str, other: str) -> bool:
    return len(other) >= _SHORTEST and OSA.distance(one, other, score_cutoff=1) <= 1
