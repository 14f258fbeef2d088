"""The first tables."""

from alembic import op

from api.store.tables import metadata

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_HISTORY = ("activations", "audit", "case_events", "plan_files")


def upgrade() -> None:
    """Make them all."""
    metadata.create_all(op.get_bind())
    if op.get_bind().dialect.name == "sqlite":
        _guard_in_sqlite()
    else:
        _guard_in_postgresql()
        _place_in_postgis()


def _guard_in_sqlite() -> None:
    for table in _HISTORY:
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is history: it is added to, never changed'); END"
            )


def _guard_in_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN RAISE EXCEPTION '% is history: it is added to, never changed', TG_TABLE_NAME; END$$"
    )
    for table in _HISTORY:
        op.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def _place_in_postgis() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    op.execute(
        "ALTER TABLE cases ADD COLUMN place geometry(Point, 4326) "
        "GENERATED ALWAYS AS (ST_SetSRID(ST_MakePoint(lon, lat), 4326)) STORED"
    )
    op.execute("CREATE INDEX ix_cases_place ON cases USING gist (place)")
