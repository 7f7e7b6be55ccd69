"""The true totals of the made-up shop, added up in plain Python from its own ledger.

This shares nothing with the product's metrics: no SQL, no records, no rows of theirs. Where the two differ, one of
them is wrong. A day is the half-open range between two local midnights of the shop; orders are dated by when they
were processed, whenever Shopify booked them; returns by the day they happened. Left out: test orders, gift cards
sold, tips, what Shopify books under a type without a name, and orders of another currency, which are counted.
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

    `placed_net` is gross sales less discounts of orders as they were first placed: what the average order value is
    made of.
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
        """What goods brought, after discounts and returns, before tax and shipping."""
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
        """Count one row of the ledger; not of a type without a name."""
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
        """Money as strings, for comparing to the cent."""
        names = "gross_sales discounts returns net_sales shipping taxes duties fees total_sales".split()
        money = {name: str(getattr(self, name)) for name in names}
        average = self.average_order_value
        return {**money, "orders": self.orders, "average_order_value": None if average is None else str(average)}


@dataclass(slots=True)
class ProductTotals:
    """One product's part. `units` were sold, `net_units` stayed sold."""

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
    """What is true of the days from `start` to `end`, both included."""

    start: date
    end: date
    currency: str
    totals: Totals = field(default_factory=Totals)
    by_day: dict[date, Totals] = field(default_factory=dict)
    by_product: dict[int, ProductTotals] = field(default_factory=dict)
    by_customer: dict[str, CustomerTotals] = field(default_factory=dict)
    customers: int = 0
    returning_customers: int = 0
    elsewhere: Counter[str] = field(default_factory=Counter)
    """Orders placed in these days in other currencies, which are in nothing above."""

    @property
    def returning_customer_rate(self) -> Decimal | None:
        """Returning customers as a fraction of customers, not rounded; None without customers."""
        return Decimal(self.returning_customers) / self.customers if self.customers else None

    def products(self) -> list[ProductTotals]:
        """Best sellers first; by id where equal."""
        return sorted(self.by_product.values(), key=lambda row: (-row.net_sales, row.product_id))

    def top_customers(self, limit: int = 10) -> list[CustomerTotals]:
        """Those who brought most; by key where equal."""
        return sorted(self.by_customer.values(), key=lambda row: (-row.net_sales, row.key))[:limit]

    def to_json(self) -> dict[str, Any]:
        """All of it; decimals are strings, days are ISO dates."""
        rate = self.returning_customer_rate
        return {
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "currency": self.currency,
            "elsewhere": dict(self.elsewhere),
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
    """The totals of the days from `start` to `end`; without them, of the shop's whole life.

    They are of the orders in one currency: the shop's present one, unless named.
    """
    currency = currency or shop.currency
    real = [order for order in shop.orders.values() if not order.test]
    orders = [order for order in real if order.tender.currency == currency]
    days = [_day(shop, order, agreement) for order in orders for agreement in order.agreements]
    first, last = start or min(days, default=shop.spec.until), end or max(days, default=shop.spec.until)
    found = Truth(first, last, currency)
    placed = [order for order in real if first <= shop.local(order.processed_at).date() <= last]
    found.elsewhere = Counter(order.tender.currency for order in placed if order.tender.currency != currency)
    found.by_day = {first + timedelta(days=i): Totals() for i in range((last - first).days + 1)}
    for order in orders:
        _count(found, shop, order)
    _count_customers(found, shop, real)
    return found


def customer_key(order: Order) -> str:
    """Who ordered: the customer's id, else the email, trimmed and in lower case, else nobody but this order."""
    if order.customer_id:
        return str(order.customer_id)
    email = (order.email or "").strip().lower()
    return email or f"order {order.order_id}"


def _day(shop: Shop, order: Order, agreement: Agreement) -> date:
    """The day of an agreement's sales: an order's own is when it was processed."""
    at = order.processed_at if agreement.reason == "ORDER" else agreement.happened_at
    return shop.local(at).date()


def _count(found: Truth, shop: Shop, order: Order) -> None:
    placed = shop.local(order.processed_at).date()
    customer = found.by_customer.setdefault(customer_key(order), CustomerTotals(customer_key(order)))
    if found.start <= placed <= found.end:
        found.totals.orders += 1
        found.by_day[placed].orders += 1
        customer.orders += 1
    for agreement in order.agreements:
        day = _day(shop, order, agreement)
        if not found.start <= day <= found.end:
            continue
        for sale in agreement.sales:
            for totals in (found.totals, found.by_day[day]):
                totals.add(sale, as_placed=agreement.reason == "ORDER")
            if sale.line_type in ("PRODUCT", "ADJUSTMENT"):
                customer.net_sales += sale.total - sale.tax
            if sale.line_type == "PRODUCT":
                _count_product(found, order, sale)


def _count_product(found: Truth, order: Order, sale: Sale) -> None:
    line = order.line(sale.line_id or 0)
    assert line.product_id is not None, "a product's line names it"
    product = found.by_product.setdefault(line.product_id, ProductTotals(line.product_id, line.title))
    product.net_sales += sale.total - sale.tax
    product.net_units += sale.quantity or 0
    if sale.action == "ORDER":
        product.units += sale.quantity or 0


def _count_customers(found: Truth, shop: Shop, orders: Iterable[Order]) -> None:
    """Customers ordered in the period; returning ones have ordered twice by its end, ever and in any currency."""
    ever: Counter[str] = Counter()
    now: defaultdict[str, int] = defaultdict(int)
    for order in orders:
        placed = shop.local(order.processed_at).date()
        if placed <= found.end:
            ever[customer_key(order)] += 1
        if found.start <= placed <= found.end and order.tender.currency == found.currency:
            now[customer_key(order)] += 1
    found.customers = len(now)
    found.returning_customers = sum(ever[key] >= 2 for key in now)
    # Who neither ordered nor returned anything in the period has no part in it.
    found.by_customer = {key: row for key, row in found.by_customer.items() if row.orders or row.net_sales}
