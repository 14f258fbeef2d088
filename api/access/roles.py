"""Roles, what each may do, and where."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from api.errors import Problem
from maps.audience import Audience

_FORBIDDEN, _UNKNOWN = 403, 401


class Role(StrEnum):
    """Who somebody is to the service."""

    RESIDENT = "resident"
    STAFF = "staff"
    DESK = "desk"
    PLANNER = "planner"
    ADMINISTRATOR = "administrator"


class May(StrEnum):
    """What can be done, beyond what everybody may."""

    READ_CASES = "read cases"
    WORK = "work on cases"
    READ_CONTACTS = "read contacts"
    READ_STATISTICS = "read statistics"
    VISIT = "record visits"
    RUN_JOBS = "run jobs"
    IMPORT_PLANS = "import plans"
    ACTIVATE_PLANS = "activate plans"
    REDRAW = "redraw plans"
    EXPORT = "export cases"
    NAME_UNITS = "say who answers for cells"
    MANAGE_KEYS = "manage keys"
    READ_AUDIT = "read the audit log"


_STAFF = {May.READ_CASES, May.WORK, May.READ_STATISTICS, May.VISIT}
_DESK = _STAFF | {May.READ_CONTACTS, May.EXPORT, May.NAME_UNITS}
_PLANNER = {May.READ_STATISTICS, May.RUN_JOBS, May.IMPORT_PLANS, May.ACTIVATE_PLANS, May.REDRAW}
MAY: dict[Role, frozenset[May]] = {
    Role.RESIDENT: frozenset(),
    Role.STAFF: frozenset(_STAFF),
    Role.DESK: frozenset(_DESK),
    Role.PLANNER: frozenset(_PLANNER),
    Role.ADMINISTRATOR: frozenset(May),
}


@dataclass(frozen=True)
class Who:
    """Somebody who asks.

    Attributes
    ----------
    code
        Of the key or of the token's subject: a code, never a name; empty for those who say nothing of themselves.
    role
        What they are.
    scope
        Code of the cell below which they may act; None: everywhere.
    """

    code: str = ""
    role: Role = Role.RESIDENT
    scope: str | None = None

    @property
    def audience(self) -> Audience:
        """Whether they work with the plan, or are everybody."""
        return Audience.PUBLIC if self.role is Role.RESIDENT else Audience.INTERNAL

    def covers(self, cells: Collection[str]) -> bool:
        """Say whether something that lies in these cells, of all levels, lies in the scope."""
        return self.scope is None or self.scope in cells

    def may(self, what: May) -> bool:
        """Say whether the role may do something, somewhere."""
        return what in MAY[self.role]

    def require(self, what: May) -> None:
        """Refuse what the role may not do.

        Raises
        ------
        Problem
            401 for those who did not say who they are, 403 for others.
        """
        if self.may(what):
            return
        if not self.code:
            raise Problem(_UNKNOWN, f"to {what}, say who you are", {"WWW-Authenticate": "Bearer"})
        raise Problem(_FORBIDDEN, f"a {self.role} may not {what}")

    def require_all(self, what: May) -> None:
        """Refuse those who may do it somewhere only.

        Raises
        ------
        Problem
            As `require`, and 403 for those with a scope.
        """
        self.require(what)
        if self.scope is not None:
            raise Problem(_FORBIDDEN, f"to {what} takes a key for the whole area, yours is for {self.scope}")


ANYBODY = Who()
#: Whoever runs the commands of `wangge` on the database itself.
OPERATOR = Who("wangge", Role.ADMINISTRATOR)
