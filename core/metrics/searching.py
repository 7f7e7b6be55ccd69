"""Search by the beginning of a name, an address or an order's number, through indexes.

Tables have their searched texts in lower case in columns that PostgreSQL derives (`..._norm`, in the order of
characters). A range of such a column is an index condition under row-level security; LIKE and lower() are not.
"""

from __future__ import annotations

from core.metrics import formulas as f

MOST_COUNTED = 10_000
"""Rows of a search that are counted; there may be more."""
_LAST = "\U0010ffff"
"""No text sorts behind this character."""


def range_of(typed: str) -> dict[str, str]:
    """Make the parameters of a typed text: every text that begins with it is in the range. Empty for no search."""
    begin = typed.strip().lower()
    return {"search": begin, "search_end": begin + _LAST}


def begins(column: str) -> str:
    """Whether a derived column begins with the searched text."""
    return f"({column} >= CAST(:search AS text) AND {column} < CAST(:search_end AS text))"


CUSTOMERS_FOUND = " UNION ".join(
    f"SELECT c.customer_id FROM customers c WHERE {f.of_store('c')} AND {begins(f'c.{column}')}"
    for column in ("email_norm", "name_norm", "last_name_norm")
)
"""Selects the ids of the store's customers whose address, whole name or last name begins with the searched text."""

BUYERS_FOUND = (
    *(
        f"SELECT concat('c:', c.customer_id) FROM customers c WHERE {f.of_store('c')} AND {begins(f'c.{column}')}"
        for column in ("email_norm", "name_norm", "last_name_norm")
    ),
    f"SELECT o.customer_key FROM orders o WHERE {f.of_store('o')} AND {begins('o.email_norm')}",
)
"""Each selects keys of customers whose name or address, or the address on an order, begins with the searched text."""

_KEYS_FOUND = f"SELECT concat('c:', customer_id) AS customer_key FROM ({CUSTOMERS_FOUND}) c"
ORDER_MATCHES = f"""({begins("o.name_norm")} OR {begins("o.email_norm")}
      OR o.customer_key IN ({_KEYS_FOUND}))"""
"""Whether an order `o` matches the searched text, as in `ORDERS_FOUND`. Where many orders match, a scan in the order
of the list fills a page soon."""


def some_orders_found(within: str) -> str:
    """The SQL of the number of orders found, right up to `:most`; `within` narrows orders `o`.

    No way of matching is read further than `:most`, because one alone then has enough.
    """
    ways = (
        f"orders o WHERE {begins('o.name_norm')}",
        f"orders o WHERE {begins('o.email_norm')}",
        f"found_customers JOIN orders o USING (customer_key) WHERE {f.of_store('o')}",
    )
    found = " UNION ".join(f"(SELECT o.order_id FROM {way} AND {within} LIMIT :most)" for way in ways)
    return f"""
        WITH found_customers AS MATERIALIZED ({_KEYS_FOUND})
        SELECT least(count(*), :most) FROM ({found}) found"""


ORDERS_FOUND = f"""
    WITH found_customers AS MATERIALIZED (
        {_KEYS_FOUND}
    )
    SELECT o.order_id FROM orders o WHERE {f.of_store("o")} AND {begins("o.name_norm")}
    UNION SELECT o.order_id FROM orders o WHERE {f.of_store("o")} AND {begins("o.email_norm")}
    UNION SELECT o.order_id FROM found_customers JOIN orders o USING (customer_key) WHERE {f.of_store("o")}"""
"""Selects the ids of the store's orders whose number, address or customer begins with the searched text."""
