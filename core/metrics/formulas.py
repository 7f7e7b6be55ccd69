"""The formulas, once: SQL that every question puts its numbers together from.

`s` is a row of the ledger (`sales`), `o` an order. Definitions: Shopify's own, see `definitions` for each in words.
Amounts of two currencies are never added: every sum is over the rows of one, see `CURRENCY`.
"""

from __future__ import annotations

SALES_OF_STORE = "s.tenant_id = :tenant_id AND s.store_id = :store_id"
ORDERS_OF_STORE = "o.tenant_id = :tenant_id AND o.store_id = :store_id AND NOT o.test AND o.deleted_at IS NULL"
"""Test and deleted orders are never counted; cancelled ones are. The ledger has rows of counted orders only."""

STORE_CURRENCY = "(SELECT st.currency FROM stores st WHERE st.tenant_id = :tenant_id AND st.store_id = :store_id)"
CURRENCY = f"(SELECT coalesce(CAST(:currency AS text), {STORE_CURRENCY}))"
"""The currency of the figures: the one that `Scope` names, else the store's. One value per statement, read once."""

SALES_OF_PERIOD = f"""{SALES_OF_STORE}
      AND s.business_date BETWEEN :start AND :end
      AND (CAST(:until AS timestamptz) IS NULL OR s.happened_at < :until)"""
"""Ledger rows dated in the period, in any currency: never to be summed as they are."""

SALES_IN_PERIOD = f"""{SALES_OF_PERIOD}
      AND s.currency = {CURRENCY}"""
ORDERS_OF_PERIOD = f"""{ORDERS_OF_STORE}
      AND o.business_date BETWEEN :start AND :end
      AND (CAST(:until AS timestamptz) IS NULL OR o.processed_at < :until)"""
"""Orders placed in the period, in any currency: what a list shows, each with its own."""

ORDERS_IN_PERIOD = f"""{ORDERS_OF_PERIOD}
      AND o.currency = {CURRENCY}"""
"""Orders placed in the period that figures count."""

ORDERS_SO_FAR = f"""{ORDERS_OF_STORE}
      AND o.business_date <= :end
      AND (CAST(:until AS timestamptz) IS NULL OR o.processed_at < :until)"""
"""Every order placed by the end of the period, in any currency: who bought in another one has bought before."""

SALES_SO_FAR = f"""{SALES_OF_STORE}
      AND s.business_date <= :end
      AND s.currency = {CURRENCY}
      AND (CAST(:until AS timestamptz) IS NULL OR s.happened_at < :until)"""

SOLD = "s.line_type = 'product' AND s.action IN ('order', 'update')"
RETURNED = "s.line_type = 'adjustment' OR (s.line_type = 'product' AND s.action = 'return')"
"""Goods that came back, less what was not refunded for them (a refund discrepancy is a positive adjustment)."""


def total(amount: str, rows: str) -> str:
    """The sum of `amount` over those ledger rows that `rows` is true for; 0 over none."""
    return f"coalesce(sum({amount}) FILTER (WHERE {rows}), 0)"


GROSS_SALES = total("s.net + s.discount", SOLD)
DISCOUNTS = total("s.discount", SOLD)
RETURNS = total("-s.net", RETURNED)
NET_SALES = total("s.net", "s.line_type IN ('product', 'adjustment')")
"""Gross sales - discounts - returns, term by term: the three together cover these rows, each once."""
SHIPPING = total("s.net", "s.line_type = 'shipping'")
TAXES = total("s.tax", "s.line_type IN ('product', 'shipping', 'duty', 'fee', 'adjustment')")
"""Not of gift cards and tips, nor of a sale of a kind that is not known here: its amount is in no figure either."""
DUTIES = total("s.net", "s.line_type = 'duty'")
FEES = total("s.net", "s.line_type = 'fee'")
TOTAL_SALES = f"({NET_SALES} + {SHIPPING} + {TAXES} + {DUTIES} + {FEES})"

UNITS_SOLD = total("s.quantity", SOLD) + "::bigint"
UNITS_RETURNED = total("-s.quantity", RETURNED) + "::bigint"
UNITS_ORDERED = total("s.quantity", "s.line_type = 'product' AND s.reason = 'order'") + "::bigint"
PLACED_VALUE = total("s.net", "s.line_type = 'product' AND s.reason = 'order'")
"""Product sales as first placed, after discounts: no edits, no returns. Over orders, it is their average value."""


def point(instant: str) -> str:
    """Which point of a series (0 for the first) an instant falls in; `:points` is the instants at which they begin.

    Never before the first: a row whose stored day is in the period is counted, so that points add up to the whole.
    """
    return f"greatest(width_bucket({instant}, CAST(:points AS timestamptz[])), 1) - 1"


CUSTOMERS_BY_POINT = f"""
    SELECT point, count(*) AS customers, count(*) FILTER (WHERE first_ever = first_here) AS new_customers,
           count(*) FILTER (WHERE first_ever < first_here) AS repeat_customers,
           count(*) FILTER (WHERE orders >= 2 OR first_ever < first_here) AS returning_customers
    FROM (
        SELECT {point("o.processed_at")} AS point, o.customer_key, count(*) AS orders,
               min(o.processed_at) AS first_here
        FROM orders o
        WHERE {ORDERS_IN_PERIOD}
        GROUP BY GROUPING SETS ((1, 2), (2))
    ) here
    JOIN (
        SELECT o.customer_key, min(o.processed_at) AS first_ever
        FROM orders o
        WHERE {ORDERS_SO_FAR}
        GROUP BY 1
    ) ever USING (customer_key)
    GROUP BY point"""
"""Customers who ordered; those who never had before, and those who had; and those with two or more orders by the end
of the point. The row whose point is NULL is of the whole period: counts of customers do not add up."""


def prefix(search: str) -> str:
    """The LIKE pattern, in lower case, for text that begins with what a person typed; all text for nothing typed."""
    literal = search.strip().lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"{literal}%"
