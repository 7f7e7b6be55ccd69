"""Who buys? The customers of a period, one by one, with their orders to date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.domain.periods import Period
from core.metrics import formulas as f
from core.metrics.scope import Scope
from core.metrics.sorting import Sort, by_text, order_by


class BuyerKey(StrEnum):
    """What a list of customers can be sorted by."""

    NAME = "name"
    NET_SALES = "net_sales"
    ORDERS = "orders"
    NET_SALES_TO_DATE = "net_sales_to_date"
    ORDERS_TO_DATE = "orders_to_date"
    FIRST_ORDER = "first_order"
    LAST_ORDER = "last_order"


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
) -> tuple[Buyer, ...]:
    """List the customers who ordered in the period, of equal ones those with the highest net sales first.

    `search` is the beginning of a first name, last name or address. Net sales count every sale and return of the
    customer dated in the period, also those of earlier orders.
    """
    parameters = {**scope.within(period), "search": f.prefix(search), "limit": limit, "offset": offset}
    rows = session.execute(text(buyers_statement(sort)), parameters)
    return tuple(Buyer(**row) for row in rows.mappings())


def count_buyers(session: Session, scope: Scope, period: Period, search: str = "") -> int:
    """Count the `buyers` there are without a limit."""
    statement = text(f"{_FOUND} SELECT count(*) FROM found")
    return session.execute(statement, {**scope.within(period), "search": f.prefix(search)}).scalar_one()


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
    WHERE :search = '%' OR lower(c.first_name) LIKE :search OR lower(c.last_name) LIKE :search
       OR lower(concat_ws(' ', c.first_name, c.last_name)) LIKE :search
       OR lower(c.email) LIKE :search OR lower(bought.email) LIKE :search
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
_BEST = "net_sales DESC, customer_key"
_PAGE = "LIMIT :limit OFFSET :offset"


def buyers_statement(sort: Sort[BuyerKey] = BEST_FIRST) -> str:
    """The SQL of `buyers`.

    Each look-up "to date" reads all orders of a customer, and a store may have a million customers. So it is done
    for the rows of the page, or for all customers of the period if the list is sorted by it.
    """
    order = order_by(_SORTED, sort, _BEST)
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
