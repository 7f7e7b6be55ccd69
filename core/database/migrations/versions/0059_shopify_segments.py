"""Shopify's own segment of a customer, and its guess of what the customer will spend."""

from __future__ import annotations

from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE customers ADD COLUMN rfm_group TEXT, ADD COLUMN predicted_spend_tier TEXT")


def downgrade() -> None:
    op.execute("ALTER TABLE customers DROP COLUMN rfm_group, DROP COLUMN predicted_spend_tier")
