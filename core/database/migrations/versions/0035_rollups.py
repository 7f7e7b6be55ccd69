"""Roll-ups of the ledger: sums by day, by quarter of an hour, and by variant and day or month."""

from __future__ import annotations

from alembic import op

from core.database.migrations.kept_sums import KeptSums, create_table, create_triggers, drop_triggers, fill
from core.database.migrations.policies import protect_table

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

_SOLD = "r.line_type = 'product' AND r.action IN ('order', 'update')"
_RETURNED = "(r.line_type = 'adjustment' OR (r.line_type = 'product' AND r.action = 'return'))"
_GOODS = "r.line_type IN ('product', 'adjustment')"
_PLACED = "r.line_type = 'product' AND r.reason = 'order'"
_TOTAL = "r.line_type IN ('product', 'shipping', 'duty', 'fee', 'adjustment')"

_SALES = {
    "gross_sales": ("r.net + r.discount", _SOLD),
    "discounts": ("r.discount", _SOLD),
    "returns": ("-r.net", _RETURNED),
    "net_sales": ("r.net", _GOODS),
}
_CHARGES = {
    "shipping": ("r.net", "r.line_type = 'shipping'"),
    "taxes": ("r.tax", _TOTAL),
    "duties": ("r.net", "r.line_type = 'duty'"),
    "fees": ("r.net", "r.line_type = 'fee'"),
    "tips": ("r.net", "r.line_type = 'tip'"),
    "gift_cards": ("r.net", "r.line_type = 'gift_card'"),
    "placed_value": ("r.net", _PLACED),
}
_UNITS = {
    "units_sold": ("r.quantity", _SOLD),
    "units_returned": ("-r.quantity", _RETURNED),
    "units_ordered": ("r.quantity", _PLACED),
}
_TOTAL_SALES = {"total_sales": ("r.net + r.tax", _TOTAL)}
_ROWS = {"sale_rows": "true"}

_CURRENCY = {"currency": "r.currency"}
_DAY = _CURRENCY | {"business_date": "r.business_date"}
_VARIANT = {"product_id": "coalesce(r.product_id, 0)", "variant_id": "coalesce(r.variant_id, 0)"}
_MONTH = {"month": "date_trunc('month', r.business_date::timestamp)::date"}


def _quarter(instant: str) -> dict[str, str]:
    """The start of the quarter of an hour, in UTC: a quarter ends at every hour of every time zone's clocks."""
    return {"starts_at": f"date_bin('15 minutes', r.{instant}, 'epoch'::timestamptz)"}


_BY_DAY, _BY_TIME = ("sale_rows", "orders", "cancelled_orders"), ("sale_rows", "orders")
_COUNTED = "NOT r.test AND r.deleted_at IS NULL"
_OF_SALES = (
    KeptSums("sales_by_day", _DAY, _SALES | _CHARGES | _UNITS, _ROWS, emptied_by=_BY_DAY),
    KeptSums("sales_by_time", _DAY | _quarter("happened_at"), _SALES | _TOTAL_SALES, _ROWS, emptied_by=_BY_TIME),
    KeptSums("product_sales_by_day", _DAY | _VARIANT, _SALES | _UNITS, _ROWS, _GOODS),
    KeptSums("product_sales_by_month", _CURRENCY | _MONTH | _VARIANT, _SALES | _UNITS, _ROWS, _GOODS),
)
_OF_ORDERS = (
    KeptSums(
        *("sales_by_day", _DAY, {}, {"orders": "true", "cancelled_orders": "r.cancelled_at IS NOT NULL"}, _COUNTED),
        emptied_by=_BY_DAY,
    ),
    KeptSums("sales_by_time", _DAY | _quarter("processed_at"), {}, {"orders": "true"}, _COUNTED, _BY_TIME),
)

_MONEY = dict.fromkeys(_SALES, "NUMERIC")
_COUNTS = dict.fromkeys(_UNITS, "BIGINT")
_KEY = {"currency": "TEXT", "business_date": "DATE"}
_KEY_OF_VARIANT = {"product_id": "BIGINT", "variant_id": "BIGINT"}


def upgrade() -> None:
    of_day = dict.fromkeys(_SALES | _CHARGES, "NUMERIC") | _COUNTS | dict.fromkeys(_BY_DAY, "BIGINT")
    of_time = dict.fromkeys(_SALES | _TOTAL_SALES, "NUMERIC") | dict.fromkeys(_BY_TIME, "BIGINT")
    of_variant = _MONEY | _COUNTS | {"sale_rows": "BIGINT"}
    create_table("sales_by_day", _KEY, of_day)
    create_table("sales_by_time", _KEY | {"starts_at": "timestamptz"}, of_time)
    create_table("product_sales_by_day", _KEY | _KEY_OF_VARIANT, of_variant)
    create_table("product_sales_by_month", {"currency": "TEXT", "month": "DATE"} | _KEY_OF_VARIANT, of_variant)
    # A page of one product reads that product's days only.
    for table, day in (("product_sales_by_day", "business_date"), ("product_sales_by_month", "month")):
        op.execute(f"CREATE INDEX ix_{table}_product_id ON {table} (tenant_id, store_id, product_id, {day})")
    for source, all_sums in (("sales", _OF_SALES), ("orders", _OF_ORDERS)):
        fill(source, all_sums)
        create_triggers(f"sum_{source}", source, all_sums)
    for sums in _OF_SALES:
        protect_table(sums.table)


def downgrade() -> None:
    for source in ("sales", "orders"):
        drop_triggers(f"sum_{source}")
    for sums in _OF_SALES:
        op.execute(f"DROP TABLE {sums.table}")
