"""Indexes by which the list of orders is sorted, and narrowed to a status."""

from __future__ import annotations

from alembic import op

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None

_PLACED = "business_date, processed_at"
_UNFULFILLED = "cancelled_at IS NULL AND coalesce(fulfillment_status, 'unfulfilled') <> 'fulfilled'"
_INDEXES = {
    "orders_total": "orders (tenant_id, store_id, total, order_id)",
    "orders_number": "orders (tenant_id, store_id, number, order_id)",
    "orders_financial_status": f"orders (tenant_id, store_id, financial_status, {_PLACED})",
    "orders_cancelled": f"orders (tenant_id, store_id, {_PLACED}) WHERE cancelled_at IS NOT NULL",
    "orders_unfulfilled": f"orders (tenant_id, store_id, {_PLACED}) WHERE {_UNFULFILLED}",
    "customer_orders_net_sales": "customer_orders (tenant_id, store_id, net_sales, order_id)",
}


def upgrade() -> None:
    for name, columns in _INDEXES.items():
        op.execute(f"CREATE INDEX ix_{name} ON {columns}")


def downgrade() -> None:
    for name in _INDEXES:
        op.execute(f"DROP INDEX ix_{name}")
