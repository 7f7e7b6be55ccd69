"""Token buckets of what strangers and members may do only so often, shared by all processes."""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

APP_ROLE = "xeno_app"


def upgrade() -> None:
    # Unlogged: it is written by every attempt of a flood, and after a crash of the server all buckets may be full.
    op.execute("""
        CREATE UNLOGGED TABLE rate_limits (
            name TEXT NOT NULL,
            subject_hash BYTEA NOT NULL,
            full_at timestamptz NOT NULL,
            CONSTRAINT pk_rate_limits PRIMARY KEY (name, subject_hash)
        )
    """)
    op.execute("CREATE INDEX ix_rate_limits_full_at ON rate_limits (full_at)")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON rate_limits TO {APP_ROLE}")
