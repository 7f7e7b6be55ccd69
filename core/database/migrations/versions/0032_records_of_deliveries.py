"""The record that a delivery is about, so that an order lists its webhooks and the log is searched by number.

Deliveries stored before stay without: their bodies are kept for some time only.
"""

from __future__ import annotations

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE deliveries ADD COLUMN record_id bigint")
    op.execute(
        "CREATE INDEX ix_deliveries_record ON deliveries (tenant_id, store_id, record_id) WHERE record_id IS NOT NULL"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE deliveries DROP COLUMN record_id")
