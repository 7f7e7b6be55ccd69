"""Sums of discounts by day, and the marks of the days whose sums are stale, which triggers set."""

# ruff: noqa: S608  # The names are of this file.

from __future__ import annotations

from alembic import op

from core.database.migrations.kept_sums import UNLESS_DEFERRED
from core.database.migrations.policies import protect_table

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None

_TABLES = {
    "stale_discount_days": ("business_date", "business_date date NOT NULL"),
    "discount_days": (
        "currency, business_date, kind, label",
        """
            currency text NOT NULL,
            business_date date NOT NULL,
            kind text NOT NULL,
            label text NOT NULL,
            orders bigint NOT NULL,
            discount_given numeric NOT NULL,
            net_sales numeric NOT NULL,
            placed_value numeric NOT NULL,
            value_with_cost numeric NOT NULL,
            cost_of_goods numeric NOT NULL,
            orders_new bigint NOT NULL,
            orders_repeated bigint NOT NULL""",
    ),
}
_DAYS = "tenant_id, store_id, business_date"
_PLACE = "tenant_id, store_id, order_id, net_sales, number, next_date, business_date"
_OLD, _NEW = f"SELECT {_DAYS} FROM old_rows", f"SELECT {_DAYS} FROM new_rows"


def _discounted(orders: str) -> str:
    """The days of the orders with a discount."""
    return f"""
        SELECT d.tenant_id, d.store_id, d.business_date
        FROM (SELECT DISTINCT tenant_id, store_id, order_id FROM ({orders}) changed) o
        JOIN order_discounts d USING (tenant_id, store_id, order_id)"""


_MOVED = f"""(SELECT {_PLACE} FROM new_rows EXCEPT SELECT {_PLACE} FROM old_rows)
        UNION ALL (SELECT {_PLACE} FROM old_rows EXCEPT SELECT {_PLACE} FROM new_rows)"""
# Every change of goods or of their cost marks its day in `stale_money_days`: such a mark is passed on.
_ON_DAY = """SELECT n.tenant_id, n.store_id, n.business_date FROM new_rows n WHERE EXISTS (
        SELECT FROM order_discounts d
        WHERE d.tenant_id = n.tenant_id AND d.store_id = n.store_id AND d.business_date = n.business_date)"""
_MARKS = {
    ("order_discounts", "insert"): (_NEW, ""),
    ("order_discounts", "update"): (f"{_OLD} UNION ALL {_NEW}", ""),
    ("order_discounts", "delete"): (_OLD, ""),
    ("stale_money_days", "insert"): (_ON_DAY, ""),
    ("stale_money_days", "update"): (_ON_DAY, ""),
    # A rebuild, which defers these, marks all days.
    ("customer_orders", "insert"): (_discounted("SELECT * FROM new_rows"), UNLESS_DEFERRED),
    ("customer_orders", "update"): (_discounted(_MOVED), UNLESS_DEFERRED),
    ("customer_orders", "delete"): (_discounted("SELECT * FROM old_rows"), UNLESS_DEFERRED),
}
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
    for (table, event), (days, condition) in _MARKS.items():
        _create_trigger(table, event, days, condition)
    op.execute("ALTER TABLE order_discounts NO FORCE ROW LEVEL SECURITY")
    op.execute(f"INSERT INTO stale_discount_days SELECT DISTINCT {_DAYS} FROM order_discounts")
    op.execute("ALTER TABLE order_discounts FORCE ROW LEVEL SECURITY")
    for table in _TABLES:
        protect_table(table)


def downgrade() -> None:
    for table, event in _MARKS:
        op.execute(f"DROP FUNCTION mark_discounts_of_{table}_on_{event}() CASCADE")
    for table in _TABLES:
        op.execute(f"DROP TABLE {table}")


def _create_trigger(table: str, event: str, days: str, condition: str) -> None:
    """Mark the days in their order, and lock a mark that exists, as the marks of `stale_money_days`."""
    function = f"mark_discounts_of_{table}_on_{event}"
    op.execute(f"""
        CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO stale_discount_days ({_DAYS})
            SELECT DISTINCT {_DAYS} FROM ({days}) touched JOIN stores USING (tenant_id, store_id)
            ORDER BY {_DAYS}
            ON CONFLICT ({_DAYS}) DO UPDATE SET business_date = excluded.business_date;
            RETURN NULL;
        END $$
    """)
    op.execute(f"""
        CREATE TRIGGER {function} AFTER {event.upper()} ON {table} REFERENCING {_TRANSITIONS[event]}
        FOR EACH STATEMENT {condition} EXECUTE FUNCTION {function}()
    """)
