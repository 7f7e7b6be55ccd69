"""The column of a webhook's latest report of an order gets a name that says so."""

from __future__ import annotations

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE unsettled_orders RENAME COLUMN told_at TO reported_at")
