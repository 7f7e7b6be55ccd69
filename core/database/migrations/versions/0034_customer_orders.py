"""Each counted order's place in its customer's history, and counts of customers by day, which triggers keep.

Statement-level triggers write both tables, so no writer of orders can forget them.
"""

from __future__ import annotations

from alembic import op

from core.database.migrations.policies import protect_table

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_TABLES = {
    "customer_orders": """
        CREATE TABLE customer_orders (
            tenant_id BIGINT NOT NULL,
            store_id BIGINT NOT NULL,
            order_id BIGINT NOT NULL,
            customer_key TEXT NOT NULL,
            currency TEXT NOT NULL,
            business_date DATE NOT NULL,
            number INTEGER NOT NULL,
            currency_number INTEGER NOT NULL,
            previous_date DATE,
            next_date DATE,
            first_date DATE,
            CONSTRAINT pk_customer_orders PRIMARY KEY (tenant_id, store_id, order_id),
            CONSTRAINT fk_customer_orders_stores FOREIGN KEY (tenant_id, store_id)
                REFERENCES stores (tenant_id, store_id) ON DELETE CASCADE
        )
    """,
    "customer_days": """
        CREATE TABLE customer_days (
            tenant_id BIGINT NOT NULL,
            store_id BIGINT NOT NULL,
            currency TEXT NOT NULL,
            business_date DATE NOT NULL,
            previous_date DATE NOT NULL,
            orders BIGINT NOT NULL,
            firsts BIGINT NOT NULL,
            seconds BIGINT NOT NULL,
            CONSTRAINT pk_customer_days PRIMARY KEY (tenant_id, store_id, currency, business_date, previous_date),
            CONSTRAINT fk_customer_days_stores FOREIGN KEY (tenant_id, store_id)
                REFERENCES stores (tenant_id, store_id) ON DELETE CASCADE
        )
    """,
}
_NUMBER_CUSTOMER_ORDERS = """
    CREATE FUNCTION number_customer_orders(the_tenant bigint, the_store bigint, the_keys text[], the_orders bigint[])
    RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
        -- Two writers of one store would each miss the other's orders of a customer. A deleted store keeps nothing.
        PERFORM FROM stores WHERE tenant_id = the_tenant AND store_id = the_store FOR NO KEY UPDATE;
        IF NOT FOUND THEN
            RETURN;
        END IF;
        -- UNION and EXCEPT instead of joins: the number of keys is unknown to the planner, which would nest loops.
        WITH placed AS MATERIALIZED (
            SELECT o.order_id, o.customer_key, o.currency, o.processed_at, o.business_date
            FROM (SELECT DISTINCT customer_key FROM unnest(the_keys) AS given (customer_key)) touched
            JOIN orders o
              ON o.tenant_id = the_tenant AND o.store_id = the_store AND o.customer_key = touched.customer_key
            WHERE NOT o.test AND o.deleted_at IS NULL
        ), numbered AS MATERIALIZED (
            SELECT order_id, customer_key, currency, business_date,
                   CAST(row_number() OVER ever AS integer) AS number,
                   CAST(row_number() OVER own AS integer) AS currency_number,
                   lag(business_date) OVER own AS previous_date,
                   lead(business_date) OVER own AS next_date,
                   CASE WHEN first_value(processed_at) OVER own = first_value(processed_at) OVER ever
                        THEN first_value(business_date) OVER own END AS first_date
            FROM placed
            WINDOW ever AS (PARTITION BY customer_key ORDER BY processed_at, order_id),
                   own AS (PARTITION BY customer_key, currency ORDER BY processed_at, order_id)
        ), kept AS MATERIALIZED (
            SELECT k.order_id, k.customer_key, k.currency, k.business_date, k.number, k.currency_number,
                   k.previous_date, k.next_date, k.first_date
            FROM (SELECT order_id FROM placed UNION SELECT unnest(the_orders)) touched
            JOIN customer_orders k
              ON k.tenant_id = the_tenant AND k.store_id = the_store AND k.order_id = touched.order_id
        ), left_over AS (
            SELECT order_id FROM kept EXCEPT SELECT order_id FROM placed
        ), removed AS (
            DELETE FROM customer_orders k USING left_over
            WHERE k.tenant_id = the_tenant AND k.store_id = the_store AND k.order_id = left_over.order_id
        )
        INSERT INTO customer_orders AS k (
            tenant_id, store_id, order_id, customer_key, currency, business_date, number, currency_number,
            previous_date, next_date, first_date
        )
        SELECT the_tenant, the_store, changed.*
        FROM (SELECT * FROM numbered EXCEPT SELECT * FROM kept ORDER BY order_id) changed
        ON CONFLICT (tenant_id, store_id, order_id) DO UPDATE SET
            customer_key = excluded.customer_key, currency = excluded.currency,
            business_date = excluded.business_date, number = excluded.number,
            currency_number = excluded.currency_number,
            previous_date = excluded.previous_date, next_date = excluded.next_date, first_date = excluded.first_date;
    END $$;
"""

