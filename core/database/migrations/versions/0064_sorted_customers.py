"""What lists of customers need, so that a page reads its own rows only: indexes, and sums by customer and month."""

from __future__ import annotations

from alembic import op

from core.database.migrations.kept_sums import KeptSums, create_table, create_triggers, drop_triggers, fill
from core.database.migrations.policies import protect_table

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None

_STORE = "tenant_id, store_id"
_NAME = "coalesce(first_name || ' ' || last_name, first_name, last_name, email)"
_SUMS = ("net_sales", "orders", "first_order_at", "last_order_at")
_MONTHS = KeptSums(
    "customer_sales_by_month",
    {
        "currency": "r.currency",
        "customer_key": "r.customer_key",
        "month": "date_trunc('month', r.business_date::timestamp)::date",
    },
    {"net_sales": ("r.net_sales", "true")},
    {"orders": "true"},
    emptied_by=("orders",),
)


def _sorted(text: str) -> str:
    """An accented letter comes after its plain one; an entry of an index has a limit."""
    return f'(normalize("left"({text}, 120), NFD) COLLATE "C")'


def upgrade() -> None:
    create_table(
        *("customer_sales_by_month", {"currency": "TEXT", "customer_key": "TEXT", "month": "DATE"}),
        {"net_sales": "NUMERIC", "orders": "BIGINT"},
    )
    fill("customer_orders", [_MONTHS])
    create_triggers("sum_customer_months", "customer_orders", [_MONTHS])
    protect_table("customer_sales_by_month")
    for column in _SUMS:
        op.execute(f"""
            CREATE INDEX ix_customer_totals_{column}
            ON customer_totals ({_STORE}, currency, {column}, customer_key)
        """)
    op.execute(f"""
        CREATE INDEX ix_customer_totals_guest
        ON customer_totals ({_STORE}, currency, {_sorted("substr(customer_key, 3)")})
        WHERE starts_with(customer_key, 'e:')
    """)
    op.execute(f"CREATE INDEX ix_customers_name ON customers ({_STORE}, {_sorted(f'lower({_NAME})')})")
    op.execute("DROP INDEX ix_customer_orders_customer_key")
    op.execute(f"""
        CREATE INDEX ix_customer_orders_customer_key ON customer_orders ({_STORE}, customer_key, business_date)
    """)
    op.execute(f"CREATE INDEX ix_customer_orders_business_date ON customer_orders ({_STORE}, business_date)")
    op.execute(f"""
        CREATE INDEX ix_customer_orders_negative ON customer_orders ({_STORE}, customer_key) WHERE net_sales < 0
    """)


def downgrade() -> None:
    drop_triggers("sum_customer_months")
    op.execute("DROP TABLE customer_sales_by_month")
    op.execute("DROP INDEX ix_customer_orders_customer_key")
    op.execute(f"CREATE INDEX ix_customer_orders_customer_key ON customer_orders ({_STORE}, customer_key)")
    for column in (*_SUMS, "guest"):
        op.execute(f"DROP INDEX ix_customer_totals_{column}")
    op.execute("DROP INDEX ix_customers_name")
    for name in ("business_date", "negative"):
        op.execute(f"DROP INDEX ix_customer_orders_{name}")
