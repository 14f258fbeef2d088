"""Visits and patrols: due, done, missed."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from api.cases import Cell, Rules, Visit, WorkCalendar, duties, kept
from api.cases.visits import VisitTable

RULES = Rules.load()
WORK = WorkCalendar()
GRIDS = [Cell(f"g{n}", "grid") for n in range(3)]
CELLS = [*GRIDS, Cell("c", "community"), Cell("m", "micro", "g0")]


def plan(**said: object) -> VisitTable:
    usual = {"code": "p", "kind": "visit", "zh": "走访", "en": "visits", "role": "leader", "level": "grid"}
    return VisitTable.model_validate(
        {"version": 1, "plans": [usual | {"times": 1, "per": "day", "workdays": True} | said]}
    )


def test_daily_visits_rest_on_holidays_and_patrols_do_not() -> None:
    due = duties(RULES.visits, CELLS, date(2026, 2, 9), date(2026, 2, 28), WORK)
    visits = [duty for duty in due if duty.plan == "daily-visit"]
    patrols = [duty for duty in due if duty.plan == "daily-patrol"]
    assert len(visits) == 3 * 11  # 9 to 14 February, 24 to 28
    assert len(patrols) == 3 * 20
    weeks = [(duty.first, duty.last) for duty in due if duty.plan == "weekly-desk"]
    assert weeks == [(date(2026, 2, 9), date(2026, 2, 15))]  # the next is all holiday, the last ends in March


def test_a_month_and_several_times() -> None:
    due = duties(plan(per="month", times=4), GRIDS[:1], date(2026, 2, 10), date(2026, 4, 29), WORK)
    assert [(duty.first, duty.last, duty.times) for duty in due] == [
        (date(2026, 2, 1), date(2026, 2, 28), 4),
        (date(2026, 3, 1), date(2026, 3, 31), 4),
    ]


def test_done_open_and_missed() -> None:
    due = duties(plan(), GRIDS, date(2026, 3, 2), date(2026, 3, 3), WORK)
    visits = [
        Visit("p", "g0", date(2026, 3, 2)),
        Visit("p", "g0", date(2026, 3, 3)),
        Visit("other", "g1", date(2026, 3, 2)),
    ]
    standing = {(each.duty.cell, each.duty.first.day): each.standing for each in kept(due, visits, date(2026, 3, 3))}
    assert standing == {
        ("g0", 2): "done",
        ("g0", 3): "done",
        ("g1", 2): "missed",
        ("g1", 3): "open",
        ("g2", 2): "missed",
        ("g2", 3): "open",
    }


def test_twice_a_day_is_done_by_two() -> None:
    due = duties(plan(times=2), GRIDS[:1], date(2026, 3, 2), date(2026, 3, 2), WORK)
    once = [Visit("p", "g0", date(2026, 3, 2))]
    assert [each.standing for each in kept(due, once, date(2026, 3, 4))] == ["missed"]
    assert [each.standing for each in kept(due, once * 2, date(2026, 3, 4))] == ["done"]


def test_a_county_of_30523_visits() -> None:
    cells = [Cell(f"g{n}", "grid") for n in range(1069)]
    due = duties(plan(), cells, date(2025, 3, 3), date(2025, 4, 11), WORK)  # 29 working days
    made = [Visit("p", duty.cell, duty.first) for duty in due][:30_523]
    figures = [each.standing for each in kept(due, made, date(2025, 4, 12))]
    assert len(due) == 31_001
    assert (figures.count("done"), figures.count("missed"), figures.count("open")) == (30_523, 478, 0)


@given(
    st.dates(date(2025, 1, 1), date(2026, 6, 1)),
    st.integers(0, 40),
    st.integers(0, 40),
    st.sampled_from(["day", "week", "month"]),
)
def test_periods_that_follow_each_other_share_no_duty_and_lose_none(first: date, one: int, two: int, per: str) -> None:
    table, middle = plan(per=per), first + timedelta(days=one)
    last = middle + timedelta(days=two)
    parts = duties(table, GRIDS, first, middle, WORK) + duties(table, GRIDS, middle + timedelta(days=1), last, WORK)
    assert sorted(parts) == list(duties(table, GRIDS, first, last, WORK))
