"""Drafts of plans, and what happened to them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from api.store.tables import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_RECORD = sa.JSON().with_variant(JSONB, "postgresql")


def upgrade() -> None:
    """Make both, and guard the events: they are added to, never changed."""
    op.create_table(
        "drafts",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("plan_id", _NUMBER, nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("made_plan_id", _NUMBER, nullable=True),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_drafts_plan_id")),
        sa.ForeignKeyConstraint(["made_plan_id"], ["plans.id"], name=op.f("fk_drafts_made_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "draft_events",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("draft_id", _NUMBER, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("record", _RECORD, nullable=False),
        sa.ForeignKeyConstraint(["draft_id"], ["drafts.id"], name=op.f("fk_draft_events_draft_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_events")),
        sa.UniqueConstraint("draft_id", "number", name=op.f("uq_draft_events_draft_id_number")),
        sa.UniqueConstraint("draft_id", "key", name=op.f("uq_draft_events_draft_id_key")),
        sqlite_autoincrement=True,
    )
    if op.get_bind().dialect.name == "sqlite":
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER draft_events_no_{change.lower()} BEFORE {change} ON draft_events "
                "BEGIN SELECT RAISE(ABORT, 'draft_events is history: it is added to, never changed'); END"
            )
    else:
        op.execute(
            "CREATE TRIGGER draft_events_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON draft_events "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
