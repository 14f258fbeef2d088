"""The closed loop over the store: reports become cases of the plan in force, and what is done leads them on."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from api.access.roles import ANYBODY, May, Role, Who
from api.cases import (
    Action,
    Actor,
    BadAction,
    CaseError,
    Cell,
    Event,
    Report,
    Rules,
    StaleVersion,
    Tally,
    Territory,
    alarm,
    apply,
    fate,
    open_case,
    warn_at,
)
from api.errors import Problem
from api.reported import Said, new_id, place
from api.served import Served
from api.service import Service
from api.store import cases, plans, tallies, units
from api.store.cases import Kept, Place

_SYSTEM = Actor("system", "wangge")
# Level of a cell that the plan no longer has.
_FORMER = "former"


@dataclass
class _Turn:
    """A transaction under the plan of a moment, and what its steps change of the figures."""

    connection: Connection
    served: Served
    now: datetime
    changed: Tally = field(default_factory=Tally)


@dataclass(frozen=True)
class Loop:
    """Runs cases.

    Attributes
    ----------
    service
        Of the worker.
    rules
        The tables in force.
    """

    service: Service
    rules: Rules

    def locate(self, said: Said) -> tuple[Place, Served]:
        """Route a report by the plan in force."""
        with self.service.database.reading() as connection:
            activation, served = self.service.plans.in_force(connection, self.service.clock())
        return place(said, served, activation), served

    def report(self, connection: Connection, said: Said, who: Who, found: tuple[Place, Served]) -> Kept:
        """Open a case for a report that was located, unless another plan came into force meanwhile.

        Raises
        ------
        StaleVersion
            Where one did: locate it again.
        CaseError
            Where category or grade are unknown.
        """
        place, served = found
        plans.hold_in_force(connection)
        now = self.service.clock()
        if self.service.plans.in_force(connection, now)[0] != place.activation_id:
            raise StaleVersion("another plan came into force")
        case_id = new_id(now)
        cell, level = served.holder(place.routed)
        about = {"grade": said.grade, "organisation": said.organisation or None, "plan_version": served.version}
        # Who is known by no key of their own is known by the case: nobody else has a receipt for this one.
        reporter = who.code if who.code and who.role is Role.RESIDENT else f"of-{case_id}"
        actor = Actor(who.role.value, who.code or reporter)
        brought = Report(case_id, said.category, cell, level, reporter=reporter, **about)
        case, event = open_case(brought, actor, now, self.rules)
        kept = Kept(case, place, served.territory.chain(cell), warn_at(case, self.rules))
        cases.add(connection, kept, event)
        cases.write(connection, case_id, 1, {"text": said.text, "address": said.address})
        if said.contact:
            cases.keep_contact(connection, case_id, self.service.seals.seal(said.contact, case_id))
        tallies.add(connection, _changed(Tally(), event, None, kept))
        return kept

    def act(self, connection: Connection, case_id: str, action: Action, who: Who, receipt: str = "") -> Kept:
        """Do something to a case, and what follows from it.

        Raises
        ------
        Problem
            404, 401 or 403 where it is not theirs to do.
        CaseError
            Where it cannot be done.
        """
        ends = self.rules.states.ends(action.name)
        if ends:
            # Nobody waits, or lets others wait, for what is not theirs.
            self.visible(connection, case_id, who, receipt)
            cases.wait_for_ends(connection)
        kept = self.visible(connection, case_id, who, receipt, to_change=True)
        who = self.acting(kept, who)
        if action.into is not None:
            _require_no_circle(connection, kept, self.visible(connection, action.into, who, to_change=True))
        # Residents see no cases but their own.
        code = kept.case.reporter if who.role is Role.RESIDENT else who.code
        actor = Actor(who.role.value, code or f"of-{case_id}")
        with self._turn(connection, self.service.clock()) as turn:
            kept = self._step(turn, kept, self._filled(turn, kept, action), actor)
            if action.name == "verify":
                kept = self._step(turn, kept, self._dispatched(turn, kept), _SYSTEM)
            return self._share(turn, kept) if ends else kept

    def visible(
        self, connection: Connection, case_id: str, who: Who, receipt: str = "", *, to_change: bool = False
    ) -> Kept:
        """Return a case, to those who may see it.

        Raises
        ------
        Problem
            404 where there is none, or none for them: whoever may not see a case is not told that there is one.
        """
        kept = cases.find(connection, case_id, to_change=to_change)
        if kept is not None and self.sees(kept, who, receipt):
            return kept
        if who.role is not Role.RESIDENT:
            who.require(May.READ_CASES)
        raise Problem(404, f"no case '{case_id[:40]}', or not for you")

    def sees(self, kept: Kept, who: Who, receipt: str = "") -> bool:
        """Say whether somebody may see all of a case: who reported it, or works on it."""
        if receipt and self.service.seals.is_receipt(receipt, kept.case.id):
            return True
        return (who.role is Role.RESIDENT or who.may(May.READ_CASES)) and _concerns(kept, who)

    def acting(self, kept: Kept, who: Who) -> Who:
        """Return as whom somebody acts on a case: who sees it by its receipt alone does so as its reporter."""
        return who if self.sees(kept, who) else ANYBODY

    def warn(self, connection: Connection, case_id: str) -> bool:
        """Tell that a clock is about to end or has; what is overdue is handed up where there is somebody above.

        Returns
        -------
        bool
            Whether there was anything to tell: what another worker told meanwhile is not told again.
        """
        kept = cases.find(connection, case_id, to_change=True)
        if kept is None:
            return False
        now = self.service.clock()
        say = alarm(kept.case, now, self.rules)
        if say is None:
            # It was told meanwhile; or other tables are in force since, by which it is too early.
            cases.warn_from(connection, case_id, warn_at(kept.case, self.rules))
            return False
        with self._turn(connection, now) as turn:
            kept = self._step(turn, kept, Action("warn", reason=say), _SYSTEM)
            if say == "overdue":
                # It may lie at the top already, or not be handed up from where it stands, by the tables in force.
                with suppress(CaseError):
                    self._step(turn, kept, self._filled(turn, kept, Action("escalate", reason="overdue")), _SYSTEM)
        return True

    @contextmanager
    def _turn(self, connection: Connection, now: datetime) -> Iterator[_Turn]:
        """Take steps under the plan in force at a moment; the figures follow at the end, at once.

        Who changed them with each step would change some twice, in an order of its own: two could wait for each other.
        """
        turn = _Turn(connection, self.service.plans.in_force(connection, now)[1], now)
        yield turn
        tallies.add(connection, turn.changed)

    def _step(self, turn: _Turn, before: Kept, action: Action, who: Actor) -> Kept:
        case, event = apply(before.case, action, who, turn.now, self.rules)
        moved = case.cell != before.case.cell
        chain = turn.served.territory.chain(case.cell) if moved else before.chain
        after = replace(before, case=case, chain=chain, warn_at=warn_at(case, self.rules))
        cases.advance(turn.connection, before, after, event)
        cases.write(turn.connection, case.id, event.number, {"text": action.text})
        turn.changed = _changed(turn.changed, event, before, after)
        return after

    def _share(self, turn: _Turn, kept: Kept) -> Kept:
        """Let a merged case share what became of the one it was merged into, and those merged into it what became."""
        into = kept.case.merged_into
        main = None if into is None else cases.find(turn.connection, into, to_change=True)
        follows = None if main is None else fate(kept.case, main.case)
        if follows is not None:
            return self._share(turn, self._step(turn, kept, follows, _SYSTEM))
        for each in cases.merged_into(turn.connection, kept.case.id):
            self._share(turn, each)
        return kept

    def _filled(self, turn: _Turn, kept: Kept, action: Action) -> Action:
        """Complete an action with what follows from the plan: levels, who is above, who answers."""
        served = turn.served
        if action.cell is not None:
            if action.cell not in served.territory.cells:
                raise BadAction(f"no cell '{action.cell}' in the plan in force")
            kept = replace(kept, chain=served.territory.chain(action.cell))
            level = served.territory.cells[action.cell].level
            action = replace(action, level=action.level or level, plan_version=served.version)
        if action.name == "escalate" and action.holder is None:
            assigned = self.rules.dispatch.above(kept.case.holder, _answering(turn, kept.chain))
            return replace(action, unit=assigned.unit, holder=assigned.holder, level=assigned.level)
        if action.name == "dispatch" and action.unit is None:
            dispatched = self._dispatched(turn, kept)
            return replace(action, unit=dispatched.unit, holder=dispatched.holder, level=dispatched.level)
        return action

    def _dispatched(self, turn: _Turn, kept: Kept) -> Action:
        case, territory = kept.case, _answering(turn, kept.chain)
        return self.rules.dispatch.assign(case.category, case.grade, kept.chain[0], territory, case.grids).action()


def _require_no_circle(connection: Connection, merged: Kept, main: Kept) -> None:
    """Refuse to merge a case into one that was merged into it: none would be left that the others follow."""
    above: Kept | None = main
    while above is not None and above.case.merged_into is not None:
        if above.case.merged_into == merged.case.id:
            raise BadAction(f"case {main.case.id} was merged into case {merged.case.id} before: reopen it first")
        above = cases.find(connection, above.case.merged_into)


def _answering(turn: _Turn, chain: Sequence[str]) -> Territory:
    """Return cells, each in the next, with who answers for them: those of the plan by which the case got there."""
    named = units.named(turn.connection, chain)
    known = turn.served.territory.cells
    return Territory.of(
        Cell(code, known[code].level if code in known else _FORMER, parent, *named.get(code, (None, None)))
        for code, parent in zip(chain, (*chain[1:], None), strict=True)
    )


def _changed(so_far: Tally, event: Event, before: Kept | None, after: Kept) -> Tally:
    """Return what events change of the figures, with one more."""
    chains = {kept.chain[0]: kept.chain for kept in (before, after) if kept is not None}
    change = replace(so_far, chains=chains).plus(event, None if before is None else before.case, after.case)
    # Who reported without a key is known by the case alone, and earns nothing.
    points = {code: each for code, each in change.points.items() if not code.endswith(after.case.id)}
    return replace(change, points=points)


def _concerns(kept: Kept, who: Who) -> bool:
    if who.role is Role.RESIDENT:
        return bool(who.code) and who.code == kept.case.reporter
    return who.covers(kept.codes) or who.code in kept.units
