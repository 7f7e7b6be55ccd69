"""The index of numbers has what decides whether an order is in a period, so that it leads past others unread.

Numbers grow with time: a list of an old period by number passes all orders after it, or before it.
"""

from __future__ import annotations

from alembic import op

revision = "0077"
down_revision = "0076"
branch_labels = None
depends_on = None

_COLUMNS = "tenant_id, store_id, number, order_id"


def upgrade() -> None:
    op.execute("DROP INDEX ix_orders_number")
    op.execute(f"""
        CREATE INDEX ix_orders_number ON orders ({_COLUMNS}) INCLUDE (business_date, processed_at, name_norm)
        WHERE NOT test AND deleted_at IS NULL
    """)


def downgrade() -> None:
    op.execute("DROP INDEX ix_orders_number")
    op.execute(f"CREATE INDEX ix_orders_number ON orders ({_COLUMNS})")
