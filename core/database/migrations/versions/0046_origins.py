"""Net sales by day and by their origin: the order's country, its channel, and whether it was its customer's first.

Unlike other sums, these need more than the ledger's row: they follow the order and its place in the customer's
history. The key of a sum is always that of the order as it stands, so each change of an order moves its sales.
"""

from __future__ import annotations

from alembic import op

from core.database.migrations.kept_sums import UNLESS_DEFERRED, create_table
from core.database.migrations.policies import protect_table

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

_KEY = ("tenant_id", "store_id", "currency", "dimension", "business_date", "value")
_COLUMNS = ", ".join(_KEY)
_GOODS = "line_type IN ('product', 'adjustment')"
_COUNTRY, _CHANNEL = "coalesce({}.country, '')", "coalesce({}.source_name, '')"
_KIND = "CASE WHEN k.order_id = r.order_id AND k.number = 1 THEN 'new' ELSE 'returning' END"
_SIGNED = {
    "INSERT": "SELECT 1 AS sign, * FROM new_rows",
    "UPDATE": "SELECT 1 AS sign, * FROM new_rows UNION ALL SELECT -1, * FROM old_rows",
    "DELETE": "SELECT -1 AS sign, * FROM old_rows",
}
_TRANSITIONS = {
    "INSERT": "NEW TABLE AS new_rows",
    "UPDATE": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "DELETE": "OLD TABLE AS old_rows",
}
_BY_INDEX = "SET enable_seqscan = off SET enable_sort = off"
"""PostgreSQL keeps a plan that it made for an empty table, and would then read the whole store for each order. An
order of rows that only the primary key has makes it read by that key, however large the table is."""
_TABLES = ("stores", "sales", "orders", "customer_orders")


def _same(one: str, other: str, *names: str) -> str:
    return " AND ".join(f"{one}.{name} = {other}.{name}" for name in ("tenant_id", "store_id", *names))


def _of_sales(rows: str) -> str:
    """Sum signed rows of the ledger by all three properties. Orders without rows left over cost no look-up."""
    return f"""
        SELECT r.tenant_id, r.store_id, r.currency, part.dimension, r.business_date, part.value,
               r.net AS net_sales, r.sale_rows
        FROM (
            SELECT tenant_id, store_id, order_id, currency, business_date, sum(sign * net) AS net,
                   sum(sign) AS sale_rows
            FROM ({rows}) signed WHERE {_GOODS}
            GROUP BY 1, 2, 3, 4, 5 HAVING sum(sign) <> 0 OR sum(sign * net) <> 0
        ) r
        CROSS JOIN LATERAL ({_first("orders", "order_id, country, source_name")}) o
        LEFT JOIN LATERAL ({_first("customer_orders", "order_id, number")}) k ON true
        CROSS JOIN LATERAL (VALUES
            ('country', {_COUNTRY.format("o")}), ('channel', {_CHANNEL.format("o")}), ('customer', {_KIND})
        ) AS part (dimension, value)
        WHERE o.order_id = r.order_id"""  # noqa: S608


def _first(table: str, columns: str) -> str:
    """Select the first row from the order of `r` on: the order's own, or one that the caller leaves out."""
    return f"""
        SELECT {columns} FROM {table} t WHERE {_same("t", "r")} AND t.order_id >= r.order_id
        ORDER BY t.order_id LIMIT 1"""  # noqa: S608


def _moved(orders: str, parts: str) -> str:
    """Sum what moves: all sales of `orders`, away from the values that have the sign -1 in `parts`."""
    return f"""
        SELECT s.tenant_id, s.store_id, s.currency, part.dimension, s.business_date, part.value,
               part.sign * s.net AS net_sales, part.sign AS sale_rows
        FROM ({orders}) moved
        CROSS JOIN LATERAL (
            SELECT * FROM sales s WHERE {_same("s", "moved", "order_id")} AND {_GOODS} ORDER BY sale_no
        ) s
        CROSS JOIN LATERAL (VALUES {parts}) AS part (sign, dimension, value)"""  # noqa: S608


_CHANGED_ORDERS = f"""
    SELECT tenant_id, store_id, order_id,
           max(country) FILTER (WHERE sign = 1) AS country, max(channel) FILTER (WHERE sign = 1) AS channel,
           max(country) FILTER (WHERE sign = -1) AS old_country, max(channel) FILTER (WHERE sign = -1) AS old_channel
    FROM (
        SELECT sign, tenant_id, store_id, order_id,
               {_COUNTRY.format("r")} AS country, {_CHANNEL.format("r")} AS channel
        FROM ({_SIGNED["UPDATE"]}) r
    ) both_versions
    GROUP BY 1, 2, 3 HAVING count(DISTINCT (country, channel)) > 1"""  # noqa: S608
