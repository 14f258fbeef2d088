"""Which of a plan's addresses a text may mean, how certainly, and why."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from gis.location.address.directory import Directory, Entry
from gis.location.address.parts import PLAIN_BLOCK, Parts
from gis.location.address.ranges import houses_between
from gis.location.address.reading import Known, is_chinese

# What a finding leaves of the certainty: below 0.9 as soon as one thing is open that nothing else confirms.
_EXACT = 0.99
_CONFIRMED_SLIP, _SLIP, _MORE_SLIPS, _TELLING_SLIP, _SEVERAL_NAMES, _INCOMPLETE = 0.94, 0.85, 0.7, 0.6, 0.6, 0.8
_IGNORED, _TOWN, _UNREAD, _OTHER_AREA, _NEAR_AREA = 0.88, 0.97, 0.7, 0.7, 0.88
_OTHER_ROAD, _OTHER_KIND, _WITHIN_RANGE, _NO_BLOCKS = 0.6, 0.8, 0.85, 0.7
_NO_SUCH_NUMBER, _NO_NUMBER = 0.2, 0.5


@dataclass(slots=True)
class Finding:
    """Addresses of the plan that fit a text.

    Attributes
    ----------
    entries
        Those whose numbers and names agree.
    around
        Where no number fits: all of the road or compound.
    score, clauses
        Certainty so far, and what explains it.
    communities
        Communities the text names.
    """

    entries: list[Entry] = field(default_factory=list)
    around: list[Entry] = field(default_factory=list)
    score: float = _EXACT
    clauses: list[str] = field(default_factory=list)
    communities: list[str] = field(default_factory=list)

    def weigh(self, factor: float, clause: str) -> None:
        """Lower the certainty and say why."""
        self.score *= factor
        self.clauses.append(clause)


def match(directory: Directory, parts: Parts) -> Finding:
    """Find the addresses that a text in parts may mean."""
    street, compound = directory.readings.street(parts.street), directory.readings.compound(parts.compound)
    finding = Finding()
    if compound.match.names:
        _match_compound(directory, parts, street, compound, finding)
    elif street.match.names:
        _match_street(directory, parts, street, finding)
    else:
        for text in filter(None, (parts.street, parts.compound)):
            standing = directory.readings.areas.judge(text)
            finding.communities += filter(None, [standing.community])
        finding.weigh(0.0, "no road or compound of the plan is named so")
    _weigh_areas(finding, {*street.standing.named, *compound.standing.named})
    for words in parts.loose:
        finding.weigh(_IGNORED, f"“{words}” was ignored")
    town = " ".join(filter(None, [street.match.around if not is_chinese(parts.street) else "", parts.town]))
    if town and street.match.names:
        finding.weigh(_TOWN, f"“{town}” was taken for the town and ignored")
    return finding


def _weigh_areas(finding: Finding, named: set[tuple[str, str]]) -> None:
    """Keep what lies in the district and street office that are written; where nothing does, say so."""
    agreeing = [
        entry
        for entry in finding.entries
        if not any(level == other and name != own for level, name in named for other, own in entry.areas)
    ]
    if finding.entries and not agreeing:
        finding.weigh(_OTHER_AREA, f"it does not lie in {' or '.join(sorted(name for _, name in named))}")
    finding.entries = agreeing or finding.entries


def _match_compound(directory: Directory, parts: Parts, street: Known, compound: Known, finding: Finding) -> None:
    """Take a compound's block; road and number, where they are written, must be the compound's own."""
    shown = directory.readings.compounds.shown
    of_compound = [entry for name in compound.match.names for entry in directory.by_compound[name]]
    blocks = _in_block(directory, parts, compound, finding)
    roads = street.match.names or tuple(filter(None, [compound.road]))
    agreeing = [
        entry
        for entry in blocks
        if (not roads or entry.street in roads) and (not parts.number or entry.number == parts.number)
    ]
    if not blocks:
        finding.around = of_compound
        finding.weigh(_NO_SUCH_NUMBER, f"{_listed(shown, compound)} has no block {parts.block}")
    elif parts.street and not street.match.names:
        finding.entries = agreeing or blocks
        finding.weigh(_OTHER_ROAD, f"no road of the plan is named “{parts.street}”")
    elif agreeing:
        finding.entries = agreeing
    else:
        finding.entries = blocks
        own = f"{directory.readings.streets.shown.get(blocks[0].street, 'no road')} {blocks[0].number}".strip()
        finding.weigh(_OTHER_ROAD, f"{_listed(shown, compound)} is at {own}, not where it is written")
    confirmed = bool(agreeing) and bool(roads) and not (compound.match.edits and street.match.edits)
    _weigh_name(finding, shown, compound, parts.compound, confirmed=confirmed and bool(parts.number))
    if street.match.names:
        _weigh_name(finding, directory.readings.streets.shown, street, parts.street, confirmed=confirmed)


def _in_block(directory: Directory, parts: Parts, compound: Known, finding: Finding) -> list[Entry]:
    """Return the blocks of this number; of several kinds the one that is written."""
    names = compound.match.names
    blocks = [entry for name in names for entry in directory.by_block.get((name, parts.block), ())]
    if not parts.block and not blocks:
        return [entry for name in names for entry in directory.by_compound[name]]
    return _of_kind(blocks, parts.kind, finding)


def _of_kind(blocks: list[Entry], kind: str, finding: Finding) -> list[Entry]:
    if not kind and len({entry.compound for entry in blocks}) > 1:
        return blocks
    same = [entry for entry in blocks if entry.kind == (kind or PLAIN_BLOCK)]
    if same or not blocks:
        return same
    if kind:
        finding.weigh(_OTHER_KIND, f"block {blocks[0].block} is {blocks[0].kind or 'of no kind'}, not {kind}")
    return blocks


def _match_street(directory: Directory, parts: Parts, street: Known, finding: Finding) -> None:
    """Take the house of a number on a road; a compound that is not known is ignored, and said so."""
    shown = directory.readings.streets.shown
    names = street.match.names
    finding.around = [entry for name in names for entry in directory.by_street[name]]
    _weigh_name(finding, shown, street, parts.street, confirmed=False)
    if not parts.number:
        finding.weigh(_NO_NUMBER, f"{_listed(shown, street)} without a number")
        return
    entries = _at_door(directory, names, parts.number)
    if not entries:
        finding.weigh(_NO_SUCH_NUMBER, f"{_listed(shown, street)} has no number {parts.number}")
        return
    if all(entry.within for entry in entries) or parts.number not in {entry.number for entry in entries}:
        finding.weigh(_WITHIN_RANGE, f"number {parts.number} is part of a range")
    if parts.compound:
        finding.weigh(_IGNORED, f"“{parts.compound}” is not known and was ignored")
    finding.entries = _block_at_door(entries, parts, finding)


def _at_door(directory: Directory, names: Iterable[str], number: str) -> list[Entry]:
    for houses in ([number], [] if any(map(is_chinese, names)) else houses_between(number)):
        entries = [entry for name in names for house in houses for entry in directory.by_door.get((name, house), ())]
        if entries:
            return [entry for entry in entries if not entry.within] or entries
    return []


def _block_at_door(entries: list[Entry], parts: Parts, finding: Finding) -> list[Entry]:
    """Of all behind one number, return the block that is asked for; without one what has the number for itself."""
    if not parts.block:
        return [entry for entry in entries if not entry.compound and not entry.block] or entries
    found = _of_kind([entry for entry in entries if entry.block == parts.block], parts.kind, finding)
    if found:
        return found
    if any(entry.block for entry in entries):
        finding.weigh(_NO_SUCH_NUMBER, f"no block {parts.block} stands at number {parts.number}")
        return []
    finding.weigh(_NO_BLOCKS, f"number {parts.number} has no blocks: block {parts.block} was ignored")
    return entries


def _weigh_name(finding: Finding, shown: dict[str, str], known: Known, written: str, *, confirmed: bool) -> None:
    found, standing = known.match, known.standing
    finding.communities += filter(None, [standing.community])
    if found.edits:
        slip = _TELLING_SLIP if found.telling else _SLIP if found.edits == 1 else _MORE_SLIPS
        finding.weigh(_CONFIRMED_SLIP if confirmed else slip, f"“{written}” was read as {_listed(shown, known)}")
    if found.incomplete:
        finding.weigh(_INCOMPLETE, f"“{written}” was taken for {_listed(shown, known)}")
    if len(found.names) > 1 and not confirmed:
        finding.weigh(_SEVERAL_NAMES, "as near to one name as to the other")
    if standing.rest:
        finding.weigh(_UNREAD, f"“{standing.rest}” was not understood")
    for area in standing.strange:
        finding.weigh(_OTHER_AREA, f"{area} is not where the plan lies")
    for area in standing.near:
        finding.weigh(_NEAR_AREA, f"{area} is nearly an area of the plan")


def _listed(shown: dict[str, str], known: Known) -> str:
    return " or ".join(shown[name] for name in known.match.names)
