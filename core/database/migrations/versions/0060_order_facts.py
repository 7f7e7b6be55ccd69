"""How orders came about and came back: visits, tags, location, reasons of returns, and fees of payments.

New columns have no value for stored orders until those are read again, so no row is rewritten.
"""

from __future__ import annotations

from alembic import op

from core.database.migrations.kept_sums import KeptSums, create_triggers, drop_triggers
from core.database.migrations.policies import protect_table

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None

_RECEIVED, _REFUNDED = "r.kind IN ('sale', 'capture')", "r.kind = 'refund'"
_KNOWN = "r.fee_currency = r.currency"


def _payments_by_day(sums: dict[str, tuple[str, str]]) -> KeptSums:
    return KeptSums(
        "payments_by_day",
        {"currency": "r.currency", "business_date": "r.business_date", "gateway": "coalesce(r.gateway, '')"},
        {"received": ("r.amount", _RECEIVED), "refunded": ("r.amount", _REFUNDED)} | sums,
        {"payments": _RECEIVED, "refunds": _REFUNDED},
        rows=f"r.status = 'success' AND NOT r.test AND ({_RECEIVED} OR {_REFUNDED})",
        emptied_by=("payments", "refunds"),
    )


_FEES = {"fees": ("r.fee", _KNOWN), "received_with_fees": ("r.amount", f"{_RECEIVED} AND {_KNOWN}")}


def upgrade() -> None:
    op.execute("""
        ALTER TABLE orders
            ADD COLUMN tags TEXT[] NOT NULL DEFAULT '{}',
            ADD COLUMN location_id BIGINT, ADD COLUMN location_name TEXT,
            ADD COLUMN journey JSONB, ADD COLUMN visit_source TEXT, ADD COLUMN visit_campaign TEXT
    """)
    op.execute(
        "CREATE INDEX ix_orders_location_id ON orders (tenant_id, store_id, location_id) "
        "INCLUDE (location_name) WHERE location_id IS NOT NULL"
    )
    op.execute("""
        CREATE TABLE return_lines (
            tenant_id BIGINT NOT NULL,
            store_id BIGINT NOT NULL,
            order_id BIGINT NOT NULL,
            return_line_id BIGINT NOT NULL,
            return_id BIGINT NOT NULL,
            line_item_id BIGINT,
            requested_at timestamptz NOT NULL,
            business_date DATE NOT NULL,
            status TEXT NOT NULL,
            quantity BIGINT NOT NULL,
            reason TEXT NOT NULL,
            reason_name TEXT,
            note TEXT,
            CONSTRAINT pk_return_lines PRIMARY KEY (tenant_id, store_id, order_id, return_line_id),
            CONSTRAINT fk_return_lines_orders FOREIGN KEY (tenant_id, store_id, order_id)
                REFERENCES orders (tenant_id, store_id, order_id) ON DELETE CASCADE
        )
    """)
    op.execute(
        "CREATE INDEX ix_return_lines_tenant_id_store_id_business_date "
        "ON return_lines (tenant_id, store_id, business_date)"
    )
    protect_table("return_lines")
    op.execute(
        "ALTER TABLE transactions ADD COLUMN fee NUMERIC, ADD COLUMN fee_tax NUMERIC, ADD COLUMN fee_currency TEXT"
    )
    op.execute("""
        ALTER TABLE payments_by_day
            ADD COLUMN fees NUMERIC NOT NULL DEFAULT 0, ADD COLUMN received_with_fees NUMERIC NOT NULL DEFAULT 0
    """)
    drop_triggers("sum_transactions")
    create_triggers("sum_transactions", "transactions", [_payments_by_day(_FEES)])


def downgrade() -> None:
    drop_triggers("sum_transactions")
    op.execute("ALTER TABLE payments_by_day DROP COLUMN fees, DROP COLUMN received_with_fees")
    create_triggers("sum_transactions", "transactions", [_payments_by_day({})])
    op.execute("ALTER TABLE transactions DROP COLUMN fee, DROP COLUMN fee_tax, DROP COLUMN fee_currency")
    op.execute("DROP TABLE return_lines")
    op.execute("""
        ALTER TABLE orders
            DROP COLUMN tags, DROP COLUMN location_id, DROP COLUMN location_name,
            DROP COLUMN journey, DROP COLUMN visit_source, DROP COLUMN visit_campaign
    """)
