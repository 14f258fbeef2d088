"""Reports of the same matter."""

from datetime import timedelta

import pytest
from lives import ACTORS, START, brought, led, opened

from api.cases import BadAction, Rules, Sighting, apply, candidates, fate

RULES = Rules.load()
HERE = Sighting("new", "component-03", START, 1000.0, 2000.0)  # 20 m, 72 hours


def other(name: str, east: float, hours: float, category: str = "component-03") -> Sighting:
    return Sighting(name, category, START - timedelta(hours=hours), 1000.0 + east, 2000.0)


def test_near_in_place_time_and_kind_the_nearest_first() -> None:
    others = [
        other("far", 20.1, 1),
        other("rim", 20.0, 72),
        other("old", 1, 72.1),
        other("tree", 1, 1, "component-04"),
        other("near", 3, -5),
        HERE,
    ]
    found = candidates(HERE, others, RULES.categories)
    assert [(each.case_id, each.distance_m) for each in found] == [("near", 3.0), ("rim", 20.0)]
    assert found[0].apart == timedelta(hours=5)


def test_each_category_has_its_radius() -> None:
    blast, near = Sighting("new", "event-4", START, 0, 0), Sighting("near", "event-4", START, 150, 200)
    assert [each.case_id for each in candidates(blast, [near], RULES.categories)] == ["near"]


def test_a_merged_case_stands_still() -> None:
    merged = led(opened(RULES, case_id="second")[0], "merge", START, RULES, into="case-1")
    assert (merged.state, merged.merged_into, merged.clock) == ("merged", "case-1", "stopped")


def test_no_case_is_merged_into_itself() -> None:
    case, _ = opened(RULES, case_id="main")
    with pytest.raises(BadAction, match="into itself"):
        led(case, "merge", START, RULES)


@pytest.mark.parametrize(
    ("main", "state"), [("closed", "closed"), ("followed_up", "closed"), ("rejected", "rejected"), ("handling", None)]
)
def test_the_merged_share_the_fate(main: str, state: str | None) -> None:
    merged = led(opened(RULES, case_id="second")[0], "merge", START, RULES, into="case-1")
    action = fate(merged, brought(main, RULES))
    if state is None:
        assert action is None
    else:
        assert action is not None
        after, _ = apply(merged, action, ACTORS["system"], START + timedelta(days=1), RULES)
        assert (after.state, after.on_time) == (state, None)
        assert fate(after, brought(main, RULES)) is None


def test_the_merged_of_the_merged_go_along() -> None:
    second = led(opened(RULES, case_id="second")[0], "merge", START, RULES, into="case-1")
    first = led(opened(RULES)[0], "merge", START, RULES, into="main")
    action = fate(second, first)
    assert action is not None
    assert apply(second, action, ACTORS["system"], START, RULES)[0].merged_into == "main"
    assert fate(opened(RULES, case_id="third")[0], first) is None


def test_a_merged_case_lives_again_when_it_is_reopened() -> None:
    merged = led(led(opened(RULES)[0], "merge", START, RULES), "close", START, RULES)
    assert led(merged, "reopen", START, RULES).merged_into is None
