"""An order in a list, and the SQL of its fields."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from core.metrics import formulas as f


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order in a list.

    `total` is the amount charged when it was placed, with tax and shipping. `net_sales` is the value of its goods
    now, after edits and returns. All amounts are in the order's own `currency`, and to date but for `total`.
    `customer` is a name, else an address, else None; `customer_key` is that of
    `core.metrics.customers.listing.Buyer`. Codes and tags are separated by commas.
    """

    order_id: int
    name: str
    processed_at: datetime
    customer: str | None
    customer_key: str
    country: str | None
    items: int
    total: Decimal
    net_sales: Decimal
    currency: str
    financial_status: str | None
    fulfillment_status: str | None
    cancelled_at: datetime | None
    discounts: Decimal
    returns: Decimal
    shipping: Decimal
    taxes: Decimal
    discount_codes: str
    tags: str


ROW = """order_id, name, processed_at, customer_key, found.country, items, total, net_sales, currency,
    financial_status, fulfillment_status, cancelled_at,
    ledger.discounts, ledger.returns, ledger.shipping, ledger.taxes,
    array_to_string(discount_codes, ', ') AS discount_codes, array_to_string(found.tags, ', ') AS tags"""
"""The fields of an `OrderRow` but the customer: of an order `found` and of its `ledger`."""
SUMS_OF_ORDER = f"""SELECT {f.NET_SALES} AS net_sales, {f.UNITS_ORDERED} AS items, {f.DISCOUNTS} AS discounts,
           {f.RETURNS} AS returns, {f.SHIPPING} AS shipping, {f.TAXES} AS taxes
    FROM sales s WHERE {f.SALES_OF_STORE}"""
"""Selects the sums of one order's ledger."""
