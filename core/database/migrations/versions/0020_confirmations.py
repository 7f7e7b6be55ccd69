"""Deliveries that wait until Shopify confirms them."""

from __future__ import annotations

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_STATES = "'pending', 'applied', 'ignored', 'failed', 'unconfirmed'"


def upgrade() -> None:
    op.execute("ALTER TABLE deliveries ADD COLUMN confirmed_at timestamptz")
    op.execute("ALTER TABLE deliveries DROP CONSTRAINT ck_deliveries_state")
    op.execute(f"ALTER TABLE deliveries ADD CONSTRAINT ck_deliveries_state CHECK (state IN ({_STATES}))")
