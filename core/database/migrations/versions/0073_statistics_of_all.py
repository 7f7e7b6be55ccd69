"""Statistics of all tables of tenants are renewed during bulk writes, and marks of discounts find rows by their key.

The list of tables had become old: the planner took the tables that it lacked for empty, and looked up each order
among all discounts of its store. A page of fifty new orders spent 60 ms on it.
"""

# ruff: noqa: S608  # The names are of this file.

from __future__ import annotations

from alembic import op

revision = "0073"
down_revision = "0072"
branch_labels = None
depends_on = None

_OLD_LIST = (
    "'orders', 'products', 'customers', 'refunds', 'checkouts', 'line_items', 'shipping_lines', 'sales', "
    "'customer_orders', 'customer_totals', 'customer_days', 'customer_months', 'cohort_sums'"
)
_DAYS = "tenant_id, store_id, business_date"
_PLACE = "tenant_id, store_id, order_id, net_sales, number, next_date, business_date"
_MOVED = f"""(SELECT {_PLACE} FROM new_rows EXCEPT SELECT {_PLACE} FROM old_rows)
        UNION ALL (SELECT {_PLACE} FROM old_rows EXCEPT SELECT {_PLACE} FROM new_rows)"""
_ORDERS = {"insert": "SELECT * FROM new_rows", "update": _MOVED, "delete": "SELECT * FROM old_rows"}


def _discounted(orders: str) -> str:
    """The days of the orders with a discount. One look-up of all ids, whatever the planner takes the table for."""
    return f"""
        SELECT d.tenant_id, d.store_id, d.business_date
        FROM (
            SELECT tenant_id, store_id, array_agg(DISTINCT order_id) AS order_ids
            FROM ({orders}) changed GROUP BY tenant_id, store_id
        ) o
        JOIN order_discounts d
          ON d.tenant_id = o.tenant_id AND d.store_id = o.store_id AND d.order_id = ANY(o.order_ids)"""


# OFFSET 0 keeps it a look-up for each mark, by all three columns of the index.
_ON_DAY = """SELECT n.tenant_id, n.store_id, n.business_date FROM new_rows n WHERE EXISTS (
        SELECT FROM order_discounts d
        WHERE d.tenant_id = n.tenant_id AND d.store_id = n.store_id AND d.business_date = n.business_date OFFSET 0)"""


def upgrade() -> None:
    _refresh_statistics_of("relrowsecurity")
    for event, orders in _ORDERS.items():
        _mark(f"mark_discounts_of_customer_orders_on_{event}", _discounted(orders))
    for event in ("insert", "update"):
        _mark(f"mark_discounts_of_stale_money_days_on_{event}", _ON_DAY)


def downgrade() -> None:
    """Leave the marks: they do the same."""
    _refresh_statistics_of(f"relname IN ({_OLD_LIST})")


def _refresh_statistics_of(tables: str) -> None:
    # In one order, so that two sessions never wait for each other in a circle.
    op.execute(f"""
        CREATE OR REPLACE FUNCTION refresh_statistics() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = pg_catalog, pg_temp SET default_statistics_target = 10 AS $$
        DECLARE
            name text;
        BEGIN
            FOR name IN
                SELECT relname FROM pg_class
                WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND reltuples < 10000 AND {tables}
                    AND pg_relation_size(oid) >= greatest(2 * relpages, 1) * current_setting('block_size')::bigint
                ORDER BY relname
            LOOP
                EXECUTE format('ANALYZE public.%I', name);
            END LOOP;
        END $$
    """)


def _mark(function: str, days: str) -> None:
    """Mark the days in their order, and lock a mark that exists, as the marks of `stale_money_days`."""
    op.execute(f"""
        CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO stale_discount_days ({_DAYS})
            SELECT DISTINCT {_DAYS} FROM ({days}) touched JOIN stores USING (tenant_id, store_id)
            ORDER BY {_DAYS}
            ON CONFLICT ({_DAYS}) DO UPDATE SET business_date = excluded.business_date;
            RETURN NULL;
        END $$
    """)
