"""Who buys? The customers of a period, one by one, with their orders to date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.domain.periods import Period
from core.metrics import formulas as f
from core.metrics.customers.counts import customers_by_point
from core.metrics.customers.ranking import MANY_ORDERS, BuyerKey, Ranking, count_found, extent_of, ranked_keys
from core.metrics.customers.sums import MOVED, placed_by
from core.metrics.scope import Scope
from core.metrics.searching import BUYERS_FOUND, MOST_COUNTED
from core.metrics.sorting import Sort, by_text, order_by

BEST_FIRST = Sort(BuyerKey.NET_SALES, is_descending=True)


@dataclass(frozen=True, slots=True)
class Buyer:
    """A customer who ordered in the period. Instants are in UTC; "to date" means by the end of the period.

    Counts and sums are of orders in the scope's currency. `first_order_at`, `last_order_at` and `is_new` are of
    orders in any currency.

    `customer_key` is the customer's id if Shopify gave one, else the email address, else the order's id (a guest
    without an address). Name, email and country are None if they are unknown or withheld.
    """

    customer_key: str
    name: str | None
    email: str | None
    country: str | None
    orders: int
    net_sales: Decimal
    orders_to_date: int
    net_sales_to_date: Decimal
    first_order_at: datetime
    last_order_at: datetime
    is_new: bool
    """Whether the first order of all is in the period."""


def buyers(
    session: Session,
    scope: Scope,
    period: Period,
    search: str = "",
    limit: int | None = None,
    offset: int = 0,
    sort: Sort[BuyerKey] = BEST_FIRST,
    many_orders: int = MANY_ORDERS,
) -> tuple[Buyer, ...]:
    """List the customers who ordered in the period; the first and the last order are sorted by those in the currency.

    `search` is the beginning of a first name, last name or address. Net sales count every sale and return of the
    customer dated in the period, also those of earlier orders. From `many_orders` on, an index gives the order.
    """
    extent = extent_of(session, scope, period)
    keys = ranked_keys(session, Ranking(scope, period, sort, search, many_orders), extent, limit, offset)
    parameters = {**scope.within(period), "keys": keys, "is_open": extent.is_open}
    rows = session.execute(_ON_OPEN_PAGE if extent.is_open else _ON_PAGE, parameters)
    return tuple(Buyer(**row) for row in rows.mappings())


def count_buyers(session: Session, scope: Scope, period: Period, search: str = "") -> int:
    """Count the `buyers` there are without a limit; with a search, up to `MOST_COUNTED` and one more."""
    if search.strip():
        return count_found(session, Ranking(scope, period, BEST_FIRST, search), MOST_COUNTED + 1)
    parameters = {**scope.within(period), "points": [period.instants[0]]}
    return session.execute(_CUSTOMERS, parameters).scalar_one_or_none() or 0


_CUSTOMERS = text(f"SELECT customers FROM ({customers_by_point()}) counted WHERE point IS NULL")

_FOUND = f"""
WITH bought AS (
    SELECT o.customer_key, count(*) AS orders, max(o.customer_id) AS customer_id, max(o.email) AS email
    FROM orders o WHERE {f.ORDERS_IN_PERIOD}
    GROUP BY o.customer_key
), found AS (
    SELECT bought.customer_key, bought.orders, {f.CUSTOMER_NAME} AS name,
           c.email AS known_email, c.country AS known_country, coalesce(c.email, bought.email) AS address
    FROM bought
    LEFT JOIN customers c
      ON {f.of_store("c")} AND c.customer_id = bought.customer_id
    WHERE :search = '' OR bought.customer_key IN ({" UNION ALL ".join(BUYERS_FOUND)})
)"""

_SORTED = {
    BuyerKey.NAME: by_text("coalesce(name, address)"),
    BuyerKey.NET_SALES: "net_sales {}",
    BuyerKey.ORDERS: "orders {}",
    BuyerKey.NET_SALES_TO_DATE: "net_sales_to_date {}",
    BuyerKey.ORDERS_TO_DATE: "orders_to_date {}",
    BuyerKey.FIRST_ORDER: "first_order_at {}",
    BuyerKey.LAST_ORDER: "last_order_at {}",
}
_TO_DATE = (BuyerKey.NET_SALES_TO_DATE, BuyerKey.ORDERS_TO_DATE, BuyerKey.FIRST_ORDER, BuyerKey.LAST_ORDER)
_PAGE = "LIMIT :limit OFFSET :offset"


def buyers_statement(sort: Sort[BuyerKey] = BEST_FIRST) -> str:
    """The SQL of `buyers` for a file, which may be searched or not.

    Each look-up "to date" reads all orders of a customer, and a store may have a million customers. So it is done
    for the rows of the page, or for all customers of the period if the list is sorted by it.
    """
    order = order_by(_SORTED, sort, f"customer_key {'DESC' if sort.is_descending else 'ASC'}")
    is_to_date = sort.key in _TO_DATE
    rows = "spenders" if is_to_date else f"(SELECT * FROM spenders {order} {_PAGE}) spenders"
    return f"""{_FOUND}, {_SPENDERS}
