"""Working time: due dates over two years worked out by hand, and what holds for all."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from api.cases import WorkCalendar
from api.cases.calendar import MOST, Unit

SHANGHAI = ZoneInfo("Asia/Shanghai")
WORK = WorkCalendar()
DUE = [
    # New Year of 2025; Spring Festival 28 January to 4 February, worked on Sunday 26 January and Saturday 8 February
    ("2024-12-31 10:00", 1, "working_days", "2025-01-02 17:00"),
    ("2025-01-01 12:00", 1, "working_days", "2025-01-02 17:00"),
    ("2025-01-24 10:00", 1, "working_days", "2025-01-26 17:00"),
    ("2025-01-25 10:00", 1, "working_days", "2025-01-26 17:00"),
    ("2025-01-27 16:00", 1, "working_days", "2025-02-05 17:00"),
    ("2025-01-27 20:00", 1, "working_days", "2025-02-05 17:00"),
    ("2025-01-27 16:00", 4, "working_days", "2025-02-08 17:00"),
    ("2025-01-30 09:00", 5, "working_days", "2025-02-10 17:00"),
    ("2025-01-27 16:00", 2, "working_hours", "2025-02-05 10:00"),
    ("2025-02-08 11:00", 3, "working_hours", "2025-02-08 15:00"),
    # Tomb-sweeping, Labour Day (worked on Sunday 27 April), Dragon Boat
    ("2025-04-03 18:00", 1, "working_days", "2025-04-07 17:00"),
    ("2025-04-25 10:00", 2, "working_days", "2025-04-28 17:00"),
    ("2025-04-30 09:30", 1, "working_days", "2025-05-06 17:00"),
    ("2025-05-30 10:00", 1, "working_days", "2025-06-03 17:00"),
    ("2025-06-20 16:30", 0.5, "working_hours", "2025-06-20 17:00"),
    ("2025-06-20 16:30", 0.75, "working_hours", "2025-06-23 09:15"),
    # National Day of 2025: 1 to 8 October, worked on Sunday 28 September and Saturday 11 October
    ("2025-09-26 17:00", 1, "working_days", "2025-09-28 17:00"),
    ("2025-09-30 12:30", 4, "working_hours", "2025-09-30 17:00"),
    ("2025-09-30 12:30", 4.5, "working_hours", "2025-10-09 09:30"),
    ("2025-09-30 10:00", 3, "working_days", "2025-10-11 17:00"),
    ("2025-10-03 10:00", 1, "working_hours", "2025-10-09 10:00"),
    ("2025-10-10 20:00", 2, "working_days", "2025-10-13 17:00"),
    # New Year of 2026 (worked on Sunday 4 January); Spring Festival 15 to 23 February, worked on the 14th and the 28th
    ("2025-12-31 10:00", 1, "working_days", "2026-01-04 17:00"),
    ("2025-12-31 23:30", 1, "hours", "2026-01-01 00:30"),
    ("2026-02-13 10:00", 1, "working_days", "2026-02-14 17:00"),
    ("2026-02-14 10:00", 0, "working_days", "2026-02-14 17:00"),
    ("2026-02-14 17:00", 0, "working_days", "2026-02-14 17:00"),
    ("2026-02-14 18:00", 0, "working_days", "2026-02-24 17:00"),
    ("2026-02-14 10:00", 1, "working_days", "2026-02-24 17:00"),
    ("2026-02-18 10:00", 5, "working_days", "2026-02-28 17:00"),
    ("2026-02-14 16:00", 7, "working_hours", "2026-02-24 16:00"),
    # The rest of 2026; worked on 9 May, 20 September and 10 October
    ("2026-04-03 10:00", 1, "working_days", "2026-04-07 17:00"),
    ("2026-04-30 10:00", 4, "working_days", "2026-05-09 17:00"),
    ("2026-06-18 10:00", 1, "working_days", "2026-06-22 17:00"),
    ("2026-09-18 10:00", 1, "working_days", "2026-09-20 17:00"),
    ("2026-09-24 10:00", 1, "working_days", "2026-09-28 17:00"),
    ("2026-09-30 10:00", 3, "working_days", "2026-10-10 17:00"),
    ("2026-12-31 10:00", 1, "working_days", "2027-01-01 17:00"),  # a guess: no holidays are known of 2027
    # Days are counted through holidays, and end at 24:00
    ("2026-02-14 23:50", 0, "days", "2026-02-15 00:00"),
    ("2026-02-14 00:00", 0, "days", "2026-02-15 00:00"),
    ("2026-02-14 10:00", 3, "days", "2026-02-18 00:00"),
    ("2026-02-14 10:00", 7, "days", "2026-02-22 00:00"),
    ("2026-01-31 10:00", 30, "days", "2026-03-03 00:00"),
    ("2026-03-02 10:00", 0, "working_hours", "2026-03-02 10:00"),
]
UNITS: list[Unit] = ["hours", "working_hours", "days", "working_days"]
instants = st.timedeltas(timedelta(), timedelta(days=820)).map(lambda since: datetime(2024, 12, 1, tzinfo=UTC) + since)
spans = st.sampled_from(UNITS).flatmap(
    lambda unit: st.tuples(
        st.integers(0, 40) if unit.endswith("days") else st.integers(0, 400).map(lambda n: n / 4), st.just(unit)
    )
)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(("start", "amount", "unit", "due"), DUE)
def test_due_dates_worked_out_by_hand(start: str, amount: float, unit: Unit, due: str) -> None:
    assert WORK.add(local(start), amount, unit) == local(due)


@pytest.mark.parametrize(("year", "days"), [(2025, 248), (2026, 248)])
def test_a_year_has_its_working_days(year: int, days: int) -> None:
    first = date(year, 1, 1)
    assert sum(WORK.works(first + timedelta(days=n)) for n in range(365)) == days


def test_the_day_is_that_of_the_city() -> None:
    late = datetime(2026, 3, 2, 16, 30, tzinfo=UTC)  # half past midnight of the third there
    assert WORK.add(late, 0, "days") == local("2026-03-04 00:00")


def test_beyond_the_known_years_weekends_are_free() -> None:
    assert [WORK.works(date(2041, 3, day)) for day in (1, 2, 3, 4)] == [True, False, False, True]


def test_a_city_has_days_and_hours_of_its_own() -> None:
    own = WorkCalendar.model_validate(
        {"hours": [["08:30", "11:30"]], "off": ["2026-03-03"], "on": ["2026-03-07"], "version": 3}
    )
    assert own.add(local("2026-03-02 12:00"), 1, "working_days") == local("2026-03-04 11:30")
    assert own.add(local("2026-03-06 11:00"), 1, "working_hours") == local("2026-03-07 09:00")


def test_clocks_that_are_put_back_do_not_shift_hours() -> None:
    berlin = WorkCalendar.model_validate({"zone": "Europe/Berlin", "hours": [["01:00", "04:00"]], "on": ["2025-10-26"]})
    start = datetime(2025, 10, 25, 22, 30, tzinfo=UTC)
    assert berlin.add(start, 4, "working_hours") == datetime(2025, 10, 26, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"hours": []}, "hours"),
        ({"hours": [["12:00", "09:00"]]}, "hours"),
        ({"hours": [["09:00", "12:00"], ["11:00", "17:00"]]}, "hours"),
        ({"zone": "Asia/Peking"}, "zone 'Asia/Peking'"),
        ({"zone": "../etc"}, "zone"),
        ({"on": ["2026-03-07"], "off": ["2026-03-07"]}, "2026-03-07 is both"),
    ],
)
def test_calendars_that_cannot_be(said: dict[str, object], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        WorkCalendar.model_validate(said)


@pytest.mark.parametrize(
    ("amount", "unit"), [(-1, "hours"), (1.5, "working_days"), (float("nan"), "hours"), (MOST + 1, "days")]
)
def test_amounts_that_cannot_be_counted(amount: float, unit: Unit) -> None:
    with pytest.raises(ValueError, match=r"give a number|days are whole"):
        WORK.add(local("2026-03-02 10:00"), amount, unit)


@pytest.mark.parametrize("unit", UNITS)
def test_instants_without_a_zone_are_refused(unit: Unit) -> None:
    naive = local("2026-03-02 10:00").replace(tzinfo=None)
    with pytest.raises(ValueError, match="has no time zone"):
        WORK.add(naive, 1, unit)
    with pytest.raises(ValueError, match="has no time zone"):
        WORK.elapsed(naive, naive, unit)


@given(instants, spans, st.integers(0, 20))
def test_more_is_never_sooner(start: datetime, span: tuple[float, Unit], more: int) -> None:
    amount, unit = span
    assert start <= WORK.add(start, amount, unit) <= WORK.add(start, amount + more, unit)


@given(instants, st.timedeltas(timedelta(), timedelta(days=20)), spans)
def test_later_is_never_sooner(start: datetime, later: timedelta, span: tuple[float, Unit]) -> None:
    assert WORK.add(start, *span) <= WORK.add(start + later, *span)


@given(instants, spans)
def test_what_is_added_has_elapsed(start: datetime, span: tuple[float, Unit]) -> None:
    amount, unit = span
    if unit != "working_days" or amount:
        assert WORK.elapsed(start, WORK.add(start, amount, unit), unit) == pytest.approx(amount, abs=1e-9)


def test_an_end_at_midnight_belongs_to_the_day_before() -> None:
    due, paused, resumed = local("2026-03-07 00:00"), local("2026-03-02 10:00"), local("2026-03-03 10:00")
    assert WORK.prolong(due, paused, resumed, "working_days") == local("2026-03-09 17:00")
    assert WORK.prolong(local("2026-03-05 00:00"), paused, resumed, "working_days") == local("2026-03-05 17:00")


@given(instants, spans, st.timedeltas(timedelta(), timedelta(days=9)), st.timedeltas(timedelta(), timedelta(days=9)))
def test_a_pause_gives_back_what_it_took(
    start: datetime, span: tuple[float, Unit], before: timedelta, long: timedelta
) -> None:
    unit = span[1]
    due, paused, resumed = WORK.add(start, *span), start + before, start + before + long
    moved = WORK.prolong(due, paused, resumed, unit)
    taken = WORK.elapsed(paused, resumed, unit)
    assert moved >= due
    if unit == "hours":
        assert moved - due == long
    elif unit == "days":
        assert moved - due == timedelta(days=taken)
    else:
        assert WORK.elapsed(due, moved, unit) == pytest.approx(taken, abs=1e-9)
