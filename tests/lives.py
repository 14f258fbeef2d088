"""Cases on their way, for tests of what can be done to them."""

from datetime import UTC, date, datetime, timedelta

from api.cases import Action, Actor, Case, Cell, Event, Report, Rules, Territory, apply, open_case

START = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # a Monday at 10:00 in Shanghai
STREET, COMMUNITY, GRID, LEAF, LEAF_2 = "S", "S-01", "S-01-001", "S-01-001-01", "S-01-001-02"
TERRITORY = Territory.of(
    [
        Cell("C", "county", None, "county-office"),
        Cell(STREET, "street", "C", "street-office"),
        Cell(COMMUNITY, "community", STREET, None, "community-office"),
        Cell(GRID, "grid", COMMUNITY, "grid-team"),
        Cell(LEAF, "micro", GRID, "leader-1"),
        Cell(LEAF_2, "micro", GRID),
    ]
)
CHAINS = {code: TERRITORY.chain(code) for code in TERRITORY.cells}
ACTORS = {
    role: Actor(role, f"{role}-7") for role in ("resident", "staff", "desk", "planner", "administrator", "system")
}
PARTS = {
    "reject": {"text": "t"},
    "dispatch": {"unit": "leader-1", "holder": LEAF, "level": "micro"},
    "progress": {"text": "t"},
    "ask": {"text": "t"},
    "answer": {"text": "t"},
    "return": {"text": "t"},
    "escalate": {"unit": "street-office", "holder": STREET, "level": "street"},
    "call_in": {"units": ("water-company",)},
    "hand_over": {"unit": "parks", "text": "t"},
    "finish": {"text": "t"},
    "reopen": {"text": "t"},
    "merge": {"into": "main"},
    "extend": {"until": date(2027, 1, 15), "text": "t"},
}
"""What each action brings along, where it must bring something."""

TO = {
    "reported": [],
    "verified": ["verify"],
    "dispatched": ["verify", "dispatch"],
    "accepted": ["verify", "dispatch", "accept"],
    "handling": ["verify", "dispatch", "accept", "progress"],
    "waiting": ["verify", "ask"],
    "handled": ["verify", "dispatch", "accept", "finish"],
    "fed_back": ["verify", "dispatch", "accept", "finish", "feed_back"],
    "closed": ["verify", "dispatch", "accept", "finish", "feed_back", "close"],
    "followed_up": ["verify", "dispatch", "accept", "finish", "feed_back", "close", "follow_up"],
    "rejected": ["reject"],
    "merged": ["merge"],
}
"""How a case comes to each state."""


def action(name: str, state: str, role: str, rules: Rules) -> Action:
    """Return an action with all it needs where it is allowed, and as it usually is elsewhere."""
    reasons = next((w.reasons for w in rules.states.allowed(state, role) if w.action == name), ())
    rated = {"rating": "good"} if name == "feed_back" else {}
    return Action(name, reason=reasons[0] if reasons else None, **PARTS.get(name, {}), **rated)


def opened(rules: Rules, at: datetime = START, **said: str) -> tuple[Case, Event]:
    """Open a case of a resident."""
    report = {"case_id": "case-1", "category": "component-03", "cell": LEAF, "level": "micro"} | said
    return open_case(Report(**report), ACTORS["resident"], at, rules)


def led(case: Case, name: str, at: datetime, rules: Rules, **said: object) -> Case:
    """Do something to a case, in the first role that may."""
    role = next(w.roles[-1] for w in rules.states.transitions if w.action == name and case.state in w.of)
    usual = action(name, case.state, role, rules)
    return apply(case, Action(**(usual.__dict__ | said)), ACTORS[role], at, rules)[0]


def brought(state: str, rules: Rules) -> Case:
    """Bring a case to a state, an hour a step."""
    case = opened(rules)[0]
    for hours, name in enumerate(TO[state], start=1):
        case = led(case, name, START + timedelta(hours=hours), rules)
    return case
