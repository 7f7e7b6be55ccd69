"""What pages of lists need, so that each begins behind the last row of the page before it, in an index.

Under row-level security no condition on an amount reaches an index: PostgreSQL compares numbers by functions that may
reveal them. So it derives thousandths as integers, which sort alike. The indexes hold all that decides which orders a
page has.
"""

from __future__ import annotations

from alembic import op

revision = "0071"
down_revision = "0070"
branch_labels = None
depends_on = None

_STORE = "tenant_id, store_id"
_PLACED = "business_date, processed_at"
_LARGEST = 9_000_000_000_000_000
_FULFILLMENT = "(CASE WHEN cancelled_at IS NULL THEN coalesce(fulfillment_status, 'unfulfilled') ELSE '~' END)"


def _thousandths(amount: str) -> str:
    """Cap an amount at the largest integer: an absurd amount must not make PostgreSQL refuse the order."""
    return f"(least(greatest({amount}, -{_LARGEST}), {_LARGEST}) * 1000)::bigint"


def upgrade() -> None:
    for name in ("orders_total", "orders_cancelled", "customer_orders_net_sales"):
        op.execute(f"DROP INDEX ix_{name}")
    for table, column in (("orders", "total"), ("customer_orders", "net_sales")):
        op.execute(
            f"ALTER TABLE {table} ADD {column}_sorted bigint NOT NULL "
            f"GENERATED ALWAYS AS ({_thousandths(column)}) STORED"
        )
    op.execute(f"""
        CREATE INDEX ix_orders_total ON orders ({_STORE}, total_sorted, order_id) INCLUDE ({_PLACED})
        WHERE NOT test AND deleted_at IS NULL
    """)
    op.execute(f"CREATE INDEX ix_orders_fulfillment ON orders ({_STORE}, {_FULFILLMENT}, {_PLACED})")
    op.execute(f"""
        CREATE INDEX ix_customer_orders_net_sales
        ON customer_orders ({_STORE}, net_sales_sorted, order_id) INCLUDE ({_PLACED})
    """)


def downgrade() -> None:
    for name in ("orders_total", "orders_fulfillment", "customer_orders_net_sales"):
        op.execute(f"DROP INDEX ix_{name}")
    for table, column in (("orders", "total"), ("customer_orders", "net_sales")):
        op.execute(f"ALTER TABLE {table} DROP {column}_sorted")
    op.execute(f"CREATE INDEX ix_orders_total ON orders ({_STORE}, total, order_id)")
    op.execute(f"CREATE INDEX ix_orders_cancelled ON orders ({_STORE}, {_PLACED}) WHERE cancelled_at IS NOT NULL")
    op.execute(f"CREATE INDEX ix_customer_orders_net_sales ON customer_orders ({_STORE}, net_sales, order_id)")
