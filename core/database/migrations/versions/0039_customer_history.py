"""Each customer's history with its money: net sales by order, sums by customer, and sums by cohort.

Replaces the tables and triggers of 0034 and 0036. Their triggers read all orders of a touched customer from `orders`,
whose rows are wide; these read `customer_orders`, which has all that a history needs.
"""

from __future__ import annotations

from importlib import import_module

from alembic import op

from core.database.migrations.kept_sums import KeptSums, create_table
from core.database.migrations.policies import protect_table

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

_PLACE = "tenant_id, store_id, order_id, customer_key, currency, processed_at, business_date"
_HISTORY = "number, currency_number, previous_date, next_date, first_date"
_ROW = f"{_PLACE}, net_sales, {_HISTORY}"
_ORDER_KEY = {"order_id": "BIGINT"}
_ORDER = {"customer_key": "TEXT", "currency": "TEXT", "processed_at": "timestamptz", "business_date": "DATE"}
_DAYS = {"currency": "r.currency", "business_date": "r.business_date"}
_PREVIOUS = "coalesce(r.previous_date, '0001-01-01')"
_IS_FIRST = "r.currency_number = 1 AND r.first_date IS NOT NULL"
_IS_SECOND = "r.currency_number = 2 AND r.first_date IS NOT NULL"
_COUNTS = {"orders": "true", "firsts": _IS_FIRST, "seconds": _IS_SECOND}


def _start(day: str, width: str = "r.width") -> str:
    return f"CAST(date_trunc({width}, CAST({day} AS timestamp)) AS date)"


_COHORT = {"width": "r.width", "cohort": _start("r.first_date"), "period": _start("r.business_date")}
_IS_ACTIVE = f"r.previous_date IS NULL OR {_start('r.previous_date')} < {_start('r.business_date')}"
_SUMS = (
    KeptSums("customer_days", _DAYS | {"previous_date": _PREVIOUS}, {}, _COUNTS),
    KeptSums("customer_months", _DAYS | {"previous_month": _start(_PREVIOUS, "'month'")}, {}, _COUNTS),
    KeptSums(
        *("cohort_sums", {"currency": "r.currency"} | _COHORT, {"net_sales": ("r.net_sales", "true")}),
        {"customers": _IS_ACTIVE, "seconds": _IS_SECOND, "orders": "true"},
        "r.first_date IS NOT NULL",
    ),
)
_COUNTED_KEYS = {
    "customer_days": {"currency": "TEXT", "business_date": "DATE", "previous_date": "DATE"},
    "customer_months": {"currency": "TEXT", "business_date": "DATE", "previous_month": "DATE"},
    "cohort_sums": {"currency": "TEXT", "width": "TEXT", "cohort": "DATE", "period": "DATE"},
}
_TABLES = ("customer_orders", "customer_totals", *_COUNTED_KEYS)

_COUNTED = "NOT test AND deleted_at IS NULL"


def _placed(rows: str) -> str:
    return f"SELECT {_PLACE} FROM {rows} WHERE {_COUNTED}"  # noqa: S608


_NOTHING = _placed("orders") + " AND false"
_CAME = {
    "insert": _placed("new_rows"),
    # Most updates change nothing that decides on an order's place.
    "update": f"{_placed('new_rows')} EXCEPT {_placed('old_rows')}",
    "delete": _NOTHING,
}
_LEFT = {
    "insert": _NOTHING,
    "update": f"{_placed('old_rows')} EXCEPT {_placed('new_rows')}",
    "delete": _placed("old_rows"),
}
_ROWS = {
    "insert": "NEW TABLE AS new_rows",
    "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "delete": "OLD TABLE AS old_rows",
}

_NUMBERED = f"""
    SELECT {_PLACE}, net_sales,
           CAST(row_number() OVER ever AS integer) AS number,
           CAST(row_number() OVER own AS integer) AS currency_number,
           lag(business_date) OVER own AS previous_date,
           lead(business_date) OVER own AS next_date,
           CASE WHEN first_value(processed_at) OVER own = first_value(processed_at) OVER ever
                THEN first_value(business_date) OVER own END AS first_date
    FROM placed
    WINDOW ever AS (PARTITION BY tenant_id, store_id, customer_key ORDER BY processed_at, order_id),
           own AS (PARTITION BY tenant_id, store_id, customer_key, currency ORDER BY processed_at, order_id)
"""  # noqa: S608
_TOTALLED = """
    SELECT tenant_id, store_id, currency, customer_key, count(*) AS orders, sum(net_sales) AS net_sales,
           min(processed_at) AS first_order_at, max(processed_at) AS last_order_at,
           max(business_date) AS last_date, max(first_date) AS first_date
    FROM numbered
    GROUP BY tenant_id, store_id, currency, customer_key
"""

