"""Checks that go on: when a run was last worked on, how far it has looked, days that could not be compared. Of a
deletion, whether Shopify told it or we concluded it."""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE check_runs ADD COLUMN heartbeat_at timestamptz")
    op.execute("ALTER TABLE check_runs ADD COLUMN cursors JSONB DEFAULT '{}' NOT NULL")
    op.execute("ALTER TABLE day_checks ALTER COLUMN theirs DROP NOT NULL")
    op.execute("ALTER TABLE day_checks ADD COLUMN reason TEXT")
    op.execute("ALTER TABLE day_checks DROP CONSTRAINT ck_day_checks_state")
    op.execute("""
        ALTER TABLE day_checks ADD CONSTRAINT ck_day_checks_state
        CHECK (state IN ('equal', 'repaired', 'differs', 'uncompared'))
    """)
    op.execute("ALTER TABLE deletions ADD COLUMN is_inferred BOOLEAN DEFAULT false NOT NULL")
    op.execute("ALTER TABLE deletions ADD COLUMN followed_at timestamptz")