_OF_CHANGED_ORDERS = _moved(
    _CHANGED_ORDERS,
    """(-1, 'country', moved.old_country), (1, 'country', moved.country),
       (-1, 'channel', moved.old_channel), (1, 'channel', moved.channel)""",
)
# An order without a place in a history counts as a returning customer's: so it stands before its place is known.
_CHANGED_FIRSTS = """
    SELECT tenant_id, store_id, order_id, sum(sign) AS sign FROM ({}) r WHERE number = 1
    GROUP BY 1, 2, 3 HAVING sum(sign) <> 0"""
_KIND_PARTS = "(moved.sign, 'customer', 'new'), (-moved.sign, 'customer', 'returning')"


def _apply(deltas: str, changed: str = "") -> str:
    """Add sums, sorted by key, so that two transactions lock rows in one order; delete those over no row.

    `changed` has rows of the changed stores, whose sums are looked through for such. The rows of a deleted store
    cascade with it: none is added while it is being deleted.
    """
    prune = f"""
        DELETE FROM sales_by_origin kept USING (SELECT DISTINCT tenant_id, store_id FROM {changed}) touched
        WHERE {_same("kept", "touched")} AND kept.sale_rows = 0;"""  # noqa: S608
    return f"""
        INSERT INTO sales_by_origin AS kept ({_COLUMNS}, net_sales, sale_rows)
        SELECT summed.* FROM (
            SELECT {_COLUMNS}, sum(net_sales) AS net_sales, sum(sale_rows) AS sale_rows FROM ({deltas}) deltas
            GROUP BY {_COLUMNS} HAVING sum(net_sales) <> 0 OR sum(sale_rows) <> 0
        ) summed
        JOIN stores USING (tenant_id, store_id)
        ORDER BY {_COLUMNS}
        ON CONFLICT ({_COLUMNS}) DO UPDATE SET
            net_sales = kept.net_sales + excluded.net_sales, sale_rows = kept.sale_rows + excluded.sale_rows;
        {prune if changed else ""}
    """  # noqa: S608


def upgrade() -> None:
    create_table(
        "sales_by_origin",
        {"currency": "TEXT", "dimension": "TEXT", "business_date": "DATE", "value": "TEXT"},
        {"net_sales": "NUMERIC", "sale_rows": "BIGINT"},
    )
    op.execute("CREATE INDEX ix_sales_by_origin_empty ON sales_by_origin (tenant_id, store_id) WHERE sale_rows = 0")
    _fill()
    protect_table("sales_by_origin")
    for event, rows in _SIGNED.items():
        changed = "new_rows" if event == "INSERT" else "old_rows"
        _create_trigger("sales", event, _apply(_of_sales(rows), "" if event == "INSERT" else changed))
        _create_trigger("customer_orders", event, _apply(_moved(_CHANGED_FIRSTS.format(rows), _KIND_PARTS), changed))
    _create_trigger("orders", "UPDATE", _apply(_OF_CHANGED_ORDERS, "old_rows"))
    _create_trigger_of_deleted_orders()


def downgrade() -> None:
    for event in _SIGNED:
        op.execute(f"DROP FUNCTION sum_origins_of_sales_{event.lower()} CASCADE")
        op.execute(f"DROP FUNCTION sum_origins_of_customer_orders_{event.lower()} CASCADE")
    op.execute("DROP FUNCTION sum_origins_of_orders_update CASCADE")
    op.execute("DROP FUNCTION sum_origins_of_orders_delete CASCADE")
    op.execute("DROP TABLE sales_by_origin")


def _create_trigger(table: str, event: str, body: str) -> None:
    name = f"sum_origins_of_{table}_{event.lower()}"
    op.execute(f"""
        CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql {_BY_INDEX}
        AS $$ BEGIN {body} RETURN NULL; END $$
    """)
    op.execute(f"""
        CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING {_TRANSITIONS[event]}
        FOR EACH STATEMENT {UNLESS_DEFERRED} EXECUTE FUNCTION {name}()
    """)


def _create_trigger_of_deleted_orders() -> None:
    """Take the sales of an order away before it is deleted: its sales follow it, and no longer find its country."""
    deltas = _of_sales(f"SELECT -1 AS sign, s.* FROM sales s WHERE {_same('s', 'old', 'order_id')}")  # noqa: S608
    taken = _apply(deltas, "(SELECT old.tenant_id, old.store_id) AS gone")
    op.execute(f"""
        CREATE FUNCTION sum_origins_of_orders_delete() RETURNS trigger LANGUAGE plpgsql {_BY_INDEX} AS $$
        BEGIN
            IF EXISTS (SELECT FROM stores st WHERE {_same("st", "old")}) THEN {taken} END IF;
            RETURN old;
        END $$
    """)
    op.execute(f"""
        CREATE TRIGGER sum_origins_of_orders_delete BEFORE DELETE ON orders
        FOR EACH ROW {UNLESS_DEFERRED} EXECUTE FUNCTION sum_origins_of_orders_delete()
    """)


def _fill() -> None:
    """Sum the stored rows. The policies bind the tables' owner, too, who is no superuser everywhere."""
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(_apply(_of_sales("SELECT 1 AS sign, * FROM sales")))
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
