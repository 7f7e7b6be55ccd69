"""Divides the discounts of an order by the code or the discount that gave them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from msgspec import Struct

from core.domain.orders import Allocation, DiscountKind, LineItem, Order, ShippingLine

_ZERO = Decimal(0)


class OrderDiscount(Struct, frozen=True, gc=False):
    """What one discount took off an order: off its goods, and off its shipping.

    Amounts are in the order's currency, and contain tax if its prices do. `label` is the code, else the discount's
    title; empty for an unknown one.
    """

    placed_at: datetime
    kind: DiscountKind
    label: str
    off_goods: Decimal
    off_shipping: Decimal


def order_discounts(order: Order) -> tuple[OrderDiscount, ...]:
    """Return the discounts of an order, by kind and label; a test order has none.

    An amount that the source divides by no discount belongs to the order's code, if it has exactly one.
    """
    if order.test:
        return ()
    goods: dict[tuple[DiscountKind, str], Decimal] = defaultdict(Decimal)
    shipping: dict[tuple[DiscountKind, str], Decimal] = defaultdict(Decimal)
    for line in order.line_items:
        for share in _shares(order, line):
            goods[share.kind, share.label] += share.amount
    for charge in order.shipping_lines:
        for share in _shares(order, charge):
            shipping[share.kind, share.label] += share.amount
    return tuple(
        OrderDiscount(order.processed_at, kind, label, goods[kind, label], shipping[kind, label])
        for kind, label in sorted(goods.keys() | shipping.keys())
    )


def _shares(order: Order, line: LineItem | ShippingLine) -> Iterator[Allocation]:
    yield from line.allocations
    rest = line.discount - sum((share.amount for share in line.allocations), _ZERO)
    if rest and len(order.discount_codes) == 1:
        yield Allocation(DiscountKind.CODE, order.discount_codes[0], rest)
    elif rest:
        yield Allocation(DiscountKind.UNKNOWN, "", rest)