_TOTAL_COLUMNS = (
    *("tenant_id", "store_id", "currency", "customer_key", "orders", "net_sales", "first_order_at", "last_order_at"),
    *("last_date", "first_date"),
)
_SUM_OF_SALES = """(
    SELECT sum(s.net) FROM sales s
    WHERE s.tenant_id = o.tenant_id AND s.store_id = o.store_id AND s.order_id = o.order_id
      AND s.line_type IN ('product', 'adjustment')
)"""
_NET_OF_CAME = {
    # A new order has no sales yet: the trigger on `sales` adds them.
    "insert": "NULL",
    "update": f"""(
        SELECT k.net_sales FROM customer_orders k
        WHERE k.tenant_id = o.tenant_id AND k.store_id = o.store_id AND k.order_id = o.order_id
    ), {_SUM_OF_SALES}""",  # noqa: S608
    "delete": "NULL",
}


def _in_each_width(rows: str) -> str:
    """A row for each width of a cohort's period."""
    return f"SELECT * FROM {rows}, (VALUES ('week'), ('month'), ('quarter')) AS widths (width)"  # noqa: S608


def _add(sums: KeptSums) -> str:
    """Add the changed rows to the sums; returns the rows that count nothing any more."""
    source = _in_each_width("changed") if sums.table == "cohort_sums" else "SELECT * FROM changed"
    return f"{sums.add(source).rstrip(' ;')} RETURNING kept AS row, kept.orders = 0 AS is_empty"


def _keep(event: str) -> str:
    """Number the orders of the customers whose orders changed, and write the rows and sums that differ.

    Set operations instead of joins of what changed: PostgreSQL plans these statements once a session, so a plan for
    one order may meet a thousand. Each join finds its rows by a key; the settings of the function see to it.
    """
    came, left = _CAME[event], _LEFT[event]
    unchanged = f"IF NOT EXISTS ({came}) AND NOT EXISTS ({left}) THEN RETURN NULL; END IF;"
    added = "\n".join(f", added_{sums.table} AS ({_add(sums)})" for sums in _SUMS)
    emptied = ", ".join(f"(SELECT array_agg(row) FROM added_{sums.table} WHERE is_empty)" for sums in _SUMS)  # noqa: S608
    return f"""
        {unchanged if event == "update" else ""}
        -- Two writers of one store would each miss the other's orders of a customer. A deleted store keeps nothing.
        PERFORM FROM stores WHERE (tenant_id, store_id) IN (
            SELECT tenant_id, store_id FROM ({came}) came UNION SELECT tenant_id, store_id FROM ({left}) departed
        ) ORDER BY tenant_id, store_id FOR NO KEY UPDATE;
        IF NOT FOUND THEN RETURN NULL; END IF;
        WITH came AS MATERIALIZED (
            SELECT {_PLACE}, coalesce({_NET_OF_CAME[event]}, 0) AS net_sales FROM ({came}) o
        ), departed AS MATERIALIZED (
            SELECT {", ".join(f"k.{name}" for name in (*_PLACE.split(", "), "net_sales"))}
            FROM ({left}) o JOIN customer_orders k USING (tenant_id, store_id, order_id)
        ), touched AS (
            SELECT tenant_id, store_id, customer_key FROM came
            UNION SELECT tenant_id, store_id, customer_key FROM departed
        ), kept AS MATERIALIZED (
            SELECT {", ".join(f"k.{name}" for name in _ROW.split(", "))}
            FROM touched JOIN customer_orders k USING (tenant_id, store_id, customer_key)
        ), placed AS MATERIALIZED (
            SELECT {_PLACE}, net_sales FROM kept
            EXCEPT SELECT {_PLACE}, net_sales FROM departed
            UNION SELECT {_PLACE}, net_sales FROM came
        ), numbered AS MATERIALIZED ({_NUMBERED}
        ), added AS MATERIALIZED (
            SELECT {_ROW} FROM numbered EXCEPT SELECT {_ROW} FROM kept
        ), changed AS MATERIALIZED (
            SELECT 1 AS sign, * FROM added
            UNION ALL SELECT -1, * FROM (SELECT {_ROW} FROM kept EXCEPT SELECT {_ROW} FROM numbered) removed
        ), deleted AS (
            DELETE FROM customer_orders k USING (
                SELECT tenant_id, store_id, order_id FROM kept EXCEPT SELECT tenant_id, store_id, order_id FROM placed
            ) o
            WHERE k.tenant_id = o.tenant_id AND k.store_id = o.store_id AND k.order_id = o.order_id
        ), written AS (
            INSERT INTO customer_orders ({_ROW})
            SELECT {_ROW} FROM added ORDER BY tenant_id, store_id, order_id
            ON CONFLICT (tenant_id, store_id, order_id) DO UPDATE SET
                {", ".join(f"{name} = excluded.{name}" for name in _ROW.split(", ")[3:])}
        ), lost AS (
            DELETE FROM customer_totals t USING (
                SELECT tenant_id, store_id, currency, customer_key FROM kept
                EXCEPT SELECT tenant_id, store_id, currency, customer_key FROM placed
            ) c
            WHERE t.tenant_id = c.tenant_id AND t.store_id = c.store_id AND t.currency = c.currency
              AND t.customer_key = c.customer_key
        ), totalled AS (
            INSERT INTO customer_totals ({", ".join(_TOTAL_COLUMNS)}) {_TOTALLED}
            ORDER BY tenant_id, store_id, currency, customer_key
            ON CONFLICT (tenant_id, store_id, currency, customer_key) DO UPDATE SET
                {", ".join(f"{name} = excluded.{name}" for name in _TOTAL_COLUMNS[4:])}
        ){added}
        SELECT {emptied} INTO {", ".join(f"empty_{sums.table}" for sums in _SUMS)};
        {"".join(_prune(sums.table) for sums in _SUMS)}
    """  # noqa: S608  # the names are those above


