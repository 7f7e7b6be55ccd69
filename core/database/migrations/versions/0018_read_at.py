"""When Shopify was asked for the version that is here, and whether all of an order was read."""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("orders", "customers", "products", "checkouts", "inventory_levels"):
        op.execute(f"ALTER TABLE {table} ADD COLUMN read_at timestamptz")
    op.execute("ALTER TABLE orders ADD COLUMN is_whole BOOLEAN DEFAULT true NOT NULL")