_PLACE = "tenant_id, store_id, order_id, customer_key, currency, processed_at, business_date"
_COUNTED = "NOT test AND deleted_at IS NULL"


def _placed(rows: str) -> str:
    return f"SELECT {_PLACE} FROM {rows} WHERE {_COUNTED}"  # noqa: S608  # the names are those above


_TOUCHED = {
    "INSERT": _placed("incoming"),
    # Most updates change nothing that decides on an order's place.
    "UPDATE": f"""({_placed("outgoing")} EXCEPT {_placed("incoming")})
        UNION ALL ({_placed("incoming")} EXCEPT {_placed("outgoing")})""",
    "DELETE": _placed("outgoing"),
}
"""By event: the orders whose customers are numbered again."""

_SIGNED = {
    "INSERT": "SELECT 1 AS sign, * FROM incoming",
    "UPDATE": "SELECT 1 AS sign, * FROM incoming UNION ALL SELECT -1, * FROM outgoing",
    "DELETE": "SELECT -1 AS sign, * FROM outgoing",
}
"""By event: the rows that it added, and those that it took away."""

_TRANSITIONS = {
    "INSERT": "NEW TABLE AS incoming",
    "UPDATE": "OLD TABLE AS outgoing NEW TABLE AS incoming",
    "DELETE": "OLD TABLE AS outgoing",
}


def upgrade() -> None:
    for table, statement in _TABLES.items():
        op.execute(statement)
        protect_table(table)
    _run(_NUMBER_CUSTOMER_ORDERS)
    for event in _TRANSITIONS:
        _create_trigger("number_orders", event, "orders", _number_touched(event))
        _create_trigger("count_customer_days", event, "customer_orders", _count_days(event))
    _fill()


def downgrade() -> None:
    for event in _TRANSITIONS:
        op.execute(f"DROP TRIGGER number_orders_{event.lower()} ON orders")
        op.execute(f"DROP FUNCTION number_orders_{event.lower()}")
    for table in _TABLES:
        op.execute(f"DROP TABLE {table}")
    for event in _TRANSITIONS:
        op.execute(f"DROP FUNCTION count_customer_days_{event.lower()}")
    op.execute("DROP FUNCTION number_customer_orders")


def _number_touched(event: str) -> str:
    return f"""
        PERFORM number_customer_orders(tenant_id, store_id, array_agg(customer_key), array_agg(order_id))
        FROM ({_TOUCHED[event]}) touched
        GROUP BY tenant_id, store_id;
    """


def _count_days(event: str) -> str:
    difference = f"""
        SELECT tenant_id, store_id, currency, business_date, coalesce(previous_date, '0001-01-01') AS previous_date,
               sum(sign) AS orders,
               coalesce(sum(sign) FILTER (WHERE currency_number = 1 AND first_date IS NOT NULL), 0) AS firsts,
               coalesce(sum(sign) FILTER (WHERE currency_number = 2 AND first_date IS NOT NULL), 0) AS seconds
        FROM ({_SIGNED[event]}) changed
        GROUP BY 1, 2, 3, 4, 5
    """  # noqa: S608
    # Sorted, so that two transactions lock rows in one order. The rows of a deleted store cascade with it.
    added = f"""
        INSERT INTO customer_days AS d
        SELECT difference.* FROM ({difference}) difference
        JOIN stores USING (tenant_id, store_id)
        WHERE (orders, firsts, seconds) <> (0, 0, 0)
        ORDER BY tenant_id, store_id, currency, business_date, previous_date
        ON CONFLICT (tenant_id, store_id, currency, business_date, previous_date) DO UPDATE SET
            orders = d.orders + excluded.orders, firsts = d.firsts + excluded.firsts,
            seconds = d.seconds + excluded.seconds;
    """  # noqa: S608
    if event == "INSERT":
        return added
    return f"""{added}
        DELETE FROM customer_days d USING ({difference} HAVING sum(sign) < 0) taken
        WHERE d.tenant_id = taken.tenant_id AND d.store_id = taken.store_id AND d.currency = taken.currency
          AND d.business_date = taken.business_date AND d.previous_date = taken.previous_date AND d.orders = 0;
    """  # noqa: S608


def _create_trigger(name: str, event: str, table: str, body: str) -> None:
    trigger = f"{name}_{event.lower()}"
    _run(f"""
        CREATE FUNCTION {trigger}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NULL; END $$;
        CREATE TRIGGER {trigger} AFTER {event} ON {table} REFERENCING {_TRANSITIONS[event]}
            FOR EACH STATEMENT EXECUTE FUNCTION {trigger}();
    """)


def _fill() -> None:
    """Number the orders that are stored. The policies bind the tables' owner, too, who is no superuser everywhere."""
    tables = ("stores", "orders", *_TABLES)
    for table in tables:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute("""
        SELECT number_customer_orders(tenant_id, store_id, array_agg(DISTINCT customer_key), '{}')
        FROM orders GROUP BY tenant_id, store_id
    """)
    for table in tables:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def _run(script: str) -> None:
    """Send it as it stands: a colon in it is no parameter."""
    op.get_bind().exec_driver_sql(script)
