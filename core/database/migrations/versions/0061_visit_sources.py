"""Net sales by day and by the source and the campaign of the visit before the order, beside the other origins."""

from __future__ import annotations

from alembic import op

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None

_KEY = ("tenant_id", "store_id", "currency", "dimension", "business_date", "value")
_COLUMNS = ", ".join(_KEY)
_GOODS = "line_type IN ('product', 'adjustment')"
_FORMER = {"country": "country", "channel": "source_name"}
_PROPERTIES = _FORMER | {"source": "visit_source", "campaign": "visit_campaign"}
"""The columns of orders by dimension."""
_KIND = "CASE WHEN k.order_id = r.order_id AND k.number = 1 THEN 'new' ELSE 'returning' END"
_SIGNED = {
    "INSERT": "SELECT 1 AS sign, * FROM new_rows",
    "UPDATE": "SELECT 1 AS sign, * FROM new_rows UNION ALL SELECT -1, * FROM old_rows",
    "DELETE": "SELECT -1 AS sign, * FROM old_rows",
}
_BY_INDEX = "SET enable_seqscan = off SET enable_sort = off"
_ADDED = "('source'), ('campaign')"


def upgrade() -> None:
    _replace_functions(_PROPERTIES)
    # No stored order has a source yet: all sales are without one.
    _unprotected(f"""
        INSERT INTO sales_by_origin ({_COLUMNS}, net_sales, sale_rows)
        SELECT s.tenant_id, s.store_id, s.currency, added.dimension, s.business_date, '', sum(s.net_sales),
               sum(s.sale_rows)
        FROM sales_by_origin s CROSS JOIN (VALUES {_ADDED}) added (dimension)
        WHERE s.dimension = 'country'
        GROUP BY 1, 2, 3, 4, 5
    """)  # noqa: S608


def downgrade() -> None:
    _replace_functions(_FORMER)
    _unprotected("DELETE FROM sales_by_origin WHERE dimension IN ('source', 'campaign')")


def _unprotected(statement: str) -> None:
    """Execute a statement over all tenants. The policies bind the table's owner, too."""
    op.execute("ALTER TABLE sales_by_origin NO FORCE ROW LEVEL SECURITY")
    op.execute(statement)
    op.execute("ALTER TABLE sales_by_origin FORCE ROW LEVEL SECURITY")


def _replace_functions(properties: dict[str, str]) -> None:
    for event, rows in _SIGNED.items():
        changed = "" if event == "INSERT" else "old_rows"
        _replace(f"sum_origins_of_sales_{event.lower()}", _apply(_of_sales(rows, properties), changed))
    _replace("sum_origins_of_orders_update", _apply(_of_changed_orders(properties), "old_rows"))
    rows = f"SELECT -1 AS sign, s.* FROM sales s WHERE {_same('s', 'old', 'order_id')}"  # noqa: S608
    taken = _apply(_of_sales(rows, properties), "(SELECT old.tenant_id, old.store_id) AS gone")
    op.execute(f"""
        CREATE OR REPLACE FUNCTION sum_origins_of_orders_delete() RETURNS trigger LANGUAGE plpgsql {_BY_INDEX} AS $$
        BEGIN
            IF EXISTS (SELECT FROM stores st WHERE {_same("st", "old")}) THEN {taken} END IF;
            RETURN old;
        END $$
    """)


def _replace(name: str, body: str) -> None:
    op.execute(f"""
        CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql {_BY_INDEX}
        AS $$ BEGIN {body} RETURN NULL; END $$
    """)


def _same(one: str, other: str, *names: str) -> str:
    return " AND ".join(f"{one}.{name} = {other}.{name}" for name in ("tenant_id", "store_id", *names))


def _of_sales(rows: str, properties: dict[str, str]) -> str:
    """Sum signed rows of the ledger by all properties. Orders without rows left over cost no look-up."""
    parts = ", ".join(f"('{dimension}', coalesce(o.{column}, ''))" for dimension, column in properties.items())
    return f"""
        SELECT r.tenant_id, r.store_id, r.currency, part.dimension, r.business_date, part.value,
               r.net AS net_sales, r.sale_rows
        FROM (
            SELECT tenant_id, store_id, order_id, currency, business_date, sum(sign * net) AS net,
                   sum(sign) AS sale_rows
            FROM ({rows}) signed WHERE {_GOODS}
            GROUP BY 1, 2, 3, 4, 5 HAVING sum(sign) <> 0 OR sum(sign * net) <> 0
        ) r
        CROSS JOIN LATERAL ({_first("orders", f"order_id, {', '.join(properties.values())}")}) o
        LEFT JOIN LATERAL ({_first("customer_orders", "order_id, number")}) k ON true
        CROSS JOIN LATERAL (VALUES {parts}, ('customer', {_KIND})) AS part (dimension, value)
        WHERE o.order_id = r.order_id"""  # noqa: S608


def _first(table: str, columns: str) -> str:
    """Select the first row from the order of `r` on: the order's own, or one that the caller leaves out."""
    return f"""
        SELECT {columns} FROM {table} t WHERE {_same("t", "r")} AND t.order_id >= r.order_id
        ORDER BY t.order_id LIMIT 1"""  # noqa: S608


def _of_changed_orders(properties: dict[str, str]) -> str:
    """Move all sales of orders with a changed property from its old value to the new one."""
    values = ", ".join(f"coalesce(r.{column}, '') AS {dimension}" for dimension, column in properties.items())
    sides = ", ".join(
        f"max({dimension}) FILTER (WHERE sign = {sign}) AS {side}{dimension}"
        for dimension in properties
        for sign, side in ((1, "new_"), (-1, "old_"))
    )
    parts = ", ".join(
        f"({sign}, '{dimension}', moved.{side}{dimension})"
        for dimension in properties
        for sign, side in ((-1, "old_"), (1, "new_"))
    )
    changed = f"""
        SELECT tenant_id, store_id, order_id, {sides}
        FROM (
            SELECT sign, tenant_id, store_id, order_id, {values} FROM ({_SIGNED["UPDATE"]}) r
        ) both_versions
        GROUP BY 1, 2, 3 HAVING count(DISTINCT ({", ".join(properties)})) > 1"""  # noqa: S608
    return f"""
        SELECT s.tenant_id, s.store_id, s.currency, part.dimension, s.business_date, part.value,
               part.sign * s.net AS net_sales, part.sign AS sale_rows
        FROM ({changed}) moved
        CROSS JOIN LATERAL (
            SELECT * FROM sales s WHERE {_same("s", "moved", "order_id")} AND {_GOODS} ORDER BY sale_no
        ) s
        CROSS JOIN LATERAL (VALUES {parts}) AS part (sign, dimension, value)"""  # noqa: S608


def _apply(deltas: str, changed: str) -> str:
    """Add sums, sorted by key, so that two transactions lock rows in one order; delete those over no row."""
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
