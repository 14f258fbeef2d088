"""The tables. What is history is never changed: a trigger refuses it (see the first migration)."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """A moment, kept as UTC: SQLite has no time zones of its own."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Bring a moment to UTC; one without a time zone is a fault."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment without time zone: {value}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Say that what is kept is UTC."""
        del dialect
        return None if value is None else value.replace(tzinfo=value.tzinfo or UTC)


Number = BigInteger().with_variant(Integer, "sqlite")
Record = JSON().with_variant(JSONB, "postgresql")


def _number() -> Column[Any]:
    return Column("id", Number, primary_key=True, autoincrement=True)


# The plan files themselves: whoever has the database has all its plans, on every machine.
plans = Table(
    "plans",
    metadata,
    _number(),
    Column("version", String(12), nullable=False),
    Column("sha256", String(64), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("levels", Record, nullable=False),
    Column("cells", Integer, nullable=False),
    Column("households", Integer, nullable=False),
    Column("certificate", Record, nullable=False),
    Column("imported_at", Instant, nullable=False),
    Column("imported_by", String(64), nullable=False),
    sqlite_autoincrement=True,
)
plan_files = Table(
    "plan_files",
    metadata,
    Column("plan_id", Number, ForeignKey("plans.id"), primary_key=True, autoincrement=False),
    Column("bytes", LargeBinary, nullable=False),
)
# Which plan is in force from when: a row is added, none is changed.
activations = Table(
    "activations",
    metadata,
    _number(),
    Column("plan_id", Number, ForeignKey("plans.id"), nullable=False),
    Column("begins", Instant, nullable=False, index=True),
    sqlite_autoincrement=True,
)
# A case's number is made by the service: its day, and then nothing that can be guessed.
_CASE = String(20)
cases = Table(
    "cases",
    metadata,
    Column("id", _CASE, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("category", String(64), nullable=False),
    Column("grade", String(64), nullable=False),
    Column("cell", String(64), nullable=False),
    Column("unit", String(64)),
    Column("organisation", String(64)),
    Column("received_at", Instant, nullable=False, index=True),
    Column("changed_at", Instant, nullable=False, index=True),
    # Closed, rejected or merged.
    Column("over_at", Instant, index=True),
    # The earlier of the two clocks' ends; none where they stand still.
    Column("due_at", Instant, index=True),
    # From when on there is something to tell of its clocks that was not told yet; none where nothing.
    Column("warn_at", Instant, index=True),
    Column("merged_into", _CASE, index=True),
    Column("activation_id", Number, ForeignKey("activations.id"), nullable=False),
    Column("lon", Float),
    Column("lat", Float),
    # Codes from its cell up to the area, by the plan by which it got there.
    Column("chain", Record, nullable=False),
    # What was said of the place, as it was said, and how it was routed.
    Column("given", Record, nullable=False),
    Column("routed", Record, nullable=False),
    # The case as the loop knows it (`api.cases.case.Case`).
    Column("record", Record, nullable=False),
    Column("erased_at", Instant),
    Index("ix_cases_erased_at_over_at", "erased_at", "over_at"),
    Index("ix_cases_state_id", "state", "id"),
    Index("ix_cases_lat_lon", "lat", "lon"),
    Index("ix_cases_category_received_at", "category", "received_at"),
)
# The cells of all levels that hold a case, and its functional grids: what a scope is asked against.
case_cells = Table(
    "case_cells",
    metadata,
    Column("case_id", _CASE, ForeignKey("cases.id"), primary_key=True),
    Column("code", String(64), primary_key=True),
    Index("ix_case_cells_code_case_id", "code", "case_id"),
)
# Who works on a case: responsible or called in.
case_units = Table(
    "case_units",
    metadata,
    Column("case_id", _CASE, ForeignKey("cases.id"), primary_key=True),
    Column("unit", String(64), primary_key=True),
    Index("ix_case_units_unit_case_id", "unit", "case_id"),
)
case_events = Table(
    "case_events",
    metadata,
    _number(),
    Column("case_id", _CASE, ForeignKey("cases.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("record", Record, nullable=False),
    UniqueConstraint("case_id", "number"),
    sqlite_autoincrement=True,
)
# Words of people: apart from the history, so that they can be erased while it stays.
case_texts = Table(
    "case_texts",
    metadata,
    Column("case_id", _CASE, ForeignKey("cases.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(20), primary_key=True),
    Column("text", Text, nullable=False),
)
photos = Table(
    "photos",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("case_id", _CASE, ForeignKey("cases.id"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("bytes", LargeBinary, nullable=False),
)
contacts = Table(
    "contacts",
    metadata,
    Column("case_id", _CASE, ForeignKey("cases.id"), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)
keys = Table(
    "keys",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("sha256", String(64), nullable=False, unique=True),
    Column("role", String(20), nullable=False),
    Column("scope", String(64)),
    Column("made_at", Instant, nullable=False),
    Column("ends_at", Instant),
    Column("revoked_at", Instant),
)
# Which case was opened under an Idempotency-Key, for which body.
acknowledged = Table(
    "acknowledged",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("body", String(64), nullable=False),
    Column("at", Instant, nullable=False, index=True),
    Column("case_id", _CASE, ForeignKey("cases.id"), nullable=False),
)
jobs = Table(
    "jobs",
    metadata,
    _number(),
    Column("kind", String(20), nullable=False),
    Column("options", Record, nullable=False),
    Column("state", String(20), nullable=False, index=True),
    Column("made_at", Instant, nullable=False),
    Column("by", String(64), nullable=False),
    Column("begun_at", Instant),
    Column("ended_at", Instant),
    Column("seen_at", Instant),
    Column("tries", Integer, nullable=False),
    Column("cancel", Boolean, nullable=False),
    Column("outcome", Record),
    sqlite_autoincrement=True,
)
job_files = Table(
    "job_files",
    metadata,
    Column("job_id", Number, ForeignKey("jobs.id"), primary_key=True, autoincrement=False),
    Column("name", String(80), primary_key=True),
    Column("bytes", LargeBinary, nullable=False),
)
job_stages = Table(
    "job_stages",
    metadata,
    _number(),
    Column("job_id", Number, ForeignKey("jobs.id"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("text", Text, nullable=False),
    sqlite_autoincrement=True,
)
# Plans that are being redrawn. Where a draft stands is what its events say, one after the other.
drafts = Table(
    "drafts",
    metadata,
    _number(),
    Column("plan_id", Number, ForeignKey("plans.id"), nullable=False),
    Column("title", String(120), nullable=False),
    Column("owner", String(64), nullable=False),
    Column("state", String(20), nullable=False),
    # Of the last event.
    Column("version", Integer, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    # What was made of it, once it is submitted.
    Column("made_plan_id", Number, ForeignKey("plans.id")),
    sqlite_autoincrement=True,
)
draft_events = Table(
    "draft_events",
    metadata,
    _number(),
    Column("draft_id", Number, ForeignKey("drafts.id"), nullable=False),
    Column("number", Integer, nullable=False),
    # Given by who sent it: what is sent twice is taken once.
    Column("key", String(64), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("by", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    Column("record", Record, nullable=False),
    UniqueConstraint("draft_id", "number"),
    UniqueConstraint("draft_id", "key"),
    sqlite_autoincrement=True,
)
# Who did what, by codes: added to, never changed.
audit = Table(
    "audit",
    metadata,
    _number(),
    Column("at", Instant, nullable=False),
    Column("by", String(64), nullable=False),
    Column("role", String(20), nullable=False),
    Column("action", String(40), nullable=False),
    Column("object", String(80), nullable=False),
    sqlite_autoincrement=True,
)
# Figures of cells, functional grids and reporters, kept up as things happen.
tallies = Table(
    "tallies",
    metadata,
    Column("code", String(64), primary_key=True),
    Column("figure", String(40), primary_key=True),
    Column("value", Integer, nullable=False),
)
# The figures that everybody is told, since when: one row.
published = Table(
    "published",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("figures", Record, nullable=False),
)
# Who answers for a cell, and who does where nobody is named.
units = Table(
    "units",
    metadata,
    Column("cell", String(64), primary_key=True),
    Column("unit", String(64)),
    Column("fallback", String(64)),
)
visits = Table(
    "visits",
    metadata,
    _number(),
    Column("plan", String(64), nullable=False),
    Column("cell", String(64), nullable=False),
    Column("day", Date, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", String(64), nullable=False),
    Index("ix_visits_day_cell", "day", "cell"),
    sqlite_autoincrement=True,
)
