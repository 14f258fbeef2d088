"""Both clocks of a case: limits per state and for the whole, pauses, warnings, plans, and 13710 from end to end."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from lives import ACTORS, START, brought, led, opened

from api.cases import Action, BadAction, BadTable, Case, Rules, WrongState, alarm, apply
from api.cases.deadlines import Alert
from api.cases.triage import Colour

SHANGHAI = ZoneInfo("Asia/Shanghai")
USUAL = Rules.load()
PROMISED = Rules.load(profile="13710")


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def lead(case: Case, rules: Rules, *steps: tuple[str, str]) -> Case:
    for at, name in steps:
        case = led(case, name, local(at), rules)
    return case


@pytest.mark.parametrize(
    ("category", "grade", "at", "verify", "whole", "colour"),
    [
        ("component-03", "ordinary", "2026-03-02 10:00", "2026-03-02 12:00", "2026-03-30 17:00", "red"),
        ("component-03", "ordinary", "2026-02-14 16:30", "2026-02-24 10:30", "2026-03-20 17:00", "red"),
        ("event-4", "urgent", "2026-02-17 03:00", "2026-02-17 03:30", "2026-02-21 00:00", "orange"),
        ("event-3", "hard", "2026-03-02 10:00", "2026-03-02 12:00", "2026-04-14 17:00", "yellow"),
    ],
)
def test_limits_by_category_and_grade(category: str, grade: str, at: str, verify: str, whole: str, colour: str) -> None:
    case = opened(USUAL, local(at), category=category, grade=grade)[0]
    assert (case.state_due, case.case_due, case.colour) == (local(verify), local(whole), colour)


def test_each_state_has_its_clock() -> None:
    case = opened(USUAL, local("2026-03-02 10:00"))[0]
    dues = [case.state_due]
    for at, name in [
        ("2026-03-02 11:00", "verify"),
        ("2026-03-02 11:30", "dispatch"),
        ("2026-03-02 14:00", "accept"),
        ("2026-03-03 09:00", "progress"),
        ("2026-03-04 09:00", "finish"),
        ("2026-03-05 09:00", "feed_back"),
        ("2026-03-06 09:00", "close"),
    ]:
        case = led(case, name, local(at), USUAL)
        dues.append(case.state_due)
    assert dues == [
        local("2026-03-02 12:00"),
        local("2026-03-02 14:00"),  # two working hours around noon
        local("2026-03-02 16:30"),
        local("2026-03-05 17:00"),  # handled: three working days, by its colour
        local("2026-03-05 17:00"),  # a word of progress does not begin the clock again
        local("2026-03-06 17:00"),
        local("2026-03-10 17:00"),
        None,
    ]
    assert (case.case_due, case.on_time, case.closed_at) == (None, True, local("2026-03-06 09:00"))


def test_time_to_handle_follows_the_colour_up() -> None:
    case = brought("accepted", USUAL)
    case = led(case, "escalate", local("2026-03-03 09:00"), USUAL, reason="beyond_powers")
    case = led(case, "accept", local("2026-03-03 10:00"), USUAL)
    assert (case.colour, case.state_due) == ("orange", local("2026-03-12 17:00"))


def test_who_gets_it_next_has_the_whole_time_to_accept() -> None:
    case = lead(opened(USUAL)[0], USUAL, ("2026-03-02 10:00", "verify"), ("2026-03-02 11:00", "dispatch"))
    assert case.state_due == local("2026-03-02 16:00")
    case = led(case, "hand_over", local("2026-03-02 15:00"), USUAL)
    assert (case.state_since, case.state_due) == (local("2026-03-02 15:00"), local("2026-03-03 11:00"))


def test_a_corrected_matter_has_the_time_of_what_it_is() -> None:
    case = led(opened(USUAL)[0], "verify", local("2026-03-02 10:05"), USUAL, category="event-4")
    assert (case.state_due, case.case_due) == (local("2026-03-02 10:35"), local("2026-03-06 00:00"))


@pytest.mark.parametrize(
    ("colour", "level", "raised"),
    [
        ("red", "grid", "red"),
        ("red", "street", "orange"),
        ("red", "county", "yellow"),
        ("yellow", "street", "yellow"),
        ("red", "ward", "orange"),
        ("yellow", "ward", "yellow"),
    ],
)
def test_colours_rise_and_never_sink(colour: Colour, level: str, raised: Colour) -> None:
    assert USUAL.triage.raised(colour, level) == raised


def test_waiting_for_the_reporter_stops_both_clocks() -> None:
    case = lead(
        opened(USUAL, local("2026-03-02 09:00"))[0],
        USUAL,
        ("2026-03-02 09:30", "verify"),
        ("2026-03-02 10:00", "dispatch"),  # to accept within four working hours: until 15:00
        ("2026-03-02 14:00", "ask"),
    )
    assert (case.clock, case.state_due, case.case_due) == ("paused", local("2026-03-10 00:00"), None)
    case = led(case, "answer", local("2026-03-04 11:30"), USUAL)
    assert case.state == "dispatched"
    assert case.state_since == local("2026-03-02 10:00")
    assert case.state_due == local("2026-03-04 13:30")  # the hour that was left, half of it after noon
    assert case.case_due == local("2026-04-01 17:00")  # two working days later than the 30th
    assert case.paused_s == 45.5 * 3600
    assert case.suspended is None


def test_a_case_that_nobody_answers_for_ends() -> None:
    case = led(brought("waiting", USUAL), "reject", START + timedelta(days=10), USUAL)
    assert (case.state, case.suspended, case.paused_s > 0) == ("rejected", None, True)


def test_the_hard_ones_get_a_dated_plan_once() -> None:
    case = brought("handling", USUAL)
    until = Action("extend", until=date(2026, 6, 30), text="a new pump is ordered")
    case, event = apply(case, until, ACTORS["desk"], START + timedelta(days=2), USUAL)
    assert case.state_due == case.case_due == event.case_due == local("2026-07-01 00:00")
    with pytest.raises(BadAction, match="only once"):
        apply(case, until, ACTORS["desk"], START + timedelta(days=3), USUAL)
    case = led(case, "hand_over", START + timedelta(days=4), USUAL)
    assert case.case_due == local("2026-07-01 00:00")


@pytest.mark.parametrize(
    ("until", "days", "problem"),
    [(date(2026, 3, 29), 1, "no extension"), (date(2026, 4, 10), 50, "is over"), (date.max, 1, "too far")],
)
def test_plans_that_are_none(until: date, days: int, problem: str) -> None:
    case = brought("handling", USUAL)
    with pytest.raises(BadAction, match=problem):
        apply(case, Action("extend", until=until, text="t"), ACTORS["desk"], START + timedelta(days=days), USUAL)


def test_a_reopened_case_begins_its_time_again() -> None:
    case = brought("closed", USUAL)
    case = led(case, "reopen", local("2026-03-09 10:00"), USUAL)
    assert (case.state, case.reopened, case.closed_at, case.on_time) == ("verified", 1, None, None)
    assert case.case_due == local("2026-04-07 17:00")  # twenty working days, past Tomb-sweeping


def test_a_reopened_case_is_warned_of_by_its_new_time() -> None:
    case = led(brought("closed", USUAL), "reopen", local("2026-03-30 10:00"), USUAL)
    assert case.case_since == local("2026-03-30 10:00")
    case = lead(case, USUAL, ("2026-03-30 10:30", "dispatch"), ("2026-03-30 11:00", "accept"))
    assert case.case_since == local("2026-03-30 10:00")
    assert alarm(case, local("2026-03-30 11:30"), USUAL) is None


def test_a_warning_is_not_before_the_clock() -> None:
    start, due = local("2026-03-02 10:00"), local("2026-03-03 10:00")
    assert Alert(hours=72).at(start, due) == start
    assert Alert(hours=6).at(start, due) == local("2026-03-03 04:00")
    assert Alert(share=0.75).at(start, due) == local("2026-03-03 04:00")


def test_hours_before_the_end_are_hours_where_clocks_are_put_on() -> None:
    due = datetime(2026, 3, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    assert Alert(hours=24).at(due - timedelta(days=5), due) == datetime(2026, 3, 28, 22, tzinfo=UTC)
    assert Alert(share=0.5).at(due - timedelta(days=2), due) == datetime(2026, 3, 28, 22, 30, tzinfo=UTC)


def test_it_is_reopened_within_thirty_days_or_by_the_administrator() -> None:
    case = brought("closed", USUAL)
    late = Action("reopen", text="it leaks again")
    assert apply(case, late, ACTORS["resident"], local("2026-04-01 23:59"), USUAL)[0].state == "verified"
    with pytest.raises(WrongState, match="is closed for over 30 days"):
        apply(case, late, ACTORS["resident"], local("2026-04-02 00:01"), USUAL)
    assert apply(case, late, ACTORS["administrator"], local("2026-12-01 09:00"), USUAL)[0].state == "verified"


def test_warnings_come_once_and_begin_again_with_the_next_step() -> None:
    case = opened(USUAL, local("2026-03-02 09:00"))[0]  # to verify until 11:00: warned from 10:30 on
    assert alarm(case, local("2026-03-02 10:29"), USUAL) is None
    assert alarm(case, local("2026-03-02 10:30"), USUAL) == "early"
    case = apply(case, Action("warn", reason="early"), ACTORS["system"], local("2026-03-02 10:30"), USUAL)[0]
    assert case.warned == "early"
    assert alarm(case, local("2026-03-02 11:00"), USUAL) is None
    after = local("2026-03-02 11:01")
    assert alarm(case, after, USUAL) == "overdue"
    case = apply(case, Action("warn", reason="overdue"), ACTORS["system"], after, USUAL)[0]
    assert alarm(case, after, USUAL) is None
    assert led(case, "verify", after, USUAL).warned is None


@pytest.mark.parametrize(
    ("said", "told", "asked", "answered"),
    [
        ("early", "2026-03-02 10:30", "2026-03-02 10:40", "2026-03-02 10:50"),
        ("overdue", "2026-03-02 11:01", "2026-03-02 11:10", "2026-03-02 16:00"),
    ],
)
def test_what_was_told_before_a_pause_is_not_told_again_after_it(
    said: str, told: str, asked: str, answered: str
) -> None:
    case = opened(USUAL, local("2026-03-02 09:00"))[0]
    case = apply(case, Action("warn", reason=said), ACTORS["system"], local(told), USUAL)[0]
    case = led(case, "ask", local(asked), USUAL)
    assert case.warned is None  # of the answer nothing was told
    case = led(case, "answer", local(answered), USUAL)
    assert case.warned == said
    assert alarm(case, local(answered), USUAL) is None


def test_a_clock_that_has_time_again_after_a_pause_is_told_of_anew() -> None:
    case = brought("handling", USUAL)
    assert case.state_due == local("2026-03-05 17:00")
    late = local("2026-03-05 17:01")
    case = apply(case, Action("warn", reason="overdue"), ACTORS["system"], late, USUAL)[0]
    case = led(led(case, "ask", late, USUAL), "answer", local("2026-03-06 09:00"), USUAL)
    assert (case.state_due, case.warned) == (local("2026-03-06 17:00"), None)
    assert alarm(case, local("2026-03-06 17:01"), USUAL) == "overdue"


def test_time_does_not_run_backwards_between_servers() -> None:
    case = brought("accepted", USUAL)
    after = led(case, "progress", case.changed_at - timedelta(seconds=2), USUAL)
    assert after.changed_at == case.changed_at
    with pytest.raises(BadAction, match="has no time zone"):
        led(case, "progress", datetime(2026, 3, 2, 10, tzinfo=UTC).replace(tzinfo=None), USUAL)


def test_13710_from_end_to_end() -> None:
    """A report on the eve of the Spring Festival, on which every day counts."""
    case = opened(PROMISED, local("2026-02-14 21:40"))[0]
    midnight = local("2026-02-15 00:00")
    assert (case.state_due, case.case_due) == (midnight, local("2026-02-22 00:00"))  # 1: the same day; 7: a week
    for at, name in [("21:50", "verify"), ("22:10", "dispatch"), ("22:30", "accept")]:
        assert case.state_due == midnight
        case = led(case, name, local(f"2026-02-14 {at}"), PROMISED)
    assert case.state_due == local("2026-02-18 00:00")  # 3: a word within three days
    assert alarm(case, local("2026-02-18 00:00"), PROMISED) == "early"
    assert alarm(case, local("2026-02-18 00:01"), PROMISED) == "overdue"
    case = led(case, "progress", local("2026-02-17 15:00"), PROMISED)
    assert alarm(case, local("2026-02-20 23:59"), PROMISED) is None
    assert alarm(case, local("2026-02-21 00:00"), PROMISED) == "early"
    case = lead(case, PROMISED, ("2026-02-21 09:00", "finish"), ("2026-02-21 10:00", "feed_back"))
    with pytest.raises(WrongState, match="followed until it is settled: needs solved or explained"):
        apply(case, Action("close"), ACTORS["desk"], local("2026-02-21 11:00"), PROMISED)
    # 0: not yet settled, so it goes back and is followed on
    case = led(case, "follow_up", local("2026-02-21 11:00"), PROMISED, reason="unsolved")
    with pytest.raises(WrongState, match="needs solved or explained"):
        apply(case, Action("close"), ACTORS["desk"], local("2026-02-21 11:30"), PROMISED)
    case = led(case, "reopen", local("2026-02-21 12:00"), PROMISED)
    assert (case.outcome, case.satisfaction) == (None, None)
    assert case.case_due == local("2026-02-22 00:00")  # the week runs on
    case = lead(
        case,
        PROMISED,
        ("2026-02-21 13:00", "dispatch"),
        ("2026-02-21 13:10", "accept"),
        ("2026-02-21 17:00", "finish"),
        ("2026-02-21 18:00", "feed_back"),
        ("2026-02-21 19:00", "follow_up"),
        ("2026-02-21 19:01", "close"),
    )
    assert (case.state, case.outcome, case.on_time, case.reopened) == ("closed", "solved", True, 1)


def test_13710_gives_hard_ones_a_month() -> None:
    case = opened(PROMISED, local("2026-03-02 10:00"), grade="hard")[0]
    assert case.case_due == local("2026-04-02 00:00")


def test_a_case_of_an_older_table_of_states_is_told_so() -> None:
    case = replace(brought("handling", USUAL), state="inspected")
    with pytest.raises(WrongState, match="cannot be done to a case that is inspected"):
        apply(case, Action("finish", text="t"), ACTORS["staff"], START, USUAL)
    with pytest.raises(WrongState, match="no state 'inspected' any more"):
        USUAL.states.state("inspected")


def test_profiles_are_known_by_name() -> None:
    with pytest.raises(BadTable, match="no profile '12345'; there are 13710, default"):
        Rules.load(profile="12345")
