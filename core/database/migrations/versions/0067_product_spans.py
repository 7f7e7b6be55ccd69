"""Sums of products and variants by ten days, month, quarter and year. They replace the sums of variants by month.

A question about years then adds up some rows a product, not one for each month and variant.
"""

from __future__ import annotations

from alembic import op

from core.database.migrations.kept_sums import KeptSums, create_table, create_triggers, drop_triggers
from core.database.migrations.policies import protect_table

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None

# The formulas of 0035.
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
_DAY = {"currency": "r.currency", "business_date": "r.business_date"}
_QUARTER_OF_HOUR = {"starts_at": "date_bin('15 minutes', r.happened_at, 'epoch'::timestamptz)"}
_PRODUCT = {"product_id": "coalesce(r.product_id, 0)"}
_VARIANT = _PRODUCT | {"variant_id": "coalesce(r.variant_id, 0)"}
_MONTH = {"currency": "r.currency", "month": "date_trunc('month', r.business_date::timestamp)::date"}
_SPAN = {"currency": "r.currency", "span": "spans.span"}


def _spans(day: str) -> str:
    """Name the third of a month, the month, the quarter and the year of a day."""
    month = f"date_trunc('month', {day}::timestamp)"
    third = f"{month} + least(extract(day FROM {day})::int - 1, 20) / 10 * interval '10 days'"
    days = {"YYYY-MM-DD": third} | dict.fromkeys(("YYYY-MM", 'YYYY"Q"Q', "YYYY"), f"{day}::timestamp")
    names = ", ".join(f"(to_char({value}, '{name}'))" for name, value in days.items())
    return f"CROSS JOIN LATERAL (VALUES {names}) AS spans (span)"


_KEPT = (
    KeptSums(
        "sales_by_day",
        _DAY,
        _SALES | _CHARGES | _UNITS,
        _ROWS,
        emptied_by=("sale_rows", "orders", "cancelled_orders"),
    ),
    KeptSums(
        "sales_by_time", _DAY | _QUARTER_OF_HOUR, _SALES | _TOTAL_SALES, _ROWS, emptied_by=("sale_rows", "orders")
    ),
    KeptSums("product_sales_by_day", _DAY | _VARIANT, _SALES | _UNITS, _ROWS, _GOODS),
)
_BY_MONTH = KeptSums("product_sales_by_month", _MONTH | _VARIANT, _SALES | _UNITS, _ROWS, _GOODS)
_BY_SPAN = tuple(
    KeptSums(table, _SPAN | key, _SALES | _UNITS, _ROWS, _GOODS, each=_spans("r.business_date"))
    for table, key in (("product_sales_by_span", _PRODUCT), ("variant_sales_by_span", _VARIANT))
)
_COLUMNS = dict.fromkeys(_SALES, "NUMERIC") | dict.fromkeys(_UNITS, "BIGINT") | {"sale_rows": "BIGINT"}
_SUMS = ", ".join(f"sum({name})" for name in _COLUMNS)


def upgrade() -> None:
    _create("product_sales_by_span", {"currency": "TEXT", "span": "TEXT", "product_id": "BIGINT"})
    _create(
        "variant_sales_by_span", {"currency": "TEXT", "span": "TEXT", "product_id": "BIGINT", "variant_id": "BIGINT"}
    )
    _fill(
        "variant_sales_by_span", "product_sales_by_day", _spans("k.business_date"), "span", "product_id, variant_id"
    )
    _fill("product_sales_by_span", "variant_sales_by_span", "", "span", "product_id")
    op.execute(
        "CREATE INDEX ix_variant_sales_by_span_product_id "
        "ON variant_sales_by_span (tenant_id, store_id, product_id, span)"
    )
    # Custom items and adjustments of refunds are summed by title, which no kept sum has.
    op.execute("""
        CREATE INDEX ix_sales_without_product ON sales (tenant_id, store_id, business_date)
        WHERE product_id IS NULL AND line_type IN ('product', 'adjustment')
    """)
    drop_triggers("sum_sales")
    create_triggers("sum_sales", "sales", (*_KEPT, *_BY_SPAN))
    op.execute("DROP TABLE product_sales_by_month")
    for sums in _BY_SPAN:
        protect_table(sums.table)


def downgrade() -> None:
    _create(
        "product_sales_by_month",
        {"currency": "TEXT", "month": "DATE", "product_id": "BIGINT", "variant_id": "BIGINT"},
    )
    month = "date_trunc('month', business_date::timestamp)::date"
    _fill("product_sales_by_month", "product_sales_by_day", "", "month", "product_id, variant_id", month)
    op.execute(
        "CREATE INDEX ix_product_sales_by_month_product_id "
        "ON product_sales_by_month (tenant_id, store_id, product_id, month)"
    )
    drop_triggers("sum_sales")
    create_triggers("sum_sales", "sales", (*_KEPT, _BY_MONTH))
    op.execute("DROP INDEX ix_sales_without_product")
    for sums in _BY_SPAN:
        op.execute(f"DROP TABLE {sums.table}")
    protect_table("product_sales_by_month")


def _create(table: str, key: dict[str, str]) -> None:
    create_table(table, key, _COLUMNS)


def _fill(table: str, source: str, each: str, span: str, goods: str, value: str = "") -> None:
    """Sum the kept sums of `source`; the policy binds their owner, too, so it is lifted meanwhile."""
    key = f"tenant_id, store_id, currency, {span}, {goods}"
    values = f"tenant_id, store_id, currency, {value or span}, {goods}"
    places = ", ".join(str(place + 1) for place in range(len(key.split(","))))
    op.execute(f"ALTER TABLE {source} NO FORCE ROW LEVEL SECURITY")
    op.execute(f"""
        INSERT INTO {table} ({key}, {", ".join(_COLUMNS)})
        SELECT {values}, {_SUMS} FROM {source} k {each} GROUP BY {places} ORDER BY {places}
    """)  # noqa: S608
    op.execute(f"ALTER TABLE {source} FORCE ROW LEVEL SECURITY")
