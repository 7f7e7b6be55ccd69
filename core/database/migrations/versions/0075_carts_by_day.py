"""An index that has the carts of a period: the Checkouts page counts them."""

from __future__ import annotations

from alembic import op

revision = "0075"
down_revision = "0074"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE INDEX ix_carts_created_at ON carts (tenant_id, store_id, created_at)")


def downgrade() -> None:
    op.execute("DROP INDEX ix_carts_created_at")
