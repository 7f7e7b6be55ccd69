"""Who is one customer? The stored contact, orders and net sales to date, and the latest orders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.metrics import formulas as f
from core.metrics.orders.rows import ROW, SUMS_OF_ORDER, OrderRow
from core.metrics.ratios import average_order_value
from core.metrics.scope import Scope


@dataclass(frozen=True, slots=True)
class CustomerDetails:
    """A customer by `customer_key` (see `core.metrics.customers.listing`). Sums are in the scope's currency, to date.

    `other_orders` counts orders in other currencies, which no sum here has. First and last order are of any currency,
    None without orders. Contact fields are None if they are unknown, withheld, deleted or erased. `latest_orders` are
    the newest ones of any currency. `shopify_group` and `shopify_tier` are as in `core.metrics.customers.segments`.
    """

    customer_key: str
    customer_id: int | None
    name: str | None
    email: str | None
    city: str | None
    country: str | None
    is_redacted: bool
    orders: int
    other_orders: int
    net_sales: Decimal
    placed_value: Decimal
    first_order_at: datetime | None
    last_order_at: datetime | None
    shopify_group: str | None
    shopify_tier: str | None
    latest_orders: tuple[OrderRow, ...]

    @property
    def average_order_value(self) -> Decimal | None:
        """None without orders."""
        return average_order_value(self.placed_value, self.orders)


def customer_details(session: Session, scope: Scope, customer_key: str, limit: int) -> CustomerDetails | None:
    """Find a customer with the `limit` latest orders; None without an order and without a stored customer."""
    kind, _, number = customer_key.partition(":")
    customer_id = int(number) if kind == "c" else None
    parameters = {
        **scope.parameters,
        "customer_key": customer_key,
        "customer_id": customer_id,
        "limit": limit,
    }
    found = session.execute(_CUSTOMER, parameters).mappings().one()
    if not found["is_stored"] and found["first_order_at"] is None:
        return None
    orders = tuple(OrderRow(**row) for row in session.execute(_ORDERS, parameters).mappings())
    fields = {name: value for name, value in found.items() if name != "is_stored"}
    return CustomerDetails(customer_key=customer_key, customer_id=customer_id, latest_orders=orders, **fields)


_OF_CUSTOMER = f"{f.ORDERS_OF_STORE} AND o.customer_key = :customer_key"

_CUSTOMER = text(f"""
WITH bought AS (
    SELECT count(*) FILTER (WHERE o.currency = {f.CURRENCY}) AS orders,
           count(*) FILTER (WHERE o.currency <> {f.CURRENCY}) AS other_orders,
           min(o.processed_at) AS first_order_at, max(o.processed_at) AS last_order_at,
           {f.latest("o.email")} AS email,
           {f.latest("o.city")} AS city,
           {f.latest("o.country")} AS country
    FROM orders o WHERE {_OF_CUSTOMER}
), spent AS (
    SELECT {f.NET_SALES} AS net_sales, {f.PLACED_VALUE} AS placed_value
    FROM orders o
    JOIN sales s ON {f.SALES_OF_STORE} AND s.order_id = o.order_id AND s.currency = {f.CURRENCY}
    WHERE {_OF_CUSTOMER}
)
SELECT c.customer_id IS NOT NULL AS is_stored, {f.CUSTOMER_NAME} AS name, coalesce(c.email, bought.email) AS email,
       coalesce(c.city, bought.city) AS city, coalesce(c.country, bought.country) AS country,
       EXISTS (
           SELECT FROM redactions r
           WHERE {f.of_store("r")} AND r.kind = 'customer' AND r.shopify_id = CAST(:customer_id AS bigint)
       ) AS is_redacted,
       orders, other_orders, net_sales, placed_value, first_order_at, last_order_at,
       c.rfm_group AS shopify_group, c.predicted_spend_tier AS shopify_tier
FROM bought CROSS JOIN spent
LEFT JOIN customers c
  ON {f.of_store("c")} AND c.customer_id = CAST(:customer_id AS bigint) AND c.deleted_at IS NULL
""")

_ORDERS = text(f"""
SELECT customer, {ROW}
FROM (
    SELECT o.*, coalesce({f.CUSTOMER_NAME}, c.email, o.email) AS customer
    FROM (
        SELECT * FROM orders o WHERE {_OF_CUSTOMER}
        ORDER BY o.processed_at DESC, o.order_id DESC LIMIT :limit
    ) o
    LEFT JOIN customers c ON {f.of_store("c")} AND c.customer_id = o.customer_id
) found, LATERAL (
    {SUMS_OF_ORDER} AND s.order_id = found.order_id
) ledger
ORDER BY processed_at DESC, order_id DESC
""")
