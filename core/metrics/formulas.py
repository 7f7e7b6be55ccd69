"""Define each formula once, in SQL, from which every question builds its statement.

`s` is a row of the ledger (`sales`), `o` an order. Formulas follow Shopify's definitions: `definitions` has them in
words. No sum mixes currencies, because an amount in two currencies means nothing: see `CURRENCY`.

Conditions on a period read the parameters start, end and until. Their functions take a prefix of these names, so that
one statement can ask about two periods.
"""

from __future__ import annotations


def of_store(alias: str = "") -> str:
    """Select the store's rows of a table by its alias: every statement names tenant and store."""
    prefix = f"{alias}." if alias else ""
    return f"{prefix}tenant_id = :tenant_id AND {prefix}store_id = :store_id"


SALES_OF_STORE = of_store("s")
ORDERS_OF_STORE = f"{of_store('o')} AND NOT o.test AND o.deleted_at IS NULL"
"""Figures count cancelled orders, but no test or deleted orders, as Shopify does. The ledger has rows of counted
orders only."""

STORE_CURRENCY = f"(SELECT st.currency FROM stores st WHERE {of_store('st')})"
CURRENCY = f"(SELECT coalesce(CAST(:currency AS text), {STORE_CURRENCY}))"
"""The currency of the figures: `Scope.currency`, else the store's. The SELECT around it makes PostgreSQL evaluate it
once a statement, not once a row."""


def sales_of_period(prefix: str = "") -> str:
    """Select ledger rows dated in the period, in any currency: never sum them as they are."""
    return f"""{SALES_OF_STORE}
      AND s.business_date BETWEEN :{prefix}start AND :{prefix}end
      AND (CAST(:{prefix}until AS timestamptz) IS NULL OR s.happened_at < :{prefix}until)"""


def sales_in_period(prefix: str = "") -> str:
    """Select ledger rows dated in the period, in the currency of the figures."""
    return f"""{sales_of_period(prefix)}
      AND s.currency = {CURRENCY}"""


def orders_of_period(prefix: str = "") -> str:
    """Select orders placed in the period, in any currency: a list shows each amount in the order's own currency."""
    return f"""{ORDERS_OF_STORE}
      AND o.business_date BETWEEN :{prefix}start AND :{prefix}end
      AND (CAST(:{prefix}until AS timestamptz) IS NULL OR o.processed_at < :{prefix}until)"""


def orders_in_period(prefix: str = "") -> str:
    """Select orders placed in the period that figures count."""
    return f"""{orders_of_period(prefix)}
      AND o.currency = {CURRENCY}"""


def orders_so_far(prefix: str = "") -> str:
    """Select every order placed by the end of the period, in any currency: a customer who bought in another currency
    is not a new one."""
    return f"""{ORDERS_OF_STORE}
      AND o.business_date <= :{prefix}end
      AND (CAST(:{prefix}until AS timestamptz) IS NULL OR o.processed_at < :{prefix}until)"""


SALES_OF_PERIOD, SALES_IN_PERIOD = sales_of_period(), sales_in_period()
ORDERS_OF_PERIOD, ORDERS_IN_PERIOD = orders_of_period(), orders_in_period()
ORDERS_SO_FAR = orders_so_far()

SALES_SO_FAR = f"""{SALES_OF_STORE}
      AND s.business_date <= :end
      AND s.currency = {CURRENCY}
      AND (CAST(:until AS timestamptz) IS NULL OR s.happened_at < :until)"""

SOLD = "s.line_type = 'product' AND s.action IN ('order', 'update')"
RETURNED = "s.line_type = 'adjustment' OR (s.line_type = 'product' AND s.action = 'return')"
"""Returned goods, less the part of their price that was not refunded (a refund discrepancy is a positive
adjustment)."""


def total(amount: str, rows: str) -> str:
    """Sum `amount` over the ledger rows that match `rows`; 0 over no rows."""
    return f"coalesce(sum({amount}) FILTER (WHERE {rows}), 0)"


