"""The true sales of the made-up shop by the origin of their orders, and its orders by hour of the week.

Walks over orders in plain Python, as `truth` does, and shares nothing with the product's metrics.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from core.simulator.shop.ledger import Sale
from core.simulator.shop.model import ZERO, Order
from core.simulator.shop.shop import Shop
from core.simulator.shop.truth import customer_key


@dataclass(slots=True)
class Origins:
    """Net sales by each property of their orders; orders by weekday (1 is Monday) and hour of the shop's clock."""

    by_country: dict[str, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    by_channel: dict[str, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    by_source: dict[str, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    by_campaign: dict[str, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    by_tag: dict[str, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    by_location: dict[str, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    new_sales: Decimal = ZERO
    returning_sales: Decimal = ZERO
    orders_by_hour: Counter[tuple[int, int]] = field(default_factory=Counter)


def origins(shop: Shop, start: date, end: date) -> Origins:
    """Sum up the sales of goods from `start` to `end`, in the shop's currency."""
    result = Origins()
    firsts = _first_orders(shop)
    for order in _counted(shop):
        placed = shop.local(order.processed_at)
        if start <= placed.date() <= end:
            result.orders_by_hour[placed.isoweekday(), placed.hour] += 1
        for at, sale in _goods(order):
            if not start <= shop.local(at).date() <= end:
                continue
            before_tax = sale.total - sale.tax
            result.by_country[order.address.country_code if order.address else ""] += before_tax
            result.by_channel[order.source_name] += before_tax
            last = order.visits[1] if order.visits else None
            result.by_source[last.source.lower() if last else ""] += before_tax
            result.by_campaign[(last.campaign if last else None) or ""] += before_tax
            result.by_location[str(order.location_id or "")] += before_tax
            for tag in order.tags or ("",):
                result.by_tag[tag] += before_tax
            if order.order_id in firsts:
                result.new_sales += before_tax
            else:
                result.returning_sales += before_tax
    return result


def _first_orders(shop: Shop) -> set[int]:
    """The orders that were their customer's first of all, in any currency."""
    first: dict[str, Order] = {}
    for order in sorted(shop.orders.values(), key=lambda each: (each.processed_at, each.order_id)):
        if not order.test:
            first.setdefault(customer_key(order), order)
    return {order.order_id for order in first.values()}


def _counted(shop: Shop) -> list[Order]:
    return [order for order in shop.orders.values() if not order.test and order.tender.currency == shop.currency]


def _goods(order: Order) -> Iterator[tuple[datetime, Sale]]:
    """Yield the ledger's rows of goods and refund adjustments, each with its instant."""
    for agreement in order.agreements:
        at = order.processed_at if agreement.reason == "ORDER" else agreement.happened_at
        for sale in agreement.sales:
            if sale.line_type in ("PRODUCT", "ADJUSTMENT"):
                yield at, sale
