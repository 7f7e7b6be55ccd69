"""Imports name the orders that were skipped for their currency and those that do not add up."""

from __future__ import annotations

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Constant defaults: no row is rewritten.
    op.execute("""
        ALTER TABLE imports
            ADD COLUMN other_currencies TEXT[] DEFAULT '{}' NOT NULL,
            ADD COLUMN any_currency BOOLEAN DEFAULT false NOT NULL,
            ADD COLUMN orders_skipped BIGINT DEFAULT 0 NOT NULL,
            ADD COLUMN skipped JSONB DEFAULT '[]' NOT NULL,
            ADD COLUMN uneven JSONB DEFAULT '[]' NOT NULL
    """)
