"""Plans: imported whole and proved, put in force from a moment on, kept for ever."""

import hashlib
import re
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, text

from api.access.roles import Who
from api.store import audit
from api.store.tables import activations, plan_files, plans
from gis.coverage.check import check
from gis.errors import CoverageError, InputError
from gis.plan import Plan, read_plan

# Codes and levels stand in tables, whose readers may take what begins otherwise for a formula.
_NAME = re.compile(r"[^\W_][^\x00-\x1f\x7f]{0,63}")


@dataclass(frozen=True)
class PlanRecord:
    """What is known of a plan without opening it.

    Attributes
    ----------
    id
        Its number here.
    version
        Short name of what is drawn (`gis.plan.Plan.version`).
    name
        Of its area.
    levels
        Top first.
    cells, households
        How many.
    certificate
        As its file says it; it was proved anew before it was kept.
    imported_at, imported_by
        When, and the code of whom.
    """

    id: int
    version: str
    name: str
    levels: list[str]
    cells: int
    households: int
    certificate: dict[str, Any]
    imported_at: datetime
    imported_by: str


@dataclass(frozen=True)
class Activation:
    """A plan in force from a moment on, until the next begins."""

    id: int
    plan_id: int
    version: str
    begins: datetime
    ends: datetime | None = None


_ORDER = (activations.c.begins.desc(), activations.c.id.desc())
_ACTIVATION = (activations.c.id, activations.c.plan_id, plans.c.version, activations.c.begins)
_IN_FORCE = select(*_ACTIVATION).join(plans).where(activations.c.begins <= bindparam("at")).order_by(*_ORDER).limit(1)


def prove(path: Path) -> Plan:
    """Read a plan file and prove its coverage anew: what is imported is not believed.

    Raises
    ------
    InputError
        Where it is no plan file.
    CoverageError
        Where its cells leave a gap, overlap, or do not nest.
    """
    plan = read_plan(path)
    for name in (*plan.cells["code"], *plan.levels, plan.area["code"].iloc[0] or ""):
        if name and not _NAME.fullmatch(str(name)):
            raise InputError(f"{str(name)[:64]!r} is no code of a cell, area or level here")
    report = check(plan.cells, area=plan.area)
    if not report.valid:
        raise CoverageError(f"the plan has {len(report.defects)} defects: see them with 'wangge check'")
    return plan


def keep(connection: Connection, plan: Plan, content: bytes, *, by: Who, now: datetime) -> PlanRecord:
    """Keep a proved plan; one that is there already is not kept twice."""
    digest = hashlib.sha256(content).hexdigest()
    known = connection.execute(select(plans).where(plans.c.sha256 == digest)).one_or_none()
    if known is None:
        row: dict[str, Any] = {
            "version": plan.version,
            "sha256": digest,
            "name": str(plan.area["name"].iloc[0] or plan.area["code"].iloc[0] or ""),
            "levels": plan.levels,
            "cells": len(plan.cells),
            "households": int(plan.at_level(plan.leaf_level)["households"].sum()),
            "certificate": plan.metadata["certificate"],
            "imported_at": now,
            "imported_by": by.code,
        }
        known = connection.execute(plans.insert().values(row).returning(*plans.c)).one()
        connection.execute(plan_files.insert().values(plan_id=known.id, bytes=content))
        audit.note(connection, by, "import plan", known.version, now)
    return _record(known)


def wait_for_reports(connection: Connection) -> None:
    """Before a plan comes into force: let reports that are being taken end, and those that come wait."""
    if connection.dialect.name != "sqlite":  # where whoever writes is alone already
        connection.execute(text("LOCK TABLE activations IN EXCLUSIVE MODE"))


def hold_in_force(connection: Connection) -> None:
    """Before a report is taken: let no other plan come into force until it is."""
    if connection.dialect.name != "sqlite":
        connection.execute(text("LOCK TABLE activations IN ROW SHARE MODE"))


def activate(connection: Connection, plan_id: int, *, by: Who, now: datetime, begins: datetime | None = None) -> int:
    """Put a plan in force, at once or from a later moment on; return the number of the activation.

    Raises
    ------
    InputError
        Where there is no such plan, or it should begin in the past: what was in force then is history.
    """
    record = find(connection, plan_id)
    if record is None:
        raise InputError(f"no plan {plan_id}")
    if begins is not None and begins < now:
        raise InputError(f"a plan cannot begin on {begins:%Y-%m-%d %H:%M}, which is past")
    audit.note(connection, by, "activate plan", record.version, now)
    made = activations.insert().values(plan_id=plan_id, begins=begins or now)
    return int(connection.execute(made.returning(activations.c.id)).scalar_one())


def in_force(connection: Connection, at: datetime) -> Activation | None:
    """Return the activation in force at a moment; None where none is yet."""
    found = connection.execute(_IN_FORCE, {"at": at}).one_or_none()
    return None if found is None else Activation(*found)


def generations(connection: Connection) -> list[Activation]:
    """Return all activations, the earliest first, each with the moment at which the next takes over."""
    rows = connection.execute(select(*_ACTIVATION).join(plans).order_by(*_ORDER)).all()
    made: list[Activation] = []
    ends = None
    for row in rows:
        made.append(Activation(*row, ends))
        ends = row.begins
    return made[::-1]


def find(connection: Connection, plan_id: int) -> PlanRecord | None:
    """Return one plan."""
    found = connection.execute(select(plans).where(plans.c.id == plan_id)).one_or_none()
    return None if found is None else _record(found)


def all_plans(connection: Connection) -> list[PlanRecord]:
    """Return all plans, the latest first."""
    return [_record(row) for row in connection.execute(select(plans).order_by(plans.c.id.desc()))]


def file_of(connection: Connection, plan_id: int) -> bytes:
    """Return a plan's file.

    Raises
    ------
    InputError
        Where there is no such plan.
    """
    found = connection.execute(select(plan_files.c.bytes).where(plan_files.c.plan_id == plan_id)).scalar_one_or_none()
    if found is None:
        raise InputError(f"no plan {plan_id}")
    return bytes(found)


def _record(row: Row[Any]) -> PlanRecord:
    return PlanRecord(**{each.name: getattr(row, each.name) for each in fields(PlanRecord)})
