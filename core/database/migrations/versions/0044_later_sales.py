"""Rows of the ledger after an order was placed, and refunds, each with the day of its order; triggers keep them."""

# ruff: noqa: S608  # The names are of this file; no value comes from outside.

from __future__ import annotations

from alembic import op

from core.database.migrations.policies import protect_table

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

_RETURNED = "(r.line_type = 'adjustment' OR (r.line_type = 'product' AND r.action = 'return'))"
_ADDED = "(r.line_type = 'product' AND r.action IN ('order', 'update') AND r.reason <> 'order')"
_LATER = f"({_RETURNED} OR {_ADDED})"
_KEY = "tenant_id, store_id, order_id"
_SAME = "{0}.tenant_id = {1}.tenant_id AND {0}.store_id = {1}.store_id AND {0}.order_id = {1}.order_id"
_OLD, _NEW = "old_rows", "new_rows"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE later_sales (
            tenant_id BIGINT NOT NULL,
            store_id BIGINT NOT NULL,
            order_id BIGINT NOT NULL,
            kind TEXT NOT NULL,
            number BIGINT NOT NULL,
            placed_at timestamptz NOT NULL,
            placed_on DATE NOT NULL,
            happened_at timestamptz NOT NULL,
            happened_on DATE NOT NULL,
            currency TEXT NOT NULL,
            line_item_id BIGINT,
            product_id BIGINT,
            variant_id BIGINT,
            reason TEXT,
            returned NUMERIC NOT NULL,
            units_returned BIGINT NOT NULL,
            gross_added NUMERIC NOT NULL,
            units_added BIGINT NOT NULL,
            refunded NUMERIC NOT NULL,
            PRIMARY KEY (tenant_id, store_id, order_id, kind, number),
            FOREIGN KEY (tenant_id, store_id, order_id) REFERENCES orders (tenant_id, store_id, order_id)
                ON DELETE CASCADE
        )
    """)
    for day in ("happened_on", "placed_on"):
        op.execute(f"CREATE INDEX ix_later_sales_{day} ON later_sales (tenant_id, store_id, {day}, order_id)")
    for table in ("orders", "sales", "refunds"):
        # The policies bind the tables' owner, too, who is no superuser everywhere.
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(_insert(f"SELECT {_KEY} FROM orders"))
    for table in ("orders", "sales", "refunds"):
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    protect_table("later_sales")
    _create_triggers()


def downgrade() -> None:
    for table in ("orders", "sales", "refunds"):
        for event in ("insert", "update", "delete"):
            op.execute(f"DROP FUNCTION IF EXISTS keep_later_{table}_on_{event}() CASCADE")
    op.execute("DROP TABLE later_sales")


def _create_triggers() -> None:
    later = f"SELECT r.{_KEY.replace(', ', ', r.')} FROM {{}} r WHERE {_LATER}"
    refunded = f"SELECT {_KEY} FROM {{}}"
    both = " UNION ".join
    _create_trigger("sales", "insert", later.format(_NEW))
    _create_trigger("sales", "update", both([later.format(_OLD), later.format(_NEW)]))
    _create_trigger("sales", "delete", later.format(_OLD))
    _create_trigger("refunds", "insert", refunded.format(_NEW))
    _create_trigger("refunds", "update", both([refunded.format(_OLD), refunded.format(_NEW)]))
    _create_trigger("refunds", "delete", refunded.format(_OLD))
    # A refund may be known before its order is.
    _create_trigger("orders", "insert", f"""
        SELECT r.{_KEY.replace(", ", ", r.")} FROM new_rows r
        WHERE EXISTS (SELECT FROM refunds f WHERE {_SAME.format("f", "r")})
    """)  # fmt: skip
    _create_trigger("orders", "update", f"""
        SELECT r.{_KEY.replace(", ", ", r.")} FROM new_rows r JOIN old_rows o ON {_SAME.format("o", "r")}
        WHERE (r.processed_at, r.business_date, r.currency, r.test, r.deleted_at)
            IS DISTINCT FROM (o.processed_at, o.business_date, o.currency, o.test, o.deleted_at)
    """)  # fmt: skip


def _create_trigger(table: str, event: str, touched: str) -> None:
    """Keep the rows of all orders that a statement touched, as one DELETE and one INSERT."""
    rows = {"insert": "NEW TABLE AS new_rows", "delete": "OLD TABLE AS old_rows"}
    transition = rows.get(event, "OLD TABLE AS old_rows NEW TABLE AS new_rows")
    function = f"keep_later_{table}_on_{event}"
    op.execute(f"""
        CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            DELETE FROM later_sales k USING (SELECT DISTINCT {_KEY} FROM ({touched}) t) t
            WHERE {_SAME.format("k", "t")};
            {_insert(f"SELECT DISTINCT {_KEY} FROM ({touched}) t")};
            RETURN NULL;
        END $$
    """)
    op.execute(f"""
        CREATE TRIGGER {function} AFTER {event.upper()} ON {table} REFERENCING {transition}
        FOR EACH STATEMENT EXECUTE FUNCTION {function}()
    """)


def _insert(touched: str) -> str:
    """The statement that inserts the rows of the orders `touched`."""
    counted = f"JOIN orders o ON {_SAME.format('o', 't')} AND NOT o.test AND o.deleted_at IS NULL"
    reason = f"""
        (SELECT string_agg(DISTINCT btrim(f.note), '; ') FROM refunds f
         WHERE {_SAME.format("f", "r")} AND f.business_date = r.business_date AND btrim(f.note) <> '')"""
    return f"""
        WITH t AS MATERIALIZED ({touched})
        INSERT INTO later_sales (
            {_KEY}, kind, number, placed_at, placed_on, happened_at, happened_on, currency,
            line_item_id, product_id, variant_id, reason,
            returned, units_returned, gross_added, units_added, refunded)
        SELECT t.tenant_id, t.store_id, t.order_id, CASE WHEN {_RETURNED} THEN 'returned' ELSE 'added' END, r.sale_no,
            o.processed_at, o.business_date, r.happened_at, r.business_date, r.currency,
            r.line_item_id, r.product_id, r.variant_id, {reason},
            CASE WHEN {_RETURNED} THEN -r.net ELSE 0 END, CASE WHEN {_RETURNED} THEN -r.quantity ELSE 0 END,
            CASE WHEN {_RETURNED} THEN 0 ELSE r.net + r.discount END,
            CASE WHEN {_RETURNED} THEN 0 ELSE r.quantity END, 0
        FROM t {counted} JOIN sales r ON {_SAME.format("r", "t")}
        WHERE {_LATER}
        UNION ALL
        SELECT t.tenant_id, t.store_id, t.order_id, 'refunded', r.refund_id,
            o.processed_at, o.business_date, r.processed_at, r.business_date, r.currency,
            NULL, NULL, NULL, nullif(btrim(r.note), ''), 0, 0, 0, 0, r.refunded
        FROM t {counted} JOIN refunds r ON {_SAME.format("r", "t")}
        WHERE r.refunded <> 0"""
