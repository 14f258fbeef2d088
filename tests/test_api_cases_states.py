"""The machine: who may do what where, and tables that are no machine."""

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any, get_args

import pytest
from lives import ACTORS, PARTS, START, TERRITORY, TO, action, brought, led, opened

from api.cases import (
    Action,
    Actor,
    BadAction,
    BadTable,
    NotAllowed,
    Report,
    Rules,
    StaleVersion,
    WrongState,
    apply,
    open_case,
)
from api.cases.states import Deed, StateTable
from api.cases.table import read_table
from data.tables import table

RULES = Rules.load()
MAY: dict[tuple[str, str], str] = {
    ("verify", "reported"): "staff desk",
    ("reject", "reported verified waiting"): "desk",
    ("reject", "merged"): "system",
    ("dispatch", "verified"): "desk system",
    ("accept", "dispatched"): "staff desk",
    ("progress", "accepted handling"): "staff desk",
    ("ask", "reported verified dispatched accepted handling"): "staff desk",
    ("answer", "waiting"): "resident staff desk",
    ("return", "dispatched accepted handling"): "staff",
    ("escalate", "dispatched accepted handling"): "staff desk system",
    ("call_in", "accepted handling"): "staff desk",
    ("hand_over", "dispatched accepted handling"): "staff desk",
    ("finish", "accepted handling"): "staff",
    ("feed_back", "handled"): "resident staff desk",
    ("follow_up", "fed_back closed"): "staff desk",
    ("close", "fed_back"): "desk",
    ("close", "merged"): "system",
    ("reopen", "fed_back closed followed_up rejected"): "resident desk administrator",
    ("merge", "reported verified dispatched accepted handling waiting"): "desk",
    ("merge", "merged"): "system",
    ("extend", "handling"): "desk administrator",
    ("warn", "reported verified dispatched accepted handling waiting handled fed_back"): "system",
}
ALLOWED = {
    (name, state, role) for (name, states), roles in MAY.items() for state in states.split() for role in roles.split()
}


@pytest.mark.parametrize("state", TO)
@pytest.mark.parametrize("name", get_args(Deed))
def test_roles_states_and_actions(name: str, state: str) -> None:
    case = brought(state, RULES)
    assert case.state == state
    for role, who in ACTORS.items():
        deed = action(name, state, role, RULES)
        if (name, state, role) in ALLOWED:
            after, event = apply(case, deed, who, case.changed_at, RULES)
            assert (event.from_state, event.to_state, event.action, event.role) == (state, after.state, name, role)
        else:
            with pytest.raises((NotAllowed, WrongState)):
                apply(case, deed, who, case.changed_at, RULES)


@pytest.mark.parametrize("role", ACTORS)
def test_who_reports(role: str) -> None:
    report = Report("case-1", "event-1", "S-01-001-01", "micro")
    if role in ("planner", "administrator"):
        with pytest.raises(NotAllowed, match="'report' is not for"):
            open_case(report, ACTORS[role], START, RULES)
    else:
        case, event = open_case(report, ACTORS[role], START, RULES)
        assert (case.state, event.number, event.from_state) == ("reported", 1, None)
        assert case.reporter == ("resident-7" if role == "resident" else None)


def test_a_grid_leader_reports_for_somebody() -> None:
    report = Report("case-1", "event-1", "S-01-001-01", "micro", reporter="r-20")
    case, event = open_case(report, ACTORS["staff"], START, RULES)
    assert (case.reporter, event.actor) == ("r-20", "staff-7")


def test_what_each_action_must_bring_along() -> None:
    for way in RULES.states.transitions:
        case, role = brought(way.of[0], RULES), way.roles[0]
        whole = action(way.action, case.state, role, RULES)
        for part in way.needs:
            with pytest.raises(BadAction, match=f"'{way.action}' needs {part}"):
                apply(case, Action(**(whole.__dict__ | {part: None})), ACTORS[role], START, RULES)
        if way.reasons:
            with pytest.raises(BadAction, match=f"'{way.action}' needs a reason: {way.reasons[0]}"):
                apply(case, Action(**(whole.__dict__ | {"reason": "because"})), ACTORS[role], START, RULES)
        for part in {"rating": "good", "into": "x", "unit": "u"}.items():
            if part[0] not in (*way.needs, *way.takes):
                with pytest.raises(BadAction, match=f"'{way.action}' takes no {part[0]}"):
                    apply(case, Action(**(whole.__dict__ | dict([part]))), ACTORS[role], START, RULES)
    assert set(PARTS) <= set(get_args(Deed))


def test_a_blank_text_is_none() -> None:
    with pytest.raises(BadAction, match="'progress' needs text"):
        apply(brought("accepted", RULES), Action("progress", text=" \n"), ACTORS["staff"], START, RULES)


def test_two_people_at_one_case() -> None:
    case = brought("verified", RULES)
    with pytest.raises(StaleVersion, match="is at version 2, not 1: read it again"):
        apply(case, Action("reject", reason="not_ours", text="t", expected_version=1), ACTORS["desk"], START, RULES)


def test_residents_act_on_their_own_reports() -> None:
    case = brought("handled", RULES)
    with pytest.raises(NotAllowed, match="resident who reported case case-1"):
        apply(case, Action("feed_back", rating="good"), Actor("resident", "resident-8"), START, RULES)


