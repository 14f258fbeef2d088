"""Figures of cases per cell, refreshed with every event and summed up the levels."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice, repeat
from typing import TypeVar

from api.cases.case import Case
from api.cases.event import Event

Chains = Mapping[str, Sequence[str]]
Key = TypeVar("Key", int, str)


@dataclass(frozen=True)
class Figures:
    """Of one cell with all below it, or of one functional grid.

    Attributes
    ----------
    found
        Reports, without those rejected or merged into others.
    closed, on_time
        Of those found: closed; closed before the end of their time.
    handed_up
        Open ones that lie with a cell above this one.
    warned, overdue
        Open ones of whose clocks an early warning, or their end, was told.
    good, fair, poor
        Ratings.
    minutes
        How many cases took how many minutes from report to closing, without the time the reporter was waited for.
    returned
        How often reports were returned, by reason: what the drawing of the grids is judged by.
    """

    found: int = 0
    closed: int = 0
    on_time: int = 0
    handed_up: int = 0
    warned: int = 0
    overdue: int = 0
    good: int = 0
    fair: int = 0
    poor: int = 0
    minutes: Mapping[int, int] = field(default_factory=dict)
    returned: Mapping[str, int] = field(default_factory=dict)

    @property
    def satisfaction(self) -> float | None:
        """Share of good and fair ratings of all."""
        rated = self.good + self.fair + self.poor
        return (self.good + self.fair) / rated if rated else None

    @property
    def median_hours(self) -> float | None:
        """Median time from report to closing; of an even number the mean of the middle two."""
        total = sum(self.minutes.values())
        if not total:
            return None
        middle = (_nth(self.minutes, (total - 1) // 2) + _nth(self.minutes, total // 2)) / 2
        return middle / 60

    def plus(self, other: "Figures", sign: int = 1) -> "Figures":
        """Add figures, or take them away."""
        return Figures(
            **{name: getattr(self, name) + sign * getattr(other, name) for name in COUNTS},
            minutes=_summed(self.minutes, other.minutes, sign),
            returned=_summed(self.returned, other.returned, sign),
        )


COUNTS = ("found", "closed", "on_time", "handed_up", "warned", "overdue", "good", "fair", "poor")


@dataclass(frozen=True)
class Tally:
    """Figures by code of cell or functional grid, and points by code of reporter.

    Attributes
    ----------
    chains
        Of every cell, the codes from itself up to the top; a cell that is not there counts for itself.
    figures
        As of all events so far.
    points
        Verified reports of each reporter.
    """

    chains: Chains = field(default_factory=dict)
    figures: Mapping[str, Figures] = field(default_factory=dict)
    points: Mapping[str, int] = field(default_factory=dict)

    def plus(self, event: Event, before: Case | None, after: Case) -> "Tally":
        """Return the figures after an event that led a case from one form to another; None before its report."""
        figures = dict(self.figures)
        if before is not None:
            _add_case(figures, before, self.chains, -1)
        _add_case(figures, after, self.chains, 1)
        _add_event(figures, event, self.chains)
        return Tally(self.chains, _told(figures), _summed(self.points, _point(event, after)))

    @classmethod
    def of(cls, cases: Iterable[Case], events: Iterable[Event], chains: Chains) -> "Tally":
        """Count everything anew."""
        by_id = {case.id: case for case in cases}
        figures: dict[str, Figures] = {}
        points: Mapping[str, int] = {}
        for case in by_id.values():
            _add_case(figures, case, chains, 1)
        for event in events:
            _add_event(figures, event, chains)
            points = _summed(points, _point(event, by_id[event.case_id]))
        return cls(chains, _told(figures), points)


def _told(figures: Mapping[str, Figures]) -> dict[str, Figures]:
    """Leave out places of which there is nothing to tell."""
    return {code: each for code, each in figures.items() if each != Figures()}


def _point(event: Event, case: Case) -> dict[str, int]:
    """Return the point that an event earns the reporter: the report has proved true."""
    return {case.reporter: 1} if event.action == "verify" and case.reporter is not None else {}


def _add_event(figures: dict[str, Figures], event: Event, chains: Chains) -> None:
    """Count a return wherever the case lay."""
    if event.action == "return" and event.reason is not None:
        for code in (*chains.get(event.cell_to, (event.cell_to,)), *event.grids):
            figures[code] = figures.get(code, Figures()).plus(Figures(returned={event.reason: 1}))


def _add_case(figures: dict[str, Figures], case: Case, chains: Chains, sign: int) -> None:
    """Count a case everywhere it belongs: at its cell, all above it, and its functional grids."""
    codes = tuple(chains.get(case.cell, (case.cell,)))
    level = codes.index(case.holder) if case.holder in codes else 0
    for at, code in enumerate((*codes, *case.grids)):
        figures[code] = figures.get(code, Figures()).plus(_of_case(case, handed_up=at < level), sign)


def _of_case(case: Case, *, handed_up: bool) -> Figures:
    """Return what one case adds to the figures."""
    if case.state == "rejected" or case.merged_into is not None:
        return Figures()
    closed = case.closed_at is not None
    is_open = case.clock != "stopped"
    took = 0.0 if case.closed_at is None else (case.closed_at - case.received_at).total_seconds() - case.paused_s
    return Figures(
        found=1,
        closed=int(closed),
        on_time=int(case.on_time is True),
        handed_up=int(handed_up and is_open),
        warned=int(is_open and case.warned == "early"),
        overdue=int(is_open and case.warned == "overdue"),
        good=int(case.satisfaction == "good"),
        fair=int(case.satisfaction == "fair"),
        poor=int(case.satisfaction == "poor"),
        minutes={round(took / 60): 1} if closed else {},
    )


def _summed(first: Mapping[Key, int], second: Mapping[Key, int], sign: int = 1) -> Mapping[Key, int]:
    """Add counts by key, or take them away; what comes to nothing is left out."""
    if not second:
        return first
    total = dict(first)
    for key, count in second.items():
        total[key] = total.get(key, 0) + sign * count
    return {key: count for key, count in total.items() if count}


def _nth(counts: Mapping[int, int], number: int) -> int:
    """Return the n-th smallest of values given with their counts."""
    return next(islice(chain.from_iterable(repeat(value, counts[value]) for value in sorted(counts)), number, None))