GROSS_SALES = total("s.net + s.discount", SOLD)
DISCOUNTS = total("s.discount", SOLD)
RETURNS = total("-s.net", RETURNED)
NET_SALES = total("s.net", "s.line_type IN ('product', 'adjustment')")
"""Gross sales - discounts - returns, term by term: the three together cover these rows, each once."""
SHIPPING = total("s.net", "s.line_type = 'shipping'")
TAXES = total("s.tax", "s.line_type IN ('product', 'shipping', 'duty', 'fee', 'adjustment')")
"""Without gift cards, tips and sales of an unknown kind, whose amounts are in no figure either."""
DUTIES = total("s.net", "s.line_type = 'duty'")
FEES = total("s.net", "s.line_type = 'fee'")
TOTAL_SALES = f"({NET_SALES} + {SHIPPING} + {TAXES} + {DUTIES} + {FEES})"
TIPS = total("s.net", "s.line_type = 'tip'")
"""In no sales figure: a tip is for the staff. It is named beside the total, because the customer paid it too."""
GIFT_CARDS = total("s.net", "s.line_type = 'gift_card'")
"""In no sales figure: selling one is a debt to the customer, and the sale counts when it is spent."""

UNITS_SOLD = total("s.quantity", SOLD) + "::bigint"
UNITS_RETURNED = total("-s.quantity", RETURNED) + "::bigint"
UNITS_ORDERED = total("s.quantity", "s.line_type = 'product' AND s.reason = 'order'") + "::bigint"
PLACED_VALUE = total("s.net", "s.line_type = 'product' AND s.reason = 'order'")
"""Product sales as first placed, after discounts: no edits, no returns. See `ratios.average_order_value`."""


def point(instant: str, prefix: str = "") -> str:
    """Number the point of a series that an instant falls in, from 0; `:points` has the starts of the points.

    The least is 0, because a stored day may start before the first point (the store changed its time zone). Without
    this, the points would not add up to the whole period.
    """
    return f"greatest(width_bucket({instant}, CAST(:{prefix}points AS timestamptz[])), 1) - 1"


ZONE = f"(SELECT st.time_zone FROM stores st WHERE {of_store('st')})"
"""The store's time zone. The SELECT around it makes PostgreSQL evaluate it once a statement."""


def point_of_day(day: str, prefix: str = "") -> str:
    """Number the point of a series that a store's day falls in; each point begins with a day. As `point`."""
    starts = (
        f"SELECT CAST(start AT TIME ZONE {ZONE} AS date) FROM unnest(CAST(:{prefix}points AS timestamptz[])) start"
    )
    return f"greatest(width_bucket({day}, ARRAY({starts})), 1) - 1"


def day_of_cut(prefix: str = "") -> str:
    """The store's day on which `until` cuts the period; NULL where it does not."""
    return f"CAST(CAST(:{prefix}until AS timestamptz) AT TIME ZONE {ZONE} AS date)"


def last_whole_day(prefix: str = "") -> str:
    """The last day of the period before the day that `until` cuts; roll-ups by day have the sums up to it.

    A parameter and no expression: the planner then knows how few days come after it.
    """
    return f"CAST(:{prefix}last_whole_day AS date)"


CUSTOMER_NAME = "nullif(concat_ws(' ', c.first_name, c.last_name), '')"
"""The name of a customer `c`; NULL without a first and a last name."""


def latest(column: str) -> str:
    """The value of the latest order `o` of a group that has one."""
    return f"(array_agg({column} ORDER BY o.processed_at DESC) FILTER (WHERE {column} IS NOT NULL))[1]"


def prefix(search: str) -> str:
    """The LIKE pattern, in lower case, for text that begins with `search`; an empty search matches all text."""
    return f"{_literal(search)}%"


def containing(search: str) -> str:
    """The LIKE pattern, in lower case, for text with `search` anywhere in it; `%` for an empty search."""
    literal = _literal(search)
    return f"%{literal}%" if literal else "%"


def _literal(search: str) -> str:
    return search.strip().lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
