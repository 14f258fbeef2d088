"""The machine of states as a table: where a case may stand, and what may be done there, by whom."""

from collections.abc import Iterator
from typing import Literal, get_args

from pydantic import Field, model_validator

from api.cases.deadlines import Clock
from api.cases.errors import BadAction, NotAllowed, WrongState
from api.cases.table import Record, Table

Role = Literal["resident", "staff", "desk", "planner", "administrator", "system"]
Deed = Literal[
    "verify",
    "reject",
    "dispatch",
    "accept",
    "progress",
    "ask",
    "answer",
    "return",
    "escalate",
    "call_in",
    "hand_over",
    "finish",
    "feed_back",
    "close",
    "reopen",
    "merge",
    "follow_up",
    "extend",
    "warn",
]
Part = Literal[
    "text",
    "category",
    "grade",
    "organisation",
    "cell",
    "plan_version",
    "holder",
    "level",
    "unit",
    "units",
    "rating",
    "into",
    "until",
]
"""What an action may bring along."""

WholeClock = Literal["runs", "paused", "stopped"]
STAY, BACK = "stay", "back"
ENDS = {"close": "closed", "reject": "rejected", "merge": "merged"}
"""States that figures and merged cases tell apart: every table has them, and these actions lead there."""


class State(Record, frozen=True):
    """Where a case may stand.

    Attributes
    ----------
    name, zh, en
        The name in data, and for readers.
    waits_for
        The state's own clock: the first of these that has a limit. Two states that follow each other with the same
        clock share it.
    clock
        What the clock of the whole case does here. Where it pauses, the state left is kept, with what remained.
    """

    name: str = Field(pattern="^[a-z_]+$")
    zh: str
    en: str
    waits_for: tuple[Clock, ...] = ()
    clock: WholeClock = "runs"


class Way(Record, frozen=True):
    """A transition.

    Attributes
    ----------
    action, of, to
        What is done, in which states, and where it leads: a state, `stay`, or `back` to where a pause began.
    roles
        Who may.
    needs, takes
        What must be said, and what may be.
    reasons
        One of these must be given; none may where there are none.
    within_days
        No later than so many days after the state was reached.
    settled
        Only with an outcome that the profile of deadlines asks for.
    """

    action: Deed
    of: tuple[str, ...] = Field(alias="from", min_length=1)
    to: str
    roles: tuple[Role, ...] = Field(min_length=1)
    needs: tuple[Part, ...] = ()
    takes: tuple[Part, ...] = ()
    reasons: tuple[str, ...] = ()
    within_days: int | None = Field(default=None, ge=0, le=3660)
    settled: bool = False


class StateTable(Table, frozen=True):
    """The whole machine; a table with a state that nothing leads to, or that nothing leads out of, is refused."""

    start: str
    reporters: tuple[Role, ...] = Field(min_length=1)
    states: tuple[State, ...] = Field(min_length=1)
    transitions: tuple[Way, ...]

    @model_validator(mode="after")
    def _consistent(self) -> "StateTable":
        clocks = {state.name: state.clock for state in self.states}
        if clocks.get(self.start) != "runs":
            raise ValueError(f"start '{self.start}' is no state with a running clock")
        taken: set[tuple[str, str, str]] = set()
        for at, way in enumerate(self.transitions, start=1):
            for problem in _problems(way, clocks, taken):
                raise ValueError(f"transitions, row {at} ({way.action}): {problem}")
            taken.update((state, way.action, role) for state in way.of for role in way.roles)
        self._no_dead_ends()
        return self

    def _no_dead_ends(self) -> None:
        """Refuse states that no case reaches, or from which none comes to an end."""
        steps = {(state, way.to) for way in self.transitions for state in way.of if way.to not in (STAY, BACK)}
        reached = _reach({self.start}, steps)
        ending = _reach(
            {state.name for state in self.states if state.clock == "stopped"}, {(to, of) for of, to in steps}
        )
        for state in self.states:
            if state.name not in reached:
                raise ValueError(f"state '{state.name}': nothing leads to it")
            if state.name not in ending:
                raise ValueError(f"state '{state.name}': no way leads from it to an end")

    def state(self, name: str) -> State:
        """Return a state by its name.

        Raises
        ------
        WrongState
            Where there is none: the case was there under another table.
        """
        for state in self.states:
            if state.name == name:
                return state
        names = ", ".join(state.name for state in self.states)
        raise WrongState(f"states.json has no state '{name}' any more: there are {names}")

    def way(self, state: str, action: str, role: str) -> Way:
        """Return the transition of an action.

        Raises
        ------
        BadAction, NotAllowed, WrongState
            Where there is no such action, the role may never do it, or not from this state.
        """
        if action not in get_args(Deed):
            raise BadAction(f"no action '{action}': there are {', '.join(get_args(Deed))}")
        ways = [way for way in self.transitions if way.action == action]
        if not any(role in way.roles for way in ways):
            may = sorted({role for way in ways for role in way.roles})
            raise NotAllowed(f"'{action}' is not for {role}: it is for {', '.join(may) or 'nobody'}")
        here = [way for way in ways if state in way.of]
        if not here:
            raise WrongState(f"'{action}' cannot be done to a case that is {state}: only to one that is {_of(ways)}")
        for way in here:
            if role in way.roles:
                return way
        raise NotAllowed(f"'{action}' of a case that is {state} is not for {role}")

    def ends(self, action: str) -> bool:
        """Say whether an action may lead to where the clock stands still."""
        ways = (way for way in self.transitions if way.action == action and way.to not in (STAY, BACK))
        return any(self.state(way.to).clock == "stopped" for way in ways)

    def allowed(self, state: str, role: str) -> tuple[Way, ...]:
        """Return what a role may do with a case in a state: the buttons of its page."""
        return tuple(way for way in self.transitions if state in way.of and role in way.roles)


def _problems(way: Way, clocks: dict[str, WholeClock], taken: set[tuple[str, str, str]]) -> Iterator[str]:
    """Say what is wrong with a transition."""
    for state in (*way.of, way.to):
        if state not in clocks and (state in way.of or state not in (STAY, BACK)):
            yield f"'{state}' is no state"
    end = ENDS.get(way.action)
    if end is not None and (way.to != end or clocks.get(end) != "stopped"):
        yield f"it must lead to '{end}', and the clock be stopped there"
    if way.action == "reopen" and clocks.get(way.to) != "runs":
        yield f"'{way.to}' has no running clock: nothing would be open"
    for state in way.of:
        if way.to == BACK and clocks[state] != "paused":
            yield f"'{state}' is no pause to go back from"
        if clocks.get(way.to) == "paused" and clocks[state] != "runs":
            yield f"'{state}' cannot lead to a pause: its clock does not run"
        for role in way.roles:
            if (state, way.action, role) in taken:
                yield f"{role} already has one from '{state}'"


def _reach(begin: set[str], steps: set[tuple[str, str]]) -> set[str]:
    """Return what can be reached."""
    while more := {to for of, to in steps if of in begin} - begin:
        begin = begin | more
    return begin


def _of(ways: list[Way]) -> str:
    return " or ".join(dict.fromkeys(state for way in ways for state in way.of))
