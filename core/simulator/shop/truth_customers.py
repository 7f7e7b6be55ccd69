"""The true segments and second orders of the customers of the made-up shop.

Walks over orders in plain Python, as `truth` does, and shares nothing with the product's metrics: it states the
published grid a second time.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar

from core.simulator.shop.model import ZERO, Order
from core.simulator.shop.shop import Shop
from core.simulator.shop.truth import customer_key

Value = TypeVar("Value", int, date, Decimal)

_RARE = {1: "dormant", 2: "almost_lost", 3: "needs_attention", 4: "promising", 5: "new"}
_FREQUENT = {1: "previously_loyal", 2: "at_risk", 3: "loyal", 4: "loyal", 5: "champions"}
_BETWEEN = {
    (1, 2): "dormant",
    (1, 3): "dormant",
    (2, 2): "almost_lost",
    (2, 3): "at_risk",
    (3, 2): "needs_attention",
    (3, 3): "needs_attention",
    (4, 2): "promising",
    (4, 3): "active",
    (5, 2): "promising",
    (5, 3): "active",
}
"""Segments by recency, and by the mean of frequency and money: 1, 4 to 5, and between."""


@dataclass(frozen=True, slots=True)
class TrueCustomer:
    """A customer's scores and segment, with orders in the shop's currency and their net sales to date."""

    recency: int
    frequency: int
    monetary: int
    segment: str
    orders: int
    net_sales: Decimal


@dataclass(frozen=True, slots=True)
class TrueRepeats:
    """New customers of some days; those with a second order to date; quartiles of the days between both orders."""

    customers: int
    repeat_customers: int
    early: int | None
    median: int | None
    late: int | None


def scored_customers(shop: Shop) -> dict[str, TrueCustomer]:
    """Score the customers with an order in the shop's currency: 1 and one more for each fifth that is below."""
    own = {key: orders for key, (orders, _) in _histories(shop).items() if orders}
    last = {key: max(_day(shop, order) for order in orders) for key, orders in own.items()}
    count = {key: len(orders) for key, orders in own.items()}
    net = {key: sum((_net(order) for order in orders), ZERO) for key, orders in own.items()}
    by_day, by_count, by_net = _fifths([*last.values()]), _fifths([*count.values()]), _fifths([*net.values()])
    result = {}
    for key in own:
        scores = by_day[last[key]], by_count[count[key]], by_net[net[key]]
        result[key] = TrueCustomer(*scores, _segment(*scores), count[key], net[key])
    return result


def repeats_of(shop: Shop, start: date, end: date) -> TrueRepeats:
    """Follow the customers whose first order of any currency is in these days, and in the shop's currency."""
    gaps: list[int] = []
    customers = 0
    for orders, is_new in _histories(shop).values():
        if not is_new or not start <= _day(shop, orders[0]) <= end:
            continue
        customers += 1
        if len(orders) > 1:
            gaps.append((_day(shop, orders[1]) - _day(shop, orders[0])).days)
    gaps.sort()
    quartiles = [gaps[(quarter * len(gaps) + 3) // 4 - 1] if gaps else None for quarter in (1, 2, 3)]
    return TrueRepeats(customers, len(gaps), *quartiles)


def _histories(shop: Shop) -> dict[str, tuple[list[Order], bool]]:
    """Each customer's orders in the shop's currency, the earliest first, and whether the first of all is one."""
    histories: dict[str, list[Order]] = defaultdict(list)
    for order in shop.orders.values():
        if not order.test:
            histories[customer_key(order)].append(order)
    result = {}
    for key, orders in histories.items():
        orders.sort(key=lambda order: (order.processed_at, order.order_id))
        own = [order for order in orders if order.tender.currency == shop.currency]
        result[key] = own, bool(own) and own[0] is orders[0]
    return result


def _fifths(values: Sequence[Value]) -> dict[Value, int]:
    """The score of each value: equal values share one."""
    scores, below = {}, 0
    for value, times in sorted(Counter(values).items()):
        scores[value] = 1 + 5 * below // len(values)
        below += times
    return scores


def _segment(recency: int, frequency: int, monetary: int) -> str:
    mean = (frequency + monetary + 1) // 2
    if mean == 1:
        return _RARE[recency]
    return _FREQUENT[recency] if mean >= 4 else _BETWEEN[recency, mean]


def _net(order: Order) -> Decimal:
    sales = (sale for agreement in order.agreements for sale in agreement.sales)
    return sum((sale.total - sale.tax for sale in sales if sale.line_type in ("PRODUCT", "ADJUSTMENT")), ZERO)


def _day(shop: Shop, order: Order) -> date:
    return shop.local(order.processed_at).date()
