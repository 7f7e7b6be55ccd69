"""When a sync found a new order that no webhook had brought: such a store is not live."""

from __future__ import annotations

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE stores ADD COLUMN webhooks_missed_at timestamptz")