def _prune(table: str) -> str:
    same = " AND ".join(f"k.{name} = e.{name}" for name in ("tenant_id", "store_id", *_COUNTED_KEYS[table]))
    return f"""
        IF empty_{table} IS NOT NULL THEN
            DELETE FROM {table} k USING unnest(empty_{table}) e WHERE {same};
        END IF;
    """  # noqa: S608


_SIGNED_SALES = {
    "insert": "SELECT 1 AS sign, * FROM new_rows",
    "update": "SELECT 1 AS sign, * FROM new_rows UNION ALL SELECT -1, * FROM old_rows",
    "delete": "SELECT -1 AS sign, * FROM old_rows",
}


def _sum_sales(event: str) -> str:
    """Add the change of net sales to the order, its customer and its cohort. Sales of orders that do not count are
    in none."""
    return f"""
        WITH sold AS (
            UPDATE customer_orders k SET net_sales = k.net_sales + d.net FROM (
                SELECT tenant_id, store_id, order_id, sum(sign * net) AS net
                FROM ({_SIGNED_SALES[event]}) s
                WHERE line_type IN ('product', 'adjustment')
                GROUP BY tenant_id, store_id, order_id HAVING sum(sign * net) <> 0
                ORDER BY tenant_id, store_id, order_id
            ) d
            WHERE k.tenant_id = d.tenant_id AND k.store_id = d.store_id AND k.order_id = d.order_id
            RETURNING k.tenant_id, k.store_id, k.currency, k.customer_key, k.first_date, k.business_date, d.net
        ), totalled AS (
            UPDATE customer_totals t SET net_sales = t.net_sales + d.net FROM (
                SELECT tenant_id, store_id, currency, customer_key, sum(net) AS net FROM sold
                GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
            ) d
            WHERE t.tenant_id = d.tenant_id AND t.store_id = d.store_id AND t.currency = d.currency
              AND t.customer_key = d.customer_key
        )
        UPDATE cohort_sums c SET net_sales = c.net_sales + d.net FROM (
            SELECT tenant_id, store_id, currency, width, {_start("first_date", "width")} AS cohort,
                   {_start("business_date", "width")} AS period, sum(net) AS net
            FROM ({_in_each_width("sold")}) r
            WHERE first_date IS NOT NULL
            GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6
        ) d
        WHERE c.tenant_id = d.tenant_id AND c.store_id = d.store_id AND c.currency = d.currency
          AND c.width = d.width AND c.cohort = d.cohort AND c.period = d.period;
    """  # noqa: S608


def upgrade() -> None:
    _module("0036_customer_months").downgrade()
    _module("0034_customer_orders").downgrade()
    _create_tables()
    variables = " ".join(f"empty_{table} {table}[];" for table in _COUNTED_KEYS)
    for event in _ROWS:
        _create_trigger("keep_customers", event, "orders", f"DECLARE {variables} BEGIN {_keep(event)}")
        _create_trigger("sum_customers", event, "sales", f"BEGIN {_sum_sales(event)}")
    _fill()
    for table in _TABLES:
        protect_table(table)
    _refresh_statistics_of(*_COMMERCE, *_TABLES)


def downgrade() -> None:
    _refresh_statistics_of(*_COMMERCE)
    for name in ("keep_customers", "sum_customers"):
        for event in _ROWS:
            op.execute(f"DROP FUNCTION {name}_on_{event}() CASCADE")
    for table in _TABLES:
        op.execute(f"DROP TABLE {table}")
    _module("0034_customer_orders").upgrade()
    _module("0036_customer_months").upgrade()