SELECT customer_key, name, email, country, orders, net_sales, orders_to_date, net_sales_to_date,
       first_order_at, last_order_at, first_day >= :start AS is_new
FROM {rows}, {_EVER}
{order} {_PAGE if is_to_date else ""}
"""


_SPENDERS = f"""spent AS (
    SELECT o.customer_key, {f.NET_SALES} AS net_sales
    FROM sales s
    JOIN orders o ON {f.ORDERS_OF_STORE} AND o.order_id = s.order_id
    WHERE {f.SALES_IN_PERIOD}
    GROUP BY o.customer_key
), spenders AS (
    SELECT found.*, coalesce(spent.net_sales, 0) AS net_sales
    FROM found LEFT JOIN spent USING (customer_key)
)"""

# Without a customer (a guest, or one who is withheld), email and country come from the latest order that has them.
_EVER = f"""LATERAL (
    SELECT count(*) FILTER (WHERE o.currency = {f.CURRENCY}) AS orders_to_date,
           min(o.processed_at) AS first_order_at, max(o.processed_at) AS last_order_at,
           min(o.business_date) AS first_day,
           coalesce(known_email, {f.latest("o.email")}) AS email,
           coalesce(known_country, {f.latest("o.country")}) AS country
    FROM orders o WHERE {f.ORDERS_SO_FAR} AND o.customer_key = spenders.customer_key
) ever, LATERAL (
    SELECT {f.NET_SALES} AS net_sales_to_date
    FROM orders o
    JOIN sales s ON s.order_id = o.order_id AND {f.SALES_SO_FAR}
    WHERE {f.ORDERS_OF_STORE} AND o.customer_key = spenders.customer_key
) sold"""


def _on_page(last: str) -> str:
    """The SQL of the customers `:keys`, in this order; `last` selects sums to date and the last order.

    All look-ups go by key: a loyal customer may have thousands of orders.
    """
    return f"""
    WITH {MOVED}, page AS MATERIALIZED (
        SELECT customer_key, place,
               CASE WHEN starts_with(customer_key, 'c:')
                    THEN CAST(substr(customer_key, 3) AS bigint) END AS customer_id
        FROM unnest(CAST(:keys AS text[])) WITH ORDINALITY AS page (customer_key, place)
    )
    SELECT page.customer_key, {f.CUSTOMER_NAME} AS name, coalesce(c.email, {_latest("email")}) AS email,
           coalesce(c.country, {_latest("country")}) AS country, placed.orders,
           placed.net + coalesce(moved.net, 0) AS net_sales, last.orders_to_date, last.net_sales_to_date,
           ever.first_order_at, last.last_order_at, coalesce(ever.first_day >= :start, false) AS is_new
    FROM page LEFT JOIN moved USING (customer_key)
    LEFT JOIN customers c ON {f.of_store("c")} AND c.customer_id = page.customer_id
    CROSS JOIN LATERAL ({placed_by("page.customer_key")}) placed
    CROSS JOIN LATERAL (
        SELECT min(t.first_order_at) AS first_order_at, min(t.first_date) AS first_day FROM customer_totals t
        WHERE {_OF_ANY_CURRENCY}
    ) ever
    CROSS JOIN LATERAL ({last}) last
    ORDER BY place"""


def _latest(column: str) -> str:
    return f"""(
        SELECT o.{column} FROM orders o
        WHERE {f.ORDERS_SO_FAR} AND o.customer_key = page.customer_key AND o.{column} IS NOT NULL
        ORDER BY o.processed_at DESC LIMIT 1)"""


_OF_ANY_CURRENCY = f"""{f.of_store("t")} AND t.customer_key = page.customer_key AND t.currency IN (
            SELECT unnest(st.order_currencies) FROM stores st WHERE {f.of_store("st")} UNION SELECT {f.CURRENCY})"""
_ON_OPEN_PAGE = text(
    _on_page(f"""
        SELECT sum(t.orders) FILTER (WHERE t.currency = {f.CURRENCY})::bigint AS orders_to_date,
               sum(t.net_sales) FILTER (WHERE t.currency = {f.CURRENCY}) AS net_sales_to_date,
               max(t.last_order_at) AS last_order_at
        FROM customer_totals t WHERE {_OF_ANY_CURRENCY}""")
)
_ON_PAGE = text(
    _on_page(f"""
        SELECT count(*) FILTER (WHERE o.currency = {f.CURRENCY}) AS orders_to_date,
               max(o.processed_at) AS last_order_at, (
                   SELECT {f.NET_SALES} FROM orders o JOIN sales s ON s.order_id = o.order_id AND {f.SALES_SO_FAR}
                   WHERE {f.ORDERS_OF_STORE} AND o.customer_key = page.customer_key
               ) AS net_sales_to_date
        FROM orders o WHERE {f.ORDERS_SO_FAR} AND o.customer_key = page.customer_key""")
)
