"""Sums of profit and taxes by day, and the marks of the days whose sums are stale, which triggers set."""

from __future__ import annotations

from alembic import op

from core.database.migrations.policies import protect_table

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

_GOODS = """
            net_sales numeric NOT NULL,
            net_sales_with_cost numeric NOT NULL,
            lines bigint NOT NULL,
            lines_with_cost bigint NOT NULL,
            cost_of_goods numeric NOT NULL,
            not_restocked numeric NOT NULL"""
_OF_VARIANT = """
            product_id bigint NOT NULL,
            variant_id bigint NOT NULL,
            units bigint NOT NULL,
            an_order bigint"""
_TABLES = {
    "stale_money_days": ("business_date", "business_date date NOT NULL"),
    "money_days": (
        "currency, business_date",
        f"""
            currency text NOT NULL,
            business_date date NOT NULL, {_GOODS},
            shipping numeric NOT NULL,
            total_sales numeric NOT NULL,
            orders bigint NOT NULL,
            paid_orders bigint NOT NULL,
            paid_totals numeric NOT NULL,
            sent_orders bigint NOT NULL""",
    ),
    "goods_days": (
        "currency, business_date, product_id, variant_id",
        f"""
            currency text NOT NULL,
            business_date date NOT NULL, {_OF_VARIANT}, {_GOODS}""",
    ),
    "goods_months": (
        "currency, month, product_id, variant_id",
        f"""
            currency text NOT NULL,
            month date NOT NULL, {_OF_VARIANT}, {_GOODS}""",
    ),
    "tax_days": (
        "currency, business_date, title, rate",
        """
            currency text NOT NULL,
            business_date date NOT NULL,
            title text NOT NULL,
            rate numeric NOT NULL,
            taxable numeric NOT NULL,
            tax numeric NOT NULL""",
    ),
}
"""By table: the rest of its key behind tenant and store, and its columns."""

_DAYS = "tenant_id, store_id, business_date"
_CHANGED_ORDER = f"{_DAYS}, currency, total, financial_status, cancelled_at, test, deleted_at"


def _both_ways(columns: str) -> str:
    """The days of old and new rows that differ in these columns."""
    differing = [
        f"SELECT {columns} FROM {one} EXCEPT SELECT {columns} FROM {other}"
        for one, other in (("old_rows", "new_rows"), ("new_rows", "old_rows"))
    ]
    return f"SELECT {_DAYS} FROM (({differing[0]}) UNION ALL ({differing[1]})) differing"


_OF_VARIANT_ROWS = "SELECT tenant_id, store_id, variant_id FROM"
_OLD, _NEW = f"{_OF_VARIANT_ROWS} old_rows", f"{_OF_VARIANT_ROWS} new_rows"
_COST = "tenant_id, store_id, variant_id, unit_cost, currency"
_NEW_COST = f"{_OF_VARIANT_ROWS} (SELECT {_COST} FROM new_rows EXCEPT SELECT {_COST} FROM old_rows) changed"


def _refunded(rows: str) -> str:
    return f"""
    SELECT r.tenant_id, r.store_id, r.business_date FROM {rows} l
    JOIN refunds r ON r.tenant_id = l.tenant_id AND r.store_id = l.store_id AND r.refund_id = l.refund_id"""


def _sold(variants: str) -> str:
    return f"""
    SELECT g.tenant_id, g.store_id, g.business_date FROM ({variants}) v
    JOIN goods_days g ON g.tenant_id = v.tenant_id AND g.store_id = v.store_id AND g.variant_id = v.variant_id"""


_MARKS = {
    ("sales", "insert"): f"SELECT {_DAYS} FROM new_rows",
    ("sales", "update"): f"SELECT {_DAYS} FROM old_rows UNION ALL SELECT {_DAYS} FROM new_rows",
    ("sales", "delete"): f"SELECT {_DAYS} FROM old_rows",
    ("orders", "insert"): f"SELECT {_DAYS} FROM new_rows",
    ("orders", "update"): _both_ways(_CHANGED_ORDER),
    ("orders", "delete"): f"SELECT {_DAYS} FROM old_rows",
    ("refunds", "update"): _both_ways(_DAYS),
    ("refunds", "delete"): f"SELECT {_DAYS} FROM old_rows",
    ("refund_lines", "insert"): _refunded("new_rows"),
    ("refund_lines", "update"): _refunded("new_rows"),
    ("refund_lines", "delete"): _refunded("old_rows"),
    ("variants", "insert"): _sold(_NEW),
    ("variants", "update"): _sold(_NEW_COST),
    ("variants", "delete"): _sold(_OLD),
    ("unit_costs", "insert"): _sold(_NEW),
    ("unit_costs", "update"): _sold(_NEW),
    ("unit_costs", "delete"): _sold(_OLD),
}
"""By table and event: the days whose sums a statement makes stale.

Costs are of days that are kept; a day that is not kept is stale already. An order's lines change with its sales.
"""
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
    op.execute(
        "CREATE INDEX ix_goods_days_tenant_id_store_id_variant_id ON goods_days (tenant_id, store_id, variant_id)"
    )
    for (table, event), days in _MARKS.items():
        _create_trigger(table, event, days)
    _mark_stored_days()
    for table in _TABLES:
        protect_table(table)


def downgrade() -> None:
    for table, event in _MARKS:
        op.execute(f"DROP FUNCTION mark_days_of_{table}_on_{event}() CASCADE")
    for table in _TABLES:
        op.execute(f"DROP TABLE {table}")


def _create_trigger(table: str, event: str, days: str) -> None:
    """Mark the days in their order, so that two transactions never wait for each other in a circle.

    The days of a deleted store are not marked: a mark would refer to it. DO UPDATE locks a mark that exists, so that
    a refresh of the day waits for this transaction.
    """
    function = f"mark_days_of_{table}_on_{event}"
    op.execute(f"""
        CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO stale_money_days ({_DAYS})
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


def _mark_stored_days() -> None:
    """Mark every day that has rows. The policies bind the tables' owner, too, who is no superuser everywhere."""
    sources = ("orders", "sales", "refunds")
    for table in sources:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"INSERT INTO stale_money_days SELECT DISTINCT {_DAYS} FROM {table} ON CONFLICT DO NOTHING")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
