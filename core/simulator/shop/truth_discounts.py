"""What each discount of the made-up shop truly took off, whom it brought, and whether they came again.

Walks over orders in plain Python, and shares nothing with the product's metrics.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from core.simulator.shop.model import ZERO, Order
from core.simulator.shop.shop import Shop
from core.simulator.shop.truth import customer_key


@dataclass(slots=True)
class Use:
    """The orders of some days that used one code or discount, and what it took off them."""

    orders: set[int] = field(default_factory=set)
    given: Decimal = ZERO
    placed_value: Decimal = ZERO
    new: int = 0
    settled: int = 0
    repeated: int = 0


def by_discount(shop: Shop, start: date, end: date, today: date, repeat_days: int) -> dict[str, Use]:
    """Sum up the orders placed from `start` to `end` by code, or title, in lower case.

    Orders older than `repeat_days` on `today` are settled; a further order within these days repeats one.
    """
    found: dict[str, Use] = defaultdict(Use)
    counted = [each for each in shop.orders.values() if not each.test]
    for order in (each for each in counted if each.tender.currency == shop.currency):
        day = shop.local(order.processed_at).date()
        if not start <= day <= end:
            continue
        for name, given in _given(order).items():
            use = found[name]
            use.orders.add(order.order_id)
            use.given += given
            use.placed_value += _placed_value(order)
            following = _following_day(shop, counted, order)
            use.new += following.is_first
            if day + timedelta(days=repeat_days) < today:
                use.settled += 1
                use.repeated += following.day is not None and following.day <= day + timedelta(days=repeat_days)
    return dict(found)


@dataclass(frozen=True, slots=True)
class _Following:
    """Whether an order is its customer's first in any currency, and the day of the next one in the shop's."""

    is_first: bool
    day: date | None


def _following_day(shop: Shop, counted: list[Order], order: Order) -> _Following:
    own = sorted(
        (other for other in counted if customer_key(other) == customer_key(order)),
        key=lambda other: (other.processed_at, other.order_id),
    )
    place = own.index(order)
    later = [other for other in own[place + 1 :] if other.tender.currency == shop.currency]
    return _Following(place == 0, shop.local(later[0].processed_at).date() if later else None)


def _given(order: Order) -> dict[str, Decimal]:
    given: dict[str, Decimal] = defaultdict(Decimal)
    for charge in (*order.lines, *([order.shipping] if order.shipping else [])):
        for share in charge.allocations:
            discount = order.discounts[share.index]
            given[(discount.code or discount.title).lower()] += share.amount
    return dict(given)


def _placed_value(order: Order) -> Decimal:
    first = [agreement for agreement in order.agreements if agreement.reason == "ORDER"]
    return sum(
        (sale.total - sale.tax for agreement in first for sale in agreement.sales if sale.line_type == "PRODUCT"),
        ZERO,
    )
