"""Figures as the places publish them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from lives import ACTORS, CHAINS, LEAF, START, STREET, TERRITORY, action, opened

from api.cases import Action, Case, Event, Figures, Rules, Tally, apply
from api.cases.functional import FunctionalGrids

RULES = Rules.load()
Step = tuple[Event, Case | None, Case]
CLOSING = ["verify", "dispatch", "accept", "finish", "feed_back", "close"]
TO_COUNTY = ["verify", "dispatch", "accept", *["escalate"] * 4]


def life(case_id: str, names: list[str], step: timedelta = timedelta(hours=1), rating: str = "good") -> Iterator[Step]:
    """Lead a case on, and say what it was before each step."""
    case, event = opened(RULES, START, case_id=case_id)
    yield event, None, case
    for number, name in enumerate(names, start=1):
        before = case
        case, event = _next(case, name, START + number * step, rating)
        yield event, before, case


def _next(case: Case, name: str, at: datetime, rating: str) -> tuple[Case, Event]:
    if name == "escalate":
        up = RULES.dispatch.above(case.holder, TERRITORY).action("escalate", "beyond_powers")
        return apply(case, up, ACTORS["staff"], at, RULES)
    role = next(w.roles[0] for w in RULES.states.transitions if w.action == name and case.state in w.of)
    if name == "feed_back":
        return apply(case, Action(name, rating=rating), ACTORS[role], at, RULES)
    return apply(case, action(name, case.state, role, RULES), ACTORS[role], at, RULES)


def counted(*lives: Iterator[Step]) -> Tally:
    tally = Tally(CHAINS)
    for each in lives:
        for event, before, after in each:
            tally = tally.plus(event, before, after)
    return tally


def test_a_street_of_465_problems() -> None:
    closed = [life(f"closed-{n}", CLOSING) for n in range(460)]
    handed_up = [life(f"up-{n}", TO_COUNTY) for n in range(5)]
    tally = counted(*closed, *handed_up)
    street = tally.figures[STREET]
    assert (street.found, street.closed, street.handed_up) == (465, 460, 5)
    assert (tally.figures["C"].found, tally.figures["C"].handed_up) == (465, 0)
    assert street.on_time == 460
    assert tally.points == {"resident-7": 465}


def test_handed_up_is_seen_from_each_level() -> None:
    tally = counted(life("case-1", [*TO_COUNTY[:3], "escalate", "escalate"]))
    seen = {code: tally.figures[code].handed_up for code in CHAINS[LEAF]}
    assert seen == {LEAF: 1, "S-01-001": 1, "S-01": 0, "S": 0, "C": 0}


def test_what_the_county_closes_is_closed_everywhere() -> None:
    tally = counted(life("case-1", [*TO_COUNTY, "accept", "finish", "feed_back", "close"]))
    assert {(each.closed, each.handed_up) for each in tally.figures.values()} == {(1, 0)}


def test_satisfaction_is_the_share_of_good_and_fair() -> None:
    ratings = ["good"] * 20 + ["fair"] * 3 + ["poor"] * 5
    tally = counted(*(life(f"case-{n}", CLOSING, rating=rating) for n, rating in enumerate(ratings)))
    assert tally.figures[STREET].satisfaction == pytest.approx(0.821, abs=5e-4)
    assert Figures().satisfaction is None


def test_median_of_the_hours() -> None:
    quick, usual, slow = timedelta(minutes=10), timedelta(hours=1), timedelta(hours=4)
    for steps, hours in [((quick, usual, slow), 6), ((quick, usual), 3.5), ((slow,), 24), ((), None)]:
        figures = counted(*(life(f"case-{n}", CLOSING, step) for n, step in enumerate(steps))).figures
        assert figures.get(LEAF, Figures()).median_hours == hours


def test_the_time_a_reporter_was_waited_for_is_nobody_s() -> None:
    asked = ["verify", "ask", "answer", *CLOSING[1:]]
    assert counted(life("case-1", asked)).figures[LEAF].median_hours == 7


def test_rejected_and_merged_reports_are_not_found() -> None:
    tally = counted(life("case-1", ["reject"]), life("case-2", ["verify", "merge"]), life("case-3", ["merge", "close"]))
    assert tally.figures == {}
    assert tally.points == {"resident-7": 1}


def test_late_is_closed_but_not_on_time() -> None:
    figures = counted(life("case-1", CLOSING, timedelta(days=10))).figures[LEAF]
    assert (figures.closed, figures.on_time) == (1, 0)


@pytest.mark.parametrize(("told", "counts"), [("early", (1, 0)), ("overdue", (0, 1))])
def test_what_the_clock_told_is_counted_until_the_next_step(told: str, counts: tuple[int, int]) -> None:
    case, event = opened(RULES)
    tally = Tally(CHAINS).plus(event, None, case)
    for deed, role, expected in [
        (Action("warn", reason=told), "system", counts),
        (Action("verify"), "staff", (0, 0)),
    ]:
        before = case
        case, event = apply(case, deed, ACTORS[role], START, RULES)
        tally = tally.plus(event, before, case)
        assert (tally.figures[STREET].warned, tally.figures[STREET].overdue) == expected


def test_returns_are_counted_by_reason() -> None:
    tally = counted(life("case-1", ["verify", "dispatch", "return", "dispatch", "return"]))
    assert tally.figures[STREET].returned == {"wrong_grid": 2}


def test_a_cell_that_the_plan_no_longer_has_counts_for_itself() -> None:
    case, event = opened(RULES, cell="old")
    assert Tally(CHAINS).plus(event, None, case).figures == {"old": Figures(found=1)}


def test_functional_grids_have_figures_too() -> None:
    grid = {"code": "schools", "kind": "functional", "name": "学校", "unit": "education", "organisations": ["org-1"]}
    grids = FunctionalGrids.model_validate({"version": 1, "grids": [grid]})
    case, event = opened(replace(RULES, functional=grids), organisation="org-1")
    assert case.grids == event.grids == ("schools",)
    assert Tally(CHAINS).plus(event, None, case).figures["schools"] == Figures(found=1)