@pytest.mark.parametrize(
    "code", ["13712345678", "41010219900101123X", "410102199001011234", "王 网格员", "li lei", "", "a" * 65]
)
def test_actors_are_codes_and_nobody_s_numbers(code: str) -> None:
    with pytest.raises(BadAction, match="actor's code") as caught:
        Actor("staff", code)
    assert not code or code not in str(caught.value)


def test_history_holds_codes_only() -> None:
    case = brought("accepted", RULES)
    with pytest.raises(BadAction, match="a unit is no code"):
        Action("call_in", units=("张三 13712345678",))
    _, event = apply(case, Action("progress", text="the neighbour is ill"), ACTORS["staff"], START, RULES)
    assert "ill" not in repr(event)


def test_a_report_goes_up_level_by_level() -> None:
    case = brought("accepted", RULES)
    seen = []
    for _ in range(4):
        above = RULES.dispatch.above(case.holder, TERRITORY)
        case = apply(case, above.action("escalate", "beyond_means"), ACTORS["staff"], START, RULES)[0]
        seen.append((case.holder, case.level, case.unit, case.colour, case.cell))
    leaf = "S-01-001-01"
    assert seen == [
        ("S-01-001", "grid", "grid-team", "red", leaf),
        ("S-01", "community", "community-office", "red", leaf),
        ("S", "street", "street-office", "orange", leaf),
        ("C", "county", "county-office", "yellow", leaf),
    ]
    assert case.escalated == 4
    with pytest.raises(BadAction, match="C is the top"):
        RULES.dispatch.above(case.holder, TERRITORY)
    stuck = Action("escalate", reason="overdue", unit="u", holder="C", level="county")
    with pytest.raises(BadAction, match="already lies with C"):
        apply(case, stuck, ACTORS["desk"], START, RULES)


def test_departments_are_called_in_once_each() -> None:
    case = brought("accepted", RULES)
    for units in (("water", "power"), ("power", "gas")):
        case = led(case, "call_in", START, RULES, units=units)
    assert case.called_in == ("water", "power", "gas")
    assert case.state == "accepted"


def test_a_verifier_corrects_matter_and_place() -> None:
    case = opened(RULES)[0]
    said = Action("verify", category="event-4", cell="S-01-001-02", level="micro", plan_version="p2")
    after, event = apply(case, said, ACTORS["staff"], START, RULES)
    assert (after.category, after.grade, after.colour) == ("event-4", "urgent", "orange")
    assert (after.cell, after.holder, after.plan_version) == ("S-01-001-02", "S-01-001-02", "p2")
    assert (event.cell_from, event.cell_to) == ("S-01-001-01", "S-01-001-02")
    with pytest.raises(BadAction, match="no category 'event-9'"):
        apply(case, Action("verify", category="event-9"), ACTORS["staff"], START, RULES)
    with pytest.raises(BadAction, match="no grade 'dire'"):
        apply(case, Action("verify", grade="dire"), ACTORS["staff"], START, RULES)
    with pytest.raises(BadAction, match="needs its level"):
        apply(case, Action("verify", cell="S-01"), ACTORS["staff"], START, RULES)


def first(**said: object) -> Callable[[Any], object]:
    """Change the first transition: verify."""
    return lambda machine: machine["transitions"][0].update(said)


def added(action: str, of: str, to: str, role: str = "desk") -> Callable[[Any], object]:
    return lambda machine: machine["transitions"].append({"action": action, "from": [of], "to": to, "roles": [role]})


def trapped(machine: dict[str, list[object]]) -> None:
    machine["states"].append({"name": "limbo", "zh": "", "en": ""})
    added("accept", "reported", "limbo")(machine)


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (first(to="verifed"), r"states.json: transitions, row 1 \(verify\): 'verifed' is no state"),
        (first(**{"from": ["stay"]}), "'stay' is no state"),
        (first(to="back"), "'reported' is no pause to go back from"),
        (trapped, "state 'limbo': no way leads from it to an end"),
        (first(roles=["mayor"]), "states.json, transitions, row 1, roles, item 1: Input should be 'resident'"),
        (first(action="praise"), "states.json, transitions, row 1, action: Input should be 'verify'"),
        (first(needs=["name"]), "states.json, transitions, row 1, needs, item 1: Input should be 'text'"),
        (added("verify", "reported", "verified"), r"row 26 \(verify\): desk already has one from 'reported'"),
        (added("ask", "closed", "waiting"), r"row 26 \(ask\): 'closed' cannot lead to a pause"),
        (added("close", "handled", "verified"), r"row 26 \(close\): it must lead to 'closed'"),
        (added("reopen", "merged", "closed"), r"row 26 \(reopen\): 'closed' has no running clock"),
        (lambda m: m["states"].append({"name": "limbo", "zh": "", "en": ""}), "state 'limbo': nothing leads to it"),
        (lambda m: m.update(start="closed"), "start 'closed' is no state with a running clock"),
    ],
)
def test_tables_that_are_no_machine(tmp_path: Path, change: Callable[[Any], object], line: str) -> None:
    machine = deepcopy(table("states"))
    change(machine)
    (tmp_path / "states.json").write_text(json.dumps(machine), encoding="utf-8")
    with pytest.raises(BadTable, match=line) as caught:
        read_table(StateTable, "states", tmp_path)
    assert "\n" not in str(caught.value)
