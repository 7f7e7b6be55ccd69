"""Sums of profit and numbers of orders by thirds of a month, months, quarters and years, in place of months alone.

A question about a year then adds up some rows a product, not one for each month and for each day at its ends.
"""

from __future__ import annotations

from alembic import op

from core.database.migrations.policies import protect_table

revision = "0081"
down_revision = "0080"
branch_labels = None
depends_on = None

_SUMS = """
    units bigint NOT NULL,
    an_order bigint,
    net_sales numeric NOT NULL,
    net_sales_with_cost numeric NOT NULL,
    lines bigint NOT NULL,
    lines_with_cost bigint NOT NULL,
    cost_of_goods numeric NOT NULL,
    not_restocked numeric NOT NULL"""
_GOODS = f"product_id bigint NOT NULL, variant_id bigint NOT NULL, {_SUMS}"
_ORDERS = "goods text NOT NULL, goods_id bigint NOT NULL, orders bigint NOT NULL"
_SPANS = {
    "goods_spans": ("currency, span, product_id, variant_id", f"span text NOT NULL, {_GOODS}"),
    "goods_order_spans": ("currency, goods, span, goods_id", f"span text NOT NULL, {_ORDERS}"),
}
_MONTHS = {
    "goods_months": ("currency, month, product_id, variant_id", f"month date NOT NULL, {_GOODS}"),
    "goods_order_months": ("currency, goods, month, goods_id", f"month date NOT NULL, {_ORDERS}"),
}
"""By table: the rest of its key behind tenant and store, and its columns behind the currency."""
_DAYS_WITHOUT_COST = """
    CREATE INDEX ix_goods_days_without_cost ON goods_days (tenant_id, store_id, currency, business_date)
    WHERE lines > lines_with_cost OR net_sales <> net_sales_with_cost"""


def upgrade() -> None:
    _replace(_MONTHS, _SPANS)
    op.execute(_DAYS_WITHOUT_COST)


def downgrade() -> None:
    op.execute("DROP INDEX ix_goods_days_without_cost")
    _replace(_SPANS, _MONTHS)


def _replace(dropped: dict[str, tuple[str, str]], created: dict[str, tuple[str, str]]) -> None:
    """Create tables in place of others. All days become stale: the refresh that follows fills the tables."""
    for table in dropped:
        op.execute(f"DROP TABLE {table}")
    for table, (key, columns) in created.items():
        op.execute(f"""
            CREATE TABLE {table} (
                tenant_id bigint NOT NULL,
                store_id bigint NOT NULL,
                currency text NOT NULL,
                {columns},
                CONSTRAINT pk_{table} PRIMARY KEY (tenant_id, store_id, {key}),
                CONSTRAINT fk_{table}_stores FOREIGN KEY (tenant_id, store_id)
                    REFERENCES stores (tenant_id, store_id) ON DELETE CASCADE
            )
        """)
        protect_table(table)
    op.execute("ALTER TABLE goods_days NO FORCE ROW LEVEL SECURITY")
    op.execute("""
        INSERT INTO stale_money_days (tenant_id, store_id, business_date)
        SELECT DISTINCT tenant_id, store_id, business_date FROM goods_days
        ON CONFLICT (tenant_id, store_id, business_date) DO NOTHING
    """)
    op.execute("ALTER TABLE goods_days FORCE ROW LEVEL SECURITY")
