"""The true totals of the made-up shop, summed in plain Python from its own ledger.

This shares nothing with the product's metrics: no SQL and no records. Where the two differ, one of them is wrong. A
day lasts from one local midnight of the shop to the next. Orders count on the day they were processed, whenever
Shopify learned of them; returns on the day they happened. Left out are test orders, sold gift cards, tips, ledger
rows of an unnamed type, and orders in another currency, which are only counted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from core.simulator.shop.ledger import Agreement, Sale
from core.simulator.shop.model import ZERO, Order
from core.simulator.shop.shop import Shop


@dataclass(slots=True)
class Totals:
    """Sums over some days, in the shop's currency. `returns` and `discounts` are positive where they lower sales.

    `placed_net` is gross sales less discounts of orders as first placed. The average order value is computed from it.
    """

    gross_sales: Decimal = ZERO
    discounts: Decimal = ZERO
    returns: Decimal = ZERO
    shipping: Decimal = ZERO
    taxes: Decimal = ZERO
    duties: Decimal = ZERO
    fees: Decimal = ZERO
    orders: int = 0
    placed_net: Decimal = ZERO

    @property
    def net_sales(self) -> Decimal:
        """The sales of goods after discounts and returns, before tax and shipping."""
        return self.gross_sales - self.discounts - self.returns

    @property
    def total_sales(self) -> Decimal:
        """Net sales, shipping, taxes, duties and additional fees."""
        return self.net_sales + self.shipping + self.taxes + self.duties + self.fees

    @property
    def average_order_value(self) -> Decimal | None:
        """Not rounded; None without orders."""
        return self.placed_net / self.orders if self.orders else None

    def add(self, sale: Sale, *, as_placed: bool) -> None:
        """Add one row of the ledger. A row of an unnamed type is left out."""
        net = sale.total - sale.tax
        if sale.line_type == "UNKNOWN":
            return
        self.taxes += sale.tax
        if sale.line_type == "SHIPPING":
            self.shipping += net
        elif sale.line_type == "DUTY":
            self.duties += net
        elif sale.line_type == "ADDITIONAL_FEE":
            self.fees += net
        elif sale.line_type == "ADJUSTMENT" or (sale.line_type == "PRODUCT" and sale.action == "RETURN"):
            self.returns -= net
        elif sale.line_type == "PRODUCT":
            self.gross_sales += net + sale.discount
            self.discounts += sale.discount
            if as_placed:
                self.placed_net += net

    def to_json(self) -> dict[str, Any]:
        """Write money as strings, so that it can be compared to the cent."""
        names = "gross_sales discounts returns net_sales shipping taxes duties fees total_sales".split()
        money = {name: str(getattr(self, name)) for name in names}
        average = self.average_order_value
        return {**money, "orders": self.orders, "average_order_value": None if average is None else str(average)}


@dataclass(slots=True)
class ProductTotals:
    """One product's part. `units` were sold; `net_units` are left after returns."""

    product_id: int
    title: str
    net_sales: Decimal = ZERO
    units: int = 0
    net_units: int = 0


@dataclass(slots=True)
class CustomerTotals:
    """One customer's part. `key` is the customer's id, else the guest's email, else the order."""

    key: str
    orders: int = 0
    net_sales: Decimal = ZERO


@dataclass(slots=True)
class Truth:
    """The true totals of the days from `start` to `end`, both included."""

    start: date
    end: date
    currency: str
    totals: Totals = field(default_factory=Totals)
    by_day: dict[date, Totals] = field(default_factory=dict)
    by_product: dict[int, ProductTotals] = field(default_factory=dict)
    by_customer: dict[str, CustomerTotals] = field(default_factory=dict)
    customers: int = 0
    returning_customers: int = 0
    other_currency_orders: Counter[str] = field(default_factory=Counter)
    """The number of orders in these days by other currency. They are in no total above."""

    @property
    def returning_customer_rate(self) -> Decimal | None:
        """Returning customers as a fraction of customers, not rounded; None without customers."""
        return Decimal(self.returning_customers) / self.customers if self.customers else None

    def products(self) -> list[ProductTotals]:
        """Return the best sellers first; by id where equal."""
        return sorted(self.by_product.values(), key=lambda row: (-row.net_sales, row.product_id))

    def top_customers(self, limit: int = 10) -> list[CustomerTotals]:
        """Return the customers with the highest sales first; by key where equal."""
        return sorted(self.by_customer.values(), key=lambda row: (-row.net_sales, row.key))[:limit]

    def to_json(self) -> dict[str, Any]:
        """Write everything. Decimals are strings, days are ISO dates."""
        rate = self.returning_customer_rate
        return {
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "currency": self.currency,
            "elsewhere": dict(self.other_currency_orders),
            **self.totals.to_json(),
            "customers": self.customers,
            "returning_customers": self.returning_customers,
            "returning_customer_rate": None if rate is None else str(rate),
            "by_day": [{"day": day.isoformat(), **totals.to_json()} for day, totals in self.by_day.items()],
            "by_product": [
                {
                    "product_id": row.product_id,
                    "title": row.title,
                    "net_sales": str(row.net_sales),
                    "units": row.units,
                    "net_units": row.net_units,
                }
                for row in self.products()
            ],
            "top_customers": [
                {"customer": row.key, "orders": row.orders, "net_sales": str(row.net_sales)}
                for row in self.top_customers()
            ],
        }


