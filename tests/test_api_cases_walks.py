"""What holds for every life of a case, however it goes: random walks over all that is allowed."""

from dataclasses import replace
from datetime import UTC, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lives import ACTORS, CHAINS, LEAF, LEAF_2, START, STREET, action, opened

from api.cases import Case, CaseError, Event, Rules, Tally, alarm, apply, replay, warn_at

RULES = [Rules.load(), Rules.load(profile="13710")]
INSTANT = timedelta(microseconds=1)
NAMES = {state.name for state in RULES[0].states.states}
Life = list[tuple[Event, Case]]


@st.composite
def lives(draw: st.DrawFn, case_id: str = "case-1") -> Life:
    """Draw a case from its report through up to thirty steps, minutes or weeks apart."""
    rules = draw(st.sampled_from(RULES))
    cell = draw(st.sampled_from([LEAF, LEAF_2, STREET, "gone"]))
    at = START + timedelta(minutes=draw(st.integers(0, 500_000)))
    case, event = opened(rules, at, case_id=case_id, cell=cell, category=draw(st.sampled_from(["event-4", "other-99"])))
    life = [(event, case)]
    for _ in range(draw(st.integers(0, 30))):
        at += timedelta(minutes=draw(st.integers(0, 20_000)))
        role = draw(st.sampled_from(sorted(ACTORS)))
        ways = rules.states.allowed(case.state, role)
        if not ways:
            continue
        way = draw(st.sampled_from(ways))
        deed = action(way.action, case.state, role, rules)
        if way.reasons:
            deed = replace(deed, reason=draw(st.sampled_from(way.reasons)))
        try:
            case, event = apply(case, deed, ACTORS[role], at, rules)
        except CaseError:
            continue  # too late, not settled, extended before
        life.append((event, case))
    return life


@given(lives())
@settings(max_examples=300)
def test_a_case_is_what_its_history_says(life: Life) -> None:
    events = [event for event, _ in life]
    for number, (_, case) in enumerate(life, start=1):
        assert replay(events[:number]) == case
        assert case.version == number


@given(lives())
@settings(max_examples=300)
def test_no_life_leaves_the_machine(life: Life) -> None:
    for event, case in life:
        assert case.state in NAMES
        assert case.clock == RULES[0].states.state(case.state).clock
        assert (case.suspended is not None) == (case.clock == "paused")
        if case.clock == "stopped":
            assert case.state_due is case.case_due is None
        if case.clock == "runs":
            assert case.case_due is not None
        if case.clock == "paused":
            assert case.case_due is None
        assert event.at == case.changed_at
        assert case.state_since <= case.changed_at
        assert case.paused_s >= 0
        assert (case.closed_at is not None) == (case.state in ("closed", "followed_up"))


@given(lives(), st.data())
@settings(max_examples=300)
def test_what_is_to_be_told_is_known_beforehand(life: Life, data: st.DataObject) -> None:
    case, rules = data.draw(st.sampled_from(life))[1], data.draw(st.sampled_from(RULES))
    case = replace(case, warned=data.draw(st.sampled_from([case.warned, None, "early", "overdue"])))
    said = warn_at(case, rules)
    moments = [each for each in (said, case.state_since, case.state_due, case.case_due, case.changed_at) if each]
    near = st.sampled_from([timedelta(0), INSTANT, -INSTANT]) | st.timedeltas(-timedelta(days=40), timedelta(days=40))
    now = data.draw(st.sampled_from(moments)).astimezone(UTC) + data.draw(near)
    assert (alarm(case, now, rules) is not None) == (said is not None and said <= now)


@given(lives())
def test_history_runs_forward(life: Life) -> None:
    for (before, _), (after, _) in pairwise(life):
        assert before.at <= after.at
        assert before.to_state == after.from_state
        assert before.cell_to == after.cell_from


@given(
    st.lists(st.integers(), max_size=5).flatmap(lambda ids: st.tuples(*(lives(f"case-{n}") for n in range(len(ids)))))
)
@settings(max_examples=150)
def test_figures_that_grow_agree_with_those_counted_anew(all_lives: tuple[Life, ...]) -> None:
    tally = Tally(CHAINS)
    history: list[Event] = []
    latest: dict[str, Case] = {}
    steps = [step for life in all_lives for step in life]
    for event, case in sorted(steps, key=lambda step: (step[0].at, step[0].case_id, step[0].number)):
        tally = tally.plus(event, latest.get(case.id), case)
        latest[case.id] = case
        history.append(event)
    assert tally == Tally.of(latest.values(), history, CHAINS)
    for figures in tally.figures.values():
        assert 0 <= figures.closed + figures.handed_up <= figures.found
        assert 0 <= figures.on_time <= figures.closed == sum(figures.minutes.values())
        assert min(figures.good, figures.fair, figures.poor, figures.warned, figures.overdue) >= 0


@given(lives(), st.data())
def test_histories_with_holes_are_refused(life: Life, data: st.DataObject) -> None:
    events = [event for event, _ in life]
    gone = data.draw(st.integers(0, len(events) - 1))
    rest = events[:gone] + events[gone + 1 :]
    if gone < len(events) - 1 or not rest:
        with pytest.raises(CaseError, match=r"does not follow|begins with"):
            replay(rest)
