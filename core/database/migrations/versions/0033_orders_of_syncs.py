"""How many orders a sync read, and how many of them were new."""

from __future__ import annotations

from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE sync_runs ADD COLUMN orders_done bigint, ADD COLUMN orders_new bigint")


def downgrade() -> None:
    op.execute("ALTER TABLE sync_runs DROP COLUMN orders_done, DROP COLUMN orders_new")
