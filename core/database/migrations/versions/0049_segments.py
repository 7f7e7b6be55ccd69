"""Scores of customers by their last order, their orders and their net sales, which a job renews each night."""

from __future__ import annotations

from alembic import op

from core.database.migrations.policies import protect_table

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

_STORE = """
    tenant_id BIGINT NOT NULL,
    store_id BIGINT NOT NULL,
    FOREIGN KEY (tenant_id, store_id) REFERENCES stores (tenant_id, store_id) ON DELETE CASCADE
"""
_TABLES = {
    "segment_builds": """
        built_at timestamptz NOT NULL,
        currency TEXT NOT NULL,
        customers BIGINT NOT NULL,
        PRIMARY KEY (tenant_id, store_id)
    """,
    "segment_sums": """
        segment TEXT NOT NULL,
        customers BIGINT NOT NULL,
        orders BIGINT NOT NULL,
        net_sales NUMERIC NOT NULL,
        PRIMARY KEY (tenant_id, store_id, segment)
    """,
    "customer_scores": """
        customer_key TEXT NOT NULL,
        segment TEXT NOT NULL,
        recency SMALLINT NOT NULL,
        frequency SMALLINT NOT NULL,
        monetary SMALLINT NOT NULL,
        orders BIGINT NOT NULL,
        net_sales NUMERIC NOT NULL,
        last_order_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, store_id, customer_key)
    """,
}


def upgrade() -> None:
    for table, columns in _TABLES.items():
        op.execute(f"CREATE TABLE {table} ({_STORE}, {columns})")
        protect_table(table)
    for column in ("net_sales", "orders", "last_order_at"):
        op.execute(f"""
            CREATE INDEX ix_customer_scores_{column}
            ON customer_scores (tenant_id, store_id, segment, {column}, customer_key)
        """)


def downgrade() -> None:
    for table in _TABLES:
        op.execute(f"DROP TABLE {table}")
