"""What happened to orders after they were placed: goods that came back, goods that edits added, money paid back.

A row `l` of `LATER` is one row of the ledger, or one refund that paid money. It has the day on which it happened and
the day on which its order was placed, so that returns can be asked about by either.
"""

from __future__ import annotations

from enum import StrEnum

from core.metrics import formulas as f
from core.metrics.products.sums import product_sums


class Basis(StrEnum):
    """Which returns a period has: those dated in it, or those of the orders placed in it, to date."""

    RETURN_DAY = "return-day"
    ORDER_DAY = "order-day"


LATER = "later_sales"
"""Rows kept by triggers on orders, sales and refunds: see `core.database.models.LaterSale`. Test and deleted orders
have none, nor has a refund whose order is not known yet."""

_REASON = f"""
    (SELECT string_agg(DISTINCT btrim(r.note), '; ') FROM refunds r
     WHERE {f.of_store("r")} AND r.order_id = s.order_id AND r.business_date = s.business_date
       AND btrim(r.note) <> '')"""

COLUMNS = (
    *("order_id", "kind", "number", "placed_at", "placed_on", "happened_at", "happened_on", "currency"),
    *("line_item_id", "product_id", "variant_id", "reason"),
    *("returned", "units_returned", "gross_added", "units_added", "refunded"),
)
RECOMPUTED = f"""
    SELECT s.order_id, CASE WHEN {f.RETURNED} THEN 'returned' ELSE 'added' END, s.sale_no::bigint,
           o.processed_at, o.business_date, s.happened_at, s.business_date, s.currency,
           s.line_item_id, s.product_id, s.variant_id, {_REASON},
           CASE WHEN {f.RETURNED} THEN -s.net ELSE 0 END,
           CASE WHEN {f.RETURNED} THEN -s.quantity ELSE 0 END,
           CASE WHEN {f.RETURNED} THEN 0 ELSE s.net + s.discount END,
           CASE WHEN {f.RETURNED} THEN 0 ELSE s.quantity END,
           0::numeric
    FROM sales s
    JOIN orders o ON {f.ORDERS_OF_STORE} AND o.order_id = s.order_id
    WHERE {f.SALES_OF_STORE} AND (({f.RETURNED}) OR ({f.SOLD} AND s.reason <> 'order'))
    UNION ALL
    SELECT r.order_id, 'refunded', r.refund_id, o.processed_at, o.business_date, r.processed_at, r.business_date,
           r.currency, NULL, NULL, NULL, nullif(btrim(r.note), ''), 0, 0, 0, 0, r.refunded
    FROM refunds r
    JOIN orders o ON {f.ORDERS_OF_STORE} AND o.order_id = r.order_id
    WHERE {f.of_store("r")} AND r.refunded <> 0"""
"""The SELECT of `COLUMNS` as the rows of orders, sales and refunds come to, for the audit."""


def dated(prefix: str = "") -> str:
    """Select rows `l` that happened in the period, in the currency of the figures."""
    return f"""{f.of_store("l")} AND l.happened_on BETWEEN :{prefix}start AND :{prefix}end
      AND (CAST(:{prefix}until AS timestamptz) IS NULL OR l.happened_at < :{prefix}until)
      AND l.currency = {f.CURRENCY}"""


def placed(prefix: str = "") -> str:
    """Select rows `l` of orders placed in the period, whenever they happened, in the currency of the figures."""
    return f"""{f.of_store("l")} AND l.placed_on BETWEEN :{prefix}start AND :{prefix}end
      AND (CAST(:{prefix}until AS timestamptz) IS NULL OR l.placed_at < :{prefix}until)
      AND l.currency = {f.CURRENCY}"""


def of_period(basis: Basis, prefix: str = "") -> str:
    """Select rows `l` of the period by this basis."""
    return dated(prefix) if basis is Basis.RETURN_DAY else placed(prefix)


def sold_with(basis: Basis) -> str:
    """Sum gross sales and units sold that returns are compared with, as one row."""
    return _sold(basis, _sold_by_day("true", "true"), "true", "true")


def sold_by_product(basis: Basis) -> str:
    """As `sold_with`, a row a product: its id is `part`, 0 for goods without one, so that a hash join finds it."""
    rows = f"""
    SELECT product_id AS part, gross_sales AS gross, units_sold AS units
    FROM ({product_sums(key="product_id")}) sums"""
    product = "coalesce(l.product_id, 0)"
    return _sold(basis, rows, product, product)


def sold_by_point(basis: Basis) -> str:
    """As `sold_with`, a row a point of a series: its number is `part`."""
    rows = _sold_by_day(f.point_of_day("d.business_date"), f.point("s.happened_at"))
    return _sold(basis, rows, f.point("l.happened_at"), f.point("l.placed_at"))


def _sold_by_day(day_part: str, row_part: str) -> str:
    """What was sold in the period: whole days from `sales_by_day`, others (and a single day) from the ledger."""
    by_row = f"(SELECT CASE WHEN :start = :end THEN CAST(:start AS date) ELSE {f.last_whole_day()} + 1 END)"
    return f"""
    SELECT {day_part} AS part, d.gross_sales AS gross, d.units_sold AS units
    FROM sales_by_day d
    WHERE {f.of_store("d")} AND d.currency = {f.CURRENCY} AND d.business_date >= :start AND d.business_date < {by_row}
      AND d.business_date <= :end
    UNION ALL
    SELECT {row_part}, s.net + s.discount, s.quantity
    FROM sales s WHERE {f.SALES_IN_PERIOD} AND {f.SOLD} AND s.business_date >= {by_row}"""


def _sold(basis: Basis, rows: str, happened_part: str, placed_part: str) -> str:
    """Sum `rows` by part.

    By order day, the sales are those of the orders placed in the period. Such an order's own sales share its day, so
    they are the sales dated in the period, less what edits added in it, with what edits added to its orders.
    """
    if basis is Basis.ORDER_DAY:
        added = f"FROM {LATER} l WHERE l.kind = 'added'"
        rows += f"""
    UNION ALL SELECT {happened_part}, -l.gross_added, -l.units_added {added} AND {dated()}
    UNION ALL SELECT {placed_part}, l.gross_added, l.units_added {added} AND {placed()}"""
    return f"""
    SELECT part, coalesce(sum(gross), 0) AS gross_sales, coalesce(sum(units), 0)::bigint AS units_sold
    FROM ({rows}) sold GROUP BY part"""