def _create_tables() -> None:
    history = {"number": "INTEGER", "currency_number": "INTEGER"}
    create_table("customer_orders", _ORDER_KEY, {"net_sales": "NUMERIC"})
    columns = [f"ADD {name} {kind} NOT NULL" for name, kind in (_ORDER | history).items()]
    dates = [f"ADD {name} DATE" for name in ("previous_date", "next_date", "first_date")]
    op.execute(f"ALTER TABLE customer_orders {', '.join(columns + dates)}")
    op.execute("CREATE INDEX ix_customer_orders_customer_key ON customer_orders (tenant_id, store_id, customer_key)")
    create_table(
        *(
            "customer_totals",
            {"currency": "TEXT", "customer_key": "TEXT"},
            {"orders": "BIGINT", "net_sales": "NUMERIC"},
        )
    )
    instants = [f"ADD {name} timestamptz NOT NULL" for name in ("first_order_at", "last_order_at")]
    op.execute(f"ALTER TABLE customer_totals {', '.join(instants)}, ADD last_date DATE NOT NULL, ADD first_date DATE")
    counts = dict.fromkeys(_COUNTS, "BIGINT")
    create_table("customer_days", _COUNTED_KEYS["customer_days"], counts)
    create_table("customer_months", _COUNTED_KEYS["customer_months"], counts)
    create_table(
        *("cohort_sums", _COUNTED_KEYS["cohort_sums"]),
        {"net_sales": "NUMERIC", "customers": "BIGINT", "seconds": "BIGINT", "orders": "BIGINT"},
    )


def _create_trigger(name: str, event: str, table: str, body: str) -> None:
    function = f"{name}_on_{event}"
    # Sent as it stands: a colon in it is no parameter.
    op.get_bind().exec_driver_sql(f"""
        CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql
        SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET work_mem = '64MB'
        AS $$ {body} RETURN NULL; END $$;
        CREATE TRIGGER {function} AFTER {event.upper()} ON {table} REFERENCING {_ROWS[event]}
            FOR EACH STATEMENT EXECUTE FUNCTION {function}();
    """)


def _fill() -> None:
    """Make the rows of the stored orders. The policies bind their owner, too, who is no superuser everywhere."""
    for table in ("orders", "sales"):
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(f"""
        WITH placed AS MATERIALIZED (
            SELECT {", ".join(f"o.{name}" for name in _PLACE.split(", "))}, coalesce(sold.net_sales, 0) AS net_sales
            FROM orders o
            LEFT JOIN (
                SELECT tenant_id, store_id, order_id, sum(net) AS net_sales FROM sales
                WHERE line_type IN ('product', 'adjustment') GROUP BY 1, 2, 3
            ) sold USING (tenant_id, store_id, order_id)
            WHERE {_COUNTED}
        )
        INSERT INTO customer_orders ({_ROW}) {_NUMBERED}
    """)  # noqa: S608
    op.execute(f"""
        WITH numbered AS (SELECT * FROM customer_orders)
        INSERT INTO customer_totals ({", ".join(_TOTAL_COLUMNS)}) {_TOTALLED}
    """)  # noqa: S608
    for sums in _SUMS:
        rows = "(SELECT 1 AS sign, * FROM customer_orders) k"
        op.execute(sums.add(_in_each_width(rows) if sums.table == "cohort_sums" else f"SELECT * FROM {rows}"))  # noqa: S608
    for table in ("orders", "sales"):
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    for table in _TABLES:
        op.execute(f"ANALYZE {table}")


_COMMERCE = "orders products customers refunds checkouts line_items shipping_lines sales".split()


def _refresh_statistics_of(*tables: str) -> None:
    """As 0010, for these tables."""
    names = ", ".join(f"'{table}'" for table in tables)
    op.execute(f"""
        CREATE OR REPLACE FUNCTION refresh_statistics() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = pg_catalog, pg_temp SET default_statistics_target = 10 AS $$
        DECLARE
            name text;
        BEGIN
            FOR name IN
                SELECT relname FROM pg_class
                WHERE relnamespace = 'public'::regnamespace AND reltuples < 10000 AND relname IN ({names})
                    AND pg_relation_size(oid) >= greatest(2 * relpages, 1) * current_setting('block_size')::bigint
            LOOP
                EXECUTE format('ANALYZE public.%I', name);
            END LOOP;
        END $$
    """)  # noqa: S608


def _module(name: str):  # type: ignore[no-untyped-def]
    return import_module(f"core.database.migrations.versions.{name}")
