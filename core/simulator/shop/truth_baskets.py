"""The true baskets of the made-up shop: pairs of products of one order, and what customers bought first and next.

Walks over orders in plain Python, as `truth` does, and shares nothing with the product's metrics.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import combinations

from core.simulator.shop.model import Order
from core.simulator.shop.shop import Shop
from core.simulator.shop.truth import customer_key


@dataclass(slots=True)
class Baskets:
    """How many orders there are, by product and by pair of products (the smaller id first)."""

    orders: int = 0
    by_product: Counter[int] = field(default_factory=Counter)
    by_pair: Counter[tuple[int, int]] = field(default_factory=Counter)


@dataclass(slots=True)
class Beginnings:
    """How many customers began, and came back, with each product; and what they bought in their second order."""

    customers: int = 0
    repeat_customers: int = 0
    by_product: Counter[int] = field(default_factory=Counter)
    repeat_by_product: Counter[int] = field(default_factory=Counter)
    nexts: dict[int, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))


def baskets(shop: Shop, start: date, end: date, most: int) -> Baskets:
    """Count the orders placed from `start` to `end` that have one to `most` products."""
    result = Baskets()
    for order in shop.orders.values():
        products = _products(order)
        if order.test or not start <= _day(shop, order) <= end or not 0 < len(products) <= most:
            continue
        result.orders += 1
        result.by_product.update(products)
        result.by_pair.update(combinations(sorted(products), 2))
    return result


def beginnings(shop: Shop, start: date, end: date, within: int) -> Beginnings:
    """Count the customers who began from `start` to `end`; a second order counts `within` so many days."""
    result = Beginnings()
    histories: dict[str, list[Order]] = defaultdict(list)
    for order in sorted(_counted(shop.orders.values()), key=lambda order: (order.processed_at, order.order_id)):
        histories[customer_key(order)].append(order)
    for key, orders in histories.items():
        first_day = _day(shop, orders[0])
        if key.startswith("order ") or not start <= first_day <= end:
            continue
        in_time = orders[1:2] if orders[1:] and _day(shop, orders[1]) <= first_day + timedelta(days=within) else []
        began, went_on = _products(orders[0]), set().union(*map(_products, in_time))
        result.customers += 1
        result.repeat_customers += len(in_time)
        result.by_product.update(began)
        for product_id in began:
            result.repeat_by_product[product_id] += len(in_time)
            result.nexts[product_id].update(went_on)
    return result


def _counted(orders: Iterable[Order]) -> list[Order]:
    return [order for order in orders if not order.test]


def _day(shop: Shop, order: Order) -> date:
    return shop.local(order.processed_at).date()


def _products(order: Order) -> set[int]:
    """The products that the order was placed with."""
    lines = [order.line(sale.line_id or 0) for sale in order.sales(["ORDER"]) if sale.line_type == "PRODUCT"]
    return {line.product_id for line in lines if line.product_id}
