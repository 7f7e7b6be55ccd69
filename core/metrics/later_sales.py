"""What happened to orders after they were placed: goods that came back, goods that edits added, money paid back.

A row of `LATER` is one row of the ledger, or one refund that paid money. It has the day on which it happened and the
day on which its order was placed, so that returns can be asked about by either.
"""

from __future__ import annotations

from enum import StrEnum

from core.metrics import formulas as f


class Basis(StrEnum):
    """Which returns a period has: those dated in it, or those of the orders placed in it, to date."""

    RETURN_DAY = "return-day"
    ORDER_DAY = "order-day"


_REASON = f"""
    (SELECT string_agg(DISTINCT btrim(r.note), '; ') FROM refunds r
     WHERE {f.of_store("r")} AND r.order_id = s.order_id AND r.business_date = s.business_date
       AND btrim(r.note) <> '')"""

LATER = f"""(
    SELECT s.order_id, o.processed_at AS placed_at, o.business_date AS placed_on,
           s.happened_at, s.business_date AS happened_on, s.currency,
           CASE WHEN {f.RETURNED} THEN 'returned' ELSE 'added' END AS kind,
           s.line_item_id, s.product_id, s.variant_id, {_REASON} AS reason,
           CASE WHEN {f.RETURNED} THEN -s.net ELSE 0 END AS returned,
           CASE WHEN {f.RETURNED} THEN -s.quantity ELSE 0 END AS units_returned,
           CASE WHEN {f.RETURNED} THEN 0 ELSE s.net + s.discount END AS gross_added,
           CASE WHEN {f.RETURNED} THEN 0 ELSE s.quantity END AS units_added,
           0::numeric AS refunded
    FROM sales s
    JOIN orders o ON {f.ORDERS_OF_STORE} AND o.order_id = s.order_id
    WHERE {f.SALES_OF_STORE} AND (({f.RETURNED}) OR ({f.SOLD} AND s.reason <> 'order'))
    UNION ALL
    SELECT r.order_id, o.processed_at, o.business_date, r.processed_at, r.business_date, r.currency,
           'refunded', NULL, NULL, NULL, nullif(btrim(r.note), ''), 0, 0, 0, 0, r.refunded
    FROM refunds r
    JOIN orders o ON {f.ORDERS_OF_STORE} AND o.order_id = r.order_id
    WHERE {f.of_store("r")} AND r.refunded <> 0
)"""
"""Test and deleted orders have no row here, nor has a refund whose order is not known yet."""


def dated(prefix: str = "") -> str:
    """Select rows `l` that happened in the period, in the currency of the figures."""
    return f"""l.happened_on BETWEEN :{prefix}start AND :{prefix}end
      AND (CAST(:{prefix}until AS timestamptz) IS NULL OR l.happened_at < :{prefix}until)
      AND l.currency = {f.CURRENCY}"""


def placed(prefix: str = "") -> str:
    """Select rows `l` of orders placed in the period, whenever they happened, in the currency of the figures."""
    return f"""l.placed_on BETWEEN :{prefix}start AND :{prefix}end
      AND (CAST(:{prefix}until AS timestamptz) IS NULL OR l.placed_at < :{prefix}until)
      AND l.currency = {f.CURRENCY}"""


def of_period(basis: Basis, prefix: str = "") -> str:
    """Select rows `l` of the period by this basis."""
    return dated(prefix) if basis is Basis.RETURN_DAY else placed(prefix)


def sold(basis: Basis, group: str, later_group: str) -> str:
    """Sum gross sales and units sold that returns are compared with, by `group` of ledger rows `s`.

    By order day they are those of the orders placed in the period. Such an order's own sales share its day, so they
    are the sales dated in the period, less what edits added in it, with what edits added to its orders. `later_group`
    is `group` in terms of rows `l`.
    """
    rows = f"""
    SELECT {group} AS part, s.net + s.discount AS gross, s.quantity AS units
    FROM sales s WHERE {f.SALES_IN_PERIOD} AND {f.SOLD}"""
    if basis is Basis.ORDER_DAY:
        happened, own = (later_group.replace("{at}", at) for at in ("happened_at", "placed_at"))
        rows += f"""
    UNION ALL
    SELECT {happened}, -l.gross_added, -l.units_added FROM {LATER} l WHERE l.kind = 'added' AND {dated()}
    UNION ALL
    SELECT {own}, l.gross_added, l.units_added FROM {LATER} l WHERE l.kind = 'added' AND {placed()}"""
    return f"""
    SELECT part, coalesce(sum(gross), 0) AS gross_sales, coalesce(sum(units), 0)::bigint AS units_sold
    FROM ({rows}) sold GROUP BY part"""
