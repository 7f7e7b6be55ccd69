"""Counts of a day's orders by the month of the customer's previous order: a tenth of the rows of `customer_days`.

Triggers on `customer_days` write it. Long periods sum these, and read days only of the month in which they begin.
"""

from __future__ import annotations

from alembic import op

from core.database.migrations.policies import protect_table

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

_TABLE = """
    CREATE TABLE customer_months (
        tenant_id BIGINT NOT NULL,
        store_id BIGINT NOT NULL,
        currency TEXT NOT NULL,
        business_date DATE NOT NULL,
        previous_month DATE NOT NULL,
        orders BIGINT NOT NULL,
        firsts BIGINT NOT NULL,
        seconds BIGINT NOT NULL,
        CONSTRAINT pk_customer_months PRIMARY KEY (tenant_id, store_id, currency, business_date, previous_month),
        CONSTRAINT fk_customer_months_stores FOREIGN KEY (tenant_id, store_id)
            REFERENCES stores (tenant_id, store_id) ON DELETE CASCADE
    )
"""

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
    op.execute(_TABLE)
    protect_table("customer_months")
    for event in _TRANSITIONS:
        _create_trigger(event)
    _fill()


def downgrade() -> None:
    for event in _TRANSITIONS:
        op.execute(f"DROP TRIGGER count_customer_months_{event.lower()} ON customer_days")
        op.execute(f"DROP FUNCTION count_customer_months_{event.lower()}")
    op.execute("DROP TABLE customer_months")


def _create_trigger(event: str) -> None:
    trigger = f"count_customer_months_{event.lower()}"
    # date_trunc() of '0001-01-01', the key of orders without a previous one, is that day.
    difference = f"""
        SELECT tenant_id, store_id, currency, business_date,
               CAST(date_trunc('month', CAST(previous_date AS timestamp)) AS date) AS previous_month,
               sum(sign * orders) AS orders, sum(sign * firsts) AS firsts, sum(sign * seconds) AS seconds
        FROM ({_SIGNED[event]}) changed
        GROUP BY 1, 2, 3, 4, 5
    """  # noqa: S608  # the names are those above
    # Sorted, so that two transactions lock rows in one order. The rows of a deleted store cascade with it.
    added = f"""
        INSERT INTO customer_months AS m
        SELECT difference.* FROM ({difference}) difference
        JOIN stores USING (tenant_id, store_id)
        WHERE (orders, firsts, seconds) <> (0, 0, 0)
        ORDER BY tenant_id, store_id, currency, business_date, previous_month
        ON CONFLICT (tenant_id, store_id, currency, business_date, previous_month) DO UPDATE SET
            orders = m.orders + excluded.orders, firsts = m.firsts + excluded.firsts,
            seconds = m.seconds + excluded.seconds;
    """  # noqa: S608
    emptied = f"""
        DELETE FROM customer_months m USING ({difference} HAVING sum(sign * orders) < 0) taken
        WHERE m.tenant_id = taken.tenant_id AND m.store_id = taken.store_id AND m.currency = taken.currency
          AND m.business_date = taken.business_date AND m.previous_month = taken.previous_month AND m.orders = 0;
    """  # noqa: S608
    body = added if event == "INSERT" else added + emptied
    op.get_bind().exec_driver_sql(f"""
        CREATE FUNCTION {trigger}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NULL; END $$;
        CREATE TRIGGER {trigger} AFTER {event} ON customer_days REFERENCING {_TRANSITIONS[event]}
            FOR EACH STATEMENT EXECUTE FUNCTION {trigger}();
    """)


def _fill() -> None:
    """Sum the counts that are kept. The policies bind the tables' owner, too, who is no superuser everywhere."""
    tables = ("stores", "customer_days", "customer_months")
    for table in tables:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute("""
        INSERT INTO customer_months
        SELECT tenant_id, store_id, currency, business_date,
               CAST(date_trunc('month', CAST(previous_date AS timestamp)) AS date),
               sum(orders), sum(firsts), sum(seconds)
        FROM customer_days
        GROUP BY 1, 2, 3, 4, 5
    """)
    for table in tables:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
