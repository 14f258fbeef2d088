"""A service with cases of all kinds, made by hand: every property filled and empty, places on a raster."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2 as httpx
import serving
from serving import BEGINNING, Running

from api.store.tables import case_cells, case_units, cases
from gis.plan import Plan

Rows = list[dict[str, Any]]
NOW = BEGINNING + timedelta(days=30)
STATES, UNITS = ["reported", "Reported", "re_ported", "hand%led", "[a-z]*", "受理"], ["u-1", "U-1", None]
STEP = 1 / 1024


def made_rows(cells: list[str]) -> Rows:
    """Make cases with all there can be, nulls with it; places on a raster, so that they lie on borders too."""
    chance = random.Random(3)  # noqa: S311 (nothing secret)
    rows = []
    for number in range(60):
        at = BEGINNING + timedelta(hours=chance.randrange(200), microseconds=chance.choice([0, 500_000]))
        somewhere = number % 7 != 0
        rows.append(
            {
                "id": f"260304-{number * 7919 % 100_000:05d}XYZ{number % 10}A",
                "state": chance.choice(STATES),
                "category": chance.choice(["component-01", "event-04"]),
                "grade": "ordinary",
                "cell": chance.choice(cells),
                "unit": chance.choice(UNITS),
                "organisation": None,
                "received_at": at,
                "changed_at": at,
                "closed_at": chance.choice([None, at + timedelta(days=2)]),
                "due_at": chance.choice([None, NOW - timedelta(days=1), NOW + timedelta(days=1), NOW]),
                "merged_into": chance.choice([None, None, "260304-00000XYZ0A"]),
                "colour": chance.choice(["red", "orange", None]),
                "plan_version": "abc",
                "lon": 114.5 + chance.randrange(9) * STEP if somewhere else None,
                "lat": 38.0 + chance.randrange(9) * STEP if somewhere else None,
            }
        )
    for row in rows:
        row["overdue"] = row["closed_at"] is None and row["due_at"] is not None and row["due_at"] < NOW
    return sorted(rows, key=lambda row: row["id"])


def keep(town: Running, rows: Rows) -> None:
    told = set(cases.c.keys()) - {"record"}
    rest = {"version": 1, "activation_id": 1, "given": {"address": "7 Elm Court"}, "routed": {}, "chain": []}
    territory = town.service.plans.current.territory
    with town.service.database.writing() as connection:
        for row in rows:
            record = {name: row[name] for name in ("colour", "plan_version")} | {"reporter": "somebody"}
            values = {name: value for name, value in row.items() if name in told} | {"over_at": row["closed_at"]}
            connection.execute(cases.insert().values(**values, **rest, record=record))
            held = [{"case_id": row["id"], "code": code} for code in territory.chain(row["cell"])]
            connection.execute(case_cells.insert(), held)
            if row["unit"]:
                connection.execute(case_units.insert(), {"case_id": row["id"], "unit": row["unit"]})


@contextmanager
def with_cases(url: str, folder: Path, plan_file: Path, rows: Rows) -> Iterator[Running]:
    """Run a service that has these cases, some time after they were reported."""
    with serving.running(url, folder, plan_file) as running:
        keep(running, rows)
        running.clock.now = NOW
        yield running


def rows_of(plan: Plan) -> Rows:
    return made_rows(plan.at_level("micro")["code"].iloc[:6].tolist())


def ask(town: Running, path: str, role: str = "desk", **parameters: str | int) -> httpx.Response:
    told = {name.replace("r_l", "r-l"): value for name, value in parameters.items()}
    headers = {} if role == "anybody" else town.to(role)
    return town.client.get(f"/ogc/collections{path}", params=told, headers=headers)
