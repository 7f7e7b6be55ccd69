"""Fees of payments that Shopify says, in the kept sums of profit: a change of one marks its order's day as stale."""

from __future__ import annotations

from alembic import op

# ruff: noqa: S608  # The names are of this file.

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None

_DAYS = "tenant_id, store_id, business_date"
_ROW = "tenant_id, store_id, order_id, fee, fee_currency, status, test"
_DIFFERING = f"""
    (SELECT {_ROW} FROM old_rows EXCEPT SELECT {_ROW} FROM new_rows)
    UNION ALL (SELECT {_ROW} FROM new_rows EXCEPT SELECT {_ROW} FROM old_rows)"""
_MARKS = {
    "insert": ("NEW TABLE AS new_rows", f"SELECT {_ROW} FROM new_rows"),
    "update": ("OLD TABLE AS old_rows NEW TABLE AS new_rows", _DIFFERING),
    "delete": ("OLD TABLE AS old_rows", f"SELECT {_ROW} FROM old_rows"),
}


def upgrade() -> None:
    op.execute("""
        ALTER TABLE money_days
            ADD COLUMN known_fees numeric NOT NULL DEFAULT 0, ADD COLUMN known_fee_orders bigint NOT NULL DEFAULT 0
    """)
    for event, (transitions, rows) in _MARKS.items():
        _create_trigger(event, transitions, rows)


def downgrade() -> None:
    for event in _MARKS:
        op.execute(f"DROP FUNCTION mark_days_of_transactions_on_{event}() CASCADE")
    op.execute("ALTER TABLE money_days DROP COLUMN known_fees, DROP COLUMN known_fee_orders")


def _create_trigger(event: str, transitions: str, rows: str) -> None:
    """Mark the days in their order, so that two transactions never wait for each other in a circle."""
    function = f"mark_days_of_transactions_on_{event}"
    op.execute(f"""
        CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO stale_money_days ({_DAYS})
            SELECT DISTINCT o.tenant_id, o.store_id, o.business_date FROM ({rows}) t
            JOIN orders o USING (tenant_id, store_id, order_id) JOIN stores USING (tenant_id, store_id)
            WHERE t.fee IS NOT NULL
            ORDER BY o.tenant_id, o.store_id, o.business_date
            ON CONFLICT ({_DAYS}) DO UPDATE SET business_date = excluded.business_date;
            RETURN NULL;
        END $$
    """)
    op.execute(f"""
        CREATE TRIGGER {function} AFTER {event.upper()} ON transactions REFERENCING {transitions}
        FOR EACH STATEMENT EXECUTE FUNCTION {function}()
    """)
