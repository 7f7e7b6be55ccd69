"""The rows of the ledger, and the orders, that came or went since an instant: the parts of two readings' difference.

A row came if it became known after `:at` and is still there. It went if it was known at `:at` and is not any more.
So the sums as known at `:at` are the sums now, less the rows that came, plus those that went.
"""

from __future__ import annotations

from core.metrics import formulas as f

_CONTENT = "order_id, business_date, happened_at, reason, action, line_type, line_item_id, product_id, quantity"
_FROM_DAY = f"CAST(CAST(:at AS timestamptz) AT TIME ZONE {f.ZONE} AS date) - 2"
"""No row before this day became known after `:at` within an hour of its instant, whatever time zone dated it."""


def _came(instant: str, alias: str, columns: str, rows: str) -> str:
    """Select rows that came. Late ones have an index of their own; the others are of the last days before `:at`."""
    known = f"{alias}.known_at > :at"
    late = f"{alias}.known_at - {alias}.{instant} > interval '1 hour'"
    table = "sales" if alias == "s" else "orders"
    return f"""
        SELECT 1 AS sign, {columns}, {alias}.known_at AS changed_at FROM {table} {alias}
        WHERE {rows} AND {known} AND {late}
        UNION ALL
        SELECT 1, {columns}, {alias}.known_at FROM {table} {alias}
        WHERE {rows} AND {known} AND NOT ({late}) AND {alias}.business_date >= {_FROM_DAY}"""


def went(alias: str) -> str:
    """Whether a former row was known at `:at`, and is not any more."""
    return f"{alias}.until > :at AND ({alias}.known_at IS NULL OR {alias}.known_at <= :at)"


_SALES = f"{', '.join(f's.{name}' for name in _CONTENT.split(', '))}, s.net, s.discount, s.tax, s.currency"
_ORDERS = "o.order_id"

CHANGED_SALES = f"""{_came("happened_at", "s", _SALES, f.SALES_IN_PERIOD)}
        UNION ALL
        SELECT -1, {_SALES}, s.until FROM former_sales s WHERE {f.SALES_IN_PERIOD} AND {went("s")}"""
"""The rows of the period that came (`sign` is 1) or went (-1), and when (`changed_at`)."""

CHANGED_ORDERS = f"""{_came("processed_at", "o", _ORDERS, f.ORDERS_IN_PERIOD)}
        UNION ALL
        SELECT -1, {_ORDERS}, o.until FROM former_orders o
        WHERE {f.of_store("o")} AND o.business_date BETWEEN :start AND :end AND o.currency = {f.CURRENCY}
          AND (CAST(:until AS timestamptz) IS NULL OR o.processed_at < :until) AND {went("o")}"""
"""The orders of the period that came or went; as `CHANGED_SALES`."""


def changed_orders_until() -> str:
    """Select the ids of orders of any currency, placed by the end of the period, that came or went."""
    came = _came("processed_at", "o", _ORDERS, f.ORDERS_SO_FAR)
    return f"""{came}
        UNION ALL
        SELECT -1, {_ORDERS}, o.until FROM former_orders o
        WHERE {f.of_store("o")} AND o.business_date <= :end
          AND (CAST(:until AS timestamptz) IS NULL OR o.processed_at < :until) AND {went("o")}"""
