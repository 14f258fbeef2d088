"""A service for tests: a store of its own, a clock that is moved by hand, keys for every role."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fastapi.testclient import TestClient

from api.access import keys
from api.access.roles import OPERATOR, Role, Who
from api.app import create_app
from api.service import Service
from api.settings import Settings
from api.store import plans
from gis.plan import Plan

# A Wednesday, working hours in China.
BEGINNING = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)


@dataclass
class Clock:
    """Tells the moment it was set to."""

    now: datetime = BEGINNING

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Running:
    """A service that runs in this process."""

    client: TestClient
    clock: Clock
    settings: Settings
    keys: dict[str, str] = field(default_factory=dict)

    @property
    def service(self) -> Service:
        return self.client.app.state.service

    def to(self, role: str) -> dict[str, str]:
        """Return the header of somebody in a role."""
        return {"Authorization": f"Bearer {self.keys[role]}"}

    def key(self, code: str, role: str, scope: str | None = None) -> dict[str, str]:
        """Make a key and return its header."""
        with self.service.database.writing() as connection:
            made = keys.make(connection, Who(code, Role(role), scope), by=OPERATOR, now=self.clock())
        return {"Authorization": f"Bearer {made}"}


@contextmanager
def running(database: str, folder: Path, plan: Path | None = None, **settings: object) -> Iterator[Running]:
    """Run a service on a database, with a plan in force."""
    clock = Clock()
    given = Settings(database=database, secret_file=folder / "wangge.key", requests_per_minute=0, **settings)
    app = create_app(given, clock)
    with app.state.service.database.writing() as connection:
        if plan is not None:
            record = plans.keep(connection, plans.prove(plan), plan.read_bytes(), by=OPERATOR, now=clock())
            plans.activate(connection, record.id, by=OPERATOR, now=clock())
        made = {role.value: keys.make(connection, Who(f"the-{role}", role), by=OPERATOR, now=clock()) for role in Role}
    with TestClient(app, raise_server_exceptions=False) as client:
        yield Running(client, clock, given, made)


def spot(plan: Plan, row: int = 0) -> dict[str, float]:
    """Return degrees well inside a cell that shares its ground with no other."""
    cells = plan.at_level("micro")
    alone = cells[~cells["ground_code"].duplicated(keep=False)]
    inside = alone.geometry.iloc[[row]].representative_point().to_crs(4326).iloc[0]
    return {"lon": inside.x, "lat": inside.y}
