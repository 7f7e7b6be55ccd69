"""The gross profit of each order, by which lists are sorted, and the marks of the days whose orders are stale."""

# ruff: noqa: S608  # The names are of this file.

from __future__ import annotations

from alembic import op

from core.database.migrations.policies import protect_table

revision = "0072"
down_revision = "0071"
branch_labels = None
depends_on = None

_TABLES = {
    "stale_profit_days": ("business_date", "business_date date NOT NULL"),
    "order_profits": (
        "business_date, order_id",
        """
            business_date date NOT NULL,
            order_id bigint NOT NULL,
            currency text NOT NULL,
            gross_profit numeric""",
    ),
}
_DAYS = "tenant_id, store_id, business_date"
_PLACE = "tenant_id, store_id, currency"
_INDEXES = {
    "order_profits_known": f"({_PLACE}, gross_profit, business_date, order_id) WHERE gross_profit IS NOT NULL",
    "order_profits_unknown": f"({_PLACE}, business_date, order_id) WHERE gross_profit IS NULL",
}
_LATER_SALES = """
    CREATE INDEX ix_sales_later_variants ON sales (tenant_id, store_id, variant_id) WHERE reason <> 'order'"""


def _placed(changed: str) -> str:
    """The days on which the orders of these rows were placed."""
    return f"""
        SELECT o.tenant_id, o.store_id, o.business_date
        FROM (SELECT DISTINCT tenant_id, store_id, order_id FROM ({changed}) rows) c
        JOIN orders o USING (tenant_id, store_id, order_id)"""


def _later(rows: str) -> str:
    """Select the sales of edits and returns. A sale of the order itself marks the order's day already."""
    return f"SELECT * FROM {rows} WHERE reason <> 'order'"


def _refunded(rows: str) -> str:
    return f"""
        SELECT r.tenant_id, r.store_id, r.order_id FROM {rows} l
        JOIN refunds r USING (tenant_id, store_id, refund_id)"""


def _sold_later(variants: str) -> str:
    """Sales of edits and returns of these variants: `goods_days` has them on the day of the edit."""
    return f"""
        SELECT s.tenant_id, s.store_id, s.order_id
        FROM (SELECT DISTINCT tenant_id, store_id, variant_id FROM ({variants}) costs) v
        JOIN sales s USING (tenant_id, store_id, variant_id) WHERE s.reason <> 'order'"""


_COST = "tenant_id, store_id, variant_id, unit_cost, currency"
_NEW_COST = f"SELECT {_COST} FROM new_rows EXCEPT SELECT {_COST} FROM old_rows"
_MARKS = {
    # Every change of goods, orders or costs marks its day there: such a mark is passed on.
    ("stale_money_days", "insert"): f"SELECT {_DAYS} FROM new_rows",
    ("stale_money_days", "update"): f"SELECT {_DAYS} FROM new_rows",
    ("sales", "insert"): _placed(_later("new_rows")),
    ("sales", "update"): _placed(f"{_later('old_rows')} UNION ALL {_later('new_rows')}"),
    ("sales", "delete"): _placed(_later("old_rows")),
    ("refunds", "delete"): _placed("SELECT * FROM old_rows"),
    ("refund_lines", "insert"): _placed(_refunded("new_rows")),
    ("refund_lines", "update"): _placed(_refunded("new_rows")),
    ("refund_lines", "delete"): _placed(_refunded("old_rows")),
    ("variants", "insert"): _placed(_sold_later("SELECT * FROM new_rows")),
    ("variants", "update"): _placed(_sold_later(_NEW_COST)),
    ("variants", "delete"): _placed(_sold_later("SELECT * FROM old_rows")),
    ("unit_costs", "insert"): _placed(_sold_later("SELECT * FROM new_rows")),
    ("unit_costs", "update"): _placed(_sold_later("SELECT * FROM new_rows")),
    ("unit_costs", "delete"): _placed(_sold_later("SELECT * FROM old_rows")),
}
"""By table and event: the days of the orders whose profit a statement changes."""
_TRANSITIONS = {
    "insert": "NEW TABLE AS new_rows",
    "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "delete": "OLD TABLE AS old_rows",
}


def upgrade() -> None:
    for table, (key, columns) in _TABLES.items():
        op.execute(f"""
            CREATE TABLE {table} (
                tenant_id bigint NOT NULL,
                store_id bigint NOT NULL,
                {columns},
                CONSTRAINT pk_{table} PRIMARY KEY (tenant_id, store_id, {key}),
                CONSTRAINT fk_{table}_stores FOREIGN KEY (tenant_id, store_id)
                    REFERENCES stores (tenant_id, store_id) ON DELETE CASCADE
            )
        """)
    for name, columns in _INDEXES.items():
        op.execute(f"CREATE INDEX ix_{name} ON order_profits {columns}")
    op.execute(_LATER_SALES)
    for (table, event), days in _MARKS.items():
        _create_trigger(table, event, days)
    op.execute("ALTER TABLE orders NO FORCE ROW LEVEL SECURITY")
    op.execute(f"INSERT INTO stale_profit_days SELECT DISTINCT {_DAYS} FROM orders")
    op.execute("ALTER TABLE orders FORCE ROW LEVEL SECURITY")
    for table in _TABLES:
        protect_table(table)


def downgrade() -> None:
    for table, event in _MARKS:
        op.execute(f"DROP FUNCTION mark_profits_of_{table}_on_{event}() CASCADE")
    op.execute("DROP INDEX ix_sales_later_variants")
    for table in _TABLES:
        op.execute(f"DROP TABLE {table}")


def _create_trigger(table: str, event: str, days: str) -> None:
    """Mark the days in their order, and lock a mark that exists, as the marks of `stale_money_days`."""
    function = f"mark_profits_of_{table}_on_{event}"
    op.execute(f"""
        CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO stale_profit_days ({_DAYS})
            SELECT DISTINCT {_DAYS} FROM ({days}) touched JOIN stores USING (tenant_id, store_id)
            ORDER BY {_DAYS}
            ON CONFLICT ({_DAYS}) DO UPDATE SET business_date = excluded.business_date;
            RETURN NULL;
        END $$
    """)
    op.execute(f"""
        CREATE TRIGGER {function} AFTER {event.upper()} ON {table} REFERENCING {_TRANSITIONS[event]}
        FOR EACH STATEMENT EXECUTE FUNCTION {function}()
    """)
