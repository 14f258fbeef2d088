"""What a worker of the service has at hand."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from api.access import keys
from api.access.rates import Rates
from api.access.roles import Who
from api.access.seals import Seals
from api.access.tokens import Tokens
from api.errors import Problem
from api.published import Published
from api.serving import Plans
from api.settings import Settings
from api.store.engine import Database

# A key that was revoked is refused everywhere after this long.
_BELIEVED = timedelta(seconds=5)
_REMEMBERED = 10_000


def wall_clock() -> datetime:
    """Tell the moment."""
    return datetime.now(UTC)


@dataclass
class Service:
    """What requests are answered with.

    Attributes
    ----------
    settings
        As they were at the start.
    database
        Everything that is kept.
    clock
        Tells the moment: tests move it.
    """

    settings: Settings
    database: Database
    clock: Callable[[], datetime] = wall_clock
    plans: Plans = field(init=False)
    published: Published = field(init=False)
    tokens: Tokens = field(init=False)
    rates: Rates = field(init=False)
    report_rates: Rates = field(init=False)
    seals: Seals = field(init=False)
    _known: dict[str, tuple[Who, datetime]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.plans = Plans(self.database, self.clock)
        self.published = Published(self.database, self.clock)
        self.tokens = Tokens(self.settings)
        self.rates = Rates(self.settings.requests_per_minute)
        self.report_rates = Rates(self.settings.reports_per_minute)
        self.seals = Seals(self.settings.secret_file)

    def seconds(self) -> float:
        """Tell seconds, by the clock: rates are counted by them."""
        return self.clock().timestamp()

    def recall(self, credential: str) -> Who | None:
        """Return whose key or token this is, where that was looked up just now."""
        known = self._known.get(credential)
        return known[0] if known is not None and known[1] > self.clock() else None

    def identify(self, credential: str) -> Who:
        """Look up whose key or token this is.

        Raises
        ------
        Problem
            401 where it is nobody's.
        """
        now = self.clock()
        if keys.is_key(credential):
            with self.database.reading() as connection:
                who = keys.owner(connection, credential, now)
            if who is None:
                raise Problem(401, "the key is not valid here", {"WWW-Authenticate": "Bearer"})
        else:
            who = self.tokens.owner(credential)
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[credential] = who, now + _BELIEVED
        return who