def truth(shop: Shop, start: date | None = None, end: date | None = None, currency: str | None = None) -> Truth:
    """Compute the totals of the days from `start` to `end`; by default, of the shop's whole life.

    They cover the orders in one currency: the shop's present one unless given.
    """
    currency = currency or shop.currency
    counted = [order for order in shop.orders.values() if not order.test]
    orders = [order for order in counted if order.tender.currency == currency]
    days = [_day(shop, order, agreement) for order in orders for agreement in order.agreements]
    first, last = start or min(days, default=shop.spec.until), end or max(days, default=shop.spec.until)
    result = Truth(first, last, currency)
    orders_in_period = [order for order in counted if first <= shop.local(order.processed_at).date() <= last]
    result.other_currency_orders = Counter(
        order.tender.currency for order in orders_in_period if order.tender.currency != currency
    )
    result.by_day = {first + timedelta(days=i): Totals() for i in range((last - first).days + 1)}
    for order in orders:
        _add_order(result, shop, order)
    _add_customer_counts(result, shop, counted)
    return result


def customer_key(order: Order) -> str:
    """Identify who ordered: the customer's id, else the email, trimmed and in lower case, else this order alone."""
    if order.customer_id:
        return str(order.customer_id)
    email = (order.email or "").strip().lower()
    return email or f"order {order.order_id}"


def _day(shop: Shop, order: Order, agreement: Agreement) -> date:
    """The day of an agreement's sales. An order's own agreement counts on the day it was processed."""
    at = order.processed_at if agreement.reason == "ORDER" else agreement.happened_at
    return shop.local(at).date()


def _add_order(result: Truth, shop: Shop, order: Order) -> None:
    order_day = shop.local(order.processed_at).date()
    customer = result.by_customer.setdefault(customer_key(order), CustomerTotals(customer_key(order)))
    if result.start <= order_day <= result.end:
        result.totals.orders += 1
        result.by_day[order_day].orders += 1
        customer.orders += 1
    for agreement in order.agreements:
        day = _day(shop, order, agreement)
        if not result.start <= day <= result.end:
            continue
        for sale in agreement.sales:
            for totals in (result.totals, result.by_day[day]):
                totals.add(sale, as_placed=agreement.reason == "ORDER")
            if sale.line_type in ("PRODUCT", "ADJUSTMENT"):
                customer.net_sales += sale.total - sale.tax
            if sale.line_type == "PRODUCT":
                _add_product_sale(result, order, sale)


def _add_product_sale(result: Truth, order: Order, sale: Sale) -> None:
    line = order.line(sale.line_id or 0)
    assert line.product_id is not None, "a product's line names it"
    product = result.by_product.setdefault(line.product_id, ProductTotals(line.product_id, line.title))
    product.net_sales += sale.total - sale.tax
    product.net_units += sale.quantity or 0
    if sale.action == "ORDER":
        product.units += sale.quantity or 0


def _add_customer_counts(result: Truth, shop: Shop, orders: Iterable[Order]) -> None:
    """Count the customers of the period. Returning ones have two orders by its end, ever and in any currency."""
    orders_ever: Counter[str] = Counter()
    orders_in_period: defaultdict[str, int] = defaultdict(int)
    for order in orders:
        order_day = shop.local(order.processed_at).date()
        if order_day <= result.end:
            orders_ever[customer_key(order)] += 1
        if result.start <= order_day <= result.end and order.tender.currency == result.currency:
            orders_in_period[customer_key(order)] += 1
    result.customers = len(orders_in_period)
    result.returning_customers = sum(orders_ever[key] >= 2 for key in orders_in_period)
    # A customer without an order or a return in the period has no part in it.
    result.by_customer = {key: row for key, row in result.by_customer.items() if row.orders or row.net_sales}
